//! How a field is protected, changed while its values are there: stricter at once, looser when a holder of the key agrees.
//!
//! A stricter class or mask stands in the schema from the commit on, and whatever is shown goes by the schema
//! ([`strict`]), whatever form a row still has; the rows follow in bites ([`reseal`]). A looser one is only noted until
//! somebody agrees who sets the policy and holds the class's key.
//! **Invariant:** nothing that is stored is opened without a key of its class, and nobody can ask for what only a key gives:
//! whoever manages fields without a key brings about nothing looser.

mod reseal;
mod strict;

use super::actor::Actor;
use super::alerts;
use super::door::Done;
use super::record;
use super::refusal::Refusal;
use super::view::{AlertKind, FieldProgress, OnTheWay, Turning};
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::field::{FieldDef, FieldKey, Schema};
use crate::domain::role::Permission;
use crate::privacy::class::FieldClass;
use crate::privacy::mask::MaskKind;
use crate::vault::book::{customers, settings};
use crate::vault::records::{FieldChange, FieldChanges, Masks, ResealStage, Resealing, Turn, Wanted};
use crate::vault::store::{Get, Put, StoreError};

pub(super) use reseal::{quiet, run};
pub(super) use strict::{Said, admit, settle_in};

/// The verb of a change of class.
pub(super) const CLASSIFY: &str = "field.classify";
/// The verb of a change of mask.
pub(super) const MASK: &str = "field.mask";
/// The verb of a holder's agreement.
pub(super) const CONFIRM: &str = "field.confirm";
/// The verb of values sealed anew.
pub(super) const RESEAL: &str = "field.reseal";

/// Puts a field in another class.
pub(super) fn classify(actor: &Actor, key: FieldKey, class: FieldClass) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let (mut rows, mut changes) = (rows(to)?, settings::field_changes(to)?);
        let row = row_of(&mut rows, &key)?;
        let before = said(row.class, row.mask);
        let change = changes.of(&key).cloned();
        let (wanted, running) = change.map_or((None, None), |change| (change.wanted, change.running));
        if class == row.class && wanted.as_ref().is_none_or(|wanted| wanted.class == class) {
            return Ok(Done::Done);
        }
        let mask = wanted.as_ref().map_or(row.mask, |wanted| wanted.mask);
        if class < row.class {
            let wanted = Wanted { class, mask, by: of_actor.staff.id, at: of_actor.now };
            changes.set(&key, Some(wanted), running);
        } else if class == row.class {
            let rest = wanted.filter(|wanted| wanted.mask != row.mask).map(|wanted| Wanted { class, ..wanted });
            changes.set(&key, rest, running);
        } else {
            // What was open stands in plain text beside old entries; of a class nothing but masks does.
            let upto = if row.class == FieldClass::Open { record::size(to)? } else { 0 };
            row.class = class;
            let masks = running.as_ref().map_or(Masks::Fit, |on| on.masks);
            changes.set(&key, None, Some(begun(to, running.as_ref(), Turn::Stricter, masks, upto)?));
        }
        kept(&of_actor, to, CLASSIFY, (&key, before, said(class, mask)), (rows, &changes))
    })
}

/// Gives a field another mask.
pub(super) fn mask(actor: &Actor, key: FieldKey, mask: MaskKind) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let (mut rows, mut changes) = (rows(to)?, settings::field_changes(to)?);
        let row = row_of(&mut rows, &key)?;
        let before = said(row.class, row.mask);
        let change = changes.of(&key).cloned();
        let (wanted, running) = change.map_or((None, None), |change| (change.wanted, change.running));
        if mask == row.mask && wanted.as_ref().is_none_or(|wanted| wanted.mask == mask) {
            return Ok(Done::Done);
        }
        let class = wanted.as_ref().map_or(row.class, |wanted| wanted.class);
        if row.class == FieldClass::Open && running.is_none() {
            // Nothing is masked: it is what will stand there once the field is in a class.
            row.mask = mask;
        } else if mask == row.mask {
            let rest = wanted.filter(|wanted| wanted.class != row.class).map(|wanted| Wanted { mask, ..wanted });
            changes.set(&key, rest, running);
        } else if mask.shows_no_more_than(row.mask) {
            row.mask = mask;
            let upto = record::size(to)?;
            changes.set(&key, None, Some(begun(to, running.as_ref(), Turn::Stricter, Masks::Hide, upto)?));
        } else {
            let wanted = Wanted { class, mask, by: of_actor.staff.id, at: of_actor.now };
            changes.set(&key, Some(wanted), running);
        }
        kept(&of_actor, to, MASK, (&key, before, said(class, mask)), (rows, &changes))
    })
}

