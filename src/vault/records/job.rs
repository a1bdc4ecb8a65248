//! An import as it is stored, and the consents that come with it.

use super::codec::{Reading, Record, Writing};
use crate::clock::Timestamp;
use crate::domain::consent::{ConsentState, Purpose};
use crate::domain::customer::Basis;
use crate::domain::id::{ConsentId, JobId, StaffId};
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

/// What one customer of an import said of a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobConsent {
    /// Of which purpose.
    pub purpose: Purpose,
    /// What.
    pub state: ConsentState,
    /// The consent that it became, once it is put down.
    pub became: Option<ConsentId>,
}

/// What one customer of an import said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobConsents(pub Vec<JobConsent>);

impl Record for JobConsents {
    const VERSION: u8 = 1;
    const KIND: &'static str = "import's consents";

    fn write(&self, to: &mut Writing) {
        to.list(&self.0, |to, one| {
            to.uint(one.purpose.place()).uint(one.state.place()).maybe(one.became, |to, id| _ = to.uint(id.0));
        });
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        let read = |from: &mut Reading<'_>| {
            let (purpose, state) = (from.place(Purpose::from_place)?, from.place(ConsentState::from_place)?);
            Ok(JobConsent { purpose, state, became: from.maybe(|from| from.uint().map(ConsentId))? })
        };
        from.list(read).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consents_of_an_import_are_read_as_they_were_written() {
        let one = |purpose, state, became| JobConsent { purpose, state, became };
        let said = JobConsents(vec![
            one(Purpose::Marketing, ConsentState::Given, None),
            one(Purpose::CrossBorder, ConsentState::Withdrawn, Some(ConsentId(9))),
        ]);
        assert_eq!(JobConsents::from_bytes(&said.to_bytes()), Ok(said));
    }
}
