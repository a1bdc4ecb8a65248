//! What the vault's file lies on, so that tests can put it on a disk that fails.
//!
//! **Invariant:** nothing above this module opens, reads or writes the vault's file; a [`FileDisk`] is locked before
//! anything of it is read, and stays locked until it is dropped.

use std::fmt::Debug;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::num::NonZeroU64;
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use super::holder;
use super::tap::Snapshot;
#[cfg(doc)]
use super::tap::Tap;

/// A flat run of bytes with durable writes. Offsets and lengths are in bytes.
pub trait Disk: Debug + Send + Sync {
    /// Its length.
    fn len(&self) -> io::Result<u64>;
    /// Whether it is empty.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Fills `out` from `offset`; reading past the end is an error.
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
    /// Says that these bytes will be read soon, so that fetching them may begin. A hint, which may come to nothing.
    fn expect(&self, _offset: u64, _len: u64) {}
    /// Writes all of `data` at `offset`, growing the disk where needed.
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()>;
    /// Cuts or grows (with zeros) to `len`.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Returns when everything written before is durable.
    fn sync(&self) -> io::Result<()>;
    /// Holds this moment still for a backup. Only a [`Tap`] can.
    fn freeze(&self) -> io::Result<Snapshot> {
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Writes over bytes that must not be taken for durable after their sync failed. Best effort.
    fn void(&self, offset: u64, noise: &[u8]) {
        let _ = self.write(offset, noise).and_then(|()| self.sync());
    }
}

/// Why a file cannot be had as a disk.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// Nothing is there.
    #[error("there is no such file")]
    Missing,
    /// Something is there already.
    #[error("a file is already there")]
    Exists,
    /// A folder, a pipe, a socket or a device.
    #[error("it is not a regular file")]
    NotAFile,
    /// It has no bytes; a vault never is empty, so another program or a full disk made it.
    #[error("the file is empty")]
    Empty,
    /// It cannot be written.
    #[error("the file is read-only")]
    ReadOnly,
    /// Another opener holds it.
    #[error("another process holds the file")]
    Busy {
        /// The process, if the system tells.
        pid: Option<u32>,
    },
    /// The system said no otherwise.
    #[error("cannot open the file: {0}")]
    Io(io::Error),
}

/// A file, held exclusively. The lock goes with the value.
#[derive(Debug)]
pub struct FileDisk {
    file: File,
}

impl FileDisk {
    /// Opens the file at `path` for reading and writing, locked.
    pub fn open(path: &Path) -> Result<Self, DiskError> {
        // Asked before opening as well as after, because opening a device or a pipe can itself do something.
        refuse_what_is_no_file(&std::fs::metadata(path).map_err(opening)?)?;
        let nonblock = rustix::fs::OFlags::NONBLOCK.bits() as i32;
        let file = OpenOptions::new().read(true).write(true).custom_flags(nonblock).open(path).map_err(opening)?;
        let disk = Self::lock(file)?;
        let metadata = disk.file.metadata().map_err(DiskError::Io)?;
        refuse_what_is_no_file(&metadata)?;
        if metadata.permissions().mode() & 0o222 == 0 {
            return Err(DiskError::ReadOnly);
        }
        if metadata.len() == 0 {
            return Err(DiskError::Empty);
        }
        Ok(disk)
    }

    /// Makes an empty file at `path` that only its owner can read, locked. Never replaces anything.
    pub fn create_new(path: &Path) -> Result<Self, DiskError> {
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path).map_err(opening)?;
        Self::lock(file)
    }

    fn lock(file: File) -> Result<Self, DiskError> {
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => {
                    holder::announce(&file);
                    return Ok(Self { file });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(error)) => return Err(DiskError::Io(error)),
            }
        }
        Err(DiskError::Busy { pid: holder::of(&file) })
    }
}

/// A lock is asked for this often before the file counts as held: a process that was just killed, or a child between its
/// fork and its program, holds it a moment longer than anybody means.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(5);

fn refuse_what_is_no_file(metadata: &Metadata) -> Result<(), DiskError> {
    if metadata.is_file() { Ok(()) } else { Err(DiskError::NotAFile) }
}

