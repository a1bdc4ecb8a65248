//! That nobody above notices where a row lies: in the log, in its table, or in both.
//!
//! **Invariant:** nothing here reads the clock; every run does the same.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::fresh::{Batch, Rows};
use super::{Get, Put, Reader, Table, Way};
use crate::clock::{Entropy, SeededEntropy};
use crate::vault::file::MemoryDisk;
use crate::vault::file::disk::Disk;
use crate::vault::keyring::{KdfParams, Root};
use crate::vault::opening;
use crate::vault::records::Record;
use crate::vault::superblock::Superblock;
use crate::vault::tables::{Fate, Tables};

type Model = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

struct House {
    disk: Arc<dyn Disk>,
    superblock: Superblock,
    root: Root,
    entropy: Arc<dyn Entropy>,
}

impl House {
    fn new(seed: u64) -> (Self, Tables) {
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(seed));
        let root = Root::generate(&*entropy);
        let mut superblock = Superblock::create(KdfParams::cheap_for_tests(), &root, &*entropy);
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::new());
        superblock.write(&*disk, &root).expect("written");
        let tables = opening::create(&disk, &superblock, &root, &entropy).expect("tables");
        (Self { disk, superblock, root, entropy }, tables)
    }

    fn again(&self, tables: Tables) -> Tables {
        drop(tables);
        opening::open(&self.disk, &self.superblock, &self.root, &self.entropy).expect("opened")
    }

    fn below(&self, bound: u64) -> u64 {
        u64::from_be_bytes(self.entropy.bytes()) % bound
    }
}

