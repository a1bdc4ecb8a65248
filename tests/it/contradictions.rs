//! Births and genders that two fields tell differently: noted while one is written, though the other is sealed, and gone
//! once they agree.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::ControlFlow;

use veilbook::domain::audit::Origin;
use veilbook::domain::customer::Basis;
use veilbook::domain::id::CustomerId;
use veilbook::domain::role::RoleName;
use veilbook::domain::staff::LoginName;
use veilbook::privacy::class::FieldClass;
use veilbook::privacy::seal::TokenKind;
use veilbook::service::fields::FieldAction;
use veilbook::service::view::{FlawKind, FlawWhy, QualityQuery, QualityView};
use veilbook::service::{Action, Change, Done, ImportRecord, MergePart, OnDuplicate, Query, Session, View};
use veilbook::vault::records::{Customer, Record, Stored};
use veilbook::vault::store::{Table, Way};

use crate::house::{House, PASSPHRASE, add, key, open, set};
use crate::record::tamper;

/// Of a man born on 7 March 1990, a woman born that day, and a man born on 12 September 1988.
const MAN: &str = "110105199003070017";
const WOMAN: &str = "110105199003070025";
const OLDER: &str = "110105198809120031";

/// What contradicts: of whom, which field, and why.
fn wrong(who: &Session) -> Vec<(String, String, FlawWhy)> {
    let answer = who.query(Query::Quality(QualityQuery::List(FlawKind::Contradictory, None)));
    let Ok(View::Quality(QualityView::Page(page))) = answer else { panic!("no list: {answer:?}") };
    page.rows.into_iter().map(|row| (row.name.text().to_owned(), row.part, row.why)).collect()
}

fn row(name: &str, part: &str, why: FlawWhy) -> (String, String, FlawWhy) {
    (name.to_owned(), part.to_owned(), why)
}

fn write(who: &Session, id: CustomerId, changes: Vec<Change>) {
    let version = open(who, id).profile.version;
    let done = who.perform(Action::EditCustomer(id, version, changes));
    assert!(matches!(done, Ok(Done::Saved(..))), "{done:?}");
}

fn undo(who: &Session) {
    let undone = who.perform(Action::Undo);
    assert!(matches!(undone, Ok(Done::Undone(_))), "{undone:?}");
}

/// Two fields that differ with these values and agree with the third one in the place of the second.
fn check(first: (&str, &str), second: (&str, &str), right: &str, part: &str, why: FlawWhy) {
    let (_house, owner) = House::new();
    let both = vec![row("Li", part, why)];
    let at_once = add(&owner, "Li", vec![set(first.0, first.1), set(second.0, second.1)]);
    assert_eq!(wrong(&owner), both, "{} and {} at once", first.0, second.0);
    write(&owner, at_once, vec![set(second.0, right)]);
    assert_eq!(wrong(&owner), [], "{} put right", second.0);
    for (one, other) in [(first, second), (second, first)] {
        write(&owner, at_once, vec![Change::Clear(key(first.0)), Change::Clear(key(second.0))]);
        write(&owner, at_once, vec![set(one.0, one.1)]);
        write(&owner, at_once, vec![set(other.0, other.1)]);
        assert_eq!(wrong(&owner), both, "{} after {}", other.0, one.0);
        undo(&owner);
        assert_eq!(wrong(&owner), [], "{} taken back", other.0);
        write(&owner, at_once, vec![set(other.0, other.1)]);
        write(&owner, at_once, vec![Change::Declined(key(one.0))]);
        assert_eq!(wrong(&owner), [], "{} gone", one.0);
    }
}

#[test]
fn two_values_that_cannot_both_be_right_are_noted_whichever_is_written_last() {
    let other = FlawWhy::OtherOnCard;
    check(("resident_id", MAN), ("date_of_birth", "1990-03-08"), "1990-03-07", "date_of_birth", other);
    check(("resident_id", MAN), ("birthday", "03-08"), "03-07", "birthday", other);
    check(("date_of_birth", "1990-03-07"), ("birthday", "3月8日"), "03-07", "birthday", FlawWhy::TwoBirthdays);
    check(("gender", "女"), ("resident_id", MAN), WOMAN, "gender", other);
}

