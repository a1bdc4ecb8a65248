//! The encrypted file under redb: what was committed is found again after a close, by readers beside a writer, over many
//! groups, and what lies on the disk shows nothing of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use veilbook::vault::file::{Disk, FileDisk, MemoryDisk};

use super::crash_disk::{CrashDisk, Dice};
use super::crash_search;
use super::crash_work::{BASE, Mix, State, Work, create, database, open};

const TABLE: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("rows");
/// Where the first data block lies.
const BLOCK: usize = BASE as usize + 2 * 4096 + (1 << 20) + 4 * 4096;

type Model = BTreeMap<u64, Vec<u8>>;

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
    let mut next = model.clone();
    let transaction = db.begin_write()?;
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
    for (mix, steps) in [(Mix::Everyday, 250), (Mix::Tiny, 400), (Mix::Tides, 60), (Mix::Huge, 12)] {
        let disk = Arc::new(CrashDisk::new(crash_search::fresh()));
        let mut work = Work::begin(disk.clone(), 11, mix, &[&State::default()]).expect("opens");
        for _ in 0..steps {
            work.step().expect("a sound disk");
        }
        let told = work.end().expect("closes");
        let last = &told.last().expect("a state").1;
        let disk = Arc::new(MemoryDisk::from_bytes(disk.image().bytes()));
        let db = database(open(disk, 12).expect("opens")).expect("a database");
        assert!(super::crash_work::contents(&db).expect("reads") == *last.rows, "{mix:?}");
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
    // Data blocks, free ones included, look like noise, or like nothing where none was ever written.
    let blocks = bytes[BLOCK..].chunks_exact(4096).take(100);
    let (empty, written): (Vec<&[u8]>, Vec<&[u8]>) = blocks.partition(|block| block.iter().all(|byte| *byte == 0));
    assert!(written.len() >= 8, "{} of 100 blocks are written", written.len());
    assert_eq!(written.len() + empty.len(), 100);
    // 16 of each byte value in a block would be even.
    let mut counts = [0usize; 256];
    written.concat().iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    assert!(counts.iter().all(|count| (8..24).contains(&(count / written.len()))));
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
fn opening_a_closed_file_and_reading_writes_nothing_and_reads_a_few_pages() {
    let disk = Arc::new(MemoryDisk::from_bytes(fresh()));
    let db = database(open(disk.clone(), 9).expect("opens")).expect("a database");
    let many: Vec<_> = (0..3_000).map(|key| (key, Some(vec![key as u8; 1_000]))).collect();
    let model = commit(&db, &Model::new(), &many).expect("a commit");
    drop(db);
    let file = open(disk.clone(), 9).expect("opens");
    let db = database(file.clone()).expect("a database");
    let table = db.begin_read().expect("a snapshot").open_table(TABLE).expect("the table");
    assert_eq!(table.get(5).expect("reads").map(|row| row.value().to_vec()).as_ref(), model.get(&5));
    let counters = file.counters();
    assert_eq!((counters.syncs, counters.writes), (0, 0));
    assert!(counters.bytes_read < 30 * 4096, "{}", counters.bytes_read);
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
