//! One thing done to many customers: foretold, done in small transactions, and taken back as one.
//!
//! **Invariant:** each customer who is changed has the entries that a single change would have, and one entry says that it
//! was done to many; nobody beyond the scope or under restriction is changed, and no more than the policy allows at once.

use super::actor::Actor;
use super::automation::Prompts;
use super::customers::{MOST_TAGS, apply, record_parts};
use super::door::{Change, Done, LossDraft};
use super::query;
use super::refusal::Refusal;
use super::sealing::Sealing;
use super::sift;
use super::view::{Anchor, Bulk, BulkReport, Cursor, Left, Sort, Target, Total};
use super::{consents, customers, find, follow_ups, losses, undo};
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::customer::{Profile, Stage};
use crate::domain::id::CustomerId;
use crate::domain::loss::Loss;
use crate::domain::role::{Permission, Scope};
use crate::text::folded;
use crate::vault::book::{cadences, customers as book, losses as book_losses};
use crate::vault::records::{Customer, Record, Restore};
use crate::vault::store::{Get, Put, StoreError};

/// Customers in one transaction, so that nobody else waits long for the writer.
const CHUNK: usize = 50;
/// Rows of a query that are asked for at once.
const STRETCH: usize = 500;
/// So many are counted where they are more than the policy allows.
const COUNTED: usize = 5_000;

/// The permission that it takes.
pub(super) fn permission(bulk: &Bulk) -> Permission {
    match bulk {
        Bulk::Tag(_) | Bulk::Untag(_) | Bulk::Stage(_) | Bulk::Lose(_) => Permission::EditCustomers,
        Bulk::Assign(_) => Permission::Reassign,
        Bulk::FollowUp(_) | Bulk::Cadence(_) => Permission::FollowUps,
    }
}

/// Its audit verb.
pub(super) fn verb(bulk: &Bulk) -> &'static str {
    match bulk {
        Bulk::FollowUp(_) => "follow_up.bulk",
        Bulk::Cadence(_) => "cadence.start",
        _ => "customer.bulk",
    }
}

/// What is to become of one customer.
enum Fate {
    Change(Vec<Change>),
    Remind,
    Same,
    Left(Left),
}

fn fate(from: &dyn Get, customer: Option<&Customer>, bulk: &Bulk) -> Result<Fate, StoreError> {
    let Some(customer) = customer else { return Ok(Fate::Left(Left::OutOfScope)) };
    let p = &customer.profile;
    if p.restricted {
        return Ok(Fate::Left(Left::Restricted));
    }
    let has = |tag: &str| p.tags.iter().any(|t| folded(t) == folded(tag));
    Ok(match bulk {
        Bulk::Tag(tag) if has(tag.as_str()) => Fate::Same,
        Bulk::Tag(_) if p.tags.len() >= MOST_TAGS => Fate::Left(Left::TagsFull),
        Bulk::Tag(tag) => {
            let tags = p.tags.iter().cloned().chain([tag.as_str().to_owned()]).collect();
            Fate::Change(vec![Change::Tags(tags)])
        }
        Bulk::Untag(tag) if !has(tag.as_str()) => Fate::Same,
        Bulk::Untag(tag) => {
            let gone = folded(tag.as_str());
            let tags = p.tags.iter().filter(|t| folded(t) != gone).cloned().collect();
            Fate::Change(vec![Change::Tags(tags)])
        }
        Bulk::Assign(owner) if p.owner == *owner => Fate::Same,
        Bulk::Assign(owner) => Fate::Change(vec![Change::Owner(*owner)]),
        Bulk::Stage(stage) if p.stage == *stage => Fate::Same,
        Bulk::Stage(stage) => Fate::Change(vec![Change::Stage(*stage)]),
        Bulk::Lose(draft) if is_lost_so(from, p, draft)? => Fate::Same,
        Bulk::Lose(draft) => Fate::Change(vec![Change::Stage(Stage::Lost), Change::Lost(draft.clone())]),
        Bulk::FollowUp(_) => Fate::Remind,
        Bulk::Cadence(id) if cadences::step_of(from, *id, p.id)?.is_some() => Fate::Same,
        Bulk::Cadence(_) => Fate::Remind,
    })
}

/// Whether somebody is lost for this very reason already, and nothing is to be done to win them back.
fn is_lost_so(from: &dyn Get, profile: &Profile, draft: &LossDraft) -> Result<bool, StoreError> {
    let same = |loss: &Loss| loss.why == draft.why && loss.text == draft.text;
    let lost = profile.stage == Stage::Lost && draft.back.is_none();
    Ok(lost && book_losses::get(from, profile.id)?.is_some_and(|loss| same(&loss)))
}

