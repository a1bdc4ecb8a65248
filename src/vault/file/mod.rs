//! The vault's file: blocks that are encrypted and authenticated one by one, under redb.
//!
//! **Invariant:** what redb was told is durable is found again after any crash, whole or refused, never changed.

pub mod disk;
