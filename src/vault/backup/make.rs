//! Making a backup: comparing, packing, sealing on two threads, and writing the head last.
//!
//! **Invariant:** the head is written when everything it names is durable at the place, and the index only after it; what
//! an error leaves is removed at once where possible, else a day later. At most five packs are in memory.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};

use super::changes::{self, Sink};
use super::container::Sealer;
use super::head::{self, HEAD, Head, Kind, Login, MANIFEST, Object, pack_name};
use super::id::Id;
use super::index::{self, Index, State};
use super::list;
use super::manifest::{Basis, Manifest, Parent, note_hash};
use super::pack::Packer;
use super::place::{Hold, Place, PlaceError, Store};
use super::recipient::Recipients;
use super::{BackupError, Phase, Progress, Watch, object_name, tell, vault_folder};
use crate::clock::{Clock, Entropy, Timestamp};
use crate::vault::file::shape::PAGE_LEN;
use crate::vault::file::{Disk, FileDisk, Snapshot};
use crate::vault::keyring::VaultId;
use crate::vault::superblock::Superblock;

/// Packs are sealed and written on so many threads.
const THREADS: usize = 2;

/// What a backup is made from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// An open vault: a moment of it, as `Tables::snapshot` gives it.
    Open {
        /// The moment's bytes.
        snapshot: &'a Snapshot,
        /// The last checkpoint of the record of actions, a signed note.
        note: &'a str,
        /// How many there were of what at that moment.
        counts: &'a [(String, u64)],
    },
    /// A closed vault: its file is locked while it is copied.
    Sealed,
}

/// Which kind of backup is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Everything.
    Full,
    /// What changed since the last backup to this place; everything where that is not known, no longer there, or made
    /// for others.
    Incremental,
}

/// A backup to be made.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// The vault's file. What the last backup to a place held is noted beside it.
    pub vault: &'a Path,
    /// Where to.
    pub store: &'a dyn Store,
    /// For whom.
    pub recipients: &'a Recipients,
    /// Which kind.
    pub want: Want,
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Names the backup.
    pub entropy: &'a dyn Entropy,
}

/// Shows what for and where to, not for whom.
impl std::fmt::Debug for Task<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Task");
        shown.field("vault", &self.vault).field("store", &self.store.place()).field("want", &self.want);
        shown.finish_non_exhaustive()
    }
}

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its clear part.
    pub head: Head,
    /// The bytes that were written to the place, head included.
    pub moved: u64,
    /// The bytes of the pages that had changed.
    pub changed: u64,
}

/// Makes a backup. When this returns, it is durable at the place; after an error there is none.
pub fn make(task: &Task<'_>, source: Source<'_>, watch: Watch<'_>) -> Result<Made, BackupError> {
    let sealer = Sealer::new(task.recipients)?;
    match source {
        Source::Open { snapshot, note, counts } => {
            let from = From { disk: snapshot, basis: Basis::Open, note, counts };
            copy(task, &sealer, &from, watch)
        }
        Source::Sealed => {
            let disk = FileDisk::open(task.vault)?;
            copy(task, &sealer, &From { disk: &disk, basis: Basis::Sealed, note: "", counts: &[] }, watch)
        }
    }
}

/// Whether backups of this vault were made at a place, as the index beside the vault says, and none is there now: the
/// folder of a disk that is not mounted looks like this.
pub fn is_gone(of: &Path, vault: &VaultId, store: &dyn Store) -> Result<bool, PlaceError> {
    let known = Index::load(&index::path(of, store.place())).is_some_and(|known| known.vault == *vault);
    Ok(known && store.list(&vault_folder(vault))?.is_empty())
}

/// Whether a backup of the vault at `of` was made at this place, as the index beside the vault says.
pub fn was_made(of: &Path, place: &Place) -> bool {
    index::path(of, &place.to_string()).exists()
}

/// Forgets what the last backup to any place but these held: of places that were in use once. The next backup there is
/// a full one.
pub fn forget_all_but(of: &Path, places: &[Place]) {
    let kept: BTreeSet<_> = places.iter().map(|place| index::path(of, &place.to_string())).collect();
    for other in index::all(of) {
        if !kept.contains(&other) {
            // What cannot be removed is told as missing backups, should the place be used again.
            let _ = std::fs::remove_file(other);
        }
    }
}

/// The bytes to copy, and what is said of them.
struct From<'a> {
    disk: &'a dyn Disk,
    basis: Basis,
    note: &'a str,
    counts: &'a [(String, u64)],
}

