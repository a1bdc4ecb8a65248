//! Follow-ups: they come again, on working days where that is wanted, are written anew, handed on and found again.

use chrono::NaiveDateTime;
use veilbook::clock::Timestamp;
use veilbook::domain::id::CustomerId;
use veilbook::domain::recurrence::Recurrence;
use veilbook::domain::role::RoleName;
use veilbook::domain::working_days::WorkingDays;
use veilbook::service::refusal::Fault;
use veilbook::service::view::{Due, FollowUpRequest, FollowUpRow, Whose};
use veilbook::service::{Action, Change, FollowUpChange, NextStep, Query, Refusal, Session, View};

use crate::house::{House, NOON, add, open, verbs};

/// A time in the house's zone, eight hours before UTC.
fn at(text: &str) -> Timestamp {
    Timestamp::from(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc()).plus_seconds(-8 * 3_600)
}

fn local(at: Timestamp) -> String {
    at.plus_seconds(8 * 3_600).utc().format("%m-%d %H:%M").to_string()
}

fn again(due: &str, how: &str) -> NextStep {
    let first = NaiveDateTime::parse_from_str(due, "%Y-%m-%d %H:%M").unwrap();
    NextStep { repeats: Some(Recurrence::read(how, first).unwrap()), ..NextStep::once(at(due), "ring".into()) }
}

fn only(who: &Session, id: CustomerId) -> FollowUpRow {
    let [row] = &open(who, id).follow_ups[..] else { panic!("not one") };
    row.clone()
}

fn finish(who: &Session, row: &FollowUpRow) {
    who.perform(Action::FinishFollowUp(row.follow_up.id, row.follow_up.version, None)).unwrap();
}

fn list(who: &Session, request: FollowUpRequest) -> Vec<String> {
    let request = FollowUpRequest { limit: 100, ..request };
    let Ok(View::FollowUps(rows)) = who.query(Query::FollowUps(request)) else { panic!("no list") };
    rows.iter().map(|row| row.follow_up.text.as_str().to_owned()).collect()
}

#[test]
fn what_is_done_comes_again_after_now_and_goes_back_with_one_undo() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    owner.perform(Action::AddFollowUp(id, again("2026-11-23 09:00", "every week"))).unwrap();
    // Two of them were missed: they do not pile up.
    house.clock.advance(17 * 86_400);
    let owner = house.again();
    let first = only(&owner, id);
    finish(&owner, &first);
    let next = only(&owner, id);
    assert_eq!(local(next.follow_up.due), "12-14 09:00");
    assert_eq!(open(&owner, id).profile.next_follow_up, Some(next.follow_up.due));
    owner.perform(Action::Undo).unwrap();
    assert_eq!(only(&owner, id).follow_up.due, first.follow_up.due);
}

#[test]
fn one_that_ends_comes_as_often_as_it_says_and_one_taken_back_not_again() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    owner.perform(Action::AddFollowUp(id, again("2026-11-23 09:00", "every day, 2 times"))).unwrap();
    finish(&owner, &only(&owner, id));
    finish(&owner, &only(&owner, id));
    assert!(open(&owner, id).follow_ups.is_empty());
    owner.perform(Action::AddFollowUp(id, again("2026-11-23 09:00", "every day"))).unwrap();
    let row = only(&owner, id);
    owner.perform(Action::DropFollowUp(row.follow_up.id, row.follow_up.version)).unwrap();
    assert!(open(&owner, id).follow_ups.is_empty());
}

#[test]
fn on_working_days_it_passes_over_holidays_that_were_brought_in_later() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    let days = WorkingDays::read("2026-11-24 holiday\n2026-11-25 holiday\n").unwrap();
    owner.perform(Action::AddFollowUp(id, again("2026-11-23 09:00", "every workday"))).unwrap();
    owner.perform(Action::SetWorkingDays(days)).unwrap();
    finish(&owner, &only(&owner, id));
    assert_eq!(local(only(&owner, id).follow_up.due), "11-26 09:00");
    assert!(verbs(&owner).contains(&"working_days.set".to_owned()));
}

