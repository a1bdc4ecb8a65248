//! Values brought to how their field is protected now, in bites small enough for a quiet moment.
//!
//! A round goes through customers, what undo and imports would bring back, and what imports will fill in; while one changes
//! something there is another, since values move while it is made. Then the texts beside entries that show too much go.
//! **Invariant:** the place that was reached is kept in the transaction of what was changed, and a bite can be done again.

use std::ops::ControlFlow;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::strict::Said;
use crate::domain::audit::{NewEntry, Origin, Texts};
use crate::domain::contradiction::Told;
use crate::domain::field::{FieldDef, FieldKey};
use crate::domain::id::{EntrySeq, SessionId};
use crate::domain::value::Checked;
use crate::privacy::class::FieldClass;
use crate::privacy::mask::{MaskKind, mask};
use crate::service::actor::Actor;
use crate::service::contradictions;
use crate::service::door::Done;
use crate::service::erase::forget_rows;
use crate::service::record;
use crate::service::refusal::Refusal;
use crate::service::sealing::{Sealing, mask_of};
use crate::vault::book::{customers, settings};
use crate::vault::records::{Customer, Masks, Record, ResealStage, Resealing, Restore, Stored, UndoStep};
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way};

/// Customers that one bite changes.
const CHANGES: usize = 200;
/// Rows that one bite passes.
const ROWS: u64 = 2_000;
/// Entries that one bite reads.
const ENTRIES: usize = 1_000;

/// What came of a bite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bite {
    /// Something is left.
    More,
    /// It is done.
    Ended,
    /// It takes a key that this session does not hold.
    Lacks(FieldClass),
}

/// Does a bite, where there is something to do. For quiet moments: nobody waits for it.
pub(in crate::service) fn quiet(actor: &Actor) {
    let keys = running(actor);
    let Some(_one) = (!keys.is_empty()).then(|| actor.desk.resealing.try_lock().ok()).flatten() else { return };
    let by_itself = Actor { origin: Origin::Program, ..actor.clone() };
    for key in keys {
        match bite(&by_itself, &key) {
            // What is shown changes at its beginning and at its end alone.
            Ok(Bite::Ended) => {
                forget_rows(actor);
                return actor.desk.present.tell(SessionId(0));
            }
            Ok(Bite::Lacks(_)) => {}
            // A fault is met again by whoever changes something next.
            Ok(Bite::More) | Err(_) => return,
        }
    }
}

fn running(actor: &Actor) -> Vec<FieldKey> {
    let running = actor.changing.0.iter().filter(|change| change.running.is_some());
    running.map(|change| change.field.clone()).collect()
}

/// Does all that this session's keys allow, to the end.
pub(in crate::service) fn run(actor: &Actor) -> Result<Done, Refusal> {
    let mut lacks = None;
    for key in running(actor) {
        loop {
            match bite(actor, &key)? {
                Bite::More => {}
                Bite::Ended => {
                    forget_rows(actor);
                    break;
                }
                Bite::Lacks(class) => {
                    lacks = Some(class);
                    break;
                }
            }
        }
    }
    lacks.map_or(Ok(Done::Done), |class| Err(Refusal::KeyMissing(class)))
}

/// Brings one stored value to how its field is protected now; says whether that changed it.
pub(super) fn bring(
    actor: &Actor,
    sealing: &mut Sealing,
    (origin, def): (u64, &FieldDef),
    stored: &mut Stored,
    masks: Masks,
) -> Result<bool, Refusal> {
    let anew = match stored {
        Stored::Declined => return Ok(false),
        Stored::Open(_) if def.class == FieldClass::Open => return Ok(false),
        Stored::Open(text) => {
            let plain = Zeroizing::new(text.as_str().to_owned());
            sealing.store(actor, origin, def, checked(actor, def, &plain))?
        }
        Stored::Sealed { class, .. } if *class == def.class && masks == Masks::Fit => return Ok(false),
        Stored::Sealed { class, mask: stands, sealed, .. } => {
            if *class == def.class && def.mask == MaskKind::Other {
                let stars = mask(MaskKind::Other, "");
                let changed = *stands != stars;
                *stands = stars;
                return Ok(changed);
            }
            let secret = actor.class_key(*class).ok_or(Refusal::KeyMissing(*class))?;
            let plain = secret.open(actor.place(def.key.as_str(), *class), sealed);
            let plain = plain.map_err(|error| Refusal::Damaged(error.to_string()))?;
            let checked = checked(actor, def, &plain);
            if *class == def.class {
                let right = mask_of(def, &checked.shown, &checked.normal);
                let changed = *stands != right;
                *stands = right;
                return Ok(changed);
            }
            sealing.store(actor, origin, def, checked)?
        }
    };
    *stored = anew;
    Ok(true)
}

