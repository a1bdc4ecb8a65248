//! What can be wrong with a query.

use std::ops::Range;

use super::keys::Key;
use crate::domain::field::FieldKey;

/// What is wrong with a query, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (characters {}–{})", .at.start.saturating_add(1), .at.end)]
pub struct QueryFault {
    /// The characters of the query that it is about, counted from 0.
    pub at: Range<usize>,
    /// What it is.
    pub kind: QueryFaultKind,
}

impl QueryFault {
    pub(super) fn new(at: Range<usize>, kind: QueryFaultKind) -> Self {
        Self { at, kind }
    }
}

/// What can be wrong. `meant` is the word that is known and nearest to what was typed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryFaultKind {
    /// Too many characters.
    #[error("a query has at most {most} characters")]
    TooLong {
        /// The limit.
        most: usize,
    },
    /// Too many parts.
    #[error("a query has at most {most} conditions")]
    TooManyConditions {
        /// The limit.
        most: usize,
    },
    /// Too many values in one part.
    #[error("a condition has at most {most} values")]
    TooManyValues {
        /// The limit.
        most: usize,
    },
    /// No such key.
    #[error("there is no such key; put the words in quotes to look for them")]
    UnknownKey {
        /// The nearest one.
        meant: Option<String>,
    },
    /// No such field, or one that is out of use.
    #[error("there is no such field in use")]
    UnknownField {
        /// The nearest one.
        meant: Option<String>,
    },
    /// Nothing where a value belongs.
    #[error("a value is needed, such as {}", .0.example())]
    NoValue(Key),
    /// A quote was opened and not closed.
    #[error("the quote is not closed")]
    OpenQuote,
    /// A minus with nothing directly behind it.
    #[error("a minus stands directly before what is to be left out")]
    LoneMinus,
    /// `>` and the like with a key that has no order.
    #[error("more and less have no meaning here: write {}", .0.example())]
    NoOrder(Key),
    /// `>` and the like with several values.
    #[error("more and less go with one value")]
    OneValue,
    /// A value that the key does not know.
    #[error("there is no such value: write {}", .key.example())]
    UnknownValue {
        /// The key.
        key: Key,
        /// The nearest value.
        meant: Option<String>,
    },
    /// Nobody of that name owns customers in sight.
    #[error("nobody of that name owns customers here: write me, nobody or a login name")]
    UnknownOwner {
        /// The nearest name.
        meant: Option<String>,
    },
    /// Not a date or a length of time.
    #[error("a date is written as {}", .0.example())]
    NotADate(Key),
    /// A stretch of time, or of amounts, whose end lies before its beginning.
    #[error("the end lies before the beginning")]
    Backwards,
    /// Not an amount or a whole number.
    #[error("a number is needed, such as {}", .0.example())]
    NotANumber(Key),
    /// No such purpose of a consent, or none where one must be.
    #[error("there is no such purpose: write {}", Key::Consent.example())]
    UnknownPurpose {
        /// The nearest one.
        meant: Option<String>,
    },
    /// Words without a letter or a digit, which would be looked for in vain, or leave out nobody.
    #[error("there is no letter and no digit to search for")]
    NothingToFind,
    /// The field is masked: a condition on it would tell what is in it.
    #[error("{0} is masked: only has:{0} can be asked for, or its whole value alone in the query bar")]
    Sealed(FieldKey),
}
