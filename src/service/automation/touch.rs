//! Staying in touch: how many days there should be between contacts with one customer at the most, and the follow-up that
//! appears by itself when there are more.
//!
//! **Invariant:** there is one open follow-up of this kind for a customer at the most, and one for each silence.

use std::ops::ControlFlow;

use super::acts;
use super::candidates::silent_before;
use super::sweep::since;
use crate::domain::audit::{NewEntry, Object, Origin, Texts};
use crate::domain::field::Lang;
use crate::domain::follow_up::FollowUp;
use crate::domain::id::{CustomerId, StaffId};
use crate::domain::policy::PolicyFault;
use crate::domain::rule::SILENT_DAYS;
use crate::domain::staff::Preferences;
use crate::service::actor::Actor;
use crate::service::door::Done;
use crate::service::refusal::Refusal;
use crate::service::{follow_ups as service_follow_ups, undo};
use crate::text::Printable;
use crate::vault::book::marks::{self, Mark};
use crate::vault::book::{customers, follow_ups, staff};
use crate::vault::records::{Marked, Record, Restore};
use crate::vault::store::{Get, Put, StoreError, Table};

/// Customers with an interval whom one bite looks at.
const BITE: usize = 50;
/// Open follow-ups of one customer that are looked at.
const OPEN: usize = 200;
/// Under this name the follow-ups are set.
const NAME: &str = "stay_in_touch";

/// How many days there should be between contacts with a customer at the most.
pub(in crate::service) fn interval(from: &dyn Get, customer: CustomerId) -> Result<Option<u32>, StoreError> {
    Ok(marks::get(from, customer, Mark::Interval)?.and_then(|days| u32::try_from(days).ok()))
}

/// Says how many.
pub(super) fn set(actor: &Actor, customer: CustomerId, days: Option<u32>) -> Result<Done, Refusal> {
    let (least, most) = (*SILENT_DAYS.start(), *SILENT_DAYS.end());
    if days.is_some_and(|days| !SILENT_DAYS.contains(&days)) {
        return Err(Refusal::Policy(PolicyFault::OutOfBounds { least, most }));
    }
    let of_actor = actor.clone();
    actor.commit(move |to| {
        of_actor.customer_to_change(to, customer)?;
        let (before, after) = (marks::get(to, customer, Mark::Interval)?, days.map(i64::from));
        if before == after {
            return Ok(Done::Logged);
        }
        marks::put(to, customer, Mark::Interval, after)?;
        let said = |days: i64| days.to_string();
        let texts = Texts { before: before.map(said), after: after.map(said), ..Texts::default() };
        let object = Object::Customer(customer.0);
        of_actor.record(to, &NewEntry { object, texts, ..of_actor.entry("touch.set") })?;
        let marked = Marked { customer: customer.0, mark: Mark::Interval.number(), before, after };
        undo::push(&of_actor, to, "touch.set", Some(customer), vec![Restore::Marks(vec![marked])])?;
        Ok(Done::Logged)
    })
}

/// Puts marks back as they stood before.
pub(in crate::service) fn put_marks_back(actor: &Actor, to: &mut dyn Put, marked: &[Marked]) -> Result<(), Refusal> {
    for one in marked {
        let (customer, mark) = (CustomerId(one.customer), Mark::from_number(one.mark));
        let now = marks::get(to, customer, mark)?;
        if mark == Mark::Interval {
            actor.customer_to_change(to, customer)?;
            if now != one.after {
                return Err(undo::stale(actor, to, customer)?);
            }
        }
        // For what a rule acted meanwhile it shall not act again.
        if now == one.after {
            marks::put(to, customer, mark, one.before)?;
        }
    }
    Ok(())
}

