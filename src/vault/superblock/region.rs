//! Where the two copies lie, and how they are read and replaced.
//!
//! **Invariant:** a write leaves the copy that was last known good alone until the other one is durable; when it
//! returns, both copies are new, so that damaging one does not bring an old passphrase back.

use super::format::{COPY, SuperblockError};
use super::{CopyAt, Superblock};
use crate::vault::file::disk::Disk;
use crate::vault::keyring::Root;

/// What both copies take at the head of the file. What follows belongs to the blocks.
pub const SUPERBLOCK_REGION: u64 = 2 * COPY as u64;

/// What was wrong with one copy while the other was whole. Writing the superblock again, which takes ROOT, mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// The first copy does not read.
    #[error("the first copy of the vault's head is damaged; the second is used")]
    FirstDamaged,
    /// The second copy does not read.
    #[error("the second copy of the vault's head is damaged; the first is used")]
    SecondDamaged,
    /// Both read and differ: a write was cut off between them, or somebody changed one.
    #[error("the two copies of the vault's head differ; the newer is used")]
    Differ,
}

impl CopyAt {
    fn offset(self) -> u64 {
        match self {
            Self::First => 0,
            Self::Second => COPY as u64,
        }
    }

    fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

impl Superblock {
    /// Reads both copies and gives the newer whole one. It is not to be believed before [`Self::unlock`].
    pub fn read(disk: &dyn Disk) -> Result<(Self, Option<Warning>), SuperblockError> {
        if disk.is_empty()? {
            return Err(SuperblockError::Empty);
        }
        match (read_copy(disk, CopyAt::First), read_copy(disk, CopyAt::Second)) {
            (Ok(first), Ok(second)) => Ok(newer(first, second)),
            (Ok(first), Err(_)) => Ok((first, Some(Warning::SecondDamaged))),
            (Err(_), Ok(second)) => Ok((second, Some(Warning::FirstDamaged))),
            // A first copy that says nothing leaves the word to the second.
            (Err(SuperblockError::NotAVault), Err(error)) if !matches!(error, SuperblockError::CutOff) => Err(error),
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// Writes and syncs both copies, one after the other, with the next sequence. After an error what the file holds is
    /// not known; writing again is safe.
    pub fn write(&mut self, disk: &dyn Disk, root: &Root) -> Result<(), SuperblockError> {
        self.sequence = self.sequence.saturating_add(1);
        self.authenticate(root);
        let bytes = self.encode();
        for _ in 0..2 {
            let next = self.place.other();
            disk.write(next.offset(), &bytes)?;
            disk.sync()?;
            self.place = next;
        }
        self.other = None;
        Ok(())
    }
}

fn read_copy(disk: &dyn Disk, copy: CopyAt) -> Result<Superblock, SuperblockError> {
    let end = copy.offset() + COPY as u64;
    let length = disk.len()?;
    // What there is of a short file still tells a vault that was cut from a file that never was one.
    let there = length.min(end).saturating_sub(copy.offset());
    if there == 0 {
        return Err(SuperblockError::CutOff);
    }
    let mut bytes = vec![0; usize::try_from(there).unwrap_or(COPY)];
    disk.read(copy.offset(), &mut bytes)?;
    Superblock::decode(&bytes, copy)
}

fn newer(first: Superblock, second: Superblock) -> (Superblock, Option<Warning>) {
    if first.encode() == second.encode() {
        return (first, None);
    }
    let (mut chosen, other) = if second.sequence > first.sequence { (second, first) } else { (first, second) };
    chosen.other = Some(Box::new(other));
    (chosen, Some(Warning::Differ))
}
