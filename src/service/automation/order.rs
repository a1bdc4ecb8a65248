//! What can be done with rules, as plain data, and what can be asked of them.
//!
//! **Invariant:** the `Debug` of an action names it, never what a rule says: a tag may tell something of somebody.

use crate::domain::audit::Object;
use crate::domain::id::{CustomerId, RuleId};
use crate::domain::role::Permission;
use crate::domain::rule::{RuleState, RuleText};
use crate::service::rules::{Rule as Row, ScopeCheck, Tried, Undoable, rule};

/// Something done with rules. A number is the version that it was based on.
#[derive(Clone)]
pub enum RuleAction {
    /// Add one. It acts from now on, unless it waits for a time: such a one is switched on after a look at whom it takes.
    Add(RuleText),
    /// Write one anew.
    Change(RuleId, u64, RuleText),
    /// Have one act or wait.
    Switch(RuleId, u64, RuleState),
    /// Remove one; what it did stays.
    Remove(RuleId, u64),
    /// Say whom one would take now, and do nothing.
    DryRun(RuleId),
    /// Have all rules that wait for a time look now.
    Run,
    /// Say how many days there should be between contacts with a customer at the most, or nothing of it.
    Touch(CustomerId, Option<u32>),
}

/// Names the action, and nothing of what it carries.
impl std::fmt::Debug for RuleAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Add(_) => "Add",
            Self::Change(..) => "Change",
            Self::Switch(..) => "Switch",
            Self::Remove(..) => "Remove",
            Self::DryRun(_) => "DryRun",
            Self::Run => "Run",
            Self::Touch(..) => "Touch",
        })
    }
}

impl RuleAction {
    /// Its audit verb.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Add(_) => "rule.add",
            Self::Change(..) => "rule.edit",
            Self::Switch(..) => "rule.switch",
            Self::Remove(..) => "rule.remove",
            Self::DryRun(_) => "rule.dry_run",
            Self::Run => "rule.run",
            Self::Touch(..) => "touch.set",
        }
    }

    /// Its row in the table of actions.
    pub fn rule(&self) -> Row {
        let manage = |undo| rule(self.verb(), Some(Permission::ManageRules), ScopeCheck::Nobody, undo);
        match self {
            Self::Add(_) | Self::Change(..) | Self::Switch(..) | Self::Remove(..) => manage(Undoable::Yes),
            Self::DryRun(_) => Row { scope: ScopeCheck::Filtered, ..manage(Undoable::No) },
            Self::Run => manage(Undoable::No),
            Self::Touch(..) => rule(self.verb(), Some(Permission::FollowUps), ScopeCheck::OneCustomer, Undoable::Yes),
        }
    }

    /// What it is about.
    pub fn tried(&self) -> Tried {
        let object = match self {
            Self::Touch(customer, _) => Object::Customer(customer.0),
            _ => Object::None,
        };
        Tried { object, field: None, reason: None }
    }
}
