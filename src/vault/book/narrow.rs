//! Walking over the customers that one condition lets through, in the order of a list or in none.
//!
//! **Invariant:** a walk reads no more index rows than it is told; what it left out for that it says, so that nobody takes
//! the rows that were found for all there are.

use std::ops::ControlFlow;

use super::consents;
use super::lists::{From, seen_by_both};
use crate::domain::consent::{ConsentState, Purpose};
use crate::domain::customer::Stage;
use crate::domain::id::{CustomerId, StaffId};
use crate::vault::facets::{At, Facets, stage_prefix, tag_prefix, time_prefix};
use crate::vault::index::{self, ListOf, Order, newest_first, oldest_first};
use crate::vault::records::Customer;
use crate::vault::store::{Get, StoreError, Table, Visit, Way, key, prefix_end};

/// A stretch of [`Table::Lists`], or of another table with rows of customers.
#[derive(Clone, Debug)]
pub struct Range {
    table: Table,
    /// What its rows begin with; behind it stands the place in the list.
    prefix: Vec<u8>,
    low: Vec<u8>,
    high: Vec<u8>,
}

impl Range {
    fn whole(prefix: Vec<u8>) -> Self {
        Self { table: Table::Lists, low: prefix.clone(), high: prefix_end(&prefix), prefix }
    }

    /// One of the lists of everybody or of an owner.
    pub fn list(order: Order, list: ListOf) -> Self {
        Self::whole(index::list_prefix(order, list))
    }

    /// The lists of some owners.
    pub fn owners(order: Order, owners: &[Option<StaffId>]) -> Vec<Self> {
        owners.iter().map(|owner| Self::list(order, ListOf::Owner(*owner))).collect()
    }

    /// Those with a tag, by name.
    pub fn tag(tag: &str) -> Self {
        Self::whole(tag_prefix(tag))
    }

    /// Those of a stage, by name.
    pub fn stage(stage: Stage) -> Self {
        Self::whole(stage_prefix(stage))
    }

    /// Those who said this last about a purpose, by name. Its rows have no facets.
    pub fn consent(purpose: Purpose, state: ConsentState) -> Self {
        Self { table: Table::Consents, ..Self::whole(consents::prefix(purpose, state)) }
    }

    /// Those one of whose moments lies in a stretch: from the first, up to but not the second, in milliseconds.
    pub fn time(at: At, (from, to): (Option<i64>, Option<i64>)) -> Self {
        if at == At::Updated {
            let prefix = index::list_prefix(Order::Recent, ListOf::All);
            let low = to.map_or_else(|| prefix.clone(), |to| key(&[&prefix, &newest_first(to.saturating_sub(1))]));
            let end = from.and_then(|from| from.checked_sub(1));
            let high = end.map_or_else(|| prefix_end(&prefix), |end| key(&[&prefix, &newest_first(end)]));
            return Self { table: Table::Lists, prefix, low, high };
        }
        let prefix = time_prefix(at);
        let low = from.map_or_else(|| prefix.clone(), |from| key(&[&prefix, &oldest_first(from)]));
        let high = to.map_or_else(|| prefix_end(&prefix), |to| key(&[&prefix, &oldest_first(to)]));
        Self { table: Table::Lists, prefix, low, high }
    }
}

/// Walks over a range, from behind a row where one is given.
pub fn visit(from: &dyn Get, range: &Range, after: Option<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
    let low = after.map_or_else(|| range.low.clone(), |row| key(&[row, &[0]]));
    from.visit(range.table, &low, &range.high, Way::Up, visit)
}

