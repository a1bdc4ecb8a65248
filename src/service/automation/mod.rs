//! Rules, which others call automation: kept, tried, and what they do by themselves.
//!
//! **Invariant:** what a rule does is on record under its name and makes no rule act; nobody under restriction is touched.

mod acts;
mod candidates;
mod order;
mod prompted;
mod sweep;
mod touch;

use std::ops::ControlFlow;

use super::actor::Actor;
use super::door::Done;
use super::refusal::{Fault, FieldFault, Refusal};
use super::undo;
use super::view::{DryRun, RuleOdd, RuleRow, Total};
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::id::RuleId;
use crate::domain::loss_reasons::LossFault;
use crate::domain::policy::PolicyFault;
use crate::domain::role::{Permission, Scope};
use crate::domain::rule::{
    BIRTHDAY_DAYS, DUE_DAYS, LONGEST, LONGEST_NAME, MOST_RULES, Outcome, Rule, RuleState, RuleText, SILENT_DAYS,
    Trigger,
};
use crate::domain::staff::StaffState;
use crate::domain::value::starred;
use crate::text::{Printable, folded};
use crate::vault::book::{rules, tags};
use crate::vault::records::{Record, Restore};
use crate::vault::store::{Get, Put, StoreError};

pub(super) use candidates::Stretch;
pub use order::RuleAction;
pub(super) use prompted::Prompts;
pub(super) use sweep::PASS;
pub(super) use touch::{hand_over, interval, put_marks_back};

/// The longest tag.
const LONGEST_TAG: usize = 40;
/// Index rows that a dry run looks at.
const MOST_LOOKED_AT: usize = 16_000;
/// Customers whom a dry run names.
const MOST_NAMED: usize = 12;

/// Does something with rules.
pub(super) fn carry_out(actor: &Actor, action: RuleAction) -> Result<Done, Refusal> {
    let verb = action.verb();
    match action {
        RuleAction::Add(text) => {
            let of_actor = actor.clone();
            check(actor, &text)?;
            actor.commit(move |to| {
                let all = rules::all(to)?;
                if all.len() >= MOST_RULES {
                    return Err(fault("name", Fault::Full(MOST_RULES)));
                }
                is_free(&all, None, &text.name)?;
                // What takes whoever stands so already may take many, so a dry run comes first.
                let state = if text.trigger.is_timed() { RuleState::Off } else { RuleState::On };
                let rule = Rule { id: rules::next_id(to)?, version: 1, state, text: text.clone() };
                kept(&of_actor, to, verb, None, Some(&rule))
            })
        }
        RuleAction::Change(id, version, text) => {
            check(actor, &text)?;
            change(actor, (id, version), verb, move |all, rule| {
                is_free(all, Some(id), &text.name)?;
                rule.text = text.clone();
                Ok(())
            })
        }
        RuleAction::Switch(id, version, state) => change(actor, (id, version), verb, move |_, rule| {
            rule.state = state;
            Ok(())
        }),
        RuleAction::Remove(id, version) => {
            let of_actor = actor.clone();
            actor.commit(move |to| {
                let before = current(to, id, version)?;
                kept(&of_actor, to, verb, Some(&before), None)
            })
        }
        RuleAction::DryRun(id) => dry_run(actor, id).map(|run| Done::DryRun(Box::new(run))),
        RuleAction::Run => {
            let swept = PASS.run(actor)?;
            let of_actor = actor.clone();
            actor.commit(move |to| {
                of_actor.record(to, &NewEntry { count: Some(swept.all()), ..of_actor.entry(verb) })?;
                Ok(())
            })?;
            Ok(Done::Swept(swept))
        }
        RuleAction::Touch(customer, days) => touch::set(actor, customer, days),
    }
}

fn fault(part: &str, fault: Fault) -> Refusal {
    Refusal::Invalid(vec![FieldFault { part: part.to_owned(), fault }])
}

