//! Consents that come with an import: kept aside until it is published, put down then, taken back with it.
//!
//! **Invariant:** what a customer said before stands: an import puts down only what nobody knew of a purpose. Each consent
//! has its entry, says that it came with an import and from where, and that nobody here knows the words agreed to.

use super::super::actor::Actor;
use super::super::consents;
use super::super::refusal::Refusal;
use super::ImportRecord;
use crate::domain::audit::{NewEntry, Object};
use crate::domain::consent::{ConsentState, Purpose};
use crate::domain::id::{CustomerId, JobId};
use crate::domain::role::Permission;
use crate::vault::book::brought::{self, Brought};
use crate::vault::book::{consents as book, customers, merged};
use crate::vault::records::{Job, JobConsent};
use crate::vault::store::{Get, Put, StoreError};

/// Customers in one transaction: each consent has an entry of its own.
const CHUNK: usize = 100;

/// What a row says of purposes.
pub(in crate::service) type Said = [(Purpose, ConsentState)];

/// Whoever brings consents may put them down.
pub(in crate::service) fn allowed(actor: &Actor, rows: &[ImportRecord]) -> Result<(), Refusal> {
    if rows.iter().any(|row| !row.consents.is_empty()) { actor.require(Permission::Consents) } else { Ok(()) }
}

/// How much of what a row says nobody knew of a customer who is there already.
pub(in crate::service) fn new(from: &dyn Get, id: CustomerId, said: &Said) -> Result<Vec<JobConsent>, StoreError> {
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let known = book::of(from, id)?;
    let fresh = said.iter().filter(|(purpose, _)| known.iter().all(|consent| consent.purpose != *purpose));
    Ok(fresh.map(|(purpose, state)| JobConsent { purpose: *purpose, state: *state, became: None }).collect())
}

/// Keeps aside what a row says of a customer; gives how many consents that are which no earlier row brings.
pub(super) fn keep(to: &mut dyn Put, job: JobId, id: CustomerId, said: &Said) -> Result<u64, StoreError> {
    let fresh = new(to, id, said)?;
    if fresh.is_empty() {
        return Ok(0);
    }
    let mut kept = brought::get(to, job, Brought::ToCome, id)?;
    let before = kept.0.len();
    for one in fresh {
        if kept.0.iter().all(|known| known.purpose != one.purpose) {
            kept.0.push(one);
        }
    }
    brought::put(to, job, Brought::ToCome, (id, &kept))?;
    Ok((kept.0.len() - before) as u64)
}

/// Puts a chunk of what was kept aside down; says whether more is left.
pub(super) fn put_down_some(actor: &Actor, id: JobId) -> Result<bool, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let rows = brought::some(to, id, Brought::ToCome, CHUNK)?;
        let source = crate::vault::book::work::job(to, id)?.map(|job| job.source).unwrap_or_default();
        for (of, said) in &rows {
            let mut became = said.clone();
            // Who was merged away meanwhile is meant as whoever they are now; who was erased is nobody.
            let customer = customers::get(to, merged::kept(to, *of)?)?.filter(|c| !c.profile.restricted);
            for one in &mut became.0 {
                one.became = match &customer {
                    Some(customer) => consents::bring(&of_actor, to, customer, (one.purpose, one.state), &source)?,
                    None => None,
                };
            }
            became.0.retain(|one| one.became.is_some());
            brought::put(to, id, Brought::ToCome, (*of, &Default::default()))?;
            brought::put(to, id, Brought::PutDown, (*of, &became))?;
        }
        Ok(!rows.is_empty())
    })
}

/// Takes a chunk of what a job put down, or kept aside, back; says whether more is left.
pub(super) fn take_back_some(actor: &Actor, to: &mut dyn Put, job: &Job) -> Result<bool, Refusal> {
    let mut rows = brought::some(to, job.id, Brought::ToCome, CHUNK)?;
    if rows.is_empty() {
        rows = brought::some(to, job.id, Brought::PutDown, CHUNK)?;
    }
    for (of, said) in &rows {
        let mut taken = false;
        if let Some(customer) = customers::get(to, merged::kept(to, *of)?)? {
            for consent in said.0.iter().filter_map(|one| one.became) {
                taken |= book::take(to, &customer, consent)?.is_some();
            }
            let of_job = job.ranges.iter().any(|(first, last)| (*first..=*last).contains(&of.0));
            // Whoever goes with the job needs no entry of their own.
            if taken && !of_job {
                let object = Object::Customer(customer.profile.id.0);
                actor.record(to, &NewEntry { object, ..actor.entry("customer.unmerge") })?;
            }
        }
        brought::forget(to, job.id, *of)?;
    }
    Ok(!rows.is_empty())
}
