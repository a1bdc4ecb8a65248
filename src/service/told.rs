//! Which actions others are told of.
//!
//! **Invariant:** whatever changes what somebody else may have on the screen is told, who looked at a customer included.

use super::automation::RuleAction;
use super::cases::CaseAction;
use super::door::Action;
use super::pool::PoolAction;
use super::quality::QualityAction;
use super::templates::TemplateAction;
use crate::domain::id::CustomerId;

/// Whether others may see something else after an action than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// They are told.
    Others,
    /// Those are told who have this customer open: it shows who looked.
    Beside(CustomerId),
    /// Nothing that is shown was changed, but for the record of actions, which is asked for by whoever reads it.
    Nobody,
}

/// Whether an action is told to others.
pub(super) fn told(action: &Action) -> Told {
    match action {
        Action::Reveal(id, ..) | Action::Copy(id, ..) | Action::Verify(id, ..) => Told::Beside(*id),
        Action::Template(TemplateAction::Copy(id, ..)) => Told::Beside(*id),
        // Whoever opens a customer is told of by being there.
        Action::OpenCustomer(_)
        | Action::FindByIdentifier(_)
        | Action::CheckDuplicate(..)
        | Action::FindDuplicates
        | Action::Quality(QualityAction::Closer(_))
        | Action::Rule(RuleAction::DryRun(_))
        | Action::Pool(PoolAction::DryRun(_))
        | Action::Case(CaseAction::Look(_))
        | Action::EndSession(_)
        | Action::EndSessionsOf(_)
        | Action::Seal
        | Action::KeepDraft(_)
        | Action::RehearseRows(_)
        | Action::ImportRows(..)
        | Action::OfferRecovery
        | Action::OfferFactor
        | Action::ConfirmFactor(_)
        | Action::RenewFactorCodes
        | Action::GiveCode(_)
        | Action::VerifyRecord
        | Action::Checkpoint
        | Action::ExportRecord
        | Action::SetPreferences(_) => Told::Nobody,
        _ => Told::Others,
    }
}
