//! The time of day within a date as written.
//!
//! **Invariant:** a time is read to the minute; `3:00` is the night's, while `at 3` and `3点`, said by somebody at
//! work, are the afternoon's.

use chrono::{NaiveDate, NaiveDateTime};

use super::WhenFault;
use super::reader::{Led, Reader};

/// What has been read of a time.
#[derive(Default)]
pub(super) struct Clock {
    part: Option<Part>,
    hour: Option<Hour>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Early,
    Morning,
    Noon,
    Afternoon,
    Evening,
}

#[derive(Clone, Copy)]
struct Hour {
    hour: u32,
    minute: u32,
    said: Said,
}

/// How an hour was given, which decides what a small number means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// `15:00`: of 24.
    Of24,
    /// `at 3`, `3点`: in working hours if nothing else is said.
    Loosely,
    /// `3pm`.
    Pm,
    /// `3am`.
    Am,
}

/// A time of day; `next` when it lies past midnight of the day that it was said of (`晚上12点`).
pub(super) struct Time {
    hour: u32,
    minute: u32,
    days: u64,
}

impl Time {
    pub(super) fn on(&self, day: NaiveDate) -> Option<NaiveDateTime> {
        day.checked_add_days(chrono::Days::new(self.days))?.and_hms_opt(self.hour, self.minute, 0)
    }
}

impl Clock {
    pub(super) fn is_empty(&self) -> bool {
        self.part.is_none() && self.hour.is_none()
    }

    pub(super) fn time(&self) -> Result<Option<Time>, WhenFault> {
        let Some(Hour { hour, minute, said }) = self.hour else {
            let hour = self.part.map(|part| match part {
                Part::Early => 6,
                Part::Morning => 9,
                Part::Noon => 12,
                Part::Afternoon => 14,
                Part::Evening => 19,
            });
            return Ok(hour.map(|hour| Time { hour, minute: 0, days: 0 }));
        };
        let twelve = matches!(said, Said::Pm | Said::Am);
        if minute > 59 || hour > 23 || (twelve && (hour == 0 || hour > 12)) {
            return Err(WhenFault::NoSuchTime);
        }
        let (hour, days) = match (said, self.part) {
            (Said::Pm, _) => (hour % 12 + 12, 0),
            (Said::Am, _) => (hour % 12, 0),
            (_, Some(Part::Early)) => (hour % 12, 0),
            (_, Some(Part::Evening)) if hour == 12 => (0, 1),
            (_, Some(Part::Afternoon | Part::Evening)) if hour < 12 => (hour + 12, 0),
            (_, Some(Part::Noon)) if hour < 4 => (hour + 12, 0),
            (Said::Loosely, None) if (1..=6).contains(&hour) => (hour + 12, 0),
            _ => (hour, 0),
        };
        Ok(Some(Time { hour, minute, days }))
    }
}

/// Reads a part of the day or an hour into `clock`; says whether it did.
pub(super) fn read(reader: &mut Reader<'_>, clock: &mut Clock, led: Led) -> Result<bool, WhenFault> {
    let before = reader.place();
    if clock.part.is_none()
        && let Some(part) = part(reader)
    {
        clock.part = Some(part);
        return Ok(true);
    }
    if clock.hour.is_none()
        && let Some(hour) = hour(reader, led)?
    {
        clock.hour = Some(hour);
        return Ok(true);
    }
    reader.back_to(before);
    Ok(false)
}

fn part(reader: &mut Reader<'_>) -> Option<Part> {
    const WORDS: &[(Part, &[&str])] = &[
        (Part::Early, &["凌晨", "清晨"]),
        (Part::Morning, &["早上", "早晨", "上午", "早"]),
        (Part::Noon, &["中午", "正午"]),
        (Part::Afternoon, &["下午", "午后"]),
        (Part::Evening, &["傍晚", "晚上", "晚", "夜里"]),
    ];
    for (part, words) in WORDS {
        if reader.any(words) {
            return Some(*part);
        }
    }
    let before = reader.place();
    match reader.word().as_str() {
        "morning" => Some(Part::Morning),
        "noon" | "lunchtime" => Some(Part::Noon),
        "afternoon" => Some(Part::Afternoon),
        "evening" | "tonight" | "night" => Some(Part::Evening),
        _ => {
            reader.back_to(before);
            None
        }
    }
}

fn hour(reader: &mut Reader<'_>, led: Led) -> Result<Option<Hour>, WhenFault> {
    let Some((hour, digits)) = reader.number() else { return Ok(None) };
    if digits > 2 {
        return Ok(None);
    }
    if reader.one_of(&[':']).is_some() {
        let (minute, _) = reader.number().ok_or(WhenFault::NoSuchTime)?;
        if reader.one_of(&[':']).is_some() {
            reader.number().ok_or(WhenFault::NoSuchTime)?;
        }
        return Ok(Some(Hour { hour, minute, said: half(reader).unwrap_or(Said::Of24) }));
    }
    let behind = reader.place();
    if reader.one_of(&['.']).is_some()
        && let Some((minute, 2)) = reader.number()
        && let Some(said) = half(reader)
    {
        return Ok(Some(Hour { hour, minute, said }));
    }
    reader.back_to(behind);
    if let Some(said) = half(reader) {
        return Ok(Some(Hour { hour, minute: 0, said }));
    }
    if reader.one_of(&['点', '时']).is_some() {
        return Ok(Some(Hour { hour, minute: minute(reader), said: Said::Loosely }));
    }
    let clock = reader.place();
    reader.spaces();
    if reader.literal("o'clock") {
        return Ok(Some(Hour { hour, minute: 0, said: Said::Loosely }));
    }
    reader.back_to(clock);
    let ends = reader.peek().is_none_or(|c| c.is_whitespace() || c == ',');
    Ok((led == Led::ByAt && ends).then_some(Hour { hour, minute: 0, said: Said::Loosely }))
}

/// What follows `点`.
fn minute(reader: &mut Reader<'_>) -> u32 {
    if reader.any(&["钟", "整"]) {
        return 0;
    }
    if reader.literal("半") {
        return 30;
    }
    if reader.any(&["一刻", "1刻"]) {
        return 15;
    }
    if reader.any(&["三刻", "3刻"]) {
        return 45;
    }
    let before = reader.place();
    match reader.number() {
        Some((minute, _)) if reader.literal("分") || minute >= 10 => minute,
        _ => {
            reader.back_to(before);
            0
        }
    }
}

/// `am`, `p.m.`, spaces before it skipped.
fn half(reader: &mut Reader<'_>) -> Option<Said> {
    if reader.whole(&["pm"]) {
        return Some(Said::Pm);
    }
    if reader.whole(&["am"]) {
        return Some(Said::Am);
    }
    let before = reader.place();
    reader.spaces();
    if reader.any(&["p.m.", "p.m"]) {
        return Some(Said::Pm);
    }
    if reader.any(&["a.m.", "a.m"]) {
        return Some(Said::Am);
    }
    reader.back_to(before);
    None
}
