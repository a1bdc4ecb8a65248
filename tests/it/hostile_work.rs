//! What a hostile or careless hand does to the work itself: texts of every kind, queries without end, dates that are none,
//! rules that go round, cadences on everybody, merges that cannot be, and fields that go away under what uses them.
//!
//! **Invariant:** nothing here is refused without a reason, and nothing that is refused leaves anything behind.

use chrono::{FixedOffset, NaiveDateTime};
use veilbook::domain::case::CaseDraft;
use veilbook::domain::columns::Columns;
use veilbook::domain::consent::{ConsentDraft, ConsentState, Purpose};
use veilbook::domain::customer::Stage;
use veilbook::domain::field::{FieldKind, FieldState};
use veilbook::domain::id::CustomerId;
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::policy::PolicyFault;
use veilbook::domain::query::{MOST_CHARACTERS, MOST_CONDITIONS, QueryFaultKind};
use veilbook::domain::recurrence::{Recurrence, RecurrenceFault};
use veilbook::domain::rule::{Outcome, RuleState, Trigger};
use veilbook::domain::template::TemplateDraft;
use veilbook::domain::when;
use veilbook::privacy::class::FieldClass;
use veilbook::service::fields::{FieldAction, FieldText, NewField};
use veilbook::service::tags::TagAction;
use veilbook::service::view::{
    Bulk, CadenceAction, CadenceQuery, CadenceView, CaseAction, ConsentAction, DealAction, Happening, ListRequest,
    RuleAction, Sharing, Sort, Target, TemplateAction, TemplateQuery, TemplateView, Total,
};
use veilbook::service::{
    Action, AuditRequest, Change, Contact, Done, NextStep, Query, Refusal, Session, View, ViewDraft,
};
use veilbook::text::Printable;

use crate::hostile_text::{HOSTILE, harmless};
use crate::house::{House, NOON, add, key, named, open, set};
use crate::seat::Seat;

/// Everything of the work that takes a text gets this one; says how many took it.
fn write_everywhere(who: &Session, n: usize, text: &str) -> usize {
    let line =
        |max: usize| -> Printable { format!("{n} {text}").chars().take(max).collect::<String>().as_str().into() };
    let id = add(who, &format!("Eve {n}"), vec![Change::Tags(vec![format!("t{n} {text}")])]);
    let consent = |purpose| ConsentDraft { note: text.into(), ..ConsentDraft::now(purpose, ConsentState::Given) };
    let kind = FieldKind::Choice;
    let field_text = FieldText {
        label_en: line(30),
        label_zh: line(30),
        purpose: text.into(),
        choices: vec![text.into(), format!("{n}").as_str().into()],
        ..FieldText::default()
    };
    let field = NewField { key: key(&format!("hostile_{n}")), kind, class: Some(FieldClass::Open), text: field_text };
    let steps = vec![veilbook::domain::cadence::Step { day: 0, kind: InteractionKind::Call, text: line(60) }];
    let cadence = veilbook::domain::cadence::CadenceDraft { name: line(40), steps };
    let rule = crate::rules::text(line(60).as_str(), Trigger::StageBecomes(Stage::Lost), crate::rules::remind(text, 1));
    let template = TemplateDraft { name: line(40), kind: InteractionKind::Chat, text: Printable::lines(text) };
    let case = CaseDraft { subject: text.into(), ticket: text.into(), due: None };
    let view = ViewDraft {
        id: None,
        name: line(40),
        query: "tag:vip".into(),
        sort: Sort::Name,
        sharing: Sharing::Own,
        columns: Columns::Standard,
    };
    let contact = Contact { kind: InteractionKind::Note, text: Printable::lines(text), ..Contact::default() };
    let step = NextStep::once(NOON.plus_seconds(60), text.into());
    let reworded =
        ConsentAction::Word(Purpose::ALL[n % 6], u32::try_from(n / 6).unwrap() + 1, [text.into(), text.into()]);
    [
        Action::Tags(TagAction::Rename(format!("t{n} {text}").as_str().into(), format!("r{n} {text}").as_str().into())),
        Action::Template(TemplateAction::Add(template)),
        Action::Cadence(CadenceAction::Add(cadence)),
        Action::Rule(RuleAction::Add(rule)),
        Action::Deal(DealAction::Add(id, crate::deals::draft(text, "10"))),
        Action::Case(CaseAction::Open(id, case)),
        Action::SaveView(view),
        Action::Field(FieldAction::Add(field)),
        Action::LogInteraction(id, contact),
        Action::AddFollowUp(id, step),
        Action::Consent(ConsentAction::Say(id, consent(Purpose::Marketing))),
        Action::Consent(reworded),
    ]
    .into_iter()
    .filter(|action| match who.perform(action.clone()) {
        Ok(_) => true,
        Err(refusal) => {
            harmless(&refusal.to_string(), "a refusal");
            false
        }
    })
    .count()
}

