//! Days, months, years and distances, as queries name them.
//!
//! What `domain::when` reads (`next tue`, `下周一`, `月底`) is a day as well, where it says a day that is still to come.
//! **Invariant:** nothing here reads the clock; a span asked for by its distance from today stays one until it is resolved.

use std::fmt;

use chrono::{Datelike, Days, Duration, FixedOffset, Months, NaiveDate, NaiveDateTime};

use super::Here;
use crate::clock::Timestamp;
use crate::domain::when;
use crate::text::folded;

/// A stretch of the calendar, or a distance from the present moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// A year.
    Year(i32),
    /// A month.
    Month(i32, u32),
    /// A day.
    Day(NaiveDate),
    /// Today and so many days on.
    Days(i32),
    /// This week and so many weeks on; weeks begin on Monday.
    Weeks(i32),
    /// This month and so many months on.
    Months(i32),
    /// This year and so many years on.
    Years(i32),
    /// Something so far from now.
    Distance(Distance),
}

/// How far from now, whichever way the question looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distance {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// What a distance is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Days of 24 hours.
    Days,
    /// Weeks.
    Weeks,
    /// Calendar months.
    Months,
    /// Calendar years.
    Years,
}

/// The furthest distance, in days: a century.
const FURTHEST: u32 = 36_600;

impl Unit {
    fn letter(self) -> char {
        match self {
            Self::Days => 'd',
            Self::Weeks => 'w',
            Self::Months => 'm',
            Self::Years => 'y',
        }
    }

    fn days(self) -> u32 {
        match self {
            Self::Days => 1,
            Self::Weeks => 7,
            Self::Months => 31,
            Self::Years => 366,
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "d" | "day" | "days" | "天" | "日" => Self::Days,
            "w" | "week" | "weeks" | "周" | "星期" | "个星期" => Self::Weeks,
            "m" | "mo" | "month" | "months" | "个月" => Self::Months,
            "y" | "year" | "years" | "年" => Self::Years,
            _ => return None,
        })
    }
}

/// Which way a distance counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looking {
    /// Into the past.
    Back,
    /// Into the future.
    Ahead,
}

const WORDS: &[(&str, Span)] = &[
    ("today", Span::Days(0)),
    ("yesterday", Span::Days(-1)),
    ("tomorrow", Span::Days(1)),
    ("last-week", Span::Weeks(-1)),
    ("this-week", Span::Weeks(0)),
    ("next-week", Span::Weeks(1)),
    ("last-month", Span::Months(-1)),
    ("this-month", Span::Months(0)),
    ("next-month", Span::Months(1)),
    ("last-year", Span::Years(-1)),
    ("this-year", Span::Years(0)),
    ("next-year", Span::Years(1)),
];

const OTHER_WORDS: &[(&str, Span)] = &[
    ("week", Span::Weeks(0)),
    ("month", Span::Months(0)),
    ("year", Span::Years(0)),
    ("今天", Span::Days(0)),
    ("今日", Span::Days(0)),
    ("昨天", Span::Days(-1)),
    ("前天", Span::Days(-2)),
    ("明天", Span::Days(1)),
    ("后天", Span::Days(2)),
    ("上周", Span::Weeks(-1)),
    ("本周", Span::Weeks(0)),
    ("这周", Span::Weeks(0)),
    ("下周", Span::Weeks(1)),
    ("上月", Span::Months(-1)),
    ("上个月", Span::Months(-1)),
    ("本月", Span::Months(0)),
    ("这个月", Span::Months(0)),
    ("下月", Span::Months(1)),
    ("下个月", Span::Months(1)),
    ("去年", Span::Years(-1)),
    ("今年", Span::Years(0)),
    ("明年", Span::Years(1)),
];

/// The words for days, weeks, months and years that are offered, in English.
pub(super) fn offered() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(word, _)| *word)
}

impl Span {
    /// Reads one.
    pub(in crate::domain) fn read(text: &str, here: Here) -> Option<Self> {
        let word = folded(text).replace([' ', '_'], "-");
        let named = WORDS.iter().chain(OTHER_WORDS).find(|(known, _)| *known == word);
        if let Some((_, span)) = named {
            return Some(span.clone());
        }
        let days = word.strip_prefix("today").and_then(|days| days.parse().ok());
        if let Some(days) = days.filter(|days| in_reach(*days)) {
            return Some(Self::Days(days));
        }
        calendar(&word).or_else(|| distance(&word)).or_else(|| {
            let at = when::parse(text, here.now, here.offset).ok()?;
            Some(Self::Day(at.at(here.offset).date_naive()))
        })
    }

