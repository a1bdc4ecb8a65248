//! The table of actions: for each, the permission it takes, the audit verb, and whether it can be undone.
//!
//! **Invariant:** every action has its row; `Session::perform` reads it before anything else happens.

use super::backups::view::BackupOrder;
use super::cases::CaseQuery;
use super::deals::DealQuery;
use super::door::{Action, Query};
use super::templates::TemplateQuery;
use super::undo::UNDO;
use crate::domain::audit::Object;
use crate::domain::field::FieldKey;
use crate::domain::reason::ReasonCode;
use crate::domain::role::Permission;

/// Which customers an action may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeCheck {
    /// None in particular.
    Nobody,
    /// One customer, who must be within the role's scope.
    OneCustomer,
    /// Whoever is found; those out of scope are passed over.
    Filtered,
    /// One customer who is nobody's.
    Pool,
}

/// Whether an undo takes it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undoable {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// Whether a reason goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Nothing.
    Nothing,
    /// A reason and, where it is about a field, the right to the field's class.
    Reason,
}

/// What the second factor has to do with it, where somebody has one or the policy demands one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// It is there before a second factor is: what it takes to enrol one, and what concerns nobody else.
    Never,
    /// It is there before a second factor is; whoever has one gave a code lately.
    Replacing,
    /// Signing in with it was enough.
    AtSignIn,
    /// A code was given lately.
    Fresh,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The audit verb.
    pub verb: &'static str,
    /// The permission; none where it is one's own affair or where a class's right decides.
    pub permission: Option<Permission>,
    /// Which customers.
    pub scope: ScopeCheck,
    /// What goes with it.
    pub demand: Demand,
    /// Whether it can be undone.
    pub undo: Undoable,
    /// What the second factor has to do with it.
    pub code: Code,
}

pub(super) const fn rule(
    verb: &'static str,
    permission: Option<Permission>,
    scope: ScopeCheck,
    undo: Undoable,
) -> Rule {
    Rule { verb, permission, scope, demand: Demand::Nothing, undo, code: Code::AtSignIn }
}

/// A row of what takes a fresh code, about no customer and for good.
pub(super) const fn fresh(verb: &'static str, permission: Option<Permission>) -> Rule {
    Rule { code: Code::Fresh, ..rule(verb, permission, ScopeCheck::Nobody, Undoable::No) }
}

/// A row of what somebody may do who still has to enrol a second factor.
const fn own(verb: &'static str) -> Rule {
    Rule { code: Code::Never, ..rule(verb, None, ScopeCheck::Nobody, Undoable::No) }
}

