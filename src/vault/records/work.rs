//! Interactions, follow-ups and alerts as they are stored.

use super::cadence::{read_place, write_place};
use super::codec::{Reading, Record, Writing};
use crate::clock::Timestamp;
use crate::domain::follow_up::{FollowUp, FollowUpState};
use crate::domain::id::{AlertId, CaseId, CustomerId, FollowUpId, InteractionId, StaffId};
use crate::domain::interaction::{Direction, Interaction, InteractionKind};
use crate::domain::recurrence::{Days, Recurrence};
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for Interaction {
    const VERSION: u8 = 3;
    const KIND: &'static str = "interaction";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.customer.0).uint(self.kind.place()).text(self.text.as_str());
        to.time(self.at).uint(self.by.0).maybe(self.ticket.as_deref(), |to, ticket| _ = to.text(ticket));
        to.maybe(self.direction, |to, direction| _ = to.uint(direction.place()));
        to.maybe(self.minutes, |to, minutes| _ = to.uint(minutes));
        to.maybe(self.case, |to, case| _ = to.uint(case.0));
    }

    fn read(from: &mut Reading<'_>, version: u8) -> Result<Self, StoreError> {
        let mut read = Self {
            id: InteractionId(from.uint()?),
            customer: CustomerId(from.uint()?),
            kind: from.place(InteractionKind::from_place)?,
            text: Printable::lines(&from.text()?),
            at: from.time()?,
            by: StaffId(from.small()?),
            ticket: from.maybe(Reading::text)?,
            direction: None,
            minutes: None,
            case: None,
        };
        // The first version knew neither.
        if version >= 2 {
            read.direction = from.maybe(|from| from.place(Direction::from_place))?;
            read.minutes = from.maybe(Reading::small)?;
        }
        // Before the third version a contact belonged to a case by its ticket alone.
        if version >= 3 {
            read.case = from.maybe(|from| from.uint().map(CaseId))?;
        }
        Ok(read)
    }
}

impl Record for FollowUp {
    const VERSION: u8 = 3;
    const KIND: &'static str = "follow-up";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.version).uint(self.customer.0).uint(self.assignee.0);
        to.time(self.due).text(self.text.as_str()).uint(self.state.place()).time(self.created);
        to.uint(self.put_off).maybe(self.set_by.as_ref(), |to, rule| _ = to.text(rule.as_str()));
        to.maybe(self.repeats.as_ref(), |to, repeats| {
            // A local time without a zone, as if it were of UTC.
            to.text(repeats.rule()).uint(repeats.days().place()).time(repeats.since().and_utc().into());
        });
        to.maybe(self.cadence.as_ref(), write_place);
    }

    fn read(from: &mut Reading<'_>, version: u8) -> Result<Self, StoreError> {
        let mut read = Self {
            id: FollowUpId(from.uint()?),
            version: from.uint()?,
            customer: CustomerId(from.uint()?),
            assignee: StaffId(from.small()?),
            due: from.time()?,
            text: Printable::lines(&from.text()?),
            state: from.place(FollowUpState::from_place)?,
            created: from.time()?,
            put_off: 0,
            repeats: None,
            set_by: None,
            cadence: None,
        };
        // The first version knew of no more.
        if version >= 2 {
            read.put_off = from.small()?;
            read.set_by = from.maybe(|from| from.text().map(|rule| Printable::line(&rule)))?;
            read.repeats = from.maybe(|from| {
                let (rule, days) = (from.text()?, from.place(Days::from_place)?);
                Ok(Recurrence::kept(rule, days, from.time()?.utc().naive_utc()))
            })?;
        }
        // The second version knew of no cadences.
        if version >= 3 {
            read.cadence = from.maybe(read_place)?;
        }
        Ok(read)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cadence::CadencePlace;
    use crate::domain::id::CadenceId;

    #[test]
    fn an_interaction_of_the_first_version_is_read() {
        let plain = Interaction {
            id: InteractionId(3),
            customer: CustomerId(7),
            kind: InteractionKind::Visit,
            direction: None,
            minutes: None,
            text: "spoke".into(),
            at: Timestamp(5),
            by: StaffId(2),
            ticket: Some("T-1".into()),
            case: None,
        };
        let mut bytes = plain.to_bytes();
        // The second version ended before its case, the first before who began it and how long it took.
        for (form, gone) in [(2, 1), (1, 2)] {
            bytes.truncate(bytes.len() - gone);
            if let Some(version) = bytes.first_mut() {
                *version = form;
            }
            assert_eq!(Interaction::from_bytes(&bytes), Ok(plain.clone()));
        }
        let case = Some(CaseId(4));
        let full = Interaction { direction: Some(Direction::In), minutes: Some(12), case, ..plain };
        assert_eq!(Interaction::from_bytes(&full.to_bytes()), Ok(full));
    }

    #[test]
    fn a_follow_up_of_the_first_version_is_read() {
        let task = FollowUp::new(FollowUpId(7), CustomerId(3), StaffId(2), (Timestamp(5), "call".into()), Timestamp(1));
        let mut bytes = task.to_bytes();
        // The second version ended before its cadence, the first before how often it was put off, its rule and when it
        // comes again.
        bytes.truncate(bytes.len() - 1);
        if let Some(version) = bytes.first_mut() {
            *version = 2;
        }
        assert_eq!(FollowUp::from_bytes(&bytes), Ok(task.clone()));
        bytes.truncate(bytes.len() - 3);
        if let Some(version) = bytes.first_mut() {
            *version = 1;
        }
        assert_eq!(FollowUp::from_bytes(&bytes), Ok(task.clone()));
        let since = task.due.utc().naive_utc();
        let repeats = Some(Recurrence::read("every 2 weeks", since).unwrap());
        let (cadence, name, kind) = (CadenceId(2), "欢迎".into(), InteractionKind::Email);
        let cadence = Some(CadencePlace { cadence, name, at: 2, of: 3, kind, began: Timestamp(4) });
        let again = FollowUp { repeats, put_off: 3, set_by: Some("stay in touch".into()), cadence, ..task };
        assert_eq!(FollowUp::from_bytes(&again.to_bytes()), Ok(again));
    }
}
