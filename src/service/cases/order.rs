//! What can be done with cases, as plain data, and what can be asked of them.
//!
//! **Invariant:** the `Debug` of an action names it, never what a case is about.

use crate::domain::audit::Object;
use crate::domain::case::{CaseDraft, CaseState};
use crate::domain::id::{CaseId, CustomerId, StaffId};
use crate::domain::role::Permission;
use crate::service::rules::{Rule, ScopeCheck, Tried, Undoable, rule};

/// Something done with a case. A number is the version that it was based on.
#[derive(Clone)]
pub enum CaseAction {
    /// Open one with a customer; it is one's own and the matter at hand.
    Open(CustomerId, CaseDraft),
    /// Change what it says.
    Edit(CaseId, u64, CaseDraft),
    /// It is open again, waits, or is closed.
    Set(CaseId, u64, CaseState),
    /// Take it; it is the matter at hand.
    Take(CaseId, u64),
    /// Hand it on.
    Hand(CaseId, u64, StaffId),
    /// Open it to read what happened about it.
    Look(CaseId),
}

/// The verb of a look at a case.
pub(in crate::service) const LOOK: &str = "case.look";

/// Names the action, and nothing of what it carries.
impl std::fmt::Debug for CaseAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open(..) => "Open",
            Self::Edit(..) => "Edit",
            Self::Set(..) => "Set",
            Self::Take(..) => "Take",
            Self::Hand(..) => "Hand",
            Self::Look(_) => "Look",
        })
    }
}

impl CaseAction {
    /// Its audit verb.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Open(..) => "case.open",
            Self::Edit(..) => "case.edit",
            Self::Set(_, _, CaseState::Open) => "case.reopen",
            Self::Set(_, _, CaseState::Waiting) => "case.wait",
            Self::Set(_, _, CaseState::Closed) => "case.close",
            Self::Take(..) => "case.take",
            Self::Hand(..) => "case.hand",
            Self::Look(_) => LOOK,
        }
    }

    /// Its row in the table of actions.
    pub fn rule(&self) -> Rule {
        let undo = if matches!(self, Self::Look(_)) { Undoable::No } else { Undoable::Yes };
        rule(self.verb(), Some(Permission::LogInteractions), ScopeCheck::OneCustomer, undo)
    }

    /// What it is about.
    pub fn tried(&self) -> Tried {
        let object = match self {
            Self::Open(customer, _) => Object::Customer(customer.0),
            Self::Edit(id, ..) | Self::Set(id, ..) | Self::Take(id, _) | Self::Hand(id, ..) | Self::Look(id) => {
                Object::Case(id.0)
            }
        };
        Tried { object, field: None, reason: None }
    }
}

/// Which open cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Held {
    /// One's own, and those that nobody has.
    #[default]
    MineOrNobodys,
    /// All within one's scope.
    All,
}

crate::codes::codes!(Held: MineOrNobodys = "mine", All = "all");

/// Something asked of cases.
#[derive(Clone, Copy, Debug)]
pub enum CaseQuery {
    /// Those that are not closed, the earliest due first; at most so many, up to 500.
    Open(Held, u16),
    /// One case.
    One(CaseId),
    /// What a case that was opened by [`CaseAction::Look`] says now.
    Again(CaseId),
}
