//! Fields without code: administrators add them, write them anew and put them in order.
//!
//! **Invariant:** a field's key and kind never change, so no value that is stored comes to mean something else; its class
//! and mask change by way of [`protection`] alone; a field whose class nobody chose is `sensitive`.

use super::actor::Actor;
use super::door::Done;
use super::refusal::{Fault, FieldFault, Refusal};
use super::rules::{Rule, ScopeCheck, Tried, Undoable, fresh, rule};
use super::{protection, undo};
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::customer::CustomerKind;
use crate::domain::field::{Category, ExportRule, FieldDef, FieldKey, FieldKind, FieldState, Need};
use crate::domain::role::Permission;
use crate::privacy::class::FieldClass;
use crate::privacy::mask::MaskKind;
use crate::text::{Printable, folded};
use crate::vault::book::settings;

/// The most fields that a vault has.
pub const MOST_FIELDS: usize = 200;
/// The most choices of a field, and the longest of them in characters.
const MOST_CHOICES: usize = 100;
const LONGEST: usize = 60;
const LONGEST_PURPOSE: usize = 500;

/// Something to be done to the fields.
#[derive(Clone, Debug)]
pub enum FieldAction {
    /// Add one, in use from now on.
    Add(NewField),
    /// Write one anew.
    Change(FieldKey, FieldText),
    /// Move one up or down in the order of forms and lists.
    Move(FieldKey, Way),
    /// Put one in another class: a stricter one at once, a looser one when a holder of the key agrees.
    Classify(FieldKey, FieldClass),
    /// Give one another mask, likewise.
    Mask(FieldKey, MaskKind),
    /// Agree to what somebody wants to be looser.
    Confirm(FieldKey),
    /// Seal anew what is still to be, as far as one's own keys go.
    Reseal,
}

/// Which way a field moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Towards the first.
    Up,
    /// Towards the last.
    Down,
}

/// A field to be added.
#[derive(Clone, Debug)]
pub struct NewField {
    /// Its key, for scripts and imports.
    pub key: FieldKey,
    /// What it holds.
    pub kind: FieldKind,
    /// How far it is protected; not said is `sensitive`.
    pub class: Option<FieldClass>,
    /// All that can be written anew later.
    pub text: FieldText,
}

/// What of a field can be written anew.
#[derive(Clone, Debug, Default)]
pub struct FieldText {
    /// Its label in English.
    pub label_en: Printable,
    /// Its label in Chinese; empty is the English one.
    pub label_zh: Printable,
    /// Why it is asked for.
    pub purpose: Printable,
    /// Whether it must be filled.
    pub need: Need,
    /// Which customers have it; none means all.
    pub of: Option<CustomerKind>,
    /// What may be chosen, where it is a choice.
    pub choices: Vec<Printable>,
    /// How many months a value may be kept without a contact.
    pub keep_months: Option<u16>,
}

impl FieldAction {
    /// Its row in the table of actions.
    pub fn rule(&self) -> Rule {
        let verb = match self {
            Self::Add(_) => "field.add",
            Self::Change(..) => "field.edit",
            Self::Move(..) => "field.move",
            Self::Classify(..) => return fresh(protection::CLASSIFY, Some(Permission::ManageFields)),
            Self::Mask(..) => return fresh(protection::MASK, Some(Permission::ManageFields)),
            // What is opened is opened of everybody's customers, so a key alone does not decide.
            Self::Confirm(_) => return fresh(protection::CONFIRM, Some(Permission::ManagePolicy)),
            Self::Reseal => return rule(protection::RESEAL, None, ScopeCheck::Nobody, Undoable::No),
        };
        rule(verb, Some(Permission::ManageFields), ScopeCheck::Nobody, Undoable::Yes)
    }

    /// What it is about.
    pub fn tried(&self) -> Tried {
        let key = match self {
            Self::Add(new) => &new.key,
            Self::Change(key, _) | Self::Move(key, _) => key,
            Self::Classify(key, _) | Self::Mask(key, _) | Self::Confirm(key) => key,
            Self::Reseal => return Tried { object: Object::None, field: None, reason: None },
        };
        Tried { object: Object::None, field: Some(key.clone()), reason: None }
    }
}

/// Does it.
pub(super) fn carry_out(actor: &Actor, action: FieldAction) -> Result<Done, Refusal> {
    match action {
        FieldAction::Classify(key, class) => protection::classify(actor, key, class),
        FieldAction::Mask(key, mask) => protection::mask(actor, key, mask),
        FieldAction::Confirm(key) => protection::confirm(actor, key),
        FieldAction::Reseal => protection::run(actor),
        action => write_rows(actor, action),
    }
}

