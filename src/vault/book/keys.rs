//! The note on the vault's keys, and the recovery key's own place among the tables of people.

use super::staff;
use crate::domain::id::StaffId;
use crate::vault::records::{KeysNote, Record, RecoveryNote};
use crate::vault::store::{Get, Put, StoreError, Table};

/// Whose the recovery key's grants are: nobody on the staff has this number.
pub const RECOVERY: StaffId = StaffId(0);

const NOTE: &[u8] = b"keys";

/// The note.
pub fn note(from: &dyn Get) -> Result<KeysNote, StoreError> {
    from.get(Table::Meta, NOTE)?.map_or_else(|| Ok(KeysNote::default()), |bytes| KeysNote::from_bytes(&bytes))
}

/// Writes the note.
pub fn put_note(to: &mut dyn Put, note: &KeysNote) -> Result<(), StoreError> {
    to.put(Table::Meta, NOTE, &note.to_bytes())
}

/// What is sealed to the holder of the recovery key, if there is one that works.
pub fn recovery_kem(from: &dyn Get) -> Result<Option<[u8; 32]>, StoreError> {
    if !matches!(note(from)?.recovery, RecoveryNote::Made(_)) {
        return Ok(None);
    }
    Ok(staff::keys(from, RECOVERY)?.map(|keys| keys.kem))
}
