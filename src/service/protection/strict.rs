//! What a stored value comes to as its field is protected now, whatever form its row still has.
//!
//! **Invariant:** a value that stands open in a field of a class is shown as its mask, and a mask that may show too much as
//! stars; nothing that goes back into a customer from elsewhere comes back looser than its field is.

use super::reseal::bring;
use crate::domain::audit::{Entry, NewEntry, Object};
use crate::domain::field::{FieldKey, NAME};
use crate::domain::id::{CustomerId, EntrySeq};
use crate::privacy::class::FieldClass;
use crate::privacy::mask::{MaskKind, mask};
use crate::service::actor::{Actor, shown};
use crate::service::refusal::Refusal;
use crate::service::sealing::{Sealing, mask_of};
use crate::service::view::Shown;
use crate::vault::records::{Customer, FieldChange, Stored};

/// What an entry is of, so far as it tells whose values stand in its texts: its verb, its object and its field.
#[derive(Clone, Copy)]
pub(in crate::service) struct Said<'e>(pub &'e str, pub Object, pub Option<&'e FieldKey>);

impl<'e> Said<'e> {
    pub(in crate::service) fn by(entry: &'e NewEntry) -> Self {
        Self(&entry.action, entry.object, entry.field.as_ref())
    }

    /// Whether its texts may have values of a field in them. What was searched for may be anybody's name.
    pub(in crate::service) fn is_of(self, key: &FieldKey) -> bool {
        let Self(action, object, field) = self;
        match object {
            Object::Customer(_) => field == Some(key),
            Object::None => {
                *key == NAME
                    && (action.starts_with("customer.") || action.ends_with(".bulk") || action == "cadence.start")
            }
            _ => false,
        }
    }
}

impl Actor {
    /// How a stored value of a field is shown without a grant.
    pub(in crate::service) fn shown_of(&self, id: CustomerId, key: &FieldKey, stored: Option<&Stored>) -> Shown {
        let Some(def) = self.schema.get(key.as_str()) else { return shown(stored) };
        match stored {
            Some(Stored::Open(text)) if def.class != FieldClass::Open => {
                let checked = self.check(def, text.as_str());
                Shown::Masked(checked.map_or_else(
                    |_| mask(MaskKind::Other, ""),
                    |checked| mask_of(def, &checked.shown, &checked.normal),
                ))
            }
            Some(Stored::Sealed { .. }) if self.changing.running(key).is_some_and(|on| on.hides(id.0)) => {
                Shown::Masked(mask(MaskKind::Other, ""))
            }
            other => shown(other),
        }
    }

    /// Whether words by which customers were found may be of values that are in a class now.
    pub(in crate::service) fn words_lag(&self) -> bool {
        let in_class = |key: &FieldKey| self.schema.get(key.as_str()).is_some_and(|def| def.class != FieldClass::Open);
        self.changing.0.iter().any(|change| change.running.is_some() && in_class(&change.field))
    }

    /// Whether the texts beside an entry may show more of a field than is shown now.
    pub(in crate::service) fn hides_texts(&self, seq: EntrySeq, said: Said<'_>) -> bool {
        let said_of = |on: &FieldChange| on.running.as_ref().is_some_and(|on| seq.0 < on.upto) && said.is_of(&on.field);
        self.changing.0.iter().any(said_of)
    }

    /// An entry as it is shown: without what shows more of a field than is shown now.
    pub(in crate::service) fn seen(&self, mut entry: Entry) -> Entry {
        let texts = &entry.what.texts;
        let there = texts.before.is_some() || texts.after.is_some();
        if there && self.hides_texts(entry.seq, Said::by(&entry.what)) {
            (entry.what.texts.before, entry.what.texts.after) = (None, None);
            entry.erased = true;
        }
        entry
    }
}

/// Brings a customer that comes back from elsewhere, as from an undo, to how its fields are protected now; refused where
/// that takes a key that this session does not hold.
pub(in crate::service) fn admit(actor: &Actor, customer: &mut Customer) -> Result<(), Refusal> {
    let mut sealing = Sealing::default();
    let origin = customer.profile.id.0;
    for (key, stored) in customer.values_mut() {
        let Some(def) = actor.schema.get(key.as_str()) else { continue };
        let masks = actor.changing.running(key).map(|on| on.masks);
        bring(actor, &mut sealing, (origin, def), stored, masks.unwrap_or(crate::vault::records::Masks::Fit))?;
    }
    Ok(())
}

/// As [`admit`], as far as this session can: what it cannot bring is hidden, and found by the next round.
pub(in crate::service) fn settle_in(actor: &Actor, customer: &mut Customer) {
    let mut sealing = Sealing::default();
    let origin = customer.profile.id.0;
    for (key, stored) in customer.values_mut() {
        let (Some(def), Some(on)) = (actor.schema.get(key.as_str()), actor.changing.running(key)) else { continue };
        if bring(actor, &mut sealing, (origin, def), stored, on.masks).is_err()
            && on.masks == crate::vault::records::Masks::Hide
            && let Stored::Sealed { mask: stands, .. } = stored
        {
            *stands = mask(MaskKind::Other, "");
        }
    }
}
