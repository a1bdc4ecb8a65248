//! What can be done with consents, as plain data.
//!
//! **Invariant:** the `Debug` of an action names it, never a note or a wording.

use crate::domain::audit::Object;
use crate::domain::consent::{ConsentDraft, ConsentState, Purpose};
use crate::domain::id::CustomerId;
use crate::domain::role::Permission;
use crate::service::rules::{Rule, ScopeCheck, Tried, Undoable, rule};
use crate::text::Printable;

/// Something done with consents.
#[derive(Clone)]
pub enum ConsentAction {
    /// Put down what a customer said.
    Say(CustomerId, ConsentDraft),
    /// Write the wording of a purpose anew, in English and in Chinese. The number is the version that it was based on.
    Word(Purpose, u32, [Printable; 2]),
}

/// Names the action, and nothing of what it carries.
impl std::fmt::Debug for ConsentAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Say(_, draft) => write!(f, "Say({} {})", draft.purpose.code(), draft.state.code()),
            Self::Word(purpose, version, _) => write!(f, "Word({} {version})", purpose.code()),
        }
    }
}

impl ConsentAction {
    /// Its audit verb.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Say(_, draft) => verb(draft.state),
            Self::Word(..) => "consent.wording",
        }
    }

    /// Its row in the table of actions. A wording is not taken back: somebody may have agreed to it meanwhile.
    pub fn rule(&self) -> Rule {
        match self {
            Self::Say(..) => rule(self.verb(), Some(Permission::Consents), ScopeCheck::OneCustomer, Undoable::Yes),
            Self::Word(..) => rule(self.verb(), Some(Permission::ConsentWording), ScopeCheck::Nobody, Undoable::No),
        }
    }

    /// What it is about.
    pub fn tried(&self) -> Tried {
        let object = match self {
            Self::Say(customer, _) => Object::Customer(customer.0),
            Self::Word(..) => Object::None,
        };
        Tried { object, field: None, reason: None }
    }
}

/// The audit verb of what was said.
pub(in crate::service) fn verb(state: ConsentState) -> &'static str {
    match state {
        ConsentState::Given => "consent.give",
        ConsentState::Refused => "consent.refuse",
        ConsentState::Withdrawn => "consent.withdraw",
    }
}