/// The row of an action.
pub fn of(action: &Action) -> Rule {
    use Permission as P;
    use ScopeCheck::{Filtered, Nobody, OneCustomer};
    use Undoable::{No, Yes};
    match action {
        Action::OpenCustomer(_) => rule("customer.open", Some(P::ViewCustomers), OneCustomer, No),
        Action::FindByIdentifier(_) => rule("customer.search", Some(P::SearchIdentifier), Filtered, No),
        Action::CheckDuplicate(..) => rule("customer.duplicates", Some(P::EditCustomers), Filtered, No),
        Action::FindDuplicates => rule("customer.duplicates", Some(P::EditCustomers), Filtered, No),
        Action::AddCustomer(_) => rule("customer.add", Some(P::EditCustomers), Nobody, Yes),
        Action::EditCustomer(..) => rule("customer.edit", Some(P::EditCustomers), OneCustomer, Yes),
        Action::LogInteraction(..) => rule("interaction.add", Some(P::LogInteractions), OneCustomer, Yes),
        Action::AddFollowUp(..) => rule("follow_up.add", Some(P::FollowUps), OneCustomer, Yes),
        Action::SnoozeFollowUp(..) => rule("follow_up.snooze", Some(P::FollowUps), OneCustomer, Yes),
        Action::FinishFollowUp(..) => rule("follow_up.finish", Some(P::FollowUps), OneCustomer, Yes),
        Action::EditFollowUp(..) => rule("follow_up.edit", Some(P::FollowUps), OneCustomer, Yes),
        Action::AssignFollowUp(..) => rule("follow_up.assign", Some(P::FollowUps), OneCustomer, Yes),
        Action::DropFollowUp(..) => rule("follow_up.drop", Some(P::FollowUps), OneCustomer, Yes),
        Action::Reveal(..) => Rule { demand: Demand::Reason, ..rule("customer.reveal", None, OneCustomer, No) },
        Action::Copy(..) => Rule { demand: Demand::Reason, ..rule("customer.copy", Some(P::Copy), OneCustomer, No) },
        Action::Verify(..) => rule("customer.verify", Some(P::Verify), OneCustomer, No),
        Action::EraseCustomer(..) => {
            let erase = rule("customer.erase", Some(P::EraseCustomers), OneCustomer, No);
            Rule { demand: Demand::Reason, code: Code::Fresh, ..erase }
        }
        Action::Bulk(_, bulk) => {
            rule(super::bulk_change::verb(bulk), Some(super::bulk_change::permission(bulk)), Filtered, Yes)
        }
        Action::ExportCustomers(..) => {
            let export = rule(super::export::VERB, Some(P::Export), Filtered, No);
            Rule { demand: Demand::Reason, code: Code::Fresh, ..export }
        }
        Action::SaveView(_) => rule("view.save", Some(P::ViewCustomers), Nobody, Yes),
        Action::RemoveView(_) => rule("view.remove", Some(P::ViewCustomers), Nobody, Yes),
        Action::Merge { .. } => rule("customer.combine", Some(P::EditCustomers), OneCustomer, Yes),
        Action::Quality(action) => action.rule(),
        Action::Deal(deal) => deal.rule(),
        Action::Case(case) => case.rule(),
        Action::Consent(consent) => consent.rule(),
        Action::Rule(action) => action.rule(),
        Action::Pool(action) => action.rule(),
        Action::Tags(action) => action.rule(),
        Action::Link(action) => action.rule(),
        Action::Template(action) => action.rule(),
        Action::Cadence(action) => action.rule(),
        Action::LossReason(change) => super::loss_reasons::rule_of(change),
        Action::Undo => rule(UNDO, None, Nobody, No),
        Action::KeepDraft(_) => own("draft.keep"),
        Action::BeginImport { .. } => rule("import.begin", Some(P::Import), Nobody, No),
        Action::RehearseRows(_) => rule("import.rehearse", Some(P::Import), Filtered, No),
        Action::ImportRows(..) => rule("import.rows", Some(P::Import), Nobody, No),
        Action::FinishImport(_) => rule("import.finish", Some(P::Import), Nobody, Yes),
        Action::CancelImport(_) => rule("import.cancel", Some(P::Import), Nobody, No),
        Action::AddStaff(..) => fresh("staff.add", Some(P::ManageStaff)),
        Action::AddStaffKey(..) => fresh("staff.key_add", Some(P::ManageStaff)),
        Action::RemoveStaffKey(..) => fresh("staff.key_remove", Some(P::ManageStaff)),
        Action::DisableStaff(_) => fresh("staff.disable", Some(P::ManageStaff)),
        Action::SetTeam(..) => fresh("staff.team", Some(P::ManageStaff)),
        Action::EndSession(_) | Action::EndSessionsOf(_) => rule("session.end_other", Some(P::ManageStaff), Nobody, No),
        Action::Seal => rule("vault.seal", Some(P::ManageStaff), Nobody, No),
        Action::ConfirmGrant(..) => rule("staff.grant", None, Nobody, No),
        Action::ChangePassphrase(..) => rule("staff.passphrase", None, Nobody, No),
        Action::OfferFactor => Rule { code: Code::Replacing, ..rule("factor.enrol", None, Nobody, No) },
        Action::ConfirmFactor(_) => own("factor.enrol"),
        Action::RenewFactorCodes => fresh("factor.codes", None),
        Action::RemoveFactor => fresh("factor.remove", None),
        Action::ResetFactor(_) => fresh("factor.reset", Some(P::ManageStaff)),
        Action::GiveCode(_) => own("session.code"),
        Action::Recalibrate => rule("keys.recalibrate", Some(P::ManagePolicy), Nobody, No),
        Action::OfferRecovery => fresh("recovery.new", Some(P::ManageStaff)),
        // Writing the words down may take longer than a code is fresh.
        Action::ConfirmRecovery(_) => rule("recovery.new", Some(P::ManageStaff), Nobody, No),
        Action::SplitRecovery { .. } => fresh("recovery.split", Some(P::ManageStaff)),
        Action::RotateKeys => fresh("keys.rotate", Some(P::ManageStaff)),
        Action::DiscardRotation => rule("keys.rotate", Some(P::ManageStaff), Nobody, No),
        Action::SetFieldInUse(..) => rule("field.set", Some(P::ManageFields), Nobody, Yes),
        Action::SetWorkingDays(_) => rule("working_days.set", Some(P::ManagePolicy), Nobody, Yes),
        Action::Field(action) => action.rule(),
        Action::SetPolicy(..) => fresh("policy.set", Some(P::ManagePolicy)),
        Action::SettleAlert(_) => rule("alert.settle", Some(P::ReadAudit), Nobody, Yes),
        Action::VerifyRecord => rule("record.verify", Some(P::ReadAudit), Nobody, No),
        Action::Checkpoint => rule("record.checkpoint", Some(P::ReadAudit), Nobody, No),
        Action::ExportRecord => fresh("record.export", Some(P::ExportAudit)),
        Action::SetPreferences(_) => own("preferences.set"),
        Action::SetBackups(_) => rule("backup.set", Some(P::ManageBackups), Nobody, No),
        Action::OrderBackup(BackupOrder::Make(..)) => rule("backup.make", Some(P::ManageBackups), Nobody, No),
        Action::OrderBackup(BackupOrder::Verify(_)) => rule("backup.verify", Some(P::ManageBackups), Nobody, No),
        Action::OrderBackup(BackupOrder::Drill(_)) => rule("backup.drill", Some(P::ManageBackups), Nobody, No),
        Action::OrderBackup(BackupOrder::Stop) => rule("backup.cancel", Some(P::ManageBackups), Nobody, No),
    }
}

