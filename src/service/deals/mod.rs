//! Deals: opened, changed, moved through the stages of a pipeline, won, lost; and the pipelines themselves.
//!
//! **Invariant:** a deal is within the scope in which its customer is. Each change has its entry, with what a deal is
//! about beside it, and can be taken back.

mod board;
mod order;
mod pipelines;

use std::ops::ControlFlow;
use std::sync::Arc;

use super::actor::Actor;
use super::door::Done;
use super::people;
use super::refusal::{Fault, Refusal};
use super::undo;
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::deal::{Deal, DealDraft, PipelineFault, Pipelines, Stage, StageKind, StageState};
use crate::domain::field::FieldKey;
use crate::domain::id::{CustomerId, DealId, StaffId, StageId};
use crate::domain::role::Permission;
use crate::domain::value;
use crate::text::Printable;
use crate::vault::book::deals;
use crate::vault::records::{Record, Restore};
use crate::vault::store::{Get, Put, StoreError, Table, Way};

pub(super) use board::{answer, row};
pub use order::{BoardRequest, DealAction, DealQuery, Shift};
pub(super) use pipelines::{pipelines_about, stages_may_go};

const LONGEST_TITLE: usize = 200;
const LONGEST_REASON: usize = 500;
/// Deals of one customer, so that opening one stays quick.
const MOST_OF_ONE: usize = 1_000;
/// What stands between a value and a title in an entry.
const BETWEEN: &str = " · ";

/// Why something is not done with a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DealFault {
    /// It is won or lost.
    #[error("the deal is settled: reopen it first")]
    Settled,
    /// It is under way.
    #[error("the deal is under way, so there is nothing to reopen")]
    UnderWay,
    /// There is no stage further on or further back.
    #[error("there is no further stage: say whether the deal is won or lost")]
    NoFurther,
    /// The stage takes no deals, or only those that are won or lost.
    #[error("this stage takes no deals that are moved")]
    NotThisStage,
    /// More of one customer than can be kept.
    #[error("this customer has as many deals as can be kept")]
    TooMany,
}

crate::codes::codes!(DealFault: Settled = "settled", UnderWay = "under_way", NoFurther = "no_further",
    NotThisStage = "not_this_stage", TooMany = "too_many");

/// Does something with a deal or the pipelines.
pub(super) fn carry_out(actor: &Actor, action: DealAction) -> Result<Done, Refusal> {
    match action {
        DealAction::Add(customer, draft) => add(actor, customer, draft),
        DealAction::Edit(id, version, draft) => edit(actor, id, version, draft),
        DealAction::Move(id, version, shift) => change(actor, id, version, "deal.move", move |deal, pipelines| {
            let (_, here) = pipelines.stage(deal.stage).ok_or(Refusal::Deal(DealFault::NotThisStage))?;
            let to = target(pipelines, here, shift)?;
            settle(deal, to.id, deal.lost.clone());
            Ok(())
        }),
        DealAction::Win(id, version) => change(actor, id, version, "deal.win", |deal, pipelines| {
            under_way(pipelines, deal)?;
            settle(deal, settled(pipelines, deal, StageKind::Won)?, None);
            Ok(())
        }),
        DealAction::Lose(id, version, why) => {
            check("lost_reason", &why, LONGEST_REASON)?;
            change(actor, id, version, "deal.lose", move |deal, pipelines| {
                under_way(pipelines, deal)?;
                settle(deal, settled(pipelines, deal, StageKind::Lost)?, Some(why.clone()));
                Ok(())
            })
        }
        DealAction::Reopen(id, version) => change(actor, id, version, "deal.reopen", |deal, pipelines| {
            let (pipeline, stage) = pipelines.stage(deal.stage).ok_or(Refusal::Deal(DealFault::NotThisStage))?;
            if stage.kind == StageKind::Open {
                return Err(Refusal::Deal(DealFault::UnderWay));
            }
            let last = pipeline.open().next_back().ok_or(Refusal::Deal(DealFault::NotThisStage))?;
            settle(deal, last.id, None);
            Ok(())
        }),
        DealAction::Give(id, version, who) => give(actor, id, version, who),
        DealAction::Remove(id, version) => remove(actor, id, version),
        DealAction::Pipeline(change) => pipelines::set(actor, change),
    }
}

fn check(part: &str, text: &Printable, longest: usize) -> Result<(), Refusal> {
    let fault = match text.as_str().trim().chars().count() {
        0 => Fault::Missing,
        n if n > longest => Fault::TooLong,
        _ => return Ok(()),
    };
    Err(Refusal::invalid(part, fault))
}

