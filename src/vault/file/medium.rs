//! The disk as the encrypted file sees it: counted, and refusing everything after a failed write.
//!
//! **Invariant:** once a write, resize or sync has failed, nothing more is read or written through this handle, but for
//! what makes unreadable what the failed request may have left.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::disk::Disk;
use super::error::FileError;
use super::tap::Snapshot;

/// What the file has asked of its disk since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Times the disk was told to make everything durable.
    pub syncs: u64,
    /// Writes.
    pub writes: u64,
    /// Bytes in those writes.
    pub bytes_written: u64,
    /// Reads.
    pub reads: u64,
    /// Bytes in those reads.
    pub bytes_read: u64,
}

/// A counted disk.
#[derive(Debug)]
pub(super) struct Medium {
    disk: Arc<dyn Disk>,
    poisoned: AtomicBool,
    syncs: AtomicU64,
    writes: AtomicU64,
    bytes_written: AtomicU64,
    reads: AtomicU64,
    bytes_read: AtomicU64,
}

impl Medium {
    pub(super) fn new(disk: Arc<dyn Disk>) -> Self {
        Self {
            disk,
            poisoned: AtomicBool::new(false),
            syncs: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            bytes_written: AtomicU64::new(0),
            reads: AtomicU64::new(0),
            bytes_read: AtomicU64::new(0),
        }
    }

    pub(super) fn counters(&self) -> Counters {
        Counters {
            syncs: self.syncs.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
            bytes_written: self.bytes_written.load(Ordering::Relaxed),
            reads: self.reads.load(Ordering::Relaxed),
            bytes_read: self.bytes_read.load(Ordering::Relaxed),
        }
    }

    /// An error if an earlier write failed.
    pub(super) fn check(&self) -> Result<(), FileError> {
        if self.poisoned.load(Ordering::Acquire) { Err(FileError::Poisoned) } else { Ok(()) }
    }

    /// Refuses everything from now on.
    pub(super) fn poison(&self) {
        self.poisoned.store(true, Ordering::Release);
    }

    pub(super) fn len(&self) -> Result<u64, FileError> {
        self.check()?;
        self.disk.len().map_err(|source| FileError::Io { doing: "measure", source })
    }

    pub(super) fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), FileError> {
        self.check()?;
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.bytes_read.fetch_add(out.len() as u64, Ordering::Relaxed);
        self.disk.read(offset, out).map_err(|source| FileError::Io { doing: "read", source })
    }

    /// Says that these bytes will be read soon.
    pub(super) fn expect(&self, offset: u64, len: u64) {
        self.disk.expect(offset, len);
    }

    pub(super) fn write(&self, offset: u64, data: &[u8]) -> Result<(), FileError> {
        self.check()?;
        self.writes.fetch_add(1, Ordering::Relaxed);
        self.bytes_written.fetch_add(data.len() as u64, Ordering::Relaxed);
        self.changed("write", self.disk.write(offset, data))
    }

    /// Holds this moment of the disk still. Failing harms nothing.
    pub(super) fn freeze(&self) -> Result<Snapshot, FileError> {
        self.check()?;
        self.disk.freeze().map_err(|source| FileError::Io { doing: "hold a moment of", source })
    }

    pub(super) fn set_len(&self, len: u64) -> Result<(), FileError> {
        self.check()?;
        self.changed("resize", self.disk.set_len(len))
    }

    pub(super) fn sync(&self) -> Result<(), FileError> {
        self.check()?;
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.changed("sync", self.disk.sync())
    }

    /// Writes over what a failed request may have left, as well as the disk allows: there is nobody to tell of a failure
    /// who was not told of one already.
    pub(super) fn void(&self, offset: u64, noise: &[u8]) {
        self.poison();
        self.disk.void(offset, noise);
    }

    fn changed(&self, doing: &'static str, result: io::Result<()>) -> Result<(), FileError> {
        result.map_err(|source| {
            self.poison();
            FileError::Io { doing, source }
        })
    }
}
