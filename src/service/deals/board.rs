//! The board, one deal, and the pipelines, within a person's scope.
//!
//! **Invariant:** what a person may not see is in no count and no sum.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::order::{BoardRequest, DealQuery};
use crate::clock::Timestamp;
use crate::domain::deal::{Deal, Stage, StageKind, StageState};
use crate::domain::id::{DealId, StaffId};
use crate::domain::label::Label;
use crate::domain::money::{Currency, Money};
use crate::domain::role::{Permission, Scope};
use crate::service::actor::Actor;
use crate::service::refusal::Refusal;
use crate::service::view::Whose;
use crate::service::view::{Board, Column, DealRow, DealView, Shown, Sits};
use crate::vault::book::deals::{self, Place};
use crate::vault::store::Get;

const DAY: i64 = 86_400_000;
/// Seconds back to which what was won or lost is on the board.
const SETTLED: i64 = 90 * 86_400;
const MOST: usize = 500;

/// Answers a question about deals.
pub(in crate::service) fn answer(actor: &Actor, from: &dyn Get, query: DealQuery) -> Result<DealView, Refusal> {
    match query {
        DealQuery::Pipelines => {
            if !actor.role.may(Permission::ManagePolicy) {
                actor.require(Permission::Deals)?;
            }
            Ok(DealView::Pipelines(deals::pipelines(from)?))
        }
        DealQuery::One(id) => {
            actor.require(Permission::Deals)?;
            one(actor, from, id).map(|row| DealView::One(Box::new(row)))
        }
        DealQuery::Board(request) => {
            actor.require(Permission::Deals)?;
            board(actor, from, request).map(|board| DealView::Board(Box::new(board)))
        }
    }
}

fn one(actor: &Actor, from: &dyn Get, id: DealId) -> Result<DealRow, Refusal> {
    let deal = deals::get(from, id)?.ok_or(Refusal::OutOfScope)?;
    let customer = actor.customer(from, deal.customer)?;
    let pipelines = deals::pipelines(from)?;
    let stage = pipelines.stage(deal.stage).map(|(_, stage)| stage.clone());
    Ok(row(actor, deal, actor.name_shown(&customer), stage))
}

/// A deal as a list shows it.
pub(in crate::service) fn row(actor: &Actor, deal: Deal, customer: Shown, stage: Option<Stage>) -> DealRow {
    let stage = stage.unwrap_or_else(|| Stage {
        id: deal.stage,
        key: format!("stage_{}", deal.stage),
        name: Label::one(&format!("stage_{}", deal.stage)),
        kind: StageKind::Open,
        probability: 0,
        sits_days: 0,
        state: StageState::Retired,
    });
    let days = u32::try_from(actor.now.since(deal.since).max(0) / DAY).unwrap_or(u32::MAX);
    let limit = u32::from(stage.sits_days);
    let sits = if stage.kind == StageKind::Open && limit > 0 && days >= limit { Sits::TooLong } else { Sits::Well };
    DealRow { customer, owner: actor.name_of(deal.owner), stage, days, sits, deal }
}

/// Whose deals are looked at.
fn owners(actor: &Actor, whose: Whose) -> Vec<StaffId> {
    let everybody = actor.everybody.iter();
    match whose {
        Whose::Mine => vec![actor.staff.id],
        Whose::Team => everybody.filter(|s| s.team == actor.staff.team).map(|s| s.id).collect(),
        Whose::All => everybody.map(|s| s.id).collect(),
    }
}

fn board(actor: &Actor, from: &dyn Get, request: BoardRequest) -> Result<Board, Refusal> {
    let all = deals::pipelines(from)?;
    let pipeline = all.pipeline(request.pipeline).ok_or(Refusal::NotFound("pipeline"))?;
    let owners = owners(actor, request.whose);
    let limit = usize::from(request.limit).clamp(1, MOST);
    let mut columns = Vec::new();
    for stage in &pipeline.stages {
        let column = column(actor, from, &owners, stage, limit)?;
        if stage.state == StageState::InUse || column.count > 0 {
            columns.push(column);
        }
    }
    Ok(Board {
        pipeline: pipeline.id,
        name: pipeline.name.clone(),
        pipelines: all.all().iter().map(|p| (p.id, p.name.clone())).collect(),
        whose: request.whose,
        columns,
    })
}

fn column(actor: &Actor, from: &dyn Get, owners: &[StaffId], stage: &Stage, limit: usize) -> Result<Column, Refusal> {
    let since = match stage.kind {
        StageKind::Open => Timestamp(i64::MIN),
        StageKind::Won | StageKind::Lost => actor.now.plus_seconds(-SETTLED),
    };
    let mut places = Vec::new();
    for owner in owners {
        deals::in_stage(from, *owner, stage.id, since, &mut |place| {
            places.push(place);
            ControlFlow::Continue(())
        })?;
    }
    let mut fault = None;
    places.retain(|place| match within(actor, from, place) {
        Ok(within) => within,
        Err(error) => {
            fault = Some(error);
            false
        }
    });
    fault.map_or(Ok(()), Err)?;
    places.sort_by_key(|place| (place.since, place.id));
    if stage.kind != StageKind::Open {
        places.reverse();
    }
    let mut cards = Vec::new();
    for place in places.iter().take(limit) {
        let (Some(deal), Ok(customer)) = (deals::get(from, place.id)?, actor.customer(from, place.customer)) else {
            continue;
        };
        cards.push(row(actor, deal, actor.name_shown(&customer), Some(stage.clone())));
    }
    Ok(Column { stage: stage.clone(), count: places.len() as u64, sums: sums(&places), cards })
}

/// Whether a deal is within scope: its customer is.
fn within(actor: &Actor, from: &dyn Get, place: &Place) -> Result<bool, Refusal> {
    if actor.role.scope == Scope::All {
        return Ok(actor.desk.visible(place.customer));
    }
    match actor.customer(from, place.customer) {
        Ok(_) => Ok(true),
        Err(Refusal::OutOfScope) => Ok(false),
        Err(other) => Err(other),
    }
}

fn sums(places: &[Place]) -> Vec<Money> {
    let mut sums: BTreeMap<Currency, (u64, i64)> = BTreeMap::new();
    for place in places {
        let sum = sums.entry(place.amount.currency).or_default();
        sum.0 += 1;
        sum.1 = sum.1.saturating_add(place.amount.minor);
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    sums.into_iter().map(|(currency, (_, minor))| Money { minor, currency }).collect()
}
