//! Doing what is due: a backup, a check, a drill, each with its line in the history and its entry in the record.
//!
//! **Invariant:** nothing of the old backups is removed before the new one is complete; what fails leaves a line and, in an
//! open vault, an entry, as what goes well does.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::history::{self, Event, What};
use super::policy::BackupPolicy;
use super::schedule::{self, Kind, Task};
use super::view::{BackupRow, Running};
use super::{Aim, BackupFault, Backups, Cause, Watch, sample};
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Object, Origin, Outcome, Texts};
use crate::domain::id::{SessionId, StaffId};
use crate::service::desk::Desk;
use crate::service::record;
use crate::vault::backup::{self as engine, Head, Listed, Part, Progress, Source, Store, Want, retention};
use crate::vault::keyring::VaultId;

/// On whose behalf something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    pub(in crate::service) who: Option<StaffId>,
    pub(in crate::service) session: SessionId,
    pub(in crate::service) origin: Origin,
}

impl By {
    /// The program's own.
    pub fn program() -> Self {
        Self { who: None, session: SessionId(0), origin: Origin::Program }
    }
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What.
    pub what: What,
    /// Where.
    pub place: String,
    /// Which backup; for several, how many.
    pub id: String,
    /// Bytes that moved.
    pub bytes: u64,
    /// Milliseconds that it took.
    pub millis: u64,
    /// Old backups that were removed.
    pub removed: usize,
    /// For a drill, how many tables were counted and how many rows compared.
    pub compared: Option<(usize, usize)>,
}

/// What came of each place: a report, or the place with what went wrong.
pub type EachPlace = Vec<Result<Report, (String, BackupFault)>>;

/// The part of the work that differs.
struct Ran {
    what: What,
    id: String,
    bytes: u64,
    removed: usize,
    compared: Option<(usize, usize)>,
}

impl Backups {
    /// Does one task, with the vault open or sealed.
    pub(in crate::service) fn carry_out(
        &self,
        open: Option<&Arc<Desk>>,
        by: &By,
        task: &Task,
        watch: Watch<'_>,
    ) -> Result<Report, BackupFault> {
        let began = self.clock.now();
        let (place, what) = (task.place().to_owned(), task.what());
        let mut told = |progress: Progress| {
            let Progress { phase, done, total } = progress;
            let running = Running { what, place: place.clone(), phase, done, total, began };
            self.at_work().running = Some(running.clone());
            if self.stop.load(Ordering::SeqCst) { ControlFlow::Break(()) } else { watch(running) }
        };
        let ran = match task {
            Task::Backup { place, kind } => self.back_up(open, place, *kind, &mut told),
            Task::Verify { place } => self.read_back(open, place, None, Part::All, &mut told),
            Task::Drill { place } => match open {
                Some(desk) => self.drill(desk, place, &mut told).map(|(id, bytes, compared)| Ran {
                    what: What::Drill,
                    id,
                    bytes,
                    removed: 0,
                    compared: Some(compared),
                }),
                None => Err(BackupFault::Failed(Cause::new("cause-sign-in", "this takes somebody who is signed in"))),
            },
        };
        self.note(open, by, task, began, ran)
    }

    /// Reads one backup back, or a part of it.
    pub(in crate::service) fn verify_one(
        &self,
        desk: &Arc<Desk>,
        by: &By,
        place: &str,
        id: Option<&str>,
        part: Part,
        watch: Watch<'_>,
    ) -> Result<Report, BackupFault> {
        let began = self.clock.now();
        let task = Task::Verify { place: place.to_owned() };
        let mut told = |progress: Progress| {
            let Progress { phase, done, total } = progress;
            watch(Running { what: What::Verify, place: place.to_owned(), phase, done, total, began })
        };
        let ran = self.read_back(Some(desk), place, id, part, &mut told);
        self.note(Some(desk), by, &task, began, ran)
    }