/// What a backup is of.
struct Subject {
    id: Id,
    now: Timestamp,
    superblock: Superblock,
}

fn copy(task: &Task<'_>, sealer: &Sealer, from: &From<'_>, watch: Watch<'_>) -> Result<Made, BackupError> {
    let (superblock, _) = Superblock::read(from.disk)?;
    let now = task.clock.now();
    let subject = Subject { id: Id::new(now, task.entropy), now, superblock };
    let vault = subject.superblock.vault_id();
    list::sweep(task.store, &vault, now)?;
    let index = index::path(task.vault, task.store.place());
    let known = match task.want {
        Want::Full => None,
        Want::Incremental => parent(task, &index, &subject.superblock)?,
    };
    let made = write(task, sealer, from, &subject, known, watch);
    match made {
        Ok((made, next)) => {
            // Without an index the next backup is a full one, so an old one must not stay.
            if next.save(&index, from.basis).is_err() {
                let _ = std::fs::remove_file(&index);
            }
            Ok(made)
        }
        Err(error) => {
            // Best effort: what stays is swept a day later. The error that matters is the first one.
            let _ = list::erase(task.store, &vault, &subject.id);
            Err(error)
        }
    }
}

/// What the last backup to this place held, if it and everything that it needs is still there, and was made for the same
/// people: somebody who became an owner since, or a new recovery key, could not open what it would build on.
fn parent(task: &Task<'_>, path: &Path, of: &Superblock) -> Result<Option<Index>, BackupError> {
    let (vault, file, recipients) = (of.vault_id(), of.file_id(), task.recipients.digest());
    let same = |known: &Index| known.vault == vault && known.file == file && known.recipients == recipients;
    let Some(known) = Index::load(path).filter(same) else {
        return Ok(None);
    };
    let mut next = Some(known.id.clone());
    let mut manifest = Some(known.manifest);
    let mut seen = BTreeSet::new();
    while let Some(id) = next {
        // Heads that name each other in a circle were made by nobody.
        if !seen.insert(id.clone()) {
            return Ok(None);
        }
        let head = match list::head(task.store, &vault, &id) {
            Ok(head) => head,
            Err(BackupError::Place(error)) => return Err(error.into()),
            Err(_) => return Ok(None),
        };
        if manifest.take().is_some_and(|known| known != head.manifest.sha256) {
            return Ok(None);
        }
        next = head.parent;
    }
    Ok(Some(known))
}

fn write(
    task: &Task<'_>,
    sealer: &Sealer,
    from: &From<'_>,
    subject: &Subject,
    known: Option<Index>,
    watch: Watch<'_>,
) -> Result<(Made, Index), BackupError> {
    let vault = subject.superblock.vault_id();
    let file = subject.superblock.file_id();
    let parent = known.as_ref().map(|known| Parent { id: known.id.clone(), manifest: known.manifest });
    let mut state = known.map(|known| known.state).unwrap_or_default();
    let len = from.disk.len().map_err(|source| BackupError::Io { doing: "cannot read the vault", source })?;
    let (objects, changed) = packs(task, sealer, from, subject, len, &mut state, watch)?;

    let manifest = Manifest {
        id: subject.id.clone(),
        made_at: subject.now,
        parent,
        vault,
        file,
        basis: from.basis,
        len,
        state: state.hash(),
        note: from.note.to_owned(),
        counts: from.counts.to_vec(),
        objects,
    };
    let bytes = sealer.seal(&manifest.encode())?;
    let object = head::object(MANIFEST.to_owned(), &bytes);
    let put = |name: &str, bytes| task.store.put(&object_name(&vault, &subject.id, name), bytes);
    put(MANIFEST, bytes)?;
    let head = clear_part(&manifest, object, task, &subject.superblock);
    let bytes = head.encode();
    let moved = head.bytes() + bytes.len() as u64;
    tell(watch, Progress { phase: Phase::Copying, done: len, total: len })?;
    put(HEAD, bytes)?;
    let recipients = task.recipients.digest();
    let next = Index { vault, file, id: subject.id.clone(), manifest: head.manifest.sha256, recipients, state };
    Ok((Made { head, moved, changed: changed * PAGE_LEN as u64 }, next))
}

