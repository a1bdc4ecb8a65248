//! Taking a customer from the pool, and giving one's own back.
//!
//! **Invariant:** of two who claim one customer the first has them; whoever had them last waits, nobody takes more a day than
//! the policy allows, and an undo of a claim does not give the day's claim back.

use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Object, Outcome, Texts};
use crate::domain::customer::Profile;
use crate::domain::field::FieldKey;
use crate::domain::follow_up::{FollowUp, FollowUpState};
use crate::domain::id::{CustomerId, StaffId};
use crate::domain::role::Permission;
use crate::service::actor::Actor;
use crate::service::door::Done;
use crate::service::refusal::{PoolFault, Refusal};
use crate::service::{follow_ups as service_follow_ups, people, record, undo};
use crate::vault::book::{customers, follow_ups, usage};
use crate::vault::records::{Customer, Record, Restore};
use crate::vault::store::{Get, Put, StoreError};

use super::days::DAY;

/// What a claim counts as among what people used.
const CLAIMED: u8 = 8;
/// For so long it is told who was faster; later the customer is another's, of whom nothing is said.
const LATELY: i64 = 3_600_000;
/// The newest entries of a customer among which a claim is looked for.
const LOOKED_AT: usize = 8;
/// Follow-ups of one customer that are handed on.
const MOST_HANDED: usize = 200;

/// How many customers somebody may still claim, and in how many hours the next one, where none is left.
pub(super) fn left(actor: &Actor, from: &dyn Get) -> Result<(u32, u32), StoreError> {
    let used = usage::since(from, actor.staff.id, CLAIMED, actor.now.plus_seconds(-DAY / 1_000))?;
    let oldest = used.oldest.map_or(0, |at| actor.now.since(at));
    let hours = u32::try_from((DAY - oldest).max(1).div_euclid(3_600_000) + 1).unwrap_or(24);
    Ok((actor.policy.pool_claims_per_day.saturating_sub(used.times), hours.min(24)))
}

/// Until when somebody cannot claim a customer who was theirs.
pub(super) fn rests_until(actor: &Actor, profile: &Profile) -> Option<Timestamp> {
    let until = profile.owned_since.0.saturating_add(i64::from(actor.policy.pool_rest_days) * DAY);
    (profile.last_owner == Some(actor.staff.id) && until > actor.now.0).then_some(Timestamp(until))
}

/// What goes on record of a customer who changes hands.
pub(super) fn changed_hands(
    entry: NewEntry,
    id: CustomerId,
    (before, after): (Option<StaffId>, Option<StaffId>),
) -> NewEntry {
    let said = |who: Option<StaffId>| who.map(|who| format!("staff {who}"));
    let texts = Texts { before: said(before), after: said(after), ..Texts::default() };
    NewEntry { object: Object::Customer(id.0), field: FieldKey::new("owner"), texts, ..entry }
}

/// Gives a customer to somebody or to the pool, with its entry; gives what an undo puts back.
pub(super) fn give(
    actor: &Actor,
    to: &mut dyn Put,
    mut customer: Customer,
    (owner, entry): (Option<StaffId>, NewEntry),
) -> Result<Restore, StoreError> {
    let bytes = customer.to_bytes();
    let before = Customer::from_bytes(&bytes)?;
    let profile = &mut customer.profile;
    profile.belongs_to(owner, actor.now);
    profile.version += 1;
    profile.updated = actor.now;
    customers::put(to, Some(&before), &customer, &actor.schema)?;
    let id = customer.profile.id;
    actor.record(to, &changed_hands(entry, id, (before.profile.owner, owner)))?;
    Ok(Restore::Customer(id.0, customer.profile.version, Some(bytes)))
}

/// Whether somebody claimed the customer a moment ago. Of whoever else's they are nothing is told.
fn claimed_lately(actor: &Actor, from: &dyn Get, id: CustomerId, owner: StaffId) -> Result<bool, StoreError> {
    for seq in record::places_of(from, id, LOOKED_AT)? {
        let Some(entry) = record::entry(from, seq)? else { continue };
        let what = entry.what;
        if what.action == "pool.claim" && what.outcome == Outcome::Done && what.actor == Some(owner) {
            return Ok(actor.now.since(what.time) < LATELY);
        }
    }
    Ok(false)
}

