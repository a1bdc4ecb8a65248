//! What can be done, as plain data.
//!
//! **Invariant:** what an action carries is not shown by its `Debug`: it may be personal, or a passphrase.

use zeroize::Zeroizing;

use super::parts::{Change, Contact, FollowUpChange, ImportRecord, MergePart, NextStep, OnDuplicate, ViewDraft};
use crate::clock::Timestamp;
use crate::domain::customer::Basis;
use crate::domain::field::FieldKey;
use crate::domain::id::{AlertId, CustomerId, FollowUpId, JobId, SavedViewId, SessionId, StaffId};
use crate::domain::identifier::Identifier;
use crate::domain::loss_reasons::LossChange;
use crate::domain::reason::Reason;
use crate::domain::role::RoleName;
use crate::domain::staff::{LoginName, Preferences};
use crate::domain::staff_key::{Fingerprint, StaffKey};
use crate::domain::working_days::WorkingDays;
use crate::privacy::class::FieldClass;
use crate::service::cadences::CadenceAction;
use crate::service::fields::FieldAction;
use crate::service::quality::QualityAction;
use crate::service::tags::TagAction;
use crate::service::templates::TemplateAction;
use crate::service::view::*;
use crate::text::Printable;

/// What can be done. For each, `service::rules` says who may, what is recorded and whether it can be undone.
#[derive(Clone)]
pub enum Action {
    /// Open a customer, masked.
    OpenCustomer(CustomerId),
    /// Find customers by an identifier, exactly.
    FindByIdentifier(Identifier),
    /// Ask whether a value being typed into a new customer is known already. The field's key and the text.
    CheckDuplicate(FieldKey, Zeroizing<String>),
    /// Something with a deal or the pipelines.
    Deal(DealAction),
    /// Something with a case.
    Case(CaseAction),
    /// Something with consents, or with the wordings that they are given under.
    Consent(ConsentAction),
    /// Something with rules, or with how often to be in touch.
    Rule(RuleAction),
    /// Something with the shared pool.
    Pool(PoolAction),
    /// Find customers who are probably there more than once.
    FindDuplicates,
    /// Add a customer.
    AddCustomer(Vec<Change>),
    /// Change a customer. The version is the one that the change was based on.
    EditCustomer(CustomerId, u64, Vec<Change>),
    /// Log a contact, with the next step if there is one.
    LogInteraction(CustomerId, Contact),
    /// Set a reminder for oneself.
    AddFollowUp(CustomerId, NextStep),
    /// Put a reminder off. The version is the one that it was based on.
    SnoozeFollowUp(FollowUpId, u64, Timestamp),
    /// Finish a reminder, with the next one if there is one.
    FinishFollowUp(FollowUpId, u64, Option<NextStep>),
    /// Write a reminder anew.
    EditFollowUp(FollowUpId, u64, FollowUpChange),
    /// Hand a reminder on to somebody who may work with its customer.
    AssignFollowUp(FollowUpId, u64, StaffId),
    /// Take a reminder back.
    DropFollowUp(FollowUpId, u64),
    /// See a masked value.
    Reveal(CustomerId, FieldKey, Reason),
    /// Put a masked value on the clipboard.
    Copy(CustomerId, FieldKey, Reason),
    /// Compare what a caller says with what is stored.
    Verify(CustomerId, FieldKey, Zeroizing<String>),
    /// Remove a customer and all that is kept about them, for good; a number and the record of it stay.
    EraseCustomer(CustomerId, Reason),
    /// Do one thing to many customers.
    Bulk(Target, Bulk),
    /// Take customers out into a file, whose name without its folder goes on record.
    ExportCustomers(ExportOrder, Reason, Printable),
    /// Keep a query under a name.
    SaveView(ViewDraft),
    /// Remove a kept query.
    RemoveView(SavedViewId),
    /// Merge two customers who are one, each at the version that this was decided on: the second into the first.
    Merge {
        /// Who is kept.
        keep: (CustomerId, u64),
        /// Who is merged into them; their number leads to the kept one from then on.
        other: (CustomerId, u64),
        /// What is taken from them although the kept one has their own.
        take: Vec<MergePart>,
    },
    /// Work on how good the data is.
    Quality(QualityAction),
    /// Work on the tags.
    Tags(TagAction),
    /// Join a company and a person, or part them.
    Link(LinkAction),
    /// Change the list of reasons for which customers are lost.
    LossReason(LossChange),
    /// Work on the templates, or copy a message.
    Template(TemplateAction),
    /// Work on the cadences, or end one with a customer.
    Cadence(CadenceAction),
    /// Take back one's own last change.
    Undo,
    /// Keep what is being typed over a lock. Only its writer can read it.
    KeepDraft(Zeroizing<Vec<u8>>),
    /// Begin an import, whose customers nobody sees until it is finished.
    BeginImport {
        /// The file's name, without its folder.
        file: Printable,
        /// Where the data came from.
        source: Printable,
        /// The legal ground.
        basis: Basis,
        /// What to do with duplicates.
        duplicates: OnDuplicate,
    },
    /// Ask what would become of rows, without bringing them in; at most 2,000 at once. What it answers tells who is a
    /// customer, so it is on record.
    RehearseRows(Vec<ImportRecord>),
    /// Bring rows into an import; at most 2,000 at once.
    ImportRows(JobId, Vec<ImportRecord>),
    /// Publish an import.
    FinishImport(JobId),
    /// Remove an import that is not finished.
    CancelImport(JobId),
    /// Add somebody, who gets a setup code.
    AddStaff(LoginName, RoleName),
    /// Shut somebody out.
    DisableStaff(StaffId),
    /// Put somebody into a team; an empty name is the team of all who have none.
    SetTeam(StaffId, Printable),
    /// Register a public key that somebody comes with over SSH.
    AddStaffKey(StaffId, StaffKey),
    /// Take one away.
    RemoveStaffKey(StaffId, Fingerprint),
    /// End a session.
    EndSession(SessionId),
    /// End all sessions of somebody, but for the one that asks.
    EndSessionsOf(StaffId),
    /// End all sessions, so that the vault is shut: whoever signs in next opens it again.
    Seal,
    /// Hand a class's keys to somebody whose role needs them.
    ConfirmGrant(StaffId, FieldClass),
    /// Change one's own passphrase: the old one, the new one.
    ChangePassphrase(Zeroizing<String>, Zeroizing<String>),
    /// Begin a second factor, or another in the place of one's own: makes the secret that a phone takes in.
    OfferFactor,
    /// Give the first code of the offered second factor, which then counts.
    ConfirmFactor(Zeroizing<String>),
    /// Make new recovery codes; the old ones count no more.
    RenewFactorCodes,
    /// Remove one's own second factor.
    RemoveFactor,
    /// Take somebody's second factor away, whose phone and codes are gone.
    ResetFactor(StaffId),
    /// Give a code of one's second factor, which is fresh for a while.
    GiveCode(Zeroizing<String>),
    /// Raise what a passphrase costs to try; slots move at each person's next sign-in.
    Recalibrate,
    /// Make a recovery key, which counts once its words were asked back.
    OfferRecovery,
    /// Give the words of the offered recovery key that were asked back: number from 1, word.
    ConfirmRecovery(Vec<(u8, Zeroizing<String>)>),
    /// Split the recovery key, typed in as words or shares.
    SplitRecovery {
        /// The key as typed.
        typed: Zeroizing<String>,
        /// How many shares are needed.
        threshold: u8,
        /// How many are made.
        count: u8,
    },
    /// Replace the vault's keys; what it answers is then run.
    RotateKeys,
    /// Remove the unfinished copy that an interrupted replacement of the keys left.
    DiscardRotation,
    /// Put a field in or out of use; the purpose says why it is needed.
    SetFieldInUse(FieldKey, crate::domain::field::FieldState, Printable),
    /// Say which days are not as their weekday says: holidays, and weekend days that are worked.
    SetWorkingDays(WorkingDays),
    /// Add a field, write one anew, or move one.
    Field(FieldAction),
    /// Set a policy value.
    SetPolicy(String, String),
    /// Mark an alert as seen.
    SettleAlert(AlertId),
    /// Check the whole record of actions.
    VerifyRecord,
    /// Sign the record's present state.
    Checkpoint,
    /// Export the record of actions.
    ExportRecord,
    /// Choose language, theme and keymap for oneself.
    SetPreferences(Preferences),
    /// Change where backups go and how often.
    SetBackups(BackupChange),
    /// Begin a backup, a check or a drill in the background, or stop it.
    OrderBackup(BackupOrder),
}

