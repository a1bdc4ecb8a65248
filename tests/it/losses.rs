//! A lost customer has a reason: said with the stage, asked for in queries, gone with the stage, and back with an undo.

use veilbook::domain::customer::Stage;
use veilbook::domain::id::CustomerId;
use veilbook::domain::loss::LossReason;
use veilbook::domain::role::RoleName;
use veilbook::domain::rule::{Outcome, RuleText, Trigger};
use veilbook::service::view::{
    Bulk, FlawKind, FlawWhy, Happening, ListRequest, QualityQuery, QualityView, RuleAction, Target,
};
use veilbook::service::{Action, Change, Done, Fault, LossDraft, NextStep, Query, Refusal, Session, View};

use crate::house::{House, NOON, add, open, verbs};
use crate::rules::text;

const QUARTER: i64 = 90 * 86_400;

fn lost(why: LossReason, text: &str) -> LossDraft {
    LossDraft { why, text: text.into(), back: None }
}

fn changes(draft: LossDraft) -> Vec<Change> {
    vec![Change::Stage(Stage::Lost), Change::Lost(draft)]
}

fn edit(who: &Session, id: CustomerId, changes: Vec<Change>) -> Result<Done, Refusal> {
    let version = open(who, id).profile.version;
    who.perform(Action::EditCustomer(id, version, changes))
}

fn why(who: &Session, id: CustomerId) -> Option<(LossReason, String)> {
    open(who, id).lost.map(|loss| (loss.why, loss.text.as_str().to_owned()))
}

fn found(who: &Session, query: &str) -> Vec<CustomerId> {
    let request = ListRequest { text: query.into(), limit: 100, ..ListRequest::default() };
    let View::Customers(page) = who.query(Query::Customers(request)).unwrap() else { panic!("no list") };
    page.rows.iter().map(|row| row.id).collect()
}

fn undo(who: &Session) {
    assert!(matches!(who.perform(Action::Undo), Ok(Done::Undone(_))));
}

#[test]
fn a_reason_comes_with_the_stage_goes_with_it_and_an_undo_brings_it_back_over_a_restart() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    edit(&owner, id, changes(lost(LossReason::PRICE, "嫌贵"))).unwrap();
    assert_eq!(why(&owner, id), Some((LossReason::PRICE, "嫌贵".into())));
    let said = open(&owner, id).timeline.into_iter().find_map(|item| match item.what {
        Happening::Changed(part, _, after) if part == "loss" => after,
        _ => None,
    });
    assert_eq!(said.as_deref(), Some("price · 嫌贵"));
    edit(&owner, id, vec![Change::Stage(Stage::Contacted)]).unwrap();
    assert_eq!(why(&owner, id), None);
    owner.end();
    drop(owner);
    house.gate.seal();
    let owner = house.again();
    undo(&owner);
    assert_eq!((open(&owner, id).profile.stage, why(&owner, id).is_some()), (Stage::Lost, true));
    undo(&owner);
    assert_eq!((open(&owner, id).profile.stage, why(&owner, id)), (Stage::Lead, None));
    assert!(found(&owner, "lost:price").is_empty());
}

#[test]
fn only_who_is_lost_has_a_reason_and_other_needs_words() {
    let (_house, owner) = House::new();
    let id = add(&owner, "A", vec![]);
    let fault = |answer: Result<Done, Refusal>| match answer {
        Err(Refusal::Invalid(faults)) => faults.first().map(|fault| (fault.part.clone(), fault.fault.clone())),
        other => panic!("not refused: {other:?}"),
    };
    let part = || "loss".to_owned();
    let only = vec![Change::Lost(lost(LossReason::PRICE, ""))];
    assert_eq!(fault(edit(&owner, id, only)), Some((part(), Fault::NotLost)));
    assert_eq!(fault(edit(&owner, id, changes(lost(LossReason::OTHER, "  ")))), Some((part(), Fault::Missing)));
    let long = "x".repeat(201);
    assert_eq!(fault(edit(&owner, id, changes(lost(LossReason::PRICE, &long)))), Some((part(), Fault::TooLong)));
    assert_eq!(open(&owner, id).profile.stage, Stage::Lead);
    edit(&owner, id, changes(lost(LossReason::OTHER, "closed for good"))).unwrap();
    // Who is lost already can be said another reason of.
    edit(&owner, id, vec![Change::Lost(lost(LossReason::MOVED_AWAY, ""))]).unwrap();
    assert_eq!(why(&owner, id), Some((LossReason::MOVED_AWAY, String::new())));
    assert_eq!(edit(&owner, id, vec![Change::Lost(lost(LossReason::MOVED_AWAY, ""))]).ok().map(|_| ()), Some(()));
    assert_eq!(verbs(&owner).iter().filter(|verb| *verb == "customer.edit").count(), 3);
}

