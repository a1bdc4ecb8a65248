//! The door: what people can see and do, and what goes on record.

use veilbook::domain::audit::Outcome;
use veilbook::domain::id::CustomerId;
use veilbook::domain::reason::{Reason, ReasonCode};
use veilbook::domain::role::RoleName;
use veilbook::service::view::{ChainCheck, ListRequest, Match, Shown};
use veilbook::service::{Action, AuditRequest, Change, Done, Query, Refusal, View};
use zeroize::Zeroizing;

use crate::house::{House, add, callback, key, open, set, verbs};

const MOBILE: &str = "13800001234";

fn list(session: &veilbook::service::Session, text: &str) -> Vec<String> {
    let request = ListRequest { text: text.into(), limit: 50, ..ListRequest::default() };
    let View::Customers(page) = session.query(Query::Customers(request)).unwrap() else { panic!("no list") };
    page.rows.iter().map(|row| row.name.text().to_owned()).collect()
}

#[test]
fn a_customer_is_added_listed_opened_masked_and_still_there_after_a_restart() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", MOBILE), set("email", "zsf@example.com")]);
    add(&owner, "John Smith", vec![]);
    assert_eq!(list(&owner, ""), ["John Smith", "张三丰"]);
    for query in ["zhang", "三丰", "zsf"] {
        assert_eq!(list(&owner, query), ["张三丰"], "{query}");
    }
    let detail = open(&owner, id);
    let mobile = detail.fields.iter().find(|f| f.key == key("mobile")).unwrap();
    assert_eq!(mobile.shown.text(), "138****1234");
    owner.end();
    drop(owner);
    house.gate.seal();
    let owner = house.again();
    assert_eq!(list(&owner, ""), ["John Smith", "张三丰"]);
    let Done::Verdict(state) = owner.perform(Action::VerifyRecord).unwrap() else { panic!("no verdict") };
    assert_eq!(state.check, Some(ChainCheck::Sound));
}

#[test]
fn a_reveal_takes_a_reason_and_leaves_an_entry() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", MOBILE)]);
    let silent = Reason::code(ReasonCode::Other);
    assert!(matches!(owner.perform(Action::Reveal(id, key("mobile"), silent)), Err(Refusal::Reason(_))));
    let Ok(Done::Revealed(value)) = owner.perform(Action::Reveal(id, key("mobile"), callback())) else {
        panic!("not revealed");
    };
    assert_eq!(value.show(crate::house::NOON).map(|v| v.replace([' ', '-'], "")), Some("+8613800001234".into()));
    assert_eq!(value.show(crate::house::NOON.plus_seconds(61)), None);
    let request = AuditRequest { limit: 10, ..AuditRequest::default() };
    let View::Audit(page) = owner.query(Query::Audit(request)).unwrap() else { panic!("no audit") };
    let entries: Vec<_> = page.rows.iter().map(|r| (r.entry.what.action.as_str(), r.entry.what.outcome)).collect();
    assert_eq!(entries[..2], [("customer.reveal", Outcome::Done), ("customer.reveal", Outcome::Refused)]);
}

#[test]
fn a_caller_is_verified_without_opening_anything_and_has_three_tries() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", MOBILE)]);
    let say = |text: &str| owner.perform(Action::Verify(id, key("mobile"), Zeroizing::new(text.into())));
    let Done::Verified(yes) = say("+86 138-0000-1234").unwrap() else { panic!("no verdict") };
    assert_eq!(yes.matched, Match::Yes);
    for left in [2, 1, 0] {
        let Done::Verified(no) = say("13800009999").unwrap() else { panic!("no verdict") };
        assert_eq!((no.matched, no.tries_left), (Match::No, left));
    }
    assert!(matches!(say("13800001234"), Err(Refusal::NoTriesLeft { .. })));
}

#[test]
fn the_last_four_digits_find_a_masked_phone_on_record() {
    let (_house, owner) = House::new();
    add(&owner, "张三丰", vec![set("mobile", MOBILE)]);
    add(&owner, "李四", vec![set("mobile", "13900001235")]);
    let identifier = veilbook::domain::identifier::recognise("1234", "CN").unwrap();
    let Done::Matches(rows) = owner.perform(Action::FindByIdentifier(identifier)).unwrap() else { panic!("no rows") };
    assert_eq!(rows.iter().map(|r| r.name.text()).collect::<Vec<_>>(), ["张三丰"]);
    assert!(verbs(&owner).contains(&"customer.search".to_owned()));
}

#[test]
fn an_edit_can_be_undone_and_a_stale_one_is_a_conflict() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", MOBILE)]);
    let Ok(Done::Saved(_, version)) =
        owner.perform(Action::EditCustomer(id, 1, vec![Change::Name("张三".into()), set("mobile", "13900009876")]))
    else {
        panic!("not saved");
    };
    assert_eq!(version, 2);
    assert!(matches!(owner.perform(Action::EditCustomer(id, 1, vec![])), Err(Refusal::Conflict(Some(_)))));
    owner.perform(Action::Undo).unwrap();
    let detail = open(&owner, id);
    assert_eq!(detail.name, Shown::Open("张三丰".into()));
    let Ok(Done::Verified(verdict)) = owner.perform(Action::Verify(id, key("mobile"), Zeroizing::new(MOBILE.into())))
    else {
        panic!("no verdict");
    };
    assert_eq!(verdict.matched, Match::Yes);
    owner.perform(Action::Undo).unwrap();
    assert!(list(&owner, "").is_empty());
}

#[test]
fn each_role_sees_what_its_row_says() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", MOBILE), set("bank_card", "4111111111111111")]);
    let support = house.staff(&owner, RoleName::Support);
    assert!(matches!(support.perform(Action::Reveal(id, key("mobile"), callback())), Ok(Done::Revealed(_))));
    assert!(matches!(
        support.perform(Action::Reveal(id, key("bank_card"), callback())),
        Err(Refusal::NeverRevealed { .. })
    ));
    let sales = house.staff(&owner, RoleName::Sales);
    assert!(matches!(sales.perform(Action::OpenCustomer(id)), Err(Refusal::OutOfScope)));
    assert!(list(&sales, "").is_empty());
    let auditor = house.staff(&owner, RoleName::Auditor);
    assert!(matches!(auditor.query(Query::Customers(ListRequest::default())), Err(Refusal::NotPermitted { .. })));
    assert!(verbs(&auditor).contains(&"customer.reveal".to_owned()));
    assert!(matches!(owner.perform(Action::OpenCustomer(CustomerId(99))), Err(Refusal::OutOfScope)));
}
