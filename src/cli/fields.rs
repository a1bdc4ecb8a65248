//! `veilbook fields`: the schema, and what is changed of it.
//!
//! **Invariant:** a vault's schema is read by somebody who signed in; where there is no vault yet, the one as shipped is
//! listed.

use serde_json::json;

use super::args::{Fields, FieldsAdd, FieldsChange, FieldsCommand, FieldsRest};
use super::json::Field;
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::field::{FieldDef, FieldKey, FieldState, Need, Schema};
use crate::domain::schema::shipped;
use crate::service::fields::{FieldAction, FieldText, NewField, Way};
use crate::service::gate::Presence;
use crate::service::view::FieldProgress;
use crate::service::{Action, Query, View};
use crate::text::Printable;
use crate::words::refusal::purpose;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Fields) -> Ended {
    match &args.command {
        None => list(desk, if args.json { Form::Json } else { Form::Table }),
        Some(FieldsCommand::List { json }) => list(desk, if *json || args.json { Form::Json } else { Form::Table }),
        Some(FieldsCommand::Add(args)) => add(desk, args),
        Some(FieldsCommand::Change(args)) => change(desk, args),
        Some(FieldsCommand::Move { key, way }) => {
            let way = if way == "up" { Way::Up } else { Way::Down };
            act(desk, "move the field", FieldAction::Move(key.0.clone(), way))
        }
        Some(FieldsCommand::Class { key, class }) => {
            protect(desk, "classify the field", &key.0, FieldAction::Classify(key.0.clone(), class.0))
        }
        Some(FieldsCommand::Mask { key, mask }) => {
            protect(desk, "change the mask", &key.0, FieldAction::Mask(key.0.clone(), mask.0))
        }
        Some(FieldsCommand::Confirm { key }) => {
            protect(desk, "agree to the change", &key.0, FieldAction::Confirm(key.0.clone()))
        }
        Some(FieldsCommand::Run) => act(desk, "seal values anew", FieldAction::Reseal),
        Some(FieldsCommand::Uses { key, json }) => uses(desk, &key.0, if *json { Form::Json } else { Form::Table }),
    }
}

/// How something is printed.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Table,
    Json,
}

fn act(desk: &mut Desk<'_, '_>, what: &str, action: FieldAction) -> Ended {
    desk.signed_in(|desk, signed| {
        signed.session().perform(Action::Field(action)).map_err(refused(what))?;
        desk.told("cli-field-done", &[])?;
        Ok(Exit::Done)
    })
}

/// Changes how a field is protected, and says what comes of it.
fn protect(desk: &mut Desk<'_, '_>, what: &str, key: &FieldKey, action: FieldAction) -> Ended {
    desk.signed_in(|desk, signed| {
        signed.session().perform(Action::Field(action)).map_err(refused(what))?;
        let row = progress(signed, what)?.into_iter().find(|row| row.field == *key);
        let said = match row {
            Some(FieldProgress { wanted: Some(_), .. }) => "cli-field-waits",
            Some(FieldProgress { running: Some(_), .. }) => "cli-field-sealing",
            _ => "cli-field-done",
        };
        desk.told(said, &[])?;
        Ok(Exit::Done)
    })
}

fn add(desk: &mut Desk<'_, '_>, args: &FieldsAdd) -> Ended {
    let mut text = FieldText {
        label_en: Printable::line(&args.label),
        purpose: Printable::line(&args.purpose),
        ..FieldText::default()
    };
    written(&mut text, &args.rest);
    let class = args.class.as_ref().map(|class| class.0);
    let new = NewField { key: args.key.0.clone(), kind: args.kind.0, class, text };
    act(desk, "add the field", FieldAction::Add(new))
}

fn change(desk: &mut Desk<'_, '_>, args: &FieldsChange) -> Ended {
    let what = "change the field";
    desk.signed_in(|desk, signed| {
        let now = schema(signed, what)?.get(args.key.0.as_str()).cloned();
        // One that is not there is refused by the door.
        let mut text = now.as_ref().map(stands).unwrap_or_default();
        if let Some(label) = &args.label {
            text.label_en = Printable::line(label);
        }
        if let Some(purpose) = &args.purpose {
            text.purpose = Printable::line(purpose);
        }
        written(&mut text, &args.rest);
        let action = FieldAction::Change(args.key.0.clone(), text);
        signed.session().perform(Action::Field(action)).map_err(refused(what))?;
        desk.told("cli-field-done", &[])?;
        Ok(Exit::Done)
    })
}

