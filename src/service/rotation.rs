//! Replacing the vault's keys: a copy of everything in a new file under a new ROOT, which then takes the old one's name.
//!
//! While it runs nobody writes and everybody may read. The unfinished copy opens for the person who makes it and nobody
//! else; everybody's slot is written as the last step before the copy gets its name.
//! **Invariant:** the old file is in force until the copy is whole, checked and durable, and has its name; then its desk
//! serves nobody any more. A copy that was stopped leaves nothing, one that was cut off is gone on with.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::actor::Actor;
use super::door::Done;
use super::refusal::{KeysProblem, Refusal};
use super::view::ChainCheck;
use crate::clock::Entropy;
use crate::domain::audit::NewEntry;
use crate::domain::staff::StaffState;
use crate::vault::book::{keys, staff};
use crate::vault::file::disk::{Disk, DiskError, FileDisk};
use crate::vault::keyring::Root;
use crate::vault::rotate::{self, CopyError};
use crate::vault::store::StoreError;
use crate::vault::superblock::{RECOVERY_SLOT, Superblock};
use crate::vault::{OpenError, opening};

/// The rows copied so far, of all.
pub use crate::vault::rotate::Rows;

/// A rotation that was allowed and has not begun. Dropped, it leaves everything as it is.
#[derive(Debug)]
pub struct Rotation {
    actor: Actor,
}

/// What a rotation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Rows that were copied.
    pub rows: u64,
    /// Those among them that an earlier, interrupted run had copied.
    pub from_before: u64,
}

/// Allows a rotation.
pub(super) fn prepare(actor: &Actor) -> Result<Done, Refusal> {
    if actor.desk.keeper.is_held() {
        return Err(Refusal::Keys(KeysProblem::Rotating));
    }
    Ok(Done::Rotation(Rotation { actor: actor.clone() }))
}

/// Removes an unfinished copy that an interrupted rotation left.
pub(super) fn discard(actor: &Actor) -> Result<Done, Refusal> {
    if actor.desk.keeper.is_held() {
        return Err(Refusal::Keys(KeysProblem::Rotating));
    }
    match std::fs::remove_file(actor.desk.ground.unfinished()) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Refusal::NotFound("unfinished copy")),
        Err(error) => Err(Refusal::Storage(error.to_string())),
        Ok(()) => Ok(Done::Done),
    }
}

/// Keeps everybody from writing for as long as it lives.
struct Hold<'a>(&'a Actor);

impl<'a> Hold<'a> {
    fn take(actor: &'a Actor) -> Result<Self, Refusal> {
        actor.desk.keeper.hold()?;
        actor.desk.committer.hold();
        Ok(Self(actor))
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        // A desk that was replaced never writes again: its file has lost its name.
        if !self.0.desk.retired.load(Ordering::Acquire) {
            self.0.desk.committer.release();
            self.0.desk.keeper.release();
        }
    }
}

fn storage(error: impl std::fmt::Display) -> Refusal {
    Refusal::Storage(error.to_string())
}

fn opening_failed(error: OpenError) -> Refusal {
    match error {
        OpenError::Store(error) => error.into(),
        OpenError::File(error) => Refusal::Damaged(format!("the copy under new keys: {error}")),
    }
}

impl From<CopyError> for Refusal {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Stopped => Self::Keys(KeysProblem::RotationStopped),
            CopyError::Differs(text) => Self::Damaged(text),
            CopyError::Store(error) => error.into(),
        }
    }
}

/// The file under new keys, while it is made.
struct Copy {
    disk: Arc<dyn Disk>,
    superblock: Superblock,
    root: Root,
}

impl Rotation {
    /// Runs it. `watch` hears how far it is and can stop it; afterwards everybody signs in anew.
    pub fn run(self, watch: &mut dyn FnMut(Rows) -> ControlFlow<()>) -> Result<Rotated, Refusal> {
        let actor = &self.actor;
        let _hold = Hold::take(actor)?;
        let unfinished = actor.desk.ground.unfinished();
        let made = self.make(&unfinished, watch);
        if matches!(made, Err(Refusal::Keys(KeysProblem::RotationStopped))) {
            // Where it cannot be removed, the doctor says that it is there.
            let _ = std::fs::remove_file(&unfinished);
        }
        made
    }

