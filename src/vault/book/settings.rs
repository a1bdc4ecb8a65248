//! The schema, the policy and other single values.

use crate::domain::consent::Wordings;
use crate::domain::field::Schema;
use crate::domain::policy::Policy;
use crate::domain::working_days::WorkingDays;
use crate::vault::records::{FieldChanges, Record};
use crate::vault::store::{Get, Put, StoreError, Table};

/// Where the schema stands.
pub const SCHEMA: (Table, &[u8]) = (Table::Meta, b"schema");
const FIELD_CHANGES: &[u8] = b"changes of fields";
/// Where it stands which days are worked on.
pub const WORKING_DAYS: (Table, &[u8]) = (Table::Meta, b"working days");

/// The schema in force.
pub fn schema(from: &dyn Get) -> Result<Schema, StoreError> {
    let bytes = from.get(SCHEMA.0, SCHEMA.1)?;
    bytes.map_or_else(|| Ok(Schema::default()), |bytes| Schema::from_bytes(&bytes))
}

/// Sets the schema.
pub fn put_schema(to: &mut dyn Put, schema: &Schema) -> Result<(), StoreError> {
    to.put(SCHEMA.0, SCHEMA.1, &schema.to_bytes())
}

/// What is being changed of how fields are protected.
pub fn field_changes(from: &dyn Get) -> Result<FieldChanges, StoreError> {
    let bytes = from.get(Table::Meta, FIELD_CHANGES)?;
    bytes.map_or_else(|| Ok(FieldChanges::default()), |bytes| FieldChanges::from_bytes(&bytes))
}

/// Says what is being changed of how fields are protected.
pub fn put_field_changes(to: &mut dyn Put, changes: &FieldChanges) -> Result<(), StoreError> {
    if changes.0.is_empty() {
        return to.remove(Table::Meta, FIELD_CHANGES);
    }
    to.put(Table::Meta, FIELD_CHANGES, &changes.to_bytes())
}

/// The policy in force.
pub fn policy(from: &dyn Get) -> Result<Policy, StoreError> {
    let bytes = from.get(Table::Meta, b"policy")?;
    bytes.map_or_else(|| Ok(Policy::default()), |bytes| Policy::from_bytes(&bytes))
}

/// Sets the policy.
pub fn put_policy(to: &mut dyn Put, policy: &Policy) -> Result<(), StoreError> {
    to.put(Table::Meta, b"policy", &policy.to_bytes())
}

/// Which days are worked on.
pub fn working_days(from: &dyn Get) -> Result<WorkingDays, StoreError> {
    let bytes = from.get(WORKING_DAYS.0, WORKING_DAYS.1)?;
    bytes.map_or_else(|| Ok(WorkingDays::default()), |bytes| WorkingDays::from_bytes(&bytes))
}

/// Sets which days are worked on.
pub fn put_working_days(to: &mut dyn Put, days: &WorkingDays) -> Result<(), StoreError> {
    to.put(WORKING_DAYS.0, WORKING_DAYS.1, &days.to_bytes())
}

/// The wordings that customers agree to.
pub fn wordings(from: &dyn Get) -> Result<Wordings, StoreError> {
    let bytes = from.get(Table::Meta, b"wordings of consents")?;
    bytes.map_or_else(|| Ok(Wordings::default()), |bytes| Wordings::from_bytes(&bytes))
}

/// Sets the wordings.
pub fn put_wordings(to: &mut dyn Put, wordings: &Wordings) -> Result<(), StoreError> {
    to.put(Table::Meta, b"wordings of consents", &wordings.to_bytes())
}
