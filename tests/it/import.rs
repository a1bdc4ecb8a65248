//! Imports through the door: duplicates, cancelling, crashes and undo, each as one.

use std::collections::BTreeMap;

use veilbook::domain::customer::Basis;
use veilbook::domain::id::{CustomerId, JobId};
use veilbook::domain::role::RoleName;
use veilbook::service::view::{Anchor, ChunkReport, ImportState, ListRequest, Match, Total};
use veilbook::service::{Action, Change, Done, ImportRecord, OnDuplicate, Query, Refusal, Session, View};
use zeroize::Zeroizing;

use crate::house::{House, add, key, open, set};

fn begin(who: &Session, basis: Basis, duplicates: OnDuplicate) -> JobId {
    let action = Action::BeginImport { file: "list.csv".into(), source: "fair".into(), basis, duplicates };
    match who.perform(action) {
        Ok(Done::ImportBegun(job)) => job,
        other => panic!("not begun: {other:?}"),
    }
}

fn row(row: u64, name: &str, rest: Vec<Change>) -> ImportRecord {
    let changes = std::iter::once(Change::Name(name.into())).chain(rest).collect();
    ImportRecord { row, owner: None, created: None, consents: vec![], changes }
}

fn bring(who: &Session, job: JobId, rows: Vec<ImportRecord>) -> ChunkReport {
    match who.perform(Action::ImportRows(job, rows)) {
        Ok(Done::Imported(report)) => report,
        other => panic!("not brought in: {other:?}"),
    }
}

fn finish(who: &Session, job: JobId) {
    assert!(matches!(who.perform(Action::FinishImport(job)), Ok(Done::ImportFinished(_))));
}

/// All that anybody can see of the list: names with their fields, tags and versions' worth, the count, the to-do.
fn picture(who: &Session) -> (Vec<String>, Total, u64) {
    let request = ListRequest { limit: 100, anchor: Anchor::Top, ..ListRequest::default() };
    let Ok(View::Customers(page)) = who.query(Query::Customers(request)) else { panic!("no list") };
    let Ok(View::Today(today)) = who.query(Query::Today) else { panic!("no today") };
    let line = |row: &veilbook::service::view::CustomerRow| {
        let fields: BTreeMap<_, _> = row.fields.iter().map(|(k, v)| (k.as_str().to_owned(), v.text())).collect();
        format!("{} {} {:?} {:?} {:?}", row.id, row.name.text(), row.owner, row.tags, fields)
    };
    (page.rows.iter().map(line).collect(), page.total, today.without_basis)
}

fn counts(report: &ChunkReport) -> (u64, u64, u64, usize) {
    (report.added, report.merged, report.skipped, report.rejected.len())
}

fn is(who: &Session, id: CustomerId, field: &str, value: &str) -> bool {
    let said = Action::Verify(id, key(field), Zeroizing::new(value.into()));
    matches!(who.perform(said), Ok(Done::Verified(verdict)) if verdict.matched == Match::Yes)
}

fn state(who: &Session) -> ImportState {
    let Ok(View::Imports(imports)) = who.query(Query::Imports) else { panic!("no imports") };
    imports.first().unwrap().state
}

fn reopened(house: &House) -> Session {
    house.gate.seal();
    house.again()
}