/// Refuses what no rule can say.
fn check(actor: &Actor, text: &RuleText) -> Result<(), Refusal> {
    let line = |part: &str, text: &Printable, most: usize| match text.as_str().trim().chars().count() {
        0 => Err(fault(part, Fault::Missing)),
        n if n > most => Err(fault(part, Fault::TooLong)),
        _ => Ok(()),
    };
    let within = |days: u32, bounds: std::ops::RangeInclusive<u32>| {
        let (least, most) = (*bounds.start(), *bounds.end());
        if bounds.contains(&days) { Ok(()) } else { Err(Refusal::Policy(PolicyFault::OutOfBounds { least, most })) }
    };
    line("name", &text.name, LONGEST_NAME)?;
    for tag in text.tags() {
        line("tags", tag, LONGEST_TAG)?;
    }
    match &text.trigger {
        Trigger::NoContact(days) => within(*days, SILENT_DAYS)?,
        Trigger::BirthdayNear(days) => within(*days, BIRTHDAY_DAYS)?,
        Trigger::StageBecomes(_) | Trigger::TagAdded(_) => {}
    }
    if let Outcome::FollowUp { text, days, .. } = &text.outcome {
        line("text", text, LONGEST)?;
        within(*days, DUE_DAYS)?;
    }
    if text.lost.is_some_and(|why| actor.losses.get(why).is_none()) {
        return Err(LossFault::Unknown.into());
    }
    let there = |who| actor.everybody.iter().any(|s| s.id == who && s.state != StaffState::Disabled);
    if text.person().is_some_and(|who| !there(who)) {
        return Err(Refusal::NotFound("staff member"));
    }
    Ok(())
}

/// A name is one rule's alone, since all that it does goes under it.
fn is_free(all: &[Rule], own: Option<RuleId>, name: &Printable) -> Result<(), Refusal> {
    let same = |rule: &Rule| Some(rule.id) != own && folded(rule.text.name.as_str()) == folded(name.as_str());
    if all.iter().any(same) { Err(fault("name", Fault::Taken)) } else { Ok(()) }
}

fn current(from: &dyn Get, id: RuleId, version: u64) -> Result<Rule, Refusal> {
    let rule = rules::get(from, id)?.ok_or(Refusal::NotFound("rule"))?;
    if rule.version == version { Ok(rule) } else { Err(Refusal::Conflict(None)) }
}

fn change(
    actor: &Actor,
    (id, version): (RuleId, u64),
    verb: &'static str,
    change: impl Fn(&[Rule], &mut Rule) -> Result<(), Refusal> + Send + 'static,
) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let before = current(to, id, version)?;
        let mut after = before.clone();
        change(&rules::all(to)?, &mut after)?;
        if after == before {
            return Ok(Done::Rule(id, version));
        }
        after.version += 1;
        kept(&of_actor, to, verb, Some(&before), Some(&after))
    })
}

/// Writes what became of a rule, with its entry and the step that takes it back.
fn kept(
    actor: &Actor,
    to: &mut dyn Put,
    verb: &str,
    before: Option<&Rule>,
    after: Option<&Rule>,
) -> Result<Done, Refusal> {
    let Some(either) = after.or(before) else { return Ok(Done::Done) };
    match after {
        Some(rule) => rules::put(to, rule)?,
        None => rules::remove(to, either.id)?,
    }
    let said = |rule: &Rule| starred(&format!("{} · {}", rule.text.name, rule.state.code()));
    let texts = Texts { before: before.map(said), after: after.map(said), ..Texts::default() };
    actor.record(to, &NewEntry { texts, ..actor.entry(verb) })?;
    let version = after.map_or(0, |rule| rule.version);
    let restore = Restore::Rule(either.id.0, version, before.map(Record::to_bytes));
    undo::push(actor, to, verb, None, vec![restore])?;
    Ok(Done::Rule(either.id, version))
}

