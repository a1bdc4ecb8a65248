//! Cases by number, by customer, and the open ones by due time.
//!
//! **Invariant:** a case's rows in [`Table::CasesBy`] are those that [`rows`] makes of the record as it stands.

use std::ops::ControlFlow;

use crate::domain::case::{Case, CaseState};
use crate::domain::id::{CaseId, CustomerId, EntrySeq};
use crate::vault::index::oldest_first;
use crate::vault::records::Record;
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

const BY_CUSTOMER: &[u8] = &[0];
const BY_DUE: &[u8] = &[1];

/// An id for a new case.
pub fn next_id(to: &mut dyn Put) -> Result<CaseId, StoreError> {
    to.next("next case").map(CaseId)
}

/// The rows that lead to a case; one that is closed stands in no order of due times.
pub fn rows(case: &Case) -> Vec<Vec<u8>> {
    let (id, customer) = (case.id.0.to_be_bytes(), case.customer.0.to_be_bytes());
    let mut rows = vec![key(&[BY_CUSTOMER, &customer, &id])];
    if case.state != CaseState::Closed {
        // What has no due time comes last.
        let due = oldest_first(case.due.map_or(i64::MAX, |due| due.0));
        rows.push(key(&[BY_DUE, &due, &id]));
    }
    rows
}

/// Writes a case with its rows; `before` is how it stood.
pub fn put(to: &mut dyn Put, before: Option<&Case>, after: &Case) -> Result<(), StoreError> {
    if let Some(before) = before {
        rows(before).iter().try_for_each(|row| to.remove(Table::CasesBy, row))?;
    }
    to.put(Table::Cases, &after.id.0.to_be_bytes(), &after.to_bytes())?;
    rows(after).iter().try_for_each(|row| to.put(Table::CasesBy, row, &[]))
}

/// Notes that an entry of the record belongs to a case.
pub fn note_entry(to: &mut dyn Put, case: CaseId, entry: EntrySeq) -> Result<(), StoreError> {
    to.put(Table::CaseEntries, &key(&[&case.0.to_be_bytes(), &entry.0.to_be_bytes()]), &[])
}

/// The entries that belong to a case, the newest first; at most `limit`.
pub fn entries(from: &dyn Get, case: CaseId, limit: usize) -> Result<Vec<EntrySeq>, StoreError> {
    let mut found = Vec::new();
    from.visit_prefix(Table::CaseEntries, &case.0.to_be_bytes(), Way::Down, &mut |key, _| {
        found.extend(KeyReader(key).last_u64().ok().map(EntrySeq));
        if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(found)
}

/// Removes a case and its rows.
pub fn remove(to: &mut dyn Put, case: &Case) -> Result<(), StoreError> {
    for entry in entries(to, case.id, usize::MAX)? {
        to.remove(Table::CaseEntries, &key(&[&case.id.0.to_be_bytes(), &entry.0.to_be_bytes()]))?;
    }
    to.remove(Table::Cases, &case.id.0.to_be_bytes())?;
    rows(case).iter().try_for_each(|row| to.remove(Table::CasesBy, row))
}

/// The case with this number.
pub fn get(from: &dyn Get, id: CaseId) -> Result<Option<Case>, StoreError> {
    let found = from.get(Table::Cases, &id.0.to_be_bytes())?;
    found.map(|bytes| Case::from_bytes(&bytes)).transpose()
}

/// A customer's cases, the newest first; at most `limit`.
pub fn of(from: &dyn Get, customer: CustomerId, limit: usize) -> Result<Vec<Case>, StoreError> {
    let mut ids = Vec::new();
    from.visit_prefix(Table::CasesBy, &key(&[BY_CUSTOMER, &customer.0.to_be_bytes()]), Way::Down, &mut |key, _| {
        ids.extend(KeyReader(key).last_u64().ok());
        if ids.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let found: Result<Vec<_>, _> = ids.into_iter().map(|id| get(from, CaseId(id))).collect();
    Ok(found?.into_iter().flatten().collect())
}

/// Walks over the cases that are not closed, the earliest due first.
pub fn visit_open(
    from: &dyn Get,
    visit: &mut dyn FnMut(Case) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let mut fault = None;
    from.visit_prefix(Table::CasesBy, BY_DUE, Way::Up, &mut |key, _| {
        let found = KeyReader(key).last_u64().and_then(|id| get(from, CaseId(id)));
        let next = found.and_then(|case| case.map_or(Ok(ControlFlow::Continue(())), &mut *visit));
        next.unwrap_or_else(|error| {
            fault = Some(error);
            ControlFlow::Break(())
        })
    })?;
    fault.map_or(Ok(()), Err)
}
