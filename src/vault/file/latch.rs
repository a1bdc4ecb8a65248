//! A disk that stops at the first failed change, for everybody who writes to it.
//!
//! The encrypted file and the superblock lie on one disk. Where a sync failed, nobody knows which bytes are durable, of
//! neither; and the system reports it once, to whoever asked first. So the first failure is everybody's.
//!
//! **Invariant:** once a write, change of length or sync has failed, none is passed on any more, but for what makes
//! unreadable what the failed one may have left.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::disk::Disk;
use super::tap::Snapshot;

/// A disk that stops.
#[derive(Debug)]
pub struct Latch {
    disk: Arc<dyn Disk>,
    failed: AtomicBool,
}

impl Latch {
    /// In front of `disk`.
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk, failed: AtomicBool::new(false) }
    }

    fn pass(&self, change: impl FnOnce(&dyn Disk) -> io::Result<()>) -> io::Result<()> {
        if self.failed.load(Ordering::Acquire) {
            return Err(io::Error::other("an earlier write to the vault file failed: open the vault anew"));
        }
        change(&*self.disk).map_err(|error| {
            self.failed.store(true, Ordering::Release);
            advised(&error)
        })
    }
}

/// The error with what to do about it.
fn advised(error: &io::Error) -> io::Error {
    let text = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full: make room, then open the vault anew".to_owned()
        }
        _ => format!("{error}: look after the disk, then open the vault anew"),
    };
    io::Error::new(error.kind(), text)
}

impl Disk for Latch {
    fn len(&self) -> io::Result<u64> {
        self.disk.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.read(offset, out)
    }

    fn expect(&self, offset: u64, len: u64) {
        self.disk.expect(offset, len);
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.pass(|disk| disk.write(offset, data))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.pass(|disk| disk.set_len(len))
    }

    fn sync(&self) -> io::Result<()> {
        self.pass(|disk| disk.sync())
    }

    fn void(&self, offset: u64, noise: &[u8]) {
        self.disk.void(offset, noise);
    }

    fn freeze(&self) -> io::Result<Snapshot> {
        self.disk.freeze()
    }
}
