//! Merging two customers who are one, and taking that back.
//!
//! **Invariant:** a merge opens no sealed value; it moves them as they are. What the kept customer has stands; what they
//! lack comes from the other, with everything that happened. The other's number leads to the kept one ever after.

use super::actor::Actor;
use super::customers::{MOST_TAGS, detail, record_parts};
use super::door::{Done, MergePart};
use super::refusal::Refusal;
use super::view::Shown;
use super::{automation, consents, contradictions, losses, pairs, protection, undo};
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::customer::{Basis, Stage};
use crate::domain::field::NAME;
use crate::domain::follow_up::{FollowUp, FollowUpState};
use crate::domain::id::{CustomerId, FollowUpId};
use crate::domain::interaction::InteractionKind;
use crate::vault::book::{cadences, customers, deals, erasures, follow_ups, losses as book_losses, merged, work};
use crate::vault::records::{Bond, Customer, Merge, Record, Restore};
use crate::vault::store::{Get, Put, StoreError};

/// The audit verb of a merge; the entry of each says the number of the other.
pub(super) const VERB: &str = "customer.combine";

/// A customer and the version that a merge was decided on.
pub(super) type Seen = (CustomerId, u64);

/// Merges `other` into `keep`, unless somebody changed one of them since.
pub(super) fn merge(actor: &Actor, keep: Seen, other: Seen, take: Vec<MergePart>) -> Result<Done, Refusal> {
    let from = actor.desk.tables.read()?;
    // What has no order by customer is looked for before the writer is taken.
    let found = erasures::find(&from, other.0)?;
    drop(from);
    let of_actor = actor.clone();
    let saved = actor.commit(move |to| {
        let actor = &of_actor;
        if merged::kept(to, keep.0)? == merged::kept(to, other.0)? {
            return Err(Refusal::SameCustomer);
        }
        let mut kept = actor.customer_to_change(to, keep.0)?;
        let gone = actor.customer_to_change(to, other.0)?;
        if (kept.profile.version, gone.profile.version) != (keep.1, other.1) {
            return Err(Refusal::Conflict(None));
        }
        let (kept_bytes, gone_bytes) = (kept.to_bytes(), gone.to_bytes());
        let before = Customer::from_bytes(&kept_bytes)?;
        let interactions = work::move_interactions(to, other.0, keep.0)?;
        let cases = super::cases::move_all(to, other.0, keep.0)?;
        let consents = consents::move_all(to, &gone, &kept)?;
        let moved = deals::move_all(to, other.0, keep.0)?;
        let mut reminders = Vec::new();
        let mut twice = Vec::new();
        for old in erasures::follow_ups_of(to, other.0, &found)? {
            // Of a cadence that both are on, one goes on.
            let both = match &old.cadence {
                Some(place) if old.state == FollowUpState::Open => cadences::step_of(to, place.cadence, keep.0)?,
                _ => None,
            };
            if both.is_some() {
                let (customer, state) = (keep.0, FollowUpState::Dropped);
                let new = FollowUp { customer, state, version: old.version + 1, ..old.clone() };
                follow_ups::put(to, Some(&old), &new)?;
                twice.push(Restore::FollowUp(old.id.0, new.version, Some(old.to_bytes())));
                continue;
            }
            let new = FollowUp { customer: keep.0, version: old.version + 1, ..old.clone() };
            follow_ups::put(to, Some(&old), &new)?;
            reminders.push(old.id.0);
        }
        let mut handed = Vec::new();
        for bond in Bond::ALL {
            handed.push((bond, pairs::hand_over(to, bond, other.0, keep.0)?));
        }
        let marks = automation::hand_over(to, other.0, keep.0)?;
        let theirs = book_losses::get(to, other.0)?;
        customers::remove(to, &gone, &actor.schema)?;
        let mut parts = fill(actor, &mut kept, gone, &take);
        let (reasons, part) = losses::hand_over(to, (other.0, theirs), (before.profile.stage, &kept.profile))?;
        parts.extend(part);
        protection::settle_in(actor, &mut kept);
        kept.profile.version += 1;
        kept.profile.updated = actor.now;
        customers::put(to, Some(&before), &kept, &actor.schema)?;
        follow_ups::refresh_next(to, keep.0, &actor.schema)?;
        merged::note(to, other.0, keep.0)?;
        for (about, with) in [(keep.0, other.0), (other.0, keep.0)] {
            let texts = Texts { after: Some(format!("#{with}")), ..Texts::default() };
            actor.record(to, &NewEntry { object: Object::Customer(about.0), texts, ..actor.entry(VERB) })?;
        }
        record_parts(actor, to, "customer.edit", keep.0, &parts)?;
        let step = Merge {
            keep: keep.0.0,
            version: kept.profile.version,
            kept: kept_bytes,
            other: other.0.0,
            gone: gone_bytes,
            interactions,
            deals: moved,
            follow_ups: reminders,
        };
        let pairs = handed.into_iter().filter(|(_, pairs)| !pairs.is_empty());
        let pairs = pairs.map(|(bond, pairs)| Restore::Pairs(bond, Box::new(pairs)));
        let restores = std::iter::once(Restore::Merge(Box::new(step))).chain(pairs).chain(cases).chain(twice);
        let restores = restores.chain(marks).chain(reasons).chain(consents).collect();
        undo::push(actor, to, VERB, Some(keep.0), restores)?;
        Ok(kept.profile.version)
    });
    match saved {
        Err(Refusal::Conflict(_)) => {
            let from = actor.desk.tables.read()?;
            Err(Refusal::Conflict(detail(actor, &from, keep.0).ok().map(Box::new)))
        }
        other => other.map(|version| Done::Saved(keep.0, version)),
    }
}

