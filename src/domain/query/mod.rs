//! Questions to the list of customers, in words: `tag:vip -tag:cold owner:me last>90d due:today "free words"`.
//!
//! A query is a row of parts, all of which must hold. A part is `key:value`, `key>value` and the like, or free words; `-`
//! before it turns it round, and a comma between values means any of them. There are no brackets, so reading one is a single
//! pass whatever stands in it. Keys and values are understood in English and in Chinese, in full-width forms as well; a
//! field's key or label stands for `field.KEY`.
//! **Invariant:** nothing is guessed: what cannot be read is a fault that says where it stands and what would be right, so
//! that nobody takes a wider or narrower list for the one asked for. What is written by [`std::fmt::Display`] reads as the
//! same query. Nothing here reads the clock, and no fault holds typed text.

mod complete;
mod fault;
mod keys;
mod lexer;
mod nearest;
mod read;
mod span;
#[cfg(test)]
mod tests;
mod tree;

use chrono::FixedOffset;

use super::field::{FieldKey, Schema};
use super::loss_reasons::LossReasons;
use crate::clock::Timestamp;
use crate::privacy::class::FieldClass;

pub use complete::{Completion, Offer, complete};
pub use fault::{QueryFault, QueryFaultKind};
pub use keys::Key;
pub use span::{Distance, Span, Unit};
pub use tree::{
    AmountTest, Compare, Condition, ConsentWord, CustomerQuery, Likeness, LossWord, Moment, NOT_SAID, OwnerWord, Part,
    Sign, Term, TimeTest,
};

/// The longest query, in characters: some twenty lines, which nobody types, and which is read in well under a millisecond.
pub const MOST_CHARACTERS: usize = 2_000;
/// The most parts of a query.
pub const MOST_CONDITIONS: usize = 50;
/// The most values of one part.
pub const MOST_VALUES: usize = 50;

/// What a query is read against, and what can be offered while it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// The login names that `owner:` can give.
    pub owners: Vec<String>,
    /// The tags in use.
    pub tags: Vec<String>,
    /// The fields in use.
    pub fields: Vec<FieldWord>,
    /// The reasons for being lost.
    pub losses: LossReasons,
}

/// A field as queries know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldWord {
    /// Its key.
    pub key: FieldKey,
    /// Its labels in every language.
    pub labels: [String; 2],
    /// Its class: only what is in an open field can be asked for.
    pub class: FieldClass,
}

impl Vocabulary {
    /// The fields in use of a schema, with nobody and no tag.
    pub fn of(schema: &Schema) -> Self {
        let word = |def: &super::field::FieldDef| FieldWord {
            key: def.key.clone(),
            labels: [def.label_en.clone(), def.label_zh.clone()],
            class: def.class,
        };
        Self { fields: schema.on().map(word).collect(), ..Self::default() }
    }
}

/// The moment and the zone that days are meant in.
#[derive(Clone, Copy, Debug)]
pub struct Here {
    /// The present moment.
    pub now: Timestamp,
    /// How far the person's clock is from UTC.
    pub offset: FixedOffset,
}

/// Reads a query. An empty one asks for everybody.
pub fn parse(text: &str, words: &Vocabulary, here: Here) -> Result<CustomerQuery, QueryFault> {
    let parts = lexer::split(text)?;
    let terms = parts.into_iter().map(|part| read::term(part, words, here)).collect::<Result<_, _>>()?;
    Ok(CustomerQuery { terms })
}