fn clear_part(manifest: &Manifest, object: Object, task: &Task<'_>, superblock: &Superblock) -> Head {
    let (salt, kdf) = superblock.login_costs();
    let slots = task.recipients.owners.iter();
    let owners = slots.filter_map(|owner| {
        let mut bytes = Vec::new();
        superblock.slot(owner.slot)?.put(&mut bytes);
        head::personal_part(owner.slot, &bytes)
    });
    Head {
        id: manifest.id.clone(),
        vault: manifest.vault,
        parent: manifest.parent.as_ref().map(|parent| parent.id.clone()),
        made_at: manifest.made_at,
        kind: if manifest.parent.is_some() { Kind::Incremental } else { Kind::Full },
        objects: manifest.objects.clone(),
        manifest: object,
        checkpoint: (!manifest.note.is_empty()).then(|| note_hash(&manifest.note)),
        lock_until: Hold::end(task.store.hold()),
        login: Login { salt: *salt, kdf: kdf.to_vec(), owners: owners.collect() },
    }
}

/// Writes everything that changed, and answers the objects in order and how many pages had changed.
fn packs(
    task: &Task<'_>,
    sealer: &Sealer,
    from: &From<'_>,
    subject: &Subject,
    len: u64,
    state: &mut State,
    watch: Watch<'_>,
) -> Result<(Vec<Object>, u64), BackupError> {
    let (send, receive) = mpsc::sync_channel(0);
    let work = Work {
        receive: Mutex::new(receive),
        written: Mutex::default(),
        failed: AtomicBool::new(false),
        sealer,
        store: task.store,
        vault: subject.superblock.vault_id(),
        id: &subject.id,
    };
    let compared = std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| work.run());
        }
        let mut outlet = Outlet { pack: Packer::new(), sent: 0, send, work: &work, len, watch };
        let changed = changes::compare(from.disk, len, from.basis, state, &mut outlet)?;
        outlet.send_off()?;
        Ok::<_, BackupError>(changed)
    });
    let written = work.written.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut objects = Vec::with_capacity(written.len());
    for (number, object) in written {
        objects.push((number, object?));
    }
    let changed = compared?;
    objects.sort_by_key(|(number, _)| *number);
    Ok((objects.into_iter().map(|(_, object)| object).collect(), changed))
}

type Numbered = (usize, Vec<u8>);

/// What the threads share that seal packs and write them.
struct Work<'a> {
    receive: Mutex<Receiver<Numbered>>,
    written: Mutex<Vec<(usize, Result<Object, BackupError>)>>,
    failed: AtomicBool,
    sealer: &'a Sealer,
    store: &'a dyn Store,
    vault: VaultId,
    id: &'a Id,
}

impl Work<'_> {
    fn run(&self) {
        loop {
            let next = self.receive.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok((number, plain)) = next else { return };
            let done = self.write(number, plain);
            if done.is_err() {
                self.failed.store(true, Ordering::Release);
            }
            self.written.lock().unwrap_or_else(PoisonError::into_inner).push((number, done));
        }
    }

    fn write(&self, number: usize, plain: Vec<u8>) -> Result<Object, BackupError> {
        let bytes = self.sealer.seal(&plain)?;
        drop(plain);
        let object = head::object(pack_name(number), &bytes);
        self.store.put(&object_name(&self.vault, self.id, &object.name), bytes)?;
        Ok(object)
    }
}

/// Fills packs and hands them to the threads.
struct Outlet<'a, 'w> {
    pack: Packer,
    sent: usize,
    send: SyncSender<Numbered>,
    work: &'a Work<'a>,
    len: u64,
    watch: Watch<'w>,
}

impl Outlet<'_, '_> {
    fn send_off(&mut self) -> Result<(), BackupError> {
        if self.pack.is_empty() {
            return Ok(());
        }
        let full = std::mem::replace(&mut self.pack, Packer::new());
        let gone = |_| PlaceError::Failed("nobody writes any more".to_owned());
        self.send.send((self.sent, full.finish())).map_err(gone)?;
        self.sent += 1;
        Ok(())
    }
}

impl Sink for Outlet<'_, '_> {
    fn pack(&mut self) -> &mut Packer {
        &mut self.pack
    }

    fn step(&mut self, page: u64) -> Result<(), BackupError> {
        if self.work.failed.load(Ordering::Acquire) {
            // Which error it was stands with what was written, and is the one that is told.
            return Err(BackupError::Cancelled);
        }
        let done = (page * PAGE_LEN as u64).min(self.len);
        tell(self.watch, Progress { phase: Phase::Copying, done, total: self.len })?;
        if self.pack.is_full() { self.send_off() } else { Ok(()) }
    }
}
