//! The crash search with one protective step left out: it must find what the step is there for.
//!
//! The search is the one of the integration tests; that every step can be left out at all is known to this crate's unit
//! tests alone.

use std::cell::Cell;
use std::sync::Arc;

use redb::StorageBackend;

use super::steps::Step;
use super::{BlockFile, Disk, FileError, MemoryDisk, Part};

#[path = "../../../tests/it/crash_disk.rs"]
#[allow(dead_code)]
mod crash_disk;
#[path = "../../../tests/it/crash_search.rs"]
#[allow(dead_code)]
mod crash_search;
#[path = "../../../tests/it/crash_work.rs"]
#[allow(dead_code)]
mod crash_work;

use crash_disk::{CrashDisk, Crashes, Dice, Event, Image};
use crash_search::{Failure, Tally, run};
use crash_work::{BASE, Mix, create, open};

thread_local! {
    static LEFT_OUT: Cell<Option<Step>> = const { Cell::new(None) };
}

/// The step that this thread leaves out.
pub(super) fn left_out() -> Option<Step> {
    LEFT_OUT.get()
}

/// Runs `work` without a step.
fn without<T>(step: Step, work: impl FnOnce() -> T) -> T {
    LEFT_OUT.set(Some(step));
    let result = work();
    LEFT_OUT.set(None);
    result
}

/// Searches runs of one kind of work from `seed` on until one fails, for at most `points` points.
fn searched(mix: Mix, seed: u64, points: u64) -> (u64, Option<Failure>) {
    let mut tally = Tally::default();
    for seed in seed.. {
        match run(seed, Some(mix), None) {
            Ok(found) => tally += found,
            Err(failure) => return (tally.points + failure.point, Some(failure)),
        }
        if tally.points > points {
            break;
        }
    }
    (tally.points, None)
}

/// A search that has `points` points finds that `step` is left out, and the same search passes when it is not.
fn check(step: Step, mix: Mix, points: u64) {
    check_from(1, step, mix, points);
}

/// The same for a fault so rare that the search begins with a run that is known to be near it.
fn check_from(seed: u64, step: Step, mix: Mix, points: u64) {
    let (after, failure) = without(step, || searched(mix, seed, points));
    let failure = failure.unwrap_or_else(|| panic!("without {step:?} nothing failed at {after} points"));
    println!("without {step:?}: after {after} points, {failure}");
    if let Err(failure) = run(failure.seed, Some(mix), Some(failure.point)) {
        panic!("with every step too: {failure}");
    }
}

#[test]
fn without_the_second_header_copy_the_search_fails() {
    check(Step::SecondHeader, Mix::Tides, 5_000);
}

#[test]
fn without_the_second_tag_page_the_search_fails() {
    check(Step::SecondTagPage, Mix::Tides, 5_000);
}

#[test]
fn without_the_second_epoch_page_the_search_fails() {
    check(Step::SecondEpochPage, Mix::Tides, 5_000);
}

#[test]
fn without_the_sync_before_the_header_the_search_fails() {
    check(Step::SyncBeforeHeader, Mix::Tides, 5_000);
}

#[test]
fn without_the_confirmation_before_overwriting_the_search_fails() {
    check(Step::ConfirmBeforeOverwrite, Mix::Everyday, 5_000);
}

#[test]
fn without_the_check_of_the_last_record_the_search_fails() {
    check(Step::CheckOfLastRecord, Mix::Everyday, 5_000);
}

#[test]
fn without_the_sync_at_opening_the_search_fails() {
    check_from(16, Step::SyncAtOpen, Mix::Everyday, 20_000);
}

#[test]
fn without_cutting_the_file_at_opening_the_search_fails() {
    check_from(129, Step::CutAtOpening, Mix::Everyday, 1_000);
}

#[test]
fn without_voiding_what_failed_to_sync_the_search_fails() {
    check(Step::VoidAfterFailure, Mix::Everyday, 5_000);
}

/// A file of `count` blocks, block `n` full of `n`, closed.
fn blocks(count: u64) -> Image {
    let disk = Arc::new(MemoryDisk::new());
    let file = create(disk.clone(), 1);
    file.set_len((count + 1) * 4096).expect("grows");
    (0..count).for_each(|block| put(&file, block, block as u8));
    file.close().expect("a close");
    Image::new(&disk.snapshot())
}

fn put(file: &BlockFile, block: u64, value: u8) {
    file.write((block + 1) * 4096, &[value; 4096]).expect("a write");
    file.sync_data().expect("a sync");
}