    /// Writes down what came of something.
    fn note(
        &self,
        open: Option<&Arc<Desk>>,
        by: &By,
        task: &Task,
        began: Timestamp,
        ran: Result<Ran, BackupFault>,
    ) -> Result<Report, BackupFault> {
        let now = self.clock.now();
        let millis = u64::try_from(now.since(began)).unwrap_or(0);
        let place = task.place().to_owned();
        // A vault that somebody else has open is backed up by whoever has it, so that is no failure of the place.
        if !matches!(ran, Err(BackupFault::Busy { .. })) {
            let (what, id, bytes) =
                ran.as_ref().map_or((task.what(), String::new(), 0), |ran| (ran.what, ran.id.clone(), ran.bytes));
            let fault = ran.as_ref().err().map(BackupFault::cause);
            let event = Event { at: now, place: place.clone(), what, id, bytes, millis, fault };
            // A history that cannot be written shows as an old backup, which warns.
            let _ = history::add(&history::path_for(&self.vault), &event);
        }
        if let Some(desk) = open {
            let verb = match task {
                Task::Backup { .. } => "backup.make",
                Task::Verify { .. } => "backup.verify",
                Task::Drill { .. } => "backup.drill",
            };
            let said = match &ran {
                Ok(ran) => {
                    let compared = ran.compared.map(|(t, r)| format!(", {t} tables and {r} rows compared"));
                    format!("{} {} at {place}, {millis} ms{}", ran.what.code(), ran.id, compared.unwrap_or_default())
                }
                Err(fault) => format!("{} at {place}: {fault}", task.what().code()),
            };
            let outcome = if ran.is_ok() { Outcome::Done } else { Outcome::Failed };
            let entry = NewEntry { outcome, ..entry(by, now, verb, said) };
            let own = Arc::clone(desk);
            desk.commit(move |to| Ok(own.recorder.append(to, &entry, &*own.entropy)?))?;
        }
        let Ran { what, id, bytes, removed, compared } = ran?;
        Ok(Report { what, place, id, bytes, millis, removed, compared })
    }

    fn back_up(
        &self,
        open: Option<&Arc<Desk>>,
        place: &str,
        kind: Kind,
        watch: engine::Watch<'_>,
    ) -> Result<Ran, BackupFault> {
        if let Some(desk) = open {
            self.refresh_keys(desk)?;
        }
        let policy = self.policy()?;
        let store = self.connect(place, &policy, Aim::Writing)?;
        let want = match kind {
            Kind::Full => Want::Full,
            Kind::Incremental => Want::Incremental,
        };
        let task = engine::Task {
            vault: &self.vault,
            store: &*store,
            recipients: &policy.recipients,
            want,
            clock: &*self.clock,
            entropy: &*self.entropy,
        };
        let made = match open {
            Some(desk) => {
                let (snapshot, from) = desk.tables.snapshot()?;
                let note = record::latest(&from)?.map(|(_, note)| note).unwrap_or_default();
                let counts = sample::of(&from, &*self.entropy)?;
                drop(from);
                engine::make(&task, Source::Open { snapshot: &snapshot, note: &note, counts: &counts }, watch)
            }
            None => engine::make(&task, Source::Sealed, watch),
        };
        let made = made.map_err(|error| BackupFault::engine(place, error))?;
        let removed = self.clear(&*store, &made.head, &policy);
        let what = if made.head.kind == engine::Kind::Full { What::Full } else { What::Incremental };
        Ok(Ran { what, id: made.head.id.to_string(), bytes: made.moved, removed, compared: None })
    }

    /// Removes what the policy no longer keeps. What cannot be removed stays until the next time.
    fn clear(&self, store: &dyn Store, newest: &Head, policy: &BackupPolicy) -> usize {
        let now = self.clock.now();
        let k = policy.keep;
        let keep = retention::Keep { hourly: k.hourly, daily: k.daily, weekly: k.weekly, monthly: k.monthly };
        let Ok(listed) = engine::list(store, Some(&newest.vault)) else { return 0 };
        let gone = retention::keep(&listed.heads, &keep, now);
        gone.iter().filter(|id| engine::remove(store, &newest.vault, id, now).is_ok()).count()
    }

    /// Reads the newest backup at a place back, or the one with this id.
    fn read_back(
        &self,
        open: Option<&Arc<Desk>>,
        place: &str,
        id: Option<&str>,
        part: Part,
        watch: engine::Watch<'_>,
    ) -> Result<Ran, BackupFault> {
        let desk = open
            .ok_or_else(|| BackupFault::Failed(Cause::new("cause-sign-in", "this takes somebody who is signed in")))?;
        let vault = desk.tables.id();
        let store = self.connect(place, &self.policy()?, Aim::Reading)?;
        let head = newest(&*store, place, &vault, id)?;
        let read = engine::verify(&*store, &vault, &head.id, &desk.keeper.opener(&vault), part, watch);
        let read = read.map_err(|error| BackupFault::engine(place, error))?;
        Ok(Ran { what: What::Verify, id: head.id.to_string(), bytes: read.bytes, removed: 0, compared: None })
    }

