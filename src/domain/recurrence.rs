//! Reminders that come again: a rule of RFC 5545, written in plain words of either language or as the rule itself.
//!
//! Times are local and without a zone: nine in the morning stays nine in the morning when clocks are changed.
//! **Invariant:** a recurrence has an occurrence after its first one; one that never comes cannot be made.

mod plain;
mod show;
#[cfg(test)]
mod tests;

use chrono::{Datelike, NaiveDateTime, Utc};
use rrule::{Frequency, RRule, RRuleSet, Tz, Unvalidated};

use super::working_days::WorkingDays;
use crate::codes::codes;

/// The longest text that is read, in characters.
const LONGEST: usize = 200;

/// On which days an occurrence may fall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Days {
    /// On any.
    #[default]
    Any,
    /// On working days: one that falls on another day moves to the next working day.
    Working,
}

codes!(Days: Any = "any", Working = "working");

/// What is wrong with a recurrence as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceFault {
    /// It cannot be read.
    #[error("write how often, such as \"every 2 weeks\" or \"every mon, thu\"")]
    Unread,
    /// It would come again within a day.
    #[error("a reminder comes once a day at the most")]
    TooOften,
    /// It never comes again.
    #[error("this never comes again")]
    Never,
}

/// When something comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    rule: String,
    days: Days,
    since: NaiveDateTime,
}

impl Recurrence {
    /// Reads `every 2 weeks`, `每月15号` or `FREQ=MONTHLY;BYMONTHDAY=15` for something that is first due at `first`, local
    /// time.
    pub fn read(text: &str, first: NaiveDateTime) -> Result<Self, RecurrenceFault> {
        if text.chars().count() > LONGEST {
            return Err(RecurrenceFault::Unread);
        }
        let (rule, days) = match plain::read(text) {
            Some(plain) => plain.on(first),
            None => (text.trim().to_ascii_uppercase().trim_start_matches("RRULE:").to_owned(), Days::Any),
        };
        let read = rule.parse::<RRule<Unvalidated>>().map_err(|_| RecurrenceFault::Unread)?;
        if matches!(read.get_freq(), Frequency::Hourly | Frequency::Minutely | Frequency::Secondly)
            || !read.get_by_hour().is_empty()
            || !read.get_by_minute().is_empty()
            || !read.get_by_second().is_empty()
        {
            return Err(RecurrenceFault::TooOften);
        }
        // As it was written: the library writes a first Monday as if every Monday were meant.
        let made = Self { rule, days, since: first };
        made.occurrence_after(first).map(|_| made).ok_or(RecurrenceFault::Never)
    }

    /// A recurrence as it was kept.
    pub fn kept(rule: String, days: Days, since: NaiveDateTime) -> Self {
        Self { rule, days, since }
    }

    /// The rule, as RFC 5545 writes it after `RRULE:`.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// On which days it may fall.
    pub fn days(&self) -> Days {
        self.days
    }

    /// When it was first due, local time.
    pub fn since(&self) -> NaiveDateTime {
        self.since
    }

    /// When it comes next after a local time; nothing where it has ended.
    pub fn next(&self, after: NaiveDateTime, calendar: &WorkingDays) -> Option<NaiveDateTime> {
        let next = self.occurrence_after(after)?;
        match self.days {
            Days::Any => Some(next),
            Days::Working => calendar.on_or_after(next.date()).map(|day| day.and_time(next.time())),
        }
    }

    fn occurrence_after(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        // The library's zones are not needed: local times are handed to it as if they were UTC.
        let zoned = |local: NaiveDateTime| local.and_utc().with_timezone(&Tz::UTC);
        let rule = self.rule.parse::<RRule<Unvalidated>>().ok()?;
        let set: RRuleSet = rule.build(zoned(self.since)).ok()?.limit();
        let next = set.into_iter().find(|at| at.naive_utc() > after)?;
        (next.year() < 10_000).then(|| next.with_timezone(&Utc).naive_utc())
    }
}
