//! The vault's file: blocks that are encrypted and authenticated one by one, under redb.
//!
//! Reading order: `disk` (what it lies on), `tap` (a moment of it held still), `layout` (where everything lies), `cipher`, `header`, `recent`, `tags`, `ring`
//! (the formats), `groups` (reading), `writer`, `checkpoint` (writing), `recover` (opening), `blocks` (redb's door), `shape` (what can be told
//! without keys). `examine` looks at all pages again, `latch` stops a disk that failed, `steps` names what protects from crashes.
//!
//! **Invariant:** what redb was told is durable is found again after any crash, whole or refused, never changed.

pub mod blocks;
mod checkpoint;
mod cipher;
mod codec;
pub mod disk;
mod error;
mod examine;
mod groups;
mod header;
mod holder;
pub mod latch;
mod layout;
mod medium;
mod recent;
mod recover;
mod ring;
pub(in crate::vault) mod shape;
mod steps;
mod tags;
pub mod tap;
#[cfg(test)]
mod tests;
mod writer;

pub use blocks::BlockFile;
pub use cipher::FileKeys;
pub use disk::{Disk, DiskError, FileDisk, MemoryDisk};
pub use error::{FileError, Part};
pub use examine::Looked;
pub use latch::Latch;
pub use medium::Counters;
pub use tap::{Snapshot, Tap};
