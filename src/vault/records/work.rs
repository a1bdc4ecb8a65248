//! Interactions, follow-ups and alerts as they are stored.

use super::codec::{Reading, Record, Writing};
use crate::clock::Timestamp;
use crate::domain::follow_up::{FollowUp, FollowUpState};
use crate::domain::id::{AlertId, CustomerId, FollowUpId, InteractionId, StaffId};
use crate::domain::interaction::{Interaction, InteractionKind};
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for Interaction {
    const VERSION: u8 = 1;
    const KIND: &'static str = "interaction";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.customer.0).uint(self.kind.place()).text(self.text.as_str());
        to.time(self.at).uint(self.by.0).maybe(self.ticket.as_deref(), |to, ticket| _ = to.text(ticket));
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            id: InteractionId(from.uint()?),
            customer: CustomerId(from.uint()?),
            kind: from.place(InteractionKind::from_place)?,
            text: Printable::lines(&from.text()?),
            at: from.time()?,
            by: StaffId(from.small()?),
            ticket: from.maybe(Reading::text)?,
        })
    }
}

impl Record for FollowUp {
    const VERSION: u8 = 1;
    const KIND: &'static str = "follow-up";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.version).uint(self.customer.0).uint(self.assignee.0);
        to.time(self.due).text(self.text.as_str()).uint(self.state.place()).time(self.created);
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            id: FollowUpId(from.uint()?),
            version: from.uint()?,
            customer: CustomerId(from.uint()?),
            assignee: StaffId(from.small()?),
            due: from.time()?,
            text: Printable::lines(&from.text()?),
            state: from.place(FollowUpState::from_place)?,
            created: from.time()?,
        })
    }
}

/// Something that the program noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// When it was raised.
    pub at: Timestamp,
    /// About whom; none where nobody is known.
    pub about: Option<StaffId>,
    /// What, as the service numbers its kinds.
    pub kind: u8,
    /// The number that went past the limit.
    pub count: u64,
    /// When somebody settled it.
    pub settled: Option<Timestamp>,
}

impl Record for Alert {
    const VERSION: u8 = 1;
    const KIND: &'static str = "alert";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).time(self.at).maybe(self.about, |to, about| _ = to.uint(about.0));
        to.uint(self.kind).uint(self.count).maybe(self.settled, |to, at| _ = to.time(at));
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            id: AlertId(from.uint()?),
            at: from.time()?,
            about: from.maybe(|from| from.small().map(StaffId))?,
            kind: from.small()?,
            count: from.uint()?,
            settled: from.maybe(Reading::time)?,
        })
    }
}