/// Puts a rule back as it stood before; gives the version that it had and the one that it has now.
pub(super) fn put_back(
    actor: &Actor,
    to: &mut dyn Put,
    id: u64,
    version: u64,
    before: Option<&[u8]>,
) -> Result<Option<(u64, u64)>, Refusal> {
    let now = rules::get(to, RuleId(id))?;
    if now.as_ref().map_or(0, |rule| rule.version) != version {
        return Err(Refusal::UndoStale(undo::whoever_changed(actor, to, "rule.edit")?));
    }
    let said = |rule: &Rule| starred(&format!("{} · {}", rule.text.name, rule.state.code()));
    let old = before.map(Rule::from_bytes).transpose()?;
    let texts = Texts { before: now.as_ref().map(said), after: old.as_ref().map(said), ..Texts::default() };
    actor.record(to, &NewEntry { texts, ..actor.entry("rule.edit") })?;
    let Some(old) = old else {
        rules::remove(to, RuleId(id))?;
        return Ok(None);
    };
    let stood = old.version;
    let next = version.max(stood) + 1;
    rules::put(to, &Rule { version: next, ..old })?;
    Ok(Some((stood, next)))
}

/// Has the rules that name a tag name it as it is called now; gives what an undo puts back.
pub(super) fn rename_tag(to: &mut dyn Put, old: &Printable, new: &Printable) -> Result<Vec<Restore>, StoreError> {
    let mut restores = Vec::new();
    for before in rules::all(to)? {
        let mut after = before.clone();
        after
            .text
            .tags_mut()
            .filter(|tag| folded(tag.as_str()) == folded(old.as_str()))
            .for_each(|tag| *tag = new.clone());
        if after != before {
            after.version += 1;
            rules::put(to, &after)?;
            restores.push(Restore::Rule(before.id.0, after.version, Some(before.to_bytes())));
        }
    }
    Ok(restores)
}

/// The rules, each with who is named in it and what is wrong with it.
pub(super) fn list(actor: &Actor, from: &dyn Get) -> Result<Vec<RuleRow>, Refusal> {
    actor.require(Permission::ManageRules)?;
    let retired = tags::retired(from)?;
    let rows = rules::all(from)?.into_iter().map(|rule| {
        let gone = |who| !actor.everybody.iter().any(|s| s.id == who && s.state != StaffState::Disabled);
        let odd = match () {
            () if rule.text.person().is_some_and(gone) => Some(RuleOdd::PersonGone),
            () if rule.text.tags().any(|tag| retired.contains(&folded(tag.as_str()))) => Some(RuleOdd::TagRetired),
            () => None,
        };
        RuleRow { person: rule.text.person().map(|who| actor.name_of(who)), odd, rule }
    });
    Ok(rows.collect())
}

/// Whom a rule would take now. Where it acts on what somebody does, those whom it would take if it were done to them now:
/// who stands so already.
fn dry_run(actor: &Actor, id: RuleId) -> Result<DryRun, Refusal> {
    let from = actor.desk.tables.read()?;
    let rule = rules::get(&from, id)?.ok_or(Refusal::NotFound("rule"))?;
    if let (Trigger::BirthdayNear(_), Some(field)) = (&rule.text.trigger, candidates::birthday_field(actor))
        && actor.blind_key(field.class).is_none()
    {
        return Err(Refusal::KeyMissing(field.class));
    }
    let (mut count, mut whom) = (0_u64, Vec::new());
    // Whoever sees no customers is told how many, and nobody's name; and nobody is told whose masked birthday is near.
    let counts_all = actor.role.scope == Scope::None;
    let names = !counts_all && !matches!(rule.text.trigger, Trigger::BirthdayNear(_));
    let ended = sweep::would_take(actor, &from, &rule, MOST_LOOKED_AT, &mut |id, customer| {
        if counts_all || actor.in_scope(&customer.profile) {
            count += 1;
            if names && whom.len() < MOST_NAMED {
                whom.push((id, actor.name_shown(customer)));
            }
        }
        ControlFlow::Continue(())
    })?;
    drop(from);
    let of_actor = actor.clone();
    let texts = Texts { after: Some(starred(rule.text.name.as_str())), ..Texts::default() };
    actor.commit(move |to| {
        let entry = NewEntry { count: Some(count), texts: texts.clone(), ..of_actor.entry("rule.dry_run") };
        of_actor.record(to, &entry)?;
        Ok(())
    })?;
    let count = if ended.is_break() { Total::AtLeast(count) } else { Total::Exactly(count) };
    Ok(DryRun { count, whom })
}
