//! Taking an import back: cancelled, left by a crash, or undone as one.
//!
//! **Invariant:** customers whom somebody worked with are not taken back; whoever changed one is named.

use std::ops::ControlFlow;

use super::super::actor::Actor;
use super::super::desk::Desk;
use super::super::door::Done;
use super::super::indexing::{Step, index};
use super::super::protection;
use super::super::refusal::Refusal;
use super::super::undo;
use super::super::view::ImportState;
use super::publish::{count, finish};
use super::{CHUNK, hide_as_stored, job_in, keys_of, said};
use crate::domain::audit::{NewEntry, Object};
use crate::domain::follow_up::FollowUp;
use crate::domain::id::{CustomerId, JobId};
use crate::vault::book::{brought, consents, customers, work};
use crate::vault::records::{Customer, Job, Record};
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

/// Removes an import that is not finished.
pub(in crate::service) fn cancel(actor: &Actor, id: JobId) -> Result<Done, Refusal> {
    take_back(actor, id, &[ImportState::Staging, ImportState::Undoing], "import.cancel")?;
    Ok(Done::Done)
}

/// Takes a published import back, unless somebody changed one of its customers since.
pub(in crate::service) fn undo(actor: &Actor, id: JobId) -> Result<(), Refusal> {
    let from = actor.desk.tables.read()?;
    let job = job_in(&from, actor, id, &[ImportState::Published])?;
    for (first, last) in &job.ranges {
        let mut touched = None;
        let high = last.saturating_add(1).to_be_bytes();
        from.visit(Table::Customers, &first.to_be_bytes(), &high, Way::Up, &mut |_, value| {
            let customer = Customer::from_bytes(value).ok().filter(|c| {
                let left = carried(&from, id, c.profile.id).ok().flatten().unwrap_or(1);
                c.profile.version != left || c.profile.last_contact.is_some() || c.profile.next_follow_up.is_some()
            });
            touched = customer.map(|c| c.profile.id);
            if touched.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(id) = touched {
            return Err(undo::stale(actor, &from, id)?);
        }
    }
    if let Some(id) = worked_with(&from, &job)? {
        return Err(undo::stale(actor, &from, id)?);
    }
    drop(from);
    take_back(actor, id, &[ImportState::Published, ImportState::Undoing], "import.undo")
}

/// One of a job's customers with whom somebody logged a contact or had a reminder, notes and finished ones included:
/// those would be left without their customer.
fn worked_with(from: &dyn Get, job: &Job) -> Result<Option<CustomerId>, StoreError> {
    let (ranges, own) = (&job.ranges, brought::put_down(from, job.id)?);
    let mut found = Ok(None);
    for (first, last) in ranges {
        let high = last.saturating_add(1).to_be_bytes();
        for table in [Table::Interactions, Table::Links] {
            from.visit(table, &first.to_be_bytes(), &high, Way::Up, &mut |key, _| {
                found = KeyReader(key).u64().map(|id| Some(CustomerId(id)));
                ControlFlow::Break(())
            })?;
        }
        if !matches!(found, Ok(None)) {
            return found;
        }
        if let Some(id) = consents::first_within(from, (*first, *last), &own)? {
            return Ok(Some(id));
        }
    }
    from.visit_prefix(Table::FollowUps, &[], Way::Up, &mut |_, value| {
        let of_job = |f: &FollowUp| ranges.iter().any(|(first, last)| (*first..=*last).contains(&f.customer.0));
        found = FollowUp::from_bytes(value).map(|f| of_job(&f).then_some(f.customer));
        if matches!(found, Ok(None)) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    found
}

fn take_back(actor: &Actor, id: JobId, states: &'static [ImportState], verb: &'static str) -> Result<(), Refusal> {
    let of_actor = actor.clone();
    let begun = actor.commit(move |to| {
        let mut job = job_in(to, &of_actor, id, states)?;
        if job.state == ImportState::Published.place() {
            count(to, &job, -1)?;
        }
        // What was never published stands in no list.
        let listed = job.state != ImportState::Staging.place();
        job.state = ImportState::Undoing.place();
        of_actor.desk.hide(id, job.ranges.clone());
        work::put_job(to, &job)?;
        Ok(if listed { job.ranges } else { Vec::new() })
    });
    if begun.is_err() {
        hide_as_stored(actor, id);
    }
    index(actor, &begun?, Step::Strike)?;
    while remove_some(actor, id)? {}
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let mut job = job_in(to, actor, id, &[ImportState::Undoing])?;
        job.state = ImportState::Undone.place();
        let removed = Some(job.added);
        job.ranges.clear();
        work::put_job(to, &job)?;
        actor.record(to, &NewEntry { object: Object::Job(id.0), count: removed, ..actor.entry(verb) })?;
        Ok(())
    })?;
    actor.desk.hide(id, Vec::new());
    Ok(())
}

/// Removes a chunk of a job's customers and restores those it filled; says whether more is left.
fn remove_some(actor: &Actor, id: JobId) -> Result<bool, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let job = job_in(to, actor, id, &[ImportState::Undoing])?;
        if said::take_back_some(actor, to, &job)? {
            return Ok(true);
        }
        for table in [Table::JobStaged, Table::JobUndo, Table::JobCarried] {
            let rows = keys_of(to, table, id)?;
            for (key, bytes) in &rows {
                if table == Table::JobUndo {
                    restore(actor, to, id, CustomerId(KeyReader(key).last_u64()?), bytes)?;
                }
                to.remove(table, key)?;
            }
            if !rows.is_empty() {
                return Ok(true);
            }
        }
        let mut found = Vec::new();
        for (first, last) in &job.ranges {
            let high = last.saturating_add(1).to_be_bytes();
            to.visit(Table::Customers, &first.to_be_bytes(), &high, Way::Up, &mut |_, value| {
                found.push(Customer::from_bytes(value));
                if found.len() >= CHUNK { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if found.len() >= CHUNK {
                break;
            }
        }
        for customer in &found {
            let customer = customer.as_ref().map_err(Clone::clone)?;
            customers::unstage(to, customer, &actor.schema)?;
        }
        Ok(!found.is_empty())
    })
}

fn restore(actor: &Actor, to: &mut dyn Put, job: JobId, id: CustomerId, bytes: &[u8]) -> Result<(), Refusal> {
    let mut before = Customer::from_bytes(bytes)?;
    let Some(now) = customers::get(to, id)? else { return Ok(()) };
    // Changed by somebody since: their record stands.
    if now.profile.version != carried(to, job, id)?.unwrap_or(before.profile.version + 1) {
        return Ok(());
    }
    protection::admit(actor, &mut before)?;
    before.profile.version = now.profile.version + 1;
    before.profile.updated = actor.now;
    before.profile.next_follow_up = now.profile.next_follow_up;
    before.profile.last_contact = now.profile.last_contact;
    customers::put(to, Some(&now), &before, &actor.schema)?;
    actor.record(to, &NewEntry { object: Object::Customer(id.0), ..actor.entry("customer.unmerge") })?;
    Ok(())
}

/// The version under which a customer stands again as the job left it, where later changes were taken back.
fn carried(from: &dyn Get, job: JobId, id: CustomerId) -> Result<Option<u64>, StoreError> {
    let noted = from.get(Table::JobCarried, &key(&[&job.0.to_be_bytes(), &id.0.to_be_bytes()]))?;
    Ok(noted.and_then(|bytes| bytes.first_chunk().copied()).map(u64::from_be_bytes))
}

/// A customer that stood at version `old` stands at `new` after an undo; if that is how the job left it, the job can
/// still be taken back.
pub(in crate::service) fn carry_over(
    to: &mut dyn Put,
    job: JobId,
    id: CustomerId,
    old: u64,
    new: u64,
) -> Result<(), StoreError> {
    let place = key(&[&job.0.to_be_bytes(), &id.0.to_be_bytes()]);
    let left = match to.get(Table::JobUndo, &place)? {
        Some(bytes) => Customer::from_bytes(&bytes)?.profile.version + 1,
        None => {
            let ranges = work::job(to, job)?.map(|job| job.ranges).unwrap_or_default();
            if !ranges.iter().any(|(first, last)| (*first..=*last).contains(&id.0)) {
                return Ok(());
            }
            1
        }
    };
    if carried(to, job, id)?.unwrap_or(left) == old {
        to.put(Table::JobCarried, &place, &new.to_be_bytes())?;
    }
    Ok(())
}

/// Hides what a crash left unpublished; to be called before anybody looks.
pub(in crate::service) fn hide_unfinished(desk: &Desk) -> Result<(), StoreError> {
    for job in unfinished(&desk.tables.read()?)? {
        desk.hide(job.id, job.ranges);
        desk.note_left_over(job.id);
    }
    Ok(())
}

/// Ends what a crash left: unfinished imports are removed, those being published or undone go on to their end.
pub(in crate::service) fn resume(actor: &Actor) -> Result<(), Refusal> {
    let left_over = actor.desk.take_left_over();
    if left_over.is_empty() {
        return Ok(());
    }
    let jobs = unfinished(&actor.desk.tables.read()?)?;
    for job in jobs.into_iter().filter(|job| left_over.contains(&job.id)) {
        let mut by_starter = actor.clone();
        if let Some(starter) = actor.everybody.iter().find(|s| s.id == job.by) {
            by_starter.staff = starter.clone();
        }
        by_starter.origin = crate::domain::audit::Origin::Program;
        match ImportState::from_place(job.state) {
            Some(ImportState::Publishing) => _ = finish(&by_starter, job.id)?,
            _ => _ = cancel(&by_starter, job.id)?,
        }
    }
    Ok(())
}

fn unfinished(from: &dyn Get) -> Result<Vec<Job>, StoreError> {
    let mut jobs = work::jobs(from, usize::MAX)?;
    jobs.retain(is_unfinished);
    Ok(jobs)
}

pub(in crate::service) fn is_unfinished(job: &Job) -> bool {
    let open = [ImportState::Staging, ImportState::Publishing, ImportState::Undoing];
    ImportState::from_place(job.state).is_some_and(|state| open.contains(&state))
}
