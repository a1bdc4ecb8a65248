//! What was last seen of a vault, kept outside its file, in a folder of the person who works with it.
//!
//! A file cannot tell by itself that an older copy of it was put back whole. So at sign-in, at checkpoints, in quiet
//! moments and at the end a note goes to `FOLDER/<vault id>`: a signed checkpoint of the record of actions (C2SP
//! tlog-checkpoint) whose further lines name the file, its epoch and the epoch of ROOT. At opening the file must be at
//! least as far on as the note says, and its record must go on from the note's.
//!
//! **Invariant:** nothing that the note says, lacks or contradicts keeps anybody out; a note that was not signed by the
//! vault's own key is as good as none. The folder is handed in: nothing here reads the environment.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::desk::Desk;
use super::record::{self, Recorder};
use super::view::{Examined, Odd, Seen, SeenKind};
use crate::clock::Timestamp;
use crate::domain::audit::Outcome;
use crate::ledger::checkpoint::Checkpoint;
use crate::vault::store::{Get, StoreError};

/// The longest note that is read, in bytes.
const LONGEST: u64 = 64 * 1024;
/// Notes that are written in quiet moments are at least so far apart, in milliseconds.
const APART: i64 = 20_000;
/// How many entries are looked through for one that declares a restore.
const WALK: u64 = 20_000;
/// The verb of the entry by which a restore is declared.
const RESTORED: &str = "backup.restore";

/// How far a vault's file is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    file: [u8; 16],
    root_epoch: u64,
    epoch: u64,
}

/// What a note says.
struct Note {
    at: Timestamp,
    standing: Standing,
    checkpoint: Checkpoint,
}

/// Where the notes of one open vault go, and what was found when it was opened.
#[derive(Debug, Default)]
pub(super) struct Watch {
    folder: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    found: Option<Seen>,
    to_record: Option<Seen>,
    examined: Option<Examined>,
    examined_to_record: Option<Examined>,
    written: Option<(Timestamp, u64)>,
    unread: Option<PathBuf>,
}

impl Watch {
    /// Notes go to this folder; nowhere without one.
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was found at opening, as long as the vault is open.
    pub(super) fn found(&self) -> Option<Seen> {
        self.state().found.clone()
    }

    /// What was odd at opening, if anything was.
    pub(super) fn odd(&self) -> Option<Odd> {
        let odd = Odd { seen: self.found(), fault: self.fault() };
        (odd != Odd::default()).then_some(odd)
    }

    /// What was found and is not on record yet.
    pub(super) fn to_record(&self) -> Option<Seen> {
        self.state().to_record.clone()
    }

    /// A note that was there and was not this vault's own, or nothing that can be read.
    pub(super) fn unread(&self) -> Option<PathBuf> {
        self.state().unread.clone()
    }

    /// What the check at opening found wrong, in words.
    pub(super) fn fault(&self) -> Option<String> {
        self.state().examined.as_ref().and_then(Examined::fault).map(str::to_owned)
    }

    /// The check at opening, if there was one and it is not on record yet.
    pub(super) fn examined_to_record(&self) -> Option<Examined> {
        self.state().examined_to_record.clone()
    }

    /// Notes what the check at opening found.
    pub(super) fn examined(&self, found: Option<Examined>) {
        let mut state = self.state();
        state.examined_to_record.clone_from(&found);
        state.examined = found;
    }

    /// All of it is on record.
    pub(super) fn recorded(&self) {
        let mut state = self.state();
        state.to_record = None;
        state.examined_to_record = None;
    }
}

/// Compares the file that was just opened with the note, if there is a readable one.
pub(super) fn compare(desk: &Desk) {
    let Some(path) = place(desk) else { return };
    let note = read(&path, &desk.recorder);
    let unread = note.is_none() && std::fs::symlink_metadata(&path).is_ok();
    let found = note.and_then(|note| judge(desk, &note).ok().flatten());
    let mut state = desk.watch.state();
    state.unread = unread.then_some(path);
    state.to_record.clone_from(&found);
    state.found = found;
}

/// Writes the note anew. Where that fails, the older note stays, which says less and nothing wrong.
pub(super) fn keep(desk: &Desk) {
    let _ = try_keep(desk);
}

/// As [`keep`], if something happened since and the last note is not fresh; for quiet moments.
pub(super) fn keep_sometimes(desk: &Desk) {
    let now = desk.now();
    let due = desk.watch.state().written.is_none_or(|(at, size)| {
        let fresh = (0..APART).contains(&now.since(at));
        !fresh && desk.tables.read().is_ok_and(|from| record::size(&from).is_ok_and(|there| there != size))
    });
    if due {
        keep(desk);
    }
}

