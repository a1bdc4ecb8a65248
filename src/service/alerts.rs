//! Alerts: what the program noticed and somebody should look at.

use super::actor::Actor;
use super::desk::Desk;
use super::door::Done;
use super::refusal::Refusal;
use super::undo;
use super::view::{AlertKind, AlertRow};
use crate::domain::audit::{NewEntry, Object};
use crate::domain::id::{AlertId, StaffId};
use crate::vault::book::work;
use crate::vault::records::Alert;
use crate::vault::store::{Get, Put, StoreError, Table};

/// Raises an alert about the actor, unless the same one was raised within the hour.
pub(super) fn raise(actor: &Actor, to: &mut dyn Put, kind: AlertKind, count: u64) -> Result<(), Refusal> {
    raise_about(&actor.desk, to, actor.staff.id, actor.entry("alert.raise"), (kind, count))
}

/// Raises an alert about somebody, with this entry, unless the same one was raised within the hour.
pub(super) fn raise_about(
    desk: &Desk,
    to: &mut dyn Put,
    about: StaffId,
    entry: NewEntry,
    (kind, count): (AlertKind, u64),
) -> Result<(), Refusal> {
    let recent = work::alerts(to, 50)?;
    // A clock that was set back does not silence an alert until it has caught up.
    let hour = 0..3_600_000;
    let same = |a: &Alert| a.about == Some(about) && a.kind == kind.place() && hour.contains(&entry.time.since(a.at));
    if recent.iter().any(same) {
        return Ok(());
    }
    let id = work::next_alert(to)?;
    let alert = Alert { id, at: entry.time, about: Some(about), kind: kind.place(), count, settled: None };
    work::put_alert(to, &alert)?;
    desk.recorder.append(to, &NewEntry { object: Object::Alert(id.0), ..entry }, &*desk.entropy)?;
    Ok(())
}

/// The open alerts, newest first.
pub(super) fn open(actor: &Actor, from: &dyn Get) -> Result<Vec<AlertRow>, StoreError> {
    let alerts = work::alerts(from, 200)?.into_iter().filter(|a| a.settled.is_none()).take(50);
    let rows = alerts.filter_map(|a| {
        let about = a.about.map(|id| actor.name_of(id)).unwrap_or_default();
        Some(AlertRow { id: a.id, at: a.at, about, kind: AlertKind::from_place(a.kind)?, count: a.count })
    });
    Ok(rows.collect())
}

/// Marks an alert as seen.
pub(super) fn settle(actor: &Actor, id: AlertId) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let mut alert = work::alert(to, id)?.ok_or(Refusal::NotFound("alert"))?;
        alert.settled = Some(of_actor.now);
        undo::changing(&of_actor, to, (Table::Alerts, &id.0.to_be_bytes()), "alert.settle", |to| {
            Ok(work::put_alert(to, &alert)?)
        })?;
        of_actor.record(to, &NewEntry { object: Object::Alert(id.0), ..of_actor.entry("alert.settle") })?;
        Ok(Done::Done)
    })
}
