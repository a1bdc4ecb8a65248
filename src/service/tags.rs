//! The tags as a whole: how many have each, and renaming, merging, retiring and removing them.
//!
//! **Invariant:** a change of a tag is a change of every customer who has it, with the entries that single changes would
//! have; it is done and taken back as one, by somebody who may edit everybody's customers. Counts show nobody, so reading
//! limits do not apply to them.

use std::ops::ControlFlow;

use super::actor::Actor;
use super::automation::{self, Prompts};
use super::bulk_change::{change, note};
use super::customers::{self, apply};
use super::door::{Change, Done};
use super::refusal::Refusal;
use super::rules::{Rule, ScopeCheck, Undoable, rule};
use super::sealing::Sealing;
use super::undo;
use super::view::{BulkReport, Left, Retired, TagRow, Total};
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::id::CustomerId;
use crate::domain::role::{Permission, Scope};
use crate::domain::value::starred;
use crate::text::{Printable, folded};
use crate::vault::book::{customers as book, narrow, tags};
use crate::vault::records::Customer;
use crate::vault::store::{Get, Put, Table};

/// The most tags that are listed.
const MOST_TAGS: usize = 500;
/// Index rows that are read to count one tag.
const MOST_ROWS: u64 = 16_000;
/// Customers in one transaction, so that nobody else waits long for the writer.
const CHUNK: usize = 200;
/// The most customers who are changed at once: all of it has to fit what can be taken back.
const MOST: u32 = 16_000;

/// What can be done with a tag.
#[derive(Clone)]
pub enum TagAction {
    /// Call it something else; where there is a tag so called, the two are one from then on.
    Rename(Printable, Printable),
    /// Take it off everybody.
    Remove(Printable),
    /// Offer it no longer; whoever has it keeps it.
    Retire(Printable),
    /// Offer it again.
    Offer(Printable),
}

/// Names what is done; a tag may say something about somebody.
impl std::fmt::Debug for TagAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl TagAction {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Rename(..) => "RenameTag",
            Self::Remove(_) => "RemoveTag",
            Self::Retire(_) => "RetireTag",
            Self::Offer(_) => "OfferTag",
        }
    }

    pub(super) fn rule(&self) -> Rule {
        let verb = match self {
            Self::Rename(..) => "tag.rename",
            Self::Remove(_) => "tag.remove",
            Self::Retire(_) | Self::Offer(_) => "tag.retire",
        };
        rule(verb, Some(Permission::EditCustomers), ScopeCheck::Filtered, Undoable::Yes)
    }
}

