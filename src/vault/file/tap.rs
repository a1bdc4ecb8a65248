//! A disk that can hold a moment still: while a [`Snapshot`] is open, the bytes that are written over or cut off are kept,
//! so that a backup reads the file of that moment while work goes on.
//!
//! What is kept lies in memory up to [`IN_MEMORY`] bytes and after that in a file without a name in the vault's folder.
//! **Invariant:** a snapshot never makes a write fail: where the old bytes cannot be kept, the snapshot is lost and says
//! so. A page is kept before it is written over, so a reader that finds it not kept has read the old bytes.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::disk::Disk;
use super::layout::{PAGE, PAGE_BYTES};

/// How many bytes of old pages one snapshot keeps in memory.
pub const IN_MEMORY: usize = 16 * 1024 * 1024;

/// The snapshots that are open.
type Open = Arc<RwLock<Vec<Arc<Images>>>>;

/// A disk around another one. Costs one uncontended lock a write while no snapshot is open.
#[derive(Debug)]
pub struct Tap {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    open: Open,
}

impl Tap {
    /// A tap on `disk`; what does not fit into memory is kept in `folder`.
    pub fn new(disk: Arc<dyn Disk>, folder: PathBuf) -> Self {
        Self { disk, folder, open: Open::default() }
    }

    fn keep(&self, images: &[Arc<Images>], from: u64, to: u64) {
        images.iter().for_each(|images| images.keep(&*self.disk, from, to));
    }
}

impl Disk for Tap {
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
        // Held during the write, so that no moment begins in the middle of one.
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        self.keep(&open, offset, offset.saturating_add(data.len() as u64));
        self.disk.write(offset, data)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        self.keep(&open, len, u64::MAX);
        self.disk.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.sync()
    }

    fn freeze(&self) -> io::Result<Snapshot> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        let images = Arc::new(Images { len: self.disk.len()?, kept: Mutex::new(Kept::new(self.folder.clone())) });
        open.push(Arc::clone(&images));
        Ok(Snapshot { disk: Arc::clone(&self.disk), images, open: Arc::clone(&self.open) })
    }
}

/// The bytes of a disk at one moment. Dropping it frees what was kept for it.
#[derive(Debug)]
pub struct Snapshot {
    disk: Arc<dyn Disk>,
    images: Arc<Images>,
    open: Open,
}

impl Snapshot {
    /// How many pages had to be kept so far.
    pub fn kept(&self) -> usize {
        self.images.kept().places.len()
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.retain(|images| !Arc::ptr_eq(images, &self.images));
    }
}

