//! Why customers are lost, as it is stored, and the list of reasons for it.
//!
//! **Invariant:** a reason is stored as its number. Those that ship have the numbers under which an older program knows
//! them, so neither form had to change when a vault's own came.

use super::codec::{Reading, Record, Writing};
use crate::domain::id::StaffId;
use crate::domain::label::Label;
use crate::domain::loss::{Loss, LossReason};
use crate::domain::loss_reasons::{LossReasons, ReasonDef, ReasonState};
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for Loss {
    const VERSION: u8 = 1;
    const KIND: &'static str = "loss";

    fn write(&self, to: &mut Writing) {
        to.uint(self.why.0).text(self.text.as_str()).time(self.at).uint(self.by.0);
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            why: LossReason(from.small()?),
            text: Printable::line(&from.text()?),
            at: from.time()?,
            by: from.small().map(StaffId)?,
        })
    }
}

impl Record for LossReasons {
    const VERSION: u8 = 1;
    const KIND: &'static str = "loss reasons";

    fn write(&self, to: &mut Writing) {
        to.list(self.all(), |to, reason| {
            to.uint(reason.id.0).text(&reason.key).uint(reason.state.place());
            to.text(reason.label.en.as_str()).text(reason.label.zh.as_str());
        });
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        let reasons = from.list(|from| {
            Ok(ReasonDef {
                id: LossReason(from.small()?),
                key: from.text()?,
                state: from.place(ReasonState::from_place)?,
                label: Label::new(&from.text()?, &from.text()?),
            })
        })?;
        Ok(Self::new(reasons))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::domain::loss_reasons::LossChange;

    #[test]
    fn a_loss_is_read_as_it_was_written() {
        for why in [LossReason::PRICE, LossReason::OTHER, LossReason(100), LossReason(u16::MAX)] {
            let loss = Loss { why, text: "嫌贵".into(), at: Timestamp(7_000), by: StaffId(3) };
            assert_eq!(Loss::from_bytes(&loss.to_bytes()), Ok(loss));
        }
    }

    #[test]
    fn a_loss_that_an_older_program_wrote_by_place_is_read() {
        let mut to = minicbor::Encoder::new(vec![1_u8]);
        let _ = to.u64(4).and_then(|to| to.str("嫌贵")).and_then(|to| to.i64(7_000)).and_then(|to| to.u64(3));
        let loss = Loss { why: LossReason::MOVED_AWAY, text: "嫌贵".into(), at: Timestamp(7_000), by: StaffId(3) };
        assert_eq!(Loss::from_bytes(&to.into_writer()), Ok(loss));
    }

    #[test]
    fn the_list_of_reasons_is_read_as_it_was_written() {
        let mut list = LossReasons::default();
        assert_eq!(LossReasons::from_bytes(&list.to_bytes()).as_ref(), Ok(&list));
        list.apply(&LossChange::Add(Label::new("Too far away", "太远"))).unwrap();
        list.apply(&LossChange::Retire(LossReason::PRICE)).unwrap();
        assert_eq!(LossReasons::from_bytes(&list.to_bytes()), Ok(list));
    }
}
