//! Who was merged into whom, so that an old number leads to the customer who was kept.
//!
//! **Invariant:** a number leads to one customer at most, and never back to itself: nobody is merged into one who leads to
//! them.

use std::ops::ControlFlow;

use crate::domain::id::CustomerId;
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

/// Steps that are followed; a longer chain would be damage.
const LONGEST: usize = 10_000;

fn forward(other: CustomerId) -> Vec<u8> {
    key(&[&[0], &other.0.to_be_bytes()])
}

fn backward(keep: CustomerId, other: CustomerId) -> Vec<u8> {
    key(&[&[1], &keep.0.to_be_bytes(), &other.0.to_be_bytes()])
}

/// Whom a number stands for: itself, or whoever was kept at the end of all merges.
pub fn kept(from: &dyn Get, id: CustomerId) -> Result<CustomerId, StoreError> {
    let mut at = id;
    for _ in 0..LONGEST {
        let Some(next) = from.get(Table::Merged, &forward(at))? else { break };
        at = CustomerId(KeyReader(&next).u64()?);
    }
    Ok(at)
}

/// Everybody who was merged into a customer, and into those in turn.
pub fn into(from: &dyn Get, keep: CustomerId) -> Result<Vec<CustomerId>, StoreError> {
    let mut out = vec![keep];
    let mut at = 0;
    while let Some(id) = out.get(at).copied().filter(|_| at < LONGEST) {
        let prefix = key(&[&[1], &id.0.to_be_bytes()]);
        from.visit_prefix(Table::Merged, &prefix, Way::Up, &mut |key, _| {
            out.extend(KeyReader(key).last_u64().ok().map(CustomerId));
            ControlFlow::Continue(())
        })?;
        at += 1;
    }
    out.remove(0);
    Ok(out)
}

/// Has one number lead to another.
pub fn note(to: &mut dyn Put, other: CustomerId, keep: CustomerId) -> Result<(), StoreError> {
    to.put(Table::Merged, &forward(other), &keep.0.to_be_bytes())?;
    to.put(Table::Merged, &backward(keep, other), &[])
}

/// Has it lead nowhere again.
pub fn forget(to: &mut dyn Put, other: CustomerId, keep: CustomerId) -> Result<(), StoreError> {
    to.remove(Table::Merged, &forward(other))?;
    to.remove(Table::Merged, &backward(keep, other))
}
