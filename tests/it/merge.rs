//! Merging two customers who are one: what is carried over, where the old number leads, what is refused, and the way back.

use veilbook::domain::id::CustomerId;
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::role::RoleName;
use veilbook::service::view::{DuplicatePair, Happening, ListRequest};
use veilbook::service::{Action, Change, Contact, Done, NextStep, Query, Refusal, Session, View};

use crate::house::{House, NOON, add, callback, key, open, set, verbs};

fn merge(who: &Session, keep: CustomerId, other: CustomerId) -> Result<Done, Refusal> {
    let versions = [keep, other].map(|id| open(who, id).profile.version);
    who.perform(Action::Merge { keep: (keep, versions[0]), other: (other, versions[1]), take: vec![] })
}

fn undo(who: &Session) {
    assert!(matches!(who.perform(Action::Undo), Ok(Done::Undone(_))));
}

fn call(who: &Session, id: CustomerId, text: &str) {
    let next = Some(NextStep::once(NOON.plus_seconds(86_400), format!("after {text}").as_str().into()));
    let kind = InteractionKind::Call;
    who.perform(Action::LogInteraction(id, Contact { kind, text: text.into(), next, ..Contact::default() })).unwrap();
}

fn told(who: &Session, id: CustomerId) -> Vec<String> {
    let contacts = open(who, id).timeline.into_iter().filter_map(|item| match item.what {
        Happening::Interaction(contact) => Some(contact.text.to_string()),
        _ => None,
    });
    let mut out: Vec<String> = contacts.collect();
    out.sort();
    out
}

fn field(who: &Session, id: CustomerId, name: &str) -> String {
    let detail = open(who, id);
    detail.fields.iter().find(|f| f.key == key(name)).map(|f| f.shown.text().to_owned()).unwrap_or_default()
}

fn names(who: &Session) -> Vec<String> {
    let request = ListRequest { limit: 50, ..ListRequest::default() };
    let Ok(View::Customers(page)) = who.query(Query::Customers(request)) else { panic!("no list") };
    page.rows.iter().map(|row| row.name.text().to_owned()).collect()
}

#[test]
fn a_merge_carries_over_everything_and_the_old_number_leads_to_the_kept_one() {
    let (house, owner) = House::new();
    let keep = add(&owner, "张三丰", vec![set("mobile", "13800001234"), Change::Tags(vec!["vip".into()])]);
    let other = add(
        &owner,
        "Zhang Sanfeng",
        vec![set("email", "zsf@example.com"), set("company", "晨光"), Change::Tags(vec!["tea".into(), "vip".into()])],
    );
    call(&owner, keep, "first");
    house.clock.advance(60);
    call(&owner, other, "second");
    assert!(matches!(merge(&owner, keep, other), Ok(Done::Saved(id, _)) if id == keep));
    assert_eq!(names(&owner), ["张三丰"]);
    assert_eq!(told(&owner, keep), ["first", "second"]);
    assert_eq!(open(&owner, keep).profile.tags, ["tea", "vip"]);
    assert_eq!(open(&owner, keep).follow_ups.len(), 2);
    assert_eq!(
        (field(&owner, keep, "email").as_str(), field(&owner, keep, "company").as_str()),
        ("z***@example.com", "晨光")
    );
    assert_eq!(field(&owner, keep, "mobile"), "138****1234");
    assert_eq!(open(&owner, other).profile.id, keep);
    // What was sealed for the other is revealed for the kept one, and found by its value.
    assert!(matches!(owner.perform(Action::Reveal(keep, key("email"), callback())), Ok(Done::Revealed(_))));
    let found = owner
        .perform(Action::FindByIdentifier(veilbook::domain::identifier::recognise("zsf@example.com", "CN").unwrap()));
    assert!(matches!(&found, Ok(Done::Matches(rows)) if rows.len() == 1 && rows[0].id == keep), "{found:?}");
    assert_eq!(verbs(&owner).iter().filter(|verb| *verb == "customer.combine").count(), 2);
}