#[test]
fn hostile_text_in_every_text_of_the_work_is_harmless_wherever_it_is_shown() {
    let (_house, owner) = House::new();
    let taken: usize = HOSTILE.iter().enumerate().map(|(n, text)| write_everywhere(&owner, n, text)).sum();
    // A few have nothing visible in them, or a sign that the field does not take.
    assert!(taken >= HOSTILE.len() * 10, "{taken} of {} were taken", HOSTILE.len() * 12);
    for size in [(80, 24), (160, 50)] {
        let mut seat = Seat::new(&owner, size);
        seat.press("f3 enter");
        for _ in 0..9 {
            harmless(&seat.screen(), "a part of a customer");
            seat.press("tab");
        }
        // The exact words of a consent, the lists of what is kept, the fields, the board.
        for keys in ["f3 esc V", "f3 T", "f3 R", "f3 W", "f3 W v", "f9 T", "f9 C", "f9", "f5", "f4", "f6", "f2"] {
            seat.press(keys);
            harmless(&seat.screen(), keys);
            for _ in 0..8 {
                seat.press("tab down");
                harmless(&seat.screen(), keys);
            }
            seat.press("esc esc esc");
        }
    }
    for id in 1..=HOSTILE.len() as u64 {
        let detail = open(&owner, CustomerId(id));
        for row in detail.consents.iter().flat_map(|row| &row.history) {
            harmless(row.consent.note.as_str(), "a note beside a consent");
        }
        for item in detail.timeline {
            if let Happening::Case(_, said) | Happening::FollowUp(_, _, said) = item.what {
                harmless(said.as_str(), "the timeline");
            }
        }
    }
    let Ok(View::Purposes(rows)) = owner.query(Query::Purposes) else { panic!("no purposes") };
    rows.iter().flat_map(|row| &row.wordings).flat_map(|w| &w.texts).for_each(|t| harmless(t.as_str(), "a wording"));
    let Ok(View::Schema(schema)) = owner.query(Query::Schema) else { panic!("no schema") };
    for field in schema.all() {
        [&field.label_en, &field.label_zh, &field.purpose].iter().for_each(|text| harmless(text, "a field"));
        field.choices.iter().for_each(|choice| harmless(choice, "a choice"));
    }
    let Ok(Done::Export(bytes)) = owner.perform(Action::ExportRecord) else { panic!("no export") };
    harmless(&String::from_utf8(bytes).unwrap(), "the exported record");
}

#[test]
fn texts_without_end_are_cut_or_refused_wherever_the_work_takes_one() {
    let (_house, owner) = House::new();
    let endless = "字".repeat(100_000);
    let marks = format!("e{}", "\u{301}".repeat(10_000));
    let id = add(&owner, "Eve", vec![]);
    for text in [endless.as_str(), marks.as_str()] {
        let before = open(&owner, id).profile.version;
        let tag = owner.perform(Action::EditCustomer(id, before, vec![Change::Tags(vec![text.into()])]));
        let case = owner.perform(Action::Case(CaseAction::Open(id, crate::cases::draft(text))));
        let deal = owner.perform(Action::Deal(DealAction::Add(id, crate::deals::draft(text, "1"))));
        let template = owner.perform(Action::Template(TemplateAction::Add(crate::templates::draft(text, text))));
        let note = ConsentDraft { note: text.into(), ..ConsentDraft::now(Purpose::Service, ConsentState::Given) };
        let consent = owner.perform(Action::Consent(ConsentAction::Say(id, note)));
        let rule = crate::rules::text(text, Trigger::TagAdded(text.into()), Outcome::Tag(text.into()));
        let rule = owner.perform(Action::Rule(RuleAction::Add(rule)));
        for (what, done) in
            [("tag", tag), ("case", case), ("deal", deal), ("template", template), ("consent", consent), ("rule", rule)]
        {
            assert!(done.is_err() || text == marks, "{what}: {done:?}");
        }
    }
    let mut seat = Seat::new(&owner, (80, 24));
    seat.press("f3 enter");
    assert!(seat.screen().chars().count() < 80 * 24 * 16, "marks do not pile up");
}

