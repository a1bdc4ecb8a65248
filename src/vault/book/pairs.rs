//! Pairs of customers: who is not the same as another, and who belongs to which company.
//!
//! **Invariant:** a pair stands under both numbers or under neither, and no number stands apart from itself.

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::domain::id::CustomerId;
use crate::vault::records::Bond;
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

fn place(one: CustomerId, other: CustomerId) -> Vec<u8> {
    key(&[&one.0.to_be_bytes(), &other.0.to_be_bytes()])
}

fn table(bond: Bond) -> Table {
    match bond {
        Bond::Apart => Table::Apart,
        Bond::Linked => Table::Links,
    }
}

/// Whether two are such a pair.
pub fn are(from: &dyn Get, bond: Bond, one: CustomerId, other: CustomerId) -> Result<bool, StoreError> {
    Ok(from.get(table(bond), &place(one, other))?.is_some())
}

/// Everybody with whom a customer is such a pair.
pub fn of(from: &dyn Get, bond: Bond, id: CustomerId) -> Result<Vec<CustomerId>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(table(bond), &id.0.to_be_bytes(), Way::Up, &mut |key, _| {
        out.extend(KeyReader(key).last_u64().ok().map(CustomerId));
        ControlFlow::Continue(())
    })?;
    Ok(out)
}

/// Every pair, the lower number first.
pub fn all(from: &dyn Get, bond: Bond) -> Result<HashSet<(CustomerId, CustomerId)>, StoreError> {
    let mut out = HashSet::new();
    let mut fault = None;
    from.visit_prefix(table(bond), &[], Way::Up, &mut |key, _| {
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

/// Makes two a pair.
pub fn note(to: &mut dyn Put, bond: Bond, one: CustomerId, other: CustomerId) -> Result<(), StoreError> {
    if one == other {
        return Ok(());
    }
    to.put(table(bond), &place(one, other), &[])?;
    to.put(table(bond), &place(other, one), &[])
}

/// Makes two a pair no more.
pub fn forget(to: &mut dyn Put, bond: Bond, one: CustomerId, other: CustomerId) -> Result<(), StoreError> {
    to.remove(table(bond), &place(one, other))?;
    to.remove(table(bond), &place(other, one))
}

/// Takes a customer out of all pairs.
pub fn forget_all(to: &mut dyn Put, id: CustomerId) -> Result<(), StoreError> {
    for bond in Bond::ALL {
        of(to, bond, id)?.into_iter().try_for_each(|other| forget(to, bond, id, other))?;
    }
    Ok(())
}
