//! A vault's file with its keys in hand, and places to back it up to, for the tests of backups.
//!
//! **Invariant:** randomness and time are known; what a place tells of time is the clock's.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use veilbook::clock::{Clock, Entropy, FixedClock, SeededEntropy};
use veilbook::vault::backup::{
    BackupError, Hold, Id, Made, Opener, Owner, Part, PlaceError, Progress, Recipient, Recipients, Source, Store,
    Stored, Task, Want, make, restore, verify,
};
use veilbook::vault::file::{Disk, FileDisk, Tap};
use veilbook::vault::keyring::{KdfParams, Passphrase, Root, UserKeys, VaultId};
use veilbook::vault::opening;
use veilbook::vault::store::{Get, Put, Reader, Table, Way};
use veilbook::vault::superblock::Superblock;
use veilbook::vault::tables::{Fate, Tables};

use crate::house::{NOON, PASSPHRASE};

pub const TABLES: [Table; 30] = [
    Table::Meta,
    Table::Staff,
    Table::StaffNames,
    Table::StaffKeys,
    Table::Grants,
    Table::Roles,
    Table::Customers,
    Table::Lists,
    Table::Words,
    Table::Tokens,
    Table::Interactions,
    Table::FollowUps,
    Table::FollowUpsDue,
    Table::FollowUpsOf,
    Table::Deals,
    Table::Leaves,
    Table::Texts,
    Table::Nodes,
    Table::EntriesOf,
    Table::Checkpoints,
    Table::Usage,
    Table::Alerts,
    Table::Undo,
    Table::Drafts,
    Table::Preferences,
    Table::Reasons,
    Table::Jobs,
    Table::JobUndo,
    Table::JobStaged,
    Table::JobCarried,
];

pub type Contents = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

/// Everything in every table.
pub fn contents(reader: &Reader) -> Contents {
    let mut all = Contents::new();
    for table in TABLES {
        let mut see = |key: &[u8], value: &[u8]| {
            all.insert((table, key.to_vec()), value.to_vec());
            ControlFlow::Continue(())
        };
        reader.visit(table, &[], &[0xff; 40], Way::Up, &mut see).unwrap();
    }
    all
}

/// An open vault.
pub struct Bench {
    pub folder: TempDir,
    pub path: PathBuf,
    pub clock: Arc<FixedClock>,
    pub entropy: Arc<dyn Entropy>,
    pub root: Root,
    pub owner: UserKeys,
    pub slot: u16,
    pub vault: VaultId,
    pub tables: Option<Tables>,
}

