//! Rules that wait for a time: one pass over whoever may be meant, in bites small enough for a quiet moment.
//!
//! A pass goes along index rows by time and by token, never over all customers; where a bite stopped, the next one goes on.
//! **Invariant:** for whom a rule acted, it does not act again on the same occasion: a silence counts from one contact, a
//! birthday once a year. What a bite found is looked at again in the transaction in which it is acted on.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::acts::{self, Cause, is_for, is_lost_so};
use super::candidates::{self, Candidate, Stretch};
use crate::clock::Timestamp;
use crate::domain::customer::Profile;
use crate::domain::id::{CustomerId, SessionId};
use crate::domain::rule::{Rule, RuleState, Trigger};
use crate::service::actor::Actor;
use crate::service::refusal::Refusal;
use crate::service::view::Swept;
use crate::vault::book::marks::{self, Mark};
use crate::vault::book::{customers, rules};
use crate::vault::records::{Customer, Record};
use crate::vault::store::{Get, Put};

/// Index rows that one bite reads.
pub(super) const ROWS: usize = 500;
/// Customers on whom one bite acts.
const ACTS: usize = 50;
/// Milliseconds between two passes.
const HOUR: i64 = 3_600_000;
/// Milliseconds after which a pass that failed is begun anew.
const AGAIN: i64 = 60_000;
/// Under this name the moment of the last pass is kept.
const LAST: &str = "rules looked last";

/// How far the rules have looked.
#[derive(Debug, Default)]
pub(in crate::service) struct Sweep {
    /// When the next pass may begin.
    next: Option<Timestamp>,
    /// What of this pass is still to be looked at.
    queue: VecDeque<Stretch>,
}

/// Does a bite of a pass, or begins one where one is due. For quiet moments: nobody waits for it, and a fault is met again
/// by whoever changes something next.
pub(in crate::service) fn quiet(actor: &Actor) {
    let Ok(mut sweep) = actor.desk.sweep.try_lock() else { return };
    if sweep.queue.is_empty() && sweep.next.is_some_and(|next| actor.now < next && next.since(actor.now) <= HOUR) {
        return;
    }
    match step(actor, &mut sweep) {
        // Everybody's screens show what the program did, the one whose quiet moment it was included.
        Ok(swept) if swept.all() > 0 => actor.desk.present.tell(SessionId(0)),
        Ok(_) => {}
        Err(_) => {
            sweep.queue.clear();
            sweep.next = Some(actor.now.plus_seconds(AGAIN / 1_000));
        }
    }
}

fn step(actor: &Actor, sweep: &mut Sweep) -> Result<Swept, Refusal> {
    if sweep.queue.is_empty() {
        let from = actor.desk.tables.read()?;
        let last = Timestamp(from.number(LAST)?.cast_signed());
        let waited = actor.now.since(last);
        // A clock that was set back does not hold the rules up until it has caught up.
        if (0..HOUR).contains(&waited) {
            sweep.next = Some(last.plus_seconds(HOUR / 1_000));
            return Ok(Swept::default());
        }
        sweep.queue = stretches(actor, &from)?;
        sweep.next = Some(actor.now.plus_seconds(HOUR / 1_000));
        return Ok(Swept::default());
    }
    let Some(stretch) = sweep.queue.pop_front() else { return Ok(Swept::default()) };
    let (swept, rest) = bite(actor, stretch)?;
    if let Some(rest) = rest {
        sweep.queue.push_front(rest);
    }
    if sweep.queue.is_empty() {
        note(actor)?;
    }
    Ok(swept)
}

/// Does a whole pass at once.
pub(super) fn run(actor: &Actor) -> Result<Swept, Refusal> {
    let mut queue = stretches(actor, &actor.desk.tables.read()?)?;
    let mut all = Swept::default();
    while let Some(stretch) = queue.pop_front() {
        let (swept, rest) = bite(actor, stretch)?;
        all.follow_ups += swept.follow_ups;
        all.tags += swept.tags;
        all.assigned += swept.assigned;
        queue.extend(rest);
    }
    note(actor)?;
    Ok(all)
}

/// Keeps when the rules looked last, so that the next program to open the vault need not look again at once.
fn note(actor: &Actor) -> Result<(), Refusal> {
    let now = actor.now.0.max(0).cast_unsigned();
    actor.commit(move |to| Ok(to.set_number(LAST, now)?))
}

fn timed(from: &dyn Get) -> Result<Vec<Rule>, Refusal> {
    let mut all = rules::all(from)?;
    all.retain(|rule| rule.state == RuleState::On && rule.text.trigger.is_timed());
    Ok(all)
}

fn stretches(actor: &Actor, from: &dyn Get) -> Result<VecDeque<Stretch>, Refusal> {
    let mut queue = VecDeque::new();
    for rule in timed(from)? {
        queue.extend(candidates::stretches(actor, &rule));
    }
    if !marks::intervals(from, None, 1)?.is_empty() {
        queue.push_back(Stretch::Intervals(None));
    }
    Ok(queue)
}

