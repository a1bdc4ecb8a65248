//! Dates as people write them, in English and Chinese, and how a due time is shown to them.
//!
//! The reading is a small left-to-right scan: fillers (`at`, `on`, `的`, a comma), at most one day and at most one
//! time, in any order. Weeks begin on Monday; `next tue` and `下周二` are both the Tuesday of next week.
//! **Invariant:** nothing here reads the clock; a result is always later than `now`; a fault holds no typed text.

mod days;
mod hours;
mod reader;
mod show;
#[cfg(test)]
mod tests;

use chrono::{Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use self::hours::Clock;
use self::reader::Reader;
use crate::clock::Timestamp;

pub use self::show::{show, show_day, show_full, show_weekday};

/// What is wrong with a date as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhenFault {
    /// Nothing is written.
    #[error("a date is needed, such as \"tomorrow 15:00\"")]
    Empty,
    /// The text cannot be read from this character on, counted from 0.
    #[error("the date cannot be read from character {} on", .at.saturating_add(1))]
    Unread {
        /// The place of the first character that has no meaning here.
        at: usize,
    },
    /// The calendar has no such day.
    #[error("there is no day {day} in month {month} of {year}: it has {last} days")]
    NoSuchDay {
        /// The year that was meant.
        year: i32,
        /// The month, 1–12.
        month: u32,
        /// The day as written.
        day: u32,
        /// The month's last day.
        last: u32,
    },
    /// Months are 1–12.
    #[error("there is no month {0}")]
    NoSuchMonth(u32),
    /// Hours are 0–23 and minutes 0–59.
    #[error("there is no such time of day")]
    NoSuchTime,
    /// It is over.
    #[error("that is in the past")]
    Past,
    /// More than fifty years ahead.
    #[error("that is more than 50 years ahead")]
    TooFar,
}

/// The most days ahead that a date may lie; further is a slip of the finger.
const FURTHEST_DAYS: i64 = 50 * 366;

/// Reads `text` as a moment after `now`, in the zone that lies `offset` from UTC. Without a time it is 09:00, or the
/// next full hour if the day is today and past 9. A month and day without a year is the next such day; a time without
/// a day is its next occurrence.
pub fn parse(text: &str, now: Timestamp, offset: FixedOffset) -> Result<Timestamp, WhenFault> {
    let (at, rest) = lead(text, now, offset)?;
    if rest.trim().is_empty() {
        return Ok(at);
    }
    let left = text.chars().count() - rest.trim_start().chars().count();
    Err(WhenFault::Unread { at: left })
}

/// Reads a moment at the head of `text` and gives back what follows it: `tomorrow 15:00 send the quote`.
pub fn lead(text: &str, now: Timestamp, offset: FixedOffset) -> Result<(Timestamp, &str), WhenFault> {
    if text.trim().is_empty() {
        return Err(WhenFault::Empty);
    }
    let local = now.at(offset).naive_local();
    let mut reader = Reader::new(text);
    let found = scan(&mut reader, local)?;
    let at = found.resolve(local).ok_or(WhenFault::Unread { at: reader.first_place() })??;
    let furthest = local.checked_add_signed(Duration::days(FURTHEST_DAYS));
    if furthest.is_none_or(|furthest| at > furthest) {
        return Err(WhenFault::TooFar);
    }
    if at <= local {
        return Err(WhenFault::Past);
    }
    let moment = at.and_local_timezone(offset).single().ok_or(WhenFault::TooFar)?;
    Ok((moment.into(), reader.rest()))
}

/// Splits a line into what was said and the next step: `wants a quote → tomorrow 15:00`. The last `→`, `->` or `=>`
/// (full-width forms as well) divides; both parts are trimmed. Without one there is no next step.
pub fn split_next(text: &str) -> (String, Option<String>) {
    const ARROWS: [&str; 7] = ["→", "⇒", "->", "=>", "－＞", "＝＞", "-＞"];
    let last = ARROWS.iter().filter_map(|arrow| text.rfind(arrow).map(|at| (at, arrow.len()))).max();
    let Some((at, length)) = last else {
        return (text.trim().to_owned(), None);
    };
    let said = text.get(..at).unwrap_or_default().trim().to_owned();
    let next = text.get(at + length..).unwrap_or_default().trim().to_owned();
    (said, Some(next))
}

/// What a scan has found so far.
#[derive(Default)]
struct Found {
    day: Option<NaiveDate>,
    exact: Option<NaiveDateTime>,
    clock: Clock,
}

/// One reading of something that names a day.
enum Day {
    /// A day, with the part of the day that its word implies (`tonight`, `今晚`).
    On(NaiveDate),
    /// A moment to the minute.
    Exactly(NaiveDateTime),
}

fn scan(reader: &mut Reader<'_>, now: NaiveDateTime) -> Result<Found, WhenFault> {
    let mut found = Found::default();
    loop {
        let before = reader.place();
        let led = reader.fillers();
        if found.day.is_none() && found.exact.is_none() {
            match days::read(reader, now)? {
                Some(Day::On(day)) => {
                    found.day = Some(day);
                    continue;
                }
                Some(Day::Exactly(moment)) if found.clock.is_empty() => {
                    found.exact = Some(moment);
                    continue;
                }
                Some(Day::Exactly(_)) | None => {}
            }
        }
        if found.exact.is_none() && hours::read(reader, &mut found.clock, led)? {
            continue;
        }
        reader.back_to(before);
        return Ok(found);
    }
}

impl Found {
    /// The moment, or nothing if neither day nor time was found.
    fn resolve(&self, now: NaiveDateTime) -> Option<Result<NaiveDateTime, WhenFault>> {
        if let Some(exact) = self.exact {
            return Some(Ok(exact));
        }
        let time = match self.clock.time() {
            Ok(time) => time,
            Err(fault) => return Some(Err(fault)),
        };
        let moment = match (self.day, time) {
            (None, None) => return None,
            (Some(day), Some(time)) => time.on(day),
            (Some(day), None) if day == now.date() => later_today(now),
            (Some(day), None) => day.and_hms_opt(9, 0, 0),
            (None, Some(time)) => match time.on(now.date()) {
                Some(moment) if moment > now => Some(moment),
                _ => now.date().succ_opt().and_then(|day| time.on(day)),
            },
        };
        Some(moment.ok_or(WhenFault::TooFar))
    }
}

/// 09:00, or the next full hour once that is past; in the last hour of the day its last minute.
fn later_today(now: NaiveDateTime) -> Option<NaiveDateTime> {
    let nine = NaiveTime::from_hms_opt(9, 0, 0)?;
    if now.time() < nine {
        return Some(now.date().and_time(nine));
    }
    now.date().and_hms_opt(now.hour() + 1, 0, 0).or_else(|| now.date().and_hms_opt(23, 59, 0))
}