impl Bench {
    pub fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.veil");
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(seed));
        let disk = tapped(FileDisk::create_new(&path).unwrap(), folder.path());
        let root = Root::generate(&*entropy);
        let mut superblock = Superblock::create(KdfParams::cheap_for_tests(), &root, &*entropy);
        let passphrase = Passphrase::new(PASSPHRASE).unwrap();
        let enrolled = superblock.enroll_owner(&root, "olga", &passphrase, [9; 32], &*entropy).unwrap();
        superblock.write(&*disk, &root).unwrap();
        let tables = opening::create(&disk, &superblock, &root, &entropy).unwrap();
        let clock = Arc::new(FixedClock::new(NOON));
        let (owner, slot, vault) = (enrolled.user, enrolled.slot, superblock.vault_id());
        Self { folder, path, clock, entropy, root, owner, slot, vault, tables: Some(tables) }
    }

    pub fn tables(&self) -> &Tables {
        self.tables.as_ref().unwrap()
    }

    /// Opens any copy of this vault's file.
    pub fn open(&self, path: &Path) -> Tables {
        let disk = tapped(FileDisk::open(path).unwrap(), self.folder.path());
        let (superblock, _) = Superblock::read(&*disk).unwrap();
        opening::open(&disk, &superblock, &self.root, &self.entropy).unwrap()
    }

    pub fn recovery(&self) -> UserKeys {
        UserKeys::from_secret(&[42; 32], &self.vault)
    }

    pub fn recipients(&self) -> Recipients {
        Recipients {
            owners: vec![Owner { slot: self.slot, key: Recipient::from_kem(self.owner.kem_public()) }],
            recovery: Some(Recipient::from_kem(self.recovery().kem_public())),
            root: Some(Recipient::of_root(&self.root, &self.vault)),
        }
    }

    /// Puts `count` rows of `len` random bytes, from row `first` on, `step` apart.
    pub fn put(&self, first: u64, count: u64, step: u64, len: usize) {
        let rows: Vec<_> = (0..count).map(|at| (first + at * step, self.random(len))).collect();
        let write = |to: &mut veilbook::vault::store::Writer<'_>| {
            for (row, bytes) in &rows {
                let table = [Table::Customers, Table::Leaves, Table::Words][(row % 3) as usize];
                to.put(table, &row.to_be_bytes(), bytes)?;
            }
            Ok(Fate::Commit)
        };
        let mut write = write;
        self.tables().write(&mut write).unwrap();
    }

    pub fn cut(&self, first: u64, count: u64) {
        let mut write = |to: &mut veilbook::vault::store::Writer<'_>| {
            for row in first..first + count {
                let table = [Table::Customers, Table::Leaves, Table::Words][(row % 3) as usize];
                to.remove(table, &row.to_be_bytes())?;
            }
            Ok(Fate::Commit)
        };
        self.tables().write(&mut write).unwrap();
    }

    fn random(&self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.entropy.fill(&mut bytes);
        bytes
    }

    pub fn contents(&self) -> Contents {
        contents(&self.tables().read().unwrap())
    }

    /// A backup of the open vault, an hour after the last one.
    pub fn backup(&self, store: &dyn Store, want: Want) -> Result<Made, BackupError> {
        self.backup_while(store, want, &mut |_| ControlFlow::Continue(()))
    }

    pub fn backup_while(
        &self,
        store: &dyn Store,
        want: Want,
        watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Made, BackupError> {
        let (snapshot, _) = self.tables().snapshot().unwrap();
        self.make(store, want, Source::Open { snapshot: &snapshot, note: "a note", counts: &[] }, watch)
    }

    pub fn make(
        &self,
        store: &dyn Store,
        want: Want,
        source: Source<'_>,
        watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Made, BackupError> {
        self.clock.advance(3600);
        let recipients = self.recipients();
        let (clock, entropy) = (&*self.clock, &*self.entropy);
        make(&Task { vault: &self.path, store, recipients: &recipients, want, clock, entropy }, source, watch)
    }

    pub fn opener(&self) -> Opener {
        Opener::root(&self.root, &self.vault)
    }

    pub fn verify(&self, store: &dyn Store, id: &Id) -> Result<(), BackupError> {
        verify(store, &self.vault, id, &self.opener(), Part::All, &mut on).map(|_| ())
    }

    /// Restores into a file of its own, and gives what is in it.
    pub fn restored(&self, store: &dyn Store, id: &Id) -> Result<Contents, BackupError> {
        let to = self.folder.path().join(format!("restored-{id}.veil"));
        restore(store, &self.vault, id, &self.opener(), &to, &mut on)?;
        let all = contents(&self.open(&to).read().unwrap());
        std::fs::remove_file(&to).unwrap();
        Ok(all)
    }

    pub fn place(&self) -> PathBuf {
        self.folder.path().join("backups")
    }

    /// A folder to back up to.
    pub fn folder_store(&self) -> Arc<dyn Store> {
        let place = self.place().to_str().unwrap().parse::<veilbook::vault::backup::Place>().unwrap();
        place.connect(None, &[]).unwrap()
    }
}

/// Goes on whatever is told.
pub fn on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn tapped(file: FileDisk, folder: &Path) -> Arc<dyn Disk> {
    Arc::new(Tap::new(Arc::new(file), folder.to_owned()))
}

/// A place in memory, which can be broken.
#[derive(Debug)]
pub struct MemoryPlace {
    pub objects: Mutex<BTreeMap<String, (Vec<u8>, i64)>>,
    pub hold: Option<Hold>,
    clock: Arc<FixedClock>,
    /// How many more changes it takes before it is full.
    room: AtomicI64,
}

impl MemoryPlace {
    pub fn new(bench: &Bench) -> Self {
        Self { objects: Mutex::default(), hold: None, clock: bench.clock.clone(), room: AtomicI64::new(i64::MAX) }
    }

    /// From the `n`th change on, counted from 0, nothing can be changed any more.
    pub fn break_at(&self, n: i64) {
        self.room.store(n, Ordering::SeqCst);
    }

    pub fn mend(&self) {
        self.break_at(i64::MAX);
    }

    pub fn names(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }

    pub fn remove(&self, name: &str) {
        self.objects.lock().unwrap().remove(name).unwrap();
    }

    fn take_room(&self) -> Result<(), PlaceError> {
        if self.room.fetch_sub(1, Ordering::SeqCst) > 0 { Ok(()) } else { Err(PlaceError::Full) }
    }
}

impl Store for MemoryPlace {
    fn place(&self) -> &str {
        "memory"
    }

    fn hold(&self) -> Option<Hold> {
        self.hold
    }

    fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), PlaceError> {
        self.take_room()?;
        self.objects.lock().unwrap().insert(name.to_owned(), (bytes, self.clock.now().0));
        Ok(())
    }

    fn get(&self, name: &str, most: u64) -> Result<Vec<u8>, PlaceError> {
        let bytes = self.objects.lock().unwrap().get(name).ok_or(PlaceError::Missing)?.0.clone();
        if bytes.len() as u64 > most { Err(PlaceError::TooLong(bytes.len() as u64)) } else { Ok(bytes) }
    }

    fn list(&self, folder: &str) -> Result<Vec<Stored>, PlaceError> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut out: Vec<Stored> = Vec::new();
        for (name, (bytes, written)) in &*self.objects.lock().unwrap() {
            let Some(rest) = name.strip_prefix(&prefix) else { continue };
            let stored = match rest.split_once('/') {
                Some((folder, _)) => Stored::Folder(folder.to_owned()),
                None => Stored::Object {
                    name: rest.to_owned(),
                    bytes: bytes.len() as u64,
                    written: veilbook::clock::Timestamp(*written),
                },
            };
            if out.last() != Some(&stored) {
                out.push(stored);
            }
        }
        Ok(out)
    }

    fn delete(&self, name: &str) -> Result<(), PlaceError> {
        self.take_room()?;
        self.objects.lock().unwrap().remove(name);
        Ok(())
    }
}
