//! Consents: given, refused, withdrawn and taken back; found by queries; the wordings and their versions; and what becomes
//! of them when somebody is merged, renamed, erased, restored, or when an import is taken back.

use std::ops::ControlFlow;

use veilbook::domain::consent::{ConsentDraft, ConsentHow, ConsentState, MOST_VERSIONS, Purpose, Speaker};
use veilbook::domain::customer::Basis;
use veilbook::domain::id::{ConsentId, CustomerId};
use veilbook::domain::query::QueryFaultKind;
use veilbook::domain::role::RoleName;
use veilbook::service::view::{
    Asked, Bulk, CadenceAction, CadenceQuery, CadenceView, ConsentAction, ConsentRow, Happening, ListRequest,
    PurposeRow, Target,
};
use veilbook::service::{Action, Change, Done, Fault, ImportRecord, OnDuplicate, Query, Refusal, Session, View};
use veilbook::vault::book::consents as book;
use veilbook::vault::store::{Get, Table, Way};

use crate::house::{House, NOON, add, callback, open, verbs};

const DAY: i64 = 86_400;

fn try_say(who: &Session, customer: CustomerId, draft: ConsentDraft) -> Result<Done, Refusal> {
    who.perform(Action::Consent(ConsentAction::Say(customer, draft)))
}

pub fn say(who: &Session, customer: CustomerId, purpose: Purpose, state: ConsentState) {
    try_say(who, customer, ConsentDraft::now(purpose, state)).unwrap();
}

fn word(who: &Session, purpose: Purpose, version: u32, text: &str) -> Result<Done, Refusal> {
    who.perform(Action::Consent(ConsentAction::Word(purpose, version, [text.into(), "".into()])))
}

pub fn row(who: &Session, customer: CustomerId, purpose: Purpose) -> ConsentRow {
    open(who, customer).consents.into_iter().find(|row| row.purpose == purpose).unwrap()
}

fn state(who: &Session, customer: CustomerId, purpose: Purpose) -> Option<ConsentState> {
    row(who, customer, purpose).state()
}

fn found(who: &Session, text: &str) -> Vec<String> {
    let request = ListRequest { text: text.into(), limit: 100, ..ListRequest::default() };
    match who.query(Query::Customers(request)) {
        Ok(View::Customers(page)) => page.rows.iter().map(|row| row.name.text().to_owned()).collect(),
        other => panic!("{text}: {other:?}"),
    }
}

fn purposes(who: &Session) -> Vec<PurposeRow> {
    let Ok(View::Purposes(rows)) = who.query(Query::Purposes) else { panic!("no purposes") };
    rows
}

fn merge(who: &Session, keep: CustomerId, other: CustomerId) {
    let versions = [keep, other].map(|id| open(who, id).profile.version);
    who.perform(Action::Merge { keep: (keep, versions[0]), other: (other, versions[1]), take: vec![] }).unwrap();
}