#[test]
fn duplicates_are_skipped_merged_or_kept_as_was_asked() {
    for (way, expected, names) in [
        (OnDuplicate::Skip, (1, 0, 2, 1), 2),
        (OnDuplicate::Merge, (1, 2, 0, 1), 2),
        (OnDuplicate::Keep, (3, 0, 0, 1), 4),
    ] {
        let (_house, owner) = House::new();
        let known = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
        let job = begin(&owner, Basis::Contract, way);
        let report = bring(
            &owner,
            job,
            vec![
                row(1, "张三", vec![set("mobile", "+86 138 0000 1234"), set("email", "zsf@example.com")]),
                row(2, "李四", vec![set("mobile", "13900005678")]),
                row(3, "李四光", vec![set("mobile", "139-0000-5678"), set("company", "晨光")]),
                row(4, "王五", vec![set("mobile", "12")]),
            ],
        );
        assert_eq!(counts(&report), expected, "{way:?}");
        assert_eq!(report.rejected[0].0, 4);
        assert!(!format!("{:?}", report.rejected[0].1).contains("12"), "{:?}", report.rejected);
        assert_eq!(picture(&owner).0.len(), 1, "nobody sees an import under way");
        assert!(!is(&owner, known, "email", "zsf@example.com"));
        finish(&owner, job);
        assert_eq!(picture(&owner).0.len(), names, "{way:?}");
        assert_eq!(is(&owner, known, "email", "zsf@example.com"), way == OnDuplicate::Merge);
        assert_eq!(open(&owner, known).name.text(), "张三丰", "a merge fills and does not overwrite");
    }
}

#[test]
fn an_import_that_is_cancelled_or_left_by_a_crash_leaves_nothing() {
    let (house, owner) = House::new();
    add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let before = picture(&owner);
    let rows = || {
        let one = |n: u64| row(n, &format!("Customer {n}"), vec![set("mobile", &format!("1390000{n:04}"))]);
        (1..900).map(one).chain([row(900, "张三", vec![set("mobile", "13800001234"), set("email", "z@example.com")])])
    };
    let job = begin(&owner, Basis::NotKnownYet, OnDuplicate::Merge);
    bring(&owner, job, rows().collect());
    owner.perform(Action::CancelImport(job)).unwrap();
    assert_eq!((picture(&owner), state(&owner)), (before.clone(), ImportState::Undone));
    assert!(matches!(owner.perform(Action::FinishImport(job)), Err(Refusal::ImportState)));

    let job = begin(&owner, Basis::NotKnownYet, OnDuplicate::Merge);
    bring(&owner, job, rows().collect());
    drop(owner);
    let owner = reopened(&house);
    assert_eq!((picture(&owner), state(&owner)), (before, ImportState::Undone));
    let found = owner.perform(Action::CheckDuplicate(key("mobile"), Zeroizing::new("13900000007".into())));
    assert!(matches!(found, Ok(Done::Duplicates { within, beyond: 0 }) if within.is_empty()));
}

#[test]
fn undo_restores_the_earlier_list_exactly_over_a_restart_with_filled_customers_and_counters() {
    let (house, owner) = House::new();
    let known = add(&owner, "张三丰", vec![set("mobile", "13800001234"), Change::Tags(vec!["vip".into()])]);
    add(&owner, "李四", vec![Change::Basis(Basis::NotKnownYet)]);
    let before = picture(&owner);
    let job = begin(&owner, Basis::NotKnownYet, OnDuplicate::Merge);
    let one = |n: u64| row(n, &format!("Customer {n}"), vec![set("mobile", &format!("1390000{n:04}"))]);
    let filling = row(50, "张三", vec![set("mobile", "13800001234"), set("email", "z@example.com")]);
    bring(&owner, job, (1..50).map(one).chain([filling]).collect());
    finish(&owner, job);
    let after = picture(&owner);
    assert_eq!((after.1, after.2), (Total::Exactly(51), before.2 + 49));
    assert!(is(&owner, known, "email", "z@example.com"));
    drop(owner);
    let owner = reopened(&house);
    assert!(matches!(owner.perform(Action::Undo), Ok(Done::Undone(label)) if label.action == "import.finish"));
    assert_eq!((picture(&owner), state(&owner)), (before, ImportState::Undone));
    assert!(is(&owner, known, "mobile", "13800001234"));
    // The same file comes in again as if it never had.
    let job = begin(&owner, Basis::Contract, OnDuplicate::Skip);
    assert_eq!(counts(&bring(&owner, job, (1..50).map(one).collect())), (49, 0, 0, 0));
}