    /// Backs a sealed vault up: to one place or to all of the policy's. Each place is tried, whatever came of the one
    /// before.
    pub fn make_sealed(
        &self,
        place: Option<&str>,
        kind: Option<Kind>,
        watch: Watch<'_>,
    ) -> Result<EachPlace, BackupFault> {
        let places = self.places(place)?;
        let done = places.into_iter().map(|place| {
            let kind = kind.unwrap_or_else(|| self.kind_due(&place));
            let task = Task::Backup { place: place.clone(), kind };
            self.carry_out(None, &By::program(), &task, watch).map_err(|fault| (place, fault))
        });
        Ok(done.collect())
    }

    /// All of the vault where a place is due for that, else what changed.
    pub(super) fn kind_due(&self, place: &str) -> Kind {
        let policy = self.policy().unwrap_or_default();
        schedule::kind_due(self.clock.now(), &self.history(), &policy, place)
    }

    /// The places in question: the one named, or all.
    pub fn places(&self, place: Option<&str>) -> Result<Vec<String>, BackupFault> {
        let places =
            place.map_or_else(|| self.policy().map(|policy| policy.places), |place| Ok(vec![self.at_home(place)]))?;
        if places.is_empty() { Err(BackupFault::NoPlaces) } else { Ok(places) }
    }

    /// What lies at a place, newest first; of this vault where something of it is there, else of all.
    pub fn list(&self, place: &str) -> Result<Vec<BackupRow>, BackupFault> {
        let policy = self.policy()?;
        let store = self.connect(place, &policy, Aim::Reading)?;
        let listed = listed(&*store, place, policy.vault.as_ref())?;
        let mut rows: Vec<BackupRow> = listed.heads.iter().map(|head| row(place, head)).collect();
        rows.extend(listed.broken.iter().map(|broken| BackupRow {
            id: broken.id.to_string(),
            vault: super::policy::hex(&broken.vault),
            place: place.to_owned(),
            made_at: Timestamp(0),
            kind: Kind::Full,
            parent: None,
            bytes: 0,
            held_until: None,
            fault: Some(fault(&broken.fault).to_owned()),
        }));
        Ok(rows)
    }
}

/// What lies at a place: of this vault, or of all where its id is not known or nothing of it is there, as when somebody
/// restores on a machine that has another vault.
pub(super) fn listed(store: &dyn Store, place: &str, vault: Option<&VaultId>) -> Result<Listed, BackupFault> {
    let own = engine::list(store, vault).map_err(|error| BackupFault::place(place, &error))?;
    if vault.is_none() || !(own.heads.is_empty() && own.broken.is_empty()) {
        return Ok(own);
    }
    engine::list(store, None).map_err(|error| BackupFault::place(place, &error))
}

/// A backup as it is listed.
pub(super) fn row(place: &str, head: &Head) -> BackupRow {
    let objects: u64 = head.objects.iter().map(|object| object.bytes).sum();
    BackupRow {
        id: head.id.to_string(),
        vault: super::policy::hex(&head.vault),
        place: place.to_owned(),
        made_at: head.made_at,
        kind: if head.kind == engine::Kind::Full { Kind::Full } else { Kind::Incremental },
        parent: head.parent.as_ref().map(ToString::to_string),
        bytes: objects + head.manifest.bytes,
        held_until: head.lock_until,
        fault: None,
    }
}

fn fault(fault: &engine::Fault) -> &'static str {
    match fault {
        engine::Fault::Interrupted => "interrupted",
        engine::Fault::Head(_) | engine::Fault::Astray => "head unreadable",
        engine::Fault::Missing(_) => "a part is missing",
        engine::Fault::Length(_) => "a part is cut off",
        engine::Fault::ParentGone(_) => "what it builds on is gone",
    }
}

/// The newest backup of a vault at a place, or the one with this id.
pub(super) fn newest(store: &dyn Store, place: &str, vault: &VaultId, id: Option<&str>) -> Result<Head, BackupFault> {
    let listed = engine::list(store, Some(vault)).map_err(|error| BackupFault::place(place, &error))?;
    let mut heads = listed.heads.into_iter();
    match id {
        None => heads.next().ok_or_else(|| BackupFault::Nothing(place.to_owned())),
        Some(id) => heads.find(|head| head.id.as_str() == id).ok_or_else(|| BackupFault::NoSuch(id.to_owned())),
    }
}

/// An entry about backups.
pub(super) fn entry(by: &By, now: Timestamp, verb: &str, said: String) -> NewEntry {
    NewEntry {
        time: now,
        actor: by.who,
        session: by.session,
        origin: by.origin,
        action: verb.to_owned(),
        object: Object::None,
        field: None,
        reason: None,
        count: None,
        outcome: Outcome::Done,
        texts: Texts { after: Some(said), ..Texts::default() },
        value_hmac: None,
    }
}
