//! A value that was let out, for a while.
//!
//! **Invariant:** a [`Revealed`] is made only by `service` after the entry was durably committed; it cannot be copied,
//! compared or printed by accident, and its memory is zeroized when it goes.

use zeroize::Zeroizing;

use crate::clock::Timestamp;

/// A plain value with the entry that let it out and the moment when it must go.
pub struct Revealed {
    value: Zeroizing<String>,
    /// The place of its entry in the record of actions.
    pub entry: u64,
    /// When it must be out of sight.
    pub until: Timestamp,
}

impl Revealed {
    /// A value let out by `entry` until `until`.
    pub fn new(value: Zeroizing<String>, entry: u64, until: Timestamp) -> Self {
        Self { value, entry, until }
    }

    /// The value, unless its time is over at `now`.
    pub fn show(&self, now: Timestamp) -> Option<&str> {
        (now < self.until).then_some(self.value.as_str())
    }
}

/// Shows the entry and never the value.
impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Revealed(entry {})", self.entry)
    }
}
