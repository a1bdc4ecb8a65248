//! Tables of dates as people write them.

use chrono::{FixedOffset, NaiveDateTime};

use super::*;
use crate::domain::field::Lang;

fn zone() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).expect("a zone")
}

fn moment(text: &str) -> Timestamp {
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a moment");
    naive.and_local_timezone(zone()).single().expect("one").into()
}

/// Reads each text at `now`, a Saturday in most tables.
fn check(now: &str, rows: &[(&str, &str)]) {
    for (text, expected) in rows {
        let read = parse(text, moment(now), zone()).map(|at| at.at(zone()).format("%Y-%m-%d %H:%M").to_string());
        assert_eq!(read.as_deref(), Ok(*expected), "{text:?} at {now}");
    }
}

fn check_fault(now: &str, rows: &[(&str, WhenFault)]) {
    for (text, expected) in rows {
        assert_eq!(parse(text, moment(now), zone()), Err(*expected), "{text:?} at {now}");
    }
}

#[test]
fn english_dates_are_read() {
    check(
        "2026-11-21 10:20",
        &[
            ("tomorrow 3pm", "2026-11-22 15:00"),
            ("tomorrow 15:00", "2026-11-22 15:00"),
            ("Tomorrow at 3", "2026-11-22 15:00"),
            ("3:30 pm tomorrow", "2026-11-22 15:30"),
            ("3.30pm tomorrow", "2026-11-22 15:30"),
            ("tomorrow 10 a.m.", "2026-11-22 10:00"),
            ("tomorrow", "2026-11-22 09:00"),
            ("tmr afternoon", "2026-11-22 14:00"),
            ("tomorrow in the morning", "2026-11-22 09:00"),
            ("the day after tomorrow noon", "2026-11-23 12:00"),
            ("today 18:30", "2026-11-21 18:30"),
            ("today", "2026-11-21 11:00"),
            ("tonight", "2026-11-21 19:00"),
            ("tonight at 8", "2026-11-21 20:00"),
            ("this afternoon", "2026-11-21 14:00"),
            ("11:00", "2026-11-21 11:00"),
            ("9:00", "2026-11-22 09:00"),
            ("12am", "2026-11-22 00:00"),
            ("12 pm", "2026-11-21 12:00"),
            ("tue", "2026-11-24 09:00"),
            ("next tue", "2026-11-24 09:00"),
            ("friday", "2026-11-27 09:00"),
            ("saturday", "2026-11-28 09:00"),
            ("this sunday 10:00", "2026-11-22 10:00"),
            ("next week", "2026-11-23 09:00"),
            ("next month", "2026-12-01 09:00"),
            ("in 2 weeks", "2026-12-05 09:00"),
            ("in 3 days", "2026-11-24 09:00"),
            ("in 3 days at 16:00", "2026-11-24 16:00"),
            ("in 2 hours", "2026-11-21 12:20"),
            ("in an hour", "2026-11-21 11:20"),
            ("in half an hour", "2026-11-21 10:50"),
            ("in a week", "2026-11-28 09:00"),
            ("2 weeks from now", "2026-12-05 09:00"),
            ("+2d", "2026-11-23 09:00"),
            ("+30m", "2026-11-21 10:50"),
            ("+1w 15:00", "2026-11-28 15:00"),
            ("+1mo", "2026-12-21 09:00"),
            ("2026-12-01", "2026-12-01 09:00"),
            ("2026-12-01 15:00", "2026-12-01 15:00"),
            ("2026-12-01T15:00", "2026-12-01 15:00"),
            ("2026/12/1", "2026-12-01 09:00"),
            ("20261201", "2026-12-01 09:00"),
            ("12-01", "2026-12-01 09:00"),
            ("12/1 8:05", "2026-12-01 08:05"),
            ("11-20", "2027-11-20 09:00"),
            ("1 dec", "2026-12-01 09:00"),
            ("dec 1", "2026-12-01 09:00"),
            ("1st of December 2027", "2027-12-01 09:00"),
            ("December 1, 2027 at 10:00", "2027-12-01 10:00"),
            ("on 3 March", "2027-03-03 09:00"),
            ("month end", "2026-11-30 09:00"),
            ("end of month 17:00", "2026-11-30 17:00"),
            ("end of next month", "2026-12-31 09:00"),
            ("year end", "2026-12-31 09:00"),
        ],
    );
}

