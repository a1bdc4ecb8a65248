//! Public keys of staff as they are stored.

use super::codec::{Reading, Record, Writing};
use crate::domain::staff_key::{Fingerprint, StaffKey};
use crate::vault::store::StoreError;

impl Record for StaffKey {
    const VERSION: u8 = 1;
    const KIND: &'static str = "staff member's public key";

    fn write(&self, to: &mut Writing) {
        to.text(self.kind()).bytes(&self.fingerprint().0).text(self.comment());
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        let kind = from.text()?;
        let fingerprint = Fingerprint(from.bytes()?.try_into().map_err(|_| from.fault())?);
        let comment = from.text()?;
        Self::kept(&kind, fingerprint, comment).ok_or_else(|| from.fault())
    }
}
