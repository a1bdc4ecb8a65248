//! A disk whose n-th call fails, under a whole vault: making it, signing in, working. The door acknowledges nothing that is
//! not there afterwards, says what went wrong and what to do, and acknowledges nothing more until it was opened afresh.

use std::collections::BTreeMap;
use std::sync::Arc;

use tempfile::TempDir;
use veilbook::clock::FixedClock;
use veilbook::domain::audit::Origin;
use veilbook::domain::schema;
use veilbook::service::{Gate, GateError, Presence, Session};
use veilbook::vault::file::{Disk, FileDisk};

use super::crash_disk::{Call, CrashDisk, Dice, Fault, Flaw, Image, Lasting};
use super::crash_vault::{Book, Desk, Office, Operation, add, change_passphrase, edit, founded, import, rest, reveal};
use super::faults::WAYS;
use super::house::{NOON, PASSPHRASE, deps, new_vault};

/// What is done in order, each time the same.
const FLOW: [Operation; 11] =
    [add, edit, reveal, import, change_passphrase, edit, rest, add, change_passphrase, reveal, edit];

/// What an error must never hold.
fn discreet(text: &str, fault: Fault) {
    assert!(!text.trim().is_empty(), "{fault:?}: an error without words");
    for personal in ["Customer ", "Renamed", "Row ", "139", "137", "quiet lake"] {
        assert!(!text.contains(personal), "{fault:?}: an error tells a value");
    }
    if fault.flaw == Flaw::Full && fault.lasting == Lasting::Once && !text.contains("open") {
        assert!(text.contains("full") || text.contains("No space left"), "{fault:?}: {text}");
    }
}

/// Signs in and works on a failing disk; then looks at what there is on a sound one. Whether the fault came to pass.
fn check(fault: Fault) -> bool {
    let (image, book) = founded();
    let disk = Arc::new(CrashDisk::new(image));
    disk.set_fault(Some(fault));
    let office = Office::over(&disk, 5);
    let (mut acknowledged, mut under_way) = (book.clone(), Vec::new());
    match office.gate.login("olga", PASSPHRASE, Origin::Screen) {
        Err(error) => discreet(&error.to_string(), fault),
        Ok(owner) => {
            let mut desk = Desk::new(&office, owner, book, Dice::new(3));
            let changes = matches!(fault.of, Call::Write | Call::SetLen | Call::Sync);
            let mut stopped = disk.failed() > 0 && changes;
            for operation in FLOW {
                let before = desk.book.clone();
                let result = operation(&mut desk);
                assert!(!stopped || desk.book == before, "{fault:?}: acknowledged after a failure");
                if desk.book != before {
                    under_way.clear();
                }
                if let Err(refusal) = result {
                    discreet(&refusal.to_string(), fault);
                    under_way.extend(desk.next.take());
                }
                stopped |= disk.failed() > 0 && changes;
            }
            desk.owner.end();
            acknowledged = desk.book;
        }
    }
    office.gate.seal();
    let hit = disk.failed() > 0;
    disk.set_fault(None);
    let known: Vec<&Book> = std::iter::once(&acknowledged).chain(&under_way).collect();
    let office = Office::over(&disk, 6);
    let (owner, _) = office.find(&known).unwrap_or_else(|what| panic!("{fault:?}: {what}"));
    owner.end();
    drop(owner);
    office.gate.seal();
    hit
}

fn every(sparseness: u64) {
    for (of, flaw) in WAYS {
        for lasting in [Lasting::Once, Lasting::FromThenOn] {
            let mut dice = Dice::new(23);
            let (mut after, mut hits) = (0, 0);
            while check(Fault { of, after, lasting, flaw }) {
                hits += 1;
                after += 1 + dice.below(1 + after * sparseness / 4);
            }
            println!("{of:?}, {flaw:?}, {lasting:?}: {hits} failures among {after} calls");
        }
    }
}

#[test]
fn a_disk_that_fails_under_the_vault_at_any_call_loses_nothing_acknowledged_and_nothing_more_is_acknowledged() {
    every(2);
}

/// `cargo test --release --test it under_the_vault_at_every -- --ignored --nocapture`
#[test]
#[ignore = "every single call takes minutes"]
fn a_disk_that_fails_under_the_vault_at_every_single_call() {
    every(0);
}

/// A gate whose new vaults are made on a disk with a fault.
fn maker(folder: &TempDir, fault: Option<Fault>) -> (Gate, Arc<CrashDisk>) {
    let disk = Arc::new(CrashDisk::new(Image::default()));
    disk.set_fault(fault);
    let under = disk.clone();
    let gate = Gate::over(folder.path().join("book.veil"), deps(&Arc::new(FixedClock::new(NOON)), 7), move |file| {
        // A name that leads to an empty file would count as damage.
        file.write(0, b"a vault").unwrap();
        under.clone()
    });
    (gate, disk)
}

fn create(gate: &Gate) -> Result<Session, GateError> {
    gate.create(new_vault(schema::sample()), Origin::Screen)
}

#[test]
fn while_a_vault_is_made_a_write_fails_at_every_nth_call_with_enospc_or_eio_or_fsync_fails_and_there_is_no_half_vault()
{
    for (of, flaw) in WAYS.into_iter().filter(|(of, _)| *of != Call::Any) {
        let mut after = 0;
        loop {
            let folder = tempfile::tempdir().unwrap();
            let fault = Fault { of, after, lasting: Lasting::FromThenOn, flaw };
            let (gate, disk) = maker(&folder, Some(fault));
            let made = create(&gate);
            if disk.failed() == 0 {
                break;
            }
            if let Err(error) = &made {
                discreet(&error.to_string(), fault);
            }
            drop(made);
            gate.seal();
            disk.set_fault(None);
            assert!(!folder.path().join("book.veil.new").exists(), "{fault:?}: something unfinished is left");
            if gate.presence() == Presence::Present {
                // It had its name already: then it is whole, whatever failed afterwards.
                let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap_or_else(|e| panic!("{fault:?}: {e}"));
                assert_eq!(owner.size().unwrap(), 0);
            } else {
                let (gate, _) = maker(&folder, None);
                create(&gate).unwrap_or_else(|error| panic!("{fault:?}: a second try: {error}"));
            }
            after += 1 + after / 4;
        }
    }
}

#[test]
fn a_new_vault_whose_rename_fails_leaves_nothing_and_replaces_nothing() {
    // Somebody else took the name meanwhile, or what was being made was removed.
    type Meddle = fn(&std::path::Path);
    let told: [(Meddle, BTreeMap<&str, &[u8]>); 2] = [
        (|name| std::fs::write(name, b"another's").unwrap(), BTreeMap::from([("book.veil", b"another's".as_slice())])),
        (|name| std::fs::remove_file(name.with_extension("veil.new")).unwrap(), BTreeMap::new()),
    ];
    for (meddle, left) in told {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("book.veil");
        let at = name.clone();
        let gate = Gate::over(name, deps(&Arc::new(FixedClock::new(NOON)), 7), move |file: FileDisk| {
            meddle(&at);
            Arc::new(file)
        });
        let error = create(&gate).map(|_| ()).expect_err("the name cannot be had");
        assert!(matches!(error, GateError::Disk(_) | GateError::Exists), "{error}");
        let there: BTreeMap<String, Vec<u8>> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
            .collect();
        let left: BTreeMap<String, Vec<u8>> =
            left.into_iter().map(|(name, bytes)| (name.into(), bytes.into())).collect();
        assert_eq!(there, left);
    }
}
