//! Follow-ups, by assignee and due time and by customer; a customer's earliest open one is kept with the customer.

use std::ops::ControlFlow;

use super::customers;
use crate::clock::Timestamp;
use crate::domain::field::Schema;
use crate::domain::follow_up::{FollowUp, FollowUpState};
use crate::domain::id::{CustomerId, FollowUpId, StaffId};
use crate::vault::index::oldest_first;
use crate::vault::records::{Customer, Record};
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

/// The follow-up with this id.
pub fn get(from: &dyn Get, id: FollowUpId) -> Result<Option<FollowUp>, StoreError> {
    bytes(from, id)?.map(|bytes| FollowUp::from_bytes(&bytes)).transpose()
}

/// The stored form of the follow-up with this id.
pub fn bytes(from: &dyn Get, id: FollowUpId) -> Result<Option<Vec<u8>>, StoreError> {
    from.get(Table::FollowUps, &id.0.to_be_bytes())
}

/// An id for a new follow-up.
pub fn next_id(to: &mut dyn Put) -> Result<FollowUpId, StoreError> {
    to.next("next follow-up").map(FollowUpId)
}

/// Writes a follow-up with its rows; `before` is how it stood.
pub fn put(to: &mut dyn Put, before: Option<&FollowUp>, after: &FollowUp) -> Result<(), StoreError> {
    to.put(Table::FollowUps, &after.id.0.to_be_bytes(), &after.to_bytes())?;
    for (row, _) in before.map(rows).unwrap_or_default() {
        to.remove(row.0, &row.1)?;
    }
    for (row, value) in rows(after) {
        to.put(row.0, &row.1, &value)?;
    }
    Ok(())
}

/// Removes a follow-up and its rows.
pub fn remove(to: &mut dyn Put, before: &FollowUp) -> Result<(), StoreError> {
    to.remove(Table::FollowUps, &before.id.0.to_be_bytes())?;
    for (row, _) in rows(before) {
        to.remove(row.0, &row.1)?;
    }
    Ok(())
}

type Row = ((Table, Vec<u8>), Vec<u8>);

fn rows(f: &FollowUp) -> Vec<Row> {
    if f.state != FollowUpState::Open {
        return Vec::new();
    }
    let (due, id, customer) = (oldest_first(f.due.0), f.id.0.to_be_bytes(), f.customer.0.to_be_bytes());
    vec![
        ((Table::FollowUpsDue, key(&[&f.assignee.0.to_be_bytes(), &due, &id])), customer.to_vec()),
        ((Table::FollowUpsOf, key(&[&customer, &due, &id])), Vec::new()),
    ]
}

/// Open follow-ups of one assignee that are due in `from..to`, the earliest first; at most `limit`.
pub fn due(
    get_from: &dyn Get,
    assignee: StaffId,
    from: Timestamp,
    to: Timestamp,
    limit: usize,
) -> Result<Vec<FollowUp>, StoreError> {
    let prefix = assignee.0.to_be_bytes();
    let low = key(&[&prefix, &oldest_first(from.0)]);
    let high = key(&[&prefix, &oldest_first(to.0)]);
    collect(get_from, Table::FollowUpsDue, &low, &high, limit)
}

/// Open follow-ups of one customer, the earliest first; at most `limit`.
pub fn of(from: &dyn Get, customer: CustomerId, limit: usize) -> Result<Vec<FollowUp>, StoreError> {
    let low = customer.0.to_be_bytes();
    let high = customer.0.saturating_add(1).to_be_bytes();
    collect(from, Table::FollowUpsOf, &low, &high, limit)
}

fn collect(from: &dyn Get, table: Table, low: &[u8], high: &[u8], limit: usize) -> Result<Vec<FollowUp>, StoreError> {
    let mut ids = Vec::new();
    from.visit(table, low, high, Way::Up, &mut |key, _| {
        ids.extend(KeyReader(key).last_u64().ok());
        if ids.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let found: Result<Vec<_>, _> = ids.into_iter().map(|id| get(from, FollowUpId(id))).collect();
    Ok(found?.into_iter().flatten().collect())
}

/// Brings a customer's own note of its earliest open follow-up up to date; the customer's version stays.
pub fn refresh_next(to: &mut dyn Put, id: CustomerId, schema: &Schema) -> Result<(), StoreError> {
    let next = of(to, id, 1)?.first().map(|f| f.due);
    let Some(mut customer) = customers::get(to, id)? else { return Ok(()) };
    if customer.profile.next_follow_up != next {
        let bytes = customer.to_bytes();
        customer.profile.next_follow_up = next;
        let before = Customer::from_bytes(&bytes)?;
        customers::put(to, Some(&before), &customer, schema)?;
    }
    Ok(())
}
