//! Cadences as they are stored.

use super::codec::{Reading, Record, Writing};
use crate::domain::cadence::{Cadence, CadencePlace, Step};
use crate::domain::id::{CadenceId, StaffId};
use crate::domain::interaction::InteractionKind;
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for Cadence {
    const VERSION: u8 = 1;
    const KIND: &'static str = "cadence";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.version).text(self.name.as_str());
        to.list(&self.steps, |to, step| _ = to.uint(step.day).uint(step.kind.place()).text(step.text.as_str()));
        to.uint(self.by.0);
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            id: CadenceId(from.uint()?),
            version: from.uint()?,
            name: Printable::line(&from.text()?),
            steps: from.list(|from| {
                let (day, kind) = (from.small()?, from.place(InteractionKind::from_place)?);
                Ok(Step { day, kind, text: Printable::line(&from.text()?) })
            })?,
            by: StaffId(from.small()?),
        })
    }
}

/// Writes which step of a cadence something is.
pub(super) fn write_place(to: &mut Writing, place: &CadencePlace) {
    to.uint(place.cadence.0).text(place.name.as_str()).uint(place.at).uint(place.of).uint(place.kind.place());
    to.time(place.began);
}

/// Reads it.
pub(super) fn read_place(from: &mut Reading<'_>) -> Result<CadencePlace, StoreError> {
    Ok(CadencePlace {
        cadence: CadenceId(from.uint()?),
        name: Printable::line(&from.text()?),
        at: from.small()?,
        of: from.small()?,
        kind: from.place(InteractionKind::from_place)?,
        began: from.time()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cadence::read;

    #[test]
    fn a_cadence_is_read_as_it_was_written() {
        let steps = read("0 call 自我介绍\n3 email @welcome\n7 visit").unwrap();
        let cadence = Cadence { id: CadenceId(3), version: 2, name: "欢迎".into(), steps, by: StaffId(4) };
        assert_eq!(Cadence::from_bytes(&cadence.to_bytes()), Ok(cadence));
    }
}
