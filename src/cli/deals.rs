//! `veilbook deals`: list, add, move, win, lose, reopen, and the stages of pipelines.
//!
//! **Invariant:** an amount or a date that cannot be read stops the command before anything is done.

use chrono::NaiveDate;
use serde::Serialize;

use super::args::{Deals, DealsAdd, DealsList, DealsStage, StageName};
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::deal::{DealDraft, PipelineChange, Pipelines};
use crate::domain::field::Lang;
use crate::domain::id::{DealId, PipelineId, StageId};
use crate::domain::label::Label;
use crate::domain::money::{Currency, Money};
use crate::domain::when;
use crate::service::view::{Board, BoardRequest, DealAction, DealQuery, DealRow, DealView, Shift, Sits, Whose};
use crate::service::{Action, Done, Query, View};
use crate::text::Printable;
use crate::words::deal as words;

/// The most of one stage that the door gives at once.
const MOST: u16 = 500;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Deals) -> Ended {
    match args {
        Deals::List(args) => list(desk, args),
        Deals::Add(args) => add(desk, args),
        Deals::Move { id, stage } => act(desk, *id, "move the deal", "cli-deal-moved", |signed, id, version| {
            let shift = match stage.as_str() {
                "on" => Shift::On,
                "back" => Shift::Back,
                name => Shift::To(named(signed, name)?),
            };
            Ok(DealAction::Move(id, version, shift))
        }),
        Deals::Win { id } => {
            act(desk, *id, "win the deal", "cli-deal-moved", |_, id, version| Ok(DealAction::Win(id, version)))
        }
        Deals::Lose { id, why } => act(desk, *id, "lose the deal", "cli-deal-moved", |_, id, version| {
            Ok(DealAction::Lose(id, version, Printable::line(why)))
        }),
        Deals::Reopen { id } => {
            act(desk, *id, "reopen the deal", "cli-deal-moved", |_, id, version| Ok(DealAction::Reopen(id, version)))
        }
        Deals::Give { id, name } => {
            act(desk, *id, "give the deal to somebody", "cli-deal-given", |signed, id, version| {
                Ok(DealAction::Give(id, version, super::cases::colleague(signed, name)?))
            })
        }
        Deals::Stages { json } => stages(desk, *json),
        Deals::Stage(change) => change_stage(desk, change),
    }
}

/// A deal as scripts read it.
#[derive(Serialize)]
struct Row<'a> {
    id: u64,
    customer: u64,
    name: &'a str,
    title: &'a str,
    amount: String,
    currency: &'a str,
    stage: &'a str,
    since: String,
    days: u32,
    too_long: bool,
    expected: Option<String>,
    probability: u8,
    owner: &'a str,
    lost: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(row: &'a DealRow) -> Self {
        let deal = &row.deal;
        Self {
            id: deal.id.0,
            customer: deal.customer.0,
            name: row.customer.text(),
            title: deal.title.as_str(),
            amount: deal.amount.plain(),
            currency: deal.amount.currency.code(),
            stage: &row.stage.key,
            since: deal.since.rfc3339(),
            days: row.days,
            too_long: row.sits == Sits::TooLong,
            expected: deal.expected.map(|day| day.to_string()),
            probability: row.probability(),
            owner: &row.owner,
            lost: deal.lost.as_ref().map(Printable::as_str),
        }
    }
}

/// A stage as scripts read it.
#[derive(Serialize)]
struct StageRow<'a> {
    pipeline: u32,
    pipeline_name: &'a str,
    pipeline_name_zh: &'a str,
    stage: &'a str,
    name: &'a str,
    name_zh: &'a str,
    kind: &'static str,
    probability: u8,
    sits_days: u16,
    state: &'static str,
}

fn pipelines(signed: &Signed) -> Result<Pipelines, Trouble> {
    let what = "list the pipelines";
    match signed.session().query(Query::Deals(DealQuery::Pipelines)).map_err(refused(what))? {
        View::Deals(DealView::Pipelines(pipelines)) => Ok(pipelines),
        _ => Err(unexpected(what)),
    }
}

/// The stage that somebody names.
fn named(signed: &Signed, name: &str) -> Result<StageId, Trouble> {
    let pipelines = pipelines(signed)?;
    let found = pipelines.named(name).map(|stage| stage.id);
    found.ok_or_else(|| Trouble::usage("there is no such stage", "See \"veilbook deals stages\" for those there are"))
}

