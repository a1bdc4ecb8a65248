//! Queries as they are read, written back, refused with their place, and completed.

use chrono::{NaiveDate, TimeZone};
use proptest::prelude::*;

use super::*;
use crate::domain::customer::Stage;
use crate::domain::field::Lang;
use crate::domain::schema;

/// Friday, 2026-11-20, 10:00 at UTC+8.
fn here() -> Here {
    let offset = FixedOffset::east_opt(8 * 3_600).unwrap();
    Here { now: offset.with_ymd_and_hms(2026, 11, 20, 10, 0, 0).unwrap().into(), offset }
}

fn words() -> Vocabulary {
    Vocabulary {
        owners: vec!["wang".into(), "li.na".into()],
        tags: vec!["vip".into(), "老客户".into(), "big deal".into()],
        ..Vocabulary::of(&schema::sample())
    }
}

fn read(text: &str) -> CustomerQuery {
    parse(text, &words(), here()).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

/// `text` reads as the query that is written `wanted`, and that one reads as itself.
fn check(text: &str, wanted: &str) {
    let query = read(text);
    assert_eq!(query.to_string(), wanted, "{text}");
    assert_eq!(read(wanted), query, "{text}");
}

fn fault(text: &str, place: &str, wanted: &QueryFaultKind) {
    let fault = parse(text, &words(), here()).expect_err(text);
    let at: String = text.chars().skip(fault.at.start).take(fault.at.len()).collect();
    assert_eq!((at.as_str(), &fault.kind), (place, wanted), "{text}");
}

#[test]
fn a_query_reads_the_same_in_both_languages_and_widths() {
    check("tag:vip -tag:cold owner:me stage:lead", "tag:vip -tag:cold owner:me stage:lead");
    check("标签:vip，new 负责人：我 阶段:线索、流失", "tag:vip,new owner:me stage:lead,lost");
    check("ＴＡＧ：ｖｉｐ　－ｔａｇ：ｃｏｌｄ", "tag:vip -tag:cold");
    check("tag:\"big deal\",vip", "tag:\"big deal\",vip");
    check("owner:WANG,nobody 负责人:公海", "owner:wang,nobody owner:nobody");
    check(
        "company:acme 公司:阿里 field.company=\"Acme Ltd\"",
        "field.company:acme field.company:阿里 field.company=\"Acme Ltd\"",
    );
    check("has:email,follow-up 有:手机 -has:tag", "has:email,follow_up has:mobile -has:tag");
    check("kind:公司 basis:none source:fair id:#12,13", "kind:company basis:not_known_yet source:fair id:12,13");
    check("pool<7d 公海<=2周 -pool:3 回公海>30天", "pool<7d pool<=14d -pool<=3d pool>30d");
    check("", "");
}

#[test]
fn free_words_stay_free_words() {
    check("zhang 张三", "zhang 张三");
    check("\"free words\"", "\"free words\"");
    check("“free words” 10:30 -cold", "\"free words\" \"10:30\" -cold");
    check("138-0000-1234 ann@example.com", "138-0000-1234 ann@example.com");
    check("\"tag:vip\"", "\"tag:vip\"");
    check("AT&T o'neill, a/b", "AT&T o'neill, a/b");
}

#[test]
fn times_are_read_as_days_stretches_and_distances() {
    check("last>90d", "last>90d");
    check("last≥3个月 上次联系:从未", "last>=3m last:never");
    check("created:2026-01..2026-03", "created:2026-01..2026-03");
    check("创建:2026年1月至2026年3月5日", "created:2026-01..2026-03-05");
    check("due:today,overdue 跟进:逾期", "due:today,overdue due:overdue");
    check("due:明天 due:后天 due:下周 created:前天", "due:tomorrow due:today+2 due:next-week created:today-2");
    check("due<=7d created:\"last month\" updated:2026", "due<=7d created:last-month updated:2026");
    check("due:\"next tue\"", "due:2026-11-24");
    check("created:..2026-03 updated:2026-01-05..", "created:..2026-03 updated:2026-01-05..");
}

#[test]
fn amounts_are_read_with_units_and_thousands() {
    check("amount>5000", "amount>5000");
    check("amount:>=5,000.50 金额<2万 amount:1k..3k", "amount>=5000.50 amount<20000 amount:1000..3000");
    check("amount:1.5万", "amount:15000");
}

#[test]
fn what_cannot_be_read_says_where_and_what_would_be_right() {
    use QueryFaultKind::*;
    let meant = |word: &str| Some(word.to_owned());
    fault("zhang stge:lead", "stge", &UnknownKey { meant: meant("stage") });
    fault("foo:bar", "foo", &UnknownKey { meant: None });
    fault("compny:acme", "compny", &UnknownKey { meant: meant("company") });
    fault("field.compny:acme", "field.compny", &UnknownField { meant: meant("company") });
    fault("field:acme", "field", &UnknownField { meant: None });
    fault("stage:led", "led", &UnknownValue { key: Key::Stage, meant: meant("lead") });
    fault("阶段:线锁", "线锁", &UnknownValue { key: Key::Stage, meant: meant("线索") });
    fault("has:emial", "emial", &UnknownValue { key: Key::Has, meant: meant("email") });
    fault("owner:wnag", "wnag", &UnknownOwner { meant: meant("wang") });
    fault("tag:", "tag:", &NoValue(Key::Tag));
    fault("tag:vip, x", "tag:vip,", &NoValue(Key::Tag));
    fault("tag:\"\"", "\"\"", &NoValue(Key::Tag));
    fault("a \"b c", "\"b c", &OpenQuote);
    fault("- tag:vip", "-", &LoneMinus);
    fault("tag>vip", "tag", &NoOrder(Key::Tag));
    fault("due>1d,2d", "due>1d,2d", &OneValue);
    fault("due:soonish", "soonish", &NotADate(Key::Due));
    fault("created:2026-02-31", "2026-02-31", &NotADate(Key::Created));
    fault("created:2026-03..2026-01", "2026-03..2026-01", &Backwards);
    fault("created:..", "..", &NotADate(Key::Created));
    fault("amount>lots", "lots", &NotANumber(Key::Amount));
    fault("amount:1.234", "1.234", &NotANumber(Key::Amount));
    fault("id:x", "x", &NotANumber(Key::Id));
    fault("pool<soon", "soon", &NotANumber(Key::Pool));
    fault("pool<4294967295w", "4294967295w", &NotANumber(Key::Pool));
    fault("consent:marketing=np", "marketing=np", &UnknownValue { key: Key::Consent, meant: meant("no") });
    fault("consent:markting=no", "markting=no", &UnknownPurpose { meant: meant("marketing") });
    fault("同意:营消=否", "营消=否", &UnknownPurpose { meant: meant("营销") });
    fault("同意:营销", "营销", &NoValue(Key::Consent));
    fault("consent:marketing=", "marketing=", &NoValue(Key::Consent));
    fault("consent>marketing=no", "consent", &NoOrder(Key::Consent));
}

#[test]
fn a_condition_on_what_a_masked_field_says_is_refused() {
    for (text, place, key) in [
        ("mobile:138", "mobile", "mobile"),
        ("field.email=ann@example.com", "field.email", "email"),
        ("-手机:138", "手机", "mobile"),
        ("resident_id:1", "resident_id", "resident_id"),
    ] {
        fault(text, place, &QueryFaultKind::Sealed(FieldKey::new(key).unwrap()));
    }
}

#[test]
fn a_query_beyond_the_limits_is_refused_at_once_with_the_limit() {
    let long = "a".repeat(10_000);
    let many = "tag:a ".repeat(1_000);
    let conditions = "a ".repeat(MOST_CONDITIONS + 1);
    let values = format!("tag:{}a", "a,".repeat(MOST_VALUES));
    for (text, wanted) in [
        (long.as_str(), QueryFaultKind::TooLong { most: MOST_CHARACTERS }),
        (many.as_str(), QueryFaultKind::TooLong { most: MOST_CHARACTERS }),
        (conditions.as_str(), QueryFaultKind::TooManyConditions { most: MOST_CONDITIONS }),
        (values.as_str(), QueryFaultKind::TooManyValues { most: MOST_VALUES }),
        (&"((((".repeat(3_000), QueryFaultKind::TooLong { most: MOST_CHARACTERS }),
    ] {
        assert_eq!(parse(text, &words(), here()).map_err(|fault| fault.kind), Err(wanted));
    }
}

#[test]
fn a_time_is_a_stretch_of_moments_in_the_persons_zone() {
    let day = |y, m, d| {
        here().offset.from_local_datetime(&NaiveDate::from_ymd_opt(y, m, d).unwrap().into()).unwrap().timestamp_millis()
    };
    let now = here().now.0;
    let days = |n: i64| n * 86_400_000;
    let bounds = |text: &str| match read(text).terms.remove(0).condition {
        Condition::Time(moment, tests) => tests[0].bounds(moment, here()),
        _ => panic!("{text}"),
    };
    for (text, wanted) in [
        ("due:today", Some((Some(day(2026, 11, 20)), Some(day(2026, 11, 21))))),
        ("due:overdue", Some((None, Some(now)))),
        ("due:7d", Some((Some(now), Some(now + days(7))))),
        ("due<7d", Some((None, Some(now + days(7))))),
        ("due>7d", Some((Some(now + days(7)), None))),
        ("last>90d", Some((None, Some(now - days(90))))),
        ("last<=7d", Some((Some(now - days(7)), None))),
        ("last:7d", Some((Some(now - days(7)), Some(now + 1)))),
        ("last:never", None),
        ("created:2026-01..2026-03", Some((Some(day(2026, 1, 1)), Some(day(2026, 4, 1))))),
        ("created>2026-01", Some((Some(day(2026, 2, 1)), None))),
        ("created<=2026-01", Some((None, Some(day(2026, 2, 1))))),
        ("created:this-week", Some((Some(day(2026, 11, 16)), Some(day(2026, 11, 23))))),
        ("created:last-month", Some((Some(day(2026, 10, 1)), Some(day(2026, 11, 1))))),
        ("created:去年", Some((Some(day(2025, 1, 1)), Some(day(2026, 1, 1))))),
        ("created:90d..30d", Some((Some(now - days(90)), Some(now - days(30))))),
    ] {
        assert_eq!(bounds(text), wanted, "{text}");
    }
}

fn offers(text: &str, lang: Lang) -> (String, Vec<String>) {
    let done = complete(text, text.chars().count(), &words(), lang);
    let replaced = text.chars().skip(done.replaces.start).take(done.replaces.len()).collect();
    (replaced, done.offers.into_iter().map(|offer| offer.text).collect())
}

#[test]
fn keys_and_values_are_offered_where_the_cursor_stands() {
    for (text, replaced, first) in [
        ("st", "st", "stage:"),
        ("zhang -ta", "ta", "tag:"),
        ("标", "标", "标签:"),
        ("tag:v", "v", "vip"),
        ("tag:vip,大", "大", ""),
        ("tag:vip,老", "老", "老客户"),
        ("tag:big", "big", "\"big deal\""),
        ("tag:\"big d", "\"big d", "\"big deal\""),
        ("-stage:l", "l", "lead"),
        ("owner:", "", "me"),
        ("负责人:w", "w", "wang"),
        ("due:t", "t", "today"),
        ("last:ne", "ne", "never"),
        ("compa", "compa", "field.company:"),
        ("field.j", "field.j", "field.job_title:"),
        ("has:em", "em", "email"),
        ("mob", "mob", ""),
        ("\"tag:", "\"tag:", ""),
    ] {
        let (was, offered) = offers(text, Lang::En);
        assert_eq!((was.as_str(), offered.first().map_or("", String::as_str)), (replaced, first), "{text}");
    }
    assert_eq!(offers("", Lang::ZhCn).1.first().map(String::as_str), Some("标签:"));
    assert_eq!(offers("阶段:", Lang::ZhCn).1.first().map(String::as_str), Some("线索"));
}

#[test]
fn every_offer_can_be_read() {
    for lang in [Lang::En, Lang::ZhCn] {
        for key in Key::ALL {
            for word in key.words() {
                let text = format!("{word}:");
                for offer in complete(&text, text.chars().count(), &words(), lang).offers {
                    let text = format!("{text}{}", offer.text);
                    if !text.ends_with('=') {
                        read(&text);
                        continue;
                    }
                    // Behind a purpose comes what was said of it.
                    let said = complete(&text, text.chars().count(), &words(), lang).offers;
                    assert_eq!(said.len(), ConsentWord::ALL.len(), "{text}");
                    said.iter().for_each(|offer| _ = read(&format!("{}:{}", key.code(), offer.text)));
                }
            }
        }
    }
}

#[test]
fn examples_are_right() {
    for key in Key::ALL {
        check(key.example(), key.example());
    }
}

#[test]
fn debug_shows_nothing_of_what_was_asked_for() {
    let shown = format!("{:?}", read("tag:vip 张三 field.company:acme"));
    assert!(!shown.contains("vip") && !shown.contains("张三") && !shown.contains("acme"), "{shown}");
}

fn part() -> impl Strategy<Value = String> {
    let value = "[a-z0-9张三\"“:,.<>= -]{0,8}";
    prop_oneof![
        (proptest::sample::select(Key::ALL), "[:=><]{1,2}", value)
            .prop_map(|(key, joint, value)| { format!("{}{joint}{value}", key.words().last().unwrap_or(&"tag")) }),
        value.prop_map(|value| format!("tag:{value}")),
        value.prop_map(|value| format!("-{value}")),
        proptest::sample::select(vec![
            "stage:lead,lost",
            "owner:wang",
            "last>9w",
            "due:today+3",
            "amount<12.5",
            "has:deal",
            "consent:marketing=no,unknown,sharing=yes",
            "-同意:营销=撤回"
        ])
        .prop_map(str::to_owned),
        Just(Stage::Lead).prop_map(|stage| format!("-stage:{}", stage.code())),
        ".{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_as_the_same_query(parts in proptest::collection::vec(part(), 0..6)) {
        let text = parts.join(" ");
        match parse(&text, &words(), here()) {
            Ok(query) => {
                let written = query.to_string();
                prop_assert_eq!(parse(&written, &words(), here()), Ok(query), "{} as {}", text, written);
            }
            Err(fault) => {
                let length = text.chars().count();
                prop_assert!(fault.at.start < fault.at.end && fault.at.end <= length, "{}: {:?}", text, fault);
            }
        }
        for cursor in 0..text.chars().count() {
            let done = complete(&text, cursor, &words(), Lang::En);
            prop_assert!(done.replaces.start <= done.replaces.end && done.replaces.end <= cursor);
        }
    }
}
