//! The encrypted file under redb: what was committed is found again, after closes, crashes and failures; what was changed
//! from outside is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition, WriteTransaction};
use veilbook::clock::SeededEntropy;
use veilbook::vault::file::{BlockFile, Disk, FileDisk, FileError, FileKeys, MemoryDisk, Part};

use crate::crash_disk::{CrashDisk, Crashes, Dice, FailingDisk};

const TABLE: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("rows");
const BASE: u64 = 8192;
const HEADER: usize = BASE as usize;
const RING: usize = HEADER + 2 * 4096;
const RUN: usize = RING + (1 << 20);
const GROUP: usize = RUN + 2 * 4096;
const BLOCK: usize = GROUP + 2 * 4096;

type Model = BTreeMap<u64, Vec<u8>>;

fn keys() -> FileKeys {
    FileKeys::derive(&[3; 32], &[4; 16])
}

fn create(disk: Arc<dyn Disk>, seed: u64) -> BlockFile {
    BlockFile::create(disk, BASE, [5; 16], keys(), Arc::new(SeededEntropy::new(seed))).expect("a new file")
}

fn open(disk: Arc<dyn Disk>, seed: u64) -> Result<BlockFile, FileError> {
    BlockFile::open(disk, BASE, [5; 16], keys(), Arc::new(SeededEntropy::new(seed)))
}

fn database(file: BlockFile) -> Result<Database, redb::Error> {
    let mut builder = Database::builder();
    builder.set_cache_size(256 << 10);
    builder.create_with_backend(file).map_err(Into::into)
}

/// An empty database, closed.
fn fresh() -> Vec<u8> {
    let disk = Arc::new(MemoryDisk::new());
    let db = database(create(disk.clone(), 1)).expect("a database");
    commit(&db, &Model::new(), &[]).expect("a commit");
    drop(db);
    disk.snapshot()
}

/// One transaction: a value to put or nothing to remove, a key each.
fn commit(db: &Database, model: &Model, changes: &[(u64, Option<Vec<u8>>)]) -> Result<Model, redb::Error> {
    fill(db.begin_write()?, model, changes)
}

/// The same as one of the other kinds of commit that redb knows to be durable.
fn commit_as(
    kind: u64,
    db: &Database,
    model: &Model,
    changes: &[(u64, Option<Vec<u8>>)],
) -> Result<Model, redb::Error> {
    let mut transaction = db.begin_write()?;
    transaction.set_quick_repair(kind == 0);
    transaction.set_two_phase_commit(kind == 1);
    fill(transaction, model, changes)
}

fn fill(
    transaction: WriteTransaction,
    model: &Model,
    changes: &[(u64, Option<Vec<u8>>)],
) -> Result<Model, redb::Error> {
    let mut next = model.clone();
    {
        let mut table = transaction.open_table(TABLE)?;
        for (key, value) in changes {
            match value {
                Some(value) => {
                    table.insert(key, value.as_slice())?;
                    next.insert(*key, value.clone());
                }
                None => {
                    table.remove(key)?;
                    next.remove(key);
                }
            }
        }
    }
    transaction.commit()?;
    Ok(next)
}

fn contents(db: &Database) -> Result<Model, redb::Error> {
    let mut out = Model::new();
    for row in db.begin_read()?.open_table(TABLE)?.iter()? {
        let (key, value) = row?;
        out.insert(key.value(), value.value().to_vec());
    }
    Ok(out)
}

fn changes(dice: &mut Dice) -> Vec<(u64, Option<Vec<u8>>)> {
    (0..1 + dice.below(6))
        .map(|_| {
            let key = dice.below(200);
            let len = if dice.below(30) == 0 { 60_000 } else { dice.below(1_500) };
            let byte = dice.next() as u8;
            (key, (dice.below(4) != 0).then(|| vec![byte; len as usize]))
        })
        .collect()
}

