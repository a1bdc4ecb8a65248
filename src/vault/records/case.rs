//! Cases as they are stored.

use super::codec::{Reading, Record, Writing};
use crate::domain::case::{Case, CaseState};
use crate::domain::id::{CaseId, CustomerId, StaffId};
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for Case {
    const VERSION: u8 = 1;
    const KIND: &'static str = "case";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.version).uint(self.customer.0);
        to.text(self.subject.as_str()).text(self.ticket.as_str()).uint(self.state.place());
        to.maybe(self.due, |to, due| _ = to.time(due)).maybe(self.holder, |to, holder| _ = to.uint(holder.0));
        to.time(self.created);
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            id: CaseId(from.uint()?),
            version: from.uint()?,
            customer: CustomerId(from.uint()?),
            subject: Printable::line(&from.text()?),
            ticket: Printable::line(&from.text()?),
            state: from.place(CaseState::from_place)?,
            due: from.maybe(Reading::time)?,
            holder: from.maybe(|from| from.small().map(StaffId))?,
            created: from.time()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn a_case_is_read_as_it_was_written() {
        let case = Case {
            id: CaseId(3),
            version: 2,
            customer: CustomerId(7),
            subject: "发票".into(),
            ticket: "C-3".into(),
            state: CaseState::Waiting,
            due: Some(Timestamp(5_000)),
            holder: Some(StaffId(4)),
            created: Timestamp(1_000),
        };
        assert_eq!(Case::from_bytes(&case.to_bytes()), Ok(case.clone()));
        let bare = Case { due: None, holder: None, ..case };
        assert_eq!(Case::from_bytes(&bare.to_bytes()), Ok(bare));
    }
}