/// What a refused try is recorded with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// About what.
    pub object: Object,
    /// Which field.
    pub field: Option<FieldKey>,
    /// With which reason.
    pub reason: Option<ReasonCode>,
}

/// What an action is about, as far as it says so itself.
pub fn tried(action: &Action) -> Tried {
    match action {
        Action::Deal(deal) => return deal.tried(),
        Action::Case(case) => return case.tried(),
        Action::Consent(consent) => return consent.tried(),
        Action::Rule(action) => return action.tried(),
        Action::Pool(action) => return action.tried(),
        _ => {}
    }
    if let Action::Field(action) = action {
        return action.tried();
    }
    let (object, field, reason) = match action {
        Action::OpenCustomer(id) | Action::EditCustomer(id, ..) | Action::AddFollowUp(id, _) => {
            (Object::Customer(id.0), None, None)
        }
        Action::Quality(action) => return action.tried(),
        Action::Link(action) => return action.tried(),
        Action::Template(action) => return action.tried(),
        Action::Cadence(action) => return action.tried(),
        Action::Merge { keep, .. } => (Object::Customer(keep.0.0), None, None),
        Action::LogInteraction(customer, _) => (Object::Customer(customer.0), None, None),
        Action::SnoozeFollowUp(id, ..)
        | Action::FinishFollowUp(id, ..)
        | Action::EditFollowUp(id, ..)
        | Action::AssignFollowUp(id, ..)
        | Action::DropFollowUp(id, _) => (Object::FollowUp(id.0), None, None),
        Action::Reveal(id, field, reason) | Action::Copy(id, field, reason) => {
            (Object::Customer(id.0), Some(field.clone()), Some(reason.code))
        }
        Action::EraseCustomer(id, reason) => (Object::Customer(id.0), None, Some(reason.code)),
        Action::ExportCustomers(_, reason, _) => (Object::None, None, Some(reason.code)),
        Action::Verify(id, field, _) => (Object::Customer(id.0), Some(field.clone()), None),
        Action::CheckDuplicate(field, _) | Action::SetFieldInUse(field, ..) => {
            (Object::None, Some(field.clone()), None)
        }
        Action::ImportRows(id, _) | Action::FinishImport(id) | Action::CancelImport(id) => {
            (Object::Job(id.0), None, None)
        }
        Action::DisableStaff(id)
        | Action::SetTeam(id, _)
        | Action::EndSessionsOf(id)
        | Action::ConfirmGrant(id, _)
        | Action::ResetFactor(id)
        | Action::AddStaffKey(id, _)
        | Action::RemoveStaffKey(id, _) => (Object::Staff(id.0), None, None),
        Action::SettleAlert(id) => (Object::Alert(id.0), None, None),
        Action::FindByIdentifier(_)
        | Action::FindDuplicates
        | Action::AddCustomer(_)
        | Action::Bulk(..)
        | Action::SaveView(_)
        | Action::RemoveView(_)
        | Action::Tags(_)
        | Action::Undo
        | Action::KeepDraft(_)
        | Action::BeginImport { .. }
        | Action::RehearseRows(_)
        | Action::AddStaff(..)
        | Action::ChangePassphrase(..)
        | Action::OfferFactor
        | Action::ConfirmFactor(_)
        | Action::RenewFactorCodes
        | Action::RemoveFactor
        | Action::GiveCode(_)
        | Action::Recalibrate
        | Action::OfferRecovery
        | Action::ConfirmRecovery(_)
        | Action::SplitRecovery { .. }
        | Action::EndSession(_)
        | Action::Seal
        | Action::RotateKeys
        | Action::DiscardRotation
        | Action::SetWorkingDays(_)
        | Action::Field(_)
        | Action::SetPolicy(..)
        | Action::VerifyRecord
        | Action::Checkpoint
        | Action::ExportRecord
        | Action::SetPreferences(_)
        | Action::SetBackups(_)
        | Action::OrderBackup(_)
        | Action::LossReason(_)
        | Action::Case(_)
        | Action::Consent(_)
        | Action::Rule(_)
        | Action::Pool(_)
        | Action::Deal(_) => (Object::None, None, None),
    };
    Tried { object, field, reason }
}

