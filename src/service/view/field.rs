//! How fields stand whose protection is being changed, and where a field is used.
//!
//! **Invariant:** nothing here holds a value of a field.

use crate::clock::Timestamp;
use crate::codes::codes;
use crate::domain::field::FieldKey;
use crate::privacy::class::FieldClass;
use crate::privacy::mask::MaskKind;

/// What is being changed of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProgress {
    /// The field.
    pub field: FieldKey,
    /// What waits for somebody who holds the key: the class and the mask, who asked, and when.
    pub wanted: Option<(FieldClass, MaskKind, String, Timestamp)>,
    /// How far its values are.
    pub running: Option<OnTheWay>,
}

/// How far a field's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnTheWay {
    /// Whether less is shown by it or more.
    pub turning: Turning,
    /// Customers that were looked at.
    pub looked: u64,
    /// How many there are.
    pub all: u64,
}

/// Whether less is shown or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turning {
    /// Less.
    Stricter,
    /// More.
    Looser,
}

codes!(Turning: Stricter = "stricter", Looser = "looser");

/// A place where a field is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldUse {
    /// What kind of place.
    pub place: UsedIn,
    /// What it is called; empty where somebody else keeps it for themselves.
    pub name: String,
}

/// What uses a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedIn {
    /// A saved view.
    View,
    /// A template.
    Template,
    /// A cadence, by way of a template.
    Cadence,
    /// A rule.
    Rule,
}

codes!(UsedIn: View = "view", Template = "template", Cadence = "cadence", Rule = "rule");
