//! A program that is left open makes its backups, whether somebody is signed in or not, and puts them on record.

use std::path::PathBuf;

use veilbook::clock::Timestamp;
use veilbook::domain::audit::{Origin, Outcome};
use veilbook::domain::schema;
use veilbook::service::backups::history::{Event, What};
use veilbook::service::view::{BackupChange, BackupHealth, BackupOrder};
use veilbook::service::{Action, AuditRequest, Gate, NewVault, Purpose, Query, Refusal, Session, View};

use crate::house::{House, NOON, add, deps, new_vault, set};

fn health(who: &Session) -> BackupHealth {
    match who.query(Query::BackupHealth) {
        Ok(View::BackupHealth(health)) => health,
        other => panic!("no health: {other:?}"),
    }
}

fn place(house: &House, name: &str) -> PathBuf {
    house.folder.path().join(name)
}

fn at(who: &Session, place: &std::path::Path) {
    let place = place.to_string_lossy().into_owned();
    who.perform(Action::SetBackups(BackupChange::AddPlace(place))).unwrap();
}

/// Looks at the schedule, waits until nothing is under way, and gives what happened.
fn look(house: &House) -> Vec<Event> {
    house.gate.look_at_backups();
    while house.gate.backups().running().is_some() {
        std::thread::yield_now();
    }
    house.gate.backups().history()
}

fn whats(history: &[Event]) -> Vec<(What, bool)> {
    history.iter().map(|event| (event.what, event.is_good())).collect()
}

#[test]
fn a_vault_that_is_left_open_is_backed_up_every_hour_and_a_sealed_one_as_well() {
    let (house, owner) = House::new();
    add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    at(&owner, &place(&house, "near"));
    assert!(health(&owner).last.is_none());
    assert_eq!(whats(&look(&house)), [(What::Full, true)]);
    let request = AuditRequest { limit: 1, ..AuditRequest::default() };
    let Ok(View::Audit(page)) = owner.query(Query::Audit(request)) else { panic!("no record") };
    let entry = &page.rows[0].entry.what;
    assert_eq!((entry.action.as_str(), entry.actor, entry.origin), ("backup.make", None, Origin::Program));
    house.clock.advance(60);
    assert_eq!(look(&house).len(), 1, "not yet");
    house.clock.advance(3_600);
    add(&owner, "李四", vec![]);
    assert_eq!(whats(&look(&house)), [(What::Full, true), (What::Incremental, true)]);
    assert_eq!(health(&owner).last, Some(Timestamp(NOON.0 + 3_660_000)));

    owner.end();
    drop(owner);
    house.gate.seal();
    house.clock.advance(3_600);
    assert_eq!(look(&house).len(), 3, "sealed");
    house.clock.advance(3_600);
    house.gate.look_at_backups();
    let again = house.again();
    assert_eq!(health(&again).places, 1, "whoever signs in does not find the file held by a backup");
}

#[test]
fn a_backup_that_fails_is_said_tried_again_later_and_on_record() {
    let (house, owner) = House::new();
    let blocked = place(&house, "blocked");
    std::fs::write(&blocked, b"a file").unwrap();
    at(&owner, &blocked.join("folder"));
    assert_eq!(whats(&look(&house)), [(What::Full, false)]);
    assert!(health(&owner).fault.is_some());
    let request = AuditRequest { limit: 1, ..AuditRequest::default() };
    let Ok(View::Audit(page)) = owner.query(Query::Audit(request)) else { panic!("no record") };
    assert_eq!(page.rows[0].entry.what.outcome, Outcome::Failed);
    house.clock.advance(30);
    assert_eq!(look(&house).len(), 1, "it waits a minute");
    house.clock.advance(30);
    assert_eq!(look(&house).len(), 2);
    house.clock.advance(60);
    assert_eq!(look(&house).len(), 2, "it waits two");
    std::fs::remove_file(&blocked).unwrap();
    house.clock.advance(60);
    assert_eq!(look(&house).last().map(Event::is_good), Some(true));
    assert!(health(&owner).fault.is_none());
}

#[test]
fn one_thing_is_under_way_at_a_time_and_a_sample_vault_has_no_reminders() {
    let (house, owner) = House::new();
    let none = owner.perform(Action::OrderBackup(BackupOrder::Drill(None)));
    assert!(matches!(&none, Err(Refusal::Backup(_))), "{none:?}");
    at(&owner, &place(&house, "near"));
    assert!(health(&owner).warns());
    owner.perform(Action::OrderBackup(BackupOrder::Make(None, None))).unwrap();
    owner.perform(Action::OrderBackup(BackupOrder::Stop)).unwrap();
    house.gate.end_backups();
    assert!(house.gate.backups().running().is_none());

    let gate = Gate::new(house.folder.path().join("sample.veil"), deps(&house.clock, 9));
    let new = NewVault { purpose: Purpose::Sample, ..new_vault(schema::sample()) };
    let sample = gate.create(new, Origin::Screen).unwrap();
    assert!(!health(&sample).warns() && !health(&sample).wanted);
}
