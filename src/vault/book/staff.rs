//! Staff, roles, grants and what belongs to one person alone.

use std::ops::ControlFlow;

use crate::domain::id::StaffId;
use crate::domain::role::{Role, RoleName};
use crate::domain::staff::{LoginName, Staff};
use crate::vault::records::{Factor, Record, StaffKeys};
use crate::vault::store::{Get, Put, StoreError, Table, Way, key};

/// The person with this id.
pub fn get(from: &dyn Get, id: StaffId) -> Result<Option<Staff>, StoreError> {
    from.get(Table::Staff, &id.0.to_be_bytes())?.map(|bytes| Staff::from_bytes(&bytes)).transpose()
}

/// The person with this name.
pub fn by_name(from: &dyn Get, name: &LoginName) -> Result<Option<Staff>, StoreError> {
    let id = from.get(Table::StaffNames, name.folded().as_bytes())?;
    match id.and_then(|bytes| bytes.first_chunk().copied()) {
        Some(id) => get(from, StaffId(u32::from_be_bytes(id))),
        None => Ok(None),
    }
}

/// Everybody, in order of their ids.
pub fn all(from: &dyn Get) -> Result<Vec<Staff>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(Table::Staff, &[], Way::Up, &mut |_, value| {
        out.push(Staff::from_bytes(value));
        ControlFlow::Continue(())
    })?;
    out.into_iter().collect()
}

/// An id for somebody new.
pub fn next_id(to: &mut dyn Put) -> Result<StaffId, StoreError> {
    let id = to.next("next staff")?;
    u32::try_from(id).map(StaffId).map_err(|_| StoreError::record("staff"))
}

/// Writes a person; a name never changes.
pub fn put(to: &mut dyn Put, staff: &Staff) -> Result<(), StoreError> {
    let id = staff.id.0.to_be_bytes();
    to.put(Table::Staff, &id, &staff.to_bytes())?;
    to.put(Table::StaffNames, staff.name.folded().as_bytes(), &id)
}

/// A role as it stands; as shipped where nobody changed it.
pub fn role(from: &dyn Get, name: RoleName) -> Result<Role, StoreError> {
    match from.get(Table::Roles, &[name.place()])? {
        Some(bytes) => Role::from_bytes(&bytes),
        None => Ok(Role::shipped(name)),
    }
}

/// A key sealed to somebody, by that key's byte.
pub fn grant(from: &dyn Get, who: StaffId, which: u8) -> Result<Option<Vec<u8>>, StoreError> {
    from.get(Table::Grants, &key(&[&who.0.to_be_bytes(), &[which]]))
}

/// Keeps a key sealed to somebody.
pub fn put_grant(to: &mut dyn Put, who: StaffId, which: u8, grant: &[u8]) -> Result<(), StoreError> {
    to.put(Table::Grants, &key(&[&who.0.to_be_bytes(), &[which]]), grant)
}

/// Takes a key from somebody.
pub fn remove_grant(to: &mut dyn Put, who: StaffId, which: u8) -> Result<(), StoreError> {
    to.remove(Table::Grants, &key(&[&who.0.to_be_bytes(), &[which]]))
}

/// What belongs to one person, in a table keyed by staff id.
pub fn own(from: &dyn Get, table: Table, who: StaffId) -> Result<Option<Vec<u8>>, StoreError> {
    from.get(table, &who.0.to_be_bytes())
}

/// Keeps what belongs to one person; nothing removes it.
pub fn put_own(to: &mut dyn Put, table: Table, who: StaffId, value: Option<&[u8]>) -> Result<(), StoreError> {
    match value {
        Some(value) => to.put(table, &who.0.to_be_bytes(), value),
        None => to.remove(table, &who.0.to_be_bytes()),
    }
}

/// Somebody's place in the keyring.
pub fn keys(from: &dyn Get, who: StaffId) -> Result<Option<StaffKeys>, StoreError> {
    own(from, Table::StaffKeys, who)?.map(|bytes| StaffKeys::from_bytes(&bytes)).transpose()
}

/// Keeps somebody's place in the keyring.
pub fn put_keys(to: &mut dyn Put, who: StaffId, keys: &StaffKeys) -> Result<(), StoreError> {
    put_own(to, Table::StaffKeys, who, Some(&keys.to_bytes()))
}

/// Somebody's second factor, where they have one.
pub fn factor(from: &dyn Get, who: StaffId) -> Result<Option<Factor>, StoreError> {
    own(from, Table::Factors, who)?.map(|bytes| Factor::from_bytes(&bytes)).transpose()
}

/// Keeps somebody's second factor; nothing removes it.
pub fn put_factor(to: &mut dyn Put, who: StaffId, factor: Option<&Factor>) -> Result<(), StoreError> {
    put_own(to, Table::Factors, who, factor.map(Record::to_bytes).as_deref())
}
