//! A recurrence in words.
//!
//! **Invariant:** a rule that the words cannot say in full is shown as it is written.

use super::{Days, Recurrence};
use crate::domain::field::Lang;

const CODES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const ENGLISH: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const CHINESE: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

#[derive(Default)]
struct Parts<'a> {
    unit: &'a str,
    every: u32,
    days: Option<&'a str>,
    month_days: Option<&'a str>,
    last_of_them: Option<&'a str>,
    end: Option<Ends<'a>>,
}

enum Ends<'a> {
    On(&'a str),
    After(u32),
}

impl<'a> Parts<'a> {
    fn of(rule: &'a str) -> Option<Self> {
        let mut out = Self { every: 1, ..Self::default() };
        for part in rule.split(';') {
            let (key, value) = part.split_once('=')?;
            match key {
                "FREQ" => out.unit = value,
                "INTERVAL" => out.every = value.parse().ok()?,
                "BYDAY" => out.days = Some(value),
                "BYMONTHDAY" => out.month_days = Some(value),
                "BYSETPOS" => out.last_of_them = Some(value),
                "UNTIL" => out.end = Some(Ends::On(value.get(..8)?)),
                "COUNT" => out.end = Some(Ends::After(value.parse().ok()?)),
                // Of these the first time says enough.
                "BYMONTH" | "BYHOUR" | "BYMINUTE" | "BYSECOND" | "WKST" => {}
                _ => return None,
            }
        }
        Some(out)
    }

    /// The one day of the month that is meant.
    fn month_day(&self) -> Option<Option<i32>> {
        let Some(days) = self.month_days else { return Some(None) };
        match (self.last_of_them, days.split(',').count()) {
            (None, 1) => days.parse().ok().map(Some),
            // The last of 28 to 31 is how a month without a 31st is written.
            (Some("-1"), _) if days.starts_with("28") => days.rsplit(',').next()?.parse().ok().map(Some),
            _ => None,
        }
    }

    /// The days of the week, each with its count in the month, if it has one.
    fn week_days(&self) -> Option<Vec<(i32, usize)>> {
        let split = |code: &str| {
            let (nth, day) = code.split_at_checked(code.len().checked_sub(2)?)?;
            let nth = if nth.is_empty() { 0 } else { nth.parse().ok()? };
            Some((nth, CODES.iter().position(|c| *c == day)?))
        };
        self.days.map_or(Some(Vec::new()), |days| days.split(',').map(split).collect())
    }
}

impl Recurrence {
    /// It in words: `every 2 weeks on Mon, Thu`, `每2周的周一、四`.
    pub fn words(&self, lang: Lang) -> String {
        let words = Parts::of(&self.rule).and_then(|parts| match lang {
            Lang::En => english(&parts, self.days),
            Lang::ZhCn => chinese(&parts, self.days),
        });
        words.unwrap_or_else(|| self.rule.clone())
    }
}

fn is_workdays(days: &[(i32, usize)]) -> bool {
    days.iter().copied().eq((0..5).map(|day| (0, day)))
}

fn english(parts: &Parts<'_>, days: Days) -> Option<String> {
    let week = parts.week_days()?;
    let unit = match parts.unit {
        "DAILY" => "day",
        "WEEKLY" => "week",
        "MONTHLY" => "month",
        "YEARLY" => "year",
        _ => return None,
    };
    let working = parts.unit == "WEEKLY" && parts.every == 1 && is_workdays(&week) && days == Days::Working;
    let mut out = match parts.every {
        _ if working => "every working day".to_owned(),
        1 => format!("every {unit}"),
        n => format!("every {n} {unit}s"),
    };
    let name = |day: usize| ENGLISH.get(day).copied().unwrap_or_default();
    match (&week[..], parts.month_day()?) {
        _ if working => {}
        ([], None) => {}
        ([], Some(-1)) => out += " on the last day",
        ([], Some(_)) if parts.unit == "YEARLY" => {}
        ([], Some(day)) => out += &format!(" on the {}", nth(day)),
        ([(0, _), ..], None) => {
            out += &format!(" on {}", week.iter().map(|(_, day)| name(*day)).collect::<Vec<_>>().join(", "));
        }
        ([(-1, day)], None) => out += &format!(" on the last {}", name(*day)),
        ([(n, day)], None) => out += &format!(" on the {} {}", nth(*n), name(*day)),
        _ => return None,
    }
    if days == Days::Working && !working {
        out += ", on working days";
    }
    match parts.end {
        None => {}
        Some(Ends::On(day)) => out += &format!(", until {}", dashed(day)?),
        Some(Ends::After(n)) => out += &format!(", {n} times"),
    }
    Some(out)
}

fn nth(n: i32) -> String {
    let suffix = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

fn chinese(parts: &Parts<'_>, days: Days) -> Option<String> {
    let week = parts.week_days()?;
    let (one, many) = match parts.unit {
        "DAILY" => ("天", "天"),
        "WEEKLY" => ("周", "周"),
        "MONTHLY" => ("月", "个月"),
        "YEARLY" => ("年", "年"),
        _ => return None,
    };
    let working = parts.unit == "WEEKLY" && parts.every == 1 && is_workdays(&week) && days == Days::Working;
    let mut out = match parts.every {
        _ if working => "每个工作日".to_owned(),
        1 => format!("每{one}"),
        n => format!("每{n}{many}"),
    };
    let name = |day: usize| CHINESE.get(day).copied().unwrap_or_default();
    match (&week[..], parts.month_day()?) {
        _ if working => {}
        ([], None) => {}
        ([], Some(-1)) => out += "最后一天",
        ([], Some(_)) if parts.unit == "YEARLY" => {}
        ([], Some(day)) => out += &format!("{day}日"),
        ([(0, _), ..], None) => {
            out += if parts.every == 1 { "" } else { "的周" };
            out += &week.iter().map(|(_, day)| name(*day)).collect::<Vec<_>>().join("、");
        }
        ([(-1, day)], None) => out += &format!("最后一个周{}", name(*day)),
        ([(n, day)], None) => out += &format!("第{n}个周{}", name(*day)),
        _ => return None,
    }
    if days == Days::Working && !working {
        out += "，遇假日顺延";
    }
    match parts.end {
        None => {}
        Some(Ends::On(day)) => out += &format!("，到{}", dashed(day)?),
        Some(Ends::After(n)) => out += &format!("，共{n}次"),
    }
    Some(out)
}

fn dashed(day: &str) -> Option<String> {
    Some(format!("{}-{}-{}", day.get(..4)?, day.get(4..6)?, day.get(6..8)?))
}
