//! Erasing a customer: the record, everything about them, and the texts beside their entries.
//!
//! **Invariant:** the leaves of the record stay, so the chain stays whole; what is left of a customer is a number, the
//! times at which somebody dealt with it, and the entry that it was erased.

use std::collections::BTreeSet;

use super::actor::Actor;
use super::door::Done;
use super::refusal::Refusal;
use super::reveal::check_reason;
use super::{merge, record};
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::field::NAME;
use crate::domain::id::{CustomerId, EntrySeq};
use crate::domain::reason::Reason;
use crate::domain::saved_view::SavedView;
use crate::text;
use crate::vault::book::erasures::{self, Found};
use crate::vault::book::{customers, merged, saved_views};
use crate::vault::records::{Customer, Erasure, Stored};
use crate::vault::store::{Get, Put, StoreError};

/// A name that is shorter stands in too many texts that are about somebody else.
const LEAST_NEEDLE: usize = 2;

/// What is to go, found before the writer is taken.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    rows: Found,
    names: Vec<String>,
    queries: Vec<EntrySeq>,
}

/// Looks for what only a walk over whole tables finds.
pub(super) fn plan(actor: &Actor, from: &dyn Get, customer: &Customer) -> Result<Plan, StoreError> {
    let names = names(actor, from, customer)?;
    let queries = if names.is_empty() { Vec::new() } else { record::places_with(from, &names)? };
    Ok(Plan { rows: erasures::find(from, customer.profile.id)?, names, queries })
}

/// Every name that the customer bore, and that those bore who were merged into them: folded, as they are on record.
fn names(actor: &Actor, from: &dyn Get, customer: &Customer) -> Result<Vec<String>, StoreError> {
    let id = customer.profile.id;
    let mut out: Vec<String> = name(actor, customer).into_iter().collect();
    let mut apart = Vec::new();
    for number in merged::into(from, id)?.into_iter().chain([id]) {
        for seq in record::places_of(from, number, usize::MAX)? {
            let Some(entry) = record::entry(from, seq)?.map(|entry| entry.what) else { continue };
            if entry.field.as_ref().is_some_and(|field| field.as_str() == "name") {
                out.extend([entry.texts.before, entry.texts.after].into_iter().flatten());
            } else if entry.action == merge::VERB {
                // Whoever was merged in and taken out again is somebody else, who keeps their name.
                let other = entry.texts.after.and_then(|text| text.strip_prefix('#')?.parse().ok());
                let other = other.map(CustomerId).filter(|other| *other != id);
                apart.extend(other.map(|other| customers::get(from, other)).transpose()?.flatten());
            }
        }
    }
    let mut out: Vec<String> = out.iter().map(|name| text::folded(name)).collect();
    let theirs: Vec<String> = apart.iter().filter_map(|other| Some(text::folded(&name(actor, other)?))).collect();
    // The mask of a name is that of many others' as well.
    let tells = |name: &String| name.chars().count() >= LEAST_NEEDLE && !name.contains('*');
    out.retain(|name| tells(name) && !theirs.contains(name));
    out.sort();
    out.dedup();
    Ok(out)
}

/// The name in full, where it is open or this session opens its class.
fn name(actor: &Actor, customer: &Customer) -> Option<String> {
    match &customer.name {
        Stored::Open(name) => Some(name.as_str().to_owned()),
        Stored::Sealed { class, sealed, .. } => {
            let plain = actor.class_key(*class)?.open(actor.place(NAME.as_str(), *class), sealed);
            plain.ok().map(|plain| plain.to_string())
        }
        Stored::Declined => None,
    }
}

/// Removes all that stands about a customer, texts beside entries included.
pub(super) fn remove(
    to: &mut dyn Put,
    customer: &Customer,
    plan: &Plan,
    schema: &crate::domain::field::Schema,
) -> Result<(), StoreError> {
    let mut reasons = BTreeSet::new();
    let mut own = record::places_of(to, customer.profile.id, usize::MAX)?;
    for other in merged::into(to, customer.profile.id)? {
        own.extend(record::places_of(to, other, usize::MAX)?);
    }
    for seq in own.iter().chain(&plan.queries) {
        let reason = record::entry(to, *seq)?.and_then(|entry| entry.what.texts.reason);
        reasons.extend(reason.map(|text| text::folded(&text)));
        record::erase_texts(to, *seq)?;
    }
    let tells = |view: &SavedView| {
        let words = text::folded(&format!("{} {}", view.name, view.query));
        plan.names.iter().any(|name| words.contains(name.as_str()))
    };
    for view in saved_views::all(to)?.iter().filter(|view| tells(view)) {
        saved_views::remove(to, view.id)?;
    }
    erasures::remove_steps_of_views(to, &tells)?;
    erasures::remove(to, customer, &plan.rows, &reasons, schema)
}

/// Erases a customer.
pub(super) fn customer(actor: &Actor, id: CustomerId, reason: Reason) -> Result<Done, Refusal> {
    let from = actor.desk.tables.read()?;
    let plan = plan(actor, &from, &actor.customer(&from, id)?)?;
    drop(from);
    let of_actor = actor.clone();
    let done = actor.commit(move |to| {
        let actor = &of_actor;
        let customer = actor.customer(to, id)?;
        check_reason(actor, to, &reason)?;
        remove(to, &customer, &plan, &actor.schema)?;
        let words = |part: &Option<text::Printable>| part.as_ref().filter(|t| !t.is_empty()).map(ToString::to_string);
        let texts = Texts { reason: words(&reason.text), ticket: words(&reason.ticket), ..Texts::default() };
        let entry = NewEntry {
            object: Object::Customer(id.0),
            reason: Some(reason.code),
            texts,
            ..actor.entry("customer.erase")
        };
        let entry = actor.record(to, &entry)?;
        erasures::put(to, &Erasure { customer: id, at: actor.now, entry })?;
        Ok(Done::Done)
    })?;
    forget_rows(actor);
    actor.desk.backups.note_erased(&actor.desk.tables.id(), id, actor.now);
    Ok(done)
}

/// Erases, in a vault that was restored, those who were erased after the backup. Gives how many there were.
pub(super) fn again(actor: &Actor, erased: &[(CustomerId, Timestamp)]) -> Result<u64, Refusal> {
    let mut count = 0;
    for (id, at) in erased {
        let from = actor.desk.tables.read()?;
        let known = erasures::all(&from)?.iter().any(|e| e.customer == *id);
        let found = customers::get(&from, *id)?;
        let plan = found.as_ref().map(|customer| plan(actor, &from, customer)).transpose()?;
        drop(from);
        if known {
            continue;
        }
        let (of_actor, id, at) = (actor.clone(), *id, *at);
        let gone = actor.commit(move |to| {
            let actor = &of_actor;
            let customer = customers::get(to, id)?;
            if let (Some(customer), Some(plan)) = (&customer, &plan) {
                remove(to, customer, plan, &actor.schema)?;
            }
            let entry = actor.entry("customer.erase");
            let entry = actor.record(to, &NewEntry { object: Object::Customer(id.0), ..entry })?;
            erasures::put(to, &Erasure { customer: id, at, entry })?;
            Ok(customer.is_some())
        })?;
        count += u64::from(gone);
    }
    forget_rows(actor);
    Ok(count)
}

/// Index rows that were written lately, and those that say which are gone, have words of customers in their keys until they
/// are moved.
pub(super) fn forget_rows(actor: &Actor) {
    // Where this fails they are moved in the next quiet moment, or the next change fails as well and says so.
    let _ = actor.desk.tables.move_all();
}
