//! Restoring: finding a backup, opening it with what its owner knows, and declaring it in the restored vault's record.
//!
//! **Invariant:** a restore goes to a new file; the old one, damaged or newer, stays as it is. Who was erased after the
//! backup is erased in what was restored before anybody works with it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::history::What;
use super::run::{entry, listed, row};
use super::schedule::Kind;
use super::view::{BackupRow, Running};
use super::{Aim, BackupFault, Backups, By, Watch, erased, sample};
use crate::clock::Timestamp;
use crate::domain::id::CustomerId;
use crate::domain::role::Permission;
use crate::service::refusal::Refusal;
use crate::service::session::Session;
use crate::service::{erase, record};
use crate::vault::backup::{self as engine, Head, Id, Opener, Part, Progress, Store};
use crate::vault::book::erasures;
use crate::vault::keyring::{Passphrase, RecoveryKey};
use crate::vault::store::{Get, Put};

/// The number of the next customer, by its name among the vault's own values.
const NEXT_CUSTOMER: &str = "next customer";

/// A backup that was found.
pub struct Found {
    place: String,
    store: Arc<dyn Store>,
    head: Head,
    newer: Vec<Head>,
    from_file: Vec<(CustomerId, Timestamp)>,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found({} at {})", self.head.id, self.place)
    }
}

/// What opens a backup.
pub enum Key<'k> {
    /// An owner's name and passphrase, as they were when the backup was made.
    Owner(&'k str, &'k str),
    /// The recovery key, typed as words or shares.
    Recovery(&'k str),
}

impl std::fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// A file that was restored and is still to be declared in its own record.
#[derive(Clone, Debug)]
pub struct Restored {
    /// Which backup.
    pub id: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The file's bytes.
    pub bytes: u64,
    /// How many entries the record had, where the backup says so.
    pub entries: Option<u64>,
    place: String,
    checkpoint: String,
    erased: Vec<(CustomerId, Timestamp)>,
}

/// What a declared restore came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Customers who had been erased after the backup and were erased again.
    pub erased: u64,
    /// Entries of the restored record.
    pub entries: u64,
}

/// How the live vault stands against a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Entries of its record.
    pub entries: u64,
    /// Its customers.
    pub customers: u64,
    erased: Vec<(CustomerId, Timestamp)>,
    next_customer: u64,
}

impl Backups {
    /// Finds a backup: the newest at a place or the one with this id there, or by its id alone at the policy's places.
    pub fn find(&self, from: &str, id: Option<&str>) -> Result<Found, BackupFault> {
        let policy = self.policy()?;
        let (places, id) = match (Id::parse(from), id) {
            (Some(_), None) => (self.places(None)?, Some(from)),
            (_, id) => (vec![self.at_home(from)], id),
        };
        let mut last = None;
        for place in places {
            match self.find_at(&place, id, policy.vault.as_ref()) {
                Ok(found) => return Ok(found),
                Err(fault) => last = Some(fault),
            }
        }
        Err(last.unwrap_or_else(|| BackupFault::Nothing(from.to_owned())))
    }

    fn find_at(&self, place: &str, id: Option<&str>, vault: Option<&[u8; 16]>) -> Result<Found, BackupFault> {
        // Holding is for what is written.
        let policy = super::policy::BackupPolicy { lock_days: 0, ..self.policy()? };
        let store = self.connect(place, &policy, Aim::Reading)?;
        // Whoever names a backup may mean that of another vault.
        let listed = listed(&*store, place, vault.filter(|_| id.is_none()))?;
        let heads = listed.heads;
        let vaults: std::collections::BTreeSet<[u8; 16]> = heads.iter().map(|head| head.vault).collect();
        let head = match id {
            Some(id) => heads.iter().find(|head| head.id.as_str() == id),
            None if vaults.len() > 1 => return Err(BackupFault::Several(vaults.len())),
            None => heads.first(),
        };
        let head = head.cloned().ok_or_else(|| match id {
            Some(id) => BackupFault::NoSuch(id.to_owned()),
            None => BackupFault::Nothing(place.to_owned()),
        })?;
        let newer = heads.into_iter().filter(|h| h.vault == head.vault && h.made_at > head.made_at).collect();
        let state = self.around.state.as_ref();
        let from_file = state.map(|state| erased::read(&erased::path_for(state, &head.vault))).unwrap_or_default();
        Ok(Found { place: place.to_owned(), store, head, newer, from_file })
    }

    /// Keeps that somebody was erased where it survives the loss of the vault.
    pub(in crate::service) fn note_erased(&self, vault: &[u8; 16], customer: CustomerId, at: Timestamp) {
        if let Some(state) = &self.around.state {
            // It is in the vault and in the next backup as well.
            let _ = erased::add(&erased::path_for(state, vault), customer, at);
        }
    }
}

impl Found {
    /// How it is listed.
    pub fn row(&self) -> BackupRow {
        row(&self.place, &self.head)
    }

