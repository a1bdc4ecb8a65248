//! Undo: what it takes back, over a restart, and when it is refused.

use veilbook::domain::id::CustomerId;
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::role::RoleName;
use veilbook::privacy::class::FieldClass;
use veilbook::service::fields::FieldAction;
use veilbook::service::view::{FollowUpRow, Happening, Match, UndoAsks, UndoLabel};
use veilbook::service::{Action, Change, Contact, Done, NextStep, Query, Refusal, Session, View};
use zeroize::Zeroizing;

use crate::house::{House, NOON, add, callback, key, open, set, verbs};

fn step(text: &str) -> NextStep {
    NextStep::once(NOON.plus_seconds(86_400), text.into())
}

fn call(id: CustomerId, text: &str, next: Option<NextStep>) -> Action {
    Action::LogInteraction(id, Contact { kind: InteractionKind::Call, text: text.into(), next, ..Contact::default() })
}

fn edit(who: &Session, id: CustomerId, changes: Vec<Change>) {
    let version = open(who, id).profile.version;
    who.perform(Action::EditCustomer(id, version, changes)).unwrap();
}

fn undo(who: &Session) -> Result<UndoLabel, Refusal> {
    match who.perform(Action::Undo)? {
        Done::Undone(label) => Ok(label),
        other => panic!("not undone: {other:?}"),
    }
}

fn is(who: &Session, id: CustomerId, field: &str, value: &str) -> bool {
    let said = Action::Verify(id, key(field), Zeroizing::new(value.into()));
    matches!(who.perform(said), Ok(Done::Verified(verdict)) if verdict.matched == Match::Yes)
}

fn reminders(who: &Session, id: CustomerId) -> Vec<FollowUpRow> {
    open(who, id).follow_ups
}

fn restarted(house: &House, owner: Session) -> Session {
    owner.end();
    drop(owner);
    house.gate.seal();
    house.again()
}

#[test]
fn edits_go_back_one_by_one_over_a_restart_and_sealed_values_with_them() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234"), set("company", "晨光")]);
    edit(&owner, id, vec![Change::Name("张三".into()), Change::Tags(vec!["vip".into()])]);
    edit(&owner, id, vec![set("mobile", "13900005678"), Change::Clear(key("company"))]);
    edit(&owner, id, vec![Change::Declined(key("mobile"))]);
    let owner = restarted(&house, owner);
    assert_eq!(undo(&owner).unwrap(), UndoLabel { action: "customer.edit".into(), about: "张三".into(), asks: None });
    assert!(is(&owner, id, "mobile", "13900005678"));
    undo(&owner).unwrap();
    assert!(is(&owner, id, "mobile", "13800001234"));
    undo(&owner).unwrap();
    let detail = open(&owner, id);
    assert_eq!((detail.name.text(), detail.profile.tags.len()), ("张三丰", 0));
    let company = detail.fields.iter().find(|f| f.key == key("company")).unwrap();
    assert_eq!(company.shown.text(), "晨光");
    assert!(matches!(owner.perform(Action::Reveal(id, key("mobile"), callback())), Ok(Done::Revealed(_))));
    assert_eq!(undo(&owner).unwrap().action, "customer.add");
    assert!(matches!(owner.perform(Action::OpenCustomer(id)), Err(Refusal::OutOfScope)));
    assert!(matches!(undo(&owner), Err(Refusal::NothingToUndo)));
    assert!(verbs(&owner).iter().filter(|verb| *verb == "undo").count() == 4);
}

#[test]
fn a_contact_goes_with_its_next_step() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    owner.perform(call(id, "first", None)).unwrap();
    house.clock.advance(60);
    owner.perform(call(id, "second", Some(step("send the offer")))).unwrap();
    assert_eq!(reminders(&owner, id).len(), 1);
    undo(&owner).unwrap();
    let detail = open(&owner, id);
    let contacts = detail.timeline.iter().filter(|t| matches!(t.what, Happening::Interaction(..))).count();
    assert_eq!((contacts, detail.follow_ups.len()), (1, 0));
    assert_eq!((detail.profile.last_contact, detail.profile.next_follow_up), (Some(NOON), None));
    undo(&owner).unwrap();
    assert_eq!(open(&owner, id).profile.last_contact, None);
}

