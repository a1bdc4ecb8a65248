//! The public keys that staff come with over SSH.

use std::ops::ControlFlow;

use crate::domain::id::StaffId;
use crate::domain::staff_key::{Fingerprint, StaffKey};
use crate::vault::records::Record;
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

/// Everybody's, in order of their ids.
pub fn all(from: &dyn Get) -> Result<Vec<(StaffId, StaffKey)>, StoreError> {
    under(from, &[])
}

/// One person's.
pub fn of(from: &dyn Get, who: StaffId) -> Result<Vec<StaffKey>, StoreError> {
    Ok(under(from, &who.0.to_be_bytes())?.into_iter().map(|(_, key)| key).collect())
}

/// Whose key it is.
pub fn holder(from: &dyn Get, fingerprint: Fingerprint) -> Result<Option<StaffId>, StoreError> {
    Ok(all(from)?.into_iter().find(|(_, key)| key.fingerprint() == fingerprint).map(|(who, _)| who))
}

/// Keeps a key.
pub fn put(to: &mut dyn Put, who: StaffId, staff_key: &StaffKey) -> Result<(), StoreError> {
    to.put(Table::SshKeys, &place(who, staff_key.fingerprint()), &staff_key.to_bytes())
}

/// Takes a key away.
pub fn remove(to: &mut dyn Put, who: StaffId, fingerprint: Fingerprint) -> Result<(), StoreError> {
    to.remove(Table::SshKeys, &place(who, fingerprint))
}

fn place(who: StaffId, fingerprint: Fingerprint) -> Vec<u8> {
    key(&[&who.0.to_be_bytes(), &fingerprint.0])
}

fn under(from: &dyn Get, prefix: &[u8]) -> Result<Vec<(StaffId, StaffKey)>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(Table::SshKeys, prefix, Way::Up, &mut |key, value| {
        out.push(KeyReader(key).u32().and_then(|who| Ok((StaffId(who), StaffKey::from_bytes(value)?))));
        ControlFlow::Continue(())
    })?;
    out.into_iter().collect()
}
