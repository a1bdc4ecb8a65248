//! What rules remember of a customer: for which occasion each acted last, and how often somebody wants to be in touch; and
//! since when the owner has been warned of the pool.
//!
//! **Invariant:** every row begins with what it is and its customer, so that all rows of one are found and removed.

use std::ops::ControlFlow;

use crate::domain::id::CustomerId;
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// The occasion for which the rule of this number acted last.
    Acted(u64),
    /// The last contact for which a stay-in-touch follow-up was set.
    Reminded,
    /// The most days that there should be between contacts.
    Interval,
    /// Since when the owner has been warned that the customer goes to the pool.
    Warned,
}

/// Stands in the place of a rule's number for the program's own care for staying in touch.
const REMINDED: u64 = u64::MAX;
/// The same for the pool's warning.
const WARNED: u64 = u64::MAX - 1;
const ACTED: u8 = 0;
const INTERVAL: u8 = 1;

impl Mark {
    /// As an undo step keeps it.
    pub fn number(self) -> u64 {
        match self {
            Self::Interval => 0,
            Self::Reminded => REMINDED,
            Self::Warned => WARNED,
            Self::Acted(rule) => rule,
        }
    }

    /// From what an undo step kept; rules are numbered from 1.
    pub fn from_number(number: u64) -> Self {
        match number {
            0 => Self::Interval,
            REMINDED => Self::Reminded,
            WARNED => Self::Warned,
            rule => Self::Acted(rule),
        }
    }

    fn place(self, customer: CustomerId) -> Vec<u8> {
        let id = customer.0.to_be_bytes();
        match self {
            Self::Interval => key(&[&[INTERVAL], &id]),
            other => key(&[&[ACTED], &id, &other.number().to_be_bytes()]),
        }
    }
}

/// What a mark says.
pub fn get(from: &dyn Get, customer: CustomerId, mark: Mark) -> Result<Option<i64>, StoreError> {
    let bytes = from.get(Table::Marks, &mark.place(customer))?;
    bytes.map(|bytes| Ok(KeyReader(&bytes).u64()?.cast_signed())).transpose()
}

/// Has a mark say this, or nothing.
pub fn put(to: &mut dyn Put, customer: CustomerId, mark: Mark, value: Option<i64>) -> Result<(), StoreError> {
    let place = mark.place(customer);
    match value {
        Some(value) => to.put(Table::Marks, &place, &value.to_be_bytes()),
        None => to.remove(Table::Marks, &place),
    }
}

/// All marks of a customer.
pub fn of(from: &dyn Get, customer: CustomerId) -> Result<Vec<(Mark, i64)>, StoreError> {
    let mut out = Vec::new();
    let prefix = key(&[&[ACTED], &customer.0.to_be_bytes()]);
    let mut fault = None;
    from.visit_prefix(Table::Marks, &prefix, Way::Up, &mut |key, value| {
        match (KeyReader(key).last_u64(), KeyReader(value).u64()) {
            (Ok(rule), Ok(value)) => out.push((Mark::from_number(rule), value.cast_signed())),
            (Err(error), _) | (_, Err(error)) => fault = Some(error),
        }
        ControlFlow::Continue(())
    })?;
    fault.map_or(Ok(()), Err)?;
    out.extend(get(from, customer, Mark::Interval)?.map(|days| (Mark::Interval, days)));
    Ok(out)
}

/// Removes all marks of a customer.
pub fn forget_all(to: &mut dyn Put, customer: CustomerId) -> Result<(), StoreError> {
    of(to, customer)?.into_iter().try_for_each(|(mark, _)| put(to, customer, mark, None))
}

/// The customers with an interval, in order from behind `after`, with it; at most `limit`.
pub fn intervals(
    from: &dyn Get,
    after: Option<CustomerId>,
    limit: usize,
) -> Result<Vec<(CustomerId, i64)>, StoreError> {
    let low = key(&[&[INTERVAL], &after.map_or(0, |id| id.0.saturating_add(1)).to_be_bytes()]);
    let (mut out, mut fault) = (Vec::new(), None);
    from.visit(Table::Marks, &low, &[INTERVAL + 1], Way::Up, &mut |key, value| {
        match (KeyReader(key).last_u64(), KeyReader(value).u64()) {
            (Ok(id), Ok(days)) => out.push((CustomerId(id), days.cast_signed())),
            (Err(error), _) | (_, Err(error)) => fault = Some(error),
        }
        if out.len() >= limit || fault.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    fault.map_or(Ok(out), Err)
}

/// Whose mark a row of the table is; none where it is no such row.
pub fn whose(row: &[u8]) -> Option<CustomerId> {
    let (_, rest) = row.split_first()?;
    rest.first_chunk().map(|id| CustomerId(u64::from_be_bytes(*id)))
}
