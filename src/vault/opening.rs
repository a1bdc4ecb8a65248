//! From an unlocked superblock to open tables.
//!
//! **Invariant:** the disk was locked before anything of it was read.

use std::path::Path;
use std::sync::Arc;

use redb::Database;

use super::file::disk::Disk;
use super::file::{BlockFile, FileKeys};
use super::keyring::Root;
use super::store::StoreError;
use super::superblock::{SUPERBLOCK_REGION, Superblock};
use super::tables::Tables;
use crate::clock::Entropy;

/// How much of the tables is kept in memory, in bytes. What lies there is plaintext.
pub const CACHE: usize = 32 * 1024 * 1024;

/// Makes the tables of a new vault behind its superblock.
pub fn create(
    disk: &Arc<dyn Disk>,
    superblock: &Superblock,
    root: &Root,
    entropy: &Arc<dyn Entropy>,
) -> Result<Tables, crate::vault::OpenError> {
    let blocks = BlockFile::create(
        Arc::clone(disk),
        SUPERBLOCK_REGION,
        superblock.file_id(),
        keys(superblock, root),
        Arc::clone(entropy),
    )?;
    tables(blocks, superblock)
}

/// Opens the tables of a vault.
pub fn open(
    disk: &Arc<dyn Disk>,
    superblock: &Superblock,
    root: &Root,
    entropy: &Arc<dyn Entropy>,
) -> Result<Tables, crate::vault::OpenError> {
    let blocks = BlockFile::open(
        Arc::clone(disk),
        SUPERBLOCK_REGION,
        superblock.file_id(),
        keys(superblock, root),
        Arc::clone(entropy),
    )?;
    tables(blocks, superblock)
}

fn keys(superblock: &Superblock, root: &Root) -> FileKeys {
    FileKeys::derive(&root.derive("file", &superblock.vault_id(), &[]), &superblock.vault_id())
}

fn tables(blocks: BlockFile, superblock: &Superblock) -> Result<Tables, crate::vault::OpenError> {
    let builder = Database::builder().set_cache_size(CACHE).create_with_backend(blocks.clone());
    Ok(Tables::new(builder.map_err(StoreError::from)?, blocks, superblock.vault_id()))
}

/// Gives a finished file its name, durably. Nothing that has the name is replaced.
pub fn publish(unfinished: &Path, name: &Path) -> std::io::Result<()> {
    std::fs::hard_link(unfinished, name)?;
    std::fs::remove_file(unfinished)?;
    let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}