/// The rows by purpose that the vault has, and those that its customers should have.
fn rows_fit(house: &House, signed_in: Vec<Session>) {
    // Nobody may have the vault open meanwhile.
    signed_in.into_iter().for_each(|session| session.end());
    let tables = crate::erase::tables(house);
    let from = tables.read().unwrap();
    let (mut there, mut of) = (Vec::new(), Vec::new());
    from.visit_prefix(Table::Consents, &[], Way::Up, &mut |key, _| {
        match book::whose(key) {
            Some(id) if of.last() != Some(&id) => of.push(id),
            Some(_) => {}
            None => there.push(key.to_vec()),
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    let customer = |id| veilbook::vault::book::customers::get(&from, id).unwrap().unwrap();
    let mut wanted: Vec<Vec<u8>> =
        of.iter().flat_map(|id| book::rows(&customer(*id), &book::of(&from, *id).unwrap())).collect();
    wanted.sort();
    assert_eq!(there, wanted);
}

#[test]
fn what_is_said_adds_to_what_was_said_and_the_newest_counts() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    assert_eq!(state(&owner, id, Purpose::Marketing), None);
    let on_paper = ConsentDraft {
        how: ConsentHow::Paper,
        speaker: Speaker::Guardian,
        note: "signed by the mother".into(),
        ..ConsentDraft::now(Purpose::Marketing, ConsentState::Given)
    };
    try_say(&owner, id, on_paper).unwrap();
    house.clock.advance(60);
    say(&owner, id, Purpose::Marketing, ConsentState::Withdrawn);
    let row = row(&owner, id, Purpose::Marketing);
    assert_eq!((row.state(), row.history.len(), row.asked), (Some(ConsentState::Withdrawn), 2, Asked::Current));
    let given = &row.history[1].consent;
    assert_eq!((given.how, given.speaker, given.version, given.at), (ConsentHow::Paper, Speaker::Guardian, 1, NOON));
    assert_eq!((given.note.as_str(), row.history[1].by.as_str()), ("signed by the mother", "Olga"));
    assert_eq!(state(&owner, id, Purpose::Sharing), None, "one purpose says nothing of another");
    let told = open(&owner, id).timeline.into_iter().filter_map(|item| match item.what {
        Happening::Consent(what) => Some((what.before, what.after)),
        _ => None,
    });
    let told: Vec<_> = told.collect();
    let both = [(Some(ConsentState::Given), ConsentState::Withdrawn), (None, ConsentState::Given)];
    assert_eq!(told, both);
    let verbs = verbs(&owner);
    for verb in ["consent.give", "consent.withdraw"] {
        assert!(verbs.iter().any(|said| said == verb), "{verb}");
    }
}

#[test]
fn each_of_them_is_taken_back_by_one_undo() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    say(&owner, id, Purpose::Marketing, ConsentState::Given);
    house.clock.advance(1);
    say(&owner, id, Purpose::Marketing, ConsentState::Withdrawn);
    for expected in [Some(ConsentState::Given), None] {
        owner.perform(Action::Undo).unwrap();
        assert_eq!(state(&owner, id, Purpose::Marketing), expected);
    }
    assert!(found(&owner, "consent:marketing=yes").is_empty());
    owner.perform(Action::Undo).unwrap();
    assert!(matches!(owner.perform(Action::OpenCustomer(id)), Err(Refusal::OutOfScope)));
    rows_fit(&house, vec![owner]);
}

#[test]
fn what_was_said_earlier_is_put_in_its_place_and_nothing_is_said_that_is_to_come() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    say(&owner, id, Purpose::Marketing, ConsentState::Refused);
    let earlier = |days: i64| ConsentDraft {
        at: Some(NOON.plus_seconds(days * DAY)),
        ..ConsentDraft::now(Purpose::Marketing, ConsentState::Given)
    };
    try_say(&owner, id, earlier(-9)).unwrap();
    assert_eq!(state(&owner, id, Purpose::Marketing), Some(ConsentState::Refused));
    let fault = |done: Result<Done, Refusal>| match done {
        Err(Refusal::Invalid(faults)) => faults[0].fault.clone(),
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(fault(try_say(&owner, id, earlier(1))), Fault::StillToCome);
    let nothing = ConsentDraft::now(Purpose::Sharing, ConsentState::Withdrawn);
    assert_eq!(fault(try_say(&owner, id, nothing)), Fault::NothingGiven);
    let long = "字".repeat(501);
    let note = ConsentDraft { note: long.as_str().into(), ..ConsentDraft::now(Purpose::Sharing, ConsentState::Given) };
    assert_eq!(fault(try_say(&owner, id, note)), Fault::TooLong);
}

#[test]
fn a_new_wording_is_a_new_version_and_who_agreed_to_the_old_one_is_to_be_asked_again() {
    let (house, owner) = House::new();
    let [before, after] = ["before", "after"].map(|name| add(&owner, name, vec![]));
    say(&owner, before, Purpose::Marketing, ConsentState::Given);
    word(&owner, Purpose::Marketing, 1, "I agree to letters.").unwrap();
    say(&owner, after, Purpose::Marketing, ConsentState::Given);
    let (old, new) = (row(&owner, before, Purpose::Marketing), row(&owner, after, Purpose::Marketing));
    assert_eq!((old.asked, new.asked), (Asked::Older, Asked::Current));
    assert!(old.wording.unwrap().texts[0].as_str().contains("by phone"), "the words that were agreed to stay");
    assert_eq!(new.wording.unwrap().texts[0].as_str(), "I agree to letters.");
    assert_eq!(found(&owner, "consent:marketing=older"), ["before"]);
    assert_eq!(found(&owner, "consent:marketing=yes"), ["after", "before"]);
    assert!(matches!(word(&owner, Purpose::Marketing, 1, "again"), Err(Refusal::Conflict(_))));
    // The same words ask nobody anew, and none at all are no wording.
    word(&owner, Purpose::Marketing, 2, " I agree to letters. ").unwrap();
    assert!(matches!(word(&owner, Purpose::Marketing, 2, " "), Err(Refusal::Invalid(_))));
    assert_eq!(purposes(&owner)[1].current().map(|now| now.version), Some(2));
    assert!(!matches!(owner.perform(Action::Undo), Ok(Done::Undone(label)) if label.action == "consent.wording"));
    owner.end();
    drop(owner);
    house.gate.seal();
    assert_eq!(purposes(&house.again())[1].wordings.len(), 2);
}

#[test]
fn versions_have_an_end_and_a_wording_a_length() {
    let (_house, owner) = House::new();
    assert!(matches!(word(&owner, Purpose::Service, 1, &"字".repeat(2_001)), Err(Refusal::Invalid(_))));
    let most = u32::try_from(MOST_VERSIONS).unwrap();
    for version in 1..most {
        word(&owner, Purpose::Service, version, &format!("version {version}")).unwrap();
    }
    let full = word(&owner, Purpose::Service, most, "one more");
    assert!(matches!(&full, Err(Refusal::Invalid(f)) if f[0].fault == Fault::Full(MOST_VERSIONS)), "{full:?}");
}

#[test]
fn queries_find_who_said_what_in_both_languages_and_within_scope() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    let said = [
        ("Ada", Some(ConsentState::Given)),
        ("Bea", Some(ConsentState::Refused)),
        ("Cleo", Some(ConsentState::Given)),
        ("Dora", None),
    ];
    for (name, said) in said {
        let id = add(&owner, name, vec![Change::Tags(vec!["tea".into()])]);
        if let Some(said) = said {
            say(&owner, id, Purpose::Marketing, said);
        }
        if name == "Cleo" {
            house.clock.advance(1);
            say(&owner, id, Purpose::Marketing, ConsentState::Withdrawn);
            say(&owner, id, Purpose::Sharing, ConsentState::Given);
        }
    }
    for (text, names) in [
        ("consent:marketing=yes", &["Ada"][..]),
        ("consent:marketing=no", &["Bea", "Cleo"]),
        ("同意:营销=否", &["Bea", "Cleo"]),
        ("同意：营销＝已撤回", &["Cleo"]),
        ("consent:marketing=withdrawn", &["Cleo"]),
        ("consent:marketing=unknown", &["Dora"]),
        ("consent:marketing=yes,unknown", &["Ada", "Dora"]),
        ("consent:marketing=no,sharing=yes", &["Bea", "Cleo"]),
        ("-consent:marketing=no", &["Ada", "Dora"]),
        ("consent:marketing=no tag:tea -consent:sharing=yes", &["Bea"]),
        ("consent:marketing=no cleo", &["Cleo"]),
        ("consent:cross_border=unknown", &["Ada", "Bea", "Cleo", "Dora"]),
    ] {
        assert_eq!(found(&owner, text), names, "{text}");
    }
    assert!(found(&sales, "consent:marketing=no").is_empty(), "another's customers are out of scope");
    let fault = |text: &str| match owner.query(Query::Customers(ListRequest {
        text: text.into(),
        limit: 9,
        ..Default::default()
    })) {
        Err(Refusal::Query(fault)) => fault.kind,
        other => panic!("{text}: {other:?}"),
    };
    assert!(matches!(fault("consent:marketing=maybe"), QueryFaultKind::UnknownValue { .. }));
    assert!(matches!(fault("consent:marketting=no"), QueryFaultKind::UnknownPurpose { meant: Some(_) }));
    assert!(matches!(fault("同意:营销"), QueryFaultKind::NoValue(_)));
    rows_fit(&house, vec![owner, sales]);
}