#[test]
fn an_import_that_somebody_worked_with_is_not_taken_back_and_the_refusal_names_them() {
    let (house, owner) = House::new();
    let job = begin(&owner, Basis::Contract, OnDuplicate::Skip);
    bring(&owner, job, vec![row(1, "李四", vec![]), row(2, "王五", vec![])]);
    finish(&owner, job);
    let support = house.staff(&owner, RoleName::Support);
    let request = ListRequest { limit: 10, ..ListRequest::default() };
    let Ok(View::Customers(page)) = support.query(Query::Customers(request)) else { panic!("no list") };
    let id = page.rows[1].id;
    support.perform(Action::EditCustomer(id, 1, vec![Change::Tags(vec!["vip".into()])])).unwrap();
    let refusal = owner.perform(Action::Undo).unwrap_err();
    assert!(matches!(&refusal, Refusal::UndoStale(who) if who == "support person"), "{refusal:?}");
    assert_eq!(picture(&owner).0.len(), 2);
}

#[test]
fn ones_own_later_edit_is_taken_back_first_and_then_the_import() {
    let (_house, owner) = House::new();
    let job = begin(&owner, Basis::Contract, OnDuplicate::Skip);
    bring(&owner, job, vec![row(1, "李四", vec![])]);
    finish(&owner, job);
    let request = ListRequest { limit: 10, ..ListRequest::default() };
    let Ok(View::Customers(page)) = owner.query(Query::Customers(request)) else { panic!("no list") };
    owner.perform(Action::EditCustomer(page.rows[0].id, 1, vec![Change::Tags(vec!["vip".into()])])).unwrap();
    owner.perform(Action::Undo).unwrap();
    owner.perform(Action::Undo).unwrap();
    assert!(picture(&owner).0.is_empty());
}

#[test]
fn somebody_who_signs_in_does_not_disturb_an_import_under_way() {
    let (house, owner) = House::new();
    let support = house.staff(&owner, RoleName::Support);
    let job = begin(&owner, Basis::Contract, OnDuplicate::Skip);
    bring(&owner, job, vec![row(1, "李四", vec![])]);
    let again = house.again();
    assert!(picture(&support).0.is_empty() && picture(&again).0.is_empty());
    bring(&owner, job, vec![row(2, "王五", vec![])]);
    finish(&owner, job);
    assert_eq!(picture(&support).0.len(), 2);
}

#[test]
fn an_import_belongs_to_who_began_it() {
    let (house, owner) = House::new();
    let lead = house.staff(&owner, RoleName::Lead);
    let job = begin(&owner, Basis::Contract, OnDuplicate::Skip);
    for action in
        [Action::FinishImport(job), Action::CancelImport(job), Action::ImportRows(job, vec![row(1, "x", vec![])])]
    {
        let name = format!("{action:?}");
        assert!(matches!(lead.perform(action), Err(Refusal::NotFound(_))), "{name}");
    }
}

#[test]
fn a_basis_not_known_yet_is_a_to_do_until_somebody_says_it() {
    let (_house, owner) = House::new();
    let job = begin(&owner, Basis::NotKnownYet, OnDuplicate::Skip);
    bring(&owner, job, vec![row(1, "李四", vec![]), row(2, "王五", vec![])]);
    assert_eq!(picture(&owner).2, 0);
    finish(&owner, job);
    assert_eq!(picture(&owner).2, 2);
    let request = ListRequest { limit: 10, ..ListRequest::default() };
    let Ok(View::Customers(page)) = owner.query(Query::Customers(request)) else { panic!("no list") };
    owner.perform(Action::EditCustomer(page.rows[0].id, 1, vec![Change::Basis(Basis::Consent)])).unwrap();
    assert_eq!(picture(&owner).2, 1);
    owner.perform(Action::Undo).unwrap();
    assert_eq!(picture(&owner).2, 2);
}
