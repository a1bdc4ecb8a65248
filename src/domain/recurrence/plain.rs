//! How often something comes again, in plain English and Chinese.
//!
//! **Invariant:** what is not understood to its last character is not understood at all.

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::Days;
use crate::text::folded;

/// How often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plain {
    unit: Unit,
    every: u16,
    on: On,
    days: Days,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Month,
    Year,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum On {
    /// Wherever the first one fell.
    Same,
    /// On these days of the week, as RFC 5545 writes them.
    Week(Vec<&'static str>),
    /// On the day of the month; -1 is the last.
    Day(i8),
    /// On a day of the week, counted in the month; -1 is the last.
    Nth(i8, &'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Never,
    Until(NaiveDate),
    Times(u32),
}

const WORKDAYS: [&str; 5] = ["MO", "TU", "WE", "TH", "FR"];

/// Reads a text; nothing where it is no plain one.
pub(super) fn read(text: &str) -> Option<Plain> {
    let text = folded(text);
    let text = text.trim();
    let (rest, end) = ending(text);
    let (rest, days) = working(rest);
    let mut plain = english(rest).or_else(|| chinese(rest))?;
    plain.end = end;
    if days == Days::Working {
        plain.days = days;
    }
    (1..=999).contains(&plain.every).then_some(plain)
}

fn plain(unit: Unit, every: u16, on: On) -> Plain {
    Plain { unit, every, on, days: Days::Any, end: End::Never }
}

fn date(text: &str) -> Option<NaiveDate> {
    let text = text.trim().replace(['年', '月'], "-").replace(['日', '号'], "");
    NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()
}

/// Takes `until 2026-12-31` or `10 times` off the end.
fn ending(text: &str) -> (&str, End) {
    for sign in ["until", "till", "直到", "到"] {
        if let Some((head, day)) = text.rsplit_once(sign)
            && let Some(day) = date(day.trim_end_matches("为止"))
        {
            return (head.trim_end_matches([' ', ',', '，']), End::Until(day));
        }
    }
    for sign in ["times", "次"] {
        let Some(head) = text.strip_suffix(sign).map(str::trim_end) else { continue };
        let digits = head.len() - head.bytes().rev().take_while(u8::is_ascii_digit).count();
        if let (Some(rest), Some(Ok(n))) = (head.get(..digits), head.get(digits..).map(str::parse::<u32>)) {
            let rest = rest.trim_end().trim_end_matches('共').trim_end_matches(" for");
            return (rest.trim_end_matches([' ', ',', '，']), End::Times(n.clamp(1, 10_000)));
        }
    }
    (text, End::Never)
}

/// Takes off that it is to fall on working days.
fn working(text: &str) -> (&str, Days) {
    for sign in ["on working days", "on workdays", "working days only", "遇节假日顺延", "遇假日顺延", "顺延到工作日"]
    {
        if let Some(head) = text.strip_suffix(sign) {
            return (head.trim_end_matches([' ', ',', '，', '(']), Days::Working);
        }
    }
    (text, Days::Any)
}

fn english(text: &str) -> Option<Plain> {
    let core = text.strip_prefix("every ").or_else(|| text.strip_prefix("each ")).unwrap_or(text).trim();
    let (often, on) = core.split_once(" on ").map_or((core, None), |(often, on)| (often, Some(on.trim())));
    let often = often.trim_start_matches("other ").trim();
    let twice = u16::from(core.starts_with("other ")) + 1;
    let (n, unit) = match often.split_once(' ') {
        Some((n, unit)) if n.bytes().all(|b| b.is_ascii_digit()) => (n.parse().ok()?, unit.trim()),
        _ => (1, often),
    };
    let of = |unit, every: u16| Some((unit, every.checked_mul(n)?.checked_mul(twice)?));
    let counted = match unit {
        "day" | "days" | "daily" => of(Unit::Day, 1),
        "week" | "weeks" | "weekly" => of(Unit::Week, 1),
        "fortnight" | "fortnightly" | "biweekly" => of(Unit::Week, 2),
        "month" | "months" | "monthly" => of(Unit::Month, 1),
        "quarter" | "quarters" | "quarterly" => of(Unit::Month, 3),
        "year" | "years" | "yearly" | "annually" => of(Unit::Year, 1),
        _ => None,
    };
    if let Some((unit, every)) = counted {
        let on = match on {
            None => On::Same,
            Some(on) => within(on)?,
        };
        let fits = match &on {
            On::Same => true,
            On::Week(_) => unit == Unit::Week,
            On::Day(_) | On::Nth(..) => unit == Unit::Month,
        };
        return fits.then(|| plain(unit, every, on));
    }
    if on.is_some() || twice > 1 {
        return None;
    }
    match core {
        "workday" | "weekday" | "working day" | "workdays" | "weekdays" => {
            Some(Plain { days: Days::Working, ..plain(Unit::Week, 1, On::Week(WORKDAYS.to_vec())) })
        }
        "month end" | "end of month" | "end of the month" | "monthend" => Some(plain(Unit::Month, 1, On::Day(-1))),
        _ => match within(core)? {
            On::Week(days) => Some(plain(Unit::Week, 1, On::Week(days))),
            on => Some(plain(Unit::Month, 1, on)),
        },
    }
}

/// `mon, thu`, `the 15th`, `first mon`, `last day`.
fn within(text: &str) -> Option<On> {
    let text = text.trim_start_matches("the ").trim_end_matches(" of the month").trim_end_matches(" of month").trim();
    if text == "last day" {
        return Some(On::Day(-1));
    }
    let number = text.trim_start_matches("day ").trim_end_matches(|c: char| c.is_ascii_lowercase());
    if let Ok(day) = number.parse::<i8>() {
        let suffix = text.trim_start_matches("day ").trim_start_matches(|c: char| c.is_ascii_digit());
        return ((1..=31).contains(&day) && matches!(suffix, "" | "st" | "nd" | "rd" | "th")).then_some(On::Day(day));
    }
    if let Some((nth, day)) = text.split_once(' ')
        && let Some(nth) = ordinal(nth)
    {
        return weekday(day).map(|day| On::Nth(nth, day));
    }
    let words = text.replace(" and ", ",").replace(" & ", ",");
    let words = words.split([',', ' ', '/', '、']).filter(|word| !word.is_empty());
    let days: Vec<&'static str> = words.map(weekday).collect::<Option<_>>()?;
    (!days.is_empty()).then_some(On::Week(days))
}

fn ordinal(word: &str) -> Option<i8> {
    Some(match word {
        "first" | "1st" => 1,
        "second" | "2nd" => 2,
        "third" | "3rd" => 3,
        "fourth" | "4th" => 4,
        "last" => -1,
        _ => return None,
    })
}

fn weekday(word: &str) -> Option<&'static str> {
    Some(match word {
        "mon" | "monday" | "mondays" => "MO",
        "tue" | "tues" | "tuesday" | "tuesdays" => "TU",
        "wed" | "wednesday" | "wednesdays" => "WE",
        "thu" | "thur" | "thurs" | "thursday" | "thursdays" => "TH",
        "fri" | "friday" | "fridays" => "FR",
        "sat" | "saturday" | "saturdays" => "SA",
        "sun" | "sunday" | "sundays" => "SU",
        _ => return None,
    })
}

fn chinese(text: &str) -> Option<Plain> {
    let (text, twice) = match text.strip_prefix('每') {
        Some(rest) => (rest, 1),
        None => (text.strip_prefix('隔')?, 2),
    };
    let text = text.trim().trim_start_matches('个');
    let (n, rest) = count(text);
    let every = n.unwrap_or(1).checked_mul(twice)?;
    let rest = rest.trim_start_matches('个');
    let one = |names: &[&str]| names.iter().find_map(|name| rest.strip_prefix(name));
    if let Some("") = one(&["工作日"]) {
        return Some(Plain { days: Days::Working, ..plain(Unit::Week, 1, On::Week(WORKDAYS.to_vec())) });
    }
    if let Some("") = one(&["天", "日"]) {
        return Some(plain(Unit::Day, every, On::Same));
    }
    if let Some(days) = one(&["周", "星期", "礼拜"]) {
        let days = days.trim_start_matches('的').trim_start_matches("周").trim_start_matches("星期");
        let days: Vec<&'static str> =
            days.chars().filter(|c| !"、,，和 ".contains(*c)).map(week_char).collect::<Option<_>>()?;
        return Some(plain(Unit::Week, every, if days.is_empty() { On::Same } else { On::Week(days) }));
    }
    if let Some(day) = one(&["季度", "季"]) {
        return day.is_empty().then(|| every.checked_mul(3).map(|n| plain(Unit::Month, n, On::Same)))?;
    }
    if let Some(day) = one(&["月"]) {
        return Some(plain(Unit::Month, every, month_part(day.trim_start_matches('的'))?));
    }
    (rest == "年").then(|| plain(Unit::Year, every, On::Same))
}

fn month_part(text: &str) -> Option<On> {
    match text {
        "" => return Some(On::Same),
        "底" | "末" | "最后一天" => return Some(On::Day(-1)),
        _ => {}
    }
    let nth = text.strip_prefix("最后一个").map(|day| (-1, day)).or_else(|| {
        let (n, day) = count(text.strip_prefix('第')?);
        Some((i8::try_from(n?).ok().filter(|n| (1..=4).contains(n))?, day.strip_prefix('个')?))
    });
    if let Some((nth, day)) = nth {
        let mut day = ["周", "星期", "礼拜"].iter().find_map(|name| day.strip_prefix(name))?.chars();
        return match (day.next(), day.next()) {
            (Some(day), None) => week_char(day).map(|day| On::Nth(nth, day)),
            _ => None,
        };
    }
    let (n, rest) = count(text);
    let day = i8::try_from(n?).ok().filter(|day| (1..=31).contains(day))?;
    matches!(rest, "" | "号" | "日").then_some(On::Day(day))
}

fn week_char(c: char) -> Option<&'static str> {
    Some(match c {
        '一' => "MO",
        '二' => "TU",
        '三' => "WE",
        '四' => "TH",
        '五' => "FR",
        '六' => "SA",
        '日' | '天' => "SU",
        _ => return None,
    })
}

