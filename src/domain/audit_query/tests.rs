//! Questions in words, and what is said of those that cannot be read.

use super::*;

const VERBS: [&str; 8] = [
    "customer.open",
    "customer.reveal",
    "customer.verify",
    "customer.edit",
    "customers.list",
    "import.begin",
    "session.login",
    "session.logout",
];

fn read(text: &str) -> Result<EntryFilter, QueryFault> {
    let staff = [
        (StaffId(1), LoginName::new("Li Wei").expect("a name")),
        (StaffId(2), LoginName::new("wang").expect("a name")),
        (StaffId(3), LoginName::new("wanda").expect("a name")),
    ];
    let now = Timestamp(1_795_228_000_000);
    let offset = FixedOffset::east_opt(8 * 3600).expect("a zone");
    parse(text, &Ground { staff: &staff, verbs: &VERBS, now, offset })
}

#[test]
fn every_part_is_read_in_both_languages() {
    let full =
        read("actor:wang action:reveal customer:12 field:mobile reason:callback outcome:refused from:2026-11-01");
    let full = full.expect("a filter");
    assert_eq!(full.actor, Some(StaffId(2)));
    assert_eq!(full.action, "customer.reveal");
    assert_eq!(full.object, Some(Object::Customer(12)));
    assert_eq!(full.field, FieldKey::new("mobile"));
    assert_eq!(full.reason, Some(ReasonCode::Callback));
    assert_eq!(full.outcome, Some(Outcome::Refused));
    assert_eq!(full.from.map(Timestamp::rfc3339).as_deref(), Some("2026-10-31T16:00:00Z"));
    let chinese = read("操作人：wang 动作：reveal 客户：12 字段：mobile 理由：1 结果：refused 从：２０２６-11-01");
    assert_eq!(chinese, Ok(full));
}

#[test]
fn names_may_be_quoted_short_or_numbers() {
    for (text, id) in [("actor:\"li wei\"", 1), ("actor:“Li Wei”", 1), ("by:li", 1), ("actor:wanda", 3), ("actor:7", 7)]
    {
        assert_eq!(read(text).map(|f| f.actor), Ok(Some(StaffId(id))), "{text}");
    }
}

#[test]
fn actions_are_found_by_their_last_word_or_their_beginning() {
    for (text, verb) in [
        ("reveal", "customer.reveal"),
        ("action:customer", "customer"),
        ("action:customer.open", "customer.open"),
        ("login", "session.login"),
        ("session.log", "session.log"),
        ("rev", "customer.reveal"),
    ] {
        assert_eq!(read(text).map(|f| f.action).as_deref(), Ok(verb), "{text}");
    }
}

#[test]
fn a_day_is_whole_and_the_end_is_within() {
    let on = read("on:2026-11-01").expect("a filter");
    assert_eq!(on.from.map(Timestamp::rfc3339).as_deref(), Some("2026-10-31T16:00:00Z"));
    assert_eq!(on.to.map(Timestamp::rfc3339).as_deref(), Some("2026-11-01T16:00:00Z"));
    assert_eq!(read("to:2026-11-01").map(|f| f.to), Ok(on.to));
    let at = read("from:\"2026-11-01 09:30\"").expect("a filter");
    assert_eq!(at.from.map(Timestamp::rfc3339).as_deref(), Some("2026-11-01T01:30:00Z"));
    assert!(read("from:7d to:yesterday").is_ok());
}

#[test]
fn a_fault_points_at_its_place() {
    for (text, at, kind) in [
        ("actor:nobody reveal", 6..12, QueryFaultKind::UnknownActor),
        ("actor:wan", 6..9, QueryFaultKind::UnknownActor),
        ("reveal colour:red", 7..13, QueryFaultKind::UnknownPart),
        ("reveal field:", 7..13, QueryFaultKind::NoValue),
        ("reveal customer:twelve", 16..22, QueryFaultKind::NotANumber),
        ("from:2026-02-31", 5..15, QueryFaultKind::NotADay),
        ("reason:8", 7..8, QueryFaultKind::NotAReason),
        ("outcome:maybe", 8..13, QueryFaultKind::NotAnOutcome),
        ("frobnicate", 0..10, QueryFaultKind::UnknownAction),
        ("actor:\"li", 6..9, QueryFaultKind::OpenQuote),
        ("reveal verify", 7..13, QueryFaultKind::Twice),
        ("客户:一", 3..4, QueryFaultKind::NotANumber),
    ] {
        assert_eq!(read(text), Err(QueryFault { at, kind }), "{text}");
    }
    assert_eq!(read("  "), Ok(EntryFilter::default()));
}
