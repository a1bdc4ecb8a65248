//! What happened with a customer, from interactions and from the record of actions.

use super::actor::Actor;
use super::cases::LOOK;
use super::view::{DealHappening, Happening, Look, Shown, TimelineItem};
use super::{consents, deals, follow_ups, record};
use crate::domain::audit::{Entry, Outcome};
use crate::domain::case::Case;
use crate::domain::id::{CustomerId, StaffId};
use crate::domain::interaction::Interaction;
use crate::domain::role::Permission;
use crate::text::Printable;
use crate::vault::book::{cases, merged, work};
use crate::vault::records::Customer;
use crate::vault::store::{Get, StoreError};

const MOST_ITEMS: usize = 200;
const MOST_LOOKS: usize = 50;
/// Of so many who are linked it is shown what was logged with them, and of each so much.
const MOST_LINKED: usize = 50;
const MOST_OF_LINKED: usize = 20;
const MOST_ENTRIES: usize = 400;

/// The timeline, newest first, and who looked.
pub(super) fn of(
    actor: &Actor,
    from: &dyn Get,
    id: CustomerId,
    linked: &[Customer],
) -> Result<(Vec<TimelineItem>, Vec<Look>), StoreError> {
    let mut items = contacts(actor, from, id, None)?;
    for other in linked.iter().take(MOST_LINKED) {
        items.extend(contacts(actor, from, other.profile.id, Some(actor.name_shown(other)))?);
    }
    let mut looks = Vec::new();
    let mut places = record::places_of(from, id, MOST_ENTRIES)?;
    for other in merged::into(from, id)? {
        places.extend(record::places_of(from, other, MOST_ENTRIES)?);
    }
    places.sort_unstable_by_key(|seq| std::cmp::Reverse(seq.0));
    for seq in places.into_iter().take(MOST_ENTRIES) {
        let Some(entry) = record::entry(from, seq)?.map(|entry| actor.seen(entry)) else { continue };
        let by = match &entry.what.texts.reason {
            // What a rule did is told under its name, whoever's change it followed.
            // A rule may be called like a colleague.
            Some(name) if of_rule(&entry.what.action) => format!("“{name}”"),
            _ => entry.what.actor.map(|who| actor.name_of(who)).unwrap_or_default(),
        };
        if looks.len() < MOST_LOOKS && is_look(&entry.what.action) {
            looks.push(Look {
                at: entry.what.time,
                by: by.clone(),
                action: entry.what.action.clone(),
                field: entry.what.field.clone(),
                reason: entry.what.reason,
            });
        }
        if let Some(what) = happening(actor, &entry) {
            items.push(TimelineItem { at: entry.what.time, by, with: None, what });
        }
    }
    items.sort_by_key(|item| std::cmp::Reverse(item.at));
    items.truncate(MOST_ITEMS);
    Ok((items, looks))
}

/// What happened about one case, newest first: what belongs to it by its number, and by its ticket what has no number,
/// where a ticket is given.
pub(super) fn of_case(
    actor: &Actor,
    from: &dyn Get,
    case: &Case,
    ticket: Option<&str>,
) -> Result<Vec<TimelineItem>, StoreError> {
    let same = |said: Option<&str>| ticket.is_some() && said == ticket;
    let mut items = contacts(actor, from, case.customer, None)?;
    items.retain(|item| match &item.what {
        Happening::Interaction(i) => i.case.map_or_else(|| same(i.ticket.as_deref()), |id| id == case.id),
        _ => false,
    });
    let mut places = cases::entries(from, case.id, MOST_ENTRIES)?;
    if ticket.is_some() {
        for seq in record::places_of(from, case.customer, MOST_ENTRIES)? {
            let entry = record::entry(from, seq)?;
            if !places.contains(&seq) && entry.is_some_and(|entry| same(entry.what.texts.ticket.as_deref())) {
                places.push(seq);
            }
        }
    }
    for seq in places {
        let Some(entry) = record::entry(from, seq)?.map(|entry| actor.seen(entry)) else { continue };
        let by = entry.what.actor.map(|who| actor.name_of(who)).unwrap_or_default();
        items.extend(happening(actor, &entry).map(|what| TimelineItem { at: entry.what.time, by, with: None, what }));
    }
    items.sort_by_key(|item| std::cmp::Reverse(item.at));
    items.truncate(MOST_ITEMS);
    Ok(items)
}