#[test]
fn one_is_written_anew_and_what_was_based_on_an_older_version_is_a_conflict() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    owner.perform(Action::AddFollowUp(id, again("2026-11-23 09:00", "every week"))).unwrap();
    let row = only(&owner, id).follow_up;
    let new = || FollowUpChange { due: at("2026-11-25 10:30"), text: "ring about papers".into(), repeats: None };
    owner.perform(Action::EditFollowUp(row.id, row.version, new())).unwrap();
    let now = only(&owner, id).follow_up;
    assert_eq!((now.due, now.text.as_str(), now.repeats, now.put_off), (new().due, "ring about papers", None, 1));
    let late = owner.perform(Action::EditFollowUp(row.id, row.version, new()));
    assert!(matches!(late, Err(Refusal::Conflict(None))), "{late:?}");
    let empty = FollowUpChange { text: "".into(), ..new() };
    assert!(matches!(owner.perform(Action::EditFollowUp(row.id, now.version, empty)), Err(Refusal::Invalid(_))));
    owner.perform(Action::Undo).unwrap();
    assert_eq!(only(&owner, id).follow_up.due, row.due);
}

#[test]
fn one_is_handed_to_somebody_who_may_work_with_the_customer_and_to_nobody_else() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    let auditor = house.staff(&owner, RoleName::Auditor);
    let id = add(&owner, "张三丰", vec![]);
    owner.perform(Action::AddFollowUp(id, NextStep::once(NOON.plus_seconds(60), "ring".into()))).unwrap();
    let give = |to: &Session| {
        let row = only(&owner, id).follow_up;
        owner.perform(Action::AssignFollowUp(row.id, row.version, to.staff()))
    };
    let out_of_reach = |given: Result<_, Refusal>| match given {
        Err(Refusal::Invalid(faults)) => faults[0].fault == Fault::OutOfReach,
        _ => false,
    };
    // The customer is the owner's, and a salesperson reaches own customers only.
    assert!(out_of_reach(give(&sales)));
    assert!(out_of_reach(give(&auditor)));
    let version = open(&owner, id).profile.version;
    owner.perform(Action::EditCustomer(id, version, vec![Change::Owner(Some(sales.staff()))])).unwrap();
    give(&sales).unwrap();
    assert_eq!(list(&sales, FollowUpRequest::default()), ["ring"]);
    assert!(list(&owner, FollowUpRequest::default()).is_empty());
    owner.perform(Action::Undo).unwrap();
    assert_eq!(list(&owner, FollowUpRequest::default()), ["ring"]);
}

#[test]
fn the_agenda_is_asked_for_by_month_by_person_and_for_what_slipped() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    let (mine, theirs) = (add(&owner, "张三丰", vec![]), add(&sales, "李四", vec![]));
    for (who, id, due, text) in [
        (&owner, mine, "2026-11-22 09:00", "first"),
        (&owner, mine, "2026-11-30 09:00", "second"),
        (&owner, mine, "2026-12-01 00:00", "third"),
        (&sales, theirs, "2026-11-24 09:00", "of another"),
    ] {
        who.perform(Action::AddFollowUp(id, NextStep::once(at(due), text.into()))).unwrap();
    }
    let all = FollowUpRequest { whose: Whose::All, ..FollowUpRequest::default() };
    let november = Some((at("2026-11-01 00:00"), at("2026-12-01 00:00")));
    assert_eq!(list(&owner, FollowUpRequest { between: november, ..FollowUpRequest::default() }), ["first", "second"]);
    assert_eq!(list(&owner, FollowUpRequest { between: november, ..all }), ["first", "of another", "second"]);
    assert_eq!(list(&sales, all), ["of another"]);
    let third = open(&owner, mine).follow_ups.into_iter().find(|row| row.follow_up.text.as_str() == "third").unwrap();
    owner.perform(Action::SnoozeFollowUp(third.follow_up.id, 1, at("2026-12-09 09:00"))).unwrap();
    house.clock.advance(86_400);
    let owner = house.again();
    let slipped = FollowUpRequest { due: Due::Slipped, ..FollowUpRequest::default() };
    assert_eq!(list(&owner, slipped), ["first", "third"]);
}