pub(super) fn note(left: &mut Vec<(Left, u64)>, why: Left) {
    match left.iter_mut().find(|(known, _)| *known == why) {
        Some((_, count)) => *count += 1,
        None => left.push((why, 1)),
    }
}

/// Who it is about, or that they are more than the policy allows, and how many.
fn within(actor: &Actor, from: &dyn Get, target: &Target) -> Result<Vec<CustomerId>, Refusal> {
    let limit = actor.policy.bulk_most;
    ids(actor, from, target, limit, &|found| Refusal::BulkLimit { limit, found })
}

/// Whom a target names. Where they are more than `limit`, they are counted on to a point and the refusal says how many.
pub(super) fn ids(
    actor: &Actor,
    from: &dyn Get,
    target: &Target,
    limit: u32,
    too_many: &dyn Fn(Total) -> Refusal,
) -> Result<Vec<CustomerId>, Refusal> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let text = match target {
        Target::Marked(marked) => {
            let mut marked = marked.clone();
            marked.sort();
            marked.dedup();
            let many = marked.len() > most;
            return if many { Err(too_many(Total::Exactly(marked.len() as u64))) } else { Ok(marked) };
        }
        Target::Query(text) => text,
    };
    if actor.role.scope == Scope::None {
        return Ok(Vec::new());
    }
    let asked = query::read(actor, text)?;
    if asked.is_words_alone() && asked.words.is_empty() {
        let all = find::count(actor, from)?;
        if all > u64::from(limit) {
            return Err(too_many(Total::Exactly(all)));
        }
    }
    let (mut out, mut anchor) = (Vec::new(), Anchor::Top);
    loop {
        let found = sift::stretch(actor, from, &asked, (Sort::Name, &anchor, STRETCH))?;
        let last = found.rows.last().map(|(place, _)| place.clone());
        out.extend(found.rows.into_iter().map(|(_, customer)| customer.profile.id));
        if let Some(all) = found.total.filter(|all| *all > u64::from(limit)) {
            return Err(too_many(Total::Exactly(all)));
        }
        if out.len() > most.max(COUNTED) {
            return Err(too_many(Total::AtLeast(most.max(COUNTED) as u64)));
        }
        let further = found.resume.or(if found.more { last } else { None });
        match further {
            Some(place) => anchor = Anchor::After(Cursor(place)),
            None => break,
        }
    }
    out.sort();
    out.dedup();
    if out.len() > most { Err(too_many(Total::Exactly(out.len() as u64))) } else { Ok(out) }
}

/// Refuses what nobody could be given: a tag too long, an owner who is not there.
fn sound(actor: &Actor, bulk: &Bulk) -> Result<(), Refusal> {
    actor.require(permission(bulk))?;
    let change = match bulk {
        Bulk::Tag(tag) | Bulk::Untag(tag) => Change::Tags(vec![tag.as_str().to_owned()]),
        Bulk::Assign(owner) => Change::Owner(*owner),
        Bulk::Stage(stage) => Change::Stage(*stage),
        Bulk::Lose(draft) => {
            if draft.back.is_some() {
                actor.require(Permission::FollowUps)?;
            }
            Change::Lost(draft.clone())
        }
        Bulk::Cadence(id) => return super::cadences::wanted(&actor.desk.tables.read()?, *id).map(|_| ()),
        Bulk::FollowUp(step) => {
            return if step.text.is_empty() { Err(customers::missing("text")) } else { Ok(()) };
        }
    };
    if matches!(bulk, Bulk::Tag(tag) | Bulk::Untag(tag) if tag.is_empty()) {
        return Err(customers::missing("tags"));
    }
    apply(actor, &mut Sealing::default(), &mut customers::blank(actor), vec![change]).map(|_| ())
}

/// What would come of it. Nothing is changed.
pub(super) fn preview(actor: &Actor, from: &dyn Get, target: &Target, bulk: &Bulk) -> Result<BulkReport, Refusal> {
    sound(actor, bulk)?;
    let mut report = BulkReport::default();
    for id in within(actor, from, target)? {
        let customer = actor.customer(from, id).ok();
        match fate(from, customer.as_ref(), bulk)? {
            Fate::Change(_) | Fate::Remind => {
                report.changed += 1;
                if matches!(bulk, Bulk::Cadence(_)) && consents::no_marketing(from, id)?.is_some() {
                    report.no_marketing += 1;
                }
            }
            Fate::Same => report.same += 1,
            Fate::Left(why) => note(&mut report.left, why),
        }
    }
    Ok(report)
}

