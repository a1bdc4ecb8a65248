//! Recurrences: what is understood, when they come, and how they are said.

use chrono::NaiveDateTime;
use proptest::prelude::*;

use super::{Days, Recurrence, RecurrenceFault};
use crate::domain::field::Lang;
use crate::domain::working_days::WorkingDays;

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

/// The next dates after the first one, which is Tue 24 Nov 2026, 15:00.
fn dates(text: &str, count: usize) -> Vec<String> {
    let made = Recurrence::read(text, at("2026-11-24 15:00")).unwrap();
    let mut last = at("2026-11-24 15:00");
    let mut out = Vec::new();
    while out.len() < count {
        let Some(next) = made.next(last, &WorkingDays::default()) else { break };
        assert!(next > last, "{text}");
        assert_eq!(next.time(), last.time(), "{text}");
        out.push(next.format("%m-%d").to_string());
        last = next;
    }
    out
}

#[test]
fn both_languages_say_how_often() {
    for (text, expected) in [
        ("daily", ["11-25", "11-26", "11-27"]),
        ("every day", ["11-25", "11-26", "11-27"]),
        ("every 2 weeks", ["12-08", "12-22", "01-05"]),
        ("Every other week", ["12-08", "12-22", "01-05"]),
        ("fortnightly", ["12-08", "12-22", "01-05"]),
        ("every mon, thu", ["11-26", "11-30", "12-03"]),
        ("every Monday and Thursday", ["11-26", "11-30", "12-03"]),
        ("every 2 weeks on mon", ["12-07", "12-21", "01-04"]),
        ("monthly", ["12-24", "01-24", "02-24"]),
        ("monthly on the 15th", ["12-15", "01-15", "02-15"]),
        ("every 15th of the month", ["12-15", "01-15", "02-15"]),
        ("end of month", ["11-30", "12-31", "01-31"]),
        ("every first mon", ["12-07", "01-04", "02-01"]),
        ("last fri of the month", ["11-27", "12-25", "01-29"]),
        ("quarterly", ["02-24", "05-24", "08-24"]),
        ("every workday", ["11-25", "11-26", "11-27"]),
        ("yearly", ["11-24", "11-24", "11-24"]),
        ("每天", ["11-25", "11-26", "11-27"]),
        ("每两周", ["12-08", "12-22", "01-05"]),
        ("隔周", ["12-08", "12-22", "01-05"]),
        ("每周一、四", ["11-26", "11-30", "12-03"]),
        ("每2周的周一", ["12-07", "12-21", "01-04"]),
        ("每月15号", ["12-15", "01-15", "02-15"]),
        ("每月十五日", ["12-15", "01-15", "02-15"]),
        ("每月底", ["11-30", "12-31", "01-31"]),
        ("每个月最后一天", ["11-30", "12-31", "01-31"]),
        ("每月第一个周一", ["12-07", "01-04", "02-01"]),
        ("每季度", ["02-24", "05-24", "08-24"]),
        ("每个工作日", ["11-25", "11-26", "11-27"]),
        ("每３个月", ["02-24", "05-24", "08-24"]),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,TH", ["11-26", "11-30", "12-03"]),
        ("FREQ=MONTHLY;BYMONTHDAY=15", ["12-15", "01-15", "02-15"]),
    ] {
        assert_eq!(dates(text, 3), expected, "{text}");
    }
}

#[test]
fn a_recurrence_ends_after_a_day_or_a_number_of_times() {
    assert_eq!(dates("every week until 2026-12-10", 9), ["12-01", "12-08"]);
    assert_eq!(dates("每周，到2026年12月10日为止", 9), ["12-01", "12-08"]);
    // The first one counts.
    assert_eq!(dates("every week, 3 times", 9), ["12-01", "12-08"]);
    assert_eq!(dates("每周共3次", 9), ["12-01", "12-08"]);
}

#[test]
fn a_month_without_such_a_day_has_its_last() {
    let made = Recurrence::read("monthly", at("2027-01-31 09:00")).unwrap();
    let next = made.next(at("2027-01-31 09:00"), &WorkingDays::default());
    assert_eq!(next, Some(at("2027-02-28 09:00")));
    assert_eq!(made.next(at("2027-02-28 09:00"), &WorkingDays::default()), Some(at("2027-03-31 09:00")));
    let made = Recurrence::read("yearly", at("2028-02-29 09:00")).unwrap();
    assert_eq!(made.next(at("2028-02-29 09:00"), &WorkingDays::default()), Some(at("2029-02-28 09:00")));
}

