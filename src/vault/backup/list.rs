//! What lies at a place: backups, what only looks like one, and removing them.
//!
//! **Invariant:** a backup that another needs, or that the store holds, is not removed; its head goes first, so that what
//! is left of a removal that was cut off is no backup.

use super::head::{HEAD, Head, HeadError, LONGEST, MANIFEST};
use super::id::{Id, unhex};
use super::place::{PlaceError, Store, Stored};
use super::{BackupError, FOLDER, object_name, vault_folder};
use crate::clock::Timestamp;
use crate::vault::keyring::VaultId;

/// What an interrupted backup left is swept after this long, in milliseconds; until then it may be one under way.
const LEFT_OVER: i64 = 24 * 3600 * 1000;

/// What lies at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Backups, newest first. Their objects are there and as long as they should be; only reading proves more.
    pub heads: Vec<Head>,
    /// What has a backup's name but is none.
    pub broken: Vec<Broken>,
}

/// Something that has a backup's name but is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The vault.
    pub vault: VaultId,
    /// Its name.
    pub id: Id,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has no head: it is under way, or was interrupted.
    Interrupted,
    /// Its head cannot be read.
    Head(HeadError),
    /// Its head is another's.
    Astray,
    /// An object is missing.
    Missing(String),
    /// An object has another length than it should.
    Length(String),
    /// An incremental whose parent is not there.
    ParentGone(Id),
}

/// What lies at a place: of one vault, or of all.
pub fn list(store: &dyn Store, vault: Option<&VaultId>) -> Result<Listed, PlaceError> {
    let vaults = match vault {
        Some(vault) => vec![*vault],
        None => folders(store, "")?.iter().filter_map(|name| unhex(name.strip_prefix(FOLDER)?)).collect(),
    };
    let mut listed = Listed::default();
    for vault in vaults {
        for id in ids(store, &vault)? {
            match look(store, &vault, &id)? {
                Ok(head) => listed.heads.push(head),
                Err(fault) => listed.broken.push(Broken { vault, id, fault }),
            }
        }
    }
    // A backup without its parent is none; nor is one that needs such a one.
    loop {
        let there = |head: &Head, parent: &Id| listed.heads.iter().any(|h| h.vault == head.vault && h.id == *parent);
        let gone = |head: &Head| head.parent.clone().filter(|parent| !there(head, parent));
        let Some((at, parent)) = listed.heads.iter().enumerate().find_map(|(at, head)| Some((at, gone(head)?))) else {
            break;
        };
        let head = listed.heads.remove(at);
        listed.broken.push(Broken { vault: head.vault, id: head.id, fault: Fault::ParentGone(parent) });
    }
    listed.heads.sort_by(|left, right| (right.made_at, &right.id).cmp(&(left.made_at, &left.id)));
    Ok(listed)
}

fn folders(store: &dyn Store, folder: &str) -> Result<Vec<String>, PlaceError> {
    let name = |stored| match stored {
        Stored::Folder(name) => Some(name),
        Stored::Object { .. } => None,
    };
    Ok(store.list(folder)?.into_iter().filter_map(name).collect())
}

fn ids(store: &dyn Store, vault: &VaultId) -> Result<Vec<Id>, PlaceError> {
    Ok(folders(store, &vault_folder(vault))?.iter().filter_map(|name| Id::parse(name)).collect())
}

fn look(store: &dyn Store, vault: &VaultId, id: &Id) -> Result<Result<Head, Fault>, PlaceError> {
    let stored = store.list(&format!("{}/{id}", vault_folder(vault)))?;
    let length = |wanted: &str| {
        stored.iter().find_map(|stored| match stored {
            Stored::Object { name, bytes, .. } if name == wanted => Some(*bytes),
            _ => None,
        })
    };
    if length(HEAD).is_none() {
        return Ok(Err(Fault::Interrupted));
    }
    let head = match head(store, vault, id) {
        Ok(head) => head,
        Err(BackupError::Place(error)) => return Err(error),
        Err(BackupError::Head(_, error)) => return Ok(Err(Fault::Head(error))),
        Err(_) => return Ok(Err(Fault::Astray)),
    };
    for object in head.objects.iter().chain([&head.manifest]) {
        match length(&object.name) {
            None => return Ok(Err(Fault::Missing(object.name.clone()))),
            Some(bytes) if bytes != object.bytes => return Ok(Err(Fault::Length(object.name.clone()))),
            Some(_) => {}
        }
    }
    Ok(Ok(head))
}

/// Reads the head of one backup.
pub(super) fn head(store: &dyn Store, vault: &VaultId, id: &Id) -> Result<Head, BackupError> {
    let bytes = match store.get(&object_name(vault, id, HEAD), LONGEST) {
        Err(PlaceError::Missing) => return Err(BackupError::NoSuch(id.clone())),
        Err(PlaceError::TooLong(_)) => return Err(BackupError::Head(id.clone(), HeadError::Broken)),
        other => other?,
    };
    let head = Head::decode(&bytes).map_err(|error| BackupError::Head(id.clone(), error))?;
    if head.id != *id || head.vault != *vault {
        return Err(BackupError::Disagrees(id.clone(), "its head is another's"));
    }
    Ok(head)
}

/// Removes a backup.
pub fn remove(store: &dyn Store, vault: &VaultId, id: &Id, now: Timestamp) -> Result<(), BackupError> {
    for other in ids(store, vault)? {
        // A head that cannot be read may need this one, but could not be restored with it either.
        if let Ok(other) = head(store, vault, &other)
            && other.parent.as_ref() == Some(id)
        {
            return Err(BackupError::Needed(id.clone(), other.id));
        }
    }
    if let Ok(head) = head(store, vault, id)
        && head.is_held(now)
    {
        let until = head.lock_until.map(Timestamp::rfc3339).unwrap_or_default();
        return Err(BackupError::Held(id.clone(), until));
    }
    if store.list(&format!("{}/{id}", vault_folder(vault)))?.is_empty() {
        return Err(BackupError::NoSuch(id.clone()));
    }
    Ok(erase(store, vault, id)?)
}

/// Deletes everything in a backup's folder that this program writes there, the head first.
pub(super) fn erase(store: &dyn Store, vault: &VaultId, id: &Id) -> Result<(), PlaceError> {
    store.delete(&object_name(vault, id, HEAD))?;
    for stored in store.list(&format!("{}/{id}", vault_folder(vault)))? {
        if let Stored::Object { name, .. } = stored
            && (name == MANIFEST || name.ends_with(".pack"))
        {
            store.delete(&object_name(vault, id, &name))?;
        }
    }
    Ok(())
}

/// Deletes what interrupted backups of this vault left more than a day before `now`.
pub(super) fn sweep(store: &dyn Store, vault: &VaultId, now: Timestamp) -> Result<(), PlaceError> {
    for id in ids(store, vault)? {
        let stored = store.list(&format!("{}/{id}", vault_folder(vault)))?;
        let mut headless = true;
        let mut last = None;
        for stored in &stored {
            if let Stored::Object { name, written, .. } = stored {
                headless &= name != HEAD;
                last = last.max(Some(*written));
            }
        }
        if headless && last.is_some_and(|last| now.since(last) > LEFT_OVER) {
            erase(store, vault, &id)?;
        }
    }
    Ok(())
}
