//! A disk whose n-th call fails, under the encrypted file: what was acknowledged is there afterwards, what was not is there
//! whole or not at all, and after a failed write or sync nothing is acknowledged until the file was opened afresh.

use std::sync::Arc;

use super::crash_disk::{Call, CrashDisk, Dice, Fault, Flaw, Lasting};
use super::crash_search::fresh;
use super::crash_work::{BASE, Mix, State, Work, create, database, keys};
use redb::StorageBackend;
use veilbook::clock::SeededEntropy;
use veilbook::vault::file::BlockFile;

/// Every way in which a call can fail.
pub const WAYS: [(Call, Flaw); 8] = [
    (Call::Any, Flaw::Broken),
    (Call::Read, Flaw::Broken),
    (Call::Read, Flaw::Short),
    (Call::Write, Flaw::Broken),
    (Call::Write, Flaw::Full),
    (Call::SetLen, Flaw::Full),
    (Call::Sync, Flaw::Broken),
    (Call::Sync, Flaw::Full),
];

/// Works on a disk with a fault until the work is done or refused; then opens the file on a disk without one.
fn check(fault: Fault, seed: u64) -> bool {
    let disk = Arc::new(CrashDisk::new(fresh()));
    disk.set_fault(Some(fault));
    let empty = State::default();
    let (mut acknowledged, mut next) = (empty.clone(), None);
    if let Ok(mut work) = Work::begin(disk.clone(), seed, Mix::Everyday, &[&empty]) {
        let mut refused = false;
        for _ in 0..25 {
            if let Err(error) = work.step() {
                assert!(!error.to_string().is_empty());
                refused = true;
                break;
            }
        }
        assert!(refused || disk.failed() == 0 || fault.of == Call::Read, "{fault:?} went unnoticed");
        acknowledged = work.state().clone();
        next = work.next.take();
        let changed_nothing = fault.of == Call::Read || fault.of == Call::Any;
        if refused && !changed_nothing {
            for _ in 0..4 {
                let before = work.told.len();
                let _ = work.step();
                assert_eq!(work.told.len(), before, "{fault:?}: acknowledged on a handle that had failed");
            }
        }
        let _ = work.end();
    }
    let hit = disk.failed() > 0;
    disk.set_fault(None);
    let known: Vec<&State> = std::iter::once(&acknowledged).chain(&next).collect();
    let mut work =
        Work::begin(disk, seed + 1, Mix::Everyday, &known).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
    work.step().expect("work goes on");
    hit
}

#[test]
fn a_disk_that_fails_at_any_call_in_any_way_loses_nothing_acknowledged() {
    for (of, flaw) in WAYS {
        for lasting in [Lasting::Once, Lasting::FromThenOn] {
            let mut dice = Dice::new(17);
            let (mut after, mut hits) = (0, 0);
            while check(Fault { of, after, lasting, flaw }, 21) {
                hits += 1;
                // Every one of the first calls, then ever fewer, each time others.
                after += 1 + dice.below(1 + after / 6);
            }
            assert!(hits > 0, "no {of:?} ever failed");
        }
    }
}

#[test]
fn an_error_says_what_failed_and_how() {
    for (of, flaw, words) in [
        (Call::Write, Flaw::Full, "No space left on device"),
        (Call::Sync, Flaw::Broken, "sync"),
        (Call::Read, Flaw::Short, "read"),
    ] {
        let disk = Arc::new(CrashDisk::new(fresh()));
        disk.set_fault(Some(Fault { of, after: 0, lasting: Lasting::Once, flaw }));
        let entropy = Arc::new(SeededEntropy::new(1));
        let said = match BlockFile::open(disk, BASE, [5; 16], keys(), entropy) {
            Err(error) => error.to_string(),
            Ok(file) => match file.set_len(file.len().expect("a length") + 4096) {
                Err(error) => error.to_string(),
                Ok(()) => file.sync_data().expect_err("refused").to_string(),
            },
        };
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_new_file_whose_disk_fails_at_any_call_is_not_made() {
    for (of, flaw) in WAYS {
        for after in 0.. {
            let disk = Arc::new(CrashDisk::new(Default::default()));
            disk.set_fault(Some(Fault { of, after, lasting: Lasting::Once, flaw }));
            let entropy = Arc::new(SeededEntropy::new(1));
            let made = BlockFile::create(disk.clone(), BASE, [5; 16], keys(), entropy).map(database);
            if disk.failed() == 0 {
                break;
            }
            assert!(!matches!(made, Ok(Ok(_))) || of == Call::Read, "{of:?} {after}: went unnoticed");
        }
    }
    drop(create(Arc::new(CrashDisk::new(Default::default())), 1));
}
