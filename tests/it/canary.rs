//! A canary in every sealed field: nothing shows it without a grant, no role, no frame, no Debug, no command.

use veilbook::clock::Clock;
use veilbook::domain::id::{CustomerId, EntrySeq, TemplateId};
use veilbook::domain::identifier::recognise;
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::reason::{Reason, ReasonCode};
use veilbook::domain::role::RoleName;
use veilbook::privacy::class::FieldClass;
use veilbook::service::quality::QualityAction;
use veilbook::service::view::{
    BoardRequest, CadenceQuery, CaseQuery, CustomerDetail, CustomerRow, DealAction, DealQuery, ExportOrder, FlawKind,
    FollowUpRequest, Happening, Held, ListRequest, QualityQuery, QualityView, Shown, Target, TemplateAction,
    TemplateQuery, TemplateView, Whose,
};
use veilbook::service::{Action, AuditRequest, Contact, Done, NextStep, Query, Session, View};
use zeroize::Zeroizing;

use crate::house::{House, NOON, add, callback, key, open, set};
use crate::seat::Seat;

/// Each sealed field, its value, and a piece of it that its mask hides.
pub const CANARIES: [(&str, &str, &str); 10] = [
    ("mobile", "13987654321", "98765"),
    ("phone", "+44 7911 123456", "7911123"),
    ("email", "quetzalcoatl@canary.example", "uetzalcoatl"),
    ("chat_id", "xylophonist77", "ylophonist"),
    ("address", "北京市海淀区夜莺胡同88号", "夜莺"),
    ("birthday", "07-31", "0731"),
    ("resident_id", "11010519491231002X", "1010519491"),
    ("passport", "E98761234", "9876123"),
    ("bank_card", "6222027539184608", "2220275391"),
    ("date_of_birth", "1949-12-31", "19491231"),
];

/// Letters and digits alone, so that no way of grouping hides a value.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[track_caller]
fn clean(text: &str, whence: &str) {
    let text = squeezed(text);
    for (field, value, hidden) in CANARIES {
        assert!(!text.contains(hidden) && !text.contains(&squeezed(value)), "{field} shows in {whence}");
    }
}

pub fn customer(who: &Session) -> CustomerId {
    let fields = CANARIES.iter().map(|(field, value, _)| set(field, value)).collect();
    add(who, "张三丰", fields)
}

fn shown(out: &mut String, shown: &Shown) {
    out.push_str(shown.text());
    out.push('\n');
}

fn spill_rows(out: &mut String, rows: &[CustomerRow]) {
    for row in rows {
        shown(out, &row.name);
        row.fields.iter().for_each(|(_, value)| shown(out, value));
        out.push_str(&row.tags.join("\n"));
    }
}

fn spill_detail(out: &mut String, detail: &CustomerDetail) {
    shown(out, &detail.name);
    detail.fields.iter().for_each(|field| shown(out, &field.shown));
    for item in &detail.timeline {
        match &item.what {
            Happening::Interaction(contact) => {
                out.push_str(contact.text.as_str());
                out.push_str(contact.ticket.as_deref().unwrap_or_default());
            }
            Happening::Changed(part, before, after) => {
                for text in [Some(part), before.as_ref(), after.as_ref()].into_iter().flatten() {
                    out.push_str(text);
                }
            }
            Happening::FollowUp(_, _, text) => out.push_str(text.as_str()),
            other => out.push_str(&format!("{other:?}")),
        }
        out.push('\n');
    }
}

