//! Pairs of customers of whom somebody said that they are not the same.
//!
//! **Invariant:** a pair stands under both numbers or under neither, and no number stands apart from itself.

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::domain::id::CustomerId;
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

fn place(one: CustomerId, other: CustomerId) -> Vec<u8> {
    key(&[&one.0.to_be_bytes(), &other.0.to_be_bytes()])
}

/// Whether somebody said it of these two.
pub fn are(from: &dyn Get, one: CustomerId, other: CustomerId) -> Result<bool, StoreError> {
    Ok(from.get(Table::Apart, &place(one, other))?.is_some())
}

/// Everybody of whom it was said that a customer is not the same as they.
pub fn of(from: &dyn Get, id: CustomerId) -> Result<Vec<CustomerId>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(Table::Apart, &id.0.to_be_bytes(), Way::Up, &mut |key, _| {
        out.extend(KeyReader(key).last_u64().ok().map(CustomerId));
        ControlFlow::Continue(())
    })?;
    Ok(out)
}

/// Every pair, the lower number first.
pub fn all(from: &dyn Get) -> Result<HashSet<(CustomerId, CustomerId)>, StoreError> {
    let mut out = HashSet::new();
    let mut fault = None;
    from.visit_prefix(Table::Apart, &[], Way::Up, &mut |key, _| {
        let mut read = KeyReader(key);
        match (read.u64(), read.u64()) {
            (Ok(one), Ok(other)) => {
                if one < other {
                    out.insert((CustomerId(one), CustomerId(other)));
                }
                ControlFlow::Continue(())
            }
            (Err(error), _) | (_, Err(error)) => {
                fault = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    fault.map_or(Ok(out), Err)
}

/// Says it of two.
pub fn note(to: &mut dyn Put, one: CustomerId, other: CustomerId) -> Result<(), StoreError> {
    if one == other {
        return Ok(());
    }
    to.put(Table::Apart, &place(one, other), &[])?;
    to.put(Table::Apart, &place(other, one), &[])
}

/// Says it no more.
pub fn forget(to: &mut dyn Put, one: CustomerId, other: CustomerId) -> Result<(), StoreError> {
    to.remove(Table::Apart, &place(one, other))?;
    to.remove(Table::Apart, &place(other, one))
}

/// Says nothing more of a customer.
pub fn forget_all(to: &mut dyn Put, id: CustomerId) -> Result<(), StoreError> {
    of(to, id)?.into_iter().try_for_each(|other| forget(to, id, other))
}
