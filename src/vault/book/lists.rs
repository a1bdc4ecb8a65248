//! Stretches of lists and of word searches, by cursor, without counting what lies before them.

use std::ops::ControlFlow;

use super::customers;
use crate::domain::field::Schema;
use crate::domain::id::{CustomerId, StaffId};
use crate::vault::index::{self, ListOf, Order};
use crate::vault::records::Customer;
use crate::vault::store::{Get, StoreError, Table, Way, key, prefix_end};

/// From where and which way a stretch runs.
#[derive(Clone, Copy, Debug)]
pub enum From<'c> {
    /// From the top, downwards.
    Top,
    /// From the bottom, upwards.
    Bottom,
    /// From behind this row, downwards.
    After(&'c [u8]),
    /// From before this row, upwards.
    Before(&'c [u8]),
}

impl From<'_> {
    pub(super) fn way(self) -> Way {
        match self {
            Self::Top | Self::After(_) => Way::Up,
            Self::Bottom | Self::Before(_) => Way::Down,
        }
    }

    fn bounds(self, prefix: &[u8]) -> (Vec<u8>, Vec<u8>) {
        match self {
            Self::After(cursor) => (key(&[prefix, cursor, &[0]]), prefix_end(prefix)),
            Self::Before(cursor) => (prefix.to_vec(), key(&[prefix, cursor])),
            Self::Top | Self::Bottom => (prefix.to_vec(), prefix_end(prefix)),
        }
    }
}

/// A row of a stretch: its cursor and its customer's id.
pub type Place = (Vec<u8>, CustomerId);

/// Up to `limit` rows of several lists merged, in list order whichever way they were walked.
/// Rows that `visible` refuses are passed over.
pub fn stretch(
    from: &dyn Get,
    order: Order,
    lists: &[ListOf],
    start: From<'_>,
    limit: usize,
    visible: &dyn Fn(CustomerId) -> bool,
) -> Result<Vec<Place>, StoreError> {
    let mut out: Vec<Place> = Vec::new();
    for list in lists {
        let prefix = index::list_prefix(order, *list);
        let (low, high) = start.bounds(&prefix);
        let mut found = 0;
        from.visit(Table::Lists, &low, &high, start.way(), &mut |key, _| {
            if let (Some(cursor), Some(id)) = (key.get(prefix.len()..), index::id_of(key))
                && visible(id)
            {
                out.push((cursor.to_vec(), id));
                found += 1;
            }
            if found >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
    }
    out.sort();
    trim(&mut out, start, limit);
    Ok(out)
}

fn trim<T>(rows: &mut Vec<T>, start: From<'_>, limit: usize) {
    match start.way() {
        Way::Up => rows.truncate(limit),
        Way::Down => _ = rows.drain(..rows.len().saturating_sub(limit)),
    }
}

/// How many index rows one search walks at most, so that no key waits for a scan.
const WALK: usize = 50_000;

/// A word search.
pub struct Search<'s> {
    /// Its words; the first is the longest and drives the walk.
    pub words: &'s [String],
    /// The schema, which says what is searchable.
    pub schema: &'s Schema,
    /// Owners whose customers are in scope; none means everybody's.
    pub owners: Option<&'s [Option<StaffId>]>,
    /// What else must hold.
    pub holds: &'s dyn Fn(&Customer) -> bool,
}

impl std::fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Search({} words)", self.words.len())
    }
}

/// Up to `limit` rows that match all words, each customer once, at its first matching word.
pub fn search(
    from: &dyn Get,
    search: &Search<'_>,
    start: From<'_>,
    limit: usize,
    visible: &dyn Fn(CustomerId) -> bool,
) -> Result<Vec<(Place, Customer)>, StoreError> {
    let Some(lead) = search.words.first() else { return Ok(Vec::new()) };
    let prefix = lead.as_bytes();
    // A cursor is a whole key here, since the word is part of the order.
    let (low, high) = match start {
        From::After(cursor) => (key(&[cursor, &[0]]), prefix_end(prefix)),
        From::Before(cursor) => (prefix.to_vec(), cursor.to_vec()),
        From::Top | From::Bottom => (prefix.to_vec(), prefix_end(prefix)),
    };
    let mut out = Vec::new();
    let mut walked = 0;
    let mut fault = None;
    from.visit(Table::Words, &low, &high, start.way(), &mut |key, value| {
        walked += 1;
        match candidate(from, search, key, value, visible) {
            Ok(Some(row)) => out.push(row),
            Ok(None) => {}
            Err(error) => fault = Some(error),
        }
        let over = out.len() >= limit || walked >= WALK || fault.is_some();
        if over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if let Some(error) = fault {
        return Err(error);
    }
    if start.way() == Way::Down {
        out.reverse();
    }
    Ok(out)
}

fn candidate(
    from: &dyn Get,
    search: &Search<'_>,
    key: &[u8],
    owner: &[u8],
    visible: &dyn Fn(CustomerId) -> bool,
) -> Result<Option<(Place, Customer)>, StoreError> {
    let owner = owner.first_chunk().copied().map_or(0, u32::from_be_bytes);
    let owner = (owner != 0).then_some(StaffId(owner));
    let Some(id) = index::id_of(key) else { return Err(StoreError::record("index")) };
    if search.owners.is_some_and(|owners| !owners.contains(&owner)) || !visible(id) {
        return Ok(None);
    }
    let Some(customer) = customers::get(from, id)? else { return Ok(None) };
    let words = index::words(&customer, search.schema);
    let begins = |q: &String| words.range::<String, _>(q..).next().filter(|w| w.starts_with(q.as_str()));
    let first = search.words.first().and_then(begins);
    let here = key.get(..key.len().saturating_sub(9)).unwrap_or_default();
    if first.is_none_or(|word| word.as_bytes() != here) || !search.words.iter().all(|q| begins(q).is_some()) {
        return Ok(None);
    }
    Ok((search.holds)(&customer).then(|| ((key.to_vec(), id), customer)))
}
