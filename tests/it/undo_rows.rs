//! Undo of what stands for itself: fields, saved views, retired tags.

use veilbook::domain::columns::Columns;
use veilbook::domain::field::{FieldKind, FieldState, Schema};
use veilbook::domain::role::RoleName;
use veilbook::privacy::class::FieldClass;
use veilbook::service::door::ViewDraft;
use veilbook::service::fields::{FieldAction, FieldText, NewField, Way};
use veilbook::service::tags::TagAction;
use veilbook::service::view::{Retired, Sharing, Sort, UndoLabel};
use veilbook::service::{Action, Change, Done, Query, Refusal, Session, View};

use crate::house::{House, add, key, set};

fn undo(who: &Session) -> Result<UndoLabel, Refusal> {
    match who.perform(Action::Undo)? {
        Done::Undone(label) => Ok(label),
        other => panic!("not undone: {other:?}"),
    }
}

fn schema(who: &Session) -> Schema {
    let Ok(View::Schema(schema)) = who.query(Query::Schema) else { panic!("no schema") };
    schema
}

fn label(about: &str, action: &str) -> UndoLabel {
    UndoLabel { action: action.into(), about: about.into(), asks: None }
}

fn field(name: &str) -> Action {
    let text = FieldText { label_en: "Size".into(), purpose: "know what fits".into(), ..FieldText::default() };
    Action::Field(FieldAction::Add(NewField {
        key: key(name),
        kind: FieldKind::Text,
        class: Some(FieldClass::Open),
        text,
    }))
}

#[test]
fn fields_go_back_one_change_after_the_other() {
    let (_house, owner) = House::new();
    let before = schema(&owner);
    let anew = FieldText { label_en: "Cell".into(), purpose: "call back".into(), ..FieldText::default() };
    owner.perform(Action::Field(FieldAction::Change(key("mobile"), anew))).unwrap();
    owner.perform(Action::Field(FieldAction::Move(key("mobile"), Way::Down))).unwrap();
    owner.perform(Action::SetFieldInUse(key("email"), FieldState::Off, "".into())).unwrap();
    assert_eq!(undo(&owner).unwrap(), label("email", "field.set"));
    assert_eq!(undo(&owner).unwrap().action, "field.move");
    assert_eq!(undo(&owner).unwrap(), label("mobile", "field.edit"));
    assert_eq!(schema(&owner), before);
}

#[test]
fn a_field_that_was_added_goes_out_of_use_with_what_was_filled_in() {
    let (_house, owner) = House::new();
    owner.perform(field("size")).unwrap();
    undo(&owner).unwrap();
    let row = schema(&owner).all().iter().find(|row| row.key == key("size")).cloned().unwrap();
    assert_eq!(row.state, FieldState::Off);
    let refused = owner.perform(Action::AddCustomer(vec![Change::Name("张三丰".into()), set("size", "large")]));
    assert!(refused.is_err(), "it cannot be filled in any more");
}

#[test]
fn what_a_colleague_changed_since_stays_and_the_refusal_names_them() {
    let (house, owner) = House::new();
    let administrator = house.staff(&owner, RoleName::Administrator);
    owner.perform(Action::Field(FieldAction::Move(key("mobile"), Way::Down))).unwrap();
    administrator.perform(Action::Field(FieldAction::Move(key("email"), Way::Down))).unwrap();
    let stood = schema(&owner);
    let refusal = undo(&owner).unwrap_err();
    assert!(matches!(&refusal, Refusal::UndoStale(who) if who == "administrator person"), "{refusal:?}");
    assert_eq!(schema(&owner), stood);
}

#[test]
fn a_saved_view_comes_back_under_its_name() {
    let (_house, owner) = House::new();
    let draft = |id| {
        let (name, query, sort, sharing) = ("Mine".into(), "owner:me".into(), Sort::Recent, Sharing::Own);
        ViewDraft { id, name, query, sort, sharing, columns: Columns::Standard }
    };
    let views = || match owner.query(Query::SavedViews) {
        Ok(View::SavedViews(views)) => views,
        other => panic!("no views: {other:?}"),
    };
    owner.perform(Action::SaveView(draft(None))).unwrap();
    let id = views()[0].view.id;
    owner.perform(Action::RemoveView(id)).unwrap();
    assert_eq!(undo(&owner).unwrap(), label("Mine", "view.remove"));
    assert_eq!(views()[0].view.id, id);
    assert_eq!(undo(&owner).unwrap(), label("Mine", "view.save"));
    assert!(views().is_empty());
}

#[test]
fn a_retired_tag_is_offered_again() {
    let (_house, owner) = House::new();
    add(&owner, "张三丰", vec![Change::Tags(vec!["vip".into()])]);
    owner.perform(Action::Tags(TagAction::Retire("vip".into()))).unwrap();
    assert_eq!(undo(&owner).unwrap(), label("vip", "tag.retire"));
    let Ok(View::Tags(tags)) = owner.query(Query::Tags) else { panic!("no tags") };
    assert!(tags.iter().all(|tag| tag.retired == Retired::No));
}

#[test]
fn an_alert_that_was_marked_as_seen_by_mistake_waits_again() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    for _ in 0..4 {
        _ = owner.perform(Action::Verify(id, key("mobile"), zeroize::Zeroizing::new("13900000000".into())));
    }
    let waiting = || match owner.query(Query::Today) {
        Ok(View::Today(today)) => today.alerts.iter().map(|alert| alert.id).collect::<Vec<_>>(),
        other => panic!("no today: {other:?}"),
    };
    let before = waiting();
    owner.perform(Action::SettleAlert(before[0])).unwrap();
    assert!(waiting().is_empty());
    assert_eq!(undo(&owner).unwrap(), label("", "alert.settle"));
    assert_eq!(waiting(), before);
}