/// Reading gives the moment's bytes; everything else is refused.
impl Disk for Snapshot {
    fn len(&self) -> io::Result<u64> {
        Ok(self.images.len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(out.len() as u64).filter(|end| *end <= self.images.len);
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        // Read first and asked afterwards: what is not kept by then had not been written over when it was read.
        let read = self.disk.read(offset, out);
        let mut kept = self.images.kept();
        if kept.lost {
            return Err(io::Error::other("the bytes of that moment could not be kept"));
        }
        let mut at = offset;
        while at < end {
            let page = at / PAGE;
            let part = ((page + 1) * PAGE).min(end);
            let to = out.get_mut((at - offset) as usize..(part - offset) as usize).unwrap_or_default();
            let found = kept.copy(page, (at % PAGE) as usize, to)?;
            if !found && read.is_err() {
                // The file was cut meanwhile; with the lock in hand this page cannot be.
                self.disk.read(at, to)?;
            }
            at = part;
        }
        Ok(())
    }

    fn write(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn set_len(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// The old bytes that one snapshot needs.
struct Images {
    /// The disk's length at that moment.
    len: u64,
    kept: Mutex<Kept>,
}

impl std::fmt::Debug for Images {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Images").field("len", &self.len).finish_non_exhaustive()
    }
}

impl Images {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the pages that `from..to` touches, where they belong to the moment and are not kept yet.
    fn keep(&self, disk: &dyn Disk, from: u64, to: u64) {
        let to = to.min(self.len);
        if from >= to {
            return;
        }
        let mut kept = self.kept();
        for page in from / PAGE..to.div_ceil(PAGE) {
            if kept.lost {
                return;
            }
            if kept.places.contains_key(&page) {
                continue;
            }
            let start = page * PAGE;
            let mut bytes = vec![0; PAGE.min(self.len - start) as usize];
            if disk.read(start, &mut bytes).and_then(|()| kept.put(page, bytes)).is_err() {
                kept.lose();
            }
        }
    }
}

enum Place {
    Memory(Vec<u8>),
    /// At this page of the file without a name.
    Spilled(u64),
}

struct Kept {
    places: HashMap<u64, Place>,
    memory: usize,
    folder: PathBuf,
    spill: Option<File>,
    spilled: u64,
    lost: bool,
}

impl Kept {
    fn new(folder: PathBuf) -> Self {
        Self { places: HashMap::new(), memory: 0, folder, spill: None, spilled: 0, lost: false }
    }

    fn put(&mut self, page: u64, bytes: Vec<u8>) -> io::Result<()> {
        if self.memory + bytes.len() <= IN_MEMORY {
            self.memory += bytes.len();
            self.places.insert(page, Place::Memory(bytes));
            return Ok(());
        }
        let file = match self.spill.take() {
            Some(file) => file,
            None => tempfile::tempfile_in(&self.folder)?,
        };
        let written = file.write_all_at(&bytes, self.spilled * PAGE);
        self.spill = Some(file);
        written?;
        self.places.insert(page, Place::Spilled(self.spilled));
        self.spilled += 1;
        Ok(())
    }

    /// Copies from a kept page; says whether it was kept.
    fn copy(&mut self, page: u64, skip: usize, to: &mut [u8]) -> io::Result<bool> {
        match self.places.get(&page) {
            None => return Ok(false),
            Some(Place::Memory(bytes)) => {
                let from = bytes.get(skip..skip + to.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
                to.copy_from_slice(from);
            }
            Some(Place::Spilled(at)) => {
                let file = self.spill.as_ref().ok_or(io::ErrorKind::UnexpectedEof)?;
                file.read_exact_at(to, at * PAGE + skip as u64)?;
            }
        }
        Ok(true)
    }

    fn lose(&mut self) {
        self.places.clear();
        self.spill = None;
        self.lost = true;
    }
}

const _: () = assert!(IN_MEMORY.is_multiple_of(PAGE_BYTES));

#[cfg(test)]
mod tests {
    use super::super::disk::MemoryDisk;
    use super::*;

    fn tap(pages: usize) -> (Arc<MemoryDisk>, Tap, tempfile::TempDir) {
        let bytes: Vec<u8> = (0..pages).flat_map(|page| vec![page as u8; PAGE_BYTES]).collect();
        let disk = Arc::new(MemoryDisk::from_bytes(bytes));
        let folder = tempfile::tempdir().expect("a folder");
        let tap = Tap::new(Arc::clone(&disk) as Arc<dyn Disk>, folder.path().to_owned());
        (disk, tap, folder)
    }

    fn all(disk: &dyn Disk) -> Vec<u8> {
        let mut out = vec![0; disk.len().expect("a length") as usize];
        disk.read(0, &mut out).expect("a read");
        out
    }

    #[test]
    fn a_snapshot_reads_its_moment_whatever_is_written_cut_or_grown_afterwards() {
        let (disk, tap, _folder) = tap(8);
        let before = disk.snapshot();
        let first = tap.freeze().expect("a moment");
        tap.write(5000, &[0xaa; 5000]).expect("a write");
        let between = disk.snapshot();
        let second = tap.freeze().expect("a moment");
        tap.set_len(3 * PAGE + 7).expect("a cut");
        assert!(all(&first) == before && all(&second) == between);
        tap.set_len(9 * PAGE).expect("growth");
        tap.write(0, &vec![0xbb; 9 * PAGE_BYTES]).expect("a write");
        assert!(all(&first) == before && all(&second) == between);
        let mut part = [0; 100];
        first.read(PAGE - 50, &mut part).expect("a read");
        assert!(part[..50] == [0; 50] && part[50..] == [1; 50]);
        assert!(first.read(8 * PAGE - 1, &mut [0; 2]).is_err());
        assert!(first.write(0, b"x").is_err() && first.set_len(0).is_err());
        drop(second);
        assert!(all(&first) == before);
    }

    #[test]
    fn what_does_not_fit_into_memory_is_kept_in_a_file_without_a_name() {
        let pages = IN_MEMORY / PAGE_BYTES + 50;
        let (disk, tap, folder) = tap(pages);
        let before = disk.snapshot();
        let moment = tap.freeze().expect("a moment");
        for page in 0..pages as u64 {
            tap.write(page * PAGE, &[0xcc; PAGE_BYTES]).expect("a write");
        }
        assert_eq!(moment.kept(), pages);
        assert!(all(&moment) == before);
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "it has no name");
    }

    #[test]
    fn where_old_bytes_cannot_be_kept_the_work_goes_on_and_the_snapshot_says_so() {
        let pages = IN_MEMORY / PAGE_BYTES + 1;
        let (disk, tap, folder) = tap(pages);
        let moment = tap.freeze().expect("a moment");
        drop(folder);
        tap.write(0, &vec![0xdd; pages * PAGE_BYTES]).expect("work goes on");
        assert!(disk.snapshot().iter().all(|byte| *byte == 0xdd));
        assert!(moment.read(0, &mut [0; 1]).is_err());
    }

    #[test]
    fn nothing_is_kept_once_no_snapshot_is_open() {
        let (_, tap, _folder) = tap(2);
        drop(tap.freeze().expect("a moment"));
        tap.write(0, &[1; 10]).expect("a write");
        let later = tap.freeze().expect("a moment");
        assert_eq!(later.kept(), 0);
    }
}