#[test]
fn on_working_days_it_moves_over_weekends_and_holidays() {
    let calendar = WorkingDays::read("2026-11-30 holiday\n2026-12-05 working\n").unwrap();
    let made = Recurrence::read("end of month on working days", at("2026-10-30 09:00")).unwrap();
    assert_eq!(made.days(), Days::Working);
    assert_eq!(made.next(at("2026-11-01 09:00"), &calendar), Some(at("2026-12-01 09:00")));
    let made = Recurrence::read("每周六，遇假日顺延", at("2026-11-28 09:00")).unwrap();
    assert_eq!(made.next(at("2026-11-28 09:00"), &calendar), Some(at("2026-12-05 09:00")));
    assert_eq!(made.next(at("2026-12-05 09:00"), &calendar), Some(at("2026-12-14 09:00")));
}

#[test]
fn what_never_comes_or_comes_too_often_is_refused() {
    let first = at("2026-11-24 15:00");
    for (text, fault) in [
        ("", RecurrenceFault::Unread),
        ("sometimes", RecurrenceFault::Unread),
        ("every 0 days", RecurrenceFault::Unread),
        ("every 32nd", RecurrenceFault::Unread),
        ("every mon the", RecurrenceFault::Unread),
        ("每", RecurrenceFault::Unread),
        ("每月32号", RecurrenceFault::Unread),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", RecurrenceFault::Never),
        ("FREQ=DAILY;UNTIL=20200101T000000Z", RecurrenceFault::Never),
        ("every day until 2026-11-24", RecurrenceFault::Never),
        ("every day, 1 times", RecurrenceFault::Never),
        ("FREQ=SECONDLY", RecurrenceFault::TooOften),
        ("FREQ=DAILY;BYHOUR=1,2,3", RecurrenceFault::TooOften),
        ("FREQ=HOURLY", RecurrenceFault::TooOften),
    ] {
        assert_eq!(Recurrence::read(text, first), Err(fault), "{text}");
    }
    assert_eq!(Recurrence::read(&"every ".repeat(2_000), first), Err(RecurrenceFault::Unread));
}

#[test]
fn it_is_said_in_both_languages() {
    for (text, en, zh) in [
        ("daily", "every day", "每天"),
        ("every 2 weeks on mon, wed", "every 2 weeks on Mon, Wed", "每2周的周一、三"),
        ("every mon", "every week on Mon", "每周一"),
        ("每月15号", "every month on the 15th", "每月15日"),
        ("every 31st", "every month on the 31st", "每月31日"),
        ("end of month on working days", "every month on the last day, on working days", "每月最后一天，遇假日顺延"),
        ("last fri", "every month on the last Fri", "每月最后一个周五"),
        ("every first mon", "every month on the 1st Mon", "每月第1个周一"),
        ("every workday", "every working day", "每个工作日"),
        ("quarterly", "every 3 months on the 24th", "每3个月24日"),
        ("yearly until 2030-01-01", "every year, until 2030-01-01", "每年，到2030-01-01"),
        ("every week, 3 times", "every week, 3 times", "每周，共3次"),
    ] {
        let made = Recurrence::read(text, at("2026-11-24 15:00")).unwrap();
        assert_eq!(made.words(Lang::En), en);
        assert_eq!(made.words(Lang::ZhCn), zh);
        for words in [en, zh] {
            assert_eq!(Recurrence::read(words, made.since()).as_ref(), Ok(&made), "{words}");
        }
    }
}

#[test]
fn a_kept_recurrence_is_the_one_that_was_read() {
    let made = Recurrence::read("every 2 weeks on mon", at("2026-11-24 15:00")).unwrap();
    assert_eq!(Recurrence::kept(made.rule().to_owned(), made.days(), made.since()), made);
    assert_eq!(Recurrence::read(made.rule(), made.since()).unwrap().rule(), made.rule());
}

proptest! {
    #[test]
    fn whatever_is_typed_is_read_or_refused(text in "\\PC{0,40}|(every|每|隔|[0-9]{1,3}|周|月|日| |mon|week|day|第|个|底){0,8}|FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(INTERVAL|BYDAY|BYMONTHDAY|BYMONTH|BYSETPOS|BYYEARDAY|BYWEEKNO|COUNT)=[-0-9MOTU,]{1,6}){0,4}") {
        if let Ok(made) = Recurrence::read(&text, at("2026-11-24 15:00")) {
            prop_assert!(made.next(at("2026-11-24 15:00"), &WorkingDays::default()).is_some());
            prop_assert!(!made.words(Lang::En).is_empty() && !made.words(Lang::ZhCn).is_empty());
        }
    }
}
