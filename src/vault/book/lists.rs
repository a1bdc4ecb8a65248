//! Stretches of lists, by cursor, without counting what lies before them.
//!
//! **Invariant:** a stretch costs what it holds, wherever in the list it lies.

use std::ops::ControlFlow;

use crate::domain::id::CustomerId;
use crate::vault::index::{self, ListOf, Order};
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

    /// The keys from `low` up to `high` that are left of a walk; a place stands behind `head` in each.
    pub(super) fn within(self, head: &[u8], low: Vec<u8>, high: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
        match self {
            Self::After(cursor) => (key(&[head, cursor, &[0]]), high),
            Self::Before(cursor) => (low, key(&[head, cursor])),
            Self::Top | Self::Bottom => (low, high),
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
        let (low, high) = start.within(&prefix, prefix.clone(), prefix_end(&prefix));
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

/// How far several walks were certainly all taken, where one or the other was cut short.
pub(super) fn seen_by_both(one: Option<Vec<u8>>, other: Option<Vec<u8>>, way: Way) -> Option<Vec<u8>> {
    match (one, other, way) {
        (Some(one), Some(other), Way::Up) => Some(one.min(other)),
        (Some(one), Some(other), Way::Down) => Some(one.max(other)),
        (one, other, _) => one.or(other),
    }
}

fn trim<T>(rows: &mut Vec<T>, start: From<'_>, limit: usize) {
    match start.way() {
        Way::Up => rows.truncate(limit),
        Way::Down => _ = rows.drain(..rows.len().saturating_sub(limit)),
    }
}
