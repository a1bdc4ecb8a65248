//! The encrypted store: the one place that knows redb and keys.

pub mod file;
pub mod keyring;
pub mod records;
pub mod store;
pub mod superblock;
