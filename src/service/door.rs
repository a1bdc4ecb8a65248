//! The door: everything that can be asked for and everything that can be done, as plain data.
//!
//! **Invariant:** a [`View`] holds masked values only. There is no query that returns an unmasked one; only
//! [`Action::Reveal`] and [`Action::Copy`] answer with a [`Revealed`], which expires.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::key_state::{KeysState, RecoveryOffer};
use super::rotation::{Rotated, Rotation};
use super::view::*;
use crate::clock::Timestamp;
use crate::domain::audit::EntryFilter;
use crate::domain::customer::{Basis, CustomerKind, Stage};
use crate::domain::field::FieldKey;
use crate::domain::id::{AlertId, CustomerId, EntrySeq, FollowUpId, JobId, SavedViewId, SessionId, StaffId};
use crate::domain::identifier::Identifier;
use crate::domain::interaction::InteractionKind;
use crate::domain::reason::Reason;
use crate::domain::role::RoleName;
use crate::domain::staff::{LoginName, Preferences};
use crate::domain::staff_key::{Fingerprint, StaffKey};
use crate::privacy::class::FieldClass;
use crate::privacy::reveal::Revealed;
use crate::text::Printable;

/// What can be asked for. A query changes nothing but what is counted of reading.
#[derive(Clone, Debug)]
pub enum Query {
    /// Who is signed in and what they may do.
    Me,
    /// The fields.
    Schema,
    /// What waits for this person.
    Today,
    /// A stretch of the list of customers.
    Customers(ListRequest),
    /// What queries can name, for completion.
    Vocabulary,
    /// The queries kept under a name: one's own, then those that others share.
    SavedViews,
    /// What would come of something done to many.
    BulkPreview(Target, Bulk),
    /// A customer that was opened in this session, anew.
    Refresh(CustomerId),
    /// What the reveal prompt of a field should say.
    RevealPrompt(CustomerId, FieldKey),
    /// Reminders.
    FollowUps(FollowUpRequest),
    /// The reminders that are told of on every screen.
    Reminders,
    /// A stretch of the record of actions, newest first.
    Audit(AuditRequest),
    /// One entry with all that it says.
    AuditEntry(EntrySeq),
    /// The state of the record's chain.
    Chain,
    /// The staff.
    Staff,
    /// Who is signed in now, and from where.
    Sessions,
    /// The roles as they stand.
    Roles,
    /// The policy values.
    Policy,
    /// The imports, newest first.
    Imports,
    /// What an undo would take back.
    UndoNext,
    /// How the vault's keys stand.
    Keys,
    /// The draft that was kept at the last lock, once.
    Draft,
    /// How old the backups are.
    BackupHealth,
    /// The backups: places, what happened, settings.
    Backups,
}

/// An answer to a [`Query`], variant for variant.
#[allow(missing_docs)]
pub enum View {
    Me(Me),
    Schema(crate::domain::field::Schema),
    Today(Today),
    Customers(Page),
    Vocabulary(Arc<crate::domain::query::Vocabulary>),
    SavedViews(Vec<ViewRow>),
    BulkPreview(BulkReport),
    Customer(Box<CustomerDetail>),
    RevealPrompt(RevealPrompt),
    FollowUps(Vec<FollowUpRow>),
    Reminders(Reminders),
    Audit(AuditPage),
    AuditEntry(Box<AuditRow>),
    Chain(ChainState),
    Staff(Vec<StaffRow>),
    Sessions(Vec<SessionRow>),
    Roles(Vec<crate::domain::role::Role>),
    Policy(crate::domain::policy::Policy),
    Imports(Vec<ImportRow>),
    UndoNext(Option<UndoLabel>),
    Keys(KeysState),
    Draft(Option<Zeroizing<Vec<u8>>>),
    BackupHealth(BackupHealth),
    Backups(Box<BackupsView>),
}

