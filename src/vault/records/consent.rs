//! Consents and the wordings that they were given under, as they are stored.

use super::codec::{Reading, Record, Writing};
use crate::domain::consent::{Consent, ConsentHow, ConsentState, Purpose, Speaker, Wording, Wordings};
use crate::domain::id::{ConsentId, CustomerId, StaffId};
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for Consent {
    const VERSION: u8 = 1;
    const KIND: &'static str = "consent";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.customer.0).uint(self.purpose.place()).uint(self.state.place()).time(self.at);
        to.uint(self.how.place())
            .uint(self.speaker.place())
            .uint(self.version)
            .uint(self.by.0)
            .text(self.note.as_str());
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            id: ConsentId(from.uint()?),
            customer: CustomerId(from.uint()?),
            purpose: from.place(Purpose::from_place)?,
            state: from.place(ConsentState::from_place)?,
            at: from.time()?,
            how: from.place(ConsentHow::from_place)?,
            speaker: from.place(Speaker::from_place)?,
            version: from.small()?,
            by: StaffId(from.small()?),
            note: Printable::lines(&from.text()?),
        })
    }
}

/// The shipped wordings are the program's; what was written in a vault is kept.
impl Record for Wordings {
    const VERSION: u8 = 1;
    const KIND: &'static str = "wordings of consents";

    fn write(&self, to: &mut Writing) {
        to.list(self.written(), |to, (purpose, wording)| {
            to.uint(purpose.place()).uint(wording.version);
            wording.texts.iter().for_each(|text| _ = to.text(text.as_str()));
            to.maybe(wording.since, |to, at| _ = to.time(at)).maybe(wording.by, |to, by| _ = to.uint(by.0));
        });
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        let rows = from.list(|from| {
            let purpose = from.place(Purpose::from_place)?;
            let version = from.small()?;
            let texts = [Printable::lines(&from.text()?), Printable::lines(&from.text()?)];
            let (since, by) = (from.maybe(Reading::time)?, from.maybe(|from| from.small().map(StaffId))?);
            Ok((purpose, Wording { version, texts, since, by }))
        })?;
        Ok(Self::new(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn a_consent_is_read_as_it_was_written() {
        let consent = Consent {
            id: ConsentId(9),
            customer: CustomerId(7),
            purpose: Purpose::CrossBorder,
            state: ConsentState::Withdrawn,
            at: Timestamp(1_000),
            how: ConsentHow::Paper,
            speaker: Speaker::Guardian,
            version: 3,
            by: StaffId(4),
            note: "母亲签字".into(),
        };
        assert_eq!(Consent::from_bytes(&consent.to_bytes()), Ok(consent));
    }

    #[test]
    fn wordings_are_read_as_they_were_written() {
        let mut wordings = Wordings::default();
        wordings.add(Purpose::Marketing, ["Yes.".into(), "同意。".into()], (Timestamp(5), StaffId(1)));
        assert_eq!(Wordings::from_bytes(&wordings.to_bytes()), Ok(wordings));
    }
}
