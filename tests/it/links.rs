//! Companies and their people: links both ways, what is logged with one at the other, and what happens to links.

use veilbook::domain::customer::CustomerKind;
use veilbook::domain::id::CustomerId;
use veilbook::domain::role::RoleName;
use veilbook::service::links::LinkAction;
use veilbook::service::refusal::Fault;
use veilbook::service::view::{Happening, Shown};
use veilbook::service::{Action, Change, Contact, Done, Refusal, Session};

use crate::house::{House, add, callback, open, verbs};

fn company(owner: &Session, name: &str) -> CustomerId {
    add(owner, name, vec![Change::Kind(CustomerKind::Company)])
}

fn join(who: &Session, one: CustomerId, other: CustomerId) -> Result<Done, Refusal> {
    who.perform(Action::Link(LinkAction::Join(one, other)))
}

fn linked(who: &Session, id: CustomerId) -> Vec<CustomerId> {
    open(who, id).linked.iter().map(|row| row.id).collect()
}

/// What was logged with those who are linked with a customer: with whom, and what was said.
fn heard(who: &Session, id: CustomerId) -> Vec<(String, String)> {
    let timeline = open(who, id).timeline;
    let said = timeline.iter().filter_map(|item| match (&item.with, &item.what) {
        (Some(with), Happening::Interaction(contact)) => {
            Some((with.text().to_owned(), contact.text.as_str().to_owned()))
        }
        _ => None,
    });
    said.collect()
}

fn call(who: &Session, id: CustomerId, text: &str) {
    who.perform(Action::LogInteraction(id, Contact { text: text.into(), ..Contact::default() })).unwrap();
}

#[test]
fn a_company_and_its_people_lead_to_each_other_and_hear_of_each_other() {
    let (_house, owner) = House::new();
    let (firm, person) = (company(&owner, "晨露茶行"), add(&owner, "王芳", vec![]));
    join(&owner, firm, person).unwrap();
    join(&owner, person, firm).unwrap();
    assert_eq!((linked(&owner, firm), linked(&owner, person)), (vec![person], vec![firm]));
    call(&owner, person, "wants the invoice");
    call(&owner, firm, "moved to a new office");
    assert_eq!(heard(&owner, firm), [("王芳".to_owned(), "wants the invoice".to_owned())]);
    assert_eq!(heard(&owner, person), [("晨露茶行".to_owned(), "moved to a new office".to_owned())]);
    assert_eq!(verbs(&owner).iter().filter(|verb| *verb == "customer.link").count(), 2, "one entry for each, once");
}

#[test]
fn two_of_one_kind_are_not_joined_nor_anybody_with_themselves() {
    let (_house, owner) = House::new();
    let (one, other) = (add(&owner, "王芳", vec![]), add(&owner, "李四", vec![]));
    for pair in [(one, other), (one, one)] {
        match join(&owner, pair.0, pair.1) {
            Err(Refusal::Invalid(faults)) => assert_eq!(faults[0].fault, Fault::SameKind),
            other => panic!("joined: {other:?}"),
        }
    }
}

#[test]
fn joining_and_parting_are_taken_back() {
    let (_house, owner) = House::new();
    let (firm, person) = (company(&owner, "晨露茶行"), add(&owner, "王芳", vec![]));
    join(&owner, firm, person).unwrap();
    owner.perform(Action::Link(LinkAction::Part(person, firm))).unwrap();
    assert!(linked(&owner, firm).is_empty());
    owner.perform(Action::Undo).unwrap();
    assert_eq!(linked(&owner, person), [firm]);
    owner.perform(Action::Undo).unwrap();
    assert!(linked(&owner, person).is_empty() && linked(&owner, firm).is_empty());
}

#[test]
fn who_is_out_of_scope_is_not_shown_and_not_heard() {
    let (house, owner) = House::new();
    let (firm, person) = (company(&owner, "晨露茶行"), add(&owner, "王芳", vec![]));
    join(&owner, firm, person).unwrap();
    call(&owner, firm, "their plans");
    let sales = house.staff(&owner, RoleName::Sales);
    let version = open(&owner, person).profile.version;
    owner.perform(Action::EditCustomer(person, version, vec![Change::Owner(Some(sales.staff()))])).unwrap();
    assert!(linked(&sales, person).is_empty() && heard(&sales, person).is_empty());
    let parted = sales.perform(Action::Link(LinkAction::Part(person, firm)));
    assert!(matches!(parted, Err(Refusal::OutOfScope)), "{parted:?}");
}

#[test]
fn links_go_with_a_merge_and_come_back_with_its_undo() {
    let (_house, owner) = House::new();
    let firm = company(&owner, "晨露茶行");
    let (keep, other) = (add(&owner, "王芳", vec![]), add(&owner, "王 芳", vec![]));
    join(&owner, firm, other).unwrap();
    owner.perform(Action::Merge { keep: (keep, 1), other: (other, 1), take: vec![] }).unwrap();
    assert_eq!(linked(&owner, firm), [keep]);
    owner.perform(Action::Undo).unwrap();
    assert_eq!((linked(&owner, firm), linked(&owner, keep)), (vec![other], vec![]));
}

#[test]
fn nothing_of_a_link_stays_of_somebody_who_is_erased() {
    let (_house, owner) = House::new();
    let (firm, person) = (company(&owner, "晨露茶行"), add(&owner, "王芳", vec![]));
    join(&owner, firm, person).unwrap();
    call(&owner, person, "wants the invoice");
    owner.perform(Action::EraseCustomer(person, callback())).unwrap();
    assert!(linked(&owner, firm).is_empty() && heard(&owner, firm).is_empty());
    assert!(open(&owner, firm).timeline.iter().all(|item| item.with.is_none()));
    assert!(matches!(open(&owner, firm).name, Shown::Open(_)));
}
