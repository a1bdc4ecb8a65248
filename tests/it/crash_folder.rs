//! A vault's folder whose files lie on crash disks, one each, with one log of all that happens to any of them and to their
//! names; and what a crash at any moment of that log may have left.
//!
//! The folder is a real one, so making, renaming and removing are the system's. Of the vault's file and of the unfinished
//! one beside it, it holds only the number of the disk with the bytes. Whatever else lies there, backups among it, is not
//! on a crash disk: it is kept as it was when somebody last looked.
//! **Invariant:** a call on a disk and its place in the log are one step; a change of names has its place before the first
//! call that comes after it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;
use veilbook::vault::file::{Disk, FileDisk};

use super::crash_disk::{CrashDisk, Crashes, Dice, Image, Left};

const VAULT: &str = "book.veil";
/// The copy under new keys, while it is made.
const UNFINISHED: &str = "book.veil.rotating";

/// Files below the folder.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// What there is while nobody is at work.
#[derive(Clone)]
pub struct Scene {
    pub vault: Image,
    pub unfinished: Option<Image>,
    around: Arc<Files>,
}

impl Scene {
    /// A vault and nothing else.
    pub fn new(vault: Image) -> Self {
        Self { vault, unfinished: None, around: Arc::default() }
    }
}

/// The disk that each name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Names {
    vault: usize,
    unfinished: Option<usize>,
}

enum Step {
    /// A call on the disk of this number, which stands in the disk's own log.
    Call(usize),
    Names(Names),
    Around(Arc<Files>),
}

struct Log {
    /// Each with what it began as.
    disks: Vec<(Image, Arc<CrashDisk>)>,
    steps: Vec<Step>,
    first: Names,
    names: Names,
}

/// A folder with a log.
pub struct Folder {
    root: Arc<TempDir>,
    around: Arc<Files>,
    log: Mutex<Log>,
}

impl Folder {
    /// Lays out a scene in a folder, in place of whatever is there.
    pub fn lay_out(root: &Arc<TempDir>, scene: &Scene) -> Arc<Self> {
        for entry in std::fs::read_dir(root.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) }.unwrap();
        }
        for (path, bytes) in &*scene.around {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let mut disks = vec![(scene.vault.clone(), Arc::new(CrashDisk::new(scene.vault.clone())))];
        std::fs::write(root.path().join(VAULT), [0]).unwrap();
        if let Some(image) = &scene.unfinished {
            disks.push((image.clone(), Arc::new(CrashDisk::new(image.clone()))));
            // A file that had nothing written to it is empty for whoever opens it.
            std::fs::write(root.path().join(UNFINISHED), if image.len() > 0 { &[1][..] } else { &[] }).unwrap();
        }
        Self::with(root, disks, scene.around.clone())
    }

    /// A folder whose vault lies on `disk`.
    pub fn holding(disk: &Arc<CrashDisk>) -> Arc<Self> {
        let root = Arc::new(tempfile::tempdir().unwrap());
        std::fs::write(root.path().join(VAULT), [0]).unwrap();
        Self::with(&root, vec![(disk.image(), disk.clone())], Arc::default())
    }

    fn with(root: &Arc<TempDir>, disks: Vec<(Image, Arc<CrashDisk>)>, around: Arc<Files>) -> Arc<Self> {
        let names = Names { vault: 0, unfinished: (disks.len() > 1).then_some(1) };
        let log = Log { disks, steps: Vec::new(), first: names, names };
        Arc::new(Self { root: root.clone(), around, log: Mutex::new(log) })
    }

    /// The vault's file.
    pub fn vault(&self) -> PathBuf {
        self.root.path().join(VAULT)
    }

    /// Whether a rotation that was cut off left its copy.
    pub fn has_unfinished(&self) -> bool {
        self.root.path().join(UNFINISHED).exists()
    }

    /// Where backups go.
    pub fn place(&self) -> PathBuf {
        self.root.path().join("place")
    }

    /// The crash disk of an opened file; a new one where the file is new.
    pub fn lay(self: &Arc<Self>, file: FileDisk) -> Arc<dyn Disk> {
        let mut log = self.log();
        let mut number = [0];
        if file.is_empty().unwrap() {
            number = [u8::try_from(log.disks.len()).unwrap()];
            file.write(0, &number).unwrap();
            log.disks.push((Image::default(), Arc::new(CrashDisk::new(Image::default()))));
        } else {
            file.read(0, &mut number).unwrap();
        }
        self.look(&mut log);
        let number = usize::from(number[0]);
        let disk = log.disks[number].1.clone();
        Arc::new(Laid { number, disk, folder: self.clone(), _file: file })
    }

    /// How much has happened so far.
    pub fn moment(&self) -> usize {
        let mut log = self.log();
        self.look(&mut log);
        log.steps.len()
    }

    /// Keeps what lies around the vault as it is now.
    pub fn look_around(&self) {
        let mut files = Files::new();
        gather(self.root.path(), self.root.path(), &mut files);
        self.log().steps.push(Step::Around(Arc::new(files)));
    }

    /// Refuses everything from now on, so that whoever still has a file open lets go quickly.
    pub fn switch_off(&self) {
        self.log().disks.iter().for_each(|(_, disk)| disk.switch_off());
    }

    /// Everything that happened; the log begins anew.
    pub fn take_story(&self) -> Story {
        let mut log = self.log();
        self.look(&mut log);
        let steps = std::mem::take(&mut log.steps);
        let begun = |(image, disk): &(Image, Arc<CrashDisk>)| (Crashes::new(image.clone(), disk.take_log()), 0);
        let disks = log.disks.iter().map(begun).collect();
        Story { steps, told: 0, names: log.first, around: self.around.clone(), disks }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn number(&self, name: &str) -> Option<usize> {
        std::fs::read(self.root.path().join(name)).ok()?.first().copied().map(usize::from)
    }

    fn look(&self, log: &mut Log) {
        let Some(vault) = self.number(VAULT) else { return };
        let names = Names { vault, unfinished: self.number(UNFINISHED) };
        if names != log.names {
            log.names = names;
            log.steps.push(Step::Names(names));
        }
    }

    fn logged<T>(&self, number: usize, disk: &CrashDisk, call: impl FnOnce() -> T) -> T {
        let mut log = self.log();
        self.look(&mut log);
        let before = disk.moment();
        let done = call();
        log.steps.extend((before..disk.moment()).map(|_| Step::Call(number)));
        done
    }
}