/// Takes a customer from the pool.
pub(super) fn claim(actor: &Actor, id: CustomerId) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let found = if actor.desk.visible(id) { customers::get(to, id)? } else { None };
        let customer = found.ok_or(Refusal::OutOfScope)?;
        let profile = &customer.profile;
        match profile.owner {
            Some(owner) if owner == actor.staff.id => return Ok(Done::Saved(id, profile.version)),
            Some(owner) if claimed_lately(actor, to, id, owner)? => {
                return Err(Refusal::Pool(PoolFault::Taken(actor.name_of(owner))));
            }
            Some(_) => return Err(Refusal::OutOfScope),
            None if profile.restricted => return Err(Refusal::Restricted),
            None => {}
        }
        if let Some(until) = rests_until(actor, profile) {
            let day = actor.desk.clock.day(until);
            return Err(Refusal::Pool(PoolFault::Resting { until: day }));
        }
        let limit = actor.policy.pool_claims_per_day;
        let (left, hours) = left(actor, to)?;
        if left == 0 {
            return Err(Refusal::Pool(PoolFault::Limit { limit, hours }));
        }
        usage::note(to, actor.staff.id, CLAIMED, actor.now, id.0)?;
        let version = profile.version + 1;
        let entry = actor.entry("pool.claim");
        let given = give(actor, to, customer, (Some(actor.staff.id), entry))?;
        // What is taken back of the follow-ups is taken back first: afterwards the customer may be out of scope.
        let mut restores = hand_on(actor, to, id)?;
        restores.push(given);
        undo::push(actor, to, "pool.claim", Some(id), restores)?;
        Ok(Done::Saved(id, version))
    })
}

/// Gives the open follow-ups of whoever cannot reach the customer any more to the new owner.
fn hand_on(actor: &Actor, to: &mut dyn Put, id: CustomerId) -> Result<Vec<Restore>, Refusal> {
    let Some(customer) = customers::get(to, id)? else { return Ok(Vec::new()) };
    let mut restores = Vec::new();
    for old in follow_ups::of(to, id, MOST_HANDED)? {
        let reaches =
            || people::must_reach(actor, to, (old.assignee, "assignee"), Permission::FollowUps, &customer.profile);
        if old.state != FollowUpState::Open || reaches().is_ok() {
            continue;
        }
        let bytes = old.to_bytes();
        let new = FollowUp { assignee: actor.staff.id, version: old.version + 1, ..old.clone() };
        follow_ups::put(to, Some(&old), &new)?;
        let texts = Texts { after: Some(service_follow_ups::entry_text(&new)), ..Texts::default() };
        let entry = NewEntry { object: Object::Customer(id.0), texts, ..actor.entry("follow_up.assign") };
        actor.record(to, &entry)?;
        restores.push(Restore::FollowUp(new.id.0, new.version, Some(bytes)));
    }
    Ok(restores)
}

/// Gives one's own customer back to the pool; another's takes the right to assign.
pub(super) fn release(actor: &Actor, id: CustomerId, version: u64) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let customer = actor.customer_to_change(to, id)?;
        if customer.profile.owner.is_none() {
            return Ok(Done::Saved(id, customer.profile.version));
        }
        if customer.profile.version != version {
            return Err(Refusal::Conflict(None));
        }
        if !actor.owns(&customer.profile) {
            actor.require(Permission::Reassign)?;
        }
        let given = give(actor, to, customer, (None, actor.entry("pool.release")))?;
        undo::push(actor, to, "pool.release", Some(id), vec![given])?;
        Ok(Done::Saved(id, version + 1))
    })
}

/// A customer whom an undo changes: one within scope, or one whom this person had last and who is nobody's since.
pub(in crate::service) fn to_put_back(actor: &Actor, from: &dyn Get, id: CustomerId) -> Result<Customer, Refusal> {
    match actor.customer_to_change(from, id) {
        Err(Refusal::OutOfScope) if actor.role.may(Permission::Claim) && actor.desk.visible(id) => {
            let was_mine = |c: &Customer| c.profile.owner.is_none() && c.profile.last_owner == Some(actor.staff.id);
            let found = customers::get(from, id)?.filter(was_mine).ok_or(Refusal::OutOfScope)?;
            if found.profile.restricted { Err(Refusal::Restricted) } else { Ok(found) }
        }
        other => other,
    }
}
