//! Erasing a customer: nothing of them is left in any table, and the record stays whole.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use veilbook::clock::{Entropy, SeededEntropy};
use veilbook::domain::customer::Basis;
use veilbook::domain::id::{CustomerId, FollowUpId};
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::reason::{Reason, ReasonCode, ReasonFault};
use veilbook::service::view::{ChainCheck, ListRequest};
use veilbook::service::{
    Action, Change, Contact, Done, ImportRecord, NextStep, OnDuplicate, Query, Refusal, Session, View,
};
use veilbook::text::Printable;
use veilbook::vault::book::erasures;
use veilbook::vault::file::disk::{Disk, FileDisk};
use veilbook::vault::keyring::Passphrase;
use veilbook::vault::opening;
use veilbook::vault::store::{Get, Table, Way};
use veilbook::vault::superblock::Superblock;
use veilbook::vault::tables::Tables;
use zeroize::Zeroizing;

use crate::canary::{CANARIES, customer};
use crate::house::{House, NOON, PASSPHRASE, add, callback, key, named, open, set};

fn because(code: ReasonCode, text: &str) -> Reason {
    Reason { text: Some(Printable::line(text)), ..Reason::code(code) }
}

fn step(text: &str) -> NextStep {
    NextStep::once(NOON.plus_seconds(86_400), text.into())
}

/// The tables of a house that is shut, as somebody sees them who holds ROOT.
pub fn tables(house: &House) -> Tables {
    house.gate.seal();
    let disk: Arc<dyn Disk> = Arc::new(FileDisk::open(house.gate.path()).unwrap());
    let (superblock, _) = Superblock::read(&*disk).unwrap();
    let unlocked = superblock.unlock("olga", &Passphrase::attempt(PASSPHRASE).unwrap()).unwrap();
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(5));
    opening::open(&disk, &superblock, &unlocked.root, &entropy).unwrap()
}

