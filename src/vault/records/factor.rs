//! Somebody's second factor as it is stored.

use super::codec::{Reading, Record, Writing};
use crate::clock::Timestamp;
use crate::vault::store::StoreError;

/// A second factor. The secret is sealed under its person's own key; recovery codes are hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// The secret that the phone has too, wrapped.
    pub sealed: Vec<u8>,
    /// The last step whose code was accepted; only later ones count.
    pub last_step: i64,
    /// Since when.
    pub since: Timestamp,
    /// Recovery codes that are left: salt and hash.
    pub codes: Vec<([u8; 16], [u8; 32])>,
}

impl Record for Factor {
    const VERSION: u8 = 1;
    const KIND: &'static str = "second factor";

    fn write(&self, to: &mut Writing) {
        to.bytes(&self.sealed).int(self.last_step).time(self.since);
        to.list(&self.codes, |to, (salt, hash)| _ = to.bytes(salt).bytes(hash));
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            sealed: from.bytes()?.to_vec(),
            last_step: from.int()?,
            since: from.time()?,
            codes: from.list(|from| {
                let salt = from.bytes()?.try_into().map_err(|_| from.fault())?;
                Ok((salt, from.bytes()?.try_into().map_err(|_| from.fault())?))
            })?,
        })
    }
}
