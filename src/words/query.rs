//! What is wrong with a query, and what would be right.
//!
//! **Invariant:** nothing that was typed is repeated; what is named is a known word.

use super::Words;
use super::refusal::field;
use crate::domain::field::Schema;
use crate::domain::query::{Key, QueryFault, QueryFaultKind};

/// A fault in the person's language.
pub fn fault(words: &Words, schema: &Schema, fault: &QueryFault) -> String {
    use QueryFaultKind as Kind;
    let meant = |key: &str, meant: &Option<String>| match meant {
        Some(word) => words.ta("query-meant", &[("what", &words.t(key)), ("word", word)]),
        None => words.t(key),
    };
    let such_as = |key: &str, example: &str| words.ta(key, &[("example", &example)]);
    match &fault.kind {
        Kind::TooLong { most } => words.ta("query-too-long", &[("most", most)]),
        Kind::TooManyConditions { most } => words.ta("query-too-many", &[("most", most)]),
        Kind::TooManyValues { most } => words.ta("query-too-many-values", &[("most", most)]),
        Kind::UnknownKey { meant: Some(word) } => meant("query-no-key", &Some(word.clone())),
        Kind::UnknownKey { meant: None } => words.t("query-unknown-key"),
        Kind::UnknownField { meant: word } => meant("query-no-field", word),
        Kind::UnknownOwner { meant: word } => meant("query-no-owner", word),
        Kind::UnknownValue { key, meant: None } => such_as("query-no-value-like", key.example()),
        Kind::UnknownValue { meant: word, .. } => meant("query-unknown-value", word),
        Kind::NoValue(key) => such_as("query-value-needed", key.example()),
        Kind::OpenQuote => words.t("query-quote-open"),
        Kind::LoneMinus => words.t("query-lone-minus"),
        Kind::NoOrder(key) => such_as("query-no-order", key.example()),
        Kind::OneValue => words.t("query-one-value"),
        Kind::NotADate(key) => such_as("query-not-a-date", key.example()),
        Kind::Backwards => words.t("query-backwards"),
        Kind::NotANumber(key) => such_as("query-number-needed", key.example()),
        Kind::UnknownPurpose { meant: Some(word) } => meant("query-no-purpose", &Some(word.clone())),
        Kind::UnknownPurpose { meant: None } => such_as("query-purpose-needed", Key::Consent.example()),
        Kind::NothingToFind => words.t("query-nothing"),
        Kind::Sealed(key) => words.ta("query-sealed", &[("field", &field(words, schema, key.as_str())), ("key", key)]),
    }
}
