//! The list of reasons for which customers are lost: changed one thing at a time, and told with how many have each.
//!
//! **Invariant:** no reason goes for which somebody is lost or which a rule asks for. Counts show nobody, so reading limits
//! do not apply to them.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::actor::Actor;
use super::door::Done;
use super::refusal::Refusal;
use super::rules::{Rule, ScopeCheck, Undoable, rule};
use super::undo;
use super::view::{LossRow, Total};
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::loss::LossReason;
use crate::domain::loss_reasons::{LossChange, LossFault, LossReasons};
use crate::domain::role::Permission;
use crate::domain::value::starred;
use crate::vault::book::{losses, rules};
use crate::vault::records::Record;
use crate::vault::store::{Get, Put, StoreError};

/// Rows that are read to count who is lost for what.
const MOST_ROWS: u64 = 16_000;
/// The verb of every change.
const VERB: &str = "loss_reason.set";

/// The row of a change in the table of actions.
pub(super) fn rule_of(_: &LossChange) -> Rule {
    rule(VERB, Some(Permission::ManagePolicy), ScopeCheck::Nobody, Undoable::Yes)
}

/// Makes one change to the list.
pub(super) fn set(actor: &Actor, change: LossChange) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let mut list = losses::reasons(to)?;
        let (before, after) = list.apply(&change)?;
        undo::changing(actor, to, losses::REASONS, VERB, |to| Ok(losses::put_reasons(to, &list)?))?;
        // A label is free text, and somebody may have written a number into it.
        let before = Some(before).filter(|text| !text.is_empty()).map(|text| starred(&text));
        let texts = Texts { before, after: Some(starred(&after)), ..Texts::default() };
        actor.record(to, &NewEntry { texts, ..actor.entry(VERB) })?;
        Ok(Done::Done)
    })
}

/// How many are lost for each reason, as far as rows are read, and whether all of them were.
fn counted(actor: &Actor, from: &dyn Get) -> Result<(HashMap<LossReason, u64>, bool), StoreError> {
    let (mut counts, mut rows) = (HashMap::new(), 0);
    losses::visit(from, &mut |id, why| {
        rows += 1;
        if rows > MOST_ROWS {
            return ControlFlow::Break(());
        }
        *counts.entry(why).or_insert(0) += u64::from(actor.desk.visible(id));
        ControlFlow::Continue(())
    })?;
    Ok((counts, rows <= MOST_ROWS))
}

/// The reasons in their order. Whoever may change them is told how many customers of the vault and which rules have each.
pub(super) fn list(actor: &Actor, from: &dyn Get) -> Result<Vec<LossRow>, Refusal> {
    let list = losses::reasons(from)?;
    if !actor.role.may(Permission::ManagePolicy) {
        actor.require(Permission::ViewCustomers)?;
        return Ok(list.all().iter().map(|def| LossRow { def: def.clone(), customers: None, rules: None }).collect());
    }
    let (counts, whole) = counted(actor, from)?;
    let rules = rules::all(from)?;
    let row = |id: LossReason| {
        let count = counts.get(&id).copied().unwrap_or(0);
        let of_rules = rules.iter().filter(|rule| rule.text.lost == Some(id)).count();
        (if whole { Total::Exactly(count) } else { Total::AtLeast(count) }, of_rules)
    };
    let rows = list.all().iter().map(|def| {
        let (customers, rules) = row(def.id);
        LossRow { def: def.clone(), customers: Some(customers), rules: Some(rules) }
    });
    Ok(rows.collect())
}

/// A list as a row of the vault holds it.
fn read(bytes: Option<&[u8]>) -> Result<LossReasons, StoreError> {
    bytes.map_or_else(|| Ok(LossReasons::default()), LossReasons::from_bytes)
}

/// Refuses to go back to a list that lacks a reason for which somebody is lost by now, or which a rule asks for.
pub(super) fn reasons_may_go(to: &dyn Put, before: Option<&[u8]>) -> Result<(), Refusal> {
    let (before, now) = (read(before)?, losses::reasons(to)?);
    let gone: Vec<LossReason> = now.all().iter().map(|def| def.id).filter(|id| before.get(*id).is_none()).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let mut used = rules::all(to)?.iter().any(|rule| rule.text.lost.is_some_and(|why| gone.contains(&why)));
    let mut rows = 0;
    losses::visit(to, &mut |_, why| {
        rows += 1;
        // Whoever waits for the writer would wait for more; that it is in use is then taken for granted.
        used |= gone.contains(&why) || rows > MOST_ROWS;
        if used { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if used { Err(LossFault::InUse.into()) } else { Ok(()) }
}

/// What a change of the list was about: the first reason that differs, as an entry says it.
pub(super) fn about(before: Option<&[u8]>, stood: Option<&[u8]>) -> Result<String, StoreError> {
    let (before, stood) = (read(before)?, read(stood)?);
    let differs = stood.all().iter().enumerate().find(|(at, def)| before.all().get(*at) != Some(*def));
    Ok(differs.map(|(_, def)| def.label.said()).unwrap_or_default())
}
