//! Why customers are lost, in words.
//!
//! **Invariant:** a reason is called what the vault's list calls it in the reader's language.

use super::Words;
use crate::domain::loss::LossReason;
use crate::domain::loss_reasons::LossReasons;
use crate::service::view::Total;

/// What a reason is called; one that is on the list no more has its key.
pub fn reason(words: &Words, reasons: &LossReasons, why: LossReason) -> String {
    reasons.get(why).map_or_else(|| reasons.key(why), |def| def.label.of(words.lang).to_owned())
}

/// The same for a key, as an entry has it.
pub fn keyed(words: &Words, reasons: &LossReasons, key: &str) -> String {
    reasons.by_key(key).map_or_else(|| key.to_owned(), |def| def.label.of(words.lang).to_owned())
}

/// How many are lost for a reason.
pub fn count(words: &Words, total: Total) -> String {
    match total {
        Total::Exactly(n) => n.to_string(),
        Total::AtLeast(n) => words.ta("tags-at-least", &[("n", &n)]),
    }
}
