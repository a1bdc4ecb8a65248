//! Registering the public keys with which staff come over SSH, and the list of them that the listener reads.
//!
//! The listener is a process without keys, and the vault may be sealed when somebody knocks; so the fingerprints of all
//! registered keys, and nothing else, stand in a file beside the vault.
//! **Invariant:** the file follows the record: it is written anew after every change and at every opening, never before.

use std::ffi::OsString;
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::actor::Actor;
use super::desk::Desk;
use super::door::Done;
use super::refusal::Refusal;
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::id::StaffId;
use crate::domain::staff::StaffState;
use crate::domain::staff_key::{Fingerprint, KnownKeys, StaffKey};
use crate::vault::book::{staff, staff_keys};
use crate::vault::store::{Put, StoreError};

/// One writes at a time, so that the last file is of the last state.
static WRITING: Mutex<()> = Mutex::new(());

/// Registers a key for somebody.
pub(super) fn add(actor: &Actor, id: StaffId, key: StaffKey) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let who = staff::get(to, id)?.filter(|who| who.state != StaffState::Disabled);
        who.ok_or(Refusal::NotFound("staff member"))?;
        if staff_keys::holder(to, key.fingerprint())?.is_some() {
            return Err(Refusal::KeyTaken);
        }
        staff_keys::put(to, id, &key)?;
        on_record(actor, to, id, "staff.key_add", key.fingerprint())
    })?;
    publish(&actor.desk).map(|()| Done::Done)
}

/// Takes a key away from somebody.
pub(super) fn remove(actor: &Actor, id: StaffId, fingerprint: Fingerprint) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        if staff_keys::holder(to, fingerprint)? != Some(id) {
            return Err(Refusal::NotFound("key"));
        }
        staff_keys::remove(to, id, fingerprint)?;
        on_record(&of_actor, to, id, "staff.key_remove", fingerprint)
    })?;
    publish(&actor.desk).map(|()| Done::Done)
}

/// Takes all keys away from somebody, within the change that shuts them out.
pub(super) fn remove_all(to: &mut dyn Put, id: StaffId) -> Result<(), StoreError> {
    for key in staff_keys::of(to, id)? {
        staff_keys::remove(to, id, key.fingerprint())?;
    }
    Ok(())
}

fn on_record(
    actor: &Actor,
    to: &mut dyn Put,
    id: StaffId,
    verb: &'static str,
    fingerprint: Fingerprint,
) -> Result<(), Refusal> {
    let texts = Texts { after: Some(fingerprint.to_string()), ..Texts::default() };
    actor.record(to, &NewEntry { object: Object::Staff(id.0), texts, ..actor.entry(verb) })?;
    Ok(())
}

/// The list's file.
fn list_of(vault: &Path) -> PathBuf {
    let mut name = OsString::from(vault);
    name.push(".keys");
    name.into()
}

/// Writes the list as it stands; a vault in which nobody ever had a key has none.
pub(super) fn publish(desk: &Desk) -> Result<(), Refusal> {
    let turn = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let keys = staff_keys::all(&desk.tables.read()?)?;
    let path = list_of(&desk.ground.path);
    let known: KnownKeys = keys.iter().map(|(_, key)| key.fingerprint()).collect();
    let there = std::fs::read_to_string(&path);
    let is_so = match &there {
        Ok(text) => KnownKeys::parse(text).as_ref() == Some(&known),
        Err(_) => keys.is_empty() && !path.exists(),
    };
    let written = if is_so { Ok(()) } else { write(&path, &known.text()) };
    drop(turn);
    written.map_err(|error| Refusal::Storage(format!("the list of staff keys beside it: {error}")))
}

/// Replaces the file as one: the group, whose member the listener is, may read it.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(Permissions::from_mode(0o640))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}
