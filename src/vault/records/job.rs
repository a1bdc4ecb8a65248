//! An import as it is stored.

use super::codec::{Reading, Record, Writing};
use crate::clock::Timestamp;
use crate::domain::customer::Basis;
use crate::domain::id::{JobId, StaffId};
use crate::vault::store::StoreError;

/// An import, from its first row to its undoing. Its customers have the ids of its ranges and no others have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// By whom.
    pub by: StaffId,
    /// When it began.
    pub at: Timestamp,
    /// The file's name.
    pub file: String,
    /// Where the data came from.
    pub source: String,
    /// The legal ground.
    pub basis: Basis,
    /// What is done with duplicates, as the service numbers it.
    pub duplicates: u8,
    /// How it stands, as the service numbers it.
    pub state: u8,
    /// Rows added.
    pub added: u64,
    /// Rows that fill customers who are there.
    pub merged: u64,
    /// Rows left out.
    pub skipped: u64,
    /// First and last customer id of each run of ids.
    pub ranges: Vec<(u64, u64)>,
    /// How many of its customers each owner has; 0 is the pool. Counted for all to see when it is published.
    pub owners: Vec<(u32, u64)>,
}

impl Record for Job {
    const VERSION: u8 = 1;
    const KIND: &'static str = "import";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.by.0).time(self.at).text(&self.file).text(&self.source);
        to.uint(self.basis.place()).uint(self.duplicates).uint(self.state);
        to.uint(self.added).uint(self.merged).uint(self.skipped);
        to.list(&self.ranges, |to, (first, last)| _ = to.uint(*first).uint(*last));
        to.list(&self.owners, |to, (owner, count)| _ = to.uint(*owner).uint(*count));
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            id: JobId(from.uint()?),
            by: StaffId(from.small()?),
            at: from.time()?,
            file: from.text()?,
            source: from.text()?,
            basis: from.place(Basis::from_place)?,
            duplicates: from.small()?,
            state: from.small()?,
            added: from.uint()?,
            merged: from.uint()?,
            skipped: from.uint()?,
            ranges: from.list(|from| Ok((from.uint()?, from.uint()?)))?,
            owners: from.list(|from| Ok((from.small()?, from.uint()?)))?,
        })
    }
}
