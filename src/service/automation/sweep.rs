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
use crate::domain::id::CustomerId;
use crate::domain::rule::{Rule, RuleState, Trigger};
use crate::service::actor::Actor;
use crate::service::passes::Pass;
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
/// The rules that wait for a time, and staying in touch.
pub(in crate::service) const PASS: Pass<Stretch> = Pass { last: "rules looked last", stretches, bite };

fn timed(from: &dyn Get) -> Result<Vec<Rule>, Refusal> {
    let mut all = rules::all(from)?;
    all.retain(|rule| rule.state == RuleState::On && rule.text.trigger.is_timed());
    Ok(all)
}

fn stretches(actor: &Actor) -> Result<VecDeque<Stretch>, Refusal> {
    let from = actor.desk.tables.read()?;
    let mut queue = VecDeque::new();
    for rule in timed(&from)? {
        queue.extend(candidates::stretches(actor, &rule));
    }
    if !marks::intervals(&from, None, 1)?.is_empty() {
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