#[test]
fn a_merge_is_taken_back_over_a_restart_and_what_came_since_stays() {
    let (house, owner) = House::new();
    let keep = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let other = add(&owner, "张三峰", vec![set("email", "zsf@example.com")]);
    call(&owner, other, "before");
    merge(&owner, keep, other).unwrap();
    owner.end();
    drop(owner);
    house.gate.seal();
    let owner = house.again();
    undo(&owner);
    assert_eq!(names(&owner).len(), 2);
    assert_eq!((told(&owner, keep), told(&owner, other)), (vec![], vec!["before".to_owned()]));
    assert_eq!((open(&owner, keep).follow_ups.len(), open(&owner, other).follow_ups.len()), (0, 1));
    assert_eq!(
        (field(&owner, keep, "email"), field(&owner, other, "email")),
        (String::new(), "z***@example.com".into())
    );
    assert!(matches!(owner.perform(Action::Reveal(other, key("email"), callback())), Ok(Done::Revealed(_))));
    // Merged again and changed by somebody else, it is not taken back.
    merge(&owner, keep, other).unwrap();
    let lead = house.staff(&owner, RoleName::Lead);
    let version = open(&lead, keep).profile.version;
    lead.perform(Action::EditCustomer(keep, version, vec![Change::Name("张丰".into())])).unwrap();
    assert!(matches!(owner.perform(Action::Undo), Err(Refusal::UndoStale(_))));
}

#[test]
fn three_in_a_row_end_at_one_and_come_apart_again_one_by_one() {
    let (_house, owner) = House::new();
    let [a, b, c] = ["张三丰", "张三峰", "Zhang Sanfeng"].map(|name| add(&owner, name, vec![]));
    call(&owner, a, "with a");
    call(&owner, b, "with b");
    merge(&owner, b, a).unwrap();
    merge(&owner, c, b).unwrap();
    for id in [a, b, c] {
        assert_eq!(open(&owner, id).profile.id, c);
    }
    assert_eq!(told(&owner, a), ["with a", "with b"]);
    // A number that was merged away names who was kept, so nobody is merged with themselves that way.
    let version = open(&owner, c).profile.version;
    let again = owner.perform(Action::Merge { keep: (c, version), other: (a, 1), take: vec![] });
    assert!(matches!(again, Err(Refusal::SameCustomer)), "{again:?}");
    undo(&owner);
    assert_eq!((open(&owner, a).profile.id, open(&owner, c).profile.id), (b, c));
    assert_eq!(told(&owner, b), ["with a", "with b"]);
    undo(&owner);
    assert_eq!((told(&owner, a), told(&owner, b)), (vec!["with a".to_owned()], vec!["with b".to_owned()]));
    assert_eq!(names(&owner).len(), 3);
}

#[test]
fn what_cannot_be_merged_is_refused_and_nothing_changes() {
    let (house, owner) = House::new();
    let [a, b] = ["张三丰", "张三峰"].map(|name| add(&owner, name, vec![]));
    assert!(matches!(merge(&owner, a, a), Err(Refusal::SameCustomer)));
    let stale = owner.perform(Action::Merge { keep: (a, 1), other: (b, 7), take: vec![] });
    assert!(matches!(stale, Err(Refusal::Conflict(_))), "{stale:?}");
    let nobody = owner.perform(Action::Merge { keep: (a, 1), other: (CustomerId(99), 1), take: vec![] });
    assert!(matches!(nobody, Err(Refusal::OutOfScope)), "{nobody:?}");
    // Another's customer cannot be drawn in, and that there is one is not said.
    let sales = house.staff(&owner, RoleName::Sales);
    let own = add(&sales, "张三风", vec![]);
    let taken = sales.perform(Action::Merge { keep: (own, 1), other: (a, 1), take: vec![] });
    assert!(matches!(taken, Err(Refusal::OutOfScope)), "{taken:?}");
    assert_eq!(names(&owner).len(), 3);
}

#[test]
fn erasing_the_kept_one_erases_what_is_on_record_of_the_other() {
    let (_house, owner) = House::new();
    let keep = add(&owner, "张三丰", vec![]);
    let other = add(&owner, "张三峰", vec![set("company", "晨光合作社")]);
    let version = open(&owner, other).profile.version;
    owner.perform(Action::EditCustomer(other, version, vec![set("company", "晚霞合作社")])).unwrap();
    merge(&owner, keep, other).unwrap();
    owner.perform(Action::EraseCustomer(keep, callback())).unwrap();
    assert!(matches!(owner.perform(Action::OpenCustomer(other)), Err(Refusal::OutOfScope)));
    let request = veilbook::service::AuditRequest { limit: 500, ..Default::default() };
    let View::Audit(page) = owner.query(Query::Audit(request)).unwrap() else { panic!("no record") };
    let texts = page.rows.iter().map(|row| &row.entry.what.texts);
    let said = texts.flat_map(|t| [&t.before, &t.after]).flatten().any(|text| text.contains("合作社"));
    assert!(!said, "what was said of the one merged away is still on record");
    assert!(!matches!(owner.perform(Action::Undo), Ok(Done::Undone(label)) if label.action == "customer.combine"));
}

