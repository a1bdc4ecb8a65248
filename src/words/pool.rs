//! The shared pool in words: when somebody goes to it, and whom it would take.
//!
//! **Invariant:** names stand as people wrote them; everything round them is in the reader's language.

use super::Words;
use crate::service::view::{PoolTaken, PoolTakes, Total};

/// How many days are left, as a column says it.
pub fn left(words: &Words, days: i64) -> String {
    words.ta("pool-left", &[("n", &days)])
}

/// The same as a sentence about a customer.
pub fn goes(words: &Words, days: i64) -> String {
    words.ta("pool-goes", &[("n", &days)])
}

/// How many it would take, and after how many days.
pub fn how_many(words: &Words, takes: &PoolTakes) -> String {
    let (count, more) = match takes.count() {
        Total::Exactly(n) => (n, ""),
        Total::AtLeast(n) => (n, "+"),
    };
    words.ta("pool-dry-count", &[("n", &count), ("more", &more), ("days", &takes.days)])
}

/// How many of one owner's.
pub fn of_owner(words: &Words, takes: &PoolTakes, taken: &PoolTaken) -> String {
    words.ta(
        "pool-dry-owner",
        &[("who", &taken.owner), ("now", &taken.now), ("soon", &taken.soon), ("days", &takes.warn)],
    )
}
