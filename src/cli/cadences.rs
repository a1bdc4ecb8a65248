//! `veilbook cadences`: list, show, add, put.
//!
//! **Invariant:** steps that cannot be read stop the command before anything is done.

use serde::Serialize;

use super::args::{Cadences, CadencesPut};
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::cadence::{self, Cadence, CadenceDraft};
use crate::service::view::{Bulk, BulkReport, CadenceAction, CadenceQuery, CadenceView, Target};
use crate::service::{Action, Done, Query, View};
use crate::text::{Printable, folded};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Cadences) -> Ended {
    match args {
        Cadences::List { json } => desk.signed_in(|desk, signed| list(desk, signed, *json)),
        Cadences::Show { name } => desk.signed_in(|desk, signed| {
            desk.print(&cadence::write(&called(signed, name)?.steps))?;
            Ok(Exit::Done)
        }),
        Cadences::Add { name, steps } => add(desk, name, steps),
        Cadences::Put(args) => desk.signed_in(|desk, signed| put(desk, signed, args)),
    }
}

fn rows(signed: &Signed) -> Result<Vec<Cadence>, Trouble> {
    let what = "list the cadences";
    match signed.session().query(Query::Cadences(CadenceQuery::List)).map_err(refused(what))? {
        View::Cadences(CadenceView::Rows(rows)) => Ok(rows),
        _ => Err(unexpected(what)),
    }
}

fn named(signed: &Signed, name: &str) -> Result<Option<Cadence>, Trouble> {
    let wanted = folded(name.trim());
    Ok(rows(signed)?.into_iter().find(|cadence| folded(cadence.name.as_str()) == wanted))
}

fn called(signed: &Signed, name: &str) -> Result<Cadence, Trouble> {
    let remedy = "Run \"veilbook cadences list\" to see their names";
    named(signed, name)?.ok_or_else(|| Trouble::usage("there is no cadence of that name", remedy))
}

/// A cadence as scripts read it.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    steps: Vec<StepRow<'a>>,
}

#[derive(Serialize)]
struct StepRow<'a> {
    day: u16,
    kind: &'static str,
    text: &'a str,
}

fn list(desk: &mut Desk<'_, '_>, signed: &Signed, json: bool) -> Ended {
    let rows = rows(signed)?;
    if json {
        for row in &rows {
            let steps = row.steps.iter();
            let steps = steps.map(|s| StepRow { day: s.day, kind: s.kind.code(), text: s.text.as_str() }).collect();
            desk.print_json(&Row { name: row.name.as_str(), steps })?;
        }
    } else if rows.is_empty() {
        desk.told("cli-no-cadences", &[])?;
    } else {
        let mut table = Table::new(&desk.words, &["col-name", "col-steps", "col-days"]);
        for row in &rows {
            let days = row.steps.last().map_or(0, |step| step.day);
            table.row(vec![row.name.to_string(), row.steps.len().to_string(), days.to_string()]);
        }
        desk.print_table(&table)?;
    }
    Ok(Exit::Done)
}

fn add(desk: &mut Desk<'_, '_>, name: &str, steps: &[String]) -> Ended {
    let steps = cadence::read(&steps.join("\n")).map_err(|fault| {
        Trouble::usage(format!("cannot read the steps: {fault}"), "Write each as in --step \"3 email @welcome\"")
    })?;
    let draft = CadenceDraft { name: Printable::line(name.trim()), steps };
    desk.signed_in(|_, signed| {
        let action = match named(signed, name)? {
            Some(known) => CadenceAction::Change(known.id, known.version, draft),
            None => CadenceAction::Add(draft),
        };
        signed.session().perform(Action::Cadence(action)).map_err(refused("keep the cadence"))?;
        Ok(Exit::Done)
    })
}

fn put(desk: &mut Desk<'_, '_>, signed: &Signed, args: &CadencesPut) -> Ended {
    let what = "put the cadence on";
    let target = match &args.query {
        Some(query) => Target::Query(query.clone()),
        None => Target::Marked(args.customers.clone()),
    };
    let bulk = Bulk::Cadence(called(signed, &args.name)?.id);
    let report: BulkReport = if args.dry_run {
        match signed.session().query(Query::BulkPreview(target, bulk)).map_err(refused(what))? {
            View::BulkPreview(report) => report,
            _ => return Err(unexpected(what)),
        }
    } else {
        match signed.session().perform(Action::Bulk(target, bulk)).map_err(refused(what))? {
            Done::Bulk(report) => report,
            _ => return Err(unexpected(what)),
        }
    };
    desk.told("cli-cadence-put", &[("n", &report.changed), ("same", &report.same)])?;
    for (why, count) in &report.left {
        let why = crate::words::refusal::code(&desk.words, "bulk-left", why.code());
        desk.told("cli-cadence-left", &[("n", count), ("why", &why)])?;
    }
    Ok(Exit::Done)
}
