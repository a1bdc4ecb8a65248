//! Logged contacts and follow-ups.

use super::actor::Actor;
use super::door::{Done, NextStep};
use super::refusal::{Fault, FieldFault, Refusal};
use super::undo;
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::follow_up::{FollowUp, FollowUpState};
use crate::domain::id::{CustomerId, FollowUpId};
use crate::domain::interaction::{Interaction, InteractionKind};
use crate::domain::reason::LONGEST_TICKET;
use crate::domain::value;
use crate::text::Printable;
use crate::vault::book::{customers, follow_ups, work};
use crate::vault::records::{Customer, Record, Restore};
use crate::vault::store::{Get, Put};

const LONGEST: usize = 10_000;

fn text_needed(text: &Printable) -> Result<(), Refusal> {
    let fault = match text.as_str().chars().count() {
        0 => Fault::Missing,
        n if n > LONGEST => Fault::TooLong,
        _ => return Ok(()),
    };
    Err(Refusal::Invalid(vec![FieldFault { part: "text".into(), fault }]))
}

/// Logs a contact, and sets the next step.
pub(super) fn log(
    actor: &Actor,
    id: CustomerId,
    kind: InteractionKind,
    text: Printable,
    ticket: Option<Printable>,
    next: Option<NextStep>,
) -> Result<Done, Refusal> {
    text_needed(&text)?;
    if ticket.as_ref().is_some_and(|t| t.as_str().chars().count() > LONGEST_TICKET) {
        return Err(Refusal::Invalid(vec![FieldFault { part: "ticket".into(), fault: Fault::TooLong }]));
    }
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let mut customer = actor.customer_to_change(to, id)?;
        let interaction = Interaction {
            id: work::next_interaction(to)?,
            customer: id,
            kind,
            text: text.clone(),
            at: actor.now,
            by: actor.staff.id,
            ticket: ticket.as_ref().map(|t| t.as_str().to_owned()),
        };
        let before_bytes = customer.to_bytes();
        let before = Customer::from_bytes(&before_bytes)?;
        let key = work::put_interaction(to, &interaction)?;
        if kind != InteractionKind::Note {
            customer.profile.last_contact = Some(actor.now);
        }
        customer.profile.updated = actor.now;
        customers::put(to, Some(&before), &customer, &actor.schema)?;
        let texts = Texts { ticket: interaction.ticket.clone(), ..Texts::default() };
        actor.record(to, &NewEntry { object: Object::Customer(id.0), texts, ..actor.entry("interaction.add") })?;
        let mut restores = vec![Restore::Interaction(key)];
        if let Some(step) = &next {
            restores.push(set(actor, to, id, step)?);
        }
        undo::push(actor, to, "interaction.add", Some(id), restores)?;
        Ok(Done::Logged)
    })
}

/// Sets a follow-up for the actor; gives what an undo removes.
pub(super) fn set(actor: &Actor, to: &mut dyn Put, customer: CustomerId, step: &NextStep) -> Result<Restore, Refusal> {
    text_needed(&step.text)?;
    let follow_up = FollowUp {
        id: follow_ups::next_id(to)?,
        version: 1,
        customer,
        assignee: actor.staff.id,
        due: step.due,
        text: step.text.clone(),
        state: FollowUpState::Open,
        created: actor.now,
    };
    follow_ups::put(to, None, &follow_up)?;
    follow_ups::refresh_next(to, customer, &actor.schema)?;
    record(actor, to, "follow_up.add", &follow_up)?;
    Ok(Restore::FollowUp(follow_up.id.0, 1, None))
}

/// What stands between due time and text in a follow-up's entry.
const BETWEEN: &str = " · ";

/// The due time and the text of a follow-up's entry.
pub(super) fn from_record(text: &str) -> Option<(Timestamp, Printable)> {
    let (due, what) = text.split_once(BETWEEN)?;
    let due = chrono::DateTime::parse_from_rfc3339(due).ok()?;
    Some((due.into(), Printable::line(what)))
}

fn record(actor: &Actor, to: &mut dyn Put, verb: &str, f: &FollowUp) -> Result<(), Refusal> {
    // Those who read the record need not be those who read what colleagues write about a customer.
    let after = format!("{}{BETWEEN}{}", f.due.rfc3339(), value::starred(f.text.as_str()));
    let texts = Texts { after: Some(after), ..Texts::default() };
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

fn change(
    actor: &Actor,
    id: FollowUpId,
    version: u64,
    verb: &'static str,
    next: Option<NextStep>,
    change: impl Fn(&mut FollowUp) + Send + 'static,
) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let before = current(actor, to, id, version)?;
        let mut after = before.clone();
        change(&mut after);
        after.version = version + 1;
        follow_ups::put(to, Some(&before), &after)?;
        follow_ups::refresh_next(to, after.customer, &actor.schema)?;
        record(actor, to, verb, &after)?;
        let mut restores = vec![Restore::FollowUp(id.0, version + 1, Some(before.to_bytes()))];
        if let Some(step) = &next {
            restores.push(set(actor, to, after.customer, step)?);
        }
        undo::push(actor, to, verb, Some(after.customer), restores)?;
        Ok(Done::Logged)
    })
}

/// Puts a reminder off.
pub(super) fn snooze(actor: &Actor, id: FollowUpId, version: u64, due: Timestamp) -> Result<Done, Refusal> {
    change(actor, id, version, "follow_up.snooze", None, move |f| f.due = due)
}

/// Finishes a reminder, and sets the next.
pub(super) fn finish(actor: &Actor, id: FollowUpId, version: u64, next: Option<NextStep>) -> Result<Done, Refusal> {
    change(actor, id, version, "follow_up.finish", next, |f| f.state = FollowUpState::Done)
}

/// Takes a reminder back.
pub(super) fn drop_follow_up(actor: &Actor, id: FollowUpId, version: u64) -> Result<Done, Refusal> {
    change(actor, id, version, "follow_up.drop", None, |f| f.state = FollowUpState::Dropped)
}