/// Writes the note anew and says why not.
pub(super) fn try_keep(desk: &Desk) -> io::Result<()> {
    let Some(path) = place(desk) else { return Ok(()) };
    // The epoch first: a note may say less than there is, never more.
    let standing = standing(desk);
    let now = desk.now();
    let from = desk.tables.read().map_err(io::Error::other)?;
    let size = record::size(&from).map_err(io::Error::other)?;
    let text = desk.recorder.note(&from, standing.lines(now)).map_err(io::Error::other)?;
    drop(from);
    write(&path, text.as_bytes())?;
    desk.watch.state().written = Some((now, size));
    Ok(())
}

fn place(desk: &Desk) -> Option<PathBuf> {
    let name: String = desk.tables.id().iter().map(|byte| format!("{byte:02x}")).collect();
    desk.watch.folder.as_ref().map(|folder| folder.join(name))
}

fn standing(desk: &Desk) -> Standing {
    let (file, root_epoch) = desk.keeper.file_and_epoch();
    Standing { file, root_epoch, epoch: desk.tables.epoch() }
}

impl Standing {
    fn lines(self, at: Timestamp) -> Vec<String> {
        let file: String = self.file.iter().map(|byte| format!("{byte:02x}")).collect();
        vec![
            format!("file {file}"),
            format!("root epoch {}", self.root_epoch),
            format!("epoch {}", self.epoch),
            format!("time {}", at.0),
        ]
    }
}

impl Note {
    fn of(checkpoint: Checkpoint) -> Option<Self> {
        let [file, root_epoch, epoch, at] = checkpoint.extensions.as_slice() else { return None };
        let file = u128::from_str_radix(file.strip_prefix("file ")?, 16).ok()?.to_be_bytes();
        let root_epoch = root_epoch.strip_prefix("root epoch ")?.parse().ok()?;
        let epoch = epoch.strip_prefix("epoch ")?.parse().ok()?;
        let at = Timestamp(at.strip_prefix("time ")?.parse().ok()?);
        Some(Self { at, standing: Standing { file, root_epoch, epoch }, checkpoint })
    }
}

/// What differs, if it is worth saying.
fn judge(desk: &Desk, note: &Note) -> Result<Option<Seen>, StoreError> {
    let from = desk.tables.read()?;
    let entries = record::size(&from)?;
    let goes_on = desk.recorder.goes_on_from(&from, &note.checkpoint)?;
    let (then, now) = (note.standing, standing(desk));
    let older = now.root_epoch < then.root_epoch || (now.file == then.file && now.epoch < then.epoch);
    let same_age = now.file != then.file && now.root_epoch == then.root_epoch;
    let kind = if goes_on && !older && !same_age {
        // A new file under a new ROOT whose record goes on is what a rotation leaves.
        (now.file != then.file).then_some(SeenKind::Rotated)
    } else if restored_since(&from, entries, note.at)? {
        Some(SeenKind::Restored)
    } else if older || entries < note.checkpoint.size {
        Some(SeenKind::Older)
    } else {
        Some(SeenKind::OtherCopy)
    };
    Ok(kind.map(|kind| Seen { kind, entries: note.checkpoint.size, at: note.at, now: entries }))
}

/// Whether the record's end has an entry, younger than the note, that declares a restore. Only who holds ROOT can write
/// one, so an older copy that was merely put back has none.
fn restored_since(from: &dyn Get, entries: u64, since: Timestamp) -> Result<bool, StoreError> {
    for seq in (entries.saturating_sub(WALK)..entries).rev() {
        let Some(entry) = record::entry(from, crate::domain::id::EntrySeq(seq))? else { continue };
        if entry.what.time < since {
            return Ok(false);
        }
        if entry.what.action == RESTORED && entry.what.outcome == Outcome::Done {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The note, if there is one that the vault's own key signed. Nothing but an ordinary, short file is read.
fn read(path: &Path, recorder: &Recorder) -> Option<Note> {
    let meta = std::fs::symlink_metadata(path).ok()?;
    if !meta.is_file() || meta.len() > LONGEST {
        return None;
    }
    let nonblock = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).ok()?;
    let file = OpenOptions::new().read(true).custom_flags(nonblock).open(path).ok()?;
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).ok()?;
    Note::of(recorder.read_note(&text)?)
}

/// Replaces the note in one step, readable by its owner alone.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let next = path.with_extension("new");
    // What a crash left under that name may not be ours to open; removing it takes only the folder's consent.
    let _ = std::fs::remove_file(&next);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&next)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_data());
    let moved = written.and_then(|()| std::fs::rename(&next, path));
    if moved.is_err() {
        // The error that matters is the first one.
        let _ = std::fs::remove_file(&next);
    }
    moved
}
