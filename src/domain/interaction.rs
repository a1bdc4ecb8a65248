//! A logged contact.

use super::id::{CaseId, CustomerId, InteractionId, StaffId};
use crate::clock::Timestamp;
use crate::codes::codes;
use crate::text::Printable;

/// How the contact took place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum InteractionKind {
    /// On the telephone.
    #[default]
    Call,
    /// By email.
    Email,
    /// In a chat.
    Chat,
    /// In person.
    Visit,
    /// No contact, a note only.
    Note,
}

codes!(InteractionKind: Call = "call", Email = "email", Chat = "chat", Visit = "visit", Note = "note");

/// Who began a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The customer.
    In,
    /// The firm.
    Out,
}

codes!(Direction: In = "in", Out = "out");

/// One logged contact. Its text is internal: open within scope, never exported unless asked for by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// Its id.
    pub id: InteractionId,
    /// With whom.
    pub customer: CustomerId,
    /// How.
    pub kind: InteractionKind,
    /// Who began it.
    pub direction: Option<Direction>,
    /// How long it took, in minutes.
    pub minutes: Option<u16>,
    /// What was said.
    pub text: Printable,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffId,
    /// The ticket that it belongs to.
    pub ticket: Option<String>,
    /// The case that it belongs to; a ticket may be that of several.
    pub case: Option<CaseId>,
}
