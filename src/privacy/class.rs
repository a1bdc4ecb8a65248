//! How far a field is protected.

use crate::codes::codes;

/// The three classes. A new field is `sensitive` until somebody classifies it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldClass {
    /// Shown to whoever may see the customer.
    Open,
    /// Masked; ways to reach somebody.
    Contact,
    /// Masked; what could harm somebody.
    #[default]
    Sensitive,
}

codes!(FieldClass: Open = "open", Contact = "contact", Sensitive = "sensitive");

impl FieldClass {
    /// The classes whose values are sealed.
    pub const SEALED: [Self; 2] = [Self::Contact, Self::Sensitive];

    /// The byte that stands for it in keys, tokens and records.
    pub fn byte(self) -> u8 {
        match self {
            Self::Open => 0,
            Self::Contact => 1,
            Self::Sensitive => 2,
        }
    }
}
