//! The encrypted file as redb's storage.
//!
//! redb asks for whole pages, but for its super-header at offset 0, which is kept in memory and goes to disk with records
//! and headers. What redb syncs is durable and authentic or refused; nothing here interprets what it stores.
//!
//! **Invariant:** reading takes no lock that a sync holds; after any failed change every further request is refused.

use std::io;
use std::ops::{Bound, ControlFlow};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use redb::{BackendError, StorageBackend};

use super::cipher::{Cipher, FileKeys, Nonces};
use super::disk::Disk;
use super::error::FileError;
use super::examine::Looked;
use super::groups::Shared;
use super::layout::{Layout, PAGE, SUPER_BYTES};
use super::medium::{Counters, Medium};
use super::recover::{self, LONGEST};
use super::tap::Snapshot;
use super::writer::Writer;
use crate::clock::Entropy;

/// An encrypted file, for `redb::Builder::create_with_backend`. Clones are handles of the same open file, so that its
/// counters can be asked and its commits confirmed while redb holds another.
#[derive(Clone)]
pub struct BlockFile(Arc<Inner>);

struct Inner {
    shared: Shared,
    writer: Mutex<Writer>,
    closed: AtomicBool,
    locked: AtomicBool,
}

impl std::fmt::Debug for BlockFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BlockFile(..)")
    }
}

