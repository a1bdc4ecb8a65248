//! One thing done to many customers: who is changed, who is left, what goes on record, and how it is taken back.

use veilbook::domain::customer::Stage;
use veilbook::domain::id::CustomerId;
use veilbook::domain::role::RoleName;
use veilbook::service::view::{Bulk, BulkReport, Left, ListRequest, Target, Total};
use veilbook::service::{Action, Change, Done, NextStep, Query, Refusal, Session, View};

use crate::house::{House, NOON, add, callback, open, verbs};

fn tags(tags: &[&str]) -> Change {
    Change::Tags(tags.iter().map(|tag| (*tag).to_owned()).collect())
}

fn found(who: &Session, text: &str) -> usize {
    let request = ListRequest { text: text.into(), limit: 100, ..ListRequest::default() };
    let View::Customers(page) = who.query(Query::Customers(request)).unwrap() else { panic!("no list") };
    page.rows.len()
}

fn foretold(who: &Session, target: &Target, bulk: &Bulk) -> Result<BulkReport, Refusal> {
    match who.query(Query::BulkPreview(target.clone(), bulk.clone()))? {
        View::BulkPreview(report) => Ok(report),
        other => panic!("no preview: {other:?}"),
    }
}

/// Does it, and holds the outcome to what was foretold.
fn done(who: &Session, target: &Target, bulk: &Bulk) -> BulkReport {
    let expected = foretold(who, target, bulk).unwrap();
    let Ok(Done::Bulk(report)) = who.perform(Action::Bulk(target.clone(), bulk.clone())) else { panic!("not done") };
    assert_eq!(report, expected);
    report
}

fn many(owner: &Session, count: usize) -> Vec<CustomerId> {
    (0..count).map(|n| add(owner, &format!("Customer {n:03}"), vec![tags(&["old"])])).collect()
}

#[test]
fn many_are_changed_with_their_entries_and_taken_back_as_one() {
    let (_house, owner) = House::new();
    let ids = many(&owner, 120);
    add(&owner, "Elsewhere", vec![tags(&["new"])]);
    let report = done(&owner, &Target::Query("tag:old".into()), &Bulk::Tag("new".into()));
    assert_eq!((report.changed, report.same, report.all()), (120, 0, 120));
    assert_eq!((found(&owner, "tag:new"), found(&owner, "tag:new -tag:old")), (100, 1));
    assert_eq!(done(&owner, &Target::Query("tag:old".into()), &Bulk::Tag("NEW".into())).same, 120);
    let record = verbs(&owner);
    assert_eq!(record.iter().filter(|verb| *verb == "customer.edit").count(), 120);
    assert_eq!(record.iter().filter(|verb| *verb == "customer.bulk").count(), 2);
    let View::UndoNext(Some(next)) = owner.query(Query::UndoNext).unwrap() else { panic!("nothing to undo") };
    assert_eq!((next.action.as_str(), next.about.as_str()), ("customer.bulk", "120"));
    owner.perform(Action::Undo).unwrap();
    assert_eq!((found(&owner, "tag:new"), found(&owner, "tag:old")), (1, 100));
    // What was done before stands as the next to be taken back.
    let View::UndoNext(Some(next)) = owner.query(Query::UndoNext).unwrap() else { panic!("nothing to undo") };
    assert_eq!(next.action, "customer.add");
    let marked = Target::Marked(ids[..3].to_vec());
    done(&owner, &marked, &Bulk::Stage(Stage::Lost));
    done(&owner, &marked, &Bulk::Untag("old".into()));
    assert_eq!(found(&owner, "stage:lost -tag:old"), 3);
    owner.perform(Action::Undo).unwrap();
    owner.perform(Action::Undo).unwrap();
    assert_eq!((found(&owner, "stage:lost"), found(&owner, "-tag:old")), (0, 1));
}

