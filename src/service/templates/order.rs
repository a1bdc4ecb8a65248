//! What can be done with templates, as plain data, and what can be asked of them.
//!
//! **Invariant:** the `Debug` of an action names it, never a text.

use crate::domain::audit::Object;
use crate::domain::id::{CustomerId, TemplateId};
use crate::domain::reason::Reason;
use crate::domain::role::Permission;
use crate::domain::template::TemplateDraft;
use crate::service::rules::{Demand, Rule, ScopeCheck, Tried, Undoable, rule};
use crate::text::Printable;

/// Something done with templates. A number is the version that it was based on.
#[derive(Clone)]
pub enum TemplateAction {
    /// Keep a new one.
    Add(TemplateDraft),
    /// Write one anew.
    Change(TemplateId, u64, TemplateDraft),
    /// Remove one.
    Remove(TemplateId, u64),
    /// Put a text on the clipboard with the real values of a customer. Each masked one counts as a reveal, and takes the
    /// reason.
    Copy(CustomerId, Printable, Option<Reason>),
}

/// Names the action, and nothing of what it carries.
impl std::fmt::Debug for TemplateAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Add(_) => "AddTemplate",
            Self::Change(..) => "ChangeTemplate",
            Self::Remove(..) => "RemoveTemplate",
            Self::Copy(..) => "CopyMessage",
        })
    }
}

impl TemplateAction {
    /// Its row in the table of actions.
    pub fn rule(&self) -> Rule {
        let kept = |verb| rule(verb, Some(Permission::ManagePolicy), ScopeCheck::Nobody, Undoable::Yes);
        match self {
            Self::Add(_) => kept("template.add"),
            Self::Change(..) => kept("template.edit"),
            Self::Remove(..) => kept("template.remove"),
            Self::Copy(..) => {
                let copy = rule("message.copy", Some(Permission::Copy), ScopeCheck::OneCustomer, Undoable::No);
                Rule { demand: Demand::Reason, ..copy }
            }
        }
    }

    /// What it is about.
    pub fn tried(&self) -> Tried {
        let (object, reason) = match self {
            Self::Copy(customer, _, reason) => {
                (Object::Customer(customer.0), reason.as_ref().map(|reason| reason.code))
            }
            Self::Add(_) | Self::Change(..) | Self::Remove(..) => (Object::None, None),
        };
        Tried { object, field: None, reason }
    }
}

/// Something asked of templates.
#[derive(Clone, Copy, Debug)]
pub enum TemplateQuery {
    /// All of them, by name.
    List,
    /// One, filled in for a customer as far as nothing is masked. A customer who was not opened yet is opened by it, on
    /// record and within the reading limit.
    Filled(TemplateId, CustomerId),
}