/// A value that stood already is kept as it is, whether or not its field would take it today.
fn checked(actor: &Actor, def: &FieldDef, plain: &str) -> Checked {
    actor.check(def, plain).unwrap_or_else(|_| Checked { shown: plain.to_owned(), normal: plain.to_owned() })
}

fn bite(actor: &Actor, key: &FieldKey) -> Result<Bite, Refusal> {
    let (of_actor, key) = (actor.clone(), key.clone());
    actor.commit(move |to| {
        let mut changes = settings::field_changes(to)?;
        let schema = Arc::new(settings::schema(to)?);
        let (Some(change), Some(def)) = (changes.of(&key).cloned(), schema.get(key.as_str()).cloned()) else {
            return Ok(Bite::Ended);
        };
        let Some(mut on) = change.running else { return Ok(Bite::Ended) };
        let actor = Actor { schema, ..of_actor.clone() };
        let before = on.clone();
        let came = step(&actor, to, &def, &mut on)?;
        match came {
            Bite::Lacks(_) if on == before => return Ok(came),
            Bite::Ended => {
                changes.set(&key, change.wanted, None);
                let after = format!("{} · {}", def.class.code(), def.mask.code());
                let texts = Texts { after: Some(after), ..Texts::default() };
                let entry =
                    NewEntry { field: Some(key.clone()), count: Some(on.changed), texts, ..actor.entry(super::RESEAL) };
                actor.record(to, &entry)?;
            }
            _ => changes.set(&key, change.wanted, Some(on)),
        }
        settings::put_field_changes(to, &changes)?;
        Ok(came)
    })
}

/// A stretch of the stage that it is at.
fn step(actor: &Actor, to: &mut dyn Put, def: &FieldDef, on: &mut Resealing) -> Result<Bite, Refusal> {
    if on.stage == ResealStage::Record {
        return texts(to, &def.key, on);
    }
    let table = match on.stage {
        ResealStage::Customers => Table::Customers,
        ResealStage::Undo => Table::Undo,
        ResealStage::Kept => Table::JobUndo,
        ResealStage::Staged | ResealStage::Record => Table::JobStaged,
    };
    let Stretch { rows, end, walked } = stretch(to, table, &on.place, |value| is_due(on.stage, def, on.masks, value))?;
    let mut sealing = Sealing::default();
    for (before, place, value) in rows {
        match row(actor, to, &mut sealing, def, (on, table, &place, &value)) {
            Ok(changed) => {
                on.of_round += changed;
                on.changed += changed;
            }
            Err(Refusal::KeyMissing(class)) => {
                on.look(before);
                on.place = place;
                return Ok(Bite::Lacks(class));
            }
            Err(other) => return Err(other),
        }
    }
    match end {
        Some(place) => {
            on.look(walked);
            on.place = place;
        }
        None => next_stage(on),
    }
    Ok(if on.stage == ResealStage::Record && on.upto == 0 { Bite::Ended } else { Bite::More })
}

fn next_stage(on: &mut Resealing) {
    on.place.clear();
    on.stage = match on.stage {
        ResealStage::Customers => ResealStage::Undo,
        ResealStage::Undo => ResealStage::Kept,
        ResealStage::Kept => ResealStage::Staged,
        ResealStage::Staged if on.of_round > 0 => {
            on.round += 1;
            (on.looked, on.of_round) = (0, 0);
            ResealStage::Customers
        }
        ResealStage::Staged | ResealStage::Record => ResealStage::Record,
    };
}

/// A row of a table: how many were passed before it, its key and its value.
type Due = (u64, Vec<u8>, Vec<u8>);

/// A stretch of a table.
struct Stretch {
    /// The rows that are due.
    rows: Vec<Due>,
    /// Where the next stretch begins, unless the table ends.
    end: Option<Vec<u8>>,
    /// How many rows it has in all.
    walked: u64,
}