#[test]
fn an_undo_of_many_is_refused_whole_where_somebody_changed_one_since() {
    let (house, owner) = House::new();
    let ids = many(&owner, 60);
    done(&owner, &Target::Query("tag:old".into()), &Bulk::Stage(Stage::Contacted));
    let lead = house.staff(&owner, RoleName::Lead);
    let last = open(&lead, ids[0]).profile.version;
    lead.perform(Action::EditCustomer(ids[0], last, vec![tags(&["mine"])])).unwrap();
    assert!(matches!(owner.perform(Action::Undo), Err(Refusal::UndoStale(who)) if who == "lead person"));
    assert_eq!(found(&owner, "stage:contacted"), 60);
}

#[test]
fn reminders_are_set_for_many_and_go_together() {
    let (_house, owner) = House::new();
    let ids = many(&owner, 55);
    let step = NextStep::once(NOON.plus_seconds(7_200), "ask for the papers".into());
    assert_eq!(done(&owner, &Target::Marked(ids.clone()), &Bulk::FollowUp(step)).changed, 55);
    assert_eq!((found(&owner, "due:today"), open(&owner, ids[7]).follow_ups.len()), (55, 1));
    owner.perform(Action::Undo).unwrap();
    assert_eq!(found(&owner, "due:today"), 0);
}

#[test]
fn scope_restriction_rights_and_the_policys_cap_hold_for_each_of_many() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    let theirs = add(&owner, "Theirs", vec![]);
    let own = add(&sales, "Own", vec![]);
    let both = Target::Marked(vec![theirs, own, own]);
    let report = done(&sales, &both, &Bulk::Tag("x".into()));
    assert_eq!((report.changed, report.left), (1, vec![(Left::OutOfScope, 1)]));
    assert_eq!(found(&owner, "tag:x"), 1);
    // Everybody whom their query finds are their own.
    assert_eq!(done(&sales, &Target::Query(String::new()), &Bulk::Tag("y".into())).all(), 1);
    assert!(matches!(foretold(&sales, &both, &Bulk::Assign(None)), Err(Refusal::NotPermitted { .. })));
    assert!(matches!(sales.perform(Action::Bulk(both, Bulk::Assign(None))), Err(Refusal::NotPermitted { .. })));
    let long: String = "x".repeat(41);
    let whole = Target::Query(String::new());
    for wrong in [Bulk::Tag(long.as_str().into()), Bulk::Tag("".into())] {
        assert!(matches!(foretold(&owner, &whole, &wrong), Err(Refusal::Invalid(_))));
    }
    assert!(matches!(
        foretold(&owner, &Target::Query("stge:x".into()), &Bulk::Tag("x".into())),
        Err(Refusal::Query(_))
    ));
    let full: Vec<String> = (0..32).map(|n| format!("t{n}")).collect();
    let full = add(&owner, "Full", vec![Change::Tags(full)]);
    assert_eq!(done(&owner, &Target::Marked(vec![full]), &Bulk::Tag("x".into())).left, vec![(Left::TagsFull, 1)]);
    owner.perform(Action::SetPolicy("bulk_most".into(), "2".into())).unwrap();
    let marked = Target::Marked((1..=9).map(CustomerId).collect());
    for (target, there) in [(whole, Total::Exactly(3)), (marked, Total::Exactly(9))] {
        let answer = owner.perform(Action::Bulk(target, Bulk::Tag("z".into())));
        let Err(Refusal::BulkLimit { limit: 2, found }) = answer else { panic!("{answer:?}") };
        // As many as there are is said, so that somebody knows how far to narrow down.
        assert_eq!(found, there, "{found:?}");
    }
    assert_eq!(found(&owner, "tag:z"), 0);
}

#[test]
fn who_was_erased_leaves_the_others_to_be_taken_back() {
    let (_house, owner) = House::new();
    let ids = many(&owner, 3);
    done(&owner, &Target::Marked(ids.clone()), &Bulk::Stage(Stage::Lost));
    owner.perform(Action::EraseCustomer(ids[1], callback())).unwrap();
    owner.perform(Action::Undo).unwrap();
    assert_eq!((found(&owner, "stage:lost"), found(&owner, "stage:lead")), (0, 2));
}