/// Random work on `disk` until it is done or fails; `told` hears of every acknowledged commit.
fn work(disk: Arc<dyn Disk>, seed: u64, commits: u64, mut told: impl FnMut(&Model)) -> Result<(), redb::Error> {
    let mut dice = Dice::new(seed);
    let opened = |round: u64| {
        let file = open(disk.clone(), seed ^ (round << 32)).map_err(|error| redb::Error::Io(error.into()))?;
        database(file)
    };
    let mut db = opened(0)?;
    let mut model = contents(&db)?;
    told(&model);
    for round in 1..=commits {
        match dice.below(40) {
            0 => {
                drop(db);
                db = opened(round)?;
                assert_eq!(contents(&db)?, model);
            }
            1 => {
                db.compact()?;
            }
            2 => {
                let transaction = db.begin_write()?;
                transaction.open_table(TABLE)?.insert(7, vec![9; 300_000].as_slice())?;
                transaction.abort()?;
            }
            3 => {
                let all: Vec<_> = model.keys().map(|key| (*key, None)).collect();
                model = commit(&db, &model, &all)?;
                told(&model);
            }
            4 => {
                let many: Vec<_> = (0..60).map(|key| (key, Some(vec![key as u8; 12_000]))).collect();
                model = commit(&db, &model, &many)?;
                told(&model);
            }
            _ => {
                model = commit_as(dice.below(8), &db, &model, &changes(&mut dice))?;
                told(&model);
            }
        }
    }
    Ok(())
}

/// Opens `image` and says what it holds.
fn recovered(image: Vec<u8>) -> Result<(Database, Arc<MemoryDisk>, Model), redb::Error> {
    let disk = Arc::new(MemoryDisk::from_bytes(image));
    let file = open(disk.clone(), 99).map_err(|error| redb::Error::Io(error.into()))?;
    let db = database(file)?;
    let held = contents(&db)?;
    Ok((db, disk, held))
}

#[test]
fn random_work_reads_back_as_a_model_says() {
    let disk = Arc::new(MemoryDisk::from_bytes(fresh()));
    let mut last = Model::new();
    work(disk.clone(), 11, 250, |model| last = model.clone()).expect("a sound disk");
    let (_, _, held) = recovered(disk.snapshot()).expect("opens");
    assert_eq!(held, last);
}

/// Crashes `work` at `points` moments and demands every acknowledged commit, whole.
fn crash_search(seed: u64, commits: u64, points: usize) {
    let start = fresh();
    let disk = Arc::new(CrashDisk::new(start.clone()));
    let mut told: Vec<(usize, Model)> = Vec::new();
    work(disk.clone(), seed, commits, |model| told.push((disk.moment(), model.clone()))).expect("a sound disk");
    let log = disk.log();
    let end = log.len();
    let mut dice = Dice::new(seed);
    let mut moments: Vec<usize> = (0..points).map(|_| 1 + dice.below(end as u64) as usize).collect();
    moments.sort_unstable();
    let mut crashes = Crashes::new(start, log);
    for moment in moments {
        let image = crashes.at(moment, dice.next());
        let acknowledged = told.iter().rposition(|(when, _)| *when <= moment);
        let (db, disk, held) = recovered(image).unwrap_or_else(|error| panic!("seed {seed}, moment {moment}: {error}"));
        let allowed = match acknowledged {
            Some(at) => told[at..].iter().take(2).any(|(_, model)| *model == held),
            None => held.is_empty(),
        };
        assert!(allowed, "seed {seed}, moment {moment}: an acknowledged commit is not whole");
        let next = commit(&db, &held, &[(1_000, Some(vec![1; 5_000]))]).expect("work goes on");
        drop(db);
        let (_, _, held) = recovered(disk.snapshot()).expect("opens after the repair");
        assert_eq!(held, next, "seed {seed}, moment {moment}");
    }
}

#[test]
fn a_crash_at_any_moment_keeps_every_acknowledged_commit() {
    for seed in 1..=4 {
        crash_search(seed, 60, 60);
    }
}

#[test]
fn a_crash_while_the_ring_fills_and_begins_anew_keeps_every_acknowledged_commit() {
    crash_search(77, 320, 120);
}

