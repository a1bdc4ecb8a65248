//! Templates as they are listed, and one filled in.
//!
//! **Invariant:** what is masked is here as its mask only.

use crate::domain::consent::ConsentState;
use crate::domain::field::FieldKey;
use crate::domain::interaction::InteractionKind;
use crate::domain::template::Template;
use crate::privacy::mask::Masked;
use crate::text::Printable;

/// What answers a [`TemplateQuery`](crate::service::view::TemplateQuery).
#[derive(Clone, Debug)]
pub enum TemplateView {
    /// All of them, by name.
    Rows(Vec<TemplateRow>),
    /// One, filled in.
    Filled(Filled),
}

/// A template as a list shows it.
#[derive(Clone, Debug)]
pub struct TemplateRow {
    /// The template.
    pub template: Template,
    /// Its places that nothing can be filled into: unknown words, fields out of use.
    pub unknown: Vec<String>,
}

/// A template filled in for a customer. What is masked still stands in braces.
#[derive(Clone, Debug)]
pub struct Filled {
    /// For which kind of contact.
    pub kind: InteractionKind,
    /// The text.
    pub text: Printable,
    /// What stands in braces: the word, its field, and what may be seen of it.
    pub masked: Vec<(String, FieldKey, Masked)>,
    /// What the customer said last of marketing, where that was no.
    pub no_marketing: Option<ConsentState>,
}
