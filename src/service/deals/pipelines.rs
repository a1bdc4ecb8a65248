//! The pipelines: changed one thing at a time, and gone back to as they were.
//!
//! **Invariant:** no stage goes in which a deal stands.

use std::ops::ControlFlow;

use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::deal::{PipelineChange, PipelineFault, Pipelines};
use crate::service::actor::Actor;
use crate::service::door::Done;
use crate::service::refusal::Refusal;
use crate::service::undo;
use crate::vault::book::deals;
use crate::vault::records::Record;
use crate::vault::store::{Get, StoreError};

/// Makes one change to the pipelines.
pub(super) fn set(actor: &Actor, change: PipelineChange) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let mut pipelines = deals::pipelines(to)?;
        let (before, after) = pipelines.apply(&change)?;
        undo::changing(actor, to, deals::PIPELINES, "pipeline.set", |to| {
            deals::put_pipelines(to, &pipelines)?;
            Ok(())
        })?;
        let before = Some(before).filter(|text| !text.is_empty());
        let texts = Texts { before, after: Some(after), ..Texts::default() };
        actor.record(to, &NewEntry { texts, ..actor.entry("pipeline.set") })?;
        Ok(Done::Done)
    })
}

/// Refuses to go back to pipelines that lack a stage in which deals stand by now.
pub(in crate::service) fn stages_may_go(actor: &Actor, from: &dyn Get, before: Option<&[u8]>) -> Result<(), Refusal> {
    let before = before.map_or_else(|| Ok(Pipelines::default()), Pipelines::from_bytes)?;
    let now = deals::pipelines(from)?;
    let stages = now.all().iter().flat_map(|pipeline| &pipeline.stages);
    for gone in stages.filter(|stage| before.stage(stage.id).is_none()) {
        for owner in actor.everybody.iter() {
            let mut found = false;
            deals::in_stage(from, owner.id, gone.id, Timestamp(0), &mut |_| {
                found = true;
                ControlFlow::Break(())
            })?;
            if found {
                return Err(Refusal::Pipeline(PipelineFault::InUse));
            }
        }
    }
    Ok(())
}

/// What a change of pipelines is about: the first pipeline or stage that differs.
pub(in crate::service) fn pipelines_about(one: Option<&[u8]>, other: Option<&[u8]>) -> Result<String, StoreError> {
    let read = |bytes: Option<&[u8]>| bytes.map_or_else(|| Ok(Pipelines::default()), Pipelines::from_bytes);
    let (one, other) = (read(one)?, read(other)?);
    let stages = |p: &Pipelines| p.all().iter().flat_map(|p| p.stages.clone()).collect::<Vec<_>>();
    let (old, new) = (stages(&one), stages(&other));
    let differs = new.iter().enumerate().find(|(at, stage)| old.get(*at) != Some(*stage));
    let named = other.all().iter().find(|p| one.pipeline(Some(p.id)).is_none_or(|was| was.name != p.name));
    let stage = differs.map(|(_, stage)| stage.said());
    Ok(named.map(|p| p.name.said()).or(stage).unwrap_or_default())
}