/// The stretch of a table that begins at a place.
fn stretch(
    from: &dyn Get,
    table: Table,
    place: &[u8],
    due: impl Fn(&[u8]) -> Result<bool, StoreError>,
) -> Result<Stretch, StoreError> {
    let (mut rows, mut walked, mut end, mut fault) = (Vec::new(), 0, None, None);
    from.visit(table, place, &[0xFF; 32], Way::Up, &mut |key, value| {
        if rows.len() >= CHANGES || walked >= ROWS {
            end = Some(key.to_vec());
            return ControlFlow::Break(());
        }
        match due(value) {
            Ok(true) => rows.push((walked, key.to_vec(), value.to_vec())),
            Ok(false) => {}
            Err(error) => fault = Some(error),
        }
        walked += 1;
        if fault.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    fault.map_or(Ok(Stretch { rows, end, walked }), Err)
}

/// Whether a row may hold something to be brought. Steps of undo are read where they are changed.
fn is_due(stage: ResealStage, def: &FieldDef, masks: Masks, value: &[u8]) -> Result<bool, StoreError> {
    if stage == ResealStage::Undo {
        return Ok(true);
    }
    Ok(match Customer::from_bytes(value)?.field(&def.key) {
        None | Some(Stored::Declined) => false,
        Some(Stored::Open(_)) => def.class != FieldClass::Open,
        Some(Stored::Sealed { class, .. }) => *class != def.class || masks != Masks::Fit,
    })
}

/// Brings what one row holds; gives how many values that changed.
fn row(
    actor: &Actor,
    to: &mut dyn Put,
    sealing: &mut Sealing,
    def: &FieldDef,
    (on, table, place, value): (&Resealing, Table, &[u8], &[u8]),
) -> Result<u64, Refusal> {
    let mut bring_all = |bytes: &mut Vec<u8>| -> Result<bool, Refusal> {
        let mut customer = Customer::from_bytes(bytes)?;
        let changed = bring_in(actor, sealing, def, &mut customer, on.masks)?;
        if changed {
            *bytes = customer.to_bytes();
        }
        Ok(changed)
    };
    let mut bytes = value.to_vec();
    if table == Table::Undo {
        let mut step = UndoStep::from_bytes(value)?;
        let mut changed = 0;
        for restore in &mut step.restores {
            match restore {
                Restore::Customer(_, _, Some(bytes)) => changed += u64::from(bring_all(bytes)?),
                Restore::Merge(merge) => {
                    changed += u64::from(bring_all(&mut merge.kept)?) + u64::from(bring_all(&mut merge.gone)?);
                }
                _ => {}
            }
        }
        if changed > 0 {
            to.put(table, place, &step.to_bytes())?;
        }
        return Ok(changed);
    }
    if !bring_all(&mut bytes)? {
        return Ok(0);
    }
    if table != Table::Customers {
        to.put(table, place, &bytes)?;
        return Ok(1);
    }
    let (before, after) = (Customer::from_bytes(value)?, Customer::from_bytes(&bytes)?);
    // Customers of an import that is under way stand in no list yet.
    if actor.desk.visible(after.profile.id) {
        customers::put(to, Some(&before), &after, &actor.schema)?;
    } else {
        customers::stage(to, Some(&before), &after, &actor.schema)?;
    }
    Ok(1)
}

/// Brings a customer's value of one field; when it was confirmed and what version the customer is of stay as they are.
fn bring_in(
    actor: &Actor,
    sealing: &mut Sealing,
    def: &FieldDef,
    customer: &mut Customer,
    masks: Masks,
) -> Result<bool, Refusal> {
    let origin = customer.profile.id.0;
    if matches!(customer.field(&def.key), Some(Stored::Open(_))) && Told::is_by(def.key.as_str()) {
        contradictions::keep(actor, customer);
    }
    let stored = customer.values_mut().find(|(key, _)| **key == def.key);
    stored.map_or(Ok(false), |(_, stored)| bring(actor, sealing, (origin, def), stored, masks))
}

/// Erases the texts beside entries that show more of a field than is shown now; the leaves only commit to them.
fn texts(to: &mut dyn Put, key: &FieldKey, on: &mut Resealing) -> Result<Bite, Refusal> {
    let (mut places, mut end) = (Vec::new(), None);
    to.visit(Table::Texts, &on.place, &on.upto.to_be_bytes(), Way::Up, &mut |place, _| {
        if places.len() >= ENTRIES {
            end = Some(place.to_vec());
            return ControlFlow::Break(());
        }
        places.push(place.to_vec());
        ControlFlow::Continue(())
    })?;
    for place in places {
        let seq = EntrySeq(KeyReader(&place).last_u64()?);
        let Some(what) = record::entry(to, seq)?.map(|entry| entry.what) else { continue };
        let said = what.texts.before.is_some() || what.texts.after.is_some();
        if said && Said::by(&what).is_of(key) {
            record::erase_texts(to, seq)?;
        }
    }
    match end {
        Some(place) => {
            on.place = place;
            Ok(Bite::More)
        }
        None => Ok(Bite::Ended),
    }
}