#[test]
fn a_birth_that_is_wrong_everywhere_names_every_field_and_words_that_say_no_sex_are_not_wrong() {
    let (_house, owner) = House::new();
    let id = add(&owner, "Li", vec![set("resident_id", OLDER), set("gender", "as they like")]);
    assert_eq!(wrong(&owner), []);
    write(&owner, id, vec![set("date_of_birth", "1990-03-07"), set("birthday", "09-13"), set("gender", "Female")]);
    let parts: Vec<String> = wrong(&owner).into_iter().map(|(_, part, _)| part).collect();
    assert_eq!(parts, ["date_of_birth", "birthday", "birthday", "gender"]);
    write(&owner, id, vec![set("resident_id", WOMAN), set("birthday", "03-07")]);
    assert_eq!(wrong(&owner), []);
}

/// Somebody who holds the blind key of contact values and not that of sensitive ones.
fn of_contact_alone(house: &House, owner: &Session) -> Session {
    let added = owner.perform(Action::AddStaff(LoginName::new("new person").unwrap(), RoleName::Owner));
    let Ok(Done::SetupCode(id, code)) = added else { panic!("no setup code") };
    house.gate.set_up("new person", &code, PASSPHRASE, Origin::Screen).unwrap().end();
    owner.perform(Action::ConfirmGrant(id, FieldClass::Contact)).unwrap();
    house.gate.login("new person", PASSPHRASE, Origin::Screen).unwrap()
}

#[test]
fn who_lacks_the_key_of_the_other_class_notes_nothing_and_a_holder_who_writes_later_does() {
    let (house, owner) = House::new();
    let newcomer = of_contact_alone(&house, &owner);
    let id = add(&owner, "Li", vec![set("date_of_birth", "1990-03-07"), set("birthday", "03-08")]);
    assert_eq!(wrong(&owner).len(), 1);
    // What stands there now was compared with nothing.
    write(&newcomer, id, vec![set("birthday", "03-09")]);
    assert_eq!(wrong(&owner), []);
    write(&owner, id, vec![set("birthday", "03-09")]);
    assert_eq!(wrong(&newcomer), [row("Li", "birthday", FlawWhy::TwoBirthdays)]);
}

#[test]
fn a_merge_takes_notes_along_with_their_values_and_gives_them_back() {
    let (_house, owner) = House::new();
    let merge = |keep: CustomerId, other: CustomerId| {
        let [keep, other] = [keep, other].map(|id| (id, open(&owner, id).profile.version));
        owner.perform(Action::Merge { keep, other, take: Vec::<MergePart>::new() }).unwrap();
    };
    let bare = add(&owner, "Bare", vec![]);
    let twice = add(&owner, "Li", vec![set("date_of_birth", "1990-03-07"), set("birthday", "03-08")]);
    let noted = |name: &str| vec![row(name, "birthday", FlawWhy::TwoBirthdays)];
    assert_eq!(wrong(&owner), noted("Li"));
    merge(bare, twice);
    assert_eq!(wrong(&owner), noted("Bare"));
    undo(&owner);
    assert_eq!(wrong(&owner), noted("Li"));
    // A value that stands open is compared with a sealed one that comes to it.
    write(&owner, twice, vec![Change::Clear(key("birthday")), set("gender", "female")]);
    let card = add(&owner, "Card", vec![set("resident_id", MAN)]);
    merge(twice, card);
    assert_eq!(wrong(&owner), [row("Li", "gender", FlawWhy::OtherOnCard)]);
    undo(&owner);
    assert_eq!(wrong(&owner), []);
}