/// Run with `--release -- --ignored`.
#[test]
#[ignore = "takes minutes"]
fn crashes_at_ten_thousand_moments_keep_every_acknowledged_commit() {
    for seed in 100..180 {
        crash_search(seed, 60, 120);
    }
    crash_search(78, 600, 400);
}

#[test]
fn a_crash_while_a_crash_is_repaired_keeps_every_acknowledged_commit() {
    let start = fresh();
    let disk = Arc::new(CrashDisk::new(start.clone()));
    let mut told: Vec<(usize, Model)> = Vec::new();
    work(disk.clone(), 5, 40, |model| told.push((disk.moment(), model.clone()))).expect("a sound disk");
    let end = disk.moment() as u64;
    let mut dice = Dice::new(5);
    let mut moments: Vec<usize> = (0..25).map(|_| 1 + dice.below(end) as usize).collect();
    moments.sort_unstable();
    let mut crashes = Crashes::new(start, disk.log());
    for moment in moments {
        let image = crashes.at(moment, dice.next());
        let acknowledged = told.iter().rposition(|(when, _)| *when <= moment).unwrap_or(0);
        let again = Arc::new(CrashDisk::new(image.clone()));
        let repaired: Model = {
            let db = database(open(again.clone(), 6).expect("opens")).expect("a database");
            contents(&db).expect("reads")
        };
        let mut second = Crashes::new(image, again.log());
        for at in 1..=again.moment() {
            let (_, _, held) = recovered(second.at(at, dice.next())).expect("opens after both crashes");
            let allowed = held == repaired || told[acknowledged..].iter().take(2).any(|(_, model)| *model == held);
            assert!(allowed, "moment {moment}, then {at}");
        }
    }
}

#[test]
fn a_disk_that_fails_at_the_nth_change_loses_nothing_acknowledged() {
    let start = fresh();
    for bears in (0..400).step_by(7) {
        let disk = Arc::new(FailingDisk::new(start.clone(), bears));
        let mut told = vec![Model::new()];
        let result = work(disk.clone(), 21, 60, |model| told.push(model.clone()));
        assert!(result.is_err() || !disk.has_failed(), "a failure after {bears} changes went unnoticed");
        let (_, _, held) = recovered(disk.disk.snapshot()).expect("opens");
        if held != *told.last().expect("a model") {
            // The commit that failed may have landed whole, but never in part: redo the work on a sound disk and compare.
            let sound = Arc::new(MemoryDisk::from_bytes(start.clone()));
            let mut all = vec![Model::new()];
            work(sound, 21, 60, |model| all.push(model.clone())).expect("a sound disk");
            assert_eq!(held, all[told.len()], "after {bears} changes");
        }
    }
}

/// A file of `count` blocks, block `n` full of `n`, closed; and its bytes.
fn blocks(count: u64, file_id: [u8; 16]) -> Vec<u8> {
    let disk = Arc::new(MemoryDisk::new());
    let entropy = Arc::new(SeededEntropy::new(u64::from(file_id[0])));
    let file = BlockFile::create(disk.clone(), BASE, file_id, keys(), entropy).expect("a file");
    file.set_len((count + 1) * 4096).expect("grows");
    for block in 0..count {
        file.write((block + 1) * 4096, &[block as u8; 4096]).expect("a write");
    }
    file.sync_data().expect("a sync");
    file.close().expect("a close");
    disk.snapshot()
}

fn read(bytes: Vec<u8>, block: u64) -> Result<[u8; 4096], FileError> {
    let file = open(Arc::new(MemoryDisk::from_bytes(bytes)), 3)?;
    let mut out = [0; 4096];
    match file.read((block + 1) * 4096, &mut out) {
        Ok(()) => Ok(out),
        Err(error) => Err(*error.into_inner().expect("a cause").downcast::<FileError>().expect("a file error")),
    }
}

fn part_of(error: FileError) -> Part {
    match error {
        FileError::Damaged { what, .. } | FileError::NotAuthentic { what, .. } => what,
        other => panic!("{other}"),
    }
}

