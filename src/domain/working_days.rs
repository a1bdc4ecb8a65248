//! Which days are worked on: weekends, public holidays, and weekend days that are worked instead.
//!
//! Holidays come from a file, so that those of a new year need no new program: lines of `2026-10-01 holiday National Day`
//! and `2026-10-10 working`, or a calendar (RFC 5545, `.ics`) whose whole-day events are holidays.
//! **Invariant:** a file is taken as a whole or not at all; there are at most [`MOST`] days.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::codes::codes;
use crate::text::Printable;

/// The most days that are kept.
pub const MOST: usize = 5_000;
/// How many days without one that is worked on are looked at.
const FURTHEST: u64 = 60;
/// The longest event, in days.
const LONGEST_EVENT: i64 = 60;

/// What a day is against its weekday.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DayKind {
    /// Not worked on.
    #[default]
    Holiday,
    /// Worked on, though it is at the weekend.
    Working,
}

codes!(DayKind: Holiday = "holiday", Working = "working");

/// A day that is not as its weekday says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecialDay {
    /// What it is.
    pub kind: DayKind,
    /// Its name, if it has one.
    pub name: Printable,
}

/// What is wrong with a file of holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HolidayFault {
    /// A line cannot be read.
    #[error("line {0} is no day: write \"2026-10-01 holiday National Day\" or \"2026-10-10 working\"")]
    Line(usize),
    /// There are more than can be kept.
    #[error("there are more than {MOST} days in it")]
    TooMany,
    /// There is none.
    #[error("there is no day in it")]
    None,
}

/// The calendar of working days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingDays {
    special: BTreeMap<NaiveDate, SpecialDay>,
}

impl WorkingDays {
    /// A calendar of these special days.
    pub fn of(days: impl IntoIterator<Item = (NaiveDate, SpecialDay)>) -> Self {
        Self { special: days.into_iter().take(MOST).collect() }
    }

    /// Reads a file.
    pub fn read(text: &str) -> Result<Self, HolidayFault> {
        let days = if text.trim_start_matches('\u{FEFF}').trim_start().starts_with("BEGIN:VCALENDAR") {
            calendar(text)?
        } else {
            lines(text)?
        };
        match days.len() {
            0 => Err(HolidayFault::None),
            n if n > MOST => Err(HolidayFault::TooMany),
            _ => Ok(Self { special: days }),
        }
    }

    /// The special days, the earliest first.
    pub fn special(&self) -> impl Iterator<Item = (NaiveDate, &SpecialDay)> {
        self.special.iter().map(|(day, what)| (*day, what))
    }

    /// What is special about a day.
    pub fn about(&self, day: NaiveDate) -> Option<&SpecialDay> {
        self.special.get(&day)
    }

    /// Whether a day is worked on.
    pub fn is_working(&self, day: NaiveDate) -> bool {
        match self.special.get(&day).map(|day| day.kind) {
            Some(kind) => kind == DayKind::Working,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// This day or the first one after it that is worked on; nothing where there is none for two months.
    pub fn on_or_after(&self, day: NaiveDate) -> Option<NaiveDate> {
        (0..FURTHEST).filter_map(|n| day.checked_add_days(Days::new(n))).find(|day| self.is_working(*day))
    }
}

fn lines(text: &str) -> Result<BTreeMap<NaiveDate, SpecialDay>, HolidayFault> {
    let mut out = BTreeMap::new();
    for (at, line) in text.trim_start_matches('\u{FEFF}').lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let fault = HolidayFault::Line(at + 1);
        let mut words = line.splitn(3, [' ', '\t', ',', ';']).map(str::trim);
        let day = words.next().and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()).ok_or(fault)?;
        let kind = words.next().map_or(Some(DayKind::Holiday), DayKind::from_code).ok_or(fault)?;
        out.insert(day, SpecialDay { kind, name: Printable::line(words.next().unwrap_or_default()) });
    }
    Ok(out)
}

