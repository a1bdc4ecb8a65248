//! What people used of their quotas: moments in a sliding window.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::clock::Timestamp;
use crate::domain::id::StaffId;
use crate::vault::index::{from_oldest_first, oldest_first};
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

/// Notes one use of `what` at `at`, of an object by its number.
pub fn note(to: &mut dyn Put, who: StaffId, what: u8, at: Timestamp, object: u64) -> Result<(), StoreError> {
    let number = to.next("next use")?;
    let key = key(&[&prefix(who, what), &oldest_first(at.0), &number.to_be_bytes()]);
    to.put(Table::Usage, &key, &object.to_be_bytes())
}

/// What was used since a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// How many times.
    pub times: u32,
    /// The sum of the objects' numbers, where they are counts.
    pub sum: u64,
    /// How often each object.
    pub objects: BTreeMap<u64, u32>,
    /// The oldest use in the window.
    pub oldest: Option<Timestamp>,
}

/// What somebody used of `what` since `since`.
pub fn since(from: &dyn Get, who: StaffId, what: u8, since: Timestamp) -> Result<Used, StoreError> {
    let prefix = prefix(who, what);
    let mut used = Used::default();
    let low = key(&[&prefix, &oldest_first(since.0)]);
    let high = key(&[&prefix, &[0xFF; 9]]);
    from.visit(Table::Usage, &low, &high, Way::Up, &mut |key, value| {
        used.times = used.times.saturating_add(1);
        let object = value.first_chunk().copied().map_or(0, u64::from_be_bytes);
        used.sum = used.sum.saturating_add(object);
        *used.objects.entry(object).or_default() += 1;
        if used.oldest.is_none() {
            let at = KeyReader(key.get(prefix.len()..).unwrap_or_default()).u64();
            used.oldest = at.ok().map(|at| Timestamp(from_oldest_first(at)));
        }
        ControlFlow::Continue(())
    })?;
    Ok(used)
}

fn prefix(who: StaffId, what: u8) -> Vec<u8> {
    key(&[&who.0.to_be_bytes(), &[what]])
}