/// What was logged with a customer, as it stands in their own timeline or in that of somebody who is linked with them.
fn contacts(
    actor: &Actor,
    from: &dyn Get,
    id: CustomerId,
    with: Option<Shown>,
) -> Result<Vec<TimelineItem>, StoreError> {
    let logged = work::interactions(from, id, if with.is_some() { MOST_OF_LINKED } else { MOST_ITEMS })?;
    let item = |i: Interaction| TimelineItem {
        at: i.at,
        by: actor.name_of(i.by),
        with: with.clone(),
        what: Happening::Interaction(Box::new(i)),
    };
    Ok(logged.into_iter().map(item).collect())
}

/// The person whom the record names by number.
fn person(actor: &Actor, text: &str) -> String {
    let number = text.strip_prefix("staff ").and_then(|number| number.parse().ok());
    number.map_or_else(|| text.to_owned(), |number| actor.name_of(StaffId(number)))
}

fn is_look(action: &str) -> bool {
    matches!(action, "customer.open" | "customer.reveal" | "customer.copy" | "customer.verify" | LOOK)
}

fn of_rule(action: &str) -> bool {
    matches!(action, "rule.follow_up" | "rule.tag" | "rule.assign")
}

/// What stands for a value of which nothing is said any more.
const STARS: &str = "********";

fn happening(actor: &Actor, entry: &Entry) -> Option<Happening> {
    let e = &entry.what;
    let field = e.field.clone();
    match e.action.as_str() {
        // An interaction stands in the timeline by itself; opening is a look, not a happening.
        "customer.open" | "interaction.add" | LOOK => None,
        "customer.reveal" | "customer.copy" | "customer.verify" if e.outcome == Outcome::Refused => None,
        "customer.add" => Some(Happening::Added),
        "customer.edit" | "rule.tag" | "rule.assign" => {
            let part = field?.as_str().to_owned();
            let said = |text: &Option<String>| match part.as_str() {
                "owner" => text.as_ref().map(|text| person(actor, text)),
                _ => text.clone(),
            };
            // What is hidden or erased by now was there: only what it was is not said.
            let stars = || entry.erased.then(|| STARS.to_owned());
            let (before, after) = (said(&e.texts.before).or_else(stars), said(&e.texts.after).or_else(stars));
            Some(Happening::Changed(part, before, after))
        }
        "pool.claim" | "pool.release" | "pool.return" if e.outcome == Outcome::Done => {
            let said = |text: &Option<String>| text.as_ref().map(|text| person(actor, text));
            Some(Happening::Pool(e.action.clone(), said(&e.texts.before), said(&e.texts.after)))
        }
        "customer.reveal" | "customer.copy" => Some(Happening::Revealed(field?, e.reason)),
        "customer.verify" => Some(Happening::Verified(field?, e.outcome == Outcome::Matched)),
        verb if e.outcome == Outcome::Done
            && (verb.starts_with("follow_up.")
                || verb.starts_with("cadence.")
                || matches!(verb, "rule.follow_up" | "touch.follow_up")) =>
        {
            let (due, text) = follow_ups::from_record(e.texts.after.as_deref()?)?;
            Some(Happening::FollowUp(verb.to_owned(), due, text))
        }
        verb if verb.starts_with("case.") && e.outcome == Outcome::Done => {
            let said = [e.texts.ticket.as_deref(), e.texts.after.as_deref()];
            let said: Vec<&str> = said.into_iter().flatten().collect();
            Some(Happening::Case(verb.to_owned(), Printable::line(&said.join(" · "))))
        }
        verb if verb.starts_with("consent.") && e.outcome == Outcome::Done => {
            consents::from_record(verb, &e.texts).map(Happening::Consent)
        }
        verb if verb.starts_with("deal.") => {
            // Whoever sees no deals does not read of them here.
            if e.outcome != Outcome::Done || !actor.role.may(Permission::Deals) {
                return None;
            }
            let (after, title) = deals::from_record(e.texts.after.as_deref()?);
            let part = field.map(|field| field.as_str().to_owned());
            let said =
                |text: &str| if part.as_deref() == Some("owner") { person(actor, text) } else { text.to_owned() };
            let (before, after) = (e.texts.before.as_deref().map(said), said(after));
            let reason = e.texts.reason.as_deref().map(Printable::line);
            Some(Happening::Deal(DealHappening { verb: verb.to_owned(), part, before, after, title, reason }))
        }
        verb if e.outcome == Outcome::Done => Some(Happening::Other(verb.to_owned())),
        _ => None,
    }
}