/// Says which answer it is: names of customers and the like are personal, masked or not.
impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Me(_) => "Me(..)",
            Self::Schema(_) => "Schema(..)",
            Self::Today(_) => "Today(..)",
            Self::Customers(_) => "Customers(..)",
            Self::Vocabulary(_) => "Vocabulary(..)",
            Self::SavedViews(_) => "SavedViews(..)",
            Self::BulkPreview(_) => "BulkPreview(..)",
            Self::Customer(_) => "Customer(..)",
            Self::RevealPrompt(_) => "RevealPrompt(..)",
            Self::FollowUps(_) => "FollowUps(..)",
            Self::Reminders(_) => "Reminders(..)",
            Self::Audit(_) => "Audit(..)",
            Self::AuditEntry(_) => "AuditEntry(..)",
            Self::Chain(_) => "Chain(..)",
            Self::Staff(_) => "Staff(..)",
            Self::Sessions(_) => "Sessions(..)",
            Self::Roles(_) => "Roles(..)",
            Self::Policy(_) => "Policy(..)",
            Self::Imports(_) => "Imports(..)",
            Self::UndoNext(_) => "UndoNext(..)",
            Self::Keys(_) => "Keys(..)",
            Self::Draft(_) => "Draft(..)",
            Self::BackupHealth(_) => "BackupHealth(..)",
            Self::Backups(_) => "Backups(..)",
        })
    }
}

/// A change to one part of a customer.
#[derive(Clone)]
pub enum Change {
    /// Another name.
    Name(Printable),
    /// Person or company.
    Kind(CustomerKind),
    /// Another stage.
    Stage(Stage),
    /// Another owner, or the pool.
    Owner(Option<StaffId>),
    /// These tags instead.
    Tags(Vec<String>),
    /// Where the data came from.
    Source(Printable),
    /// The legal ground.
    Basis(Basis),
    /// A field's value as typed; checked and normalised behind the door. The old value is not shown.
    Set(FieldKey, Zeroizing<String>),
    /// No value.
    Clear(FieldKey),
    /// The customer declined to give it.
    Declined(FieldKey),
}

/// Names the part, not the value.
impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Set(key, _) => write!(f, "Set({key}, ..)"),
            Self::Clear(key) => write!(f, "Clear({key})"),
            Self::Declined(key) => write!(f, "Declined({key})"),
            Self::Name(_) => f.write_str("Name(..)"),
            Self::Kind(_) => f.write_str("Kind(..)"),
            Self::Stage(_) => f.write_str("Stage(..)"),
            Self::Owner(_) => f.write_str("Owner(..)"),
            Self::Tags(_) => f.write_str("Tags(..)"),
            Self::Source(_) => f.write_str("Source(..)"),
            Self::Basis(_) => f.write_str("Basis(..)"),
        }
    }
}

/// The next step that goes with a logged contact or a finished follow-up.
#[derive(Clone, Debug)]
pub struct NextStep {
    /// When.
    pub due: Timestamp,
    /// What.
    pub text: Printable,
}

/// One customer out of a file.
#[derive(Clone, Debug)]
pub struct ImportRecord {
    /// The row in the file, from 1, the header not counted.
    pub row: u64,
    /// The owner's login name, where the file has one.
    pub owner: Option<String>,
    /// When the customer was first recorded elsewhere; a moment that is still to come counts as now.
    pub created: Option<Timestamp>,
    /// All else. `Change::Set` values are as in the file.
    pub changes: Vec<Change>,
}

/// What to do with a row that matches a customer who is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDuplicate {
    /// Leave the row out.
    Skip,
    /// Fill what the customer lacks from the row.
    Merge,
    /// Add the row all the same.
    Keep,
}

crate::codes::codes!(OnDuplicate: Skip = "skip", Merge = "merge", Keep = "keep");

/// A query to be kept under a name.
#[derive(Clone, Debug)]
pub struct ViewDraft {
    /// The view that it takes the place of; none makes a new one.
    pub id: Option<SavedViewId>,
    /// Its name.
    pub name: Printable,
    /// The query.
    pub query: Printable,
    /// The order of the list.
    pub sort: Sort,
    /// Who finds it.
    pub sharing: Sharing,
}