/// Does it.
pub(super) fn carry_out(actor: &Actor, target: &Target, bulk: &Bulk) -> Result<Done, Refusal> {
    sound(actor, bulk)?;
    let from = actor.desk.tables.read()?;
    let ids = within(actor, &from, target)?;
    drop(from);
    let group = actor.commit(|to| Ok(to.next("next bulk change")?))?;
    let mut report = BulkReport::default();
    for chunk in ids.chunks(CHUNK) {
        let (of_actor, of_bulk, chunk) = (actor.clone(), bulk.clone(), chunk.to_vec());
        let part = actor.commit(move |to| some(&of_actor, to, &chunk, &of_bulk, group))?;
        report.changed += part.changed;
        report.same += part.same;
        for (why, count) in part.left {
            (0..count).for_each(|_| note(&mut report.left, why));
        }
    }
    let said = said(actor, target, bulk);
    let (of_actor, count, verb) = (actor.clone(), report.changed, verb(bulk));
    actor.commit(move |to| {
        let texts = Texts { after: Some(said.clone()), ..Texts::default() };
        of_actor.record(to, &NewEntry { count: Some(count), texts, ..of_actor.entry(verb) })?;
        Ok(())
    })?;
    Ok(Done::Bulk(report))
}

/// How it goes on record: what, and to whom.
fn said(actor: &Actor, target: &Target, bulk: &Bulk) -> String {
    let what = match bulk {
        Bulk::Tag(tag) => format!("tag +{tag}"),
        Bulk::Untag(tag) => format!("tag -{tag}"),
        Bulk::Assign(Some(owner)) => format!("owner staff {owner}"),
        Bulk::Assign(None) => "owner nobody".to_owned(),
        Bulk::Stage(stage) => format!("stage {}", stage.code()),
        Bulk::Lose(draft) => format!("stage {} {}", Stage::Lost.code(), actor.losses.key(draft.why)),
        Bulk::FollowUp(step) => format!("follow-up {}", step.due.rfc3339()),
        Bulk::Cadence(id) => format!("cadence {id}"),
    };
    format!("{}: {}", crate::domain::value::starred(&what), whom(actor, target))
}

/// Whom a target names, as it goes on record.
pub(super) fn whom(actor: &Actor, target: &Target) -> String {
    match target {
        Target::Marked(_) => "marked".to_owned(),
        Target::Query(text) => find::query_for_the_record(actor, text),
    }
}

fn some(actor: &Actor, to: &mut dyn Put, ids: &[CustomerId], bulk: &Bulk, group: u64) -> Result<BulkReport, Refusal> {
    let (mut report, mut restores) = (BulkReport::default(), Vec::new());
    let cadence = match bulk {
        Bulk::Cadence(id) => Some(super::cadences::wanted(to, *id)?),
        _ => None,
    };
    let prompts = Prompts::load(to)?;
    for id in ids {
        let customer = actor.customer(to, *id).ok();
        match (fate(to, customer.as_ref(), bulk)?, customer) {
            (Fate::Change(changes), Some(customer)) => {
                restores.extend(change(actor, to, customer, changes, &prompts)?);
                report.changed += 1;
            }
            (Fate::Remind, Some(_)) => {
                match (bulk, &cadence) {
                    (Bulk::FollowUp(step), _) => restores.push(follow_ups::set(actor, to, *id, step)?),
                    (_, Some(cadence)) => restores.push(super::cadences::begin(actor, to, cadence, *id)?),
                    _ => {}
                }
                report.changed += 1;
            }
            (Fate::Same, _) => report.same += 1,
            (Fate::Left(why), _) => note(&mut report.left, why),
            (Fate::Change(_) | Fate::Remind, None) => note(&mut report.left, Left::OutOfScope),
        }
    }
    if !restores.is_empty() {
        undo::push_part(actor, to, verb(bulk), group, restores)?;
    }
    Ok(report)
}

/// Changes one customer, with what rules do about it; gives what an undo puts back.
pub(super) fn change(
    actor: &Actor,
    to: &mut dyn Put,
    mut customer: Customer,
    changes: Vec<Change>,
    prompts: &Prompts,
) -> Result<Vec<Restore>, Refusal> {
    let bytes = customer.to_bytes();
    let before = Customer::from_bytes(&bytes)?;
    let mut parts = apply(actor, &mut Sealing::default(), &mut customer, changes.clone())?;
    let id = customer.profile.id;
    let lost = losses::said(&changes);
    let settled = losses::settle(actor, to, &customer.profile, lost)?;
    parts.extend(settled.part);
    customer.profile.version += 1;
    customer.profile.updated = actor.now;
    let prompted = prompts.about(actor, to, Some(&before.profile), &mut customer.profile)?;
    book::put(to, Some(&before), &customer, &actor.schema)?;
    record_parts(actor, to, "customer.edit", id, &parts)?;
    let mut restores = prompted.finish(actor, to, id)?;
    restores.extend(losses::win_back(actor, to, id, lost)?);
    restores.extend(settled.restore);
    restores.push(Restore::Customer(id.0, customer.profile.version, Some(bytes)));
    Ok(restores)
}
