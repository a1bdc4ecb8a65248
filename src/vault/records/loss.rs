//! Why customers are lost, as it is stored.

use super::codec::{Reading, Record, Writing};
use crate::domain::id::StaffId;
use crate::domain::loss::{Loss, LossReason};
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for Loss {
    const VERSION: u8 = 1;
    const KIND: &'static str = "loss";

    fn write(&self, to: &mut Writing) {
        to.uint(self.why.place()).text(self.text.as_str()).time(self.at).uint(self.by.0);
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            why: from.place(LossReason::from_place)?,
            text: Printable::line(&from.text()?),
            at: from.time()?,
            by: from.small().map(StaffId)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn a_loss_is_read_as_it_was_written() {
        for why in LossReason::ALL {
            let loss = Loss { why: *why, text: "嫌贵".into(), at: Timestamp(7_000), by: StaffId(3) };
            assert_eq!(Loss::from_bytes(&loss.to_bytes()), Ok(loss));
        }
    }
}