/// Gives the marks of one to another, who keeps their own; gives what an undo puts back.
pub(in crate::service) fn hand_over(
    to: &mut dyn Put,
    gone: CustomerId,
    keep: CustomerId,
) -> Result<Option<Restore>, StoreError> {
    let mut marked = Vec::new();
    let mut note = |to: &mut dyn Put, customer: CustomerId, mark: Mark, after| -> Result<(), StoreError> {
        let before = marks::get(to, customer, mark)?;
        marked.push(Marked { customer: customer.0, mark: mark.number(), before, after });
        marks::put(to, customer, mark, after)
    };
    for (mark, value) in marks::of(to, gone)? {
        // Of whom one owner was warned, the other knows nothing.
        if mark == Mark::Warned {
            note(to, gone, mark, None)?;
            continue;
        }
        let own = marks::get(to, keep, mark)?;
        // An occasion is a moment or a year; the later one is the one that still counts.
        let after = match mark {
            Mark::Interval => own.unwrap_or(value),
            _ => own.map_or(value, |own| own.max(value)),
        };
        if own != Some(after) {
            note(to, keep, mark, Some(after))?;
        }
        note(to, gone, mark, None)?;
    }
    Ok((!marked.is_empty()).then_some(Restore::Marks(marked)))
}

/// Looks at some customers with an interval; gives how many follow-ups were set and behind whom to go on.
pub(super) fn bite(actor: &Actor, after: Option<CustomerId>) -> Result<(u64, Option<CustomerId>), Refusal> {
    let from = actor.desk.tables.read()?;
    let some = marks::intervals(&from, after, BITE)?;
    let last = (some.len() == BITE).then(|| some.last().map(|(id, _)| *id)).flatten();
    let mut meant = Vec::new();
    for (id, _) in some {
        if is_silent(actor, &from, id)? {
            meant.push(id);
        }
    }
    drop(from);
    if meant.is_empty() {
        return Ok((0, last));
    }
    let of_actor = actor.clone();
    let set = actor.commit(move |to| {
        let mut set = 0;
        for id in &meant {
            set += u64::from(remind(&of_actor, to, *id)?.is_break());
        }
        Ok(set)
    })?;
    Ok((set, last))
}

fn is_silent(actor: &Actor, from: &dyn Get, id: CustomerId) -> Result<bool, StoreError> {
    let Some(customer) = customers::get(from, id)?.filter(|_| actor.desk.visible(id)) else { return Ok(false) };
    let since = since(&customer.profile);
    Ok(!customer.profile.restricted
        && interval(from, id)?.is_some_and(|days| since < silent_before(actor, days))
        && marks::get(from, id, Mark::Reminded)? != Some(since.0))
}

/// What the follow-up says, in the language of whoever gets it; in English where they chose none.
fn words(from: &dyn Get, whom: StaffId) -> Result<&'static str, StoreError> {
    let bytes = staff::own(from, Table::Preferences, whom)?;
    let lang = bytes.map(|bytes| Preferences::from_bytes(&bytes)).transpose()?.and_then(|chosen| chosen.lang);
    Ok(match lang {
        Some(Lang::ZhCn) => "保持联系",
        Some(Lang::En) | None => "Stay in touch",
    })
}

/// Sets the follow-up, unless one is open already; breaks where it was set.
fn remind(actor: &Actor, to: &mut dyn Put, id: CustomerId) -> Result<ControlFlow<()>, Refusal> {
    if !is_silent(actor, to, id)? {
        return Ok(ControlFlow::Continue(()));
    }
    let Some(customer) = customers::get(to, id)? else { return Ok(ControlFlow::Continue(())) };
    let open = follow_ups::of(to, id, OPEN)?;
    if open.iter().any(|f| f.set_by.as_ref().is_some_and(|name| name.as_str() == NAME)) {
        return Ok(ControlFlow::Continue(()));
    }
    let p = &customer.profile;
    let Some(whom) = acts::whose(actor, to, [p.owner, None, None], p)? else { return Ok(ControlFlow::Continue(())) };
    let what = (actor.now, Printable::line(words(to, whom)?));
    let made = FollowUp::new(follow_ups::next_id(to)?, id, whom, what, actor.now);
    let made = FollowUp { set_by: Some(Printable::line(NAME)), ..made };
    follow_ups::put(to, None, &made)?;
    follow_ups::refresh_next(to, id, &actor.schema)?;
    let texts = Texts { after: Some(service_follow_ups::entry_text(&made)), ..Texts::default() };
    let entry = NewEntry::done(actor.now, None, actor.session, Origin::Program, "touch.follow_up");
    actor.record(to, &NewEntry { object: Object::Customer(id.0), texts, ..entry })?;
    marks::put(to, id, Mark::Reminded, Some(since(p).0))?;
    Ok(ControlFlow::Break(()))
}
