//! Follow-ups: set, changed, put off, handed on, finished, and come again.
//!
//! **Invariant:** a change names the version that it was based on; what somebody is to do is given only to those who may
//! do it with this customer.

use super::actor::Actor;
use super::cadences;
use super::contacts::text_needed;
use super::door::{Done, FollowUpChange, NextStep};
use super::people;
use super::refusal::Refusal;
use super::undo;
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::follow_up::{FollowUp, FollowUpState};
use crate::domain::id::{CustomerId, FollowUpId, StaffId};
use crate::domain::role::Permission;
use crate::domain::value;
use crate::text::Printable;
use crate::vault::book::{follow_ups, settings};
use crate::vault::records::{Record, Restore};
use crate::vault::store::{Get, Put};

/// Sets a follow-up for the actor; gives what an undo removes.
pub(super) fn set(actor: &Actor, to: &mut dyn Put, customer: CustomerId, step: &NextStep) -> Result<Restore, Refusal> {
    text_needed(&step.text)?;
    let what = (step.due, step.text.clone());
    let made = FollowUp::new(follow_ups::next_id(to)?, customer, actor.staff.id, what, actor.now);
    put_new(actor, to, &FollowUp { repeats: step.repeats.clone(), ..made })
}

fn put_new(actor: &Actor, to: &mut dyn Put, made: &FollowUp) -> Result<Restore, Refusal> {
    follow_ups::put(to, None, made)?;
    follow_ups::refresh_next(to, made.customer, &actor.schema)?;
    record(actor, to, "follow_up.add", made)?;
    Ok(Restore::FollowUp(made.id.0, made.version, None))
}

/// What stands between due time and text in a follow-up's entry.
const BETWEEN: &str = " · ";

/// The due time and the text of a follow-up's entry.
pub(super) fn from_record(text: &str) -> Option<(Timestamp, Printable)> {
    let (due, what) = text.split_once(BETWEEN)?;
    let due = chrono::DateTime::parse_from_rfc3339(due).ok()?;
    Some((due.into(), Printable::line(what)))
}

/// How a follow-up stands in its entry: those who read the record need not be those who read what colleagues write about
/// a customer.
pub(super) fn entry_text(f: &FollowUp) -> String {
    format!("{}{BETWEEN}{}", f.due.rfc3339(), value::starred(f.said().as_str()))
}

/// The entry of a follow-up: when it is due, and what it says without numbers.
pub(super) fn record(actor: &Actor, to: &mut dyn Put, verb: &str, f: &FollowUp) -> Result<(), Refusal> {
    let texts = Texts { after: Some(entry_text(f)), ..Texts::default() };
    actor.record(to, &NewEntry { object: Object::Customer(f.customer.0), texts, ..actor.entry(verb) })?;
    Ok(())
}

/// Sets a reminder.
pub(super) fn add(actor: &Actor, customer: CustomerId, step: NextStep) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        of_actor.customer_to_change(to, customer)?;
        let restore = set(&of_actor, to, customer, &step)?;
        undo::push(&of_actor, to, "follow_up.add", Some(customer), vec![restore])?;
        Ok(Done::Logged)
    })
}

/// An open follow-up at the version that the change was based on, of a customer within scope.
fn current(actor: &Actor, from: &dyn Get, id: FollowUpId, version: u64) -> Result<FollowUp, Refusal> {
    let found = follow_ups::get(from, id)?.ok_or(Refusal::NotFound("follow-up"))?;
    actor.customer_to_change(from, found.customer)?;
    if found.version != version || found.state != FollowUpState::Open {
        return Err(Refusal::Conflict(None));
    }
    Ok(found)
}