/// Agrees to a looser class or mask that somebody asked for, as somebody who sets the policy and holds the key of the class
/// it is in.
pub(super) fn confirm(actor: &Actor, key: FieldKey) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let (mut rows, mut changes) = (rows(to)?, settings::field_changes(to)?);
        let row = row_of(&mut rows, &key)?;
        let change = changes.of(&key).cloned();
        let (wanted, running) = change.map_or((None, None), |change| (change.wanted, change.running));
        // Whoever lacks the key is told so whether or not something waits.
        holds(&of_actor, row.class)?;
        let wanted = wanted.ok_or(Refusal::NotFound("change to be confirmed"))?;
        let (before, after) = (said(row.class, row.mask), said(wanted.class, wanted.mask));
        let hidden = running.as_ref().is_some_and(|on| on.masks == Masks::Hide);
        let masks = match () {
            // What was hidden stays so until it is made anew.
            () if hidden => Masks::Hide,
            () if wanted.mask == row.mask => Masks::Fit,
            () => Masks::Redo,
        };
        (row.class, row.mask) = (wanted.class, wanted.mask);
        changes.set(&key, None, Some(begun(to, running.as_ref(), Turn::Looser, masks, 0)?));
        kept(&of_actor, to, CONFIRM, (&key, before, after), (rows, &changes))
    })
}

/// Whether somebody holds the key that opens a class.
fn holds(actor: &Actor, class: FieldClass) -> Result<(), Refusal> {
    let holder = class == FieldClass::Open || actor.role.reveal(class).holds_key() && actor.class_key(class).is_some();
    if holder { Ok(()) } else { Err(Refusal::KeyMissing(class)) }
}

fn rows(from: &dyn Get) -> Result<Vec<FieldDef>, StoreError> {
    Ok(settings::schema(from)?.rows().cloned().collect())
}

fn row_of<'r>(rows: &'r mut [FieldDef], key: &FieldKey) -> Result<&'r mut FieldDef, Refusal> {
    rows.iter_mut().find(|row| row.key == *key).ok_or(Refusal::NotFound("field"))
}

fn said(class: FieldClass, mask: MaskKind) -> String {
    format!("{} · {}", class.code(), mask.code())
}

/// Values begin their way anew: whatever they were on before, this brings them to how the schema has it now.
fn begun(
    from: &dyn Get,
    before: Option<&Resealing>,
    turn: Turn,
    masks: Masks,
    upto: u64,
) -> Result<Resealing, StoreError> {
    let upto = before.map_or(0, |on| on.upto).max(upto);
    Ok(Resealing::begun(turn, masks, upto, customers::count_all(from)?))
}

fn kept(
    actor: &Actor,
    to: &mut dyn Put,
    verb: &str,
    (key, before, after): (&FieldKey, String, String),
    (rows, changes): (Vec<FieldDef>, &FieldChanges),
) -> Result<Done, Refusal> {
    settings::put_schema(to, &Schema::new(rows))?;
    settings::put_field_changes(to, changes)?;
    let texts = Texts { before: Some(before), after: Some(after), ..Texts::default() };
    actor.record(to, &NewEntry { field: Some(key.clone()), texts, ..actor.entry(verb) })?;
    let stricter = verb != CONFIRM && changes.of(key).is_none_or(|change| change.wanted.is_none());
    let kind = if stricter { AlertKind::FieldStricter } else { AlertKind::FieldLooser };
    alerts::raise(actor, to, kind, 0)?;
    Ok(Done::Done)
}

/// How far each field is whose protection is being changed.
pub(super) fn progress(actor: &Actor) -> Vec<FieldProgress> {
    let row = |change: &FieldChange| {
        let wanted = change.wanted.as_ref().map(|w| (w.class, w.mask, actor.name_of(w.by), w.at));
        let running = change.running.as_ref().map(|on| {
            let looked = if on.stage == ResealStage::Customers && on.round == 1 { on.looked } else { on.all };
            let turning = if on.turn == Turn::Stricter { Turning::Stricter } else { Turning::Looser };
            OnTheWay { turning, looked: looked.min(on.all), all: on.all }
        });
        FieldProgress { field: change.field.clone(), wanted, running }
    };
    actor.changing.0.iter().map(row).collect()
}

/// The looser protections that wait for the actor, who holds the keys and sets the policy.
pub(super) fn to_confirm(actor: &Actor) -> Vec<(FieldKey, FieldClass, MaskKind)> {
    let may = actor.role.may(Permission::ManagePolicy);
    let waits = actor.changing.0.iter().filter(|_| may).filter_map(|change| {
        let (wanted, def) = (change.wanted.as_ref()?, actor.schema.get(change.field.as_str())?);
        holds(actor, def.class).ok()?;
        Some((change.field.clone(), wanted.class, wanted.mask))
    });
    waits.collect()
}
