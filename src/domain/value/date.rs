//! Calendar dates as people and spreadsheets write them.
//!
//! **Invariant:** day and month are never guessed: a form that both orders fit is refused. Years have four digits.

use chrono::{Datelike, NaiveDate};

use super::{ValueFault, plain};

/// `1988-03-07`, `1988/3/7`, `1988.3.7`, `1988年3月7日`, `19880307`, `07.03.1988`, and `25/3/1988` where only one order
/// fits. A time of day after it, as spreadsheets add, is dropped.
pub(super) fn date(clean: &str) -> Result<NaiveDate, ValueFault> {
    let text = plain(clean);
    let text = without_time(text.trim());
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
        return day(part(0..4), part(4..6), part(6..8));
    }
    let (parts, separator) = split(text)?;
    match parts.as_slice() {
        [y, m, d] if y.len() == 4 => day(y, m, d),
        [d, m, y] if y.len() == 4 && separator == '.' => day(y, m, d),
        [a, b, y] if y.len() == 4 && separator != '年' => match (day(y, a, b), day(y, b, a)) {
            (Ok(first), Ok(second)) if first != second => Err(ValueFault::AmbiguousDate),
            (Ok(date), _) | (_, Ok(date)) => Ok(date),
            (Err(fault), _) => Err(fault),
        },
        _ => Err(ValueFault::NotADate),
    }
}

/// `03-07`, `--03-07`, `3月7日`, and `3/7` or `3.7` where the region writes the month first; a whole date gives its month
/// and day. The result is `MM-DD`.
pub(super) fn month_day(clean: &str, region: &str) -> Result<String, ValueFault> {
    if let Ok(whole) = date(clean) {
        return Ok(format!("{:02}-{:02}", whole.month(), whole.day()));
    }
    let text = plain(clean);
    let text = text.trim().trim_start_matches("--");
    // A leap year, so that the 29th of February is a birthday.
    const YEAR: &str = "2000";
    let (parts, separator) = split(text)?;
    let [a, b] = parts.as_slice() else { return Err(ValueFault::NotADate) };
    let month_first = matches!(region, "CN" | "HK" | "MO" | "TW" | "JP" | "KR" | "US");
    let found = match separator {
        '.' if text.ends_with('.') => day(YEAR, b, a),
        '/' | '.' if !month_first => match (day(YEAR, a, b), day(YEAR, b, a)) {
            (Ok(first), Ok(second)) if first != second => Err(ValueFault::AmbiguousDate),
            (Ok(date), _) | (_, Ok(date)) => Ok(date),
            (Err(fault), _) => Err(fault),
        },
        _ => day(YEAR, a, b),
    }?;
    Ok(format!("{:02}-{:02}", found.month(), found.day()))
}

/// Only midnight and times of day are dropped, not any words.
fn without_time(text: &str) -> &str {
    let Some((date, time)) = text.split_once([' ', 'T']) else { return text };
    let timed = time.contains(':') && time.chars().all(|c| c.is_ascii_digit() || ":.Z+".contains(c));
    if timed { date } else { text }
}

/// The numbers in it and the first separator; all separators are of one sort.
fn split(text: &str) -> Result<(Vec<&str>, char), ValueFault> {
    let text = text.trim_end_matches(['日', '号', '.']).trim();
    let separator = text.chars().find(|c| !c.is_ascii_digit() && *c != ' ').ok_or(ValueFault::NotADate)?;
    let parts: Vec<&str> = match separator {
        '年' | '月' => text.split(['年', '月']).map(str::trim).collect(),
        '-' | '/' | '.' => text.split(separator).map(str::trim).collect(),
        _ => return Err(ValueFault::NotADate),
    };
    let numeric = parts.iter().all(|part| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    if numeric { Ok((parts, separator)) } else { Err(ValueFault::NotADate) }
}

fn day(year: &str, month: &str, day: &str) -> Result<NaiveDate, ValueFault> {
    let number = |text: &str| text.parse::<u32>().map_err(|_| ValueFault::NotADate);
    let year = i32::try_from(number(year)?).map_err(|_| ValueFault::NotADate)?;
    if !(1800..=2999).contains(&year) || month.len() > 2 || day.len() > 2 {
        return Err(ValueFault::NotADate);
    }
    NaiveDate::from_ymd_opt(year, number(month)?, number(day)?).ok_or(ValueFault::NotADate)
}