/// A number at the beginning, in digits or characters up to 99.
fn count(text: &str) -> (Option<u16>, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        return (text.get(..digits).and_then(|n| n.parse().ok()), text.get(digits..).unwrap_or_default());
    }
    let of = |c: char| "一二三四五六七八九".chars().position(|d| d == c).and_then(|at| u16::try_from(at + 1).ok());
    let (mut n, mut taken) = (None, 0);
    for c in text.chars() {
        n = match (c, n) {
            ('两', None) => Some(2),
            ('十', None) => Some(10),
            ('十', Some(tens @ 1..=9)) => Some(tens * 10),
            (c, None) if of(c).is_some() => of(c),
            (c, Some(tens)) if tens % 10 == 0 && of(c).is_some() => Some(tens + of(c).unwrap_or(0)),
            _ => break,
        };
        taken += c.len_utf8();
    }
    (n, text.get(taken..).unwrap_or_default())
}

impl Plain {
    /// The rule for something that is first due then, and the days that it may fall on.
    pub(super) fn on(&self, first: NaiveDateTime) -> (String, Days) {
        let unit = match self.unit {
            Unit::Day => "DAILY",
            Unit::Week => "WEEKLY",
            Unit::Month => "MONTHLY",
            Unit::Year => "YEARLY",
        };
        let mut rule = format!("FREQ={unit};INTERVAL={}", self.every);
        // What has no 31st comes on its last day, and not every other month.
        let by_day = |day: u32| match day {
            29..=31 => {
                let days: Vec<String> = (28..=day).map(|d| d.to_string()).collect();
                format!(";BYMONTHDAY={};BYSETPOS=-1", days.join(","))
            }
            _ => format!(";BYMONTHDAY={day}"),
        };
        rule += &match (&self.on, self.unit) {
            (On::Week(days), _) => format!(";BYDAY={}", days.join(",")),
            (On::Day(-1), _) => ";BYMONTHDAY=-1".to_owned(),
            (On::Day(day), _) => by_day(u32::from(day.unsigned_abs())),
            (On::Nth(nth, day), _) => format!(";BYDAY={nth}{day}"),
            (On::Same, Unit::Month) => by_day(first.day()),
            (On::Same, Unit::Year) => format!(";BYMONTH={}{}", first.month(), by_day(first.day())),
            (On::Same, _) => String::new(),
        };
        match self.end {
            End::Never => {}
            End::Until(day) => rule += &format!(";UNTIL={}T235959Z", day.format("%Y%m%d")),
            End::Times(n) => rule += &format!(";COUNT={n}"),
        }
        (rule, self.days)
    }
}
