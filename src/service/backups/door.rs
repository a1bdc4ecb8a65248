//! Backups through the door: how they stand, changing the settings, ordering one.
//!
//! **Invariant:** who may not manage backups learns how old they are and no more.

use std::path::Path;
use std::sync::Arc;

use super::history::{Event, What};
use super::run::{By, entry};
use super::schedule::{self, BACKUPS, Task};
use super::view::{BackupChange, BackupHealth, BackupOrder, BackupsView, PlaceRow, Running};
use super::{BackupFault, Backups, Cause, EachPlace, Report, Watch};
use crate::clock::Timestamp;
use crate::domain::role::Permission;
use crate::service::actor::Actor;
use crate::service::bulk::SAMPLE;
use crate::service::door::Done;
use crate::service::refusal::Refusal;
use crate::service::session::Session;
use crate::vault::backup::{self as engine, Part, Place};
use crate::vault::store::Get;

/// How much of the history is shown.
const SHOWN: usize = 200;
/// How much of it everybody's status line is told: as many as an order can have parts.
const ENDED: usize = 8;

fn last(history: &[Event], now: Timestamp, of: &[What], place: Option<&str>) -> Option<Event> {
    let here = history.iter().filter(|e| e.at <= now && of.contains(&e.what) && place.is_none_or(|p| e.place == p));
    here.filter(|e| e.is_good()).max_by_key(|e| e.at).cloned()
}

/// What the last try at a place said, where it failed.
fn trouble(history: &[Event], now: Timestamp, place: Option<&str>) -> Option<(Timestamp, Cause)> {
    let here = history.iter().filter(|e| e.at <= now && place.is_none_or(|p| e.place == p));
    let newest = here.max_by_key(|e| e.at)?;
    Some((newest.at, newest.fault.clone()?))
}

/// How old backups are.
pub(in crate::service) fn health(actor: &Actor, from: &dyn Get) -> Result<BackupHealth, Refusal> {
    let backups = &actor.desk.backups;
    let (history, now) = (backups.history(), actor.now);
    let policy = backups.policy().unwrap_or_default();
    let late = |place: &&String| schedule::is_late(now, &history, &policy, place);
    let at = |of: &[What]| last(&history, now, of, None).map(|e| e.at);
    Ok(BackupHealth {
        wanted: from.number(SAMPLE)? == 0,
        places: policy.places.len(),
        last: at(&BACKUPS),
        late: policy.places.iter().filter(late).count(),
        verified: at(&[What::Verify]),
        drilled: at(&[What::Drill]),
        drill_late: schedule::drill_is_late(now, &history, &policy),
        fault: trouble(&history, now, None).map(|(_, fault)| fault),
        running: backups.running(),
        ended: history.iter().skip(history.len().saturating_sub(ENDED)).cloned().collect(),
    })
}

/// All about backups.
pub(in crate::service) fn view(actor: &Actor) -> Result<BackupsView, Refusal> {
    actor.require(Permission::ManageBackups)?;
    let backups = &actor.desk.backups;
    let (mut history, now) = (backups.history(), actor.now);
    let (policy, fault) = match backups.policy() {
        Ok(policy) => (policy, None),
        Err(fault) => (Default::default(), Some(fault.to_string())),
    };
    let places = policy.places.iter().map(|place| PlaceRow {
        place: place.clone(),
        last: last(&history, now, &BACKUPS, Some(place)),
        next: schedule::next_backup(now, &history, &policy, place),
        late: schedule::is_late(now, &history, &policy, place),
        verified: last(&history, now, &[What::Verify], Some(place)).map(|e| e.at),
        drilled: last(&history, now, &[What::Drill], Some(place)).map(|e| e.at),
        fault: trouble(&history, now, Some(place)),
        same_disk: on_same_disk(&backups.vault, Path::new(place)),
    });
    let places = places.collect();
    history.reverse();
    history.truncate(SHOWN);
    Ok(BackupsView { places, history, policy, running: backups.running(), fault })
}

/// Whether two paths are on one disk; a folder that is not there yet is where the nearest one above it is.
pub fn on_same_disk(vault: &Path, place: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    if !place.is_absolute() {
        return false;
    }
    let device = |path: &Path| path.ancestors().find_map(|p| std::fs::metadata(p).ok()).map(|meta| meta.dev());
    device(vault).is_some_and(|of_vault| device(place) == Some(of_vault))
}