#[test]
fn erasing_the_kept_one_looks_for_the_old_names_of_all_who_were_merged_in_and_leaves_who_was_taken_out_again() {
    let (_house, owner) = House::new();
    let [a, b, keep] = ["欧阳夜莺", "Nightingale Ouyang", "欧阳莺"].map(|name| add(&owner, name, vec![]));
    let apart = add(&owner, "百灵鸟", vec![]);
    let rename = vec![Change::Name("Philomela".into())];
    owner.perform(Action::EditCustomer(b, open(&owner, b).profile.version, rename)).unwrap();
    for text in ["夜莺", "欧阳夜莺", "nightingale ouyang", "philomela", "百灵鸟"] {
        owner.query(Query::Customers(ListRequest { text: text.into(), limit: 10, ..Default::default() })).unwrap();
        open(&owner, keep);
    }
    merge(&owner, keep, apart).unwrap();
    undo(&owner);
    merge(&owner, b, a).unwrap();
    merge(&owner, keep, b).unwrap();
    owner.perform(Action::EraseCustomer(keep, callback())).unwrap();
    let request = veilbook::service::AuditRequest { limit: 500, ..Default::default() };
    let View::Audit(page) = owner.query(Query::Audit(request)).unwrap() else { panic!("no record") };
    let lists = page.rows.iter().filter(|row| row.entry.what.action == "customer.list");
    let mut said: Vec<&str> = lists.filter_map(|row| row.entry.what.texts.after.as_deref()).collect();
    said.sort_unstable();
    assert_eq!(said, ["夜莺", "百灵鸟"]);
}

fn pairs(who: &Session) -> Vec<DuplicatePair> {
    match who.perform(Action::FindDuplicates) {
        Ok(Done::Hunt(hunt)) => hunt.run(&mut |_| std::ops::ControlFlow::Continue(())).unwrap(),
        other => panic!("not looked for: {other:?}"),
    }
}

#[test]
fn pairs_are_found_by_what_is_open_and_by_what_is_sealed_alike_and_on_record_once() {
    let (_house, owner) = House::new();
    let first = add(&owner, "欧阳小明", vec![set("mobile", "13800001234"), set("company", "晨光")]);
    let second = add(&owner, "Ouyang Xiaoming", vec![set("mobile", "138 0000 1234")]);
    // A relative who shares the phone, and a namesake who shares nothing.
    add(&owner, "欧阳建国", vec![set("mobile", "13800001234")]);
    add(&owner, "欧阳小明", vec![set("mobile", "13955556666")]);
    let found = pairs(&owner);
    let ids: Vec<_> = found.iter().map(|pair| (pair.keep.id, pair.other.as_ref().map(|row| row.id))).collect();
    assert_eq!(ids, [(first, Some(second))]);
    assert!(found[0].bits > 2.5 && !found[0].evidence.is_empty());
    assert!(!format!("{found:?}").contains("欧阳"));
    assert_eq!(verbs(&owner).iter().filter(|verb| *verb == "customer.duplicates").count(), 1);
    merge(&owner, first, second).unwrap();
    assert!(pairs(&owner).is_empty());
}

#[test]
fn of_another_s_customer_nothing_is_said_but_that_there_is_one() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    let theirs = add(&owner, "Ouyang Xiaoming", vec![set("mobile", "13800001234")]);
    let own = add(&sales, "欧阳小明", vec![set("mobile", "13800001234")]);
    let found = pairs(&sales);
    assert!(matches!(&found[..], [pair] if pair.keep.id == own && pair.other.is_none() && pair.evidence.is_empty()));
    let drawn = sales.perform(Action::Merge { keep: (own, 1), other: (theirs, 1), take: vec![] });
    assert!(matches!(drawn, Err(Refusal::OutOfScope)), "{drawn:?}");
    // Of two who are both another's nothing is said at all.
    add(&owner, "张三丰", vec![set("mobile", "13900009999")]);
    add(&owner, "Zhang Sanfeng", vec![set("mobile", "13900009999")]);
    assert_eq!(pairs(&sales).len(), 1);
}