#[test]
fn every_flipped_bit_of_a_header_is_mended_from_the_other_copy_or_refused() {
    let sound = blocks(3, [5; 16]);
    for at in (0..512).map(|byte| HEADER + byte) {
        let mut one = sound.clone();
        one[at] ^= 1 << (at % 8);
        assert_eq!(read(one.clone(), 2).expect("the other copy serves"), [2; 4096]);
        let mut other = sound.clone();
        other[at + 4096] ^= 0x80;
        assert_eq!(read(other, 2).expect("the first copy serves"), [2; 4096]);
        one[at + 4096] ^= 1;
        assert_eq!(part_of(read(one, 2).expect_err("no copy is left")), Part::Headers);
    }
}

#[test]
fn a_changed_byte_of_any_other_part_is_refused_where_it_stands() {
    let sound = blocks(3, [5; 16]);
    // The first checkpoint writes the A copies.
    for (at, part) in [
        (RUN, Part::EpochPage(0)),
        (RUN + 60, Part::EpochPage(0)),
        (RUN + 4095, Part::EpochPage(0)),
        (GROUP, Part::TagPage(0)),
        (GROUP + 40, Part::TagPage(0)),
        (GROUP + 4095, Part::TagPage(0)),
        (BLOCK + 2 * 4096, Part::Block(2)),
        (BLOCK + 3 * 4096 - 1, Part::Block(2)),
    ] {
        let mut bytes = sound.clone();
        bytes[at] ^= 4;
        assert_eq!(part_of(read(bytes, 2).expect_err("refused")), part);
    }
}

#[test]
fn blocks_swapped_zeroed_of_another_file_or_older_are_refused() {
    let sound = blocks(3, [5; 16]);
    let place = |block: usize| BLOCK + block * 4096..BLOCK + (block + 1) * 4096;
    let refused = |bytes: &[u8], block: u64| {
        assert_eq!(part_of(read(bytes.to_vec(), block).expect_err("refused")), Part::Block(block));
        assert_eq!(read(bytes.to_vec(), 0).expect("its neighbour is sound"), [0; 4096]);
    };
    let mut swapped = sound.clone();
    swapped.copy_within(place(2), place(1).start);
    swapped[place(2)].copy_from_slice(&sound[place(1)]);
    refused(&swapped, 1);
    refused(&swapped, 2);

    let mut zeroed = sound.clone();
    zeroed[place(1)].fill(0);
    refused(&zeroed, 1);

    let mut foreign = sound.clone();
    foreign[place(1)].copy_from_slice(&blocks(3, [6; 16])[place(1)]);
    refused(&foreign, 1);

    let disk = Arc::new(MemoryDisk::from_bytes(sound.clone()));
    let file = open(disk.clone(), 8).expect("opens");
    file.write(2 * 4096, &[77; 4096]).expect("a write");
    file.sync_data().expect("a sync");
    file.close().expect("a close");
    let newer = disk.snapshot();
    assert_eq!(read(newer.clone(), 1).expect("reads"), [77; 4096]);
    let mut older = newer.clone();
    older[place(1)].copy_from_slice(&sound[place(1)]);
    refused(&older, 1);
    // With its tag page, and with its epoch page too.
    older[GROUP..BLOCK].copy_from_slice(&sound[GROUP..BLOCK]);
    assert_eq!(part_of(read(older.clone(), 1).expect_err("refused")), Part::TagPage(0));
    older[RUN..GROUP].copy_from_slice(&sound[RUN..GROUP]);
    assert_eq!(part_of(read(older, 1).expect_err("refused")), Part::EpochPages);
    // Another vault's keys open nothing.
    let disk = Arc::new(MemoryDisk::from_bytes(newer));
    let foreign = FileKeys::derive(&[9; 32], &[4; 16]);
    let opened = BlockFile::open(disk, BASE, [5; 16], foreign, Arc::new(SeededEntropy::new(1)));
    assert_eq!(part_of(opened.expect_err("refused")), Part::Headers);
}