fn check_draft(actor: &Actor, draft: &DealDraft) -> Result<(), Refusal> {
    check("title", &draft.title, LONGEST_TITLE)?;
    if draft.probability.is_some_and(|p| p > 100) {
        return Err(Refusal::Pipeline(PipelineFault::Probability));
    }
    if let Some(owner) = draft.owner
        && !actor.everybody.iter().any(|s| s.id == owner)
    {
        return Err(Refusal::NotFound("staff member"));
    }
    Ok(())
}

/// The open stage that a deal stands in; where the stage is gone, none.
fn under_way<'p>(pipelines: &'p Pipelines, deal: &Deal) -> Result<&'p Stage, Refusal> {
    let (_, stage) = pipelines.stage(deal.stage).ok_or(Refusal::Deal(DealFault::NotThisStage))?;
    if stage.kind == StageKind::Open { Ok(stage) } else { Err(Refusal::Deal(DealFault::Settled)) }
}

fn settled(pipelines: &Pipelines, deal: &Deal, kind: StageKind) -> Result<StageId, Refusal> {
    let found = pipelines.stage(deal.stage).and_then(|(pipeline, _)| pipeline.settled(kind));
    found.map(|stage| stage.id).ok_or(Refusal::Deal(DealFault::NotThisStage))
}

fn target<'p>(pipelines: &'p Pipelines, here: &Stage, shift: Shift) -> Result<&'p Stage, Refusal> {
    // What is won or lost stays so; there may be several stages for it.
    let takes = |stage: &&Stage| stage.kind == here.kind && stage.state == StageState::InUse;
    let open = here.kind == StageKind::Open;
    let no_further = Refusal::Deal(if open { DealFault::NoFurther } else { DealFault::Settled });
    let (pipeline, _) = pipelines.stage(here.id).ok_or(Refusal::Deal(DealFault::NotThisStage))?;
    let mut on = pipeline.stages.iter().skip_while(|stage| stage.id != here.id).skip(1);
    let mut back = pipeline.stages.iter().rev().skip_while(|stage| stage.id != here.id).skip(1);
    match shift {
        Shift::On => on.find(takes).ok_or(no_further),
        Shift::Back => back.find(takes).ok_or(no_further),
        Shift::To(id) => {
            let found = pipelines.stage(id).map(|(_, stage)| stage).filter(takes);
            found.ok_or(Refusal::Deal(if open { DealFault::NotThisStage } else { DealFault::Settled }))
        }
    }
}

fn settle(deal: &mut Deal, stage: StageId, lost: Option<Printable>) {
    deal.stage = stage;
    deal.lost = lost;
}

fn label(pipelines: &Pipelines, id: StageId) -> String {
    pipelines.stage(id).map_or_else(|| format!("stage_{id}"), |(_, stage)| stage.said())
}

/// One entry about a deal: what stood there, what stands there now with the title, and why it was lost.
fn record(
    actor: &Actor,
    to: &mut dyn Put,
    verb: &str,
    deal: &Deal,
    said: (Option<&str>, Option<String>, String),
) -> Result<(), StoreError> {
    let (part, before, after) = said;
    // Those who read the record need not be those who read what colleagues write about a customer.
    let after = format!("{after}{BETWEEN}{}", value::starred(deal.title.as_str()));
    let reason = deal.lost.as_ref().filter(|_| verb == "deal.lose").map(|why| value::starred(why.as_str()));
    let texts = Texts { before, after: Some(after), reason, ..Texts::default() };
    let field = part.and_then(FieldKey::new);
    actor.record(to, &NewEntry { object: Object::Customer(deal.customer.0), field, texts, ..actor.entry(verb) })?;
    Ok(())
}

/// What an entry about a deal says: the value and the title.
pub(super) fn from_record(text: &str) -> (&str, Printable) {
    let (value, title) = text.split_once(BETWEEN).unwrap_or((text, ""));
    (value, Printable::line(title))
}

