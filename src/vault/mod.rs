//! The encrypted store: the one place that knows redb and keys.
//!
//! **Invariant:** nothing here decides who may see or do what; whoever holds the right keys may read and write.

pub mod backup;
pub mod book;
pub mod check;
pub mod facets;
pub mod file;
pub mod index;
pub mod keyring;
pub mod opening;
pub mod pinyin;
pub mod records;
pub mod rotate;
pub mod store;
pub mod superblock;
pub mod tables;

/// Why the tables could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The encrypted file.
    #[error(transparent)]
    File(#[from] file::FileError),
    /// The tables in it.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}