#[test]
fn chinese_dates_are_read() {
    check(
        "2026-11-21 10:20",
        &[
            ("后天下午3点", "2026-11-23 15:00"),
            ("大后天", "2026-11-24 09:00"),
            ("明天", "2026-11-22 09:00"),
            ("明天下午", "2026-11-22 14:00"),
            ("明早", "2026-11-22 09:00"),
            ("明天三点", "2026-11-22 15:00"),
            ("明天9点一刻", "2026-11-22 09:15"),
            ("今晚8点", "2026-11-21 20:00"),
            ("今晚12点", "2026-11-22 00:00"),
            ("今天 15:00", "2026-11-21 15:00"),
            ("下周一", "2026-11-23 09:00"),
            ("下周", "2026-11-23 09:00"),
            ("下下周三", "2026-12-02 09:00"),
            ("周五上午10点", "2026-11-27 10:00"),
            ("星期日", "2026-11-22 09:00"),
            ("下礼拜天", "2026-11-29 09:00"),
            ("月底", "2026-11-30 09:00"),
            ("下月底", "2026-12-31 09:00"),
            ("12月底", "2026-12-31 09:00"),
            ("下个月3号", "2026-12-03 09:00"),
            ("25号", "2026-11-25 09:00"),
            ("5号", "2026-12-05 09:00"),
            ("3天后", "2026-11-24 09:00"),
            ("3日后", "2026-11-24 09:00"),
            ("两周后", "2026-12-05 09:00"),
            ("十天后下午两点半", "2026-12-01 14:30"),
            ("半小时后", "2026-11-21 10:50"),
            ("两个小时后", "2026-11-21 12:20"),
            ("一个月后", "2026-12-21 09:00"),
            ("12月1日 15点半", "2026-12-01 15:30"),
            ("十二月一日十五点二十五分", "2026-12-01 15:25"),
            ("2026年12月1日", "2026-12-01 09:00"),
            ("１２月１日　１５：００", "2026-12-01 15:00"),
            ("ｔｏｍｏｒｒｏｗ　３ｐｍ", "2026-11-22 15:00"),
            ("週五", "2026-11-27 09:00"),
            ("周末", "2026-11-28 09:00"),
        ],
    );
}

#[test]
fn next_weekday_is_the_one_of_next_week_in_both_languages() {
    check(
        "2026-11-23 08:00",
        &[
            ("next tue", "2026-12-01 09:00"),
            ("下周二", "2026-12-01 09:00"),
            ("tue", "2026-11-24 09:00"),
            ("monday", "2026-11-30 09:00"),
            ("this fri", "2026-11-27 09:00"),
            ("本周五", "2026-11-27 09:00"),
            ("today", "2026-11-23 09:00"),
        ],
    );
}

#[test]
fn years_turn_and_leap_days_are_known() {
    check(
        "2026-12-31 23:30",
        &[
            ("tomorrow", "2027-01-01 09:00"),
            ("today", "2026-12-31 23:59"),
            ("1 jan", "2027-01-01 09:00"),
            ("in 1 hour", "2027-01-01 00:30"),
            ("下月底", "2027-01-31 09:00"),
            ("+2mo", "2027-02-28 09:00"),
        ],
    );
    check(
        "2028-02-28 12:00",
        &[("tomorrow", "2028-02-29 09:00"), ("月底", "2028-02-29 09:00"), ("29 feb", "2028-02-29 09:00")],
    );
    check_fault(
        "2026-11-21 10:20",
        &[
            ("31 February", WhenFault::NoSuchDay { year: 2027, month: 2, day: 31, last: 28 }),
            ("02-29", WhenFault::NoSuchDay { year: 2027, month: 2, day: 29, last: 28 }),
            ("2月30日", WhenFault::NoSuchDay { year: 2027, month: 2, day: 30, last: 28 }),
            ("31号", WhenFault::NoSuchDay { year: 2026, month: 11, day: 31, last: 30 }),
            ("2026-13-01", WhenFault::NoSuchMonth(13)),
        ],
    );
}