    fn opener(&self, key: &Key<'_>) -> Result<Opener, BackupFault> {
        match key {
            Key::Recovery(typed) => {
                let key = RecoveryKey::parse(typed).map_err(BackupFault::Recovery)?;
                Ok(Opener::user(&key.user(&self.head.vault)))
            }
            Key::Owner(name, passphrase) => {
                let passphrase = Passphrase::attempt(passphrase).map_err(|_| BackupFault::WrongNameOrPassphrase)?;
                Ok(Opener::from_passphrase(&self.head, name, &passphrase)?)
            }
        }
    }

    /// Restores it into a new file at `to`.
    pub fn restore(
        &self,
        key: &Key<'_>,
        to: &Path,
        began: Timestamp,
        watch: Watch<'_>,
    ) -> Result<Restored, BackupFault> {
        let opener = self.opener(key)?;
        let mut told = |progress: Progress| {
            let Progress { phase, done, total } = progress;
            watch(Running { what: What::Full, place: self.place.clone(), phase, done, total, began })
        };
        let vault = &self.head.vault;
        let made = engine::restore(&*self.store, vault, &self.head.id, &opener, to, &mut told);
        let made = made.map_err(|error| BackupFault::engine(&self.place, error))?;
        let mut erased = self.from_file.clone();
        erased.extend(self.erased_in_newer(&opener));
        erased.retain(|(_, at)| *at > made.manifest.made_at);
        let checkpoint = made.manifest.note.lines().nth(2).unwrap_or_default().to_owned();
        Ok(Restored {
            id: self.head.id.to_string(),
            made_at: self.head.made_at,
            bytes: made.bytes,
            entries: made.manifest.note.lines().nth(1).and_then(|line| line.parse().ok()),
            place: self.place.clone(),
            checkpoint,
            erased,
        })
    }

    /// Who had been erased by the newest backup that says so. One that cannot be opened with the same key says nothing.
    fn erased_in_newer(&self, opener: &Opener) -> Vec<(CustomerId, Timestamp)> {
        let few = Part::OneOf { n: 1, of: u32::MAX };
        let read = self.newer.iter().filter_map(|head| {
            let mut on = |_| ControlFlow::Continue(());
            engine::verify(&*self.store, &head.vault, &head.id, opener, few, &mut on).ok()
        });
        let mut told = read.filter(|read| !read.manifest.counts.is_empty());
        told.next().map(|read| sample::erased(&read.manifest.counts)).unwrap_or_default()
    }

    /// Whether the backup holds all of a vault or builds on others.
    pub fn kind(&self) -> Kind {
        self.row().kind
    }
}

impl Session {
    /// How this vault stands, for whoever is about to restore an older state of it beside it.
    pub fn standing(&self) -> Result<Live, Refusal> {
        let actor = self.actor()?;
        actor.require(Permission::ManageBackups)?;
        let from = actor.desk.tables.read()?;
        let erased = erasures::all(&from)?.into_iter().map(|e| (e.customer, e.at)).collect();
        let customers = crate::vault::book::customers::count_all(&from)?;
        Ok(Live { entries: record::size(&from)?, customers, erased, next_customer: from.number(NEXT_CUSTOMER)? })
    }

    /// Declares, in the record of a vault that was restored, which backup it comes from, and erases again whoever was
    /// erased after it. Numbers of customers that were given since the backup are not given again, as far as known.
    pub fn declare_restore(&self, restored: &Restored, live: Option<&Live>) -> Result<Declared, Refusal> {
        let actor = self.actor()?;
        actor.require(Permission::ManageBackups)?;
        let mut erased: BTreeMap<CustomerId, Timestamp> = restored.erased.iter().copied().collect();
        let of_live = live.map(|live| live.erased.as_slice()).unwrap_or_default();
        erased.extend(of_live.iter().copied().filter(|(_, at)| *at > restored.made_at));
        let highest = erased.keys().last().map_or(0, |id| id.0).max(live.map_or(0, |live| live.next_customer));
        let by = By { who: Some(actor.staff.id), session: actor.session, origin: actor.origin };
        let Restored { id, made_at, place, checkpoint, .. } = restored;
        let said = format!("{id} of {} from {place}, checkpoint {checkpoint}", made_at.rfc3339());
        let declared = entry(&by, actor.now, "backup.restore", said);
        let own = Arc::clone(&actor.desk);
        actor.commit(move |to| {
            if to.number(NEXT_CUSTOMER)? < highest {
                to.set_number(NEXT_CUSTOMER, highest)?;
            }
            Ok(own.recorder.append(to, &declared, &*own.entropy)?)
        })?;
        let erased: Vec<_> = erased.into_iter().collect();
        let erased = erase::again(&actor, &erased)?;
        let entries = record::size(&actor.desk.tables.read()?)?;
        Ok(Declared { erased, entries })
    }
}