#[test]
fn reminders_put_off_finished_and_dropped_come_back_as_they_were() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    owner.perform(Action::AddFollowUp(id, step("call"))).unwrap();
    let first = reminders(&owner, id)[0].follow_up.clone();
    owner.perform(Action::SnoozeFollowUp(first.id, 1, NOON.plus_seconds(3 * 86_400))).unwrap();
    owner.perform(Action::FinishFollowUp(first.id, 2, Some(step("send the offer")))).unwrap();
    assert_eq!(reminders(&owner, id)[0].follow_up.text.as_str(), "send the offer");
    let owner = restarted(&house, owner);
    undo(&owner).unwrap();
    assert_eq!(reminders(&owner, id)[0].follow_up.due, NOON.plus_seconds(3 * 86_400));
    undo(&owner).unwrap();
    let back = reminders(&owner, id);
    assert_eq!((back.len(), back[0].follow_up.due, back[0].follow_up.text.as_str()), (1, first.due, "call"));
    let version = back[0].follow_up.version;
    owner.perform(Action::DropFollowUp(first.id, version)).unwrap();
    assert!(reminders(&owner, id).is_empty());
    undo(&owner).unwrap();
    assert_eq!(open(&owner, id).profile.next_follow_up, Some(first.due));
    undo(&owner).unwrap();
    assert!(reminders(&owner, id).is_empty());
}

#[test]
fn what_somebody_changed_since_stays_and_the_refusal_names_them() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    edit(&owner, id, vec![Change::Name("张三".into())]);
    let support = house.staff(&owner, RoleName::Support);
    edit(&support, id, vec![Change::Tags(vec!["vip".into()])]);
    let refusal = undo(&owner).unwrap_err();
    assert!(matches!(&refusal, Refusal::UndoStale(who) if who == "support person"), "{refusal:?}");
    assert_eq!(open(&owner, id).name.text(), "张三");
    // Who changed it takes that back, and it still is not what the owner left.
    undo(&support).unwrap();
    assert!(undo(&owner).is_err());
}

#[test]
fn a_customer_that_somebody_works_with_is_not_taken_back() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    let support = house.staff(&owner, RoleName::Support);
    support.perform(call(id, "called", None)).unwrap();
    assert!(matches!(undo(&owner), Err(Refusal::UndoStale(who)) if who == "support person"));
}

#[test]
fn everybody_takes_back_their_own_changes_only() {
    let (house, owner) = House::new();
    let (first, second) = (add(&owner, "张三丰", vec![]), add(&owner, "李四", vec![]));
    let support = house.staff(&owner, RoleName::Support);
    assert!(matches!(undo(&support), Err(Refusal::NothingToUndo)));
    edit(&support, first, vec![Change::Tags(vec!["vip".into()])]);
    edit(&owner, second, vec![Change::Tags(vec!["new".into()])]);
    let Ok(View::UndoNext(Some(next))) = support.query(Query::UndoNext) else { panic!("nothing next") };
    assert_eq!(next.about, "张三丰");
    undo(&support).unwrap();
    assert!(open(&owner, first).profile.tags.is_empty());
    assert_eq!(open(&owner, second).profile.tags, ["new"]);
}

fn asks(who: &Session) -> Option<UndoAsks> {
    match who.query(Query::UndoNext) {
        Ok(View::UndoNext(Some(next))) => next.asks,
        other => panic!("nothing next: {other:?}"),
    }
}

#[test]
fn an_undo_that_may_not_be_meant_says_what_to_ask_first() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    edit(&owner, id, vec![Change::Tags(vec!["vip".into()])]);
    assert_eq!(asks(&owner), None);
    // Looking at somebody stands between nothing.
    owner.perform(Action::Reveal(id, key("mobile"), callback())).unwrap_err();
    open(&owner, id);
    assert_eq!(asks(&owner), None);
    owner.perform(Action::Field(FieldAction::Classify(key("company"), FieldClass::Contact))).unwrap();
    assert_eq!(asks(&owner), Some(UndoAsks::Behind("field.classify".into())));
    undo(&owner).unwrap();
    assert_eq!(asks(&owner), None, "whoever took one back after the question goes on");
    let owner = restarted(&house, owner);
    assert_eq!(asks(&owner), Some(UndoAsks::Earlier));
    edit(&owner, id, vec![Change::Tags(vec!["gold".into()])]);
    assert_eq!(asks(&owner), None);
    undo(&owner).unwrap();
    assert_eq!(asks(&owner), Some(UndoAsks::Earlier));
}
