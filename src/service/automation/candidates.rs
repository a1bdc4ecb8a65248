//! Whom a rule may mean, by index rows: by the time of the last contact, of having been added, or by the token of a birthday.
//!
//! **Invariant:** a birthday is never opened: for each day of the window the token of that day is compared, by whoever
//! holds the key that makes it; for whoever does not, a rule about birthdays finds nobody.

use std::ops::ControlFlow;

use chrono::{Datelike, Days, NaiveDate};

use crate::clock::Timestamp;
use crate::domain::field::{FieldDef, FieldKey, FieldKind};
use crate::domain::id::{CustomerId, RuleId};
use crate::domain::rule::{Rule, Trigger};
use crate::service::actor::Actor;
use crate::service::refusal::Refusal;
use crate::vault::book::customers;
use crate::vault::book::narrow::{self, Range};
use crate::vault::facets::{At, Facets, tag_bits, time_prefix};
use crate::vault::index::{from_oldest_first, id_of};
use crate::vault::store::{Get, KeyReader};

const DAY: i64 = 86_400;
/// Customers with one birthday who are looked at; more than a vault of a million has.
const MOST_OF_A_DAY: usize = 20_000;

/// A part of what a rule looks through, and how far it has come.
#[derive(Clone, Debug)]
pub(in crate::service) enum Stretch {
    /// By the last contact, from behind a row.
    Last(RuleId, Option<Vec<u8>>),
    /// By when they were added, of those with whom nobody spoke, from behind a row.
    Added(RuleId, Option<Vec<u8>>),
    /// Those whose birthday is so many days from today, from the place in their list on.
    Birthday(RuleId, u32, usize),
    /// Those with whom somebody wants to stay in touch, from behind one.
    Intervals(Option<CustomerId>),
    /// Those of whom a change would be: with the tag or of the stage that the rule names, from behind a row.
    Standing(RuleId, Option<Vec<u8>>),
}

/// Somebody whom a rule may mean, and the occasion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) id: CustomerId,
    pub(super) occasion: i64,
}

/// What a rule looks through.
pub(super) fn stretches(actor: &Actor, rule: &Rule) -> Vec<Stretch> {
    match rule.text.trigger {
        Trigger::NoContact(_) => vec![Stretch::Last(rule.id, None), Stretch::Added(rule.id, None)],
        Trigger::BirthdayNear(days) if birthday_key(actor).is_some() => {
            (0..=days).map(|day| Stretch::Birthday(rule.id, day, 0)).collect()
        }
        Trigger::BirthdayNear(_) => Vec::new(),
        Trigger::StageBecomes(_) | Trigger::TagAdded(_) => vec![Stretch::Standing(rule.id, None)],
    }
}

/// Of which rule a stretch is.
pub(super) fn rule(stretch: &Stretch) -> Option<RuleId> {
    match stretch {
        Stretch::Last(id, _) | Stretch::Added(id, _) | Stretch::Birthday(id, ..) | Stretch::Standing(id, _) => {
            Some(*id)
        }
        Stretch::Intervals(_) => None,
    }
}

/// Since before when nobody must have spoken with somebody.
pub(super) fn silent_before(actor: &Actor, days: u32) -> Timestamp {
    actor.now.plus_seconds(-DAY * i64::from(days))
}

/// The field that has birthdays, where it is in use.
pub(super) fn birthday_field(actor: &Actor) -> Option<&FieldDef> {
    actor.schema.on().find(|def| def.kind == FieldKind::MonthDay && def.key.as_str() == "birthday")
}

/// Its key, where this session can tell equal values of it.
fn birthday_key(actor: &Actor) -> Option<FieldKey> {
    let def = birthday_field(actor)?;
    actor.blind_key(def.class).map(|_| def.key.clone())
}

/// What is given each candidate; it may break off.
pub(super) type Take<'t> = &'t mut dyn FnMut(Candidate) -> Result<ControlFlow<()>, Refusal>;

