//! Text that would move a cursor, reorder a line or hide, typed, imported and shown.

use veilbook::domain::customer::Basis;
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::query::{MOST_CHARACTERS, QueryFaultKind};
use veilbook::service::view::{CustomerRow, ListRequest};
use veilbook::service::{
    Action, Change, Contact, Done, Fault, ImportRecord, NextStep, OnDuplicate, Query, Refusal, Session, View,
};

use crate::house::{House, NOON, add, named, open, set};
use crate::seat::Seat;

pub const HOSTILE: [&str; 22] = [
    "\u{1b}]52;c;QUFB\u{7}Eve",
    "Eve\u{9b}2J",
    "\u{1b}]0;owned\u{7}Eve",
    "Eve\u{202e}txt.exe",
    "\u{2066}Eve\u{2069}",
    "Eve\u{61c}\u{200e}\u{200f}",
    "E\u{200b}v\u{200d}e\u{feff}",
    "Eve\r\nadmin",
    "Eve\tadmin",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "-rf",
    "👩‍👩‍👧‍👦 Eve",
    "עברית Eve",
    "عربي Eve",
    "Ｅｖｅ",
    "\u{7f}Eve\u{8}\u{8}",
    "Eve\u{0}",
    "{$name} \\x1b[2J %s",
    "E\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}ve",
];

/// Nothing that a terminal would act on, reorder by or hide.
#[track_caller]
pub fn harmless(text: &str, whence: &str) {
    let bad = |c: &char| {
        c.is_control() && *c != '\n'
            || matches!(u32::from(*c), 0x200B | 0x200E | 0x200F | 0x202A..=0x202E | 0x2066..=0x2069 | 0x061C | 0xFEFF)
    };
    let found: Vec<char> = text.chars().filter(bad).collect();
    assert!(found.is_empty(), "{found:?} in {whence}");
}

fn rows(who: &Session) -> Vec<CustomerRow> {
    let request = ListRequest { limit: 100, ..ListRequest::default() };
    let Ok(View::Customers(page)) = who.query(Query::Customers(request)) else { panic!("no list") };
    page.rows
}

fn check(who: &Session) {
    let rows = rows(who);
    assert!(!rows.is_empty());
    for row in &rows {
        harmless(row.name.text(), "a name");
        row.tags.iter().for_each(|tag| harmless(tag, "a tag"));
        row.fields.iter().for_each(|(key, value)| harmless(value.text(), key.as_str()));
        let detail = open(who, row.id);
        detail.fields.iter().for_each(|f| harmless(f.shown.text(), f.key.as_str()));
        harmless(&detail.profile.provenance.source, "a source");
    }
    for size in [(80, 24), (160, 50)] {
        let mut seat = Seat::new(who, size);
        seat.press("f3");
        for _ in 0..rows.len() {
            seat.press("enter");
            harmless(&seat.screen(), "a frame");
            seat.press("esc down");
            harmless(&seat.screen(), "a frame");
        }
        seat.press("f4");
        harmless(&seat.screen(), "the agenda");
        seat.press("f6");
        harmless(&seat.screen(), "the record");
    }
    let Ok(Done::Export(bytes)) = who.perform(Action::ExportRecord) else { panic!("no export") };
    harmless(&String::from_utf8(bytes).unwrap(), "the exported record");
}

#[test]
fn hostile_text_that_is_typed_is_harmless_wherever_it_is_shown() {
    let (_house, owner) = House::new();
    for text in HOSTILE {
        let fields = ["company", "notes", "preferences", "chat_id"].map(|field| set(field, text));
        let changes = fields.into_iter().chain([Change::Tags(vec![text.into()]), Change::Source(text.into())]);
        let id = add(&owner, text, changes.collect());
        let next = Some(NextStep::once(NOON.plus_seconds(60), text.into()));
        let (kind, ticket) = (InteractionKind::Call, Some(text.into()));
        owner
            .perform(Action::LogInteraction(
                id,
                Contact { kind, text: text.into(), ticket, next, ..Contact::default() },
            ))
            .unwrap();
    }
    check(&owner);
}