#[test]
fn an_import_notes_what_it_fills_in_and_takes_the_note_back() {
    let (_house, owner) = House::new();
    add(&owner, "Li", vec![set("mobile", "13800001234"), set("date_of_birth", "1990-03-07")]);
    let (file, source) = ("list.csv".into(), "fair".into());
    let begun = Action::BeginImport { file, source, basis: Basis::Contract, duplicates: OnDuplicate::Merge };
    let Ok(Done::ImportBegun(job)) = owner.perform(begun) else { panic!("not begun") };
    let changes = |name: &str, rest: Vec<Change>| [vec![Change::Name(name.into())], rest].concat();
    let of = |row, changes| ImportRecord { row, owner: None, created: None, consents: vec![], changes };
    let fills = vec![set("mobile", "13800001234"), set("birthday", "03-08")];
    let whole = vec![set("resident_id", MAN), set("date_of_birth", "1990-03-08")];
    let rows = vec![of(1, changes("Li", fills)), of(2, changes("Wang", whole))];
    owner.perform(Action::ImportRows(job, rows)).unwrap();
    assert_eq!(wrong(&owner), []);
    owner.perform(Action::FinishImport(job)).unwrap();
    let both = [row("Li", "birthday", FlawWhy::TwoBirthdays), row("Wang", "date_of_birth", FlawWhy::OtherOnCard)];
    assert_eq!(wrong(&owner), both);
    undo(&owner);
    assert_eq!(wrong(&owner), []);
}

#[test]
fn a_field_that_goes_into_a_class_keeps_its_note_and_is_compared_by_its_words() {
    let (_house, owner) = House::new();
    let id = add(&owner, "Li", vec![set("gender", "female"), set("resident_id", MAN)]);
    owner.perform(Action::Field(FieldAction::Classify(key("gender"), FieldClass::Contact))).unwrap();
    (0..50).for_each(|_| owner.settle());
    let noted = vec![row("Li", "gender", FlawWhy::OtherOnCard)];
    assert_eq!(wrong(&owner), noted);
    write(&owner, id, vec![set("resident_id", WOMAN)]);
    assert_eq!(wrong(&owner), []);
    write(&owner, id, vec![set("resident_id", OLDER)]);
    assert_eq!(wrong(&owner), noted);
    write(&owner, id, vec![set("gender", "no answer")]);
    assert_eq!(wrong(&owner), []);
}

#[test]
fn what_a_value_tells_has_tokens_that_no_two_customers_share_and_that_find_nobody() {
    let (house, owner) = House::new();
    add(&owner, "Li", vec![set("resident_id", MAN), set("date_of_birth", "1990-03-07"), set("mobile", "13800001234")]);
    add(&owner, "Wang", vec![set("resident_id", MAN), set("date_of_birth", "1990-03-07")]);
    owner.end();
    drop(owner);
    house.gate.seal();
    let (parts, index) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    tamper(&house, |to| {
        to.visit_prefix(Table::Customers, &[], Way::Up, &mut |_, value| {
            for (_, stored) in Customer::from_bytes(value).unwrap().fields {
                let Stored::Sealed { tokens, .. } = stored else { continue };
                parts.borrow_mut().extend(tokens.iter().filter(|t| !t.kind.finds()).map(|t| (t.kind, t.token.0)));
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        to.visit_prefix(Table::Tokens, &[], Way::Up, &mut |key, _| {
            index.borrow_mut().push(key.to_vec());
            ControlFlow::Continue(())
        })
        .unwrap();
    });
    let (parts, index) = (parts.into_inner(), index.into_inner());
    for (kind, count) in [(TokenKind::BornOn, 2), (TokenKind::Birthday, 4), (TokenKind::Sex, 2)] {
        let of: HashSet<_> = parts.iter().filter(|(k, _)| *k == kind).collect();
        assert_eq!(of.len(), count, "{}", kind.code());
    }
    assert_eq!(parts.len(), 8);
    let found = |token: &[u8; 16]| index.iter().any(|key| key.windows(16).any(|part| part == token));
    assert!(!index.is_empty() && parts.iter().all(|(_, token)| !found(token)));
}