/// Gives the candidates of a stretch, after at most so many rows; what is left of it.
pub(super) fn walk(
    actor: &Actor,
    from: &dyn Get,
    rule: &Rule,
    stretch: &Stretch,
    rows: usize,
    take: Take<'_>,
) -> Result<Option<Stretch>, Refusal> {
    let range = |at, days| Range::time(at, (None, Some(silent_before(actor, days).0)));
    let (at, range, after) = match (stretch, &rule.text.trigger) {
        (Stretch::Last(_, after), Trigger::NoContact(days)) => (Some(At::Last), range(At::Last, *days), after),
        (Stretch::Added(_, after), Trigger::NoContact(days)) => (Some(At::Created), range(At::Created, *days), after),
        (Stretch::Standing(_, after), Trigger::StageBecomes(stage)) => (None, Range::stage(*stage), after),
        (Stretch::Standing(_, after), Trigger::TagAdded(tag)) => (None, Range::tag(tag.as_str()), after),
        (Stretch::Birthday(_, day, skip), Trigger::BirthdayNear(_)) => {
            let next = birthdays(actor, from, *day, (*skip, rows), take)?;
            return Ok(next.map(|skip| Stretch::Birthday(rule.id, *day, skip)));
        }
        // The rule was written anew since.
        _ => return Ok(None),
    };
    let bits = rule.text.tag.as_ref().map(|tag| tag_bits(tag.as_str()));
    let (mut read, mut stopped, mut fault) = (0, None, None);
    narrow::visit(from, &range, after.as_deref(), &mut |row, value| {
        read += 1;
        let facets = Facets::from_bytes(value);
        let passes = facets.as_ref().is_none_or(|facets| {
            (at != Some(At::Created) || !facets.has(At::Last))
                && rule.text.stage.is_none_or(|stage| facets.stage == stage)
                && bits.is_none_or(|bits| facets.may_have_tag(bits))
        });
        let moment = at.map_or(Some(0), |at| moment(row, at));
        let candidate = id_of(row).zip(moment).filter(|(id, _)| passes && actor.desk.visible(*id));
        let step = candidate.map_or(Ok(ControlFlow::Continue(())), |(id, occasion)| take(Candidate { id, occasion }));
        let stop = step.unwrap_or_else(|error| {
            fault = Some(error);
            ControlFlow::Break(())
        });
        if stop.is_break() || read >= rows {
            stopped = Some(row.to_vec());
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    fault.map_or(Ok(()), Err)?;
    Ok(stopped.map(|row| match stretch {
        Stretch::Last(id, _) => Stretch::Last(*id, Some(row)),
        Stretch::Added(id, _) => Stretch::Added(*id, Some(row)),
        _ => Stretch::Standing(rule.id, Some(row)),
    }))
}

fn moment(row: &[u8], at: At) -> Option<i64> {
    let rest = row.strip_prefix(time_prefix(at).as_slice())?;
    KeyReader(rest).u64().ok().map(from_oldest_first)
}

/// Those whose birthday is so many days from today; gives how many were looked at where there are more.
fn birthdays(
    actor: &Actor,
    from: &dyn Get,
    ahead: u32,
    (skip, rows): (usize, usize),
    take: Take<'_>,
) -> Result<Option<usize>, Refusal> {
    let today = actor.desk.clock.day(actor.now);
    let (Some(key), Some(day)) = (birthday_key(actor), today.checked_add_days(Days::new(u64::from(ahead)))) else {
        return Ok(None);
    };
    let def = actor.field(&key)?.clone();
    let mut found = Vec::new();
    for text in written(day) {
        for token in actor.tokens(&def, &text)? {
            let with = customers::by_token(from, def.class, token.kind, token.token, MOST_OF_A_DAY)?;
            found.extend(with.into_iter().filter(|(_, field)| field == key.as_str()).map(|(id, _)| id));
        }
    }
    found.sort();
    found.dedup();
    let all = found.len();
    let mut looked = skip;
    for id in found.into_iter().skip(skip).take(rows) {
        looked += 1;
        if !actor.desk.visible(id) {
            continue;
        }
        if take(Candidate { id, occasion: i64::from(day.year()) })?.is_break() {
            break;
        }
    }
    Ok((looked < all).then_some(looked))
}

/// How a day is written as a birthday. In a year without the 29th of February it is kept on the 28th.
fn written(day: NaiveDate) -> Vec<String> {
    let mut out = vec![format!("{:02}-{:02}", day.month(), day.day())];
    if (day.month(), day.day()) == (2, 28) && !day.leap_year() {
        out.push("02-29".to_owned());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_born_on_the_29th_of_february_has_a_birthday_every_year() {
        let on = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).map(written).unwrap_or_default();
        assert_eq!(on(2026, 2, 28), ["02-28", "02-29"]);
        assert_eq!(on(2028, 2, 28), ["02-28"]);
        assert_eq!(on(2028, 2, 29), ["02-29"]);
        assert_eq!(on(2026, 12, 31), ["12-31"]);
    }
}