fn add(actor: &Actor, customer: CustomerId, draft: DealDraft) -> Result<Done, Refusal> {
    check_draft(actor, &draft)?;
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let of = actor.customer_to_change(to, customer)?;
        let owner = draft.owner.unwrap_or(actor.staff.id);
        if owner != actor.staff.id {
            actor.require(Permission::Reassign)?;
            people::must_reach(actor, to, (owner, "owner"), Permission::Deals, &of.profile)?;
        }
        if deals::of(to, customer, MOST_OF_ONE)?.len() >= MOST_OF_ONE {
            return Err(Refusal::Deal(DealFault::TooMany));
        }
        let pipelines = deals::pipelines(to)?;
        let first = pipelines.pipeline(None).and_then(|p| p.open().next());
        let wanted = draft.stage.map(|id| pipelines.stage(id).map(|(_, stage)| stage));
        let stage = wanted.unwrap_or(first).filter(|s| s.kind == StageKind::Open && s.state == StageState::InUse);
        let stage = stage.ok_or(Refusal::Deal(DealFault::NotThisStage))?;
        let deal = Deal {
            id: deals::next_id(to)?,
            version: 1,
            customer,
            owner,
            title: draft.title.clone(),
            amount: draft.amount,
            stage: stage.id,
            since: actor.now,
            created: actor.now,
            expected: draft.expected,
            probability: draft.probability,
            lost: None,
        };
        deals::put(to, None, &deal)?;
        record(actor, to, "deal.add", &deal, (None, None, stage.said()))?;
        undo::push(actor, to, "deal.add", Some(customer), vec![Restore::Deal(deal.id.0, 1, None)])?;
        Ok(Done::Deal(deal.id, 1))
    })
}

/// A deal at the version that a change was based on, of a customer within scope.
fn current(actor: &Actor, from: &dyn Get, id: DealId, version: u64) -> Result<Deal, Refusal> {
    // That there is one out of scope is not said.
    let found = deals::get(from, id)?.ok_or(Refusal::OutOfScope)?;
    actor.customer_to_change(from, found.customer)?;
    if found.version != version {
        return Err(Refusal::Conflict(None));
    }
    Ok(found)
}

/// Changes where a deal stands.
fn change(
    actor: &Actor,
    id: DealId,
    version: u64,
    verb: &'static str,
    change: impl Fn(&mut Deal, &Pipelines) -> Result<(), Refusal> + Send + 'static,
) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let before = current(actor, to, id, version)?;
        let pipelines = deals::pipelines(to)?;
        let mut after = before.clone();
        change(&mut after, &pipelines)?;
        if after.stage == before.stage {
            return Ok(Done::Deal(id, version));
        }
        after.version = version + 1;
        // When it was settled does not change with the stage that says how.
        let kind = |id| pipelines.stage(id).map(|(_, stage)| stage.kind);
        if kind(before.stage) == Some(StageKind::Open) || kind(before.stage) != kind(after.stage) {
            after.since = actor.now;
        }
        deals::put(to, Some(&before), &after)?;
        let said = (None, Some(label(&pipelines, before.stage)), label(&pipelines, after.stage));
        record(actor, to, verb, &after, said)?;
        let restore = Restore::Deal(id.0, version + 1, Some(before.to_bytes()));
        undo::push(actor, to, verb, Some(after.customer), vec![restore])?;
        Ok(Done::Deal(id, version + 1))
    })
}

fn edit(actor: &Actor, id: DealId, version: u64, draft: DealDraft) -> Result<Done, Refusal> {
    check_draft(actor, &draft)?;
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let before = current(actor, to, id, version)?;
        let owner = draft.owner.unwrap_or(before.owner);
        if owner != before.owner {
            may_give(actor, to, &before, owner)?;
        }
        let after = Deal {
            title: draft.title.clone(),
            amount: draft.amount,
            expected: draft.expected,
            probability: draft.probability,
            owner,
            version: version + 1,
            ..before.clone()
        };
        let parts = differences(&before, &after);
        if parts.is_empty() {
            return Ok(Done::Deal(id, version));
        }
        deals::put(to, Some(&before), &after)?;
        for (part, old, new) in parts {
            record(actor, to, "deal.edit", &after, (Some(part), Some(old), new))?;
        }
        let restore = Restore::Deal(id.0, version + 1, Some(before.to_bytes()));
        undo::push(actor, to, "deal.edit", Some(after.customer), vec![restore])?;
        Ok(Done::Deal(id, version + 1))
    })
}

/// Gives a deal to somebody who may work with it: one's own, and with the right to reassign anybody's.
fn give(actor: &Actor, id: DealId, version: u64, who: StaffId) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let before = current(actor, to, id, version)?;
        if who == before.owner {
            return Ok(Done::Deal(id, version));
        }
        may_give(actor, to, &before, who)?;
        let after = Deal { owner: who, version: version + 1, ..before.clone() };
        deals::put(to, Some(&before), &after)?;
        for (part, old, new) in differences(&before, &after) {
            record(actor, to, "deal.give", &after, (Some(part), Some(old), new))?;
        }
        let restore = Restore::Deal(id.0, version + 1, Some(before.to_bytes()));
        undo::push(actor, to, "deal.give", Some(after.customer), vec![restore])?;
        Ok(Done::Deal(id, version + 1))
    })
}