/// Changes the settings, on record. A first place makes the file that says for whom backups are made.
pub(in crate::service) fn change(actor: &Actor, change: BackupChange) -> Result<Done, Refusal> {
    let backups = Arc::clone(&actor.desk.backups);
    let mut policy = backups.policy().map_err(BackupFault::from)?;
    let change = match change {
        BackupChange::AddPlace(place) => BackupChange::AddPlace(backups.at_home(&place)),
        BackupChange::RemovePlace(place) => BackupChange::RemovePlace(backups.at_home(&place)),
        set @ BackupChange::Set(..) => set,
    };
    let said = match &change {
        BackupChange::AddPlace(place) => {
            policy.add_place(place).map_err(BackupFault::from)?;
            format!("place {place}")
        }
        BackupChange::RemovePlace(place) => {
            policy.remove_place(place).map_err(BackupFault::from)?;
            // Added again, it begins anew, whatever lies there.
            let left: Vec<Place> = policy.places.iter().filter_map(|place| Place::parse(place).ok()).collect();
            engine::forget_all_but(&backups.vault, &left);
            format!("no longer {place}")
        }
        BackupChange::Set(key, value) => {
            policy.set(key, value).map_err(BackupFault::from)?;
            format!("{key} = {value}")
        }
    };
    let by = By { who: Some(actor.staff.id), session: actor.session, origin: actor.origin };
    let entry = entry(&by, actor.now, "backup.set", said);
    let own = Arc::clone(&actor.desk);
    actor.commit(move |to| Ok(own.recorder.append(to, &entry, &*own.entropy)?))?;
    backups.keep_policy(&policy).map_err(BackupFault::from)?;
    backups.refresh_keys(&actor.desk)?;
    Ok(Done::Done)
}

/// The tasks of an order.
fn tasks(backups: &Backups, order: BackupOrder, now: Timestamp) -> Result<Vec<Task>, BackupFault> {
    Ok(match order {
        BackupOrder::Make(place, kind) => {
            let places = backups.places(place.as_deref())?;
            let task = |place: String| Task::Backup { kind: kind.unwrap_or_else(|| backups.kind_due(&place)), place };
            places.into_iter().map(task).collect()
        }
        BackupOrder::Verify(place) => {
            backups.places(place.as_deref())?.into_iter().map(|place| Task::Verify { place }).collect()
        }
        BackupOrder::Drill(place) => {
            let history = backups.history();
            let places = backups.places(place.as_deref())?;
            let turn = places.into_iter().min_by_key(|place| {
                // A place without a backup has nothing to drill.
                let empty = schedule::last_backup(now, &history, place).is_none();
                (empty, last(&history, now, &[What::Drill], Some(place)).map(|e| e.at))
            });
            turn.into_iter().map(|place| Task::Drill { place }).collect()
        }
        BackupOrder::Stop => Vec::new(),
    })
}

/// Begins what is ordered, in the background, or stops what is under way.
pub(in crate::service) fn order(actor: &Actor, order: BackupOrder) -> Result<Done, Refusal> {
    let backups = &actor.desk.backups;
    if order == BackupOrder::Stop {
        backups.stop();
        return Ok(Done::Done);
    }
    let by = By { who: Some(actor.staff.id), session: actor.session, origin: actor.origin };
    let tasks = tasks(backups, order, actor.now)?;
    if backups.begin(Some(Arc::clone(&actor.desk)), by, tasks) {
        Ok(Done::Done)
    } else {
        Err(BackupFault::UnderWay.into())
    }
}

impl Session {
    /// Does what is ordered, here and now, one place after the other; each place is tried, whatever came of the one
    /// before.
    pub fn back_up(&self, order: BackupOrder, watch: Watch<'_>) -> Result<EachPlace, Refusal> {
        let actor = self.allowed_backups("backup.make")?;
        let backups = &actor.desk.backups;
        let by = By { who: Some(actor.staff.id), session: actor.session, origin: actor.origin };
        let done = tasks(backups, order, actor.now)?.into_iter().map(|task| {
            let done = backups.carry_out(Some(&actor.desk), &by, &task, watch);
            done.map_err(|fault| (task.place().to_owned(), fault))
        });
        let done = done.collect();
        backups.at_work().running = None;
        Ok(done)
    }

    /// Reads one backup back, or the `n`th of `of` parts of it.
    pub fn verify_backup(&self, id: &str, part: Option<(u32, u32)>, watch: Watch<'_>) -> Result<Report, Refusal> {
        let actor = self.allowed_backups("backup.verify")?;
        let backups = &actor.desk.backups;
        let by = By { who: Some(actor.staff.id), session: actor.session, origin: actor.origin };
        let part = part.map_or(Part::All, |(n, of)| Part::OneOf { n, of });
        let mut last = Refusal::from(BackupFault::NoSuch(id.to_owned()));
        for place in backups.places(None)? {
            match backups.verify_one(&actor.desk, &by, &place, Some(id), part, watch) {
                Ok(report) => return Ok(report),
                Err(BackupFault::NoSuch(_)) => {}
                Err(fault) => last = fault.into(),
            }
        }
        Err(last)
    }

    fn allowed_backups(&self, verb: &'static str) -> Result<Actor, Refusal> {
        let actor = self.actor()?;
        self.flush_listing(&actor)?;
        if let Err(refusal) = actor.require(Permission::ManageBackups) {
            self.refuse_on_record(&actor, verb)?;
            return Err(refusal);
        }
        Ok(actor)
    }
}

impl Running {
    /// What it is in the history.
    pub fn code(&self) -> &'static str {
        self.what.code()
    }
}