    fn make(&self, unfinished: &Path, watch: &mut dyn FnMut(Rows) -> ControlFlow<()>) -> Result<Rotated, Refusal> {
        let actor = &self.actor;
        let (desk, entropy) = (&actor.desk, &actor.desk.entropy.0);
        let old = desk.keeper.superblock();
        let mut copy = match self.begun(&old, unfinished)? {
            Some(begun) => begun,
            None => self.begin(&old, unfinished)?,
        };
        let tables = opening::open(&copy.disk, &copy.superblock, &copy.root, entropy).map_err(opening_failed)?;
        let copied = rotate::copy(&desk.tables, &tables, old.file_id(), watch)?;
        // Both records are the same up to here, so what is said of one holds for the other.
        let (before, after) = (desk.recorder.state(&desk.tables.read()?)?, desk.recorder.state(&tables.read()?)?);
        if (before.size, &before.root) != (after.size, &after.root) {
            return Err(Refusal::Damaged("the record of actions in the copy is another".into()));
        }
        let entry = NewEntry { count: Some(copied.rows), ..actor.entry("keys.rotate") };
        rotate::finish(&tables, &mut |to| {
            let mut note = keys::note(to)?;
            note.rotated = Some(actor.now);
            note.rotation_due = None;
            keys::put_note(to, &note)?;
            actor.record(to, &entry)?;
            desk.recorder.checkpoint(to, actor.now)?;
            Ok(())
        })?;
        // Closed and opened again, so that what is checked is what lies on the disk.
        drop(tables);
        let tables = opening::open(&copy.disk, &copy.superblock, &copy.root, entropy).map_err(opening_failed)?;
        let reader = tables.read()?;
        if let ChainCheck::Broken(fault) = desk.recorder.check(&reader)? {
            return Err(Refusal::Damaged(format!("the record of actions in the copy: {fault}")));
        }
        let keep = self.everybody(&reader)?;
        drop(reader);
        drop(tables);
        if watch(Rows { done: copied.rows, total: copied.rows }).is_break() {
            return Err(Refusal::Keys(KeysProblem::RotationStopped));
        }
        let file = copy.superblock.file_id();
        let user = &actor.keys.user;
        copy.superblock = old.rotated(file, &copy.root, &keep, user, &**entropy).map_err(storage)?;
        copy.superblock.write(&*copy.disk, &copy.root).map_err(storage)?;
        copy.disk.sync().map_err(storage)?;
        let retire = || desk.retired.store(true, Ordering::Release);
        rotate::publish(unfinished, &desk.ground.file(), retire).map_err(storage)?;
        Ok(Rotated { rows: copied.rows, from_before: copied.from_before })
    }

    /// The copy that an interrupted run of the same person left, if it is one of this file and can be gone on with.
    fn begun(&self, old: &Superblock, unfinished: &Path) -> Result<Option<Copy>, Refusal> {
        if std::fs::symlink_metadata(unfinished).is_err() {
            return Ok(None);
        }
        let file = match FileDisk::open(unfinished) {
            Ok(file) => file,
            Err(DiskError::Busy { .. }) => return Err(Refusal::Keys(KeysProblem::Rotating)),
            Err(_) => return Ok(None),
        };
        let disk = self.actor.desk.ground.lay(file);
        let Ok((superblock, _)) = Superblock::read(&*disk) else { return Ok(None) };
        let next = (superblock.vault_id(), superblock.root_epoch()) == (old.vault_id(), old.root_epoch() + 1);
        let slot = self.slot()?;
        let Some(root) = superblock.root_for(slot, &self.actor.keys.user).filter(|_| next) else { return Ok(None) };
        let copy = Copy { disk, superblock, root };
        let entropy = &self.actor.desk.entropy.0;
        let Ok(tables) = opening::open(&copy.disk, &copy.superblock, &copy.root, entropy) else { return Ok(None) };
        Ok(rotate::is_unfinished(&tables, old.file_id()).then_some(copy))
    }

    /// An empty copy, which opens for this person alone until it is whole.
    fn begin(&self, old: &Superblock, unfinished: &Path) -> Result<Copy, Refusal> {
        match std::fs::remove_file(unfinished) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(storage(error)),
            _ => {}
        }
        let disk = self.actor.desk.ground.lay(FileDisk::create_new(unfinished).map_err(storage)?);
        let entropy: &Arc<dyn Entropy> = &self.actor.desk.entropy.0;
        let user = &self.actor.keys.user;
        let root = Root::generate(&**entropy);
        let mine = [(self.slot()?, user.kem_public())];
        let mut superblock = old.rotated(entropy.bytes(), &root, &mine, user, &**entropy).map_err(storage)?;
        superblock.write(&*disk, &root).map_err(storage)?;
        drop(opening::create(&disk, &superblock, &root, entropy).map_err(opening_failed)?);
        Ok(Copy { disk, superblock, root })
    }

    fn slot(&self) -> Result<u16, Refusal> {
        let keys = staff::keys(&self.actor.desk.tables.read()?, self.actor.staff.id)?;
        Ok(keys.ok_or(Refusal::NotFound("staff member"))?.slot)
    }

    /// The slots that stay, with the keys that ROOT is sealed to.
    fn everybody(&self, from: &dyn crate::vault::store::Get) -> Result<Vec<(u16, [u8; 32])>, StoreError> {
        let mut keep = Vec::new();
        for who in staff::all(from)?.iter().filter(|s| s.state != StaffState::Disabled) {
            keep.extend(staff::keys(from, who.id)?.map(|keys| (keys.slot, keys.kem)));
        }
        keep.extend(keys::recovery_kem(from)?.map(|kem| (RECOVERY_SLOT, kem)));
        Ok(keep)
    }
}