#[test]
fn many_who_said_so_are_listed_in_the_order_of_their_names_page_by_page() {
    let (house, owner) = House::new();
    let begin = Action::BeginImport {
        file: "list.csv".into(),
        source: "fair".into(),
        basis: Basis::Consent,
        duplicates: OnDuplicate::Keep,
    };
    let Ok(Done::ImportBegun(job)) = owner.perform(begin) else { panic!("not begun") };
    let record = |n: u64| {
        let changes = vec![Change::Name(format!("Customer {n:05}").as_str().into())];
        ImportRecord { row: n, owner: None, created: None, consents: vec![], changes }
    };
    for chunk in 0..2 {
        let rows = (chunk * 1_500..(chunk + 1) * 1_500).map(record).collect();
        owner.perform(Action::ImportRows(job, rows)).unwrap();
    }
    owner.perform(Action::FinishImport(job)).unwrap();
    // Who said so is more than are gathered at once, so the index by name is walked.
    owner.end();
    drop(owner);
    let tables = crate::erase::tables(&house);
    tables
        .write(&mut |to| {
            for n in 1..=2_500_u64 {
                let customer = veilbook::vault::book::customers::get(to, CustomerId(n))?.unwrap();
                let consent = veilbook::domain::consent::Consent {
                    id: ConsentId(n),
                    customer: CustomerId(n),
                    purpose: Purpose::Marketing,
                    state: ConsentState::Withdrawn,
                    at: NOON,
                    how: ConsentHow::Web,
                    speaker: Speaker::Customer,
                    version: 1,
                    by: veilbook::domain::id::StaffId(1),
                    note: "".into(),
                };
                book::put(to, &customer, &consent)?;
            }
            Ok(veilbook::vault::tables::Fate::Commit)
        })
        .unwrap();
    drop(tables);
    let owner = house.again();
    let request = |anchor| ListRequest {
        text: "consent:marketing=withdrawn".into(),
        anchor,
        limit: 50,
        ..ListRequest::default()
    };
    let Ok(View::Customers(page)) = owner.query(Query::Customers(request(Default::default()))) else {
        panic!("no page")
    };
    let names: Vec<&str> = page.rows.iter().map(|row| row.name.text()).collect();
    assert_eq!((names.len(), names[0], names[49]), (50, "Customer 00000", "Customer 00049"));
    let after = veilbook::service::view::Anchor::After(page.rows[49].cursor.clone());
    let Ok(View::Customers(page)) = owner.query(Query::Customers(request(after))) else { panic!("no page") };
    assert_eq!(page.rows[0].name.text(), "Customer 00050");
}