#[test]
fn what_cannot_be_is_said() {
    check_fault(
        "2026-11-21 10:20",
        &[
            ("", WhenFault::Empty),
            ("   ", WhenFault::Empty),
            ("soon", WhenFault::Unread { at: 0 }),
            ("tomorrow maybe", WhenFault::Unread { at: 9 }),
            ("tomorrow friday", WhenFault::Unread { at: 9 }),
            ("明天再说", WhenFault::Unread { at: 2 }),
            ("today 9:00", WhenFault::Past),
            ("2026-11-21 8:00", WhenFault::Past),
            ("2020-01-01", WhenFault::Past),
            ("本周一", WhenFault::Past),
            ("tomorrow 25:00", WhenFault::NoSuchTime),
            ("tomorrow 13pm", WhenFault::NoSuchTime),
            ("tomorrow 10:75", WhenFault::NoSuchTime),
            ("in 99999999 days", WhenFault::TooFar),
            ("9999-12-31", WhenFault::TooFar),
            ("1234567890123", WhenFault::Unread { at: 0 }),
            ("\u{1b}[2J", WhenFault::Unread { at: 0 }),
        ],
    );
}

#[test]
fn a_step_may_say_what_is_to_be_done() {
    for (text, at, what) in [
        ("tomorrow 15:00 send the quote", "2026-11-22 15:00", "send the quote"),
        ("明天下午3点回访", "2026-11-22 15:00", "回访"),
        ("fri", "2026-11-27 09:00", ""),
    ] {
        assert_eq!(lead(text, moment("2026-11-21 10:20"), zone()), Ok((moment(at), what)), "{text:?}");
    }
}

#[test]
fn the_next_step_stands_behind_the_last_arrow() {
    for (text, said, next) in [
        ("spoke to wife, wants quote → tomorrow 15:00", "spoke to wife, wants quote", Some("tomorrow 15:00")),
        ("wants quote -> fri", "wants quote", Some("fri")),
        ("moved a -> b => fri", "moved a -> b", Some("fri")),
        ("客户要报价→明天", "客户要报价", Some("明天")),
        ("客户要报价－＞明天", "客户要报价", Some("明天")),
        ("no answer", "no answer", None),
        ("no answer ->", "no answer", Some("")),
    ] {
        assert_eq!(split_next(text), (said.to_owned(), next.map(str::to_owned)), "{text:?}");
    }
}

#[test]
fn due_times_are_shown_short_in_both_languages() {
    for (at, en, zh) in [
        ("2026-11-21 15:00", "today 15:00", "今天 15:00"),
        ("2026-11-22 09:00", "tomorrow 09:00", "明天 09:00"),
        ("2026-11-24 09:00", "Tue 09:00", "周二 09:00"),
        ("2026-11-28 09:00", "28 Nov 09:00", "11月28日 09:00"),
        ("2027-01-05 09:00", "5 Jan 2027", "2027年1月5日"),
        ("2026-11-21 10:00", "20 min overdue", "逾期20分钟"),
        ("2026-11-21 07:00", "3 h overdue", "逾期3小时"),
        ("2026-11-19 09:00", "2 d overdue", "逾期2天"),
    ] {
        let now = moment("2026-11-21 10:20");
        assert_eq!(show(moment(at), now, zone(), Lang::En), en, "{at}");
        assert_eq!(show(moment(at), now, zone(), Lang::ZhCn), zh, "{at}");
    }
    assert_eq!(show_full(moment("2026-11-24 15:00"), zone(), Lang::En), "Tue 24 Nov 2026, 15:00");
    assert_eq!(show_full(moment("2026-11-24 15:00"), zone(), Lang::ZhCn), "2026年11月24日 周二 15:00");
}

proptest::proptest! {
    #[test]
    fn no_text_stops_the_reader(text in "\\PC{0,40}") {
        if let Ok(at) = parse(&text, moment("2026-11-21 10:20"), zone()) {
            assert!(at > moment("2026-11-21 10:20"));
        }
    }
}
