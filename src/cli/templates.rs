//! `veilbook templates`: list, show, add, remove.
//!
//! **Invariant:** what is printed is the text as it is kept, filled in for nobody.

use serde::Serialize;

use super::args::{Templates, TemplatesAdd};
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::template::{Template, TemplateDraft};
use crate::service::view::{TemplateAction, TemplateQuery, TemplateRow, TemplateView};
use crate::service::{Action, Done, Query, View};
use crate::text::{Printable, folded};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Templates) -> Ended {
    desk.signed_in(|desk, signed| match args {
        Templates::List { json } => list(desk, signed, *json),
        Templates::Show { name } => {
            let found = named(signed, name)?.ok_or_else(nothing_so_called)?;
            desk.print(found.text.as_str())?;
            Ok(Exit::Done)
        }
        Templates::Add(args) => add(desk, signed, args),
        Templates::Remove { name } => {
            let found = named(signed, name)?.ok_or_else(nothing_so_called)?;
            let action = Action::Template(TemplateAction::Remove(found.id, found.version));
            signed.session().perform(action).map_err(refused("remove the template"))?;
            Ok(Exit::Done)
        }
    })
}

fn rows(signed: &Signed) -> Result<Vec<TemplateRow>, Trouble> {
    let what = "list the templates";
    match signed.session().query(Query::Templates(TemplateQuery::List)).map_err(refused(what))? {
        View::Templates(TemplateView::Rows(rows)) => Ok(rows),
        _ => Err(unexpected(what)),
    }
}

fn named(signed: &Signed, name: &str) -> Result<Option<Template>, Trouble> {
    let wanted = folded(name.trim());
    let found = rows(signed)?.into_iter().find(|row| folded(row.template.name.as_str()) == wanted);
    Ok(found.map(|row| row.template))
}

fn nothing_so_called() -> Trouble {
    Trouble::usage("there is no template of that name", "Run \"veilbook templates list\" to see their names")
}

/// A template as scripts read it.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    kind: &'static str,
    text: &'a str,
    unknown: &'a [String],
}

fn list(desk: &mut Desk<'_, '_>, signed: &Signed, json: bool) -> Ended {
    let rows = rows(signed)?;
    if json {
        for row in &rows {
            let kept = &row.template;
            let (name, kind) = (kept.name.as_str(), kept.kind.code());
            desk.print_json(&Row { name, kind, text: kept.text.as_str(), unknown: &row.unknown })?;
        }
    } else if rows.is_empty() {
        desk.told("cli-no-templates", &[])?;
    } else {
        let mut table = Table::new(&desk.words, &["col-name", "col-kind", "col-text"]);
        for row in &rows {
            let kept = &row.template;
            let kind = desk.code("interaction", kept.kind.code());
            table.row(vec![kept.name.to_string(), kind, Printable::line(kept.text.as_str()).into_string()]);
        }
        desk.print_table(&table)?;
    }
    Ok(Exit::Done)
}

fn add(desk: &mut Desk<'_, '_>, signed: &Signed, args: &TemplatesAdd) -> Ended {
    let (name, text) = (Printable::line(args.name.trim()), Printable::lines(&args.text));
    let draft = TemplateDraft { name, kind: args.kind.0, text };
    let action = match named(signed, &args.name)? {
        Some(known) => TemplateAction::Change(known.id, known.version, draft),
        None => TemplateAction::Add(draft),
    };
    let what = "keep the template";
    let Done::Template(_, unknown) = signed.session().perform(Action::Template(action)).map_err(refused(what))? else {
        return Err(unexpected(what));
    };
    if !unknown.is_empty() {
        let words: Vec<String> = unknown.iter().map(|word| format!("{{{word}}}")).collect();
        desk.told("cli-template-unknown", &[("words", &words.join(" "))])?;
    }
    Ok(Exit::Done)
}