fn write_rows(actor: &Actor, action: FieldAction) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let schema = settings::schema(to)?;
        let mut rows = schema.all().to_vec();
        let (key, after) = apply(&mut rows, &action)?;
        let verb = action.rule().verb;
        if let (FieldAction::Add(_), Some(new)) = (&action, rows.last().cloned()) {
            // Somebody may have filled it when its adding is taken back: it goes out of use then, and its values stay.
            let unused = FieldDef { state: FieldState::Off, ..new };
            let rows = rows.iter().take(rows.len() - 1).cloned().chain([unused]).collect();
            settings::put_schema(to, &schema.with(rows))?;
        }
        undo::changing(&of_actor, to, settings::SCHEMA, verb, |to| Ok(settings::put_schema(to, &schema.with(rows))?))?;
        let texts = Texts { after: Some(after), ..Texts::default() };
        of_actor.record(to, &NewEntry { field: Some(key), texts, ..of_actor.entry(verb) })?;
        Ok(Done::Done)
    })
}

fn apply(rows: &mut Vec<FieldDef>, action: &FieldAction) -> Result<(FieldKey, String), Refusal> {
    match action {
        FieldAction::Add(new) => {
            if rows.len() >= MOST_FIELDS {
                return Err(Refusal::invalid("key", Fault::TooLong));
            }
            if rows.iter().any(|row| row.key == new.key) || RESERVED.contains(&new.key.as_str()) {
                return Err(Refusal::invalid("key", Fault::Taken));
            }
            let row = made(new)?;
            let after = format!("{} · {} · {}", row.label_en, row.kind.code(), row.class.code());
            rows.push(row);
            Ok((new.key.clone(), after))
        }
        FieldAction::Change(key, text) => {
            let row = rows.iter_mut().find(|row| row.key == *key).ok_or(Refusal::NotFound("field"))?;
            write(row, text)?;
            Ok((key.clone(), format!("{} · {}", row.label_en, row.purpose)))
        }
        FieldAction::Move(key, way) => {
            let at = rows.iter().position(|row| row.key == *key).ok_or(Refusal::NotFound("field"))?;
            let to = match way {
                Way::Up => at.checked_sub(1),
                Way::Down => Some(at + 1).filter(|to| *to < rows.len()),
            };
            if let Some(to) = to {
                rows.swap(at, to);
            }
            Ok((key.clone(), format!("{}", to.unwrap_or(at) + 1)))
        }
        // Those go another way.
        FieldAction::Classify(key, _) | FieldAction::Mask(key, _) | FieldAction::Confirm(key) => {
            Ok((key.clone(), String::new()))
        }
        FieldAction::Reseal => Err(Refusal::NotFound("field")),
    }
}

/// Parts of a customer that a query or an import names as if they were fields.
const RESERVED: [&str; 12] =
    ["id", "name", "kind", "owner", "stage", "tags", "tag", "source", "basis", "created", "updated", "last"];

fn made(new: &NewField) -> Result<FieldDef, Refusal> {
    let class = new.class.unwrap_or(FieldClass::Sensitive);
    let export = if new.kind == FieldKind::Notes { ExportRule::ByNameOnly } else { ExportRule::Ordinary };
    let mut row = FieldDef {
        key: new.key.clone(),
        label_en: String::new(),
        label_zh: String::new(),
        kind: new.kind,
        class,
        mask: new.kind.mask(),
        need: Need::Optional,
        purpose: String::new(),
        searchable: true,
        category: Category::Basic,
        export,
        state: FieldState::On,
        choices: Vec::new(),
        of: None,
        keep_months: None,
    };
    write(&mut row, &new.text)?;
    Ok(row)
}

fn write(row: &mut FieldDef, text: &FieldText) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    let mut bad = |part: &str, fault: Fault| faults.push(FieldFault { part: part.into(), fault });
    let longer = |text: &Printable, most: usize| text.as_str().chars().count() > most;
    for (part, text, most) in [("label_en", &text.label_en, LONGEST), ("purpose", &text.purpose, LONGEST_PURPOSE)] {
        if text.is_empty() {
            bad(part, Fault::Missing);
        } else if longer(text, most) {
            bad(part, Fault::TooLong);
        }
    }
    if longer(&text.label_zh, LONGEST) {
        bad("label_zh", Fault::TooLong);
    }
    let mut choices: Vec<String> = Vec::new();
    for choice in text.choices.iter().filter(|choice| !choice.is_empty()) {
        if !choices.iter().any(|seen| folded(seen) == folded(choice.as_str())) {
            choices.push(choice.as_str().to_owned());
        }
    }
    match row.kind {
        FieldKind::Choice if choices.is_empty() => bad("choices", Fault::Missing),
        FieldKind::Choice if choices.len() > MOST_CHOICES || choices.iter().any(|c| c.chars().count() > LONGEST) => {
            bad("choices", Fault::TooLong);
        }
        _ => {}
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults));
    }
    let zh = if text.label_zh.is_empty() { &text.label_en } else { &text.label_zh };
    row.label_en = text.label_en.as_str().to_owned();
    row.label_zh = zh.as_str().to_owned();
    row.purpose = text.purpose.as_str().to_owned();
    (row.need, row.of, row.keep_months) = (text.need, text.of, text.keep_months);
    row.choices = choices;
    Ok(())
}
