//! The encrypted store: the one place that knows redb and keys.

pub mod file;
pub mod records;
pub mod store;