/// The tags in use on customers in scope and those that are retired, by name, each with how many have it.
pub(super) fn list(actor: &Actor, from: &dyn Get) -> Result<Vec<TagRow>, Refusal> {
    actor.require(Permission::ViewCustomers)?;
    let owners = actor.owners();
    let in_scope = |id: CustomerId, facets: Option<&crate::vault::facets::Facets>| {
        let owned = |owner| owners.as_ref().is_none_or(|owners| owners.contains(&owner));
        actor.desk.visible(id) && facets.is_some_and(|facets| owned(facets.owner))
    };
    let mut retired = tags::retired(from)?;
    let mut out = Vec::new();
    for tag in narrow::tags(from, MOST_TAGS, &|_, _| true)? {
        let (mut rows, mut count, mut first) = (0_u64, 0_u64, None);
        tags::visit(from, &tag, &mut |id, facets| {
            rows += 1;
            if in_scope(id, facets) {
                count += 1;
                first.get_or_insert(id);
            }
            if rows >= MOST_ROWS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        // What only others have is theirs to know, unless it is retired, which everybody is told.
        if count == 0 && !retired.contains(&tag) {
            continue;
        }
        let customer = first.map(|id| book::get(from, id)).transpose()?.flatten();
        let written = customer.and_then(|c| c.profile.tags.into_iter().find(|t| folded(t) == tag));
        let count = if rows >= MOST_ROWS { Total::AtLeast(count) } else { Total::Exactly(count) };
        let is_retired = if retired.remove(&tag) { Retired::Yes } else { Retired::No };
        out.push(TagRow { tag: written.unwrap_or(tag), count, retired: is_retired });
    }
    // A retired tag that nobody in scope has any more can still be offered again.
    out.extend(retired.into_iter().map(|tag| TagRow { tag, count: Total::Exactly(0), retired: Retired::Yes }));
    Ok(out)
}

/// Refuses whoever may not edit everybody's customers.
fn of_everybody(actor: &Actor) -> Result<(), Refusal> {
    if actor.role.scope == Scope::All {
        return Ok(());
    }
    let helpers = actor.helpers(|role| role.scope == Scope::All && role.may(Permission::EditCustomers));
    Err(Refusal::NeedsEverybody(helpers.0))
}

pub(super) fn carry_out(actor: &Actor, action: TagAction) -> Result<Done, Refusal> {
    of_everybody(actor)?;
    match &action {
        TagAction::Rename(old, new) => {
            let tags = Change::Tags(vec![new.as_str().to_owned()]);
            if new.is_empty() || old.is_empty() {
                return Err(customers::missing("tags"));
            }
            apply(actor, &mut Sealing::default(), &mut customers::blank(actor), vec![tags])?;
            everybody_with(actor, &action, old, Some(new))
        }
        TagAction::Remove(tag) => everybody_with(actor, &action, tag, None),
        TagAction::Retire(tag) | TagAction::Offer(tag) => {
            if tag.is_empty() {
                return Err(customers::missing("tags"));
            }
            let (of_actor, of_action, tag) = (actor.clone(), action.clone(), tag.clone());
            actor.commit(move |to| {
                let sign = undo::changing(
                    &of_actor,
                    to,
                    (Table::RetiredTags, folded(tag.as_str()).as_bytes()),
                    "tag.retire",
                    |to| {
                        Ok(if matches!(of_action, TagAction::Retire(_)) {
                            tags::retire(to, tag.as_str())?;
                            '-'
                        } else {
                            tags::offer(to, tag.as_str())?;
                            '+'
                        })
                    },
                )?;
                record(&of_actor, to, &of_action, &format!("{sign}{tag}"), None)
            })?;
            Ok(Done::Done)
        }
    }
}

fn record(actor: &Actor, to: &mut dyn Put, action: &TagAction, said: &str, count: Option<u64>) -> Result<(), Refusal> {
    let texts = Texts { after: Some(starred(said)), ..Texts::default() };
    actor.record(to, &NewEntry { count, texts, ..actor.entry(action.rule().verb) })?;
    Ok(())
}

/// The tags of somebody with one of them called something else, or gone.
fn without(tags: &[String], old: &str, new: Option<&str>) -> Vec<String> {
    let mut out: Vec<String> = tags.iter().filter(|tag| folded(tag) != folded(old)).cloned().collect();
    if let Some(new) = new.filter(|new| !out.iter().any(|tag| folded(tag) == folded(new))) {
        out.push(new.to_owned());
    }
    out
}

fn everybody_with(
    actor: &Actor,
    action: &TagAction,
    old: &Printable,
    new: Option<&Printable>,
) -> Result<Done, Refusal> {
    let from = actor.desk.tables.read()?;
    let (mut ids, most) = (Vec::new(), usize::try_from(MOST).unwrap_or(usize::MAX));
    tags::visit(&from, &folded(old.as_str()), &mut |id, _| {
        ids.extend(actor.desk.visible(id).then_some(id));
        if ids.len() > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    drop(from);
    if ids.len() > most {
        let found = Total::AtLeast(u64::from(MOST) + 1);
        return Err(Refusal::BulkLimit { limit: MOST, found });
    }
    let verb = action.rule().verb;
    let group = actor.commit(|to| Ok(to.next("next bulk change")?))?;
    let mut report = BulkReport::default();
    for chunk in ids.chunks(CHUNK) {
        let (of_actor, chunk, old) = (actor.clone(), chunk.to_vec(), old.as_str().to_owned());
        let new = new.map(|new| new.as_str().to_owned());
        let part = actor.commit(move |to| {
            let (mut report, mut restores) = (BulkReport::default(), Vec::new());
            for id in &chunk {
                match of_actor.customer(to, *id).ok() {
                    None => note(&mut report.left, Left::OutOfScope),
                    Some(customer) if customer.profile.restricted => note(&mut report.left, Left::Restricted),
                    Some(customer) => match renamed(&customer, &old, new.as_deref()) {
                        Some(tags) => {
                            // A tag that is called something else is none that was added.
                            let prompts = Prompts::default();
                            restores.extend(change(&of_actor, to, customer, vec![Change::Tags(tags)], &prompts)?);
                            report.changed += 1;
                        }
                        None => report.same += 1,
                    },
                }
            }
            if !restores.is_empty() {
                undo::push_part(&of_actor, to, verb, group, restores)?;
            }
            Ok(report)
        })?;
        report.changed += part.changed;
        report.same += part.same;
        for (why, count) in part.left {
            (0..count).for_each(|_| note(&mut report.left, why));
        }
    }
    let said = new.map_or_else(|| format!("-{old}"), |new| format!("{old} → {new}"));
    let (of_actor, of_action, changed) = (actor.clone(), action.clone(), report.changed);
    let names = new.map(|new| (old.clone(), new.clone()));
    actor.commit(move |to| {
        let renamed = names.as_ref().map(|(old, new)| automation::rename_tag(to, old, new)).transpose()?;
        if let Some(restores) = renamed.filter(|restores| !restores.is_empty()) {
            undo::push_part(&of_actor, to, verb, group, restores)?;
        }
        record(&of_actor, to, &of_action, &said, Some(changed))
    })?;
    Ok(Done::Bulk(report))
}

/// The tags that somebody has then, where they are others than now.
fn renamed(customer: &Customer, old: &str, new: Option<&str>) -> Option<Vec<String>> {
    let tags = without(&customer.profile.tags, old, new);
    (tags != customer.profile.tags).then_some(tags)
}