/// What can be done. For each, `service::rules` says who may, what is recorded and whether it can be undone.
#[derive(Clone)]
pub enum Action {
    /// Open a customer, masked.
    OpenCustomer(CustomerId),
    /// Find customers by an identifier, exactly.
    FindByIdentifier(Identifier),
    /// Ask whether a value being typed into a new customer is known already. The field's key and the text.
    CheckDuplicate(FieldKey, Zeroizing<String>),
    /// Find customers who are probably there more than once.
    FindDuplicates,
    /// Add a customer.
    AddCustomer(Vec<Change>),
    /// Change a customer. The version is the one that the change was based on.
    EditCustomer(CustomerId, u64, Vec<Change>),
    /// Log a contact, with the next step if there is one.
    LogInteraction {
        /// With whom.
        customer: CustomerId,
        /// How.
        kind: InteractionKind,
        /// What was said.
        text: Printable,
        /// The ticket.
        ticket: Option<Printable>,
        /// What follows.
        next: Option<NextStep>,
    },
    /// Set a reminder for oneself.
    AddFollowUp(CustomerId, NextStep),
    /// Put a reminder off. The version is the one that it was based on.
    SnoozeFollowUp(FollowUpId, u64, Timestamp),
    /// Finish a reminder, with the next one if there is one.
    FinishFollowUp(FollowUpId, u64, Option<NextStep>),
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
    },
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
            Self::LogInteraction { .. } => "LogInteraction",
            Self::AddFollowUp(..) => "AddFollowUp",
            Self::SnoozeFollowUp(..) => "SnoozeFollowUp",
            Self::FinishFollowUp(..) => "FinishFollowUp",
            Self::DropFollowUp(..) => "DropFollowUp",
            Self::Reveal(..) => "Reveal",
            Self::Copy(..) => "Copy",
            Self::Verify(..) => "Verify",
            Self::EraseCustomer(..) => "EraseCustomer",
            Self::Bulk(..) => "Bulk",
            Self::SaveView(_) => "SaveView",
            Self::RemoveView(_) => "RemoveView",
            Self::Merge { .. } => "Merge",
            Self::Undo => "Undo",
            Self::KeepDraft(_) => "KeepDraft",
            Self::BeginImport { .. } => "BeginImport",
            Self::RehearseRows(_) => "RehearseRows",
            Self::ImportRows(..) => "ImportRows",
            Self::FinishImport(_) => "FinishImport",
            Self::CancelImport(_) => "CancelImport",
            Self::AddStaff(..) => "AddStaff",
            Self::DisableStaff(_) => "DisableStaff",
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
            Self::SetPolicy(..) => "SetPolicy",
            Self::SettleAlert(_) => "SettleAlert",
            Self::VerifyRecord => "VerifyRecord",
            Self::Checkpoint => "Checkpoint",
            Self::ExportRecord => "ExportRecord",
            Self::SetPreferences(_) => "SetPreferences",
            Self::SetBackups(_) => "SetBackups",
            Self::OrderBackup(_) => "OrderBackup",
        };
        let tried = super::rules::tried(self);
        f.write_str(name)?;
        match tried.object {
            crate::domain::audit::Object::None => Ok(()),
            object => write!(f, "({object})"),
        }
    }
}

