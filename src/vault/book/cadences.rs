//! Cadences; where one runs is known by the open follow-ups that are steps of it.

use std::ops::ControlFlow;

use super::follow_ups;
use crate::domain::cadence::Cadence;
use crate::domain::follow_up::FollowUp;
use crate::domain::id::{CadenceId, CustomerId, FollowUpId};
use crate::vault::records::Record;
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way};

/// All of them, in the order in which they were added.
pub fn all(from: &dyn Get) -> Result<Vec<Cadence>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(Table::Cadences, &[], Way::Up, &mut |_, value| {
        out.push(Cadence::from_bytes(value));
        ControlFlow::Continue(())
    })?;
    out.into_iter().collect()
}

/// One of them.
pub fn get(from: &dyn Get, id: CadenceId) -> Result<Option<Cadence>, StoreError> {
    from.get(Table::Cadences, &id.0.to_be_bytes())?.map(|bytes| Cadence::from_bytes(&bytes)).transpose()
}

/// An id for a new one.
pub fn next_id(to: &mut dyn Put) -> Result<CadenceId, StoreError> {
    to.next("next cadence").map(CadenceId)
}

/// Keeps one.
pub fn put(to: &mut dyn Put, cadence: &Cadence) -> Result<(), StoreError> {
    to.put(Table::Cadences, &cadence.id.0.to_be_bytes(), &cadence.to_bytes())
}

/// Removes one.
pub fn remove(to: &mut dyn Put, id: CadenceId) -> Result<(), StoreError> {
    to.remove(Table::Cadences, &id.0.to_be_bytes())
}

/// The open step of a cadence with a customer, if it runs there.
pub fn step_of(from: &dyn Get, id: CadenceId, customer: CustomerId) -> Result<Option<FollowUp>, StoreError> {
    let open = follow_ups::of(from, customer, usize::MAX)?;
    Ok(open.into_iter().find(|f| f.cadence.as_ref().is_some_and(|place| place.cadence == id)))
}

/// On how many customers a cadence runs. Walks over all open follow-ups.
pub fn running(from: &dyn Get, id: CadenceId) -> Result<u64, StoreError> {
    let mut ids = Vec::new();
    from.visit_prefix(Table::FollowUpsDue, &[], Way::Up, &mut |key, _| {
        ids.extend(KeyReader(key).last_u64().ok());
        ControlFlow::Continue(())
    })?;
    let mut count = 0;
    for open in ids {
        let found = follow_ups::get(from, FollowUpId(open))?.and_then(|f| f.cadence);
        count += u64::from(found.is_some_and(|place| place.cadence == id));
    }
    Ok(count)
}
