//! Fields of a vault's own: added, written anew, put in order, and what customers then have.

use veilbook::domain::customer::CustomerKind;
use veilbook::domain::field::{FieldKind, Need, Schema};
use veilbook::domain::role::RoleName;
use veilbook::privacy::class::FieldClass;
use veilbook::service::fields::{FieldAction, FieldText, NewField, Way};
use veilbook::service::refusal::Fault;
use veilbook::service::view::Shown;
use veilbook::service::{Action, Change, Done, Query, Refusal, Session, View};

use crate::house::{House, add, key, named, open, set, verbs};

fn text(label: &str) -> FieldText {
    FieldText { label_en: label.into(), purpose: "know what fits".into(), ..FieldText::default() }
}

fn new(name: &str, kind: FieldKind, text: FieldText) -> Action {
    Action::Field(FieldAction::Add(NewField { key: key(name), kind, class: Some(FieldClass::Open), text }))
}

fn schema(who: &Session) -> Schema {
    let Ok(View::Schema(schema)) = who.query(Query::Schema) else { panic!("no schema") };
    schema
}

fn faults(done: Result<Done, Refusal>) -> Vec<(String, Fault)> {
    match done {
        Err(Refusal::Invalid(faults)) => faults.into_iter().map(|f| (f.part, f.fault)).collect(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_new_field_is_filled_checked_and_found_at_once() {
    let (_house, owner) = House::new();
    let choices = vec!["small".into(), "large".into(), "Small".into()];
    owner.perform(new("size", FieldKind::Choice, FieldText { choices, ..text("Size") })).unwrap();
    assert_eq!(schema(&owner).get("size").unwrap().choices, ["small", "large"]);
    let id = add(&owner, "张三丰", vec![set("size", "LARGE")]);
    let has = |id| open(&owner, id).fields.into_iter().find(|field| field.key == key("size")).map(|field| field.shown);
    assert_eq!(has(id), Some(Shown::Open("large".into())));
    let other = owner.perform(named("李四", vec![set("size", "huge")]));
    assert_eq!(faults(other)[0].0, "size");
    assert!(verbs(&owner).contains(&"field.add".to_owned()));
}

#[test]
fn a_field_that_nobody_classified_is_sensitive() {
    let (_house, owner) = House::new();
    let new = NewField { key: key("shoe"), kind: FieldKind::Text, class: None, text: text("Shoe size") };
    owner.perform(Action::Field(FieldAction::Add(new))).unwrap();
    assert_eq!(schema(&owner).get("shoe").unwrap().class, FieldClass::Sensitive);
    let id = add(&owner, "张三丰", vec![set("shoe", "forty-two")]);
    let shown = open(&owner, id).fields.into_iter().find(|field| field.key == key("shoe")).unwrap().shown;
    assert!(matches!(shown, Shown::Masked(_)), "{shown:?}");
}

#[test]
fn a_field_of_companies_is_asked_of_companies_alone() {
    let (_house, owner) = House::new();
    let only = FieldText { of: Some(CustomerKind::Company), need: Need::Required, ..text("Tax number") };
    owner.perform(new("tax", FieldKind::Text, only)).unwrap();
    let person = add(&owner, "张三丰", vec![]);
    assert!(open(&owner, person).fields.iter().all(|field| field.key != key("tax")));
    let company =
        |rest: Vec<Change>| owner.perform(named("晨光", [vec![Change::Kind(CustomerKind::Company)], rest].concat()));
    assert_eq!(faults(company(vec![])), [("tax".to_owned(), Fault::Missing)]);
    company(vec![set("tax", "91-4403")]).unwrap();
}

#[test]
fn a_field_is_written_anew_and_moved_and_keeps_key_kind_and_class() {
    let (_house, owner) = House::new();
    let before = schema(&owner);
    let first = before.all()[0].clone();
    owner.perform(Action::Field(FieldAction::Move(first.key.clone(), Way::Up))).unwrap();
    assert_eq!(schema(&owner), before, "the first stays the first");
    owner.perform(Action::Field(FieldAction::Move(first.key.clone(), Way::Down))).unwrap();
    assert_eq!(schema(&owner).all()[1].key, first.key);
    let anew = FieldText { label_zh: "手机号".into(), keep_months: Some(36), ..text("Cell phone") };
    owner.perform(Action::Field(FieldAction::Change(first.key.clone(), anew))).unwrap();
    let now = schema(&owner).get(first.key.as_str()).unwrap().clone();
    assert_eq!((now.label_en.as_str(), now.label_zh.as_str(), now.keep_months), ("Cell phone", "手机号", Some(36)));
    assert_eq!((now.key, now.kind, now.class, now.mask), (first.key, first.kind, first.class, first.mask));
}

#[test]
fn what_makes_no_field_is_refused_with_its_part() {
    let (house, owner) = House::new();
    assert_eq!(faults(owner.perform(new("mobile", FieldKind::Text, text("Cell")))), [("key".into(), Fault::Taken)]);
    assert_eq!(faults(owner.perform(new("owner", FieldKind::Text, text("Boss")))), [("key".into(), Fault::Taken)]);
    let bare = FieldText::default();
    let missing = [("label_en".to_owned(), Fault::Missing), ("purpose".to_owned(), Fault::Missing)];
    assert_eq!(faults(owner.perform(new("size", FieldKind::Text, bare))), missing);
    let choice = faults(owner.perform(new("size", FieldKind::Choice, text("Size"))));
    assert_eq!(choice, [("choices".to_owned(), Fault::Missing)]);
    let gone = owner.perform(Action::Field(FieldAction::Change(key("nothing"), text("Nothing"))));
    assert!(matches!(gone, Err(Refusal::NotFound("field"))), "{gone:?}");
    let support = house.staff(&owner, RoleName::Support);
    assert!(support.perform(new("size", FieldKind::Text, text("Size"))).unwrap_err().is_of_right());
}