#[test]
fn a_damaged_record_before_the_last_is_refused_and_a_confirmed_one_is_not_mistaken_for_a_crash() {
    let disk = Arc::new(MemoryDisk::from_bytes(blocks(3, [5; 16])));
    let file = open(disk.clone(), 8).expect("opens");
    for value in 10..13 {
        file.write(4096 * u64::from(value - 9), &[value; 4096]).expect("a write");
        file.sync_data().expect("a sync");
    }
    let unclosed = disk.snapshot();
    assert_eq!(read(unclosed.clone(), 2).expect("opens without a close"), [12; 4096]);
    let mut gap = unclosed.clone();
    gap[RING + 4096 + 100] ^= 1;
    assert_eq!(part_of(read(gap, 2).expect_err("refused")), Part::Record(2));
    // Unconfirmed, damage to the last commit's block looks like a crash within that commit.
    let mut last = unclosed;
    last[BLOCK + 2 * 4096] ^= 1;
    assert!(read(last, 0).is_ok());
    file.confirm().expect("confirms");
    let mut last = disk.snapshot();
    last[BLOCK + 2 * 4096] ^= 1;
    assert_eq!(part_of(read(last, 2).expect_err("refused")), Part::Block(2));
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let sound = blocks(130, [5; 16]);
    let borders = (0..sound.len()).step_by(4096).flat_map(|at| [at, at + 1, at + 2048]);
    for len in borders.filter(|len| *len < sound.len()).step_by(5).chain([sound.len() - 1]) {
        let cut = sound[..len].to_vec();
        assert_eq!(part_of(read(cut, 0).expect_err("refused")), Part::End, "cut at {len}");
    }
}

#[test]
fn nothing_before_the_base_is_touched_and_nothing_stored_shows() {
    let disk = Arc::new(MemoryDisk::from_bytes(vec![0xAB; BASE as usize]));
    let db = database(create(disk.clone(), 4)).expect("a database");
    commit(&db, &Model::new(), &[(1, Some(b"Zhang Sanfeng, 13800001234".repeat(500)))]).expect("a commit");
    drop(db);
    let bytes = disk.snapshot();
    assert!(bytes[..BASE as usize].iter().all(|byte| *byte == 0xAB));
    for needle in [b"Sanfeng".as_slice(), b"13800001234", b"rows", b"redb"] {
        assert!(!bytes.windows(needle.len()).any(|window| window == needle));
    }
    // Data blocks, free ones included, look like noise: about 32 of each byte value in 8 KiB would be even.
    let mut counts = [0u32; 256];
    bytes[BLOCK..BLOCK + 100 * 4096].iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    assert!(counts.iter().all(|count| (1_350..1_850).contains(count)));
}

#[test]
fn a_file_grows_over_many_groups_and_shrinks_again() {
    let disk = Arc::new(MemoryDisk::from_bytes(fresh()));
    let small = disk.len().expect("a length");
    let mut db = database(open(disk.clone(), 9).expect("opens")).expect("a database");
    let many: Vec<_> = (0..6_000).map(|key| (key, Some(vec![key as u8; 3_000]))).collect();
    let model = commit(&db, &Model::new(), &many).expect("a commit");
    assert!(disk.len().expect("a length") > 20 * small / 2);
    assert_eq!(contents(&db).expect("reads"), model);
    let gone: Vec<_> = (10..6_000).map(|key| (key, None)).collect();
    let model = commit(&db, &model, &gone).expect("a commit");
    while db.compact().expect("compacts") {}
    drop(db);
    assert!(disk.len().expect("a length") < 3 * small);
    let (db, disk, held) = recovered(disk.snapshot()).expect("opens");
    assert_eq!(held, model);
    let model = commit(&db, &model, &many).expect("grows again");
    drop(db);
    assert_eq!(recovered(disk.snapshot()).expect("opens").2, model);
}