#[test]
fn who_may_is_as_the_roles_say_and_nobody_reaches_beyond_their_scope() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    for role in [RoleName::Support, RoleName::PrivacyOfficer, RoleName::Lead] {
        let who = house.staff(&owner, role);
        say(&who, id, Purpose::Marketing, ConsentState::Given);
        let worded = word(&who, Purpose::Marketing, purposes(&who)[1].wordings.len() as u32, role.code());
        assert_eq!(worded.is_ok(), role == RoleName::PrivacyOfficer, "{role:?}: {worded:?}");
    }
    let sales = house.staff(&owner, RoleName::Sales);
    for unseen in [id, CustomerId(99)] {
        let said = try_say(&sales, unseen, ConsentDraft::now(Purpose::Marketing, ConsentState::Given));
        assert!(matches!(said, Err(Refusal::OutOfScope)), "{said:?}");
    }
    let auditor = house.staff(&owner, RoleName::Auditor);
    let said = try_say(&auditor, id, ConsentDraft::now(Purpose::Marketing, ConsentState::Given));
    assert!(matches!(said, Err(Refusal::NotPermitted { .. })), "{said:?}");
}

#[test]
fn consents_go_with_a_merge_in_a_chain_and_come_back_one_by_one() {
    let (house, owner) = House::new();
    let [a, b, c] = ["Ada", "Bea", "Cleo"].map(|name| add(&owner, name, vec![]));
    say(&owner, a, Purpose::Marketing, ConsentState::Given);
    house.clock.advance(1);
    say(&owner, b, Purpose::Marketing, ConsentState::Refused);
    say(&owner, a, Purpose::Sharing, ConsentState::Given);
    merge(&owner, b, a);
    assert_eq!(state(&owner, b, Purpose::Marketing), Some(ConsentState::Refused), "what was said last counts");
    assert_eq!(state(&owner, b, Purpose::Sharing), Some(ConsentState::Given));
    merge(&owner, c, b);
    assert_eq!(found(&owner, "consent:marketing=no"), ["Cleo"]);
    assert_eq!(row(&owner, c, Purpose::Marketing).history.len(), 2);
    // The number that was merged away is whoever they are now.
    say(&owner, a, Purpose::Publishing, ConsentState::Refused);
    assert_eq!(state(&owner, c, Purpose::Publishing), Some(ConsentState::Refused));
    for _ in 0..2 {
        owner.perform(Action::Undo).unwrap();
    }
    assert_eq!(
        (state(&owner, b, Purpose::Sharing), state(&owner, c, Purpose::Sharing)),
        (Some(ConsentState::Given), None)
    );
    owner.perform(Action::Undo).unwrap();
    assert_eq!(state(&owner, a, Purpose::Marketing), Some(ConsentState::Given));
    assert_eq!(
        (state(&owner, b, Purpose::Marketing), state(&owner, b, Purpose::Sharing)),
        (Some(ConsentState::Refused), None)
    );
    assert_eq!(found(&owner, "consent:marketing=yes"), ["Ada"]);
    rows_fit(&house, vec![owner]);
}