fn board(signed: &Signed, whose: Whose, pipeline: PipelineId) -> Result<Board, Trouble> {
    let what = "list deals";
    let request = BoardRequest { pipeline: Some(pipeline), whose, limit: MOST };
    match signed.session().query(Query::Deals(DealQuery::Board(request))).map_err(refused(what))? {
        View::Deals(DealView::Board(board)) => Ok(*board),
        _ => Err(unexpected(what)),
    }
}

fn list(desk: &mut Desk<'_, '_>, args: &DealsList) -> Ended {
    desk.signed_in(|desk, signed| {
        let only = args.stage.as_deref().map(|name| named(signed, name)).transpose()?;
        let all: Vec<PipelineId> = pipelines(signed)?.all().iter().map(|pipeline| pipeline.id).collect();
        let mut columns = Vec::new();
        for pipeline in all {
            columns.extend(board(signed, args.whose.0, pipeline)?.columns);
        }
        columns.retain(|column| only.is_none_or(|id| column.stage.id == id));
        let rows: Vec<&DealRow> = columns.iter().flat_map(|column| &column.cards).collect();
        if args.json {
            rows.iter().try_for_each(|row| desk.print_json(&Row::of(row)))?;
        } else if rows.is_empty() {
            desk.told("cli-no-deals", &[])?;
        } else {
            let heads =
                ["col-deal", "col-stage", "col-amount", "col-title", "col-customer", "col-name", "col-who", "col-days"];
            let mut table = Table::new(&desk.words, &heads);
            for row in &rows {
                let late = if row.sits == Sits::TooLong { "!" } else { "" };
                table.row(vec![
                    row.deal.id.to_string(),
                    words::stage(&desk.words, &row.stage),
                    row.deal.amount.to_string(),
                    row.deal.title.to_string(),
                    row.deal.customer.to_string(),
                    row.customer.text().to_owned(),
                    row.owner.clone(),
                    format!("{}{late}", row.days),
                ]);
            }
            desk.print_table(&table)?;
        }
        let left: u64 = columns.iter().map(|column| column.count.saturating_sub(column.cards.len() as u64)).sum();
        if left > 0 {
            desk.told("cli-deals-left", &[("n", &left)])?;
        }
        Ok(Exit::Done)
    })
}

/// A day as written.
fn day(desk: &Desk<'_, '_>, text: &str) -> Result<NaiveDate, Trouble> {
    if let Ok(day) = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d") {
        return Ok(day);
    }
    let clock = &desk.env.deps.clock;
    let now = clock.now();
    let offset = clock.offset(now);
    let at = when::parse(text, now, offset).map_err(|fault| {
        Trouble::usage(format!("cannot read --close: {fault}"), "Write it as in \"2026-12-31\" or \"next friday\"")
    })?;
    Ok(at.at(offset).date_naive())
}

fn add(desk: &mut Desk<'_, '_>, args: &DealsAdd) -> Ended {
    let expected = args.close.as_deref().map(|text| day(desk, text)).transpose()?;
    let read = |usual| {
        Money::parse(&args.amount, usual).map_err(|fault| {
            Trouble::usage(format!("cannot read --amount: {fault}"), "Write it as in 12,500.50, 1.2万 or \"EUR 900\"")
        })
    };
    // What cannot be read in any currency is said before anybody signs in.
    read(Currency::CNY)?;
    desk.signed_in(|desk, signed| {
        let View::Policy(policy) = signed.session().query(Query::Policy).map_err(refused("read the policy"))? else {
            return Err(unexpected("read the policy"));
        };
        let draft = DealDraft {
            title: Printable::line(args.title.trim()),
            amount: read(Currency::of_region(&policy.default_region))?,
            expected,
            probability: args.probability,
            owner: None,
            stage: args.stage.as_deref().map(|name| named(signed, name)).transpose()?,
        };
        let what = format!("open a deal with customer {}", args.customer);
        let action = Action::Deal(DealAction::Add(args.customer, draft));
        match signed.session().perform(action).map_err(refused(&what))? {
            Done::Deal(id, _) => desk.print(&id.to_string())?,
            _ => return Err(unexpected(&what)),
        }
        Ok(Exit::Done)
    })
}

/// Does something with a deal as it stands now.
fn act(
    desk: &mut Desk<'_, '_>,
    id: DealId,
    what: &str,
    said: &str,
    action: impl FnOnce(&Signed, DealId, u64) -> Result<DealAction, Trouble>,
) -> Ended {
    desk.signed_in(|desk, signed| {
        let found = signed.session().query(Query::Deals(DealQuery::One(id))).map_err(refused(what))?;
        let View::Deals(DealView::One(row)) = found else { return Err(unexpected(what)) };
        let action = action(signed, id, row.deal.version)?;
        signed.session().perform(Action::Deal(action)).map_err(refused(what))?;
        let found = signed.session().query(Query::Deals(DealQuery::One(id))).map_err(refused(what))?;
        let View::Deals(DealView::One(row)) = found else { return Err(unexpected(what)) };
        let stage = words::stage(&desk.words, &row.stage);
        desk.told(said, &[("id", &id), ("stage", &stage), ("who", &row.owner)])?;
        Ok(Exit::Done)
    })
}

