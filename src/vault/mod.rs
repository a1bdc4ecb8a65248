//! The encrypted store: the one place that knows redb and keys.
//!
//! **Invariant:** nothing here decides who may see or do what; whoever holds the right keys may read and write.

pub mod file;
pub mod keyring;
pub mod records;
pub mod store;
pub mod superblock;
