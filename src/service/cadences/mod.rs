//! Cadences: kept, put on customers step by step, and stopped.
//!
//! **Invariant:** where a cadence runs there is one open follow-up that is a step of it; the next one comes in the
//! transaction in which that one is finished, and in no other way.

mod order;

use chrono::{Days, NaiveTime};

use super::actor::Actor;
use super::door::Done;
use super::refusal::{Fault, FieldFault, Refusal};
use super::undo;
use super::view::CadenceView;
use super::{follow_ups, templates};
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::cadence::{Cadence, CadenceDraft, CadencePlace, LONGEST_NAME, Step, StepFault, check};
use crate::domain::follow_up::{FollowUp, FollowUpState};
use crate::domain::id::{CadenceId, CustomerId, StaffId};
use crate::domain::role::Permission;
use crate::domain::value;
use crate::text::{Printable, folded};
use crate::vault::book::{cadences, follow_ups as book};
use crate::vault::records::{Record, Restore};
use crate::vault::store::{Get, Put};

pub use order::{CadenceAction, CadenceQuery};

/// The most cadences that a vault keeps.
const MOST: usize = 100;
/// At what time of the day the later steps are due.
const HOUR: u32 = 9;

fn fault(part: &str, fault: Fault) -> Refusal {
    Refusal::Invalid(vec![FieldFault { part: part.to_owned(), fault }])
}

/// Does something with cadences.
pub(super) fn carry_out(actor: &Actor, action: CadenceAction) -> Result<Done, Refusal> {
    let verb = action.rule().verb;
    match action {
        CadenceAction::Add(draft) => save(actor, verb, None, draft),
        CadenceAction::Change(id, version, draft) => save(actor, verb, Some((id, version)), draft),
        CadenceAction::Remove(id, version) => remove(actor, verb, id, version),
        CadenceAction::Stop(id, customer) => stop(actor, verb, id, customer),
    }
}

/// The cadence at the version that a change was based on.
fn current(from: &dyn Get, id: CadenceId, version: u64) -> Result<Cadence, Refusal> {
    let found = cadences::get(from, id)?.ok_or(Refusal::NotFound("cadence"))?;
    if found.version == version { Ok(found) } else { Err(Refusal::Conflict(None)) }
}

fn save(
    actor: &Actor,
    verb: &'static str,
    known: Option<(CadenceId, u64)>,
    draft: CadenceDraft,
) -> Result<Done, Refusal> {
    match draft.name.as_str().chars().count() {
        0 => return Err(fault("name", Fault::Missing)),
        n if n > LONGEST_NAME => return Err(fault("name", Fault::TooLong)),
        _ => {}
    }
    check(&draft.steps)
        .map_err(|why| fault("steps", if why == StepFault::None { Fault::Missing } else { Fault::TooLong }))?;
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let before = known.map(|(id, version)| current(to, id, version)).transpose()?;
        let all = cadences::all(to)?;
        let other = |c: &&Cadence| before.as_ref().is_none_or(|before| before.id != c.id);
        if all.iter().filter(other).any(|c| folded(c.name.as_str()) == folded(draft.name.as_str())) {
            return Err(Refusal::NameTaken);
        }
        if before.is_none() && all.len() >= MOST {
            return Err(fault("cadences", Fault::TooLong));
        }
        let id = before.as_ref().map_or_else(|| cadences::next_id(to), |before| Ok(before.id))?;
        let version = before.as_ref().map_or(1, |before| before.version + 1);
        let (name, steps) = (draft.name.clone(), draft.steps.clone());
        let after = Cadence { id, version, name, steps, by: actor.staff.id };
        cadences::put(to, &after)?;
        record(actor, to, verb, &after)?;
        let restore = Restore::Cadence(id.0, version, before.map(|before| before.to_bytes()));
        undo::push(actor, to, verb, None, vec![restore])?;
        Ok(Done::Done)
    })
}

fn remove(actor: &Actor, verb: &'static str, id: CadenceId, version: u64) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let before = current(to, id, version)?;
        cadences::remove(to, id)?;
        record(&of_actor, to, verb, &before)?;
        // 0 is the version of what is not there.
        undo::push(&of_actor, to, verb, None, vec![Restore::Cadence(id.0, 0, Some(before.to_bytes()))])?;
        Ok(Done::Done)
    })
}

fn record(actor: &Actor, to: &mut dyn Put, verb: &str, cadence: &Cadence) -> Result<(), Refusal> {
    let after = format!("{} ({})", value::starred(cadence.name.as_str()), cadence.steps.len());
    let texts = Texts { after: Some(after), ..Texts::default() };
    actor.record(to, &NewEntry { texts, ..actor.entry(verb) })?;
    Ok(())
}

fn stop(actor: &Actor, verb: &'static str, id: CadenceId, customer: CustomerId) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        actor.customer_to_change(to, customer)?;
        let before = cadences::step_of(to, id, customer)?.ok_or(Refusal::NotFound("cadence"))?;
        let after = FollowUp { state: FollowUpState::Dropped, version: before.version + 1, ..before.clone() };
        book::put(to, Some(&before), &after)?;
        book::refresh_next(to, customer, &actor.schema)?;
        follow_ups::record(actor, to, verb, &after)?;
        let restore = Restore::FollowUp(before.id.0, after.version, Some(before.to_bytes()));
        undo::push(actor, to, verb, Some(customer), vec![restore])?;
        Ok(Done::Logged)
    })
}