fn stages(desk: &mut Desk<'_, '_>, json: bool) -> Ended {
    desk.signed_in(|desk, signed| {
        let pipelines = pipelines(signed)?;
        let all = pipelines.all().iter().flat_map(|p| p.stages.iter().map(move |stage| (p, stage)));
        if json {
            for (pipeline, stage) in all {
                desk.print_json(&StageRow {
                    pipeline: pipeline.id.0,
                    pipeline_name: pipeline.name.of(Lang::En),
                    pipeline_name_zh: pipeline.name.of(Lang::ZhCn),
                    stage: &stage.key,
                    name: stage.name.of(Lang::En),
                    name_zh: stage.name.of(Lang::ZhCn),
                    kind: stage.kind.code(),
                    probability: stage.probability,
                    sits_days: stage.sits_days,
                    state: stage.state.code(),
                })?;
            }
            return Ok(Exit::Done);
        }
        let heads = ["col-pipeline", "col-stage", "col-name", "col-kind", "col-probability", "col-days", "col-state"];
        let mut table = Table::new(&desk.words, &heads);
        for (pipeline, stage) in all {
            table.row(vec![
                format!("{} {}", pipeline.id, pipeline.name.of(desk.words.lang)),
                stage.key.clone(),
                words::stage(&desk.words, stage),
                desk.code("stage-kind", stage.kind.code()),
                format!("{} %", stage.probability),
                if stage.sits_days == 0 { "-".to_owned() } else { stage.sits_days.to_string() },
                desk.code("stage-state", stage.state.code()),
            ]);
        }
        desk.print_table(&table)?;
        Ok(Exit::Done)
    })
}

/// What something is called then: in each language as it is written, else as now.
fn called(now: &Label, name: &StageName) -> Label {
    let one = name.name.as_deref().map(Label::one).unwrap_or_default();
    let text = |said: &Option<String>, one: Printable, now: &Printable| match said {
        Some(text) => Printable::line(text.trim()),
        None if one.is_empty() => now.clone(),
        None => one,
    };
    Label { en: text(&name.en, one.en, &now.en), zh: text(&name.zh, one.zh, &now.zh) }
}

fn change_stage(desk: &mut Desk<'_, '_>, args: &DealsStage) -> Ended {
    desk.signed_in(|desk, signed| {
        let stage = |name: &String| named(signed, name);
        let change = match args {
            DealsStage::Add { name, kind, probability, pipeline } => {
                let label = called(&Label::default(), name);
                PipelineChange::AddStage(PipelineId(*pipeline), label, *kind, *probability)
            }
            DealsStage::Rename { stage: of, name } => {
                let id = stage(of)?;
                let now = pipelines(signed)?.stage(id).map(|(_, stage)| stage.name.clone()).unwrap_or_default();
                PipelineChange::RenameStage(id, called(&now, name))
            }
            DealsStage::Probability { stage: of, percent } => PipelineChange::Probability(stage(of)?, *percent),
            DealsStage::Sits { stage: of, days } => PipelineChange::Sits(stage(of)?, *days),
            DealsStage::Earlier { stage: of } => PipelineChange::Earlier(stage(of)?),
            DealsStage::Later { stage: of } => PipelineChange::Later(stage(of)?),
            DealsStage::Retire { stage: of } => PipelineChange::Retire(stage(of)?),
            DealsStage::Revive { stage: of } => PipelineChange::Revive(stage(of)?),
            DealsStage::Pipeline { name } => PipelineChange::Add(called(&Label::default(), name)),
            DealsStage::RenamePipeline { pipeline, name } => {
                let id = PipelineId(*pipeline);
                // One that is not there is refused by the door.
                let now = pipelines(signed)?.pipeline(Some(id)).map(|p| p.name.clone()).unwrap_or_default();
                PipelineChange::Rename(id, called(&now, name))
            }
        };
        let what = "change the pipeline";
        signed.session().perform(Action::Deal(DealAction::Pipeline(change))).map_err(refused(what))?;
        desk.told("cli-pipeline-set", &[])?;
        Ok(Exit::Done)
    })
}
