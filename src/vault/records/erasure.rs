//! That a customer was erased: what stays of them.
//!
//! **Invariant:** nothing here says who it was but the number that they had.

use super::codec::{Reading, Record, Writing};
use crate::clock::Timestamp;
use crate::domain::id::{CustomerId, EntrySeq};
use crate::vault::store::StoreError;

/// An erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The number that the customer had.
    pub customer: CustomerId,
    /// When.
    pub at: Timestamp,
    /// The entry that says so.
    pub entry: EntrySeq,
}

impl Record for Erasure {
    const VERSION: u8 = 1;
    const KIND: &'static str = "erasure";

    fn write(&self, to: &mut Writing) {
        to.uint(self.customer.0).time(self.at).uint(self.entry.0);
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self { customer: CustomerId(from.uint()?), at: from.time()?, entry: EntrySeq(from.uint()?) })
    }
}