fn opening(error: io::Error) -> DiskError {
    match error.kind() {
        io::ErrorKind::NotFound => DiskError::Missing,
        io::ErrorKind::AlreadyExists => DiskError::Exists,
        io::ErrorKind::IsADirectory => DiskError::NotAFile,
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => DiskError::ReadOnly,
        _ => DiskError::Io(error),
    }
}

impl Disk for FileDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(out, offset)
    }

    fn expect(&self, offset: u64, len: u64) {
        // A system that cannot begin early fetches them when they are read.
        let _ = rustix::fs::fadvise(&self.file, offset, NonZeroU64::new(len), rustix::fs::Advice::WillNeed);
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write_all_at(data, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Bytes in memory, for tests and for vaults that are thrown away.
#[derive(Default)]
pub struct MemoryDisk {
    bytes: RwLock<Vec<u8>>,
}

impl MemoryDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// A disk that holds `bytes`.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes: RwLock::new(bytes) }
    }

    /// A copy of all its bytes.
    pub fn snapshot(&self) -> Vec<u8> {
        self.bytes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Shows the length only.
impl Debug for MemoryDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let len = self.bytes.read().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("MemoryDisk").field("len", &len).finish_non_exhaustive()
    }
}

impl Disk for MemoryDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.read().unwrap_or_else(PoisonError::into_inner).len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.bytes.read().unwrap_or_else(PoisonError::into_inner);
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let from = start.checked_add(out.len()).and_then(|end| bytes.get(start..end));
        out.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut bytes = self.bytes.write().unwrap_or_else(PoisonError::into_inner);
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let end = start.checked_add(data.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        if let Some(to) = bytes.get_mut(start..end) {
            to.copy_from_slice(data);
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.bytes.write().unwrap_or_else(PoisonError::into_inner).resize(len, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_opener_is_told_who_holds_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vault");
        let first = FileDisk::create_new(&path).expect("a new file");
        first.write(0, b"x").expect("a write");
        match FileDisk::open(&path) {
            Err(DiskError::Busy { pid }) => {
                assert!(pid == Some(std::process::id()) || !cfg!(target_os = "linux"), "{pid:?}")
            }
            other => panic!("{other:?}"),
        }
        drop(first);
        assert_eq!(FileDisk::open(&path).expect("free again").len().expect("a length"), 1);
    }

    #[test]
    fn what_is_no_writable_file_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        assert!(matches!(FileDisk::open(&path("absent")), Err(DiskError::Missing)));
        assert!(matches!(FileDisk::open(folder.path()), Err(DiskError::NotAFile)));
        assert!(matches!(FileDisk::open(Path::new("/dev/null")), Err(DiskError::NotAFile)));
        std::fs::write(path("empty"), b"").expect("a write");
        assert!(matches!(FileDisk::open(&path("empty")), Err(DiskError::Empty)));
        assert!(matches!(FileDisk::create_new(&path("empty")), Err(DiskError::Exists)));
        std::fs::write(path("fixed"), b"x").expect("a write");
        std::fs::set_permissions(path("fixed"), std::fs::Permissions::from_mode(0o444)).expect("a change");
        assert!(matches!(FileDisk::open(&path("fixed")), Err(DiskError::ReadOnly)));
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, path("pipe"), rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
        assert!(matches!(FileDisk::open(&path("pipe")), Err(DiskError::NotAFile)));
    }

    #[test]
    fn memory_behaves_as_a_file_does() {
        let disk = MemoryDisk::new();
        disk.write(3, b"abc").expect("a write");
        assert_eq!(disk.snapshot(), b"\0\0\0abc");
        let mut out = [0; 2];
        disk.read(4, &mut out).expect("a read");
        assert_eq!(&out, b"bc");
        assert_eq!(disk.read(5, &mut out).map_err(|error| error.kind()), Err(io::ErrorKind::UnexpectedEof));
        disk.set_len(1).expect("a cut");
        assert_eq!(disk.len().expect("a length"), 1);
    }
}