fn fault(who: &Session, text: String) -> QueryFaultKind {
    match who.query(Query::Customers(ListRequest { text, limit: 10, ..ListRequest::default() })) {
        Err(Refusal::Query(fault)) => fault.kind,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn queries_of_10_000_characters_and_of_1_000_conditions_are_refused_with_the_limit() {
    let (_house, owner) = House::new();
    add(&owner, "张三丰", vec![]);
    let (long, many) = (
        QueryFaultKind::TooLong { most: MOST_CHARACTERS },
        QueryFaultKind::TooManyConditions { most: MOST_CONDITIONS },
    );
    assert_eq!(fault(&owner, "a".repeat(10_000)), long);
    assert_eq!(fault(&owner, "字".repeat(10_000)), long);
    assert_eq!(fault(&owner, "consent:marketing=no ".repeat(500)), long);
    // A thousand that fit into the length.
    assert_eq!(fault(&owner, "a ".repeat(1_000)), many);
    assert_eq!(fault(&owner, "-a ".repeat(600)), many);
    assert!(matches!(fault(&owner, format!("tag:{}", "a,".repeat(900))), QueryFaultKind::TooManyValues { .. }));
    let preview = Query::BulkPreview(Target::Query("a ".repeat(1_000)), Bulk::Tag("x".into()));
    assert!(matches!(owner.query(preview), Err(Refusal::Query(fault)) if fault.kind == many));
    let draft = |query: String| ViewDraft {
        id: None,
        name: "all".into(),
        query: query.as_str().into(),
        sort: Sort::Name,
        sharing: Sharing::Own,
        columns: Columns::Standard,
    };
    assert!(owner.perform(Action::SaveView(draft("a ".repeat(1_000)))).is_err());
    let Ok(View::SavedViews(views)) = owner.query(Query::SavedViews) else { panic!("no views") };
    assert!(views.is_empty());
}

#[test]
fn what_comes_again_for_ever_is_made_one_at_a_time_and_what_never_comes_is_none() {
    let (house, owner) = House::new();
    let first = NaiveDateTime::parse_from_str("2026-11-21 21:00", "%Y-%m-%d %H:%M").unwrap();
    for never in ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", "FREQ=DAILY;UNTIL=20200101T000000Z"] {
        assert_eq!(Recurrence::read(never, first), Err(RecurrenceFault::Never), "{never}");
    }
    for none in ["", "FREQ=", "每", "every", "每年2月31日", "every 31 feb"] {
        assert!(Recurrence::read(none, first).is_err(), "{none}");
    }
    let id = add(&owner, "张三丰", vec![]);
    let for_ever = Recurrence::read("every day", first).unwrap();
    let step = NextStep { repeats: Some(for_ever), ..NextStep::once(NOON.plus_seconds(3_600), "ring".into()) };
    owner.perform(Action::AddFollowUp(id, step)).unwrap();
    // Ten years pass in which nobody did anything.
    house.clock.advance(3_650 * 86_400);
    let owner = house.again();
    for _ in 0..3 {
        let [row] = &open(&owner, id).follow_ups[..] else { panic!("not one") };
        owner.perform(Action::FinishFollowUp(row.follow_up.id, row.follow_up.version, None)).unwrap();
    }
    let [row] = &open(&owner, id).follow_ups[..] else { panic!("not one") };
    assert!(row.follow_up.due > NOON.plus_seconds(3_650 * 86_400), "it lies ahead, and nothing piled up");
}

#[test]
fn the_31st_of_february_is_no_day_wherever_one_is_written() {
    let (_house, owner) = House::new();
    let zone = FixedOffset::east_opt(8 * 3_600).unwrap();
    for text in ["31 feb", "feb 31", "31 February", "2月31日", "2027-02-31", "30 feb", "2月30号下午3点", "29 feb 2027"]
    {
        assert!(when::parse(text, NOON, zone).is_err(), "{text}");
        let asked = format!("created:\"{text}\"");
        assert!(matches!(fault(&owner, asked), QueryFaultKind::NotADate(_)), "{text}");
        assert_eq!(veilbook::domain::consent::said_on(text, NOON, zone), None, "{text}");
    }
    assert!(when::parse("2028-02-29", NOON, zone).is_ok() && when::parse("2月28日", NOON, zone).is_ok());
    for (field, text) in [
        ("birthday", "02-31"),
        ("birthday", "2月31日"),
        ("birthday", "2月30日"),
        ("date_of_birth", "1990-02-31"),
        ("date_of_birth", "1990年2月31日"),
        ("date_of_birth", "2027-02-29"),
    ] {
        let added = owner.perform(named("Eve", vec![set(field, text)]));
        assert!(
            matches!(&added, Err(Refusal::Invalid(faults)) if faults[0].part == field),
            "{field} {text}: {added:?}"
        );
    }
    // A birthday has no year, so the 29th is one.
    add(&owner, "Eve", vec![set("birthday", "2月29日")]);
}

#[test]
fn a_cadence_or_anything_else_on_100_000_is_refused_before_it_is_begun_and_the_cap_cannot_be_lifted() {
    let (_house, owner) = House::new();
    let all: Vec<CustomerId> = (0..6).map(|n| add(&owner, &format!("Eve {n}"), vec![])).collect();
    owner.perform(Action::Cadence(CadenceAction::Add(crate::cadences::draft("Spring", "0 call")))).unwrap();
    let Ok(View::Cadences(CadenceView::Rows(rows))) = owner.query(Query::Cadences(CadenceQuery::List)) else {
        panic!()
    };
    let cadence = Bulk::Cadence(rows[0].id);
    let everybody = Target::Marked((1..=100_000).map(CustomerId).collect());
    let limit = 2_000;
    let asked = owner.query(Query::BulkPreview(everybody.clone(), cadence.clone()));
    assert!(matches!(asked, Err(Refusal::BulkLimit { limit: said, .. }) if said == limit));
    let done = owner.perform(Action::Bulk(everybody, cadence.clone()));
    assert!(matches!(done, Err(Refusal::BulkLimit { limit: said, .. }) if said == limit));
    // By query it goes no further than one stretch beyond the cap.
    owner.perform(Action::SetPolicy("bulk_most".into(), "5".into())).unwrap();
    for target in [Target::Query(String::new()), Target::Query("-tag:x".into()), Target::Marked(all.clone())] {
        let done = owner.perform(Action::Bulk(target, cadence.clone()));
        assert!(matches!(done, Err(Refusal::BulkLimit { limit: 5, .. })), "{done:?}");
    }
    for id in &all {
        assert!(open(&owner, *id).follow_ups.is_empty());
    }
    let lifted = owner.perform(Action::SetPolicy("bulk_most".into(), "100000".into()));
    assert!(matches!(lifted, Err(Refusal::Policy(PolicyFault::OutOfBounds { most: 5_000, .. }))), "{lifted:?}");
}

fn merge(who: &Session, keep: CustomerId, other: CustomerId) -> Result<Done, Refusal> {
    let versions = [keep, other].map(|id| open(who, id).profile.version);
    who.perform(Action::Merge { keep: (keep, versions[0]), other: (other, versions[1]), take: vec![] })
}

fn called(who: &Session, id: CustomerId) -> Vec<String> {
    let contacts = open(who, id).timeline.into_iter().filter_map(|item| match item.what {
        Happening::Interaction(contact) => Some(contact.text.to_string()),
        _ => None,
    });
    let mut out: Vec<String> = contacts.collect();
    out.sort();
    out
}

#[test]
fn a_chain_of_three_with_undo_in_between_ends_with_everybody_having_their_own() {
    let (house, owner) = House::new();
    let [a, b, c] = ["张三丰", "张三峰", "Zhang Sanfeng"].map(|name| add(&owner, name, vec![]));
    for (id, text) in [(a, "with a"), (b, "with b"), (c, "with c")] {
        let kind = InteractionKind::Call;
        owner.perform(Action::LogInteraction(id, Contact { kind, text: text.into(), ..Contact::default() })).unwrap();
        let said = ConsentDraft::now(Purpose::Marketing, ConsentState::Refused);
        owner.perform(Action::Consent(ConsentAction::Say(id, said))).unwrap();
    }
    let undo = || assert!(matches!(owner.perform(Action::Undo), Ok(Done::Undone(_))));
    merge(&owner, b, a).unwrap();
    merge(&owner, c, b).unwrap();
    undo();
    assert_eq!((called(&owner, b), called(&owner, c)), (vec!["with a".into(), "with b".into()], vec!["with c".into()]));
    merge(&owner, c, b).unwrap();
    // Neither a number that leads there nor the kept one itself is merged with it.
    let version = open(&owner, c).profile.version;
    for (keep, other) in [(c, c), (c, a), (a, c), (a, b), (b, a)] {
        let again = owner.perform(Action::Merge { keep: (keep, version), other: (other, version), take: vec![] });
        assert!(matches!(again, Err(Refusal::SameCustomer)), "{keep} {other}: {again:?}");
    }
    assert_eq!(called(&owner, a).len(), 3);
    undo();
    undo();
    for (id, text) in [(a, "with a"), (b, "with b"), (c, "with c")] {
        assert_eq!(called(&owner, id), [text]);
        assert_eq!(crate::consents::row(&owner, id, Purpose::Marketing).history.len(), 1, "{text}");
    }
    owner.end();
    drop(owner);
    house.gate.seal();
    let deep = house.program().env("XDG_STATE_HOME", house.folder.path()).args(["doctor", "--deep"]).output().unwrap();
    assert!(deep.status.success(), "{}", String::from_utf8_lossy(&deep.stdout));
}

#[test]
fn a_field_that_is_retired_under_a_view_a_rule_and_a_template_breaks_none_of_them() {
    let (_house, owner) = House::new();
    let id = add(
        &owner,
        "张三丰",
        vec![Change::Owner(Some(owner.staff())), set("company", "晨光"), set("birthday", "11-25")],
    );
    let query = "field.company:晨光 has:birthday";
    let draft = ViewDraft {
        id: None,
        name: "晨光".into(),
        query: query.into(),
        sort: Sort::Name,
        sharing: Sharing::Own,
        columns: Columns::Standard,
    };
    owner.perform(Action::SaveView(draft)).unwrap();
    let birthday = crate::rules::text("Birthdays", Trigger::BirthdayNear(7), crate::rules::remind("congratulate", 0));
    let Ok(Done::Rule(rule, version)) = owner.perform(Action::Rule(RuleAction::Add(birthday))) else {
        panic!("no rule")
    };
    let text = "{field.company} {field.birthday}";
    let added = owner.perform(Action::Template(TemplateAction::Add(crate::templates::draft("Wishes", text))));
    let Ok(Done::Template(template, _)) = added else { panic!("no template") };
    let count = |who: &Session| match who.query(Query::Customers(ListRequest {
        text: query.into(),
        limit: 9,
        ..Default::default()
    })) {
        Ok(View::Customers(page)) => Ok(page.rows.len()),
        Err(Refusal::Query(fault)) => Err(fault.kind),
        other => panic!("{other:?}"),
    };
    let taken = |who: &Session| match who.perform(Action::Rule(RuleAction::DryRun(rule))) {
        Ok(Done::DryRun(run)) => run.count,
        other => panic!("no dry run: {other:?}"),
    };
    assert_eq!((count(&owner), taken(&owner)), (Ok(1), Total::Exactly(1)));
    for field in ["company", "birthday"] {
        owner.perform(Action::SetFieldInUse(key(field), FieldState::Off, "".into())).unwrap();
    }
    // The view is there and says which word of it means nothing any more.
    let Ok(View::SavedViews(views)) = owner.query(Query::SavedViews) else { panic!("no views") };
    assert_eq!(views[0].view.query.as_str(), query);
    assert!(matches!(count(&owner), Err(QueryFaultKind::UnknownField { .. })), "{:?}", count(&owner));
    // The template shows what is missing, and is listed with it.
    let filled = owner.query(Query::Templates(TemplateQuery::Filled(template, id)));
    let Ok(View::Templates(TemplateView::Filled(filled))) = filled else { panic!("not filled") };
    assert_eq!(filled.text.as_str(), "{field.company?} {field.birthday?}");
    let Ok(View::Templates(TemplateView::Rows(rows))) = owner.query(Query::Templates(TemplateQuery::List)) else {
        panic!()
    };
    assert_eq!(rows[0].unknown.len(), 2);
    // The rule takes nobody, and a pass over all rules goes through.
    assert_eq!(taken(&owner), Total::Exactly(0));
    owner.perform(Action::Rule(RuleAction::Switch(rule, version, RuleState::On))).unwrap();
    assert!(matches!(owner.perform(Action::Rule(RuleAction::Run)), Ok(Done::Swept(swept)) if swept.all() == 0));
    let mut seat = Seat::new(&owner, (80, 24));
    for keys in ["f3 1", "f3 R", "f9 T"] {
        seat.press(keys);
        assert!(!seat.screen().is_empty());
        seat.press("esc esc");
    }
    // In use again, all three do as before.
    for field in ["company", "birthday"] {
        owner.perform(Action::SetFieldInUse(key(field), FieldState::On, "".into())).unwrap();
    }
    assert_eq!((count(&owner), taken(&owner)), (Ok(1), Total::Exactly(1)));
    let Ok(View::Audit(page)) = owner.query(Query::Audit(AuditRequest { limit: 5, ..Default::default() })) else {
        panic!()
    };
    assert!(!page.rows.is_empty());
}