#[test]
fn another_name_leads_to_the_same_consents_in_its_own_place() {
    let (house, owner) = House::new();
    let id = add(&owner, "Zoe", vec![]);
    let other = add(&owner, "Mia", vec![]);
    say(&owner, id, Purpose::Marketing, ConsentState::Given);
    say(&owner, other, Purpose::Marketing, ConsentState::Given);
    let version = open(&owner, id).profile.version;
    owner.perform(Action::EditCustomer(id, version, vec![Change::Name("Abe".into())])).unwrap();
    assert_eq!(found(&owner, "consent:marketing=yes"), ["Abe", "Mia"]);
    rows_fit(&house, vec![owner]);
}

#[test]
fn erasing_somebody_leaves_nothing_that_they_said_and_no_step_that_would_bring_it_back() {
    let (house, owner) = House::new();
    let [a, b, keep] = ["Ada", "Bea", "Cleo"].map(|name| add(&owner, name, vec![]));
    let noted =
        |note: &str| ConsentDraft { note: note.into(), ..ConsentDraft::now(Purpose::Marketing, ConsentState::Given) };
    try_say(&owner, a, noted("xylograph by post")).unwrap();
    try_say(&owner, keep, noted("xylograph by hand")).unwrap();
    merge(&owner, b, a);
    merge(&owner, keep, b);
    owner.perform(Action::EraseCustomer(keep, callback())).unwrap();
    owner.end();
    drop(owner);
    let tables = crate::erase::tables(&house);
    let from = tables.read().unwrap();
    let mut left = Vec::new();
    for table in Table::ALL {
        from.visit_prefix(*table, &[], Way::Up, &mut |key, value| {
            let has = |needle: &[u8]| value.windows(needle.len()).any(|window| window == needle);
            if *table == Table::Consents || has(b"xylograph") {
                left.push((table.name(), key.to_vec()));
            }
            // A chain of merges leaves no step that holds one of them.
            if *table == Table::Undo && (has(b"Ada") || has(b"Bea") || has(b"Cleo")) {
                left.push((table.name(), key.to_vec()));
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    }
    assert_eq!(left, []);
}

#[test]
fn an_import_and_an_addition_are_not_taken_back_under_whom_somebody_agreed() {
    let (house, owner) = House::new();
    let begin = Action::BeginImport {
        file: "list.csv".into(),
        source: "fair".into(),
        basis: Basis::Consent,
        duplicates: OnDuplicate::Keep,
    };
    let Ok(Done::ImportBegun(job)) = owner.perform(begin) else { panic!("not begun") };
    let changes = vec![Change::Name("Ada".into())];
    owner
        .perform(Action::ImportRows(
            job,
            vec![ImportRecord { row: 1, owner: None, created: None, consents: vec![], changes }],
        ))
        .unwrap();
    owner.perform(Action::FinishImport(job)).unwrap();
    let other = owner.perform(crate::house::named("Bea", vec![])).unwrap();
    let Done::Saved(bea, _) = other else { panic!("not added") };
    let lead = house.staff(&owner, RoleName::Lead);
    say(&lead, bea, Purpose::Marketing, ConsentState::Refused);
    assert!(matches!(owner.perform(Action::Undo), Err(Refusal::UndoStale(who)) if who.contains("lead")));
    lead.perform(Action::Undo).unwrap();
    owner.perform(Action::Undo).unwrap();
    say(&lead, CustomerId(1), Purpose::Marketing, ConsentState::Refused);
    assert!(matches!(owner.perform(Action::Undo), Err(Refusal::UndoStale(_))));
    lead.perform(Action::Undo).unwrap();
    owner.perform(Action::Undo).unwrap();
    assert!(found(&owner, "").is_empty());
}

#[test]
fn a_cadence_for_many_says_how_many_want_no_marketing_and_a_template_says_it_of_one() {
    let (_house, owner) = House::new();
    let ids = ["Ada", "Bea", "Cleo"].map(|name| add(&owner, name, vec![]));
    say(&owner, ids[0], Purpose::Marketing, ConsentState::Refused);
    say(&owner, ids[1], Purpose::Marketing, ConsentState::Given);
    owner.perform(Action::Cadence(CadenceAction::Add(crate::cadences::draft("Spring", "0 call")))).unwrap();
    let Ok(View::Cadences(CadenceView::Rows(rows))) = owner.query(Query::Cadences(CadenceQuery::List)) else {
        panic!()
    };
    let preview = Query::BulkPreview(Target::Marked(ids.to_vec()), Bulk::Cadence(rows[0].id));
    let Ok(View::BulkPreview(report)) = owner.query(preview) else { panic!("no preview") };
    assert_eq!((report.changed, report.no_marketing), (3, 1));
    let added = owner.perform(Action::Template(veilbook::service::view::TemplateAction::Add(crate::templates::draft(
        "Sale", "{name}",
    ))));
    let Ok(Done::Template(template, _)) = added else { panic!("no template") };
    for (id, expected) in ids.iter().zip([Some(ConsentState::Refused), None, None]) {
        let filled = owner.query(Query::Templates(veilbook::service::view::TemplateQuery::Filled(template, *id)));
        let Ok(View::Templates(veilbook::service::view::TemplateView::Filled(filled))) = filled else {
            panic!("not filled")
        };
        assert_eq!(filled.no_marketing, expected);
    }
}

#[test]
fn a_rotation_and_the_deep_check_know_of_them() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    say(&owner, id, Purpose::Marketing, ConsentState::Given);
    word(&owner, Purpose::Marketing, 1, "I agree to letters.").unwrap();
    owner.end();
    drop(owner);
    house.gate.seal();
    let deep = house.program().env("XDG_STATE_HOME", house.folder.path()).args(["doctor", "--deep"]).output().unwrap();
    assert!(deep.status.success(), "{}", String::from_utf8_lossy(&deep.stdout));
    let rotated = house.program().env("XDG_STATE_HOME", house.folder.path()).args(["rotate"]).output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&rotated.stdout), String::from_utf8_lossy(&rotated.stderr));
    assert!(rotated.status.success(), "{told}");
    let owner = house.again();
    assert_eq!(row(&owner, id, Purpose::Marketing).asked, Asked::Older);
    owner.end();
    drop(owner);
    // A row of what nobody said is found.
    let tables = crate::erase::tables(&house);
    tables
        .write(&mut |to| {
            use veilbook::vault::store::Put;
            let mut row = book::prefix(Purpose::Sharing, ConsentState::Given);
            row.extend(b"astray\0\0\0\0\0\0\0\0\x01");
            to.put(Table::Consents, &row, &[])?;
            Ok(veilbook::vault::tables::Fate::Commit)
        })
        .unwrap();
    drop(tables);
    let deep = house.program().env("XDG_STATE_HOME", house.folder.path()).args(["doctor", "--deep"]).output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&deep.stdout), String::from_utf8_lossy(&deep.stderr));
    assert!(!deep.status.success() && told.contains("consents by purpose"), "{told}");
}