#[test]
fn hostile_text_that_is_imported_is_harmless_wherever_it_is_shown() {
    let (_house, owner) = House::new();
    let begin = Action::BeginImport {
        file: "-rf \u{1b}[2J.csv".into(),
        source: "\u{202e}fair".into(),
        basis: Basis::Consent,
        duplicates: OnDuplicate::Keep,
    };
    let Ok(Done::ImportBegun(job)) = owner.perform(begin) else { panic!("not begun") };
    let record = |(n, text): (usize, &&str)| ImportRecord {
        row: n as u64,
        owner: Some((*text).into()),
        created: None,
        consents: vec![],
        changes: vec![
            Change::Name((*text).into()),
            set("company", text),
            set("mobile", text),
            Change::Tags(vec![(*text).into()]),
        ],
    };
    let Ok(Done::Imported(report)) =
        owner.perform(Action::ImportRows(job, HOSTILE.iter().enumerate().map(record).collect()))
    else {
        panic!("not brought in");
    };
    assert_eq!(report.rejected.len(), HOSTILE.len(), "none of it is a phone number");
    let why = report.rejected.iter().flat_map(|(_, faults)| faults);
    why.for_each(|fault| harmless(&format!("{}: {}", fault.part, fault.fault), "a reason for rejecting"));
    let record = |(n, text): (usize, &&str)| ImportRecord {
        row: n as u64,
        owner: None,
        created: None,
        consents: vec![],
        changes: vec![Change::Name((*text).into()), set("company", text)],
    };
    owner.perform(Action::ImportRows(job, HOSTILE.iter().enumerate().map(record).collect())).unwrap();
    owner.perform(Action::FinishImport(job)).unwrap();
    check(&owner);
    let Ok(View::Imports(imports)) = owner.query(Query::Imports) else { panic!("no imports") };
    imports.iter().for_each(|import| harmless(import.file.as_str(), "a file's name"));
}

#[test]
fn text_without_end_is_cut_or_refused_and_slows_nobody() {
    let (_house, owner) = House::new();
    let endless = "字".repeat(1 << 20);
    let marks = format!("e{}", "\u{301}".repeat(10_000));
    for field in ["company", "notes", "chat_id", "address", "email", "mobile"] {
        let answer = owner.perform(named("Eve", vec![set(field, &endless)]));
        assert!(answer.is_err() || field == "notes", "{field}: {answer:?}");
    }
    let long = owner.perform(named(&endless, vec![]));
    assert!(matches!(&long, Err(Refusal::Invalid(faults)) if faults[0].fault == Fault::TooLong), "{long:?}");
    let id = add(&owner, &marks, vec![]);
    assert!(open(&owner, id).name.text().chars().count() < 20);
    let (kind, ticket) = (InteractionKind::Note, Some(endless.as_str().into()));
    let ticketed = Action::LogInteraction(id, Contact { kind, text: "x".into(), ticket, ..Contact::default() });
    assert!(matches!(owner.perform(ticketed), Err(Refusal::Invalid(_))));
    let request = ListRequest { text: endless, limit: 50, ..ListRequest::default() };
    let long = QueryFaultKind::TooLong { most: MOST_CHARACTERS };
    assert!(matches!(owner.query(Query::Customers(request)), Err(Refusal::Query(fault)) if fault.kind == long));
    assert!(rows(&owner).len() <= 2);
}

#[test]
fn a_name_of_nothing_visible_is_no_name() {
    let (_house, owner) = House::new();
    for name in ["", "  ", "\u{200b}\u{202e}", "\u{1b}\u{7}", "\r\n\t", "\u{feff}"] {
        let answer = owner.perform(named(name, vec![]));
        assert!(
            matches!(&answer, Err(Refusal::Invalid(faults)) if faults[0].fault == Fault::Missing),
            "{name:?}: {answer:?}"
        );
    }
}

#[test]
fn look_alikes_of_a_value_are_the_same_value() {
    let (_house, owner) = House::new();
    let id = add(
        &owner,
        "Eve",
        vec![set("mobile", "１３８\u{200b}００００\u{202e}１２３４"), set("email", "Eve@Example.COM ")],
    );
    for (field, said) in [("mobile", "+86 138 0000 1234"), ("email", "eve@example.com")] {
        let said = zeroize::Zeroizing::new(said.to_owned());
        let Ok(Done::Verified(verdict)) = owner.perform(Action::Verify(id, crate::house::key(field), said)) else {
            panic!("no verdict");
        };
        assert_eq!(verdict.matched, veilbook::service::view::Match::Yes, "{field}");
    }
}