/// Names the action and what it is about, not what it carries: that may be personal or a passphrase.
impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self {
            Self::OpenCustomer(_) => "OpenCustomer",
            Self::FindByIdentifier(_) => "FindByIdentifier",
            Self::CheckDuplicate(..) => "CheckDuplicate",
            Self::FindDuplicates => "FindDuplicates",
            Self::AddCustomer(_) => "AddCustomer",
            Self::EditCustomer(..) => "EditCustomer",
            Self::LogInteraction(..) => "LogInteraction",
            Self::AddFollowUp(..) => "AddFollowUp",
            Self::SnoozeFollowUp(..) => "SnoozeFollowUp",
            Self::FinishFollowUp(..) => "FinishFollowUp",
            Self::EditFollowUp(..) => "EditFollowUp",
            Self::AssignFollowUp(..) => "AssignFollowUp",
            Self::DropFollowUp(..) => "DropFollowUp",
            Self::Reveal(..) => "Reveal",
            Self::Copy(..) => "Copy",
            Self::Verify(..) => "Verify",
            Self::EraseCustomer(..) => "EraseCustomer",
            Self::Bulk(..) => "Bulk",
            Self::ExportCustomers(..) => "ExportCustomers",
            Self::SaveView(_) => "SaveView",
            Self::RemoveView(_) => "RemoveView",
            Self::Merge { .. } => "Merge",
            Self::Quality(action) => action.name(),
            Self::Tags(action) => action.name(),
            Self::Link(_) => "Link",
            Self::Undo => "Undo",
            Self::KeepDraft(_) => "KeepDraft",
            Self::BeginImport { .. } => "BeginImport",
            Self::RehearseRows(_) => "RehearseRows",
            Self::ImportRows(..) => "ImportRows",
            Self::FinishImport(_) => "FinishImport",
            Self::CancelImport(_) => "CancelImport",
            Self::AddStaff(..) => "AddStaff",
            Self::DisableStaff(_) => "DisableStaff",
            Self::SetTeam(..) => "SetTeam",
            Self::AddStaffKey(..) => "AddStaffKey",
            Self::RemoveStaffKey(..) => "RemoveStaffKey",
            Self::EndSession(_) => "EndSession",
            Self::EndSessionsOf(_) => "EndSessionsOf",
            Self::Seal => "Seal",
            Self::ConfirmGrant(..) => "ConfirmGrant",
            Self::ChangePassphrase(..) => "ChangePassphrase",
            Self::OfferFactor => "OfferFactor",
            Self::ConfirmFactor(_) => "ConfirmFactor",
            Self::RenewFactorCodes => "RenewFactorCodes",
            Self::RemoveFactor => "RemoveFactor",
            Self::ResetFactor(_) => "ResetFactor",
            Self::GiveCode(_) => "GiveCode",
            Self::Recalibrate => "Recalibrate",
            Self::OfferRecovery => "OfferRecovery",
            Self::ConfirmRecovery(_) => "ConfirmRecovery",
            Self::SplitRecovery { .. } => "SplitRecovery",
            Self::RotateKeys => "RotateKeys",
            Self::DiscardRotation => "DiscardRotation",
            Self::SetFieldInUse(..) => "SetFieldInUse",
            Self::SetWorkingDays(_) => "SetWorkingDays",
            Self::Field(_) => "Field",
            Self::SetPolicy(..) => "SetPolicy",
            Self::SettleAlert(_) => "SettleAlert",
            Self::VerifyRecord => "VerifyRecord",
            Self::Checkpoint => "Checkpoint",
            Self::ExportRecord => "ExportRecord",
            Self::SetPreferences(_) => "SetPreferences",
            Self::SetBackups(_) => "SetBackups",
            Self::OrderBackup(_) => "OrderBackup",
            Self::LossReason(_) => "LossReason",
            Self::Rule(action) => return write!(f, "Rule({action:?} {})", action.tried().object),
            Self::Pool(action) => return write!(f, "Pool({action:?})"),
            Self::Consent(action) => return write!(f, "Consent({action:?} {})", action.tried().object),
            Self::Case(action) => return write!(f, "Case({action:?} {})", action.tried().object),
            Self::Cadence(action) => return write!(f, "{action:?}({})", action.tried().object),
            Self::Template(action) => return write!(f, "{action:?}({})", action.tried().object),
            Self::Deal(action) => return write!(f, "Deal({action:?} {})", action.tried().object),
        };
        let tried = crate::service::rules::tried(self);
        f.write_str(name)?;
        match tried.object {
            crate::domain::audit::Object::None => Ok(()),
            object => write!(f, "({object})"),
        }
    }
}
