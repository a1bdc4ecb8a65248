//! Which backups may go: arithmetic over heads, nothing else.
//!
//! For hours, days, weeks (ISO 8601) and months, all in UTC, the newest backup of each of the last so many that have one
//! is kept; of days and longer the newest full one, where there is one, since it needs no other.
//! **Invariant:** the newest backup always stays, and so does whatever a kept one needs.

use std::collections::BTreeSet;

use chrono::Datelike;

use super::head::{Head, Kind};
use super::id::Id;
use crate::clock::Timestamp;

/// How many backups to keep of each kind of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Keep {
    /// Hours.
    pub hourly: u32,
    /// Days.
    pub daily: u32,
    /// Weeks.
    pub weekly: u32,
    /// Months.
    pub monthly: u32,
}

/// As shipped: two days of hours, a fortnight of days, two months of weeks, a year of months.
impl Default for Keep {
    fn default() -> Self {
        Self { hourly: 48, daily: 14, weekly: 8, monthly: 12 }
    }
}

/// The backups of one vault that may be removed, those first that others need last. What the store holds at `now` stays.
pub fn keep(heads: &[Head], policy: &Keep, now: Timestamp) -> Vec<Id> {
    let mut newest: Vec<&Head> = heads.iter().collect();
    newest.sort_by(|left, right| (right.made_at, &right.id).cmp(&(left.made_at, &left.id)));
    let mut kept: BTreeSet<&Id> = newest.first().map(|head| &head.id).into_iter().collect();
    let hour = |head: &Head| head.made_at.0.div_euclid(3_600_000);
    let day = |head: &Head| head.made_at.0.div_euclid(86_400_000);
    let week = |head: &Head| {
        let week = head.made_at.utc().iso_week();
        i64::from(week.year()) * 100 + i64::from(week.week())
    };
    let month = |head: &Head| {
        let date = head.made_at.utc();
        i64::from(date.year()) * 100 + i64::from(date.month())
    };
    kept.extend(chosen(&newest, policy.hourly, Prefer::Newest, hour));
    kept.extend(chosen(&newest, policy.daily, Prefer::Full, day));
    kept.extend(chosen(&newest, policy.weekly, Prefer::Full, week));
    kept.extend(chosen(&newest, policy.monthly, Prefer::Full, month));
    kept.extend(newest.iter().filter(|head| head.is_held(now)).map(|head| &head.id));
    // What a kept one needs; a parent is never younger in a chain that was made, but clocks are set back, so this goes
    // round until nothing more is found.
    loop {
        let needed = newest.iter().filter(|head| kept.contains(&head.id)).filter_map(|head| head.parent.as_ref());
        let more: Vec<&Id> = needed.filter(|parent| !kept.contains(*parent)).collect();
        if more.is_empty() {
            break;
        }
        kept.extend(more);
    }
    let going: Vec<&Head> = newest.into_iter().filter(|head| !kept.contains(&head.id)).collect();
    children_first(going)
}

#[derive(Clone, Copy)]
enum Prefer {
    Newest,
    Full,
}

/// The backups to keep for the last `count` spans of time that have one.
fn chosen<'a>(newest: &[&'a Head], count: u32, prefer: Prefer, span: impl Fn(&Head) -> i64) -> Vec<&'a Id> {
    let mut out: Vec<(i64, &Head)> = Vec::new();
    for head in newest {
        let own = span(head);
        let full = out.len() >= count as usize;
        match out.iter_mut().find(|(known, _)| *known == own) {
            Some((_, known))
                if matches!(prefer, Prefer::Full) && known.kind == Kind::Incremental && head.kind == Kind::Full =>
            {
                *known = head;
            }
            Some(_) => {}
            None if !full => out.push((own, head)),
            None => {}
        }
    }
    out.into_iter().map(|(_, head)| &head.id).collect()
}