/// Every text that an answer holds.
fn spill(view: &View) -> String {
    let mut out = format!("{view:?}");
    match view {
        View::Customers(page) => {
            spill_rows(&mut out, &page.rows);
            out.push_str(&format!("{page:?}"));
        }
        View::Customer(detail) => {
            spill_detail(&mut out, detail);
            out.push_str(&format!("{detail:?}"));
        }
        View::Today(today) => out.push_str(&format!("{today:?}")),
        View::Keys(state) => out.push_str(&format!("{state:?}")),
        View::Templates(TemplateView::Filled(filled)) => out.push_str(filled.text.as_str()),
        View::Templates(TemplateView::Rows(rows)) => out.push_str(&format!("{rows:?}")),
        View::Cadences(view) => out.push_str(&format!("{view:?}")),
        View::Cases(view) => out.push_str(&format!("{view:?}")),
        View::Purposes(rows) => out.push_str(&format!("{rows:?}")),
        View::Deals(view) => out.push_str(&format!("{view:?}")),
        View::FollowUps(rows) => {
            for row in rows {
                shown(&mut out, &row.customer);
                out.push_str(row.follow_up.text.as_str());
            }
            out.push_str(&format!("{rows:?}"));
        }
        View::Reminders(reminders) => {
            reminders.due.iter().for_each(|row| shown(&mut out, &row.customer));
            out.push_str(&format!("{reminders:?}"));
        }
        View::WorkingDays(days) => out.push_str(&format!("{days:?}")),
        View::Sessions(rows) => out.push_str(&format!("{rows:?}")),
        View::Audit(page) => {
            for row in &page.rows {
                let texts = &row.entry.what.texts;
                for text in [&texts.before, &texts.after, &texts.reason, &texts.ticket].into_iter().flatten() {
                    out.push_str(text);
                    out.push('\n');
                }
                out.push_str(&row.object);
            }
            out.push_str(&format!("{page:?}"));
        }
        View::AuditEntry(row) => out.push_str(&format!("{row:?}")),
        View::RevealPrompt(prompt) => out.push_str(&format!("{prompt:?}")),
        View::UndoNext(label) => out.push_str(&format!("{label:?}")),
        View::Imports(rows) => out.push_str(&format!("{rows:?}")),
        View::Staff(rows) => out.push_str(&format!("{rows:?}")),
        View::Chain(state) => out.push_str(&format!("{state:?}")),
        View::BackupHealth(health) => out.push_str(&format!("{health:?}")),
        View::Backups(view) => out.push_str(&format!("{view:?}")),
        View::Quality(view) => {
            if let QualityView::Page(page) = view {
                page.rows.iter().for_each(|row| shown(&mut out, &row.name));
            }
            out.push_str(&format!("{view:?}"));
        }
        View::Pool(page) => {
            page.rows.iter().for_each(|row| shown(&mut out, &row.name));
            out.push_str(&format!("{page:?}"));
        }
        View::FieldChanges(rows) => out.push_str(&format!("{rows:?}")),
        View::FieldUses(rows) => out.push_str(&format!("{rows:?}")),
        View::Rules(rows) => out.push_str(&format!("{rows:?}")),
        View::LossList(list) => out.push_str(&format!("{list:?}")),
        View::LossReasons(rows) => out.push_str(&format!("{rows:?}")),
        View::Tags(rows) => out.push_str(&format!("{rows:?}")),
        View::SavedViews(rows) => out.push_str(&format!("{rows:?}")),
        View::BulkPreview(report) => out.push_str(&format!("{report:?}")),
        View::ExportPreview(report) => out.push_str(&format!("{report:?}")),
        View::Vocabulary(words) => out.push_str(&format!("{words:?}")),
        View::Me(_) | View::Schema(_) | View::Roles(_) | View::Policy(_) | View::Draft(_) => {}
    }
    out
}

