//! The tags, and how many customers have each.
//!
//! **Invariant:** a row names nobody.

use super::list::Total;

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRow {
    /// As it was written first in the order of the list.
    pub tag: String,
    /// How many customers within scope have it.
    pub count: Total,
    /// Whether it is still offered.
    pub retired: Retired,
}

/// Whether a tag is still offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retired {
    /// It is not: whoever has it keeps it.
    Yes,
    /// It is.
    No,
}
