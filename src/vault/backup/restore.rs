//! Reading a backup back: checking it, and restoring it into a new file.
//!
//! **Invariant:** a restored file appears under its name only when it is complete, durable, read again, and what the sealed
//! manifest describes; nothing that has the name is ever written over. Whether it opens under ROOT, and whether its record
//! is the vault's, is for the caller to see, who has the keys.

use std::path::{Path, PathBuf};

use super::chain::Reader;
use super::id::Id;
use super::index::page_hash;
use super::manifest::Manifest;
use super::pack::MOST_PAGES;
use super::place::Store;
use super::rebuild::{Outline, Restoring, Target, lay, pages, whole};
use super::recipient::Opener;
use super::{BackupError, Object, Phase, Progress, Watch, tell};
use crate::vault::file::shape::PAGE_LEN;
use crate::vault::file::{Disk, DiskError, FileDisk};
use crate::vault::keyring::VaultId;
use crate::vault::opening;

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
    let reader = Reader::new(store, vault, opener, id)?;
    let chain = reader.chain(id)?;
    let mut outline = Outline::default();
    let (objects, bytes) = read(&reader, &chain, part, &mut outline, Phase::Checking, watch)?;
    let manifest = last(chain.clone(), id)?;
    if part == Part::All {
        if outline.hash() != manifest.state {
            return Err(BackupError::Disagrees(id.clone(), "its packs do not come to what its manifest says"));
        }
        whole(&mut outline, &manifest)?;
    }
    Ok(Verified { manifest, chain: names(&chain), objects, bytes })
}

/// Restores a backup into a new file at `to`, which appears there once it is complete.
pub fn restore(
    store: &dyn Store,
    vault: &VaultId,
    id: &Id,
    opener: &Opener,
    to: &Path,
    watch: Watch<'_>,
) -> Result<Restored, BackupError> {
    if std::fs::symlink_metadata(to).is_ok() {
        return Err(BackupError::Exists);
    }
    let reader = Reader::new(store, vault, opener, id)?;
    let chain = reader.chain(id)?;
    let mut name = to.as_os_str().to_owned();
    name.push(".restoring");
    let unfinished = PathBuf::from(name);
    let mut file = Restoring(begin(&unfinished)?);
    let filled = fill(&reader, &chain, id, &mut file, watch).and_then(|manifest| {
        opening::publish(&unfinished, to).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => BackupError::Exists,
            _ => writing(error),
        })?;
        Ok(manifest)
    });
    if filled.is_err() {
        // Best effort: the error that matters is the first one.
        let _ = std::fs::remove_file(&unfinished);
    }
    let manifest = filled?;
    Ok(Restored { bytes: manifest.len, manifest, chain: names(&chain) })
}

/// An empty, locked file to restore into. What an earlier, cut-off attempt left there goes.
fn begin(path: &Path) -> Result<FileDisk, BackupError> {
    if std::fs::symlink_metadata(path).is_ok() {
        let held = match FileDisk::open(path) {
            Err(error @ DiskError::Busy { .. }) => return Err(error.into()),
            other => other.ok(),
        };
        // Where it cannot be removed, the next line says what is there.
        let _ = std::fs::remove_file(path);
        drop(held);
    }
    FileDisk::create_new(path).map_err(|error| match error {
        DiskError::Io(source) => writing(source),
        other => other.into(),
    })
}

fn writing(source: std::io::Error) -> BackupError {
    BackupError::Io { doing: "cannot write the restored file", source }
}

fn fill(
    reader: &Reader<'_>,
    chain: &[Manifest],
    id: &Id,
    file: &mut Restoring,
    watch: Watch<'_>,
) -> Result<Manifest, BackupError> {
    read(reader, chain, Part::All, file, Phase::Restoring, watch)?;
    file.0.sync().map_err(writing)?;
    let manifest = last(chain.to_vec(), id)?;
    let mut hashes = Vec::new();
    let (total, count) = (manifest.len, pages(&manifest));
    let mut page = 0;
    while page < count {
        let step = (count - page).min(MOST_PAGES as u64);
        let bytes = file.read(page, step).map_err(writing)?;
        hashes.extend(bytes.chunks_exact(PAGE_LEN).map(page_hash));
        page += step;
        let done = (page * PAGE_LEN as u64).min(total);
        tell(watch, Progress { phase: Phase::Comparing, done, total })?;
    }
    let state = super::index::State { hashes, ..Default::default() };
    if state.hash() != manifest.state || file.0.len().map_err(writing)? != manifest.len {
        return Err(BackupError::Disagrees(id.clone(), "the restored file is not what its manifest says"));
    }
    whole(file, &manifest)?;
    Ok(manifest)
}

/// Lays the packs of the whole chain, or part of them, into `target`; answers how many objects and bytes were read.
fn read(
    reader: &Reader<'_>,
    chain: &[Manifest],
    part: Part,
    target: &mut dyn Target,
    phase: Phase,
    watch: Watch<'_>,
) -> Result<(u64, u64), BackupError> {
    let mut number = 0_u64;
    let mut wanted: Vec<Vec<&Object>> = Vec::with_capacity(chain.len());
    for manifest in chain {
        let mut own = Vec::new();
        for object in &manifest.objects {
            if part.has(number) {
                own.push(object);
            }
            number += 1;
        }
        wanted.push(own);
    }
    let total = wanted.iter().flatten().map(|object| object.bytes).sum();
    let (mut objects, mut done) = (0, 0);
    for (manifest, wanted) in chain.iter().zip(&wanted) {
        target.resize(manifest.len).map_err(writing)?;
        reader.packs(manifest, wanted, |object, plain| {
            let laid = lay(target, plain, pages(manifest)).map_err(writing)?;
            laid.ok_or_else(|| BackupError::Changed(manifest.id.clone(), object.name.clone()))?;
            objects += 1;
            done += object.bytes;
            tell(watch, Progress { phase, done, total })
        })?;
    }
    Ok((objects, done))
}

impl Part {
    /// Whether the object with this number, counted from 0 over the whole chain, belongs to it.
    fn has(self, number: u64) -> bool {
        match self {
            Self::All => true,
            Self::OneOf { n, of } => {
                let of = u64::from(of.max(1));
                number % of == u64::from(n).saturating_sub(1) % of
            }
        }
    }
}

/// The manifest of the backup that was asked for.
fn last(mut chain: Vec<Manifest>, id: &Id) -> Result<Manifest, BackupError> {
    chain.pop().ok_or_else(|| BackupError::NoSuch(id.clone()))
}

fn names(chain: &[Manifest]) -> Vec<Id> {
    chain.iter().map(|manifest| manifest.id.clone()).collect()
}