/// Puts a cadence back as it stood before, unless somebody changed it since.
pub(super) fn put_back(
    actor: &Actor,
    to: &mut dyn Put,
    id: u64,
    version: u64,
    before: Option<&[u8]>,
) -> Result<Option<(u64, u64)>, Refusal> {
    let now = cadences::get(to, CadenceId(id))?;
    if now.as_ref().map_or(0, |now| now.version) != version {
        return Err(now.map_or(Refusal::NothingToUndo, |now| Refusal::UndoStale(actor.name_of(now.by))));
    }
    let Some(bytes) = before else {
        cadences::remove(to, CadenceId(id))?;
        return Ok(None);
    };
    let old = Cadence::from_bytes(bytes)?;
    let taken = |c: &Cadence| c.id != old.id && folded(c.name.as_str()) == folded(old.name.as_str());
    if cadences::all(to)?.iter().any(taken) {
        return Err(Refusal::NameTaken);
    }
    let stood = old.version;
    let after = version.max(stood) + 1;
    cadences::put(to, &Cadence { version: after, ..old })?;
    Ok(Some((stood, after)))
}

/// Answers a question about cadences.
pub(super) fn answer(actor: &Actor, from: &dyn Get, query: CadenceQuery) -> Result<CadenceView, Refusal> {
    match query {
        CadenceQuery::List => {
            if !actor.role.may(Permission::ManagePolicy) {
                actor.require(Permission::FollowUps)?;
            }
            let mut all = cadences::all(from)?;
            all.sort_by_cached_key(|cadence| folded(cadence.name.as_str()));
            Ok(CadenceView::Rows(all))
        }
        CadenceQuery::Running(id) => {
            actor.require(Permission::ManagePolicy)?;
            Ok(CadenceView::Running(id, cadences::running(from, id)?))
        }
    }
}

/// The cadence of a change of many, if there is one.
pub(super) fn wanted(from: &dyn Get, id: CadenceId) -> Result<Cadence, Refusal> {
    cadences::get(from, id)?.ok_or(Refusal::NotFound("cadence"))
}

/// Puts a cadence on a customer: its first step is set. Gives what an undo removes.
pub(super) fn begin(
    actor: &Actor,
    to: &mut dyn Put,
    cadence: &Cadence,
    customer: CustomerId,
) -> Result<Restore, Refusal> {
    let first = cadence.steps.first().ok_or(Refusal::NotFound("cadence"))?;
    set(actor, to, (cadence, first, 1), (customer, actor.staff.id, actor.now), "cadence.start")
}

/// The step that follows on one that is finished now, if there is one.
pub(super) fn next(actor: &Actor, to: &mut dyn Put, done: &FollowUp) -> Result<Option<Restore>, Refusal> {
    let Some(place) = &done.cadence else { return Ok(None) };
    let Some(cadence) = cadences::get(to, place.cadence)? else { return Ok(None) };
    let Some(step) = cadence.steps.get(usize::from(place.at)) else { return Ok(None) };
    let at = place.at.saturating_add(1);
    let whose = (done.customer, done.assignee, place.began);
    set(actor, to, (&cadence, step, at), whose, "cadence.step").map(Some)
}

fn set(
    actor: &Actor,
    to: &mut dyn Put,
    (cadence, step, at): (&Cadence, &Step, u8),
    (customer, assignee, began): (CustomerId, StaffId, Timestamp),
    verb: &str,
) -> Result<Restore, Refusal> {
    let text = text_of(actor, to, cadence, step, customer)?;
    let what = (due(actor, began, step.day), text);
    let made = FollowUp::new(book::next_id(to)?, customer, assignee, what, actor.now);
    let of = u8::try_from(cadence.steps.len()).unwrap_or(u8::MAX);
    let place = CadencePlace { cadence: cadence.id, name: cadence.name.clone(), at, of, kind: step.kind, began };
    let made = FollowUp { cadence: Some(place), set_by: Some(cadence.name.clone()), ..made };
    book::put(to, None, &made)?;
    book::refresh_next(to, customer, &actor.schema)?;
    follow_ups::record(actor, to, verb, &made)?;
    Ok(Restore::FollowUp(made.id.0, made.version, None))
}

/// When a step is due: in the morning of its day, and never in the past.
fn due(actor: &Actor, began: Timestamp, day: u16) -> Timestamp {
    let clock = &actor.desk.clock;
    let wanted = clock.day(began).checked_add_days(Days::new(u64::from(day)));
    let morning = NaiveTime::from_hms_opt(HOUR, 0, 0).unwrap_or(NaiveTime::MIN);
    let wanted = wanted.filter(|_| day > 0).map(|date| clock.moment(date.and_time(morning)));
    wanted.map_or(actor.now, |wanted| wanted.max(actor.now))
}

/// What a step says: its text, or its template filled in with masks; the cadence's name where it says nothing.
fn text_of(
    actor: &Actor,
    from: &dyn Get,
    cadence: &Cadence,
    step: &Step,
    customer: CustomerId,
) -> Result<Printable, Refusal> {
    if let Some(name) = step.text.as_str().strip_prefix('@')
        && let Some(text) = templates::masked(actor, from, name, customer)?
    {
        return Ok(text);
    }
    Ok(if step.text.is_empty() { cadence.name.clone() } else { step.text.clone() })
}
