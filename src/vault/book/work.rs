//! Interactions, alerts and jobs.

use std::ops::ControlFlow;

use crate::domain::id::{AlertId, CustomerId, InteractionId, JobId};
use crate::domain::interaction::Interaction;
use crate::vault::index::newest_first;
use crate::vault::records::{Alert, Job, Record};
use crate::vault::store::{Get, Put, StoreError, Table, Way, key};

/// An id for a new interaction.
pub fn next_interaction(to: &mut dyn Put) -> Result<InteractionId, StoreError> {
    to.next("next interaction").map(InteractionId)
}

/// Writes an interaction; gives its key, by which an undo removes it.
pub fn put_interaction(to: &mut dyn Put, interaction: &Interaction) -> Result<Vec<u8>, StoreError> {
    let i = interaction;
    let key = key(&[&i.customer.0.to_be_bytes(), &newest_first(i.at.0), &i.id.0.to_be_bytes()]);
    to.put(Table::Interactions, &key, &i.to_bytes())?;
    Ok(key)
}

/// A customer's interactions, newest first; at most `limit`.
pub fn interactions(from: &dyn Get, customer: CustomerId, limit: usize) -> Result<Vec<Interaction>, StoreError> {
    records(from, Table::Interactions, &customer.0.to_be_bytes(), Way::Up, limit)
}

/// What begins with one customer's number, under another's.
pub(super) fn under(key: &[u8], customer: CustomerId) -> Vec<u8> {
    let mut out = customer.0.to_be_bytes().to_vec();
    out.extend_from_slice(key.get(8..).unwrap_or_default());
    out
}

/// Makes a customer's interactions another's; gives the keys that they had.
pub fn move_interactions(to: &mut dyn Put, of: CustomerId, now: CustomerId) -> Result<Vec<Vec<u8>>, StoreError> {
    let keys = keys(to, Table::Interactions, of)?;
    keys.iter().try_for_each(|key| move_interaction(to, key, &under(key, now), now))?;
    Ok(keys)
}

/// Gives interactions that were moved to `from` back to the customer who had them under these keys.
pub fn move_back(to: &mut dyn Put, from: CustomerId, owner: CustomerId, keys: &[Vec<u8>]) -> Result<(), StoreError> {
    keys.iter().try_for_each(|key| move_interaction(to, &under(key, from), key, owner))
}

/// The keys of a customer's rows in a table that begins with the customer's number.
pub(super) fn keys(from: &dyn Get, table: Table, of: CustomerId) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut keys = Vec::new();
    from.visit_prefix(table, &of.0.to_be_bytes(), Way::Up, &mut |key, _| {
        keys.push(key.to_vec());
        ControlFlow::Continue(())
    })?;
    Ok(keys)
}

fn move_interaction(to: &mut dyn Put, from: &[u8], key: &[u8], owner: CustomerId) -> Result<(), StoreError> {
    let Some(bytes) = to.get(Table::Interactions, from)? else { return Ok(()) };
    let moved = Interaction { customer: owner, ..Interaction::from_bytes(&bytes)? };
    to.remove(Table::Interactions, from)?;
    to.put(Table::Interactions, key, &moved.to_bytes())
}

/// An id for a new alert.
pub fn next_alert(to: &mut dyn Put) -> Result<AlertId, StoreError> {
    to.next("next alert").map(AlertId)
}

/// Writes an alert.
pub fn put_alert(to: &mut dyn Put, alert: &Alert) -> Result<(), StoreError> {
    to.put(Table::Alerts, &alert.id.0.to_be_bytes(), &alert.to_bytes())
}

/// The alert with this id.
pub fn alert(from: &dyn Get, id: AlertId) -> Result<Option<Alert>, StoreError> {
    from.get(Table::Alerts, &id.0.to_be_bytes())?.map(|bytes| Alert::from_bytes(&bytes)).transpose()
}

/// The newest alerts, newest first; at most `limit`.
pub fn alerts(from: &dyn Get, limit: usize) -> Result<Vec<Alert>, StoreError> {
    records(from, Table::Alerts, &[], Way::Down, limit)
}

/// Writes a job.
pub fn put_job(to: &mut dyn Put, job: &Job) -> Result<(), StoreError> {
    to.put(Table::Jobs, &job.id.0.to_be_bytes(), &job.to_bytes())
}

/// The job with this id.
pub fn job(from: &dyn Get, id: JobId) -> Result<Option<Job>, StoreError> {
    from.get(Table::Jobs, &id.0.to_be_bytes())?.map(|bytes| Job::from_bytes(&bytes)).transpose()
}

/// The newest jobs, newest first; at most `limit`.
pub fn jobs(from: &dyn Get, limit: usize) -> Result<Vec<Job>, StoreError> {
    records(from, Table::Jobs, &[], Way::Down, limit)
}

pub(super) fn records<R: Record>(
    from: &dyn Get,
    table: Table,
    prefix: &[u8],
    way: Way,
    limit: usize,
) -> Result<Vec<R>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(table, prefix, way, &mut |_, value| {
        out.push(R::from_bytes(value));
        if out.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    out.into_iter().collect()
}