pub fn words(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

/// Everything that a person tries by whom a value must not be seen, short of a reveal that is granted.
fn attempts(id: CustomerId) -> Vec<Action> {
    let mut out = vec![
        Action::OpenCustomer(id),
        Action::FindDuplicates,
        Action::Deal(DealAction::Add(id, crate::deals::draft("tea", "1"))),
        Action::Quality(QualityAction::Closer(vec![FieldClass::Contact])),
        Action::Quality(QualityAction::Closer(vec![FieldClass::Sensitive])),
        Action::AddFollowUp(id, NextStep::once(NOON.plus_seconds(86_400), "call".into())),
        Action::LogInteraction(
            id,
            Contact {
                kind: InteractionKind::Call,
                text: "called".into(),
                ticket: Some("T-1".into()),
                ..Contact::default()
            },
        ),
    ];
    for (field, value, _) in CANARIES {
        out.push(Action::Reveal(id, key(field), Reason::code(ReasonCode::Other)));
        let text = format!("{{field.{field}}}");
        let other = Some(Reason::code(ReasonCode::Other));
        out.push(Action::Template(TemplateAction::Copy(id, text.as_str().into(), other)));
        out.push(Action::Copy(id, key(field), Reason::code(ReasonCode::Other)));
        out.push(Action::Verify(id, key(field), words(value)));
        out.push(Action::CheckDuplicate(key(field), words(value)));
        out.push(Action::EditCustomer(id, 99, vec![set(field, value)]));
        out.push(Action::AddCustomer(vec![set(field, value)]));
        out.extend(recognise(value, "CN").map(Action::FindByIdentifier));
    }
    out
}

fn questions(id: CustomerId) -> Vec<Query> {
    let mut out = vec![
        Query::Me,
        Query::Schema,
        Query::Today,
        Query::Refresh(id),
        Query::FollowUps(FollowUpRequest { limit: 100, ..FollowUpRequest::default() }),
        Query::Deals(DealQuery::Board(BoardRequest { pipeline: None, whose: Whose::All, limit: 100 })),
        Query::Cases(CaseQuery::Open(Held::All, 100)),
        Query::Chain,
        Query::Staff,
        Query::Roles,
        Query::Policy,
        Query::Imports,
        Query::UndoNext,
        Query::Vocabulary,
        Query::SavedViews,
        Query::LossReasons,
        Query::LossList,
        Query::Tags,
        Query::Templates(TemplateQuery::Filled(TemplateId(1), id)),
        Query::Cadences(CadenceQuery::List),
        Query::Pool(veilbook::service::view::PoolQuery::List(None, 50)),
        Query::Quality(QualityQuery::Counts(None)),
        Query::Quality(QualityQuery::List(FlawKind::Missing, None)),
    ];
    for (field, value, _) in CANARIES {
        out.push(Query::RevealPrompt(id, key(field)));
        let texts = [value.to_owned(), value.chars().take(9).collect(), format!("张 {value}")];
        let conditions =
            [format!("{field}:{value}"), format!("field.{field}=\"{value}\""), format!("-tag:\"{value}\"")];
        let texts = texts.into_iter().chain(conditions);
        out.extend(texts.map(|text| Query::Customers(ListRequest { text, limit: 50, ..ListRequest::default() })));
    }
    out.extend((0..400).map(|seq| Query::AuditEntry(EntrySeq(seq))));
    out.push(Query::Audit(AuditRequest { limit: 500, ..AuditRequest::default() }));
    out
}

#[test]
fn no_role_sees_a_value_in_any_answer_without_a_grant() {
    let (house, owner) = House::new();
    let id = customer(&owner);
    for (field, value, _) in CANARIES {
        let version = open(&owner, id).profile.version;
        owner.perform(Action::EditCustomer(id, version, vec![set(field, value)])).unwrap();
    }
    let all: Vec<String> = CANARIES.iter().map(|(field, ..)| format!("{{field.{field}}}")).collect();
    owner.perform(Action::Template(TemplateAction::Add(crate::templates::draft("all", &all.join(" "))))).unwrap();
    let mut people = vec![house.again()];
    people.extend(RoleName::ALL.iter().map(|role| house.staff(&owner, *role)));
    for person in &people {
        for action in attempts(id) {
            let said = format!("{action:?}");
            clean(&said, "the Debug of an action");
            let answer = person.perform(action);
            clean(&format!("{answer:?}"), &said);
            match answer {
                Ok(Done::Customer(detail)) => {
                    let mut out = format!("{detail:?}");
                    spill_detail(&mut out, &detail);
                    clean(&out, &said);
                }
                Ok(Done::Hunt(hunt)) => {
                    clean(&format!("{hunt:?}"), "the Debug of a search");
                    let pairs = hunt.run(&mut |_| std::ops::ControlFlow::Continue(())).unwrap();
                    let mut out = format!("{pairs:?}");
                    for pair in pairs {
                        spill_rows(&mut out, &[pair.keep]);
                        spill_rows(&mut out, pair.other.as_slice());
                    }
                    clean(&out, &said);
                }
                Ok(Done::Matches(rows) | Done::Duplicates { within: rows, .. }) => {
                    let mut out = format!("{rows:?}");
                    spill_rows(&mut out, &rows);
                    clean(&out, &said);
                }
                Err(refusal) => clean(&refusal.to_string(), &said),
                Ok(Done::Revealed(_)) => panic!("{said} was granted"),
                Ok(_) => {}
            }
        }
        for query in questions(id) {
            let said = format!("{query:?}");
            clean(&said, "the Debug of a question");
            match person.query(query) {
                Ok(view) => clean(&spill(&view), &said),
                Err(refusal) => clean(&format!("{refusal:?} {refusal}"), &said),
            }
        }
        person.settle();
    }
    for person in &people {
        if let Ok(Done::Export(bytes)) = person.perform(Action::ExportRecord) {
            clean(&String::from_utf8_lossy(&bytes), "the exported record");
        }
        let order = ExportOrder { target: Target::Query(String::new()), parts: None, values: Vec::new() };
        if let Ok(Done::Exported(out)) = person.perform(Action::ExportCustomers(order, callback(), "x.csv".into())) {
            clean(&String::from_utf8_lossy(&out.csv), "exported customers");
        }
    }
}

/// A walk over every screen and into what opens from them.
const WALK: &str = "f2 f3 | esc b esc D enter esc c enter esc esc T esc down up enter down down down end home e esc i esc f esc w esc v esc esc f4 enter esc f6 down \
                    enter esc f9 tab tab tab ? esc : esc f3 / 4 3 2 1 enter esc esc f2 n esc";

#[test]
fn no_frame_of_any_role_and_size_shows_a_value_without_a_grant() {
    let (house, owner) = House::new();
    let id = customer(&owner);
    owner.perform(Action::AddFollowUp(id, NextStep::once(NOON.plus_seconds(60), "call".into()))).unwrap();
    for role in RoleName::ALL {
        let person = house.staff(&owner, *role);
        for size in [(80, 24), (160, 50)] {
            let mut seat = Seat::new(&person, size);
            for press in WALK.split_whitespace() {
                seat.press(press);
                clean(&seat.screen(), &format!("{} at {size:?} after {press}", role.code()));
            }
            clean(&seat.debug(), "the program's Debug");
            clean(&seat.log, "what went to and fro");
        }
    }
}

#[test]
fn nobody_is_refused_a_thing_by_only_walking_through_the_program() {
    let (house, owner) = House::new();
    customer(&owner);
    for role in RoleName::ALL {
        let person = house.staff(&owner, *role);
        Seat::new(&person, (80, 24)).press("f2 f3 f4 f6 f9 f3");
    }
    let mut request = AuditRequest { limit: 500, ..AuditRequest::default() };
    request.filter.outcome = Some(veilbook::domain::audit::Outcome::Refused);
    let Ok(View::Audit(page)) = owner.query(Query::Audit(request)) else { panic!("no record") };
    let refused: Vec<(&str, &str)> =
        page.rows.iter().map(|row| (row.actor.as_str(), row.entry.what.action.as_str())).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn a_revealed_value_shows_in_its_frame_alone_and_goes_with_esc_the_lock_and_time() {
    let (house, owner) = House::new();
    customer(&owner);
    type Hide = fn(&mut Seat<'_>);
    let ways: [(&str, Hide); 5] = [
        ("esc", |seat| _ = seat.press("esc")),
        ("the lock", |seat| _ = seat.press("L")),
        ("time", |seat| _ = seat.wait(60)),
        ("another screen", |seat| _ = seat.press("f4")),
        ("another record", |seat| _ = seat.press("esc esc")),
    ];
    for size in [(80, 24), (160, 50)] {
        for (name, hide) in ways {
            let mut seat = Seat::new(&owner, size);
            seat.now = house.clock.now();
            seat.press("f3 enter r 1 enter");
            let screen = seat.screen();
            assert!(squeezed(&screen).contains("13987654321"), "{screen}");
            clean(&seat.debug(), "the program's Debug while a value is in sight");
            clean(&seat.log, "what went to and fro");
            hide(&mut seat);
            clean(&seat.screen(), name);
            seat.press("f2 f3");
            clean(&seat.screen(), name);
        }
    }
}

#[test]
fn the_command_line_prints_no_value_without_a_grant_and_one_with_it() {
    let (house, owner) = House::new();
    let id = customer(&owner);
    owner.end();
    drop(owner);
    house.gate.seal();
    let id = id.to_string();
    let run = |arguments: &[&str]| {
        let ran = house.program().args(arguments).output().unwrap();
        format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr))
    };
    for arguments in [
        &["customers"][..],
        &["customers", "--json"],
        &["customers", "13987654321"],
        &["customers", "quetzalcoatl@canary.example", "--json"],
        &["show", &id],
        &["show", &id, "--json"],
        &["audit", "list"],
        &["audit", "list", "--json"],
        &["audit", "verify"],
        &["follow-ups", "--json"],
        &["fields", "--json"],
        &["reveal", &id, "mobile", "--reason", "other", "--text", "."],
        &["doctor"],
    ] {
        let said = run(arguments);
        assert!(!said.is_empty() || arguments[0] == "follow-ups", "{arguments:?}");
        clean(&said.replace("13987654321", "").replace("quetzalcoatl@canary.example", ""), &arguments.join(" "));
    }
    assert!(run(&["show", &id]).contains("139****4321"));
    let said = run(&["reveal", &id, "mobile", "--reason", "callback"]);
    assert!(squeezed(&said).contains("13987654321"), "{said}");
}
