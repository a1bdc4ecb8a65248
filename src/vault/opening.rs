//! From an unlocked superblock to open tables.
//!
//! **Invariant:** the disk was locked before anything of it was read.

use std::path::Path;
use std::sync::Arc;

use redb::Database;

use super::OpenError;
use super::file::disk::Disk;
use super::file::{BlockFile, FileError, FileKeys};
use super::keyring::Root;
use super::store::StoreError;
use super::superblock::{SUPERBLOCK_REGION, Superblock};
use super::tables::Tables;
use crate::clock::Entropy;

/// How much of the tables is kept in memory. What lies there is plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cache {
    mebibytes: u16,
}

impl Cache {
    /// So many mebibytes.
    pub fn mebibytes(mebibytes: u16) -> Self {
        Self { mebibytes }
    }

    fn bytes(self) -> usize {
        usize::from(self.mebibytes) << 20
    }
}

/// 32 MiB, which holds what a person works with out of 100,000 customers.
impl Default for Cache {
    fn default() -> Self {
        Self { mebibytes: 32 }
    }
}

/// Makes the tables of a new vault behind its superblock.
pub fn create(
    disk: &Arc<dyn Disk>,
    superblock: &Superblock,
    root: &Root,
    entropy: &Arc<dyn Entropy>,
) -> Result<Tables, OpenError> {
    tables(BlockFile::create, disk, superblock, root, entropy, Cache::default())
}

/// Opens the tables of a vault, with the usual cache.
pub fn open(
    disk: &Arc<dyn Disk>,
    superblock: &Superblock,
    root: &Root,
    entropy: &Arc<dyn Entropy>,
) -> Result<Tables, OpenError> {
    open_with(disk, superblock, root, entropy, Cache::default())
}

/// Opens the tables of a vault.
pub fn open_with(
    disk: &Arc<dyn Disk>,
    superblock: &Superblock,
    root: &Root,
    entropy: &Arc<dyn Entropy>,
    cache: Cache,
) -> Result<Tables, OpenError> {
    tables(BlockFile::open, disk, superblock, root, entropy, cache)
}

type Start = fn(Arc<dyn Disk>, u64, [u8; 16], FileKeys, Arc<dyn Entropy>) -> Result<BlockFile, FileError>;

fn tables(
    start: Start,
    disk: &Arc<dyn Disk>,
    superblock: &Superblock,
    root: &Root,
    entropy: &Arc<dyn Entropy>,
    cache: Cache,
) -> Result<Tables, OpenError> {
    let vault = superblock.vault_id();
    let keys = FileKeys::derive(&root.derive("file", &vault, &[]), &vault);
    let blocks = start(Arc::clone(disk), SUPERBLOCK_REGION, superblock.file_id(), keys, Arc::clone(entropy))?;
    let database = Database::builder().set_cache_size(cache.bytes()).create_with_backend(blocks.clone());
    Ok(Tables::new(database.map_err(StoreError::from)?, blocks, vault))
}

/// Gives a finished file its name, durably. Nothing that has the name is replaced.
pub fn publish(unfinished: &Path, name: &Path) -> std::io::Result<()> {
    std::fs::hard_link(unfinished, name)?;
    std::fs::remove_file(unfinished)?;
    sync_folder(name)
}

/// Makes the name of a file durable.
pub fn sync_folder(name: &Path) -> std::io::Result<()> {
    let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}