fn calendar(text: &str) -> Result<BTreeMap<NaiveDate, SpecialDay>, HolidayFault> {
    // A line that begins with a space goes on with the one before it.
    let unfolded = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let mut out = BTreeMap::new();
    let (mut from, mut to, mut name) = (None, None, String::new());
    for (at, line) in unfolded.lines().enumerate() {
        let Some((head, value)) = line.split_once(':') else { continue };
        let date = || NaiveDate::parse_from_str(value.get(..8).unwrap_or_default(), "%Y%m%d").ok();
        match head.split(';').next().unwrap_or_default() {
            "BEGIN" if value == "VEVENT" => (from, to, name) = (None, None, String::new()),
            "DTSTART" => from = Some(date().ok_or(HolidayFault::Line(at + 1))?),
            "DTEND" => to = date(),
            "SUMMARY" => name = value.replace("\\,", ",").replace("\\;", ";"),
            "END" if value == "VEVENT" => {
                let Some(first) = from.take() else { continue };
                // A calendar of China's names days that are worked instead in brackets at the end.
                let kind = if name.contains('班') { DayKind::Working } else { DayKind::Holiday };
                let days = to.map_or(1, |to| (to - first).num_days()).clamp(1, LONGEST_EVENT);
                for n in 0..u64::try_from(days).unwrap_or(1) {
                    let Some(day) = first.checked_add_days(Days::new(n)) else { continue };
                    out.insert(day, SpecialDay { kind, name: Printable::line(&name) });
                }
            }
            _ => {}
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn weekends_and_holidays_are_not_worked_on_and_days_made_up_for_are() {
        let days =
            WorkingDays::read("# 2026\n2026-10-01 holiday 国庆节\n2026-10-02 holiday\n\n2026-10-10 working\n").unwrap();
        for (date, working) in [
            ("2026-09-30", true),
            ("2026-10-01", false),
            ("2026-10-02", false),
            ("2026-10-03", false),
            ("2026-10-05", true),
            ("2026-10-10", true),
            ("2026-10-11", false),
        ] {
            assert_eq!(days.is_working(day(date)), working, "{date}");
        }
        assert_eq!(days.on_or_after(day("2026-10-01")), Some(day("2026-10-05")));
        assert_eq!(days.about(day("2026-10-01")).unwrap().name.as_str(), "国庆节");
    }

    #[test]
    fn a_calendar_file_is_read_with_events_of_several_days() {
        let file = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\n\
                    SUMMARY:Christmas\\, and\r\n  Boxing Day\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261010\r\n\
                    SUMMARY:国庆节（班）\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let days = WorkingDays::read(file).unwrap();
        assert!(!days.is_working(day("2026-12-25")) && !days.is_working(day("2026-12-26")));
        assert!(days.is_working(day("2026-10-10")));
        assert_eq!(days.about(day("2026-12-25")).unwrap().name.as_str(), "Christmas, and Boxing Day");
    }

    #[test]
    fn a_line_that_is_no_day_is_named_and_nothing_is_taken() {
        assert_eq!(WorkingDays::read("2026-10-01\n2026-02-31 holiday\n"), Err(HolidayFault::Line(2)));
        assert_eq!(WorkingDays::read("2026-10-01 closed\n"), Err(HolidayFault::Line(1)));
        assert_eq!(WorkingDays::read("# nothing\n"), Err(HolidayFault::None));
    }

    #[test]
    fn a_year_of_holidays_has_no_working_day_within_two_months() {
        let first = day("2026-01-01");
        let all = (0..300).filter_map(|n| first.checked_add_days(Days::new(n)));
        let name = Printable::line("");
        let days = WorkingDays::of(all.map(|d| (d, SpecialDay { kind: DayKind::Holiday, name: name.clone() })));
        assert_eq!(days.on_or_after(first), None);
    }
}