/// A field as it is written now.
fn stands(def: &FieldDef) -> FieldText {
    FieldText {
        label_en: Printable::line(&def.label_en),
        label_zh: Printable::line(&def.label_zh),
        purpose: Printable::line(&def.purpose),
        need: def.need,
        of: def.of,
        choices: def.choices.iter().map(|choice| Printable::line(choice)).collect(),
        keep_months: def.keep_months,
    }
}

fn written(text: &mut FieldText, rest: &FieldsRest) {
    if let Some(label) = &rest.label_zh {
        text.label_zh = Printable::line(label);
    }
    if let Some(need) = &rest.need {
        text.need = if need == "required" { Need::Required } else { Need::Optional };
    }
    if rest.of_all {
        text.of = None;
    } else if let Some(of) = &rest.of {
        text.of = Some(of.0);
    }
    if let Some(choices) = &rest.choices {
        text.choices = choices.split(['|', '｜']).map(|one| Printable::line(one.trim())).collect();
    }
    if let Some(months) = rest.keep_months {
        text.keep_months = Some(months).filter(|months| *months > 0);
    }
}

pub(super) fn schema(signed: &Signed, what: &str) -> Result<Schema, Trouble> {
    match signed.session().query(Query::Schema).map_err(refused(what))? {
        View::Schema(schema) => Ok(schema),
        _ => Err(unexpected(what)),
    }
}

fn progress(signed: &Signed, what: &str) -> Result<Vec<FieldProgress>, Trouble> {
    match signed.session().query(Query::FieldChanges).map_err(refused(what))? {
        View::FieldChanges(rows) => Ok(rows),
        _ => Err(unexpected(what)),
    }
}

fn uses(desk: &mut Desk<'_, '_>, key: &FieldKey, form: Form) -> Ended {
    let what = "say where the field is used";
    desk.signed_in(|desk, signed| {
        let query = Query::FieldUses(key.clone());
        let View::FieldUses(uses) = signed.session().query(query).map_err(refused(what))? else {
            return Err(unexpected(what));
        };
        for one in uses {
            match form {
                Form::Json => desk.print_json(&json!({ "in": one.place.code(), "name": one.name }))?,
                Form::Table => desk.print(format!("{} {}", one.place.code(), one.name).trim_end())?,
            }
        }
        Ok(Exit::Done)
    })
}

fn list(desk: &mut Desk<'_, '_>, form: Form) -> Ended {
    let (gate, _) = desk.gate()?;
    if gate.presence() == Presence::Missing {
        desk.told("cli-fields-of-new", &[])?;
        return rows(desk, form, &shipped(), &[]);
    }
    desk.signed_in(|desk, signed| {
        let what = "list the fields";
        rows(desk, form, &schema(signed, what)?, &progress(signed, what)?)
    })
}

fn rows(desk: &mut Desk<'_, '_>, form: Form, schema: &Schema, changes: &[FieldProgress]) -> Ended {
    let change = |def: &FieldDef| changes.iter().find(|row| row.field == def.key);
    if form == Form::Json {
        schema.rows().try_for_each(|def| desk.print_json(&Field::row(def, change(def))))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(
        &desk.words,
        &["col-key", "col-label", "col-kind", "col-class", "col-mask", "col-state", "col-purpose"],
    );
    for def in schema.rows() {
        let state = match (def.state, def.need) {
            (FieldState::Off, _) => "off",
            (FieldState::On, Need::Required) => "required",
            (FieldState::On, Need::Optional) => "on",
        };
        table.row(vec![
            def.key.to_string(),
            def.label(desk.lang).to_owned(),
            def.kind.code().to_owned(),
            def.class.code().to_owned(),
            def.mask.code().to_owned(),
            state.to_owned(),
            purpose(&desk.words, &def.key, &def.purpose),
        ]);
    }
    desk.print_table(&table)?;
    for row in changes {
        if let Some((class, mask, by, _)) = &row.wanted {
            let (class, mask) = (class.code(), mask.code());
            desk.told("cli-field-wanted", &[("key", &row.field), ("class", &class), ("mask", &mask), ("by", by)])?;
        }
        if let Some(on) = row.running {
            desk.told("cli-field-progress", &[("key", &row.field), ("looked", &on.looked), ("all", &on.all)])?;
        }
    }
    Ok(Exit::Done)
}
