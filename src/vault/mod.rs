//! The encrypted store: the one place that knows redb and keys.

pub mod file;