fn try_first_byte(file: &BlockFile, block: u64) -> std::io::Result<u8> {
    let mut out = [0; 4096];
    file.read((block + 1) * 4096, &mut out)?;
    Ok(out[0])
}

fn first_byte(file: &BlockFile, block: u64) -> u8 {
    try_first_byte(file, block).expect("reads")
}

/// A file of one run is whole at every checkpoint that changes a block. So this takes a checkpoint that was cut off, and
/// then one that changes none.
#[test]
fn without_replacing_a_younger_epoch_page_a_cut_off_checkpoint_is_mistaken_for_the_last() {
    let start = blocks(30);
    let disk = Arc::new(CrashDisk::new(start.clone()));
    let file = open(disk.clone(), 2).expect("opens");
    file.set_len(20 * 4096).expect("shrinks");
    file.sync_data().expect("a checkpoint");
    let log = disk.take_log();
    let opens = |cut: usize| {
        let mut image = start.clone();
        log[..cut].iter().for_each(|event| image.apply(event));
        let disk: Arc<dyn Disk> = Arc::new(CrashDisk::new(image));
        let file = open(disk.clone(), 3).expect("opens after the crash");
        file.write(0, &[7; 320]).expect("a write");
        file.sync_data().expect("a sync");
        file.close().expect("a close");
        open(disk, 4).map(|_| ())
    };
    let failed = |cut: &usize| matches!(opens(*cut), Err(FileError::Damaged { what: Part::EpochPages, .. }));
    assert_eq!((0..=log.len()).filter(failed).count(), 0);
    let found = without(Step::ReplaceYounger, || (0..=log.len()).filter(failed).count());
    assert!(found > 0);
}

/// A process is killed while it closes, between the second header copy and its sync; the next one writes its first record;
/// then the power fails. The search meets this once in some ten thousand points.
#[test]
fn without_the_sync_before_a_closed_file_s_first_record_both_header_copies_can_be_lost() {
    let start = blocks(5);
    let disk = Arc::new(CrashDisk::new(start.clone()));
    let file = open(disk.clone(), 2).expect("opens");
    put(&file, 0, 9);
    file.close().expect("a close");
    let log = disk.take_log();
    let before_its_sync = log.len() - 1;
    let killed = Crashes::new(start, log).at(before_its_sync);
    let lost = || {
        let disk = Arc::new(CrashDisk::after_kill(&killed));
        let seen = disk.moment();
        put(&open(disk.clone(), 3).expect("opens after the kill"), 1, 10);
        let log = disk.take_log();
        let (end, mut crashes) = (log.len(), Crashes::new(killed.durable().clone(), log));
        let mut lost = 0;
        for cut in seen..=end {
            let left = crashes.at(cut);
            for seed in 0..1_000 {
                let image = left.after_power_failure(&mut Dice::new(seed));
                let kept = open(Arc::new(CrashDisk::new(image)), 4)
                    .is_ok_and(|file| matches!(try_first_byte(&file, 0), Ok(9)));
                lost += usize::from(!kept);
            }
        }
        lost
    };
    assert_eq!(lost(), 0);
    assert!(without(Step::SyncAfterClosed, lost) > 0);
}

/// Epochs only rise in one file, so no crash alone puts a foreign record where the next one is expected. A copy of the file
/// that was used as well has such records.
#[test]
fn without_the_chain_a_record_of_a_copy_that_was_used_as_well_is_taken_for_the_next() {
    let start = blocks(5);
    let used = |seed: u64, values: &[u8]| {
        let disk = Arc::new(CrashDisk::new(start.clone()));
        let file = open(disk.clone(), seed).expect("opens");
        (1..).zip(values).for_each(|(block, value)| put(&file, block, *value));
        (disk.image(), disk.take_log())
    };
    let (mut mixed, _) = used(2, &[100]);
    // The copy's second record and the block that it lists.
    let (_, copied) = used(3, &[110, 120]);
    let ring = BASE + 2 * 4096;
    let second = copied.iter().position(|event| matches!(event, Event::Write { offset, .. } if *offset == ring + 4096));
    copied[second.expect("a second record") - 1..].iter().for_each(|event| mixed.apply(event));
    let opened = || open(Arc::new(CrashDisk::new(mixed.clone())), 4);
    assert!(matches!(opened(), Err(FileError::Damaged { what: Part::Record(1), .. })));
    let file = without(Step::Chain, opened).expect("taken for whole");
    assert_eq!((first_byte(&file, 1), first_byte(&file, 2)), (100, 120));
}
