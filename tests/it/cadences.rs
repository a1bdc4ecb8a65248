//! Cadences: put on, step by step, ended, and what becomes of them when somebody is merged, erased or restricted.

use veilbook::domain::cadence::{CadenceDraft, read};
use veilbook::domain::follow_up::FollowUp;
use veilbook::domain::id::{CadenceId, CustomerId, FollowUpId};
use veilbook::domain::role::RoleName;
use veilbook::service::view::{
    Bulk, BulkReport, CadenceAction, CadenceQuery, CadenceView, Due, FollowUpRequest, Left, Target, TemplateAction,
};
use veilbook::service::{Action, Done, Query, Refusal, Session, View};

use crate::house::{House, NOON, add, callback, open, set, verbs};

const DAY: i64 = 86_400;

pub fn draft(name: &str, steps: &str) -> CadenceDraft {
    CadenceDraft { name: name.into(), steps: read(steps).unwrap() }
}

fn act(who: &Session, action: CadenceAction) -> Result<Done, Refusal> {
    who.perform(Action::Cadence(action))
}

fn keep(who: &Session, name: &str, steps: &str) -> CadenceId {
    act(who, CadenceAction::Add(draft(name, steps))).unwrap();
    let Ok(View::Cadences(CadenceView::Rows(rows))) = who.query(Query::Cadences(CadenceQuery::List)) else { panic!() };
    rows.iter().find(|row| row.name.as_str() == name).unwrap().id
}

fn put(who: &Session, id: CadenceId, on: &[CustomerId]) -> Result<BulkReport, Refusal> {
    match who.perform(Action::Bulk(Target::Marked(on.to_vec()), Bulk::Cadence(id)))? {
        Done::Bulk(report) => Ok(report),
        other => panic!("{other:?}"),
    }
}

fn steps(who: &Session) -> Vec<FollowUp> {
    let request = FollowUpRequest { due: Due::All, limit: 100, ..FollowUpRequest::default() };
    let Ok(View::FollowUps(rows)) = who.query(Query::FollowUps(request)) else { panic!("no agenda") };
    rows.into_iter().map(|row| row.follow_up).collect()
}

fn said(who: &Session) -> Vec<String> {
    steps(who).iter().map(|step| step.said().to_string()).collect()
}

fn finish(who: &Session, step: &FollowUp) -> Result<Done, Refusal> {
    who.perform(Action::FinishFollowUp(step.id, step.version, None))
}