#[test]
fn what_is_put_down_of_a_day_counts_after_what_was_said_on_it_and_nothing_older_is_taken_for_the_newest() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    let on = |at, state| ConsentDraft { at: Some(at), ..ConsentDraft::now(Purpose::Marketing, state) };
    say(&owner, id, Purpose::Marketing, ConsentState::Given);
    house.clock.advance(3_600);
    // A day is named by its first moment, which lies before the morning's yes.
    try_say(&owner, id, on(NOON.plus_seconds(-11 * 3_600), ConsentState::Withdrawn)).unwrap();
    assert_eq!(state(&owner, id, Purpose::Marketing), Some(ConsentState::Withdrawn));
    assert!(found(&owner, "consent:marketing=yes").is_empty());
    let older = try_say(&owner, id, on(NOON.plus_seconds(-2 * DAY), ConsentState::Refused));
    assert!(matches!(&older, Err(Refusal::Invalid(faults)) if faults[0].fault == Fault::Overtaken), "{older:?}");
    assert_eq!(row(&owner, id, Purpose::Marketing).history.len(), 2);
    // An older yes is kept in its place, and whoever puts it down is told that the no holds.
    let older = try_say(&owner, id, on(NOON.plus_seconds(-2 * DAY), ConsentState::Given)).unwrap();
    assert!(matches!(older, Done::Consent(ConsentState::Withdrawn)), "{older:?}");
    assert_eq!(state(&owner, id, Purpose::Marketing), Some(ConsentState::Withdrawn));
    rows_fit(&house, vec![owner]);
}

#[test]
fn a_consent_of_an_earlier_day_is_to_the_words_of_that_day() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    owner.end();
    house.clock.advance(2 * DAY);
    let owner = house.again();
    word(&owner, Purpose::Marketing, 1, "Other words").unwrap();
    let paper = ConsentDraft {
        at: Some(NOON.plus_seconds(DAY)),
        how: ConsentHow::Paper,
        ..ConsentDraft::now(Purpose::Marketing, ConsentState::Given)
    };
    try_say(&owner, id, paper).unwrap();
    let row = row(&owner, id, Purpose::Marketing);
    assert_eq!((row.history[0].consent.version, row.asked), (1, Asked::Older));
}