#[test]
fn a_small_commit_costs_one_sync() {
    let file = open(Arc::new(MemoryDisk::from_bytes(fresh())), 9).expect("opens");
    let db = database(file.clone()).expect("a database");
    let mut model = Model::new();
    let mut dice = Dice::new(1);
    for _ in 0..20 {
        model = commit(&db, &model, &changes(&mut dice)).expect("a commit");
    }
    let before = file.counters();
    let commits = 400;
    for _ in 0..commits {
        model = commit(&db, &model, &changes(&mut dice)).expect("a commit");
    }
    let after = file.counters();
    let syncs = (after.syncs - before.syncs) as f64 / f64::from(commits);
    let kib = (after.bytes_written - before.bytes_written) as f64 / f64::from(commits) / 1024.0;
    println!("{syncs:.3} syncs and {kib:.1} KiB a commit");
    assert!(syncs < 1.1, "{syncs}");
}

#[test]
fn readers_and_a_writer_work_side_by_side() {
    let disk = Arc::new(MemoryDisk::from_bytes(fresh()));
    let db = database(open(disk, 9).expect("opens")).expect("a database");
    let rows = |round: u8| -> Vec<_> { (0..400).map(|key| (key, Some(vec![round; 2_000]))).collect() };
    let mut model = commit(&db, &Model::new(), &rows(0)).expect("a commit");
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..15 {
                    let held = contents(&db).expect("reads");
                    let first = held[&0][0];
                    assert!(held.values().all(|value| value.iter().all(|byte| *byte == first)));
                }
            });
        }
        for round in 1..25 {
            model = commit(&db, &model, &rows(round)).expect("a commit");
        }
    });
    assert_eq!(contents(&db).expect("reads"), model);
}

#[test]
fn a_file_on_a_real_disk_survives_close_and_reopening() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vault");
    let db = database(create(Arc::new(FileDisk::create_new(&path).expect("a file")), 1)).expect("a database");
    let model = commit(&db, &Model::new(), &[(3, Some(vec![3; 9_000]))]).expect("a commit");
    drop(db);
    let disk = Arc::new(FileDisk::open(&path).expect("free again"));
    let db = database(open(disk, 2).expect("opens")).expect("a database");
    assert_eq!(contents(&db).expect("reads"), model);
}

/// Run with `--release -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn throughput_beside_plain_redb() {
    let folder = tempfile::tempdir().expect("a folder");
    let timed = |name: &str, db: Database| {
        let start = std::time::Instant::now();
        let mut dice = Dice::new(3);
        for _ in 0..300 {
            commit(&db, &Model::new(), &changes(&mut dice)).expect("a commit");
        }
        let small = start.elapsed();
        let start = std::time::Instant::now();
        let many: Vec<_> = (1_000..60_000).map(|key| (key, Some(vec![key as u8; 700]))).collect();
        commit(&db, &Model::new(), &many).expect("a commit");
        let bulk = start.elapsed();
        let start = std::time::Instant::now();
        let rows = contents(&db).expect("reads").len();
        println!("{name}: 300 commits {small:?}, 41 MB in one {bulk:?}, {rows} rows read {:?}", start.elapsed());
        (small, bulk)
    };
    let plain = timed("plain redb on a file", Database::create(folder.path().join("plain")).expect("a database"));
    let disk = Arc::new(FileDisk::create_new(&folder.path().join("vault")).expect("a file"));
    let db = Database::builder().create_with_backend(create(disk, 1)).expect("a database");
    let sealed = timed("encrypted on a file", db);
    let db = Database::builder().create_with_backend(redb::backends::InMemoryBackend::new()).expect("a database");
    timed("plain redb in memory", db);
    let db = Database::builder().create_with_backend(create(Arc::new(MemoryDisk::new()), 1)).expect("a database");
    timed("encrypted in memory", db);
    println!(
        "ratio: small commits {:.2}, bulk {:.2}",
        sealed.0.as_secs_f64() / plain.0.as_secs_f64(),
        sealed.1.as_secs_f64() / plain.1.as_secs_f64()
    );
}