/// Gives the kept customer what they lack, and what is to be taken from the other; what changed of them, and what of
/// either no longer stands anywhere but in the record, masked.
fn fill(actor: &Actor, kept: &mut Customer, gone: Customer, take: &[MergePart]) -> Vec<(String, Shown, Shown)> {
    let mut parts = Vec::new();
    let (theirs, ours) = (actor.name_shown(&gone), actor.name_shown(kept));
    // Two names may have one mask.
    let same = theirs == ours && !matches!(ours, Shown::Masked(_));
    if take.contains(&MergePart::Name) && !same {
        kept.name = gone.name;
        parts.push((NAME.to_string(), ours, theirs));
    } else if theirs != ours {
        parts.push((NAME.to_string(), theirs, ours));
    }
    if take.contains(&MergePart::Stage) && kept.profile.stage != gone.profile.stage {
        let before = std::mem::replace(&mut kept.profile.stage, gone.profile.stage);
        let open = |stage: Stage| Shown::Open(crate::text::Printable::line(stage.code()));
        parts.push(("stage".to_owned(), open(before), open(gone.profile.stage)));
    }
    let (confirmed, gone_id) = (gone.confirmed, gone.profile.id);
    let mut moved = Vec::new();
    for (key, stored) in gone.fields {
        let theirs = actor.shown_of(gone_id, &key, Some(&stored));
        let part = key.as_str().to_owned();
        if take.contains(&MergePart::Field(key.clone())) {
            let ours = actor.shown_of(kept.profile.id, &key, kept.field(&key));
            kept.set(key.clone(), Some(stored));
            kept.confirmed.set(&key, confirmed.of(&key));
            parts.push((part, ours, theirs));
            moved.push(key);
            continue;
        }
        match kept.field(&key) {
            None => {
                kept.set(key.clone(), Some(stored));
                kept.confirmed.set(&key, confirmed.of(&key));
                parts.push((part, Shown::Empty, theirs));
                moved.push(key);
            }
            ours => {
                let ours = actor.shown_of(kept.profile.id, &key, ours);
                if ours != theirs {
                    parts.push((part, theirs, ours));
                }
            }
        }
    }
    contradictions::merged(actor, kept, &moved, &gone.contradictions);
    let (p, other) = (&mut kept.profile, gone.profile);
    p.tags.extend(other.tags);
    p.tags.sort();
    p.tags.dedup();
    p.tags.truncate(MOST_TAGS);
    p.created = p.created.min(other.created);
    p.last_contact = p.last_contact.max(other.last_contact);
    match p.owner {
        None => (p.owner, p.owned_since, p.last_owner) = (other.owner, other.owned_since, other.last_owner),
        owner if owner == other.owner => p.owned_since = p.owned_since.max(other.owned_since),
        Some(_) => {}
    }
    if p.provenance.source.is_empty() {
        p.provenance.source = other.provenance.source;
    }
    if p.provenance.basis == Basis::NotKnownYet {
        p.provenance.basis = other.provenance.basis;
    }
    parts
}

/// What has another version after a merge was taken back than before the merge: the thing, then, now.
pub(super) type Stood = (Restore, u64, u64);

/// Takes a merge back: each has again what they had, and what came since stays with the one who was kept.
pub(super) fn take_back(actor: &Actor, to: &mut dyn Put, step: &Merge) -> Result<Vec<Stood>, Refusal> {
    let (keep, other) = (CustomerId(step.keep), CustomerId(step.other));
    let now = actor.customer_to_change(to, keep)?;
    if now.profile.version != step.version || merged::kept(to, other)? != keep {
        return Err(undo::stale(actor, to, keep)?);
    }
    let (mut kept, mut gone) = (Customer::from_bytes(&step.kept)?, Customer::from_bytes(&step.gone)?);
    if !actor.in_scope(&gone.profile) {
        return Err(Refusal::OutOfScope);
    }
    protection::admit(actor, &mut kept)?;
    protection::admit(actor, &mut gone)?;
    merged::forget(to, other, keep)?;
    let stood = (kept.profile.version, gone.profile.version);
    kept.profile.version = step.version + 1;
    gone.profile.version = stood.1 + 1;
    (kept.profile.updated, gone.profile.updated) = (actor.now, actor.now);
    work::move_back(to, keep, other, &step.interactions)?;
    deals::move_back(to, keep, other, &step.deals)?;
    let mut out = vec![
        (Restore::Customer(step.keep, 0, None), stood.0, step.version + 1),
        (Restore::Customer(step.other, 0, None), stood.1, stood.1 + 1),
    ];
    for id in &step.follow_ups {
        if let Some(old) = follow_ups::get(to, FollowUpId(*id))?.filter(|f| f.customer == keep) {
            let new = FollowUp { customer: other, version: old.version + 1, ..old.clone() };
            follow_ups::put(to, Some(&old), &new)?;
            // The merge had raised it once.
            out.push((Restore::FollowUp(*id, 0, None), old.version.saturating_sub(1), new.version));
        }
    }
    kept.profile.last_contact = newest_contact(to, keep)?.or(kept.profile.last_contact);
    customers::put(to, Some(&now), &kept, &actor.schema)?;
    customers::put(to, None, &gone, &actor.schema)?;
    for id in [keep, other] {
        follow_ups::refresh_next(to, id, &actor.schema)?;
        actor.record(to, &NewEntry { object: Object::Customer(id.0), ..actor.entry("customer.unmerge") })?;
    }
    Ok(out)
}

fn newest_contact(from: &dyn Get, id: CustomerId) -> Result<Option<crate::clock::Timestamp>, StoreError> {
    let newest = work::interactions(from, id, 50)?;
    Ok(newest.iter().find(|i| i.kind != InteractionKind::Note).map(|i| i.at))
}
