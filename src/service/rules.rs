//! The table of actions: for each, the permission it takes, the audit verb, and whether it can be undone.
//!
//! **Invariant:** every action has its row; `Session::perform` reads it before anything else happens.

use super::backups::view::BackupOrder;
use super::door::{Action, Query};
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
}

const fn rule(verb: &'static str, permission: Option<Permission>, scope: ScopeCheck, undo: Undoable) -> Rule {
    Rule { verb, permission, scope, demand: Demand::Nothing, undo }
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
        Action::AddCustomer(_) => rule("customer.add", Some(P::EditCustomers), Nobody, Yes),
        Action::EditCustomer(..) => rule("customer.edit", Some(P::EditCustomers), OneCustomer, Yes),
        Action::LogInteraction { .. } => rule("interaction.add", Some(P::LogInteractions), OneCustomer, Yes),
        Action::AddFollowUp(..) => rule("follow_up.add", Some(P::FollowUps), OneCustomer, Yes),
        Action::SnoozeFollowUp(..) => rule("follow_up.snooze", Some(P::FollowUps), OneCustomer, Yes),
        Action::FinishFollowUp(..) => rule("follow_up.finish", Some(P::FollowUps), OneCustomer, Yes),
        Action::DropFollowUp(..) => rule("follow_up.drop", Some(P::FollowUps), OneCustomer, Yes),
        Action::Reveal(..) => Rule { demand: Demand::Reason, ..rule("customer.reveal", None, OneCustomer, No) },
        Action::Copy(..) => Rule { demand: Demand::Reason, ..rule("customer.copy", Some(P::Copy), OneCustomer, No) },
        Action::Verify(..) => rule("customer.verify", Some(P::Verify), OneCustomer, No),
        Action::EraseCustomer(..) => {
            Rule { demand: Demand::Reason, ..rule("customer.erase", Some(P::EraseCustomers), OneCustomer, No) }
        }
        Action::Undo => rule("undo", None, Nobody, No),
        Action::KeepDraft(_) => rule("draft.keep", None, Nobody, No),
        Action::BeginImport { .. } => rule("import.begin", Some(P::Import), Nobody, No),
        Action::RehearseRows(_) => rule("import.rehearse", Some(P::Import), Filtered, No),
        Action::ImportRows(..) => rule("import.rows", Some(P::Import), Nobody, No),
        Action::FinishImport(_) => rule("import.finish", Some(P::Import), Nobody, Yes),
        Action::CancelImport(_) => rule("import.cancel", Some(P::Import), Nobody, No),
        Action::AddStaff(..) => rule("staff.add", Some(P::ManageStaff), Nobody, No),
        Action::DisableStaff(_) => rule("staff.disable", Some(P::ManageStaff), Nobody, No),
        Action::ConfirmGrant(..) => rule("staff.grant", None, Nobody, No),
        Action::ChangePassphrase(..) => rule("staff.passphrase", None, Nobody, No),
        Action::Recalibrate => rule("keys.recalibrate", Some(P::ManagePolicy), Nobody, No),
        Action::OfferRecovery | Action::ConfirmRecovery(_) => rule("recovery.new", Some(P::ManageStaff), Nobody, No),
        Action::SplitRecovery { .. } => rule("recovery.split", Some(P::ManageStaff), Nobody, No),
        Action::RotateKeys | Action::DiscardRotation => rule("keys.rotate", Some(P::ManageStaff), Nobody, No),
        Action::SetFieldInUse(..) => rule("field.set", Some(P::ManageFields), Nobody, No),
        Action::SetPolicy(..) => rule("policy.set", Some(P::ManagePolicy), Nobody, No),
        Action::SettleAlert(_) => rule("alert.settle", Some(P::ReadAudit), Nobody, No),
        Action::VerifyRecord => rule("record.verify", Some(P::ReadAudit), Nobody, No),
        Action::Checkpoint => rule("record.checkpoint", Some(P::ReadAudit), Nobody, No),
        Action::ExportRecord => rule("record.export", Some(P::ExportAudit), Nobody, No),
        Action::SetPreferences(_) => rule("preferences.set", None, Nobody, No),
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
    let (object, field, reason) = match action {
        Action::OpenCustomer(id) | Action::EditCustomer(id, ..) | Action::AddFollowUp(id, _) => {
            (Object::Customer(id.0), None, None)
        }
        Action::LogInteraction { customer, .. } => (Object::Customer(customer.0), None, None),
        Action::SnoozeFollowUp(id, ..) | Action::FinishFollowUp(id, ..) | Action::DropFollowUp(id, _) => {
            (Object::FollowUp(id.0), None, None)
        }
        Action::Reveal(id, field, reason) | Action::Copy(id, field, reason) => {
            (Object::Customer(id.0), Some(field.clone()), Some(reason.code))
        }
        Action::EraseCustomer(id, reason) => (Object::Customer(id.0), None, Some(reason.code)),
        Action::Verify(id, field, _) => (Object::Customer(id.0), Some(field.clone()), None),
        Action::CheckDuplicate(field, _) | Action::SetFieldInUse(field, ..) => {
            (Object::None, Some(field.clone()), None)
        }
        Action::ImportRows(id, _) | Action::FinishImport(id) | Action::CancelImport(id) => {
            (Object::Job(id.0), None, None)
        }
        Action::DisableStaff(id) | Action::ConfirmGrant(id, _) => (Object::Staff(id.0), None, None),
        Action::SettleAlert(id) => (Object::Alert(id.0), None, None),
        Action::FindByIdentifier(_)
        | Action::AddCustomer(_)
        | Action::Undo
        | Action::KeepDraft(_)
        | Action::BeginImport { .. }
        | Action::RehearseRows(_)
        | Action::AddStaff(..)
        | Action::ChangePassphrase(..)
        | Action::Recalibrate
        | Action::OfferRecovery
        | Action::ConfirmRecovery(_)
        | Action::SplitRecovery { .. }
        | Action::RotateKeys
        | Action::DiscardRotation
        | Action::SetPolicy(..)
        | Action::VerifyRecord
        | Action::Checkpoint
        | Action::ExportRecord
        | Action::SetPreferences(_)
        | Action::SetBackups(_)
        | Action::OrderBackup(_) => (Object::None, None, None),
    };
    Tried { object, field, reason }
}

/// What a refused question is recorded as. Questions that everybody may ask have none; the list of customers writes its
/// own.
pub fn asked(query: &Query) -> Option<(&'static str, Tried)> {
    let tried = |object, field| Tried { object, field, reason: None };
    Some(match query {
        Query::Refresh(id) => ("customer.open", tried(Object::Customer(id.0), None)),
        Query::RevealPrompt(id, field) => ("customer.reveal", tried(Object::Customer(id.0), Some(field.clone()))),
        Query::FollowUps(_) => ("follow_up.list", tried(Object::None, None)),
        Query::Audit(_) | Query::AuditEntry(_) => ("record.read", tried(Object::None, None)),
        Query::Staff => ("staff.list", tried(Object::None, None)),
        Query::Imports => ("import.list", tried(Object::None, None)),
        Query::Backups => ("backup.list", tried(Object::None, None)),
        Query::Customers(_)
        | Query::Me
        | Query::Schema
        | Query::Today
        | Query::Chain
        | Query::Roles
        | Query::Policy
        | Query::UndoNext
        | Query::Keys
        | Query::Draft
        | Query::BackupHealth => return None,
    })
}
