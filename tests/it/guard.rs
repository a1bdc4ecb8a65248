//! Ways round the rules that are shut, and what a crash or a failure between two steps leaves.

use std::os::unix::fs::FileExt;
use std::sync::Arc;

use veilbook::clock::FixedClock;
use veilbook::domain::audit::{Origin, Outcome};
use veilbook::domain::customer::Basis;
use veilbook::domain::id::{CustomerId, StaffId};
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::role::RoleName;
use veilbook::domain::schema;
use veilbook::domain::staff::LoginName;
use veilbook::service::view::{AlertKind, AuditRow, ListRequest};
use veilbook::service::{
    Action, AuditRequest, Change, Contact, Done, Gate, GateError, ImportRecord, NextStep, OnDuplicate, Query, Refusal,
    Session, View,
};
use veilbook::vault::file::disk::FileDisk;
use veilbook::vault::keyring::Passphrase;
use veilbook::vault::superblock::{SUPERBLOCK_REGION, Superblock};
use zeroize::Zeroizing;

use crate::house::{House, NOON, PASSPHRASE, add, deps, key, named, new_vault, open, set, verbs};

fn entries(who: &Session) -> Vec<AuditRow> {
    let View::Audit(page) = who.query(Query::Audit(AuditRequest { limit: 100, ..AuditRequest::default() })).unwrap()
    else {
        panic!("no audit")
    };
    page.rows
}

fn listed(who: &Session, text: &str) -> Vec<(CustomerId, String)> {
    let request = ListRequest { text: text.into(), limit: 50, ..ListRequest::default() };
    let View::Customers(page) = who.query(Query::Customers(request)).unwrap() else { panic!("no list") };
    page.rows.iter().map(|row| (row.id, row.name.text().to_owned())).collect()
}

fn begin(who: &Session) -> veilbook::domain::id::JobId {
    let (file, source) = ("book.csv".into(), "fair".into());
    let (basis, duplicates) = (Basis::Contract, OnDuplicate::Keep);
    match who.perform(Action::BeginImport { file, source, basis, duplicates }) {
        Ok(Done::ImportBegun(job)) => job,
        other => panic!("not begun: {other:?}"),
    }
}

fn row(row: u64, changes: Vec<Change>) -> ImportRecord {
    ImportRecord { row, owner: None, created: None, consents: vec![], changes }
}

#[test]
fn a_conflict_shows_nothing_of_a_customer_that_was_not_opened() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    let support = house.staff(&owner, RoleName::Support);
    let edit = || support.perform(Action::EditCustomer(id, 9, vec![]));
    assert!(matches!(edit(), Err(Refusal::Conflict(None))));
    open(&support, id);
    assert!(matches!(edit(), Err(Refusal::Conflict(Some(_)))));
}

#[test]
fn what_was_done_with_a_customer_who_moved_out_of_scope_is_not_taken_back() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    let id = add(&sales, "张三丰", vec![]);
    let next = Some(NextStep::once(NOON.plus_seconds(3_600), "send the offer".into()));
    let (kind, text) = (InteractionKind::Call, "asked for an offer".into());
    sales.perform(Action::LogInteraction(id, Contact { kind, text, next, ..Contact::default() })).unwrap();
    let moved = Action::EditCustomer(id, open(&owner, id).profile.version, vec![Change::Owner(Some(owner.staff()))]);
    owner.perform(moved).unwrap();
    assert!(matches!(sales.perform(Action::Undo), Err(Refusal::OutOfScope)));
    assert_eq!(open(&owner, id).follow_ups.len(), 1);
}

#[test]
fn a_lead_sees_the_customers_that_the_lead_adds() {
    let (house, owner) = House::new();
    let lead = house.staff(&owner, RoleName::Lead);
    let id = add(&lead, "张三丰", vec![]);
    assert_eq!(open(&lead, id).owner.map(|name| name.to_string()), Some("lead person".into()));
}

#[test]
fn a_vault_that_somebody_else_is_making_is_left_alone_and_a_left_over_one_goes() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::new(NOON));
    let (path, unfinished) = (folder.path().join("book.veil"), folder.path().join("book.veil.new"));
    let making = FileDisk::create_new(&unfinished).unwrap();
    let gate = Gate::new(path.clone(), deps(&clock, 7));
    let refused = gate.create(new_vault(schema::sample()), Origin::Screen);
    assert!(matches!(refused, Err(GateError::Busy { .. })));
    assert!(unfinished.exists() && !path.exists());
    drop(making);
    std::fs::write(&unfinished, b"left over").unwrap();
    gate.create(new_vault(schema::sample()), Origin::Screen).unwrap();
    assert!(!unfinished.exists() && path.exists());
}

#[test]
fn a_slot_that_a_crash_left_to_somebody_shut_out_is_erased_at_the_next_opening() {
    let (house, owner) = House::new();
    let support = house.staff(&owner, RoleName::Support);
    let path = house.folder.path().join("book.veil");
    let mut head = vec![0; usize::try_from(SUPERBLOCK_REGION).unwrap()];
    std::fs::File::open(&path).unwrap().read_exact_at(&mut head, 0).unwrap();
    owner.perform(Action::DisableStaff(support.staff())).unwrap();
    owner.end();
    drop((owner, support));
    house.gate.seal();
    // As if the program had been killed between the record and the slot.
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().write_all_at(&head, 0).unwrap();
    let opens = || {
        let (superblock, _) = Superblock::read(&FileDisk::open(&path).unwrap()).unwrap();
        superblock.unlock("support person", &Passphrase::attempt(PASSPHRASE).unwrap()).is_ok()
    };
    assert!(opens());
    let owner = house.again();
    owner.end();
    drop(owner);
    house.gate.seal();
    assert!(!opens());
    house.again();
}