/// The files below `folder`, without those on crash disks. What goes while one looks was never there.
fn gather(root: &Path, folder: &Path, files: &mut Files) {
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let name = path.strip_prefix(root).unwrap();
        if path.is_dir() {
            gather(root, &path, files);
        } else if name != Path::new(VAULT)
            && name != Path::new(UNFINISHED)
            && let Ok(bytes) = std::fs::read(&path)
        {
            files.insert(name.to_owned(), bytes);
        }
    }
}

/// An opened file: the lock is the real one's, the bytes are the crash disk's.
struct Laid {
    number: usize,
    disk: Arc<CrashDisk>,
    folder: Arc<Folder>,
    _file: FileDisk,
}

impl std::fmt::Debug for Laid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Laid({})", self.number)
    }
}

impl Disk for Laid {
    fn len(&self) -> io::Result<u64> {
        self.disk.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.read(offset, out)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.folder.logged(self.number, &self.disk, || self.disk.write(offset, data))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.folder.logged(self.number, &self.disk, || self.disk.set_len(len))
    }

    fn sync(&self) -> io::Result<()> {
        self.folder.logged(self.number, &self.disk, || self.disk.sync())
    }
}

/// Walks a log forwards and stops at moments on the way.
pub struct Story {
    steps: Vec<Step>,
    told: usize,
    names: Names,
    around: Arc<Files>,
    /// Each with how many of its calls have been told.
    disks: Vec<(Crashes, usize)>,
}

impl Story {
    /// How long it is.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// The moments just before a file was made, renamed or removed.
    pub fn turns(&self) -> Vec<usize> {
        (0..self.steps.len()).filter(|at| matches!(self.steps[*at], Step::Names(_))).collect()
    }

    /// What a power failure after `moment` steps leaves. Moments must not go backwards from call to call.
    pub fn after_power_failure(&mut self, moment: usize, dice: &mut Dice) -> Scene {
        for step in &self.steps[self.told..moment] {
            match step {
                Step::Call(number) => self.disks[*number].1 += 1,
                Step::Names(names) => self.names = *names,
                Step::Around(files) => self.around = files.clone(),
            }
        }
        self.told = moment;
        let mut left = |number: usize| -> Left {
            let (crashes, calls) = &mut self.disks[number];
            crashes.at(*calls)
        };
        let (vault, unfinished) = (left(self.names.vault), self.names.unfinished.map(left));
        // The name of a new file is not durable before its folder is.
        let unfinished = unfinished.filter(|_| !dice.one_in(8)).map(|left| left.after_power_failure(dice));
        Scene { vault: vault.after_power_failure(dice), unfinished, around: self.around.clone() }
    }
}