fn running(who: &Session, id: CadenceId) -> u64 {
    match who.query(Query::Cadences(CadenceQuery::Running(id))) {
        Ok(View::Cadences(CadenceView::Running(_, n))) => n,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_step_comes_when_the_last_is_done_counted_from_the_start_and_goes_back_with_it() {
    let (house, owner) = House::new();
    let customer = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let text = "Hello {name}, {field.mobile}";
    owner.perform(Action::Template(TemplateAction::Add(crate::templates::draft("welcome", text)))).unwrap();
    let id = keep(&owner, "Welcome", "0 call Introduce ourselves\n3 email @Welcome\n7 visit\n7 note @gone");
    assert_eq!(put(&owner, id, &[customer]).unwrap().changed, 1);
    assert_eq!(said(&owner), ["Welcome 1/4 · Introduce ourselves"]);
    assert_eq!(steps(&owner)[0].due, NOON);
    finish(&owner, &steps(&owner)[0]).unwrap();
    assert_eq!(said(&owner), ["Welcome 2/4 · Hello 张三丰, 138****1234"]);
    let morning = NOON.plus_seconds(3 * DAY - 11 * 3_600);
    assert_eq!(steps(&owner)[0].due, morning, "nine in the morning of the third day");
    // One undo takes the finishing and the next step back.
    owner.perform(Action::Undo).unwrap();
    assert_eq!(said(&owner), ["Welcome 1/4 · Introduce ourselves"]);
    finish(&owner, &steps(&owner)[0]).unwrap();
    // Late: what would have been due in the past is due now.
    house.clock.advance(10 * DAY);
    let owner = house.again();
    finish(&owner, &steps(&owner)[0]).unwrap();
    assert_eq!(said(&owner), ["Welcome 3/4 · Welcome"]);
    assert_eq!(steps(&owner)[0].due, NOON.plus_seconds(10 * DAY));
    finish(&owner, &steps(&owner)[0]).unwrap();
    assert_eq!(said(&owner), ["Welcome 4/4 · @gone"]);
    finish(&owner, &steps(&owner)[0]).unwrap();
    assert!(said(&owner).is_empty());
    assert_eq!(running(&owner, id), 0);
    let seen = verbs(&owner);
    assert_eq!(seen.iter().filter(|verb| *verb == "cadence.step").count(), 4);
}

#[test]
fn a_customer_is_on_a_cadence_once_and_who_cannot_be_is_left_with_the_reason() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    let own = add(&sales, "Own", vec![]);
    let other = add(&owner, "Other", vec![]);
    let id = keep(&owner, "Welcome", "0 call\n1 call");
    let report = put(&sales, id, &[own, other, CustomerId(99)]).unwrap();
    assert_eq!((report.changed, report.left.as_slice()), (1, &[(Left::OutOfScope, 2)][..]));
    let again = put(&owner, id, &[own, other]).unwrap();
    assert_eq!((again.changed, again.same), (1, 1));
    assert_eq!(running(&owner, id), 2);
    assert!(matches!(put(&owner, CadenceId(99), &[own]), Err(Refusal::NotFound(_))));
    // One undo for all of them.
    owner.perform(Action::Undo).unwrap();
    assert_eq!(running(&owner, id), 1);
}

#[test]
fn a_cadence_ends_where_its_step_is_dropped_or_it_is_stopped() {
    let (_house, owner) = House::new();
    let (one, two) = (add(&owner, "One", vec![]), add(&owner, "Two", vec![]));
    let id = keep(&owner, "Welcome", "0 call\n1 call");
    put(&owner, id, &[one, two]).unwrap();
    let first = steps(&owner).remove(0);
    owner.perform(Action::DropFollowUp(first.id, first.version)).unwrap();
    assert_eq!(running(&owner, id), 1);
    act(&owner, CadenceAction::Stop(id, two)).unwrap();
    assert!(matches!(act(&owner, CadenceAction::Stop(id, two)), Err(Refusal::NotFound(_))));
    assert_eq!(running(&owner, id), 0);
    owner.perform(Action::Undo).unwrap();
    assert_eq!(running(&owner, id), 1);
}

#[test]
fn a_cadence_that_is_changed_tells_for_later_steps_and_one_that_is_removed_ends() {
    let (_house, owner) = House::new();
    let customer = add(&owner, "One", vec![]);
    let id = keep(&owner, "Welcome", "0 call a\n1 call b");
    put(&owner, id, &[customer]).unwrap();
    act(&owner, CadenceAction::Change(id, 1, draft("Hello", "0 call x\n2 visit y\n3 note z"))).unwrap();
    assert!(matches!(act(&owner, CadenceAction::Remove(id, 1)), Err(Refusal::Conflict(_))));
    finish(&owner, &steps(&owner)[0]).unwrap();
    assert_eq!(said(&owner), ["Hello 2/3 · y"]);
    act(&owner, CadenceAction::Remove(id, 2)).unwrap();
    finish(&owner, &steps(&owner)[0]).unwrap();
    assert!(steps(&owner).is_empty());
    // Taken back, both, and it goes on.
    owner.perform(Action::Undo).unwrap();
    owner.perform(Action::Undo).unwrap();
    finish(&owner, &steps(&owner)[0]).unwrap();
    assert_eq!(said(&owner), ["Hello 3/3 · z"]);
}

#[test]
fn what_will_not_do_as_a_cadence_is_refused_at_the_door() {
    let (_house, owner) = House::new();
    let step = read("0 call").unwrap().remove(0);
    let kept = |name: &str, steps| act(&owner, CadenceAction::Add(CadenceDraft { name: name.into(), steps }));
    for steps in [vec![], vec![step.clone(); 32]] {
        assert!(matches!(kept("x", steps), Err(Refusal::Invalid(_))));
    }
    let far = veilbook::domain::cadence::Step { day: 366, ..step.clone() };
    assert!(matches!(kept("x", vec![far]), Err(Refusal::Invalid(_))));
    for name in [String::new(), "x".repeat(41)] {
        assert!(matches!(kept(&name, vec![step.clone()]), Err(Refusal::Invalid(_))));
    }
    kept("x", vec![step.clone()]).unwrap();
    assert!(matches!(kept("X", vec![step]), Err(Refusal::NameTaken)));
}

#[test]
fn of_two_who_are_merged_on_one_cadence_one_goes_on_and_both_do_after_an_undo() {
    let (_house, owner) = House::new();
    let (one, two) = (add(&owner, "One", vec![]), add(&owner, "Two", vec![]));
    let id = keep(&owner, "Welcome", "0 call\n1 call");
    put(&owner, id, &[one, two]).unwrap();
    let version = |id| open(&owner, id).profile.version;
    let (first, second) = (version(one), version(two));
    owner.perform(Action::Merge { keep: (one, first), other: (two, second), take: vec![] }).unwrap();
    assert_eq!((running(&owner, id), open(&owner, one).follow_ups.len()), (1, 1));
    owner.perform(Action::Undo).unwrap();
    assert_eq!(running(&owner, id), 2);
    assert_eq!((open(&owner, one).follow_ups.len(), open(&owner, two).follow_ups.len()), (1, 1));
    assert!(open(&owner, two).profile.next_follow_up.is_some());
}

#[test]
fn an_erased_customer_leaves_no_step() {
    let (_house, owner) = House::new();
    let customer = add(&owner, "One", vec![]);
    let id = keep(&owner, "Welcome", "0 call\n1 call");
    put(&owner, id, &[customer]).unwrap();
    finish(&owner, &steps(&owner)[0]).unwrap();
    owner.perform(Action::EraseCustomer(customer, callback())).unwrap();
    assert_eq!((running(&owner, id), steps(&owner).len()), (0, 0));
    let gone = owner.perform(Action::FinishFollowUp(FollowUpId(2), 1, None));
    assert!(matches!(gone, Err(Refusal::NotFound(_))), "{gone:?}");
}

#[test]
fn more_than_the_policy_allows_are_refused_with_the_limit() {
    let (_house, owner) = House::new();
    for n in 0..12 {
        add(&owner, &format!("Customer {n}"), vec![]);
    }
    let id = keep(&owner, "Welcome", "0 call");
    owner.perform(Action::SetPolicy("bulk_most".into(), "10".into())).unwrap();
    let all = Target::Query(String::new());
    let refused = owner.query(Query::BulkPreview(all.clone(), Bulk::Cadence(id)));
    assert!(matches!(refused, Err(Refusal::BulkLimit { limit: 10, .. })), "{refused:?}");
    assert!(matches!(owner.perform(Action::Bulk(all, Bulk::Cadence(id))), Err(Refusal::BulkLimit { limit: 10, .. })));
    assert_eq!(running(&owner, id), 0);
}
