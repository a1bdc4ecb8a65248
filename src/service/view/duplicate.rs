//! Two customers who are probably one.

use super::CustomerRow;
use crate::likeness::Evidence;

/// A pair.
#[derive(Clone)]
pub struct DuplicatePair {
    /// The one that was there first, where both are in scope: proposed to be kept.
    pub keep: CustomerRow,
    /// The other; none where it is another's, of whom nothing is said but that they exist.
    pub other: Option<CustomerRow>,
    /// How sure: the logarithm of the odds to the base of 2.
    pub bits: f32,
    /// What speaks for and against it.
    pub evidence: Vec<Evidence>,
}

/// Names of customers are personal, masked or not.
impl std::fmt::Debug for DuplicatePair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DuplicatePair").field("keep", &self.keep.id).finish_non_exhaustive()
    }
}
