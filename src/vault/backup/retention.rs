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