/// What a bite of a stretch did, and what is left of it.
fn bite(actor: &Actor, stretch: Stretch) -> Result<(Swept, Option<Stretch>), Refusal> {
    if let Stretch::Intervals(after) = stretch {
        let (follow_ups, rest) = super::touch::bite(actor, after)?;
        return Ok((Swept { follow_ups, ..Swept::default() }, rest.map(|last| Stretch::Intervals(Some(last)))));
    }
    let from = actor.desk.tables.read()?;
    let Some(rule) = candidates::rule(&stretch).map(|id| rules::get(&from, id)).transpose()?.flatten() else {
        return Ok((Swept::default(), None));
    };
    let mut found: Vec<Candidate> = Vec::new();
    let rest = candidates::walk(actor, &from, &rule, &stretch, ROWS, &mut |candidate| {
        if taken(actor, &from, &rule, &candidate)?.is_some() {
            found.push(candidate);
        }
        Ok(if found.len() >= ACTS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    drop(from);
    if found.is_empty() {
        return Ok((Swept::default(), rest));
    }
    let of_actor = actor.clone();
    let swept = actor.commit(move |to| {
        let mut swept = Swept::default();
        // Somebody may have switched it off or written it anew since.
        let now = rules::get(to, rule.id)?.filter(|now| *now == rule && now.state == RuleState::On);
        for candidate in found.iter().filter(|_| now.is_some()) {
            act_on(&of_actor, to, &rule, candidate, &mut swept)?;
        }
        Ok(swept)
    })?;
    Ok((swept, rest))
}

/// The customer with what the rule does for them, unless that is nothing or was done on this occasion.
fn taken(
    actor: &Actor,
    from: &dyn Get,
    rule: &Rule,
    candidate: &Candidate,
) -> Result<Option<(Customer, acts::Act)>, Refusal> {
    if marks::get(from, candidate.id, Mark::Acted(rule.id.0))? == Some(candidate.occasion) {
        return Ok(None);
    }
    let Some(customer) = customers::get(from, candidate.id)? else { return Ok(None) };
    let met = is_for(&rule.text, &customer.profile) && still(actor, rule, candidate, &customer.profile);
    if !met || !is_lost_so(from, &rule.text, &customer.profile)? {
        return Ok(None);
    }
    let act = acts::act(actor, from, Cause::Time, &rule.text, &customer.profile)?;
    Ok(act.map(|act| (customer, act)))
}

fn act_on(
    actor: &Actor,
    to: &mut dyn Put,
    rule: &Rule,
    candidate: &Candidate,
    swept: &mut Swept,
) -> Result<(), Refusal> {
    let id = candidate.id;
    // Another session may have acted since they were found.
    let Some((mut customer, act)) = taken(actor, to, rule, candidate)?.filter(|_| actor.desk.visible(id)) else {
        return Ok(());
    };
    match &act {
        acts::Act::FollowUp(..) => swept.follow_ups += 1,
        acts::Act::Tag(..) => swept.tags += 1,
        acts::Act::Assign(..) => swept.assigned += 1,
    }
    if !matches!(act, acts::Act::FollowUp(..)) {
        let before = Customer::from_bytes(&customer.to_bytes())?;
        acts::apply(&act, &rule.text, &mut customer.profile, actor.now);
        customer.profile.version += 1;
        customer.profile.updated = actor.now;
        customers::put(to, Some(&before), &customer, &actor.schema)?;
    }
    acts::record(actor, to, Cause::Time, (id, &rule.text.name), &act)?;
    marks::put(to, id, Mark::Acted(rule.id.0), Some(candidate.occasion))?;
    Ok(())
}

/// Whether nobody spoke with them since they were found; a birthday stays.
fn still(actor: &Actor, rule: &Rule, candidate: &Candidate, profile: &Profile) -> bool {
    match rule.text.trigger {
        Trigger::NoContact(days) => {
            let since = since(profile);
            since.0 == candidate.occasion && since < candidates::silent_before(actor, days)
        }
        _ => true,
    }
}

/// When somebody last spoke with them; with whom nobody did, when they were added.
pub(super) fn since(profile: &Profile) -> Timestamp {
    profile.last_contact.unwrap_or(profile.created)
}

/// Whom a rule would take now: each is given to `take`, until it breaks off.
pub(super) fn would_take(
    actor: &Actor,
    from: &dyn Get,
    rule: &Rule,
    most: usize,
    take: &mut dyn FnMut(CustomerId, &Customer) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Refusal> {
    let mut left = most;
    for stretch in candidates::stretches(actor, rule) {
        let mut rest = Some(stretch);
        while let Some(stretch) = rest {
            if left == 0 {
                return Ok(ControlFlow::Break(()));
            }
            let rows = left.min(ROWS);
            let (mut looked, mut broke) = (0, ControlFlow::Continue(()));
            rest = candidates::walk(actor, from, rule, &stretch, rows, &mut |candidate| {
                looked += 1;
                if let Some((customer, _)) = taken(actor, from, rule, &candidate)? {
                    broke = take(candidate.id, &customer);
                }
                Ok(broke)
            })?;
            left = left.saturating_sub(looked.max(1));
            if broke.is_break() {
                return Ok(broke);
            }
        }
    }
    Ok(ControlFlow::Continue(()))
}