    /// Its first moment, and the first one after it. A distance has one moment only.
    pub(super) fn resolve(&self, here: Here, looking: Looking) -> Option<(Timestamp, Timestamp)> {
        let local = here.now.at(here.offset).naive_local();
        let today = local.date();
        let month = |day: NaiveDate| day.checked_add_months(Months::new(1));
        let (first, end) = match self {
            Self::Year(year) => (NaiveDate::from_ymd_opt(*year, 1, 1)?, NaiveDate::from_ymd_opt(year + 1, 1, 1)?),
            Self::Month(year, number) => {
                let first = NaiveDate::from_ymd_opt(*year, *number, 1)?;
                (first, month(first)?)
            }
            Self::Day(day) => (*day, day.succ_opt()?),
            Self::Days(days) => {
                let day = today.checked_add_signed(Duration::days(i64::from(*days)))?;
                (day, day.succ_opt()?)
            }
            Self::Weeks(weeks) => {
                let monday = today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))?;
                let first = monday.checked_add_signed(Duration::days(i64::from(*weeks) * 7))?;
                (first, first.checked_add_days(Days::new(7))?)
            }
            Self::Months(months) => {
                let first = moved(today.with_day(1)?, *months)?;
                (first, month(first)?)
            }
            Self::Years(years) => {
                let year = today.year().checked_add(*years)?;
                (NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year.checked_add(1)?, 1, 1)?)
            }
            Self::Distance(distance) => {
                let at = stamp(distance.from(local, looking)?, here.offset)?;
                return Some((at, at));
            }
        };
        Some((stamp(first.and_hms_opt(0, 0, 0)?, here.offset)?, stamp(end.and_hms_opt(0, 0, 0)?, here.offset)?))
    }
}

impl Distance {
    fn from(self, local: NaiveDateTime, looking: Looking) -> Option<NaiveDateTime> {
        let Self { count, unit } = self;
        let days = |days: u64| match looking {
            Looking::Back => local.checked_sub_days(Days::new(days)),
            Looking::Ahead => local.checked_add_days(Days::new(days)),
        };
        let months = |months: u32| match looking {
            Looking::Back => local.checked_sub_months(Months::new(months)),
            Looking::Ahead => local.checked_add_months(Months::new(months)),
        };
        match unit {
            Unit::Days => days(u64::from(count)),
            Unit::Weeks => days(u64::from(count) * 7),
            Unit::Months => months(count),
            Unit::Years => months(count * 12),
        }
    }
}

fn moved(day: NaiveDate, months: i32) -> Option<NaiveDate> {
    let by = Months::new(months.unsigned_abs());
    if months < 0 { day.checked_sub_months(by) } else { day.checked_add_months(by) }
}

fn stamp(local: NaiveDateTime, offset: FixedOffset) -> Option<Timestamp> {
    local.and_local_timezone(offset).single().map(Timestamp::from)
}

fn in_reach(days: i32) -> bool {
    days.unsigned_abs() <= FURTHEST
}

/// `2026`, `2026-01`, `2026-01-05`, with `/`, `.` or `年月日` as well, and `20260105`.
fn calendar(text: &str) -> Option<Span> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let plain: String = text
        .chars()
        .filter(|c| *c != '日')
        .map(|c| if matches!(c, '/' | '.' | '年' | '月') { '-' } else { c })
        .collect();
    let mut numbers = Vec::new();
    for piece in plain.trim_end_matches('-').split('-') {
        let digits = piece.len() <= 8 && piece.bytes().all(|b| b.is_ascii_digit());
        numbers.push((piece.len(), digits.then(|| piece.parse::<u32>().ok())??));
    }
    let year = |number: u32| i32::try_from(number).ok().filter(|year| (1900..=2200).contains(year));
    match numbers.as_slice() {
        [(4, y)] => year(*y).map(Span::Year),
        [(8, date)] => NaiveDate::from_ymd_opt(year(date / 10_000)?, date / 100 % 100, date % 100).map(Span::Day),
        [(4, y), (1..=2, m)] if (1..=12).contains(m) => year(*y).map(|year| Span::Month(year, *m)),
        [(4, y), (1..=2, m), (1..=2, d)] => NaiveDate::from_ymd_opt(year(*y)?, *m, *d).map(Span::Day),
        _ => None,
    }
}

/// `90d`, `2 weeks`, `3个月`.
fn distance(text: &str) -> Option<Span> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let count: u32 = text.get(..end)?.parse().ok()?;
    let unit = Unit::from_word(text.get(end..)?.trim_start_matches('-'))?;
    let near = count.checked_mul(unit.days()).is_some_and(|days| days <= FURTHEST);
    near.then_some(Span::Distance(Distance { count, unit }))
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((word, _)) = WORDS.iter().find(|(_, span)| span == self) {
            return f.write_str(word);
        }
        match self {
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Day(day) => write!(f, "{}", day.format("%Y-%m-%d")),
            Self::Days(days) => write!(f, "today{days:+}"),
            // Only those of the table of words are ever read.
            Self::Weeks(_) => f.write_str("this-week"),
            Self::Months(_) => f.write_str("this-month"),
            Self::Years(_) => f.write_str("this-year"),
            Self::Distance(Distance { count, unit }) => write!(f, "{count}{}", unit.letter()),
        }
    }
}