/// Refuses to give somebody a deal that is another's, or that they may not work with.
fn may_give(actor: &Actor, from: &dyn Get, deal: &Deal, who: StaffId) -> Result<(), Refusal> {
    if deal.owner != actor.staff.id {
        actor.require(Permission::Reassign)?;
    }
    let customer = actor.customer(from, deal.customer)?;
    people::must_reach(actor, from, (who, "owner"), Permission::Deals, &customer.profile)
}

/// The parts in which two states differ, as the record says them.
fn differences(before: &Deal, after: &Deal) -> Vec<(&'static str, String, String)> {
    let staff = |id: StaffId| format!("staff {id}");
    let day = |deal: &Deal| deal.expected.map(|day| day.to_string()).unwrap_or_default();
    let probability = |deal: &Deal| deal.probability.map(|p| format!("{p} %")).unwrap_or_default();
    let title = |deal: &Deal| value::starred(deal.title.as_str());
    let parts = [
        ("title", title(before), title(after)),
        ("amount", before.amount.to_string(), after.amount.to_string()),
        ("expected_close", day(before), day(after)),
        ("probability", probability(before), probability(after)),
        ("owner", staff(before.owner), staff(after.owner)),
    ];
    parts.into_iter().filter(|(_, old, new)| old != new).collect()
}

fn remove(actor: &Actor, id: DealId, version: u64) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let before = current(actor, to, id, version)?;
        let pipelines = deals::pipelines(to)?;
        deals::remove(to, &before)?;
        record(actor, to, "deal.remove", &before, (None, None, label(&pipelines, before.stage)))?;
        let restore = Restore::Deal(id.0, 0, Some(before.to_bytes()));
        undo::push(actor, to, "deal.remove", Some(before.customer), vec![restore])?;
        Ok(Done::Done)
    })
}

/// Puts a deal back as it stood before; gives the version that it had and the one that it has now.
pub(super) fn put_back(
    actor: &Actor,
    to: &mut dyn Put,
    id: u64,
    version: u64,
    before: Option<&[u8]>,
) -> Result<Option<(u64, u64)>, Refusal> {
    let before = before.map(Deal::from_bytes).transpose()?;
    let now = deals::get(to, DealId(id))?;
    // A stage that was taken back meanwhile takes no deal back.
    if let Some(old) = &before
        && deals::pipelines(to)?.stage(old.stage).is_none()
    {
        return Err(Refusal::Deal(DealFault::NotThisStage));
    }
    let (Some(now), true) = (&now, version > 0) else {
        // It was removed: it comes back to whoever its customer is now.
        let Some(gone) = before.filter(|_| now.is_none() && version == 0) else { return Err(Refusal::NothingToUndo) };
        let customer = crate::vault::book::merged::kept(to, gone.customer)?;
        actor.customer_to_change(to, customer)?;
        let (stood, version) = (gone.version, gone.version + 1);
        deals::put(to, None, &Deal { customer, version, ..gone })?;
        return Ok(Some((stood, version)));
    };
    actor.customer_to_change(to, now.customer)?;
    if now.version != version {
        return Err(undo::stale(actor, to, now.customer)?);
    }
    let Some(old) = before else {
        deals::remove(to, now)?;
        return Ok(None);
    };
    let stood = old.version;
    deals::put(to, Some(now), &Deal { customer: now.customer, version: version + 1, ..old })?;
    Ok(Some((stood, version + 1)))
}

/// Rows in one transaction, so that nobody else waits long for the writer.
const SLICE: usize = 4_000;

/// Writes the rows by number and by owner of a vault whose deals an older program wrote, once.
pub(super) fn renew(actor: &Actor) -> Result<(), Refusal> {
    let from = actor.desk.tables.read()?;
    if deals::written(&from)? {
        return Ok(());
    }
    let mut all = Vec::new();
    from.visit_prefix(Table::Deals, &[], Way::Up, &mut |_, value| {
        all.push(Deal::from_bytes(value));
        ControlFlow::Continue(())
    })?;
    drop(from);
    let all = Arc::new(all.into_iter().collect::<Result<Vec<Deal>, StoreError>>()?);
    for start in (0..all.len()).step_by(SLICE) {
        let all = Arc::clone(&all);
        actor.commit(move |to| {
            all.iter().skip(start).take(SLICE).try_for_each(|deal| deals::put(to, None, deal))?;
            Ok(())
        })?;
    }
    actor.commit(|to| Ok(deals::note_written(to)?))
}