/// Questions that are answered to somebody who still has to enrol a second factor.
pub fn before_enrolling(query: &Query) -> bool {
    matches!(query, Query::Me | Query::Schema | Query::Draft | Query::BackupHealth)
}

/// What a refused question is recorded as. Questions that everybody may ask have none; the list of customers writes its
/// own.
pub fn asked(query: &Query) -> Option<(&'static str, Tried)> {
    let tried = |object, field| Tried { object, field, reason: None };
    Some(match query {
        Query::Refresh(id) => ("customer.open", tried(Object::Customer(id.0), None)),
        Query::RevealPrompt(id, field) => ("customer.reveal", tried(Object::Customer(id.0), Some(field.clone()))),
        Query::FollowUps(_) | Query::Reminders => ("follow_up.list", tried(Object::None, None)),
        Query::Cases(CaseQuery::One(id) | CaseQuery::Again(id)) => ("case.list", tried(Object::Case(id.0), None)),
        Query::Cases(CaseQuery::Open(..)) => ("case.list", tried(Object::None, None)),
        Query::Purposes => ("consent.list", tried(Object::None, None)),
        Query::Deals(DealQuery::One(id)) => ("deal.list", tried(Object::Deal(id.0), None)),
        Query::Deals(query) => (query.verb(), tried(Object::None, None)),
        Query::Audit(_) | Query::AuditEntry(_) => ("record.read", tried(Object::None, None)),
        Query::BulkPreview(_, bulk) => (super::bulk_change::verb(bulk), tried(Object::None, None)),
        Query::ExportPreview(_) => (super::export::VERB, tried(Object::None, None)),
        Query::Vocabulary | Query::SavedViews | Query::Tags | Query::Quality(_) | Query::Pool(_) => {
            ("customer.list", tried(Object::None, None))
        }
        Query::Templates(TemplateQuery::List) => ("template.list", tried(Object::None, None)),
        Query::Templates(TemplateQuery::Filled(_, id)) => ("customer.open", tried(Object::Customer(id.0), None)),
        Query::Cadences(_) => ("cadence.list", tried(Object::None, None)),
        Query::FieldUses(key) => ("field.set", tried(Object::None, Some(key.clone()))),
        Query::LossReasons => ("loss_reason.list", tried(Object::None, None)),
        Query::Rules => ("rule.list", tried(Object::None, None)),
        Query::Sessions => ("session.list", tried(Object::None, None)),
        Query::Staff => ("staff.list", tried(Object::None, None)),
        Query::Imports => ("import.list", tried(Object::None, None)),
        Query::Backups => ("backup.list", tried(Object::None, None)),
        Query::Customers(_)
        | Query::Me
        | Query::LossList
        | Query::Schema
        | Query::FieldChanges
        | Query::Today
        | Query::Chain
        | Query::Roles
        | Query::Policy
        | Query::WorkingDays
        | Query::UndoNext
        | Query::Keys
        | Query::Draft
        | Query::BackupHealth => return None,
    })
}
