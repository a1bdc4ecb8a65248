//! What is being changed of how fields are protected: what somebody wants to be looser, and how far values are sealed anew.
//!
//! **Invariant:** nothing of a value is here: keys of fields, classes, counts, and the place in a table that was reached.

use super::codec::{Reading, Record, Writing};
use crate::clock::Timestamp;
use crate::codes::codes;
use crate::domain::field::FieldKey;
use crate::domain::id::StaffId;
use crate::privacy::class::FieldClass;
use crate::privacy::mask::MaskKind;
use crate::vault::store::StoreError;

/// What is being changed of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The field.
    pub field: FieldKey,
    /// What waits for somebody who holds the key.
    pub wanted: Option<Wanted>,
    /// How far its values are brought to how the schema has it.
    pub running: Option<Resealing>,
}

/// A looser class or mask that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The class.
    pub class: FieldClass,
    /// The mask.
    pub mask: MaskKind,
    /// Who asked.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// Values on their way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resealing {
    /// Whether less is shown by it or more.
    pub turn: Turn,
    /// What is to be done about masks.
    pub masks: Masks,
    /// Entries of the record before this place may hold texts that show too much.
    pub upto: u64,
    /// What is being gone through.
    pub stage: Stage,
    /// The round; what moves while one is made is found in the next.
    pub round: u64,
    /// The key from which to go on in the stage's table.
    pub place: Vec<u8>,
    /// Customers looked at in this round.
    pub looked: u64,
    /// Customers that there were when it began.
    pub all: u64,
    /// Values changed in this round.
    pub of_round: u64,
    /// Values changed in all.
    pub changed: u64,
}

/// Whether less is shown or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Less.
    Stricter,
    /// More.
    Looser,
}

/// What is to be done about masks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masks {
    /// They are right.
    Fit,
    /// They are made anew, and are shown until then.
    Redo,
    /// They are made anew, and nothing of them is shown until then.
    Hide,
}

/// What is gone through, in this order; the record once, after the last round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Customers.
    Customers,
    /// What undo would bring back.
    Undo,
    /// What taking an import back would bring back.
    Kept,
    /// What an import under way will fill in.
    Staged,
    /// Texts beside entries of the record.
    Record,
}

codes!(Turn: Stricter = "stricter", Looser = "looser");
codes!(Masks: Fit = "fit", Redo = "redo", Hide = "hide");
codes!(Stage: Customers = "customers", Undo = "undo", Kept = "kept", Staged = "staged", Record = "record");

impl Resealing {
    /// One that begins now.
    pub fn begun(turn: Turn, masks: Masks, upto: u64, all: u64) -> Self {
        let (stage, place) = (Stage::Customers, Vec::new());
        Self { turn, masks, upto, stage, round: 1, place, looked: 0, all, of_round: 0, changed: 0 }
    }

    /// So many rows more were looked at.
    pub fn look(&mut self, rows: u64) {
        if self.stage == Stage::Customers {
            self.looked += rows;
        }
    }

    /// Whether a customer's mask may still be one that shows too much.
    pub fn hides(&self, customer: u64) -> bool {
        let behind = self.place.as_slice() <= customer.to_be_bytes().as_slice();
        self.masks == Masks::Hide && self.round == 1 && self.stage == Stage::Customers && behind
    }
}

/// All that is being changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldChanges(pub Vec<FieldChange>);

impl FieldChanges {
    /// What is being changed of a field.
    pub fn of(&self, field: &FieldKey) -> Option<&FieldChange> {
        self.0.iter().find(|change| change.field == *field)
    }

    /// How far a field's values are.
    pub fn running(&self, field: &FieldKey) -> Option<&Resealing> {
        self.of(field)?.running.as_ref()
    }

    /// Says what is being changed of a field; nothing takes it out.
    pub fn set(&mut self, field: &FieldKey, wanted: Option<Wanted>, running: Option<Resealing>) {
        self.0.retain(|change| change.field != *field);
        if wanted.is_some() || running.is_some() {
            self.0.push(FieldChange { field: field.clone(), wanted, running });
        }
    }
}

impl Record for FieldChanges {
    const VERSION: u8 = 1;
    const KIND: &'static str = "changes of fields";

    fn write(&self, to: &mut Writing) {
        to.list(&self.0, |to, change| {
            to.text(change.field.as_str());
            to.maybe(change.wanted.as_ref(), |to, wanted| {
                to.uint(wanted.class.place()).uint(wanted.mask.place()).uint(wanted.by.0).time(wanted.at);
            });
            to.maybe(change.running.as_ref(), |to, on| {
                to.uint(on.turn.place()).uint(on.masks.place()).uint(on.upto).uint(on.stage.place()).uint(on.round);
                to.bytes(&on.place).uint(on.looked).uint(on.all).uint(on.of_round).uint(on.changed);
            });
        });
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        let changes = from.list(|from| {
            Ok(FieldChange {
                field: FieldKey::new(&from.text()?).ok_or_else(|| from.fault())?,
                wanted: from.maybe(|from| {
                    Ok(Wanted {
                        class: from.place(FieldClass::from_place)?,
                        mask: from.place(MaskKind::from_place)?,
                        by: StaffId(from.small()?),
                        at: from.time()?,
                    })
                })?,
                running: from.maybe(|from| {
                    Ok(Resealing {
                        turn: from.place(Turn::from_place)?,
                        masks: from.place(Masks::from_place)?,
                        upto: from.uint()?,
                        stage: from.place(Stage::from_place)?,
                        round: from.uint()?,
                        place: from.bytes()?.to_vec(),
                        looked: from.uint()?,
                        all: from.uint()?,
                        of_round: from.uint()?,
                        changed: from.uint()?,
                    })
                })?,
            })
        })?;
        Ok(Self(changes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_read_back_and_hide_only_what_they_have_not_reached() {
        let key = FieldKey::new("mobile").unwrap();
        let mut changes = FieldChanges::default();
        let wanted = Wanted { class: FieldClass::Open, mask: MaskKind::Mobile, by: StaffId(3), at: Timestamp(7) };
        let mut on = Resealing::begun(Turn::Stricter, Masks::Hide, 12, 40);
        on.place = 5_u64.to_be_bytes().to_vec();
        changes.set(&key, Some(wanted), Some(on.clone()));
        assert_eq!(FieldChanges::from_bytes(&changes.to_bytes()), Ok(changes.clone()));
        assert!(!on.hides(4) && on.hides(5) && on.hides(6));
        on.round = 2;
        assert!(!on.hides(6));
        changes.set(&key, None, None);
        assert!(changes.0.is_empty());
    }
}
