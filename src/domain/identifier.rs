//! What a query-bar text names, if it names somebody exactly.

use crate::codes::codes;

/// A text by which somebody can be found exactly, in normalised form.
#[derive(Clone, PartialEq, Eq)]
pub struct Identifier {
    /// What it is.
    pub kind: IdentifierKind,
    /// The normalised value: E.164 for a phone, lower case for an email, upper case for an ID number.
    pub normal: String,
}

/// Names the kind, not the value.
impl std::fmt::Debug for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identifier({})", self.kind.code())
    }
}

/// What can name somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdentifierKind {
    /// The last four digits of a phone.
    LastFour,
    /// A whole phone number.
    Phone,
    /// An email address.
    Email,
    /// A resident ID or passport number.
    Identity,
    /// A bank card number.
    Card,
}

codes!(IdentifierKind: LastFour = "last_four", Phone = "phone", Email = "email", Identity = "identity",
    Card = "card");