#[test]
fn setting_a_passphrase_is_on_record_and_so_is_a_wrong_present_one() {
    let (house, owner) = House::new();
    house.staff(&owner, RoleName::Support);
    assert!(verbs(&owner).contains(&"staff.passphrase".to_owned()));
    let next = "a loud river at dusk";
    let change =
        |now: &str| owner.perform(Action::ChangePassphrase(Zeroizing::new(now.into()), Zeroizing::new(next.into())));
    assert!(matches!(change("not the present one"), Err(Refusal::Passphrase(_))));
    let last = entries(&owner).swap_remove(0).entry.what;
    assert_eq!((last.action.as_str(), last.outcome), ("staff.passphrase", Outcome::Refused));
    change(PASSPHRASE).unwrap();
    let last = entries(&owner).swap_remove(0).entry.what;
    assert_eq!((last.action.as_str(), last.outcome), ("staff.passphrase", Outcome::Done));
    owner.end();
    drop(owner);
    house.gate.seal();
    house.gate.login("Olga", next, Origin::Screen).unwrap();
}

#[test]
fn only_an_owner_makes_or_unmakes_an_owner() {
    let (house, owner) = House::new();
    let second = house.staff(&owner, RoleName::Owner);
    let administrator = house.staff(&owner, RoleName::Administrator);
    let friend = Action::AddStaff(LoginName::new("friend").unwrap(), RoleName::Owner);
    assert!(matches!(administrator.perform(friend), Err(Refusal::NotPermitted { .. })));
    let out = || Action::DisableStaff(second.staff());
    assert!(matches!(administrator.perform(out()), Err(Refusal::NotPermitted { .. })));
    owner.perform(out()).unwrap();
}

#[test]
fn rows_that_were_not_taken_hide_nobody_who_is_added_later() {
    let (_house, owner) = House::new();
    let job = begin(&owner);
    let rows = vec![
        row(1, vec![Change::Name("张三".into())]),
        row(2, vec![Change::Name("李四".into()), Change::Owner(Some(StaffId(99)))]),
    ];
    assert!(matches!(owner.perform(Action::ImportRows(job, rows)), Err(Refusal::NotFound(_))));
    let id = add(&owner, "王五", vec![]);
    assert_eq!(listed(&owner, ""), [(id, "王五".to_owned())]);
    open(&owner, id);
}

#[test]
fn an_import_with_a_note_or_a_finished_reminder_is_not_taken_back() {
    for finished in [false, true] {
        let (house, owner) = House::new();
        let support = house.staff(&owner, RoleName::Support);
        let job = begin(&owner);
        owner.perform(Action::ImportRows(job, vec![row(1, vec![Change::Name("张三".into())])])).unwrap();
        owner.perform(Action::FinishImport(job)).unwrap();
        let (id, _) = listed(&owner, "").swap_remove(0);
        if finished {
            support.perform(Action::AddFollowUp(id, NextStep::once(NOON, "call".into()))).unwrap();
            let f = open(&support, id).follow_ups.swap_remove(0).follow_up;
            support.perform(Action::FinishFollowUp(f.id, f.version, None)).unwrap();
        } else {
            let (kind, text) = (InteractionKind::Note, "prefers mornings".into());
            support.perform(Action::LogInteraction(id, Contact { kind, text, ..Contact::default() })).unwrap();
        }
        match owner.perform(Action::Undo) {
            Err(Refusal::UndoStale(who)) => assert_eq!(who, "support person"),
            other => panic!("{other:?}"),
        }
        assert_eq!(listed(&owner, "").len(), 1);
    }
}

#[test]
fn asking_about_values_past_the_limit_raises_an_alert() {
    let (_house, owner) = House::new();
    owner.perform(Action::SetPolicy("identifier_searches_per_hour".into(), "1".into())).unwrap();
    let ask = |n: &str| owner.perform(Action::CheckDuplicate(key("mobile"), Zeroizing::new(n.into())));
    ask("13800001234").unwrap();
    assert!(matches!(ask("13800001235"), Err(Refusal::ReadingLimit { .. })));
    let View::Today(today) = owner.query(Query::Today).unwrap() else { panic!("no today") };
    assert_eq!(today.alerts.iter().map(|a| a.kind).collect::<Vec<_>>(), [AlertKind::SearchesLimit]);
}

#[test]
fn the_record_keeps_no_notes_and_no_number_out_of_open_text() {
    let (_house, owner) = House::new();
    let Ok(Done::Saved(id, version)) = owner.perform(named("张三", vec![])) else { panic!("not added") };
    let changes = vec![set("notes", "prefers mornings"), set("company", "Wang 13800001234")];
    owner.perform(Action::EditCustomer(id, version, changes)).unwrap();
    let step = NextStep::once(NOON, "call 13800001234 back".into());
    owner.perform(Action::AddFollowUp(id, step)).unwrap();
    let texts: String = entries(&owner)
        .iter()
        .flat_map(|row| [&row.entry.what.texts.before, &row.entry.what.texts.after])
        .flatten()
        .cloned()
        .collect();
    assert!(!texts.contains("mornings") && !texts.contains("13800001234"), "{texts}");
    assert!(texts.contains("Wang ********") && texts.contains("call ******** back"), "{texts}");
    listed(&owner, "13800001234");
    assert!(!format!("{owner:?}").contains("13800001234"));
}