impl BlockFile {
    /// Makes an empty encrypted file on `disk` from `base` on, which is a multiple of 4,096; nothing before it is touched.
    /// It is durable but for the name: make it under another one and rename it.
    pub fn create(
        disk: Arc<dyn Disk>,
        base: u64,
        file_id: [u8; 16],
        keys: FileKeys,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, FileError> {
        Self::with(disk, base, file_id, keys, entropy, recover::create)
    }

    /// Opens the encrypted file on `disk`. The disk must be locked already.
    pub fn open(
        disk: Arc<dyn Disk>,
        base: u64,
        file_id: [u8; 16],
        keys: FileKeys,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, FileError> {
        Self::with(disk, base, file_id, keys, entropy, recover::open)
    }

    fn with(
        disk: Arc<dyn Disk>,
        base: u64,
        file_id: [u8; 16],
        keys: FileKeys,
        entropy: Arc<dyn Entropy>,
        start: fn(&Shared, Nonces) -> Result<Writer, FileError>,
    ) -> Result<Self, FileError> {
        let layout = Layout::new(base).ok_or(FileError::Misuse("the base is not on a page border"))?;
        let shared = Shared::new(Medium::new(disk), layout, Cipher::new(keys, file_id));
        let writer = Mutex::new(start(&shared, Nonces::new(entropy))?);
        Ok(Self(Arc::new(Inner { shared, writer, closed: AtomicBool::new(false), locked: AtomicBool::new(false) })))
    }

    /// What was asked of the disk since this file was opened.
    pub fn counters(&self) -> Counters {
        self.0.shared.medium.counters()
    }

    /// The epoch of the last durable record or checkpoint.
    pub fn epoch(&self) -> u64 {
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner).epoch
    }

    /// Reads every page but the data blocks again and checks it against what this handle knows. `Break` where `looked`
    /// stopped it.
    pub fn examine(&self, looked: Looked<'_>) -> Result<ControlFlow<()>, FileError> {
        let writer = self.0.writer.lock().map_err(|_| FileError::Poisoned)?;
        self.check()?;
        writer.examine(&self.0.shared, looked)
    }

    /// Makes damage to the last commit's blocks tellable from a crash within it. One sync if anything was committed
    /// since the last call, else nothing; meant for idle moments.
    pub fn confirm(&self) -> Result<(), FileError> {
        self.change(Writer::confirm)
    }

    /// Checkpoints, so that the disk's bytes are a whole vault with nothing in its ring, and holds that moment still.
    /// Meant for while no transaction is under way; in one, the moment is as a crash would leave it. The disk must have
    /// a tap.
    pub fn snapshot(&self) -> Result<Snapshot, FileError> {
        self.change(|writer, shared| {
            writer.settle(shared)?;
            // A moment that cannot be held harms nothing, so it does not end the handle.
            Ok(shared.medium.freeze())
        })?
    }

    /// Runs one change under the writer's lock. A change that fails may have half happened, so it ends the handle.
    fn change<T>(&self, change: impl FnOnce(&mut Writer, &Shared) -> Result<T, FileError>) -> Result<T, FileError> {
        let shared = &self.0.shared;
        let mut writer = self.0.writer.lock().map_err(|_| FileError::Poisoned)?;
        self.check()?;
        change(&mut writer, shared).inspect_err(|_| shared.medium.poison())
    }

    fn check(&self) -> Result<(), FileError> {
        if self.0.closed.load(Ordering::Acquire) {
            return Err(FileError::Closed);
        }
        self.0.shared.medium.check()
    }

    /// The first block of a request for whole pages.
    fn block(&self, offset: u64, len: usize) -> Result<u64, FileError> {
        let len = len as u64;
        let on_border = offset.is_multiple_of(PAGE) && len.is_multiple_of(PAGE);
        if !on_border || offset.checked_add(len).is_none_or(|end| end > self.0.shared.len()) {
            return Err(FileError::Misuse("not whole pages within the length"));
        }
        (offset / PAGE).checked_sub(1).ok_or(FileError::Misuse("not a data block"))
    }

    fn read_image(&self, offset: u64, out: &mut [u8]) -> Result<(), FileError> {
        let end = offset.saturating_add(out.len() as u64);
        if end > PAGE.min(self.0.shared.len()) {
            return Err(FileError::Misuse("not within the first page"));
        }
        let image = self.0.shared.image();
        let stored = image.iter().copied().chain(std::iter::repeat(0)).skip(offset as usize);
        out.iter_mut().zip(stored).for_each(|(to, from)| *to = from);
        Ok(())
    }

    fn write_image(&self, offset: u64, data: &[u8]) -> Result<(), FileError> {
        let start = offset as usize;
        self.change(|_, shared| {
            let mut image = shared.image();
            let to = start.checked_add(data.len()).and_then(|end| image.get_mut(start..end));
            to.ok_or(FileError::Misuse("not within the super-header"))?.copy_from_slice(data);
            shared.set_image(image);
            Ok(())
        })
    }
}

fn is_whole_storage(start: Bound<u64>, end: Bound<u64>) -> bool {
    matches!(start, Bound::Unbounded | Bound::Included(0)) && end == Bound::Unbounded
}

impl StorageBackend for BlockFile {
    fn len(&self) -> io::Result<u64> {
        self.check()?;
        Ok(self.0.shared.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.check()?;
        if offset < PAGE {
            return Ok(self.read_image(offset, out)?);
        }
        let first = self.block(offset, out.len())?;
        Ok(self.0.shared.read(first, out)?)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        if !len.is_multiple_of(PAGE) || len > LONGEST {
            return Err(FileError::Misuse("not a length in pages").into());
        }
        Ok(self.change(|writer, shared| writer.resize(shared, len))?)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(self.change(Writer::sync)?)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if offset < SUPER_BYTES as u64 {
            return Ok(self.write_image(offset, data)?);
        }
        let first = self.block(offset, data.len())?;
        Ok(self.change(|writer, shared| writer.write(shared, first, data))?)
    }

    /// Checkpoints. A file that failed before is left as it is; opening it anew finds the last acknowledged state.
    fn close(&self) -> io::Result<()> {
        let settled = match self.check() {
            Ok(()) => self.change(Writer::settle),
            Err(FileError::Poisoned | FileError::Closed) => Ok(()),
            Err(error) => Err(error),
        };
        self.0.closed.store(true, Ordering::Release);
        self.0.locked.store(false, Ordering::Release);
        Ok(settled?)
    }

    /// The disk is locked against other processes; this keeps two databases of one process off the same handle.
    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        if is_whole_storage(start, end) {
            Ok(!self.0.locked.swap(true, Ordering::AcqRel))
        } else {
            Err(BackendError::Unsupported)
        }
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        if !is_whole_storage(start, end) {
            return Err(BackendError::Unsupported);
        }
        self.0.locked.store(false, Ordering::Release);
        Ok(())
    }
}