/// Every way of reading gives what the model has.
#[track_caller]
fn same(from: &dyn Get, model: &Model, table: Table) {
    let wanted: Vec<(Vec<u8>, Vec<u8>)> = model
        .iter()
        .filter(|((of, _), _)| *of == table)
        .map(|((_, key), value)| (key.clone(), value.clone()))
        .collect();
    let walked = |low: &[u8], high: &[u8], way, most: usize| {
        let mut rows = Vec::new();
        from.visit(table, low, high, way, &mut |key, value| {
            rows.push((key.to_vec(), value.to_vec()));
            if rows.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
        .expect("walked");
        rows
    };
    assert_eq!(walked(&[], &[0xFF; 9], Way::Up, usize::MAX), wanted);
    let (low, high) = (80_u16.to_be_bytes(), 200_u16.to_be_bytes());
    let inside = || wanted.iter().filter(|(key, _)| key.as_slice() >= &low[..] && key.as_slice() < &high[..]).cloned();
    assert_eq!(walked(&low, &high, Way::Up, 5), inside().take(5).collect::<Vec<_>>());
    assert_eq!(walked(&low, &high, Way::Down, usize::MAX), inside().rev().collect::<Vec<_>>());
    assert_eq!(walked(&high, &low, Way::Down, 1), []);
    for key in (0..300_u16).step_by(7).map(u16::to_be_bytes) {
        assert_eq!(from.get(table, &key).expect("read").as_ref(), model.get(&(table, key.to_vec())));
    }
}

#[track_caller]
fn all_the_same(from: &Reader, model: &Model) {
    for table in [Table::Lists, Table::Words, Table::Customers] {
        same(from, model, table);
        assert_eq!(from.count(table), Ok(model.keys().filter(|(of, _)| *of == table).count() as u64));
    }
}

#[test]
fn rows_read_the_same_wherever_they_lie() {
    for seed in 0..6 {
        let (house, mut tables) = House::new(seed);
        let mut model = Model::new();
        let mut earlier: Vec<(Reader, Model)> = Vec::new();
        for round in 0..60 {
            let mut next = model.clone();
            // Many rows in one transaction pass the log by; most transactions have few.
            let rows = if house.below(8) == 0 { 900 } else { house.below(60) };
            let fate = if house.below(6) == 0 { Fate::Abort } else { Fate::Commit };
            let written = tables.write(&mut |to| {
                for row in 0..rows {
                    let table = [Table::Lists, Table::Words, Table::Customers][house.below(3) as usize];
                    let key = (house.below(if rows > 100 { 2_000 } else { 300 }) as u16).to_be_bytes();
                    if house.below(3) == 0 {
                        to.remove(table, &key)?;
                        next.remove(&(table, key.to_vec()));
                    } else {
                        let value = [round as u8, row as u8];
                        to.put(table, &key, &value)?;
                        next.insert((table, key.to_vec()), value.to_vec());
                    }
                }
                same(to, &next, Table::Lists);
                Ok(fate)
            });
            written.expect("written");
            if fate == Fate::Commit {
                model = next;
            }
            all_the_same(&tables.read().expect("a snapshot"), &model);
            match house.below(10) {
                0 => tables.move_all().expect("moved"),
                1 => tables.rest().expect("at rest"),
                2 => earlier.push((tables.read().expect("a snapshot"), model.clone())),
                3 => {
                    earlier.iter().for_each(|(reader, model)| all_the_same(reader, model));
                    earlier.clear();
                    tables = house.again(tables);
                }
                4 => {
                    let emptied = tables.write(&mut |to| {
                        to.empty(Table::Words)?;
                        Ok(Fate::Commit)
                    });
                    emptied.expect("emptied");
                    model.retain(|(table, _), _| *table != Table::Words);
                }
                _ => {}
            }
            all_the_same(&tables.read().expect("a snapshot"), &model);
        }
        earlier.iter().for_each(|(reader, model)| all_the_same(reader, model));
    }
}

#[test]
fn a_long_log_is_moved_along_with_commits_and_a_short_one_in_quiet_moments() {
    let (house, mut tables) = House::new(1);
    let mut model = Model::new();
    let mut most = 0;
    for round in 0..400_u16 {
        let written = tables.write(&mut |to| {
            for row in 0..80_u64 {
                let key = [house.below(1 << 40).to_be_bytes().as_slice(), &row.to_be_bytes()].concat();
                to.put(Table::Words, &key, &round.to_be_bytes())?;
                model.insert((Table::Words, key), round.to_be_bytes().to_vec());
            }
            Ok(Fate::Commit)
        });
        written.expect("written");
        most = most.max(tables.read().expect("a snapshot").under_way().expect("counted"));
        if round == 150 {
            // How far moving had come is forgotten with the process.
            tables = house.again(tables);
        }
    }
    assert!((8_000..14_000).contains(&most), "{most}");
    all_the_same(&tables.read().expect("a snapshot"), &model);
    tables.rest().expect("at rest");
    assert_eq!(tables.read().expect("a snapshot").under_way(), Ok(0));
    all_the_same(&tables.read().expect("a snapshot"), &model);
    all_the_same(&house.again(tables).read().expect("a snapshot"), &model);
}

#[test]
fn a_stored_batch_reads_as_it_was_written_and_a_damaged_one_is_refused() {
    let rows = || {
        let key = |text: &str| text.as_bytes().to_vec();
        Rows::from([
            ((Table::Lists, key("zhang")), Some(vec![7])),
            ((Table::Words, key("zhang san")), Some(vec![])),
            ((Table::Words, key("zhang si")), None),
        ])
    };
    let bytes = Batch::new(rows()).to_bytes();
    assert_eq!(bytes, *b"\x01\x83\x00\x00\x45zhang\x41\x07\x01\x05\x44 san\x40\x01\x07\x41i\xf6");
    let again = Batch::from_bytes(&bytes).expect("read");
    assert_eq!(again.to_bytes(), bytes);
    for at in 0..bytes.len() {
        for change in 0..=255 {
            let mut damaged = bytes.clone();
            damaged[at] = change;
            // Whatever it says then, it is read or refused, and its keys are in order.
            if let Ok(read) = Batch::from_bytes(&damaged) {
                let _ = read.to_bytes();
            }
        }
        assert!(Batch::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
    }
    let unsorted = b"\x01\x82\x01\x00\x41b\x40\x01\x00\x41a\x40";
    assert!(Batch::from_bytes(unsorted).is_err());
}