/// Whether the ranges together have fewer than `most` rows.
pub fn fewer_than(from: &dyn Get, ranges: &[Range], most: usize) -> Result<bool, StoreError> {
    let mut count = 0;
    for range in ranges {
        from.visit(range.table, &range.low, &range.high, Way::Up, &mut |_, _| {
            count += 1;
            if count >= most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if count >= most {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What a row must pass before its record is read.
pub type Sieve<'s> = &'s dyn Fn(CustomerId, Option<&Facets>) -> bool;

/// Reads the record of one that passed, and gives it if it holds.
pub type Take<'t> = &'t mut dyn FnMut(CustomerId) -> Result<Option<Customer>, StoreError>;

/// The ids of all rows that pass, each once, in no order.
pub fn ids(from: &dyn Get, ranges: &[Range], passes: Sieve<'_>) -> Result<Vec<CustomerId>, StoreError> {
    let mut out = Vec::new();
    for range in ranges {
        from.visit(range.table, &range.low, &range.high, Way::Up, &mut |key, value| {
            out.extend(index::id_of(key).filter(|id| passes(*id, Facets::from_bytes(value).as_ref())));
            ControlFlow::Continue(())
        })?;
    }
    out.sort();
    out.dedup();
    Ok(out)
}

/// Rows of a list with their places, and how far it was walked where that was not to the end.
#[derive(Debug, Default)]
pub struct Walked {
    /// The rows in list order, each once.
    pub rows: Vec<(Vec<u8>, Customer)>,
    /// The place up to which everything was seen, where the walk was cut short before there were rows enough.
    pub seen_to: Option<Vec<u8>>,
}

/// What reading a record costs, in index rows.
const RECORD: usize = 8;

/// Up to `limit` customers of ranges that have one order among them, merged. No more than `most` index rows are read, or
/// records in their place.
pub fn walk(
    from: &dyn Get,
    ranges: &[Range],
    start: From<'_>,
    (limit, most): (usize, usize),
    passes: Sieve<'_>,
    take: Take<'_>,
) -> Result<Walked, StoreError> {
    let way = start.way();
    let share = most.div_ceil(ranges.len().max(1));
    let mut found: Vec<(Vec<u8>, Customer)> = Vec::new();
    let mut seen_to: Option<Vec<u8>> = None;
    for range in ranges {
        let (low, high) = start.within(&range.prefix, range.low.clone(), range.high.clone());
        let (mut read, mut kept, mut stop, mut fault) = (0, 0, None, None);
        from.visit(range.table, &low, &high, way, &mut |row, value| {
            read += 1;
            let place = row.get(range.prefix.len()..).unwrap_or_default();
            let id = index::id_of(row).filter(|id| passes(*id, Facets::from_bytes(value).as_ref()));
            read += if id.is_some() { RECORD } else { 0 };
            match id.map(&mut *take).transpose() {
                Ok(customer) => {
                    if let Some(customer) = customer.flatten() {
                        found.push((place.to_vec(), customer));
                        kept += 1;
                    }
                }
                Err(error) => fault = Some(error),
            }
            if kept < limit && read < share && fault.is_none() {
                return ControlFlow::Continue(());
            }
            stop = Some(place.to_vec());
            ControlFlow::Break(())
        })?;
        if let Some(error) = fault {
            return Err(error);
        }
        seen_to = seen_by_both(seen_to, stop, way);
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    // Somebody with two of the tags asked for was met twice.
    found.dedup_by(|(one, _), (other, _)| one == other);
    if let Some(seen) = &seen_to {
        found.retain(|(place, _)| match way {
            Way::Up => place <= seen,
            Way::Down => place >= seen,
        });
    }
    let surplus = found.len().saturating_sub(limit);
    match way {
        Way::Up => found.truncate(limit),
        Way::Down => _ = found.drain(..surplus),
    }
    let seen_to = seen_to.filter(|_| found.len() < limit);
    Ok(Walked { rows: found, seen_to })
}

/// The tags in use, folded, at most `most`. `in_use` is asked with the first rows of each.
pub fn tags(
    from: &dyn Get,
    most: usize,
    in_use: &dyn Fn(CustomerId, Option<&Facets>) -> bool,
) -> Result<Vec<String>, StoreError> {
    const LOOKED_AT: usize = 200;
    let mut out = Vec::new();
    let mut low = vec![crate::vault::facets::TAG];
    let high = prefix_end(&low);
    while out.len() < most {
        let mut found: Option<Vec<u8>> = None;
        from.visit(Table::Lists, &low, &high, Way::Up, &mut |row, _| {
            let tag = row.get(1..).unwrap_or_default().split(|b| *b == 0).next().unwrap_or_default();
            found = Some(tag.to_vec());
            ControlFlow::Break(())
        })?;
        let Some(tag) = found else { break };
        let prefix = key(&[&[crate::vault::facets::TAG], &tag, &[0]]);
        let (mut used, mut looked) = (false, 0);
        from.visit_prefix(Table::Lists, &prefix, Way::Up, &mut |row, value| {
            looked += 1;
            used = index::id_of(row).is_some_and(|id| in_use(id, Facets::from_bytes(value).as_ref()));
            if used || looked >= LOOKED_AT { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if used {
            out.extend(String::from_utf8(tag));
        }
        low = prefix_end(&prefix);
    }
    Ok(out)
}
