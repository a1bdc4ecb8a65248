//! The day within a date as written.
//!
//! **Invariant:** what is not understood is not taken: the reader stands where it stood.

use chrono::{Datelike, Days, Duration, Months, NaiveDate, NaiveDateTime, Timelike};

use super::reader::Reader;
use super::{Day, WhenFault};

type Reading = Result<Option<Day>, WhenFault>;

/// Reads something that names a day, or a moment counted from now.
pub(super) fn read(reader: &mut Reader<'_>, now: NaiveDateTime) -> Reading {
    let before = reader.place();
    for attempt in [counted, dated, worded, chinese] {
        if let Some(day) = attempt(reader, now)? {
            return Ok(Some(day));
        }
        reader.back_to(before);
    }
    Ok(None)
}

/// `in 2 weeks`, `+2d`, `3 days`, `3天后`, `两周后`, `半小时后`.
fn counted(reader: &mut Reader<'_>, now: NaiveDateTime) -> Reading {
    let signed = reader.literal("+") || reader.whole(&["in", "after"]);
    reader.any(&["过"]);
    reader.spaces();
    let half = reader.literal("半") || reader.whole(&["half"]);
    let count = if half {
        reader.whole(&["a", "an"]);
        0
    } else if reader.whole(&["a", "an", "one"]) {
        1
    } else {
        match reader.number() {
            Some((count, _)) => count,
            None => return Ok(None),
        }
    };
    let Some(unit) = unit(reader) else { return Ok(None) };
    let later = reader.any(&["以后", "之后", "后"]) || reader.whole(&["later", "from"]);
    reader.whole(&["now", "today"]);
    // `a week` or `半天` alone says how long something takes, not when it is due.
    if (half || count == 0) && !(unit == Unit::Hour && (later || signed)) {
        return Ok(None);
    }
    let minutes = match unit {
        Unit::Minute => i64::from(count),
        Unit::Hour if half => 30,
        Unit::Hour => i64::from(count) * 60,
        _ => 0,
    };
    let day = now.date();
    Ok(Some(match unit {
        Unit::Minute | Unit::Hour => {
            let even = now.with_second(0).and_then(|n| n.with_nanosecond(0)).unwrap_or(now);
            let moment = even.checked_add_signed(Duration::minutes(minutes)).ok_or(WhenFault::TooFar)?;
            Day::Exactly(moment)
        }
        Unit::Day => Day::On(forward(day, u64::from(count))?),
        Unit::Week => Day::On(forward(day, u64::from(count) * 7)?),
        Unit::Month => Day::On(day.checked_add_months(Months::new(count.min(10_000))).ok_or(WhenFault::TooFar)?),
        Unit::Year => Day::On(day.checked_add_months(Months::new(count.min(1_000) * 12)).ok_or(WhenFault::TooFar)?),
    }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

fn unit(reader: &mut Reader<'_>) -> Option<Unit> {
    const LATIN: &[(Unit, &[&str])] = &[
        (Unit::Minute, &["m", "min", "mins", "minute", "minutes"]),
        (Unit::Hour, &["h", "hr", "hrs", "hour", "hours"]),
        (Unit::Day, &["d", "day", "days"]),
        (Unit::Week, &["w", "wk", "wks", "week", "weeks"]),
        (Unit::Month, &["mo", "month", "months"]),
        (Unit::Year, &["y", "year", "years"]),
    ];
    for (unit, words) in LATIN {
        if reader.whole(words) {
            return Some(*unit);
        }
    }
    const CHINESE: &[(Unit, &[&str])] = &[
        (Unit::Minute, &["分钟"]),
        (Unit::Hour, &["个小时", "个钟头", "小时", "钟头"]),
        (Unit::Week, &["个星期", "个礼拜", "星期", "礼拜", "周"]),
        (Unit::Month, &["个月"]),
        (Unit::Day, &["天"]),
    ];
    reader.spaces();
    for (unit, words) in CHINESE {
        if reader.any(words) {
            return Some(*unit);
        }
    }
    let before = reader.place();
    // `3日` alone is the third of a month, `3年` alone begins a date.
    for (unit, words) in [(Unit::Day, ["日后", "日以后"]), (Unit::Year, ["年后", "年以后"])] {
        if reader.any(&words) {
            return Some(unit);
        }
    }
    reader.back_to(before);
    None
}

/// `2026-12-01`, `12-01`, `12月1日`, `3号`, `1 dec`, `1st of december 2027`.
fn dated(reader: &mut Reader<'_>, now: NaiveDateTime) -> Reading {
    let today = now.date();
    let Some((first, digits)) = reader.number() else { return Ok(None) };
    if digits == 8 {
        let year = i32::try_from(first / 10_000).unwrap_or_default();
        return civil(year, first / 100 % 100, first % 100).map(Some);
    }
    let behind = reader.place();
    if digits == 4 && reader.one_of(&['-', '/', '.', '年']).is_some() {
        let Some((month, _)) = reader.number() else { return Ok(None) };
        if reader.one_of(&['-', '/', '.', '月']).is_none() {
            return Ok(None);
        }
        let Some((day, _)) = reader.number() else { return Ok(None) };
        reader.one_of(&['日', '号']);
        let bare = reader.place();
        // RFC 3339 joins date and time with a `T`.
        if reader.one_of(&['t']).is_none() || !reader.peek().is_some_and(|c| c.is_ascii_digit()) {
            reader.back_to(bare);
        }
        return civil(i32::try_from(first).unwrap_or_default(), month, day).map(Some);
    }
    reader.back_to(behind);
    if digits > 2 {
        return Ok(None);
    }
    if reader.literal("月") {
        if reader.any(&["底", "末"]) {
            return month_end(today, first).map(Some);
        }
        let Some((day, _)) = reader.number() else { return Ok(None) };
        reader.one_of(&['日', '号']);
        return coming(today, first, day).map(Some);
    }
    if reader.one_of(&['-', '/']).is_some() {
        let Some((day, _)) = reader.number() else { return Ok(None) };
        // A third part would leave it open which of the three is the year.
        if reader.one_of(&['-', '/']).is_some() {
            return Ok(None);
        }
        return coming(today, first, day).map(Some);
    }
    if reader.one_of(&['号', '日']).is_some() {
        return day_of_month(today, first).map(Some);
    }
    reader.whole(&["st", "nd", "rd", "th"]);
    reader.whole(&["of"]);
    match month_name(reader) {
        Some(month) => with_year(reader, today, month, first).map(Some),
        None => Ok(None),
    }
}

/// `tomorrow`, `next tue`, `friday`, `dec 1`, `month end`.
fn worded(reader: &mut Reader<'_>, now: NaiveDateTime) -> Reading {
    let today = now.date();
    let before = reader.place();
    if let Some(month) = month_name(reader) {
        reader.spaces();
        let Some((day, 1 | 2)) = reader.number() else { return Ok(None) };
        reader.whole(&["st", "nd", "rd", "th"]);
        return with_year(reader, today, month, day).map(Some);
    }
    reader.back_to(before);
    let day = match reader.word().as_str() {
        "today" => today,
        "tonight" => {
            // The word is `to-night`: its second half is left for the part of the day.
            reader.back_to(before + 2);
            today
        }
        "tomorrow" | "tmr" | "tmrw" => forward(today, 1)?,
        "day" if reader.whole(&["after"]) && reader.whole(&["tomorrow"]) => forward(today, 2)?,
        "eom" => return month_end(today, today.month()).map(Some),
        "weekend" => weekday_after(today, 5)?,
        "month" | "months" if reader.whole(&["end"]) => return month_end(today, today.month()).map(Some),
        "year" if reader.whole(&["end"]) => return civil(today.year(), 12, 31).map(Some),
        "end" if reader.whole(&["of"]) => {
            reader.whole(&["the", "this"]);
            if reader.whole(&["month"]) {
                return month_end(today, today.month()).map(Some);
            }
            if reader.whole(&["week"]) {
                return Ok(Some(Day::On(in_week(today, 0, 4)?)));
            }
            if reader.whole(&["year"]) {
                return civil(today.year(), 12, 31).map(Some);
            }
            if reader.whole(&["next"]) && reader.whole(&["month"]) {
                return Ok(Some(Day::On(last_of(first_of_next(today)?)?)));
            }
            return Ok(None);
        }
        "next" => {
            if reader.whole(&["week"]) {
                in_week(today, 1, 0)?
            } else if reader.whole(&["month"]) {
                let first = first_of_next(today)?;
                if reader.whole(&["end"]) { last_of(first)? } else { first }
            } else {
                reader.spaces();
                match weekday(&reader.word()) {
                    Some(day) => in_week(today, 1, day)?,
                    None => return Ok(None),
                }
            }
        }
        "this" => {
            reader.spaces();
            match reader.word().as_str() {
                "afternoon" | "morning" | "evening" => {
                    reader.back_to(before);
                    reader.word();
                    today
                }
                word => match weekday(word) {
                    Some(day) => in_week(today, 0, day)?,
                    None => return Ok(None),
                },
            }
        }
        "coming" => {
            reader.spaces();
            match weekday(&reader.word()) {
                Some(day) => weekday_after(today, day)?,
                None => return Ok(None),
            }
        }
        word => match weekday(word) {
            Some(day) => weekday_after(today, day)?,
            None => return Ok(None),
        },
    };
    Ok(Some(Day::On(day)))
}

/// `明天`, `后天`, `下周一`, `周五`, `月底`, `下个月3号`.
fn chinese(reader: &mut Reader<'_>, now: NaiveDateTime) -> Reading {
    let today = now.date();
    for (words, days) in
        [(&["今天", "今日", "今"][..], 0), (&["明天", "明日"][..], 1), (&["大后天"][..], 3), (&["后天", "后日"][..], 2)]
    {
        if reader.any(words) {
            return Ok(Some(Day::On(forward(today, days)?)));
        }
    }
    let before = reader.place();
    if reader.literal("明") && reader.peek().is_some_and(|c| ['早', '晚', '上', '下', '中'].contains(&c)) {
        return Ok(Some(Day::On(forward(today, 1)?)));
    }
    reader.back_to(before);
    if reader.any(&["年底", "年末"]) {
        return civil(today.year(), 12, 31).map(Some);
    }
    if reader.any(&["本月底", "这个月底", "月底", "月末", "本月末"]) {
        return month_end(today, today.month()).map(Some);
    }
    if reader.any(&["下个月", "下月"]) {
        let first = first_of_next(today)?;
        if reader.any(&["底", "末"]) {
            return Ok(Some(Day::On(last_of(first)?)));
        }
        let bare = reader.place();
        if let Some((day, _)) = reader.number()
            && reader.one_of(&['日', '号']).is_some()
        {
            return civil(first.year(), first.month(), day).map(Some);
        }
        reader.back_to(bare);
        return Ok(Some(Day::On(first)));
    }
    let weeks = if reader.literal("下下") {
        Some(2)
    } else if reader.literal("下") {
        Some(1)
    } else if reader.any(&["这", "本"]) {
        Some(0)
    } else {
        None
    };
    reader.literal("个");
    if !reader.any(&["周", "星期", "礼拜"]) {
        return Ok(None);
    }
    let day = match reader
        .one_of(&['一', '二', '三', '四', '五', '六', '日', '天', '末', '1', '2', '3', '4', '5', '6', '7'])
    {
        Some(c) => "一二三四五六日1234567"
            .chars()
            .position(|d| d == c)
            .map_or(if c == '末' { 5 } else { 6 }, |place| u64::try_from(place % 7).unwrap_or_default()),
        None if weeks.is_some_and(|weeks| weeks > 0) => 0,
        None => return Ok(None),
    };
    Ok(Some(Day::On(match weeks {
        Some(weeks) => in_week(today, weeks, day)?,
        None => weekday_after(today, day)?,
    })))
}

/// The day of the week, Monday 0.
fn weekday(word: &str) -> Option<u64> {
    Some(match word {
        "mon" | "monday" => 0,
        "tue" | "tues" | "tuesday" => 1,
        "wed" | "weds" | "wednesday" => 2,
        "thu" | "thur" | "thurs" | "thursday" => 3,
        "fri" | "friday" => 4,
        "sat" | "saturday" => 5,
        "sun" | "sunday" => 6,
        _ => return None,
    })
}

/// Takes a month's name and gives its number.
fn month_name(reader: &mut Reader<'_>) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    reader.spaces();
    let word = reader.word();
    if word.len() < 3 {
        return None;
    }
    let place = NAMES
        .iter()
        .position(|name| *name == word || name.get(..3) == Some(&word) || word == "sept" && name.starts_with(&word))?;
    reader.literal(".");
    u32::try_from(place + 1).ok()
}

/// A day and a month, with the year if one follows.
fn with_year(reader: &mut Reader<'_>, today: NaiveDate, month: u32, day: u32) -> Result<Day, WhenFault> {
    let before = reader.place();
    reader.spaces();
    reader.literal(",");
    reader.spaces();
    if let Some((year, 4)) = reader.number()
        && reader.peek() != Some(':')
    {
        return civil(i32::try_from(year).unwrap_or_default(), month, day);
    }
    reader.back_to(before);
    coming(today, month, day)
}

fn civil(year: i32, month: u32, day: u32) -> Result<Day, WhenFault> {
    if !(1..=12).contains(&month) {
        return Err(WhenFault::NoSuchMonth(month));
    }
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => Ok(Day::On(date)),
        None => {
            let first = NaiveDate::from_ymd_opt(year, month, 1).ok_or(WhenFault::TooFar)?;
            Err(WhenFault::NoSuchDay { year, month, day, last: last_of(first)?.day() })
        }
    }
}

/// The next day with this month and day, today included. 29 February is looked for in the year that it would fall in.
fn coming(today: NaiveDate, month: u32, day: u32) -> Result<Day, WhenFault> {
    let over = (month, day) < (today.month(), today.day());
    civil(if over { today.year() + 1 } else { today.year() }, month, day)
}

/// The next such day of a month, today included.
fn day_of_month(today: NaiveDate, day: u32) -> Result<Day, WhenFault> {
    let month = if day < today.day() { first_of_next(today)? } else { today };
    civil(month.year(), month.month(), day)
}

/// The last day of the month with this number, this year's or, once it is over, next year's.
fn month_end(today: NaiveDate, month: u32) -> Result<Day, WhenFault> {
    let year = if month < today.month() { today.year() + 1 } else { today.year() };
    let Day::On(first) = civil(year, month, 1)? else { return Err(WhenFault::NoSuchMonth(month)) };
    Ok(Day::On(last_of(first)?))
}

fn first_of_next(day: NaiveDate) -> Result<NaiveDate, WhenFault> {
    day.with_day(1).and_then(|first| first.checked_add_months(Months::new(1))).ok_or(WhenFault::TooFar)
}

fn last_of(day: NaiveDate) -> Result<NaiveDate, WhenFault> {
    first_of_next(day)?.pred_opt().ok_or(WhenFault::TooFar)
}

fn forward(day: NaiveDate, days: u64) -> Result<NaiveDate, WhenFault> {
    day.checked_add_days(Days::new(days)).ok_or(WhenFault::TooFar)
}

/// The weekday after today; today's own name means a week from now.
fn weekday_after(today: NaiveDate, day: u64) -> Result<NaiveDate, WhenFault> {
    let here = u64::from(today.weekday().num_days_from_monday());
    let ahead = (day + 7 - here) % 7;
    forward(today, if ahead == 0 { 7 } else { ahead })
}

/// The weekday within the week that lies so many weeks ahead.
fn in_week(today: NaiveDate, weeks: u64, day: u64) -> Result<NaiveDate, WhenFault> {
    let here = u64::from(today.weekday().num_days_from_monday());
    let monday = today.checked_sub_days(Days::new(here)).ok_or(WhenFault::TooFar)?;
    forward(monday, weeks * 7 + day)
}
