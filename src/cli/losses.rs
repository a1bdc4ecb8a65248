//! `veilbook losses`: the reasons for which customers are lost.
//!
//! **Invariant:** a reason that is not there stops the command before anything is done.

use serde::Serialize;

use super::args::{LossLabels, LossReasonsCommand, Losses};
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::label::Label;
use crate::domain::loss_reasons::{LossChange, LossReasons, ReasonDef};
use crate::service::view::{LossRow, Total};
use crate::service::{Action, Query, View};
use crate::text::Printable;
use crate::words::loss;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Losses) -> Ended {
    let Losses::Reasons(command) = args;
    desk.signed_in(|desk, signed| {
        let change = match command {
            LossReasonsCommand::List { json } => return list(desk, signed, *json),
            LossReasonsCommand::Add(labels) => LossChange::Add(written(&Label::default(), labels)),
            LossReasonsCommand::Label { reason, labels } => {
                let now = named(signed, reason)?;
                LossChange::Label(now.id, written(&now.label, labels))
            }
            LossReasonsCommand::Move { reason, way } if way == "up" => LossChange::Earlier(named(signed, reason)?.id),
            LossReasonsCommand::Move { reason, .. } => LossChange::Later(named(signed, reason)?.id),
            LossReasonsCommand::Retire { reason } => LossChange::Retire(named(signed, reason)?.id),
            LossReasonsCommand::Restore { reason } => LossChange::Restore(named(signed, reason)?.id),
        };
        let added = matches!(change, LossChange::Add(_));
        let what = "change the reasons for being lost";
        signed.session().perform(Action::LossReason(change)).map_err(refused(what))?;
        match rows(signed)?.last() {
            Some(row) if added => desk.print(&row.def.key)?,
            _ => desk.told("cli-loss-reason-done", &[])?,
        }
        Ok(Exit::Done)
    })
}

fn written(now: &Label, labels: &LossLabels) -> Label {
    let text = |new: &Option<String>, now: &Printable| {
        new.as_ref().map_or_else(|| now.clone(), |text| Printable::line(text.trim()))
    };
    Label { en: text(&labels.en, &now.en), zh: text(&labels.zh, &now.zh) }
}

fn rows(signed: &Signed) -> Result<Vec<LossRow>, Trouble> {
    let what = "list the reasons for being lost";
    match signed.session().query(Query::LossReasons).map_err(refused(what))? {
        View::LossReasons(rows) => Ok(rows),
        _ => Err(unexpected(what)),
    }
}

/// The reason that somebody names.
pub(super) fn named(signed: &Signed, text: &str) -> Result<ReasonDef, Trouble> {
    let list = LossReasons::new(rows(signed)?.into_iter().map(|row| row.def).collect());
    let found = list.named(text).cloned();
    found.ok_or_else(|| {
        Trouble::usage("there is no such reason for being lost", "Run \"veilbook losses reasons list\" to see them")
    })
}

/// A reason as scripts read it.
#[derive(Serialize)]
struct Row<'a> {
    key: &'a str,
    label_en: &'a str,
    label_zh: &'a str,
    state: &'static str,
    customers: Option<u64>,
    rules: Option<usize>,
}

fn list(desk: &mut Desk<'_, '_>, signed: &Signed, json: bool) -> Ended {
    let rows = rows(signed)?;
    if json {
        for LossRow { def, customers, rules } in &rows {
            let customers = customers.map(|total| match total {
                Total::Exactly(n) | Total::AtLeast(n) => n,
            });
            let (label_en, label_zh) = (def.label.en.as_str(), def.label.zh.as_str());
            let state = def.state.code();
            desk.print_json(&Row { key: &def.key, label_en, label_zh, state, customers, rules: *rules })?;
        }
        return Ok(Exit::Done);
    }
    let mut table = Table::new(
        &desk.words,
        &["col-reason", "col-english", "col-chinese", "col-state", "col-customers", "col-rules"],
    );
    for LossRow { def, customers, rules } in &rows {
        table.row(vec![
            def.key.clone(),
            def.label.en.to_string(),
            def.label.zh.to_string(),
            desk.code("loss-state", def.state.code()),
            customers.map_or_else(|| "-".to_owned(), |total| loss::count(&desk.words, total)),
            rules.map_or_else(|| "-".to_owned(), |n| n.to_string()),
        ]);
    }
    desk.print_table(&table)?;
    Ok(Exit::Done)
}
