//! How a due time is shown.
//!
//! **Invariant:** a form never takes more than 18 cells in [`show`], so that a column can hold it.

use chrono::{Datelike, FixedOffset, NaiveDate};

use crate::clock::Timestamp;
use crate::domain::field::Lang;

const DAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A due time in its short form: `today 15:00`, `Tue 09:00`, `1 Dec 09:00`, `2 d overdue`, `今天 15:00`, `逾期2天`.
pub fn show(at: Timestamp, now: Timestamp, offset: FixedOffset, lang: Lang) -> String {
    let (due, here) = (at.at(offset), now.at(offset));
    let days = due.date_naive().signed_duration_since(here.date_naive()).num_days();
    if at < now {
        return overdue(now.since(at) / 60_000, -days, lang);
    }
    let time = due.format("%H:%M");
    match (lang, days) {
        (Lang::En, 0) => format!("today {time}"),
        (Lang::En, 1) => format!("tomorrow {time}"),
        (Lang::ZhCn, 0) => format!("今天 {time}"),
        (Lang::ZhCn, 1) => format!("明天 {time}"),
        (_, 2..=6) => format!("{} {time}", weekday(due.weekday(), lang)),
        (Lang::En, _) if due.year() == here.year() => format!("{} {} {time}", due.day(), month(due.month())),
        (Lang::En, _) => format!("{} {} {}", due.day(), month(due.month()), due.year()),
        (Lang::ZhCn, _) if due.year() == here.year() => format!("{}月{}日 {time}", due.month(), due.day()),
        (Lang::ZhCn, _) => format!("{}年{}月{}日", due.year(), due.month(), due.day()),
    }
}

/// A due time with all that there is to check: `Tue 24 Nov 2026, 15:00`, `2026年11月24日 周二 15:00`.
pub fn show_full(at: Timestamp, offset: FixedOffset, lang: Lang) -> String {
    let due = at.at(offset);
    let (day, time) = (show_day(due.date_naive(), lang), due.format("%H:%M"));
    match lang {
        Lang::En => format!("{day}, {time}"),
        Lang::ZhCn => format!("{day} {time}"),
    }
}

/// A day with all that there is to check: `Tue 24 Nov 2026`, `2026年11月24日 周二`.
pub fn show_day(day: NaiveDate, lang: Lang) -> String {
    let name = weekday(day.weekday(), lang);
    match lang {
        Lang::En => format!("{name} {} {} {}", day.day(), month(day.month()), day.year()),
        Lang::ZhCn => format!("{}年{}月{}日 {name}", day.year(), day.month(), day.day()),
    }
}

/// The short name of a day of the week: `Tue`, `周二`.
pub fn show_weekday(day: NaiveDate, lang: Lang) -> &'static str {
    weekday(day.weekday(), lang)
}

fn overdue(minutes: i64, days: i64, lang: Lang) -> String {
    let (count, en, zh) = match minutes {
        ..60 => (minutes.max(1), "min", "分钟"),
        60..1440 => (minutes / 60, "h", "小时"),
        _ => (days.max(1), "d", "天"),
    };
    match lang {
        Lang::En => format!("{count} {en} overdue"),
        Lang::ZhCn => format!("逾期{count}{zh}"),
    }
}

fn weekday(day: chrono::Weekday, lang: Lang) -> &'static str {
    let names = match lang {
        Lang::En => &DAYS_EN,
        Lang::ZhCn => &DAYS_ZH,
    };
    usize::try_from(day.num_days_from_monday()).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
}

fn month(number: u32) -> &'static str {
    usize::try_from(number).ok().and_then(|n| MONTHS.get(n.checked_sub(1)?)).copied().unwrap_or_default()
}