/// What an [`Action`] gave.
pub enum Done {
    /// It was done; nothing more to say.
    Done,
    /// The customer opened.
    Customer(Box<CustomerDetail>),
    /// The customers found.
    Matches(Vec<CustomerRow>),
    /// Customers with the same value; those out of scope are counted, not named.
    Duplicates {
        /// Those in scope.
        within: Vec<CustomerRow>,
        /// How many others.
        beyond: u64,
    },
    /// Pairs who are probably one, the surest first.
    Pairs(Vec<DuplicatePair>),
    /// A customer was added or changed.
    Saved(CustomerId, u64),
    /// Something was done to many customers.
    Bulk(BulkReport),
    /// A contact was logged or a reminder set.
    Logged,
    /// A value, for a while.
    Revealed(Revealed),
    /// The comparison's outcome and how many tries are left.
    Verified(Verdict),
    /// What was taken back.
    Undone(UndoLabel),
    /// An import was begun.
    ImportBegun(JobId),
    /// What would become of rows.
    Rehearsed(Rehearsal),
    /// Rows were taken in.
    Imported(ChunkReport),
    /// An import was published: how it stands.
    ImportFinished(ImportRow),
    /// Somebody was added: the code to hand over, shown once.
    SetupCode(StaffId, Zeroizing<String>),
    /// A recovery key, shown once, and which of its words are asked back.
    Recovery(RecoveryOffer),
    /// A second factor to be taken into a phone.
    FactorOffer(FactorOffer),
    /// The second factor's recovery codes, shown once.
    FactorCodes(Vec<Zeroizing<String>>),
    /// The shares of the recovery key, shown once.
    Shares(Vec<Zeroizing<String>>),
    /// The keys may be replaced: to be run by whoever asked.
    Rotation(Rotation),
    /// The keys were replaced; everybody signs in anew.
    Rotated(Rotated),
    /// The vault is to be shut by whoever asked.
    Sealed,
    /// The record was checked.
    Verdict(ChainState),
    /// A signed checkpoint, as its note's text.
    Checkpoint(String),
    /// The whole record as an export file's bytes.
    Export(Vec<u8>),
}

/// Says what kind of outcome it is, and the numbers that are nobody's secret.
impl std::fmt::Debug for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Done => f.write_str("Done"),
            Self::Customer(_) => f.write_str("Customer(..)"),
            Self::Matches(rows) => write!(f, "Matches({})", rows.len()),
            Self::Duplicates { within, beyond } => write!(f, "Duplicates({}, {beyond})", within.len()),
            Self::Pairs(pairs) => write!(f, "Pairs({})", pairs.len()),
            Self::Saved(id, version) => write!(f, "Saved({id}, {version})"),
            Self::Bulk(report) => write!(f, "Bulk({} of {})", report.changed, report.all()),
            Self::Logged => f.write_str("Logged"),
            Self::Revealed(value) => value.fmt(f),
            Self::Verified(verdict) => verdict.fmt(f),
            Self::Undone(label) => write!(f, "Undone({})", label.action),
            Self::ImportBegun(job) => write!(f, "ImportBegun({job})"),
            Self::Rehearsed(found) => write!(f, "Rehearsed({} known)", found.known.len()),
            Self::Imported(report) => {
                let ChunkReport { added, merged, skipped, rejected, without_owner: _ } = report;
                write!(f, "Imported({added} added, {merged} merged, {skipped} skipped, {} rejected)", rejected.len())
            }
            Self::ImportFinished(row) => write!(f, "ImportFinished({})", row.id),
            Self::SetupCode(who, _) => write!(f, "SetupCode({who}, ..)"),
            Self::Recovery(offer) => offer.fmt(f),
            Self::FactorOffer(offer) => offer.fmt(f),
            Self::FactorCodes(codes) => write!(f, "FactorCodes({})", codes.len()),
            Self::Shares(shares) => write!(f, "Shares({})", shares.len()),
            Self::Rotation(_) => f.write_str("Rotation(..)"),
            Self::Rotated(rotated) => rotated.fmt(f),
            Self::Sealed => f.write_str("Sealed"),
            Self::Verdict(state) => state.fmt(f),
            Self::Checkpoint(_) => f.write_str("Checkpoint(..)"),
            Self::Export(bytes) => write!(f, "Export({} bytes)", bytes.len()),
        }
    }
}

/// A question to the record of actions.
#[derive(Clone, Debug, Default)]
pub struct AuditRequest {
    /// Which entries.
    pub filter: EntryFilter,
    /// Only entries before this one.
    pub before: Option<EntrySeq>,
    /// At most this many.
    pub limit: u16,
}
