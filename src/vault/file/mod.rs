//! The vault's file: blocks that are encrypted and authenticated one by one, under redb.

pub mod disk;