/// Changes one, and does what else belongs to that change, whose steps an undo takes back with it.
fn change(
    actor: &Actor,
    (id, version): (FollowUpId, u64),
    verb: &'static str,
    change: impl Fn(&Actor, &mut dyn Put, &mut FollowUp) -> Result<Vec<Restore>, Refusal> + Send + 'static,
) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let before = current(actor, to, id, version)?;
        let mut after = before.clone();
        let more = change(actor, to, &mut after)?;
        after.version = version + 1;
        follow_ups::put(to, Some(&before), &after)?;
        follow_ups::refresh_next(to, after.customer, &actor.schema)?;
        record(actor, to, verb, &after)?;
        let mut restores = vec![Restore::FollowUp(id.0, version + 1, Some(before.to_bytes()))];
        restores.extend(more);
        undo::push(actor, to, verb, Some(after.customer), restores)?;
        Ok(Done::Logged)
    })
}

/// Puts a reminder off.
pub(super) fn snooze(actor: &Actor, id: FollowUpId, version: u64, due: Timestamp) -> Result<Done, Refusal> {
    change(actor, (id, version), "follow_up.snooze", move |_, _, f| {
        f.put_off = f.put_off.saturating_add(u32::from(due > f.due));
        f.due = due;
        Ok(Vec::new())
    })
}

/// Writes a reminder anew: when, what, how often.
pub(super) fn edit(actor: &Actor, id: FollowUpId, version: u64, new: FollowUpChange) -> Result<Done, Refusal> {
    text_needed(&new.text)?;
    change(actor, (id, version), "follow_up.edit", move |_, _, f| {
        f.put_off = f.put_off.saturating_add(u32::from(new.due > f.due));
        (f.due, f.text, f.repeats) = (new.due, new.text.clone(), new.repeats.clone());
        Ok(Vec::new())
    })
}

/// Hands a reminder on.
pub(super) fn assign(actor: &Actor, id: FollowUpId, version: u64, who: StaffId) -> Result<Done, Refusal> {
    change(actor, (id, version), "follow_up.assign", move |actor, to, f| {
        let customer = actor.customer(to, f.customer)?;
        people::must_reach(actor, to, (who, "assignee"), Permission::FollowUps, &customer.profile)?;
        f.assignee = who;
        Ok(Vec::new())
    })
}

/// Finishes a reminder and sets the next: the one that is given, the one that it comes again as, the next step of its
/// cadence.
pub(super) fn finish(actor: &Actor, id: FollowUpId, version: u64, next: Option<NextStep>) -> Result<Done, Refusal> {
    change(actor, (id, version), "follow_up.finish", move |actor, to, f| {
        let mut more = Vec::new();
        if let Some(again) = again(actor, to, f)? {
            more.push(put_new(actor, to, &again)?);
        }
        more.extend(cadences::next(actor, to, f)?);
        if let Some(step) = &next {
            more.push(set(actor, to, f.customer, step)?);
        }
        f.state = FollowUpState::Done;
        Ok(more)
    })
}

/// The reminder as it comes again after it is done now: what was missed in between does not come at all.
fn again(actor: &Actor, to: &mut dyn Put, f: &FollowUp) -> Result<Option<FollowUp>, Refusal> {
    let Some(repeats) = &f.repeats else { return Ok(None) };
    let clock = &actor.desk.clock;
    let after = f.due.max(actor.now);
    let local = after.at(clock.offset(after)).naive_local();
    let Some(next) = repeats.next(local, &settings::working_days(to)?) else { return Ok(None) };
    let what = (clock.moment(next), f.text.clone());
    let made = FollowUp::new(follow_ups::next_id(to)?, f.customer, f.assignee, what, actor.now);
    Ok(Some(FollowUp { repeats: Some(repeats.clone()), set_by: f.set_by.clone(), ..made }))
}

/// Takes a reminder back; it does not come again.
pub(super) fn drop_follow_up(actor: &Actor, id: FollowUpId, version: u64) -> Result<Done, Refusal> {
    change(actor, (id, version), "follow_up.drop", |_, _, f| {
        f.state = FollowUpState::Dropped;
        Ok(Vec::new())
    })
}