/// How often each needle stands in keys and values of each table.
fn found(tables: &Tables, needles: &[Vec<u8>]) -> BTreeMap<(&'static str, usize), usize> {
    let from = tables.read().unwrap();
    let mut out = BTreeMap::new();
    for table in Table::ALL {
        from.visit_prefix(*table, &[], Way::Up, &mut |key, value| {
            for (at, needle) in needles.iter().enumerate() {
                let has = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
                if has(key) || has(value) {
                    *out.entry((table.name(), at)).or_default() += 1;
                }
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    }
    out
}

/// All that can be done with a customer, so that every table has something of them.
fn worked_with(owner: &Session) -> CustomerId {
    let id = customer(owner);
    let version = |owner: &Session| open(owner, id).profile.version;
    let name = "欧阳夜莺";
    let changes =
        vec![Change::Name(name.into()), set("company", "晨光 Quetzal Trading"), Change::Tags(vec!["vogelfrei".into()])];
    owner.perform(Action::EditCustomer(id, version(owner), changes)).unwrap();
    for (text, kind) in [("said xylograph", InteractionKind::Call), ("wrote xylograph", InteractionKind::Note)] {
        let (text, next) = (Printable::line(text), Some(step("send the xylograph")));
        let ticket = Some("T-zyzzyva".into());
        owner.perform(Action::LogInteraction(id, Contact { kind, text, ticket, next, ..Contact::default() })).unwrap();
    }
    let finished = open(owner, id).follow_ups[0].follow_up.id;
    owner.perform(Action::FinishFollowUp(finished, 1, Some(step("xylograph again")))).unwrap();
    owner.perform(Action::Reveal(id, key("mobile"), because(ReasonCode::Other, "zyzzyva asked for it"))).unwrap();
    owner.perform(Action::Verify(id, key("mobile"), Zeroizing::new("13987654321".into()))).unwrap();
    let text = name.to_owned();
    owner.query(Query::Customers(ListRequest { text, limit: 10, ..ListRequest::default() })).unwrap();
    owner.perform(Action::KeepDraft(Zeroizing::new(b"draft".to_vec()))).unwrap();
    id
}

fn needles() -> Vec<Vec<u8>> {
    let plain = [
        "欧阳夜莺",
        "ouyang",
        "ou yang",
        "晨光",
        "Quetzal",
        "quetzal",
        "vogelfrei",
        "xylograph",
        "zyzzyva",
        "139****4321",
        "夜莺",
    ];
    let hidden = CANARIES.iter().map(|(_, value, _)| *value);
    plain.into_iter().chain(hidden).map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn after_an_erasure_no_byte_of_the_persons_values_is_left_in_any_table() {
    let (house, owner) = House::new();
    let id = worked_with(&owner);
    let other = add(&owner, "李四", vec![set("mobile", "13800001234")]);
    owner.end();
    drop(owner);
    let before = tables(&house);
    let there = found(&before, &needles());
    // The search has to find what it looks for.
    for table in ["customers", "lists", "words", "interactions", "follow_ups", "texts", "undo", "reasons"] {
        assert!(there.keys().any(|(name, _)| *name == table), "{table} had nothing: {there:?}");
    }
    let tokens = |tables: &Tables| {
        let (from, mut n) = (tables.read().unwrap(), 0);
        from.visit_prefix(Table::Tokens, &[], Way::Up, &mut |_, _| {
            n += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
        n
    };
    assert!(tokens(&before) > 10);
    drop(before);

    let owner = house.again();
    owner.perform(Action::EraseCustomer(id, because(ReasonCode::LegalAudit, "asked for by letter"))).unwrap();
    assert!(matches!(owner.perform(Action::OpenCustomer(id)), Err(Refusal::OutOfScope)));
    assert!(matches!(owner.query(Query::Refresh(id)), Err(Refusal::OutOfScope)));
    assert!(matches!(owner.perform(Action::Undo), Ok(Done::Undone(label)) if label.about == "李四"));
    let Ok(Done::Verdict(chain)) = owner.perform(Action::VerifyRecord) else { panic!("no verdict") };
    assert_eq!(chain.check, Some(ChainCheck::Sound));
    assert!(matches!(owner.perform(Action::OpenCustomer(other)), Err(Refusal::OutOfScope)), "undone above");
    owner.end();
    drop(owner);
    let after = tables(&house);
    let left = found(&after, &needles());
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(tokens(&after), 0);
    let erased = erasures::all(&after.read().unwrap()).unwrap();
    assert_eq!(erased.iter().map(|e| (e.customer, e.at)).collect::<Vec<_>>(), [(id, NOON)]);
}

#[test]
fn an_erasure_leaves_no_index_row_under_way_with_words_of_who_is_gone() {
    let (house, owner) = House::new();
    let id = worked_with(&owner);
    drop(owner);
    assert!(tables(&house).read().unwrap().under_way().unwrap() > 50);
    let owner = house.again();
    owner.perform(Action::EraseCustomer(id, callback())).unwrap();
    drop(owner);
    assert_eq!(tables(&house).read().unwrap().under_way(), Ok(0));
}

#[test]
fn an_erasure_takes_a_reason_and_leaves_everybody_else_as_they_were() {
    let (house, owner) = House::new();
    let id = worked_with(&owner);
    let other = add(&owner, "欧阳夜", vec![set("mobile", "13800001234")]);
    owner.perform(Action::AddFollowUp(other, step("call"))).unwrap();
    let fault = owner.perform(Action::EraseCustomer(id, because(ReasonCode::Other, ".")));
    assert!(matches!(fault, Err(Refusal::Reason(ReasonFault::Filler))), "{fault:?}");
    owner.perform(Action::EraseCustomer(id, callback())).unwrap();
    let again = owner.perform(Action::EraseCustomer(id, callback()));
    assert!(matches!(again, Err(Refusal::OutOfScope)), "{again:?}");
    let detail = open(&owner, other);
    assert_eq!(detail.follow_ups.len(), 1);
    assert!(!detail.timeline.is_empty() && detail.name.text() == "欧阳夜");
    assert_eq!(owner.size().unwrap(), 1);
    let View::Today(today) = owner.query(Query::Today).unwrap() else { panic!("no today") };
    assert!(today.next.iter().chain(&today.today).all(|row| row.follow_up.customer == other));
    drop(house);
}

#[test]
fn an_import_of_which_somebody_was_erased_is_no_longer_taken_back_as_one() {
    let (_house, owner) = House::new();
    let begin = Action::BeginImport {
        file: "list.csv".into(),
        source: "fair".into(),
        basis: Basis::Consent,
        duplicates: OnDuplicate::Keep,
    };
    let Ok(Done::ImportBegun(job)) = owner.perform(begin) else { panic!("not begun") };
    let row = |row: u64, name: &str| ImportRecord {
        row,
        owner: None,
        created: None,
        consents: vec![],
        changes: vec![Change::Name(name.into()), set("mobile", &format!("1380000123{row}"))],
    };
    owner.perform(Action::ImportRows(job, vec![row(1, "甲一"), row(2, "乙二")])).unwrap();
    owner.perform(Action::FinishImport(job)).unwrap();
    let Ok(View::Customers(page)) = owner.query(Query::Customers(ListRequest { limit: 10, ..Default::default() }))
    else {
        panic!("no list")
    };
    owner.perform(Action::EraseCustomer(page.rows[0].id, callback())).unwrap();
    assert!(matches!(owner.perform(Action::Undo), Err(Refusal::NothingToUndo)));
    assert_eq!(owner.size().unwrap(), 1);
    assert!(matches!(owner.perform(Action::DropFollowUp(FollowUpId(1), 1)), Err(Refusal::NotFound(_))));
    assert!(matches!(owner.perform(named("丙三", vec![])), Ok(Done::Saved(..))));
}
