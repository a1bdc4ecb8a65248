//! A backup and everything that it needs, from the full one on, held together by what is sealed.
//!
//! **Invariant:** the manifest of the backup that was asked for authenticates everything else: its objects by their
//! SHA-256, its parent's manifest by its SHA-256, and so on down to the full one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::container::{self, Refused};
use super::head::{Head, MANIFEST, Object, object};
use super::id::Id;
use super::list;
use super::manifest::{self, Manifest, ManifestError, decode_manifest};
use super::place::{PlaceError, Store};
use super::recipient::Opener;
use super::{BackupError, object_name};
use crate::vault::keyring::VaultId;

/// Objects are fetched and opened on so many threads.
const THREADS: usize = 2;

/// Opens objects of one vault at one place.
pub(super) struct Reader<'a> {
    pub store: &'a dyn Store,
    vault: VaultId,
    identity: age::x25519::Identity,
}

impl<'a> Reader<'a> {
    /// Opens with `opener`.
    pub(super) fn new(store: &'a dyn Store, vault: &VaultId, opener: &Opener, id: &Id) -> Result<Self, BackupError> {
        let identity = opener.for_age().ok_or_else(|| BackupError::WrongKey(id.clone()))?;
        Ok(Self { store, vault: *vault, identity })
    }

    /// The manifests of `id` and of everything that it needs, the full one first. It comes to an end, since no manifest
    /// can hold a hash of one that holds a hash of it.
    pub(super) fn chain(&self, id: &Id) -> Result<Vec<Manifest>, BackupError> {
        let mut out: Vec<Manifest> = Vec::new();
        let mut next = Some((id.clone(), None));
        while let Some((id, expected)) = next {
            let manifest = self.manifest(&id, expected, out.last())?;
            if out.last().is_some_and(|child: &Manifest| child.file != manifest.file) {
                return Err(BackupError::Disagrees(id, "it is of another file than the backup that needs it"));
            }
            next = manifest.parent.clone().map(|parent| (parent.id, Some(parent.manifest)));
            out.push(manifest);
        }
        out.reverse();
        Ok(out)
    }

    fn manifest(&self, id: &Id, expected: Option<[u8; 32]>, child: Option<&Manifest>) -> Result<Manifest, BackupError> {
        let head: Head = match (list::head(self.store, &self.vault, id), child) {
            (Err(BackupError::NoSuch(id)), Some(child)) => return Err(BackupError::ParentGone(child.id.clone(), id)),
            (head, _) => head?,
        };
        let longest = manifest::LONGEST;
        let bytes = match self.store.get(&object_name(&self.vault, id, MANIFEST), longest) {
            Err(PlaceError::Missing) => return Err(BackupError::Missing(id.clone(), MANIFEST.to_owned())),
            Err(PlaceError::TooLong(_)) => return Err(BackupError::Changed(id.clone(), MANIFEST.to_owned())),
            other => other?,
        };
        let found = object(MANIFEST.to_owned(), &bytes);
        if found != head.manifest {
            return Err(BackupError::Changed(id.clone(), MANIFEST.to_owned()));
        }
        if expected.is_some_and(|expected| expected != found.sha256) {
            return Err(BackupError::Disagrees(id.clone(), "it is not the one after which the next one was made"));
        }
        let plain = self.open(id, MANIFEST, &bytes)?;
        let manifest = decode_manifest(&plain).map_err(|error| match error {
            ManifestError::Broken => BackupError::Disagrees(id.clone(), "its manifest cannot be read"),
            ManifestError::UnknownVersion(_) => BackupError::Later(id.clone()),
        })?;
        if !manifest.agrees_with(&head) {
            return Err(BackupError::Disagrees(id.clone(), "its head and its sealed manifest differ"));
        }
        Ok(manifest)
    }

    fn open(&self, id: &Id, name: &str, bytes: &[u8]) -> Result<Vec<u8>, BackupError> {
        container::open(&self.identity, bytes).map_err(|refused| match refused {
            Refused::WrongKey => BackupError::WrongKey(id.clone()),
            Refused::Broken => BackupError::Changed(id.clone(), name.to_owned()),
        })
    }

    /// Fetches an object, checks it against the manifest, and opens it.
    fn pack(&self, id: &Id, named: &Object) -> Result<Vec<u8>, BackupError> {
        let changed = || BackupError::Changed(id.clone(), named.name.clone());
        let bytes = match self.store.get(&object_name(&self.vault, id, &named.name), named.bytes) {
            Err(PlaceError::Missing) => return Err(BackupError::Missing(id.clone(), named.name.clone())),
            Err(PlaceError::TooLong(_)) => return Err(changed()),
            other => other?,
        };
        if object(named.name.clone(), &bytes) != *named {
            return Err(changed());
        }
        self.open(id, &named.name, &bytes)
    }

    /// Hands the packs `wanted` of one backup to `take`, in whatever order they come.
    pub(super) fn packs(
        &self,
        manifest: &Manifest,
        wanted: &[&Object],
        mut take: impl FnMut(&Object, &[u8]) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let next = AtomicUsize::new(0);
        let (send, receive) = mpsc::sync_channel(0);
        std::thread::scope(|scope| {
            // Both ends belong to this scope, so that an error closes the channel before the threads are waited for.
            let (send, receive) = (send, receive);
            for _ in 0..THREADS.min(wanted.len()) {
                let send = send.clone();
                scope.spawn({
                    let next = &next;
                    move || {
                        while let Some(object) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                            // Nobody listens any more once an error was met.
                            if send.send((*object, self.pack(&manifest.id, object))).is_err() {
                                return;
                            }
                        }
                    }
                });
            }
            drop(send);
            for (object, plain) in receive {
                take(object, &plain?)?;
            }
            Ok(())
        })
    }
}