#[test]
fn whom_to_win_back_gets_a_follow_up_that_goes_with_one_undo() {
    let (house, owner) = House::new();
    let id = add(&owner, "A", vec![]);
    let back = Some(NextStep::once(NOON.plus_seconds(QUARTER), "win back (lost: price)".into()));
    edit(&owner, id, changes(LossDraft { back: back.clone(), ..lost(LossReason::PRICE, "") })).unwrap();
    let reminders = open(&owner, id).follow_ups;
    assert_eq!(reminders.iter().map(|r| r.follow_up.text.as_str()).collect::<Vec<_>>(), ["win back (lost: price)"]);
    undo(&owner);
    assert!(open(&owner, id).follow_ups.is_empty() && why(&owner, id).is_none());
    // Another date for somebody who is lost for the same reason already is a change as well.
    edit(&owner, id, changes(lost(LossReason::PRICE, ""))).unwrap();
    edit(&owner, id, vec![Change::Lost(LossDraft { back, ..lost(LossReason::PRICE, "") })]).unwrap();
    assert_eq!(open(&owner, id).follow_ups.len(), 1);
    drop(house);
}

#[test]
fn queries_lists_and_the_list_of_flaws_know_who_is_lost_for_what() {
    let (house, owner) = House::new();
    let dear = add(&owner, "Dear", changes(lost(LossReason::PRICE, "")));
    let silent = add(&owner, "Silent", vec![Change::Stage(Stage::Lost)]);
    add(&owner, "Here", vec![]);
    assert_eq!(found(&owner, "lost:price"), [dear]);
    assert_eq!(found(&owner, "lost:not_said"), [silent]);
    assert_eq!(found(&owner, "流失原因:价格,未说明").len(), 2);
    assert_eq!(found(&owner, "stage:lost -lost:price"), [silent]);
    assert_eq!(found(&owner, "-lost:price").len(), 2);
    let request = ListRequest { text: "lost:prise".into(), limit: 10, ..ListRequest::default() };
    assert!(matches!(owner.query(Query::Customers(request)), Err(Refusal::Query(_))));
    let list = QualityQuery::List(FlawKind::Missing, None);
    let View::Quality(QualityView::Page(page)) = owner.query(Query::Quality(list)).unwrap() else { panic!("no flaws") };
    let unsaid: Vec<_> =
        page.rows.iter().filter(|row| row.why == FlawWhy::NoLossReason).map(|row| row.customer).collect();
    assert_eq!(unsaid, [silent]);
    owner.end();
    drop(owner);
    house.gate.seal();
    let out =
        house.program().env("XDG_STATE_HOME", house.folder.path()).args(["customers", "stage:lost", "--json"]).output();
    let printed = String::from_utf8(out.unwrap().stdout).unwrap();
    assert!(printed.contains("\"lost\":\"price\"") && printed.contains("\"lost\":\"not_said\""), "{printed}");
    let out = house.program().env("XDG_STATE_HOME", house.folder.path()).args(["doctor", "--deep"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn many_are_lost_at_once_for_one_reason_and_taken_back_as_one() {
    let (_house, owner) = House::new();
    let ids: Vec<CustomerId> = (0..60).map(|n| add(&owner, &format!("C {n:02}"), vec![])).collect();
    let back = Some(NextStep::once(NOON.plus_seconds(QUARTER), "win back".into()));
    let bulk = Bulk::Lose(LossDraft { back, ..lost(LossReason::SERVICE, "") });
    let Ok(Done::Bulk(report)) = owner.perform(Action::Bulk(Target::Marked(ids.clone()), bulk)) else {
        panic!("no bulk")
    };
    assert_eq!(report.changed, 60);
    assert_eq!(found(&owner, "lost:service due:2027-01..2027-12").len(), 60);
    let again = Bulk::Lose(lost(LossReason::SERVICE, ""));
    let Ok(View::BulkPreview(foretold)) = owner.query(Query::BulkPreview(Target::Marked(ids.clone()), again)) else {
        panic!("no preview")
    };
    assert_eq!((foretold.changed, foretold.same), (0, 60));
    undo(&owner);
    assert!(found(&owner, "stage:lost").is_empty() && found(&owner, "has:follow_up").is_empty());
    let wrong = Action::Bulk(Target::Marked(ids), Bulk::Lose(lost(LossReason::OTHER, "")));
    assert!(matches!(owner.perform(wrong), Err(Refusal::Invalid(_))));
}

#[test]
fn a_rule_acts_on_the_reason_that_it_names_and_on_no_other() {
    let (_house, owner) = House::new();
    let follow = Outcome::FollowUp { text: "offer the smaller one".into(), days: 90, who: None };
    let rule =
        RuleText { lost: Some(LossReason::PRICE), ..text("win back", Trigger::StageBecomes(Stage::Lost), follow) };
    owner.perform(Action::Rule(RuleAction::Add(rule))).unwrap();
    let dear = add(&owner, "Dear", vec![]);
    let gone = add(&owner, "Gone", vec![]);
    edit(&owner, dear, changes(lost(LossReason::PRICE, ""))).unwrap();
    edit(&owner, gone, changes(lost(LossReason::MOVED_AWAY, ""))).unwrap();
    let count = |id| open(&owner, id).follow_ups.len();
    assert_eq!((count(dear), count(gone)), (1, 0));
    undo(&owner);
    undo(&owner);
    assert_eq!((count(dear), why(&owner, dear)), (0, None));
}

#[test]
fn merging_keeps_the_reason_that_goes_with_the_stage_and_its_undo_gives_each_their_own_back() {
    let (house, owner) = House::new();
    let keep = add(&owner, "Keep", vec![Change::Stage(Stage::Lost)]);
    let other = add(&owner, "Other", changes(lost(LossReason::COMPETITOR, "")));
    let version = |id| open(&owner, id).profile.version;
    let merge = Action::Merge { keep: (keep, version(keep)), other: (other, version(other)), take: vec![] };
    owner.perform(merge).unwrap();
    assert_eq!(why(&owner, keep).map(|(why, _)| why), Some(LossReason::COMPETITOR));
    undo(&owner);
    assert_eq!((why(&owner, keep), why(&owner, other).map(|(why, _)| why)), (None, Some(LossReason::COMPETITOR)));
    // Whoever is kept and not lost has no reason of the other's.
    let here = add(&owner, "Here", vec![]);
    let merge = Action::Merge { keep: (here, 1), other: (other, open(&owner, other).profile.version), take: vec![] };
    owner.perform(merge).unwrap();
    assert_eq!(why(&owner, here), None);
    owner.end();
    drop(owner);
    house.gate.seal();
    let out = house.program().env("XDG_STATE_HOME", house.folder.path()).args(["doctor", "--deep"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn who_may_change_no_customer_says_of_nobody_why_they_are_lost() {
    let (house, owner) = House::new();
    let id = add(&owner, "A", vec![]);
    let officer = house.staff(&owner, RoleName::PrivacyOfficer);
    let back = Some(NextStep::once(NOON.plus_seconds(QUARTER), "win back".into()));
    let version = open(&owner, id).profile.version;
    let draft = LossDraft { back, ..lost(LossReason::PRICE, "") };
    let tried = officer.perform(Action::EditCustomer(id, version, changes(draft)));
    assert!(matches!(tried, Err(Refusal::NotPermitted { .. })), "{tried:?}");
    assert_eq!(why(&owner, id), None);
}
