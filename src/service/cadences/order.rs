//! What can be done with cadences, as plain data, and what can be asked of them.
//!
//! **Invariant:** the `Debug` of an action names it, never a step.

use crate::domain::audit::Object;
use crate::domain::cadence::CadenceDraft;
use crate::domain::id::{CadenceId, CustomerId};
use crate::domain::role::Permission;
use crate::service::rules::{Rule, ScopeCheck, Tried, Undoable, rule};

/// Something done with cadences; to put one on customers is a [`Bulk`](crate::service::view::Bulk). A number is the
/// version that it was based on.
#[derive(Clone)]
pub enum CadenceAction {
    /// Keep a new one.
    Add(CadenceDraft),
    /// Write one anew; customers whom it is on get its later steps as they are then.
    Change(CadenceId, u64, CadenceDraft),
    /// Remove one; the open steps stay as reminders, and nothing follows.
    Remove(CadenceId, u64),
    /// End one with a customer.
    Stop(CadenceId, CustomerId),
}

/// Names the action, and nothing of what it carries.
impl std::fmt::Debug for CadenceAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Add(_) => "AddCadence",
            Self::Change(..) => "ChangeCadence",
            Self::Remove(..) => "RemoveCadence",
            Self::Stop(..) => "StopCadence",
        })
    }
}

impl CadenceAction {
    /// Its row in the table of actions.
    pub fn rule(&self) -> Rule {
        let kept = |verb| rule(verb, Some(Permission::ManagePolicy), ScopeCheck::Nobody, Undoable::Yes);
        match self {
            Self::Add(_) => kept("cadence.add"),
            Self::Change(..) => kept("cadence.edit"),
            Self::Remove(..) => kept("cadence.remove"),
            Self::Stop(..) => rule("cadence.stop", Some(Permission::FollowUps), ScopeCheck::OneCustomer, Undoable::Yes),
        }
    }

    /// What it is about.
    pub fn tried(&self) -> Tried {
        let object = match self {
            Self::Stop(_, customer) => Object::Customer(customer.0),
            Self::Add(_) | Self::Change(..) | Self::Remove(..) => Object::None,
        };
        Tried { object, field: None, reason: None }
    }
}

/// Something asked of cadences.
#[derive(Clone, Copy, Debug)]
pub enum CadenceQuery {
    /// All of them, by name.
    List,
    /// On how many customers one runs.
    Running(CadenceId),
}