/// In an order in which each can be removed: none while another still needs it.
fn children_first(mut going: Vec<&Head>) -> Vec<Id> {
    let mut out = Vec::with_capacity(going.len());
    while !going.is_empty() {
        let needed: BTreeSet<&Id> = going.iter().filter_map(|head| head.parent.as_ref()).collect();
        let (free, rest): (Vec<&Head>, Vec<&Head>) = going.into_iter().partition(|head| !needed.contains(&head.id));
        if free.is_empty() {
            // Heads that need each other in a circle were made by nobody; they stay.
            break;
        }
        out.extend(free.into_iter().map(|head| head.id.clone()));
        going = rest;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::head::sample;
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn id(at: i64) -> String {
        let text = Timestamp(at).utc().format("%Y%m%dT%H%M%SZ").to_string();
        format!("{text}-00000000")
    }

    /// A backup every hour: a full one at the beginning of a day, incrementals after it.
    fn hourly(hours: i64) -> Vec<Head> {
        (0..hours)
            .map(|hour| {
                let parent = (hour % 24 != 0).then(|| id((hour - 1) * HOUR));
                sample(&id(hour * HOUR), parent.as_deref(), Timestamp(hour * HOUR))
            })
            .collect()
    }

    #[test]
    fn as_shipped_two_days_of_hours_a_fortnight_of_days_and_more_stay() {
        let heads = hourly(24 * 100);
        let going = keep(&heads, &Keep::default(), Timestamp(24 * 100 * HOUR));
        let stays = |hour: i64| !going.contains(&Id::parse(&id(hour * HOUR)).expect("an id"));
        let last = 24 * 100 - 1;
        assert!((0..48).all(|back| stays(last - back)));
        assert!((0..14).all(|day| stays(24 * (99 - day))), "the full one of each day");
        assert!(!stays(24 * 97 + 23) && !stays(24 * 97 + 1), "its incrementals went");
        // 1970-01-01 was a Thursday: the weeks' newest full ones are those of Sundays.
        assert!((0..7).all(|week| stays(24 * (94 - 7 * week))), "weeks");
        assert!(stays(24 * 30) && stays(24 * 58), "the last day of January and of February");
        assert_eq!(heads.len() - going.len(), 48 + 12 + 5 + 2);
    }

    #[test]
    fn what_the_store_holds_stays() {
        let mut heads = hourly(24 * 40);
        let nothing = Keep { hourly: 0, daily: 0, weekly: 0, monthly: 0 };
        heads[5].lock_until = Some(Timestamp(24 * 41 * HOUR));
        let going = keep(&heads, &nothing, Timestamp(24 * 40 * HOUR));
        assert_eq!(heads.len() - going.len(), 24 + 6, "the newest and the held one, each with what it needs");
        let later = keep(&heads, &nothing, Timestamp(24 * 42 * HOUR));
        assert_eq!(heads.len() - later.len(), 24);
    }

    proptest! {
        #[test]
        fn the_newest_stays_nothing_loses_what_it_needs_and_the_rest_can_go_in_order(
            hours in proptest::collection::vec((0_i64..2000, any::<bool>(), any::<prop::sample::Index>()), 1..60),
            counts in [0_u32..5, 0_u32..5, 0_u32..5, 0_u32..5],
        ) {
            let mut heads: Vec<Head> = Vec::new();
            let mut hours = hours;
            hours.sort_by_key(|(hour, ..)| *hour);
            hours.dedup_by_key(|(hour, ..)| *hour);
            for (hour, full, parent) in hours {
                let parent = (!full && !heads.is_empty()).then(|| parent.get(&heads).id.to_string());
                heads.push(sample(&id(hour * HOUR), parent.as_deref(), Timestamp(hour * HOUR)));
            }
            let [hourly, daily, weekly, monthly] = counts;
            let going = keep(&heads, &Keep { hourly, daily, weekly, monthly }, Timestamp(2000 * HOUR));
            prop_assert!(!going.contains(&heads[heads.len() - 1].id));
            let mut left = heads.clone();
            for id in &going {
                prop_assert!(left.iter().all(|head| head.parent.as_ref() != Some(id)), "removed before what needs it");
                let before = left.len();
                left.retain(|head| head.id != *id);
                prop_assert_eq!(left.len() + 1, before, "each once");
            }
            let spans: BTreeSet<i64> = heads.iter().map(|head| head.made_at.0.div_euclid(HOUR)).collect();
            let latest: Vec<i64> = spans.into_iter().rev().take(hourly as usize).collect();
            for hour in latest {
                prop_assert!(left.iter().any(|head| head.made_at.0 == hour * HOUR), "of each of the last hours one");
            }
            let again = keep(&left, &Keep { hourly, daily, weekly, monthly }, Timestamp(2000 * HOUR));
            prop_assert!(again.iter().all(|id| left.iter().any(|head| head.id == *id)));
        }
    }
}
