//! Values that nobody confirmed for long, values that are none, and dates that contradict each other.

use std::sync::Arc;

use veilbook::clock::FixedClock;
use veilbook::domain::audit::Origin;
use veilbook::domain::customer::Basis;
use veilbook::domain::field::{FieldKind, Schema};
use veilbook::domain::id::CustomerId;
use veilbook::domain::schema;
use veilbook::privacy::class::FieldClass;
use veilbook::service::fields::{FieldAction, FieldText, NewField};
use veilbook::service::view::{FlawKind, FlawWhy, Match, QualityQuery, QualityView};
use veilbook::service::{Action, Change, Done, Gate, Query, Session, View};
use zeroize::Zeroizing;

use crate::house::{House, NOON, add, deps, key, new_vault, open, set};

const MONTH: i64 = 31 * 86_400;

fn wrong(who: &Session, kind: FlawKind) -> Vec<(u64, String)> {
    let answer = who.query(Query::Quality(QualityQuery::List(kind, None)));
    let Ok(View::Quality(QualityView::Page(page))) = answer else { panic!("no list: {answer:?}") };
    page.rows.into_iter().map(|row| (row.customer.0, row.part)).collect()
}

fn edit(who: &Session, id: CustomerId, change: Change) {
    let version = open(who, id).profile.version;
    who.perform(Action::EditCustomer(id, version, vec![change])).unwrap();
}

fn verify(who: &Session, id: CustomerId, field: &str, said: &str) -> Match {
    match who.perform(Action::Verify(id, key(field), Zeroizing::new(said.into()))) {
        Ok(Done::Verified(verdict)) => verdict.matched,
        other => panic!("not compared: {other:?}"),
    }
}

#[test]
fn a_value_is_stale_until_it_is_written_or_verified_with_the_right_answer() {
    let (house, owner) = House::new();
    let fields = vec![set("mobile", "13800001234"), set("email", "z@example.com"), Change::Declined(key("chat_id"))];
    let one = add(&owner, "One", fields);
    house.clock.advance(10 * MONTH);
    let owner = house.again();
    let two = add(&owner, "Two", vec![set("mobile", "13800005678")]);
    assert!(wrong(&owner, FlawKind::Stale).is_empty());
    house.clock.advance(9 * MONTH);
    let owner = house.again();
    let stale = |part: &str| (one.0, part.to_owned());
    assert_eq!(wrong(&owner, FlawKind::Stale), [stale("mobile"), stale("email")]);
    // What else of a customer is changed confirms nothing, and neither does a wrong answer.
    edit(&owner, one, Change::Basis(Basis::Contract));
    assert_eq!(verify(&owner, one, "mobile", "13900001234"), Match::No);
    assert_eq!(wrong(&owner, FlawKind::Stale).len(), 2);
    let version = open(&owner, one).profile.version;
    assert_eq!(verify(&owner, one, "mobile", "138 0000 1234"), Match::Yes);
    assert_eq!(open(&owner, one).profile.version, version, "to confirm is no change that others conflict with");
    assert_eq!(wrong(&owner, FlawKind::Stale), [stale("email")]);
    edit(&owner, one, set("email", "zhang@example.com"));
    assert!(wrong(&owner, FlawKind::Stale).is_empty());
    // A policy of another length, and of none.
    owner.perform(Action::SetPolicy("stale_months".into(), "6".into())).unwrap();
    assert_eq!(wrong(&owner, FlawKind::Stale), [(two.0, "mobile".to_owned())]);
    owner.perform(Action::SetPolicy("stale_months".into(), "0".into())).unwrap();
    assert!(wrong(&owner, FlawKind::Stale).is_empty());
}

#[test]
fn a_merge_carries_over_when_a_value_was_confirmed() {
    let (house, owner) = House::new();
    let old = add(&owner, "Old", vec![set("mobile", "13800001234")]);
    house.clock.advance(19 * MONTH);
    let owner = house.again();
    let new = add(&owner, "New", vec![]);
    let version = |id| open(&owner, id).profile.version;
    let (keep, other) = ((new, version(new)), (old, version(old)));
    owner.perform(Action::Merge { keep, other, take: vec![] }).unwrap();
    assert_eq!(wrong(&owner, FlawKind::Stale), [(new.0, "mobile".to_owned())]);
}

#[test]
fn an_open_value_that_its_field_takes_no_more_is_invalid() {
    let (_house, owner) = House::new();
    let text = |choices: &[&str]| FieldText {
        label_en: "Size".into(),
        purpose: "to know the size".into(),
        choices: choices.iter().map(|choice| (*choice).into()).collect(),
        ..FieldText::default()
    };
    let size = key("size");
    let new = NewField {
        key: size.clone(),
        kind: FieldKind::Choice,
        class: Some(FieldClass::Open),
        text: text(&["small", "large"]),
    };
    owner.perform(Action::Field(FieldAction::Add(new))).unwrap();
    let id = add(&owner, "One", vec![set("size", "small")]);
    assert!(wrong(&owner, FlawKind::Invalid).is_empty());
    owner.perform(Action::Field(FieldAction::Change(size, text(&["medium", "large"])))).unwrap();
    assert_eq!(wrong(&owner, FlawKind::Invalid), [(id.0, "size".to_owned())]);
    edit(&owner, id, set("size", "large"));
    assert!(wrong(&owner, FlawKind::Invalid).is_empty());
}

#[test]
fn an_open_birthday_that_is_not_that_of_the_date_of_birth_is_a_contradiction() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::new(NOON));
    let gate = Gate::new(folder.path().join("book.veil"), deps(&clock, 7));
    let mut rows = schema::sample().all().to_vec();
    for row in rows.iter_mut().filter(|row| ["birthday", "date_of_birth"].contains(&row.key.as_str())) {
        row.class = FieldClass::Open;
    }
    let owner = gate.create(new_vault(Schema::new(rows)), Origin::Screen).unwrap();
    add(&owner, "Right", vec![set("date_of_birth", "1990-07-31"), set("birthday", "07-31")]);
    let id = add(&owner, "Wrong", vec![set("date_of_birth", "1990-07-31"), set("birthday", "08-01")]);
    let answer = owner.query(Query::Quality(QualityQuery::List(FlawKind::Contradictory, None)));
    let Ok(View::Quality(QualityView::Page(page))) = answer else { panic!("no list: {answer:?}") };
    let found: Vec<_> = page.rows.iter().map(|row| (row.customer, row.part.as_str(), row.why)).collect();
    assert_eq!(found, [(id, "birthday", FlawWhy::TwoBirthdays)]);
}
