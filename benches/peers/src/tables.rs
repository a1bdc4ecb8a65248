//! The rows in redb: plain on a file, or on veilbook's encrypted file as the vault itself uses it.
//!
//! **Invariant:** both hold the same tables, of bytes as the vault's are; only what lies under redb differs.

use std::path::Path;
use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use veilbook::clock::{Entropy, OsEntropy};
use veilbook::vault::file::{BlockFile, Disk, FileDisk, FileKeys};

use crate::peer::{CACHE, Peer};
use crate::rows::Row;

type Definition = TableDefinition<'static, &'static [u8], &'static [u8]>;

const CUSTOMERS: Definition = TableDefinition::new("customers");
/// name, 0, id → owner, stage, company.
const BY_NAME: Definition = TableDefinition::new("by_name");
/// owner, id → nothing.
const BY_OWNER: Definition = TableDefinition::new("by_owner");
/// owner → how many customers.
const KEPT: Definition = TableDefinition::new("kept");
const ENTRIES: Definition = TableDefinition::new("entries");

pub struct Tables {
    database: Database,
    file: Option<BlockFile>,
}

impl Tables {
    /// redb on a file.
    pub fn plain(path: &Path) -> Self {
        Self { database: Database::builder().set_cache_size(CACHE).create(path).unwrap(), file: None }
    }

    /// redb on veilbook's encrypted file, with a key that is given.
    pub fn encrypted(path: &Path) -> Self {
        let keys = FileKeys::derive(&[7; 32], &[1; 16]);
        let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
        let file = if path.exists() {
            let disk: Arc<dyn Disk> = Arc::new(FileDisk::open(path).unwrap());
            BlockFile::open(disk, 0, [2; 16], keys, entropy)
        } else {
            let disk: Arc<dyn Disk> = Arc::new(FileDisk::create_new(path).unwrap());
            BlockFile::create(disk, 0, [2; 16], keys, entropy)
        };
        let file = file.unwrap();
        let database = Database::builder().set_cache_size(CACHE).create_with_backend(file.clone()).unwrap();
        Self { database, file: Some(file) }
    }

    fn from(&self, name: &str, mut each: impl FnMut(&[u8], &[u8]) -> u64) -> u64 {
        let table = self.database.begin_read().unwrap().open_table(BY_NAME).unwrap();
        let rows = table.range(name.as_bytes()..).unwrap().take(50);
        rows.map(|row| row.unwrap()).map(|(key, value)| each(key.value(), value.value())).fold(0, u64::wrapping_add)
    }
}

fn owned(owner: u32, id: u64) -> [u8; 12] {
    let mut key = [0; 12];
    key[..4].copy_from_slice(&owner.to_be_bytes());
    key[4..].copy_from_slice(&id.to_be_bytes());
    key
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_be_bytes(bytes.try_into().unwrap())
}

impl Peer for Tables {
    fn load(&mut self, first: u64, last: u64) {
        let transaction = self.database.begin_write().unwrap();
        {
            let mut customers = transaction.open_table(CUSTOMERS).unwrap();
            let mut by_name = transaction.open_table(BY_NAME).unwrap();
            let mut by_owner = transaction.open_table(BY_OWNER).unwrap();
            let mut kept = transaction.open_table(KEPT).unwrap();
            transaction.open_table(ENTRIES).unwrap();
            for row in (first..=last).map(Row::new) {
                let id = row.id.to_be_bytes();
                customers.insert(id.as_slice(), row.to_bytes().as_slice()).unwrap();
                let name = [row.name.as_bytes(), &[0], &id].concat();
                by_name.insert(name.as_slice(), row.shown().as_slice()).unwrap();
                by_owner.insert(owned(row.owner, row.id).as_slice(), [].as_slice()).unwrap();
                let owner = row.owner.to_be_bytes();
                let now = kept.get(owner.as_slice()).unwrap().map_or(0, |value| number(value.value()));
                kept.insert(owner.as_slice(), (now + 1).to_be_bytes().as_slice()).unwrap();
            }
        }
        transaction.commit().unwrap();
    }

    fn loaded(&mut self) {}

    fn commit(&mut self, id: u64, entry: u64) {
        let transaction = self.database.begin_write().unwrap();
        {
            let mut customers = transaction.open_table(CUSTOMERS).unwrap();
            let key = id.to_be_bytes();
            let mut row = Row::from_bytes(id, customers.get(key.as_slice()).unwrap().unwrap().value());
            row.note = format!("entry {entry}: called, asked to be called again");
            customers.insert(key.as_slice(), row.to_bytes().as_slice()).unwrap();
            let mut entries = transaction.open_table(ENTRIES).unwrap();
            entries.insert(entry.to_be_bytes().as_slice(), [0x5a; 300].as_slice()).unwrap();
        }
        transaction.commit().unwrap();
    }

    fn point(&self, id: u64) -> u64 {
        let table = self.database.begin_read().unwrap().open_table(CUSTOMERS).unwrap();
        let value = table.get(id.to_be_bytes().as_slice()).unwrap().unwrap();
        Row::from_bytes(id, value.value()).weight()
    }

    fn page(&self, name: &str) -> u64 {
        self.from(name, |key, value| (key.len() + value.len()) as u64)
    }

    fn full_page(&self, name: &str) -> u64 {
        let customers = self.database.begin_read().unwrap().open_table(CUSTOMERS).unwrap();
        self.from(name, |key, _| {
            let id = &key[key.len() - 8..];
            Row::from_bytes(number(id), customers.get(id).unwrap().unwrap().value()).weight()
        })
    }

    fn count(&self, owner: u32) -> u64 {
        let table = self.database.begin_read().unwrap().open_table(BY_OWNER).unwrap();
        let (low, high) = (owned(owner, 0), owned(owner + 1, 0));
        table.range(low.as_slice()..high.as_slice()).unwrap().count() as u64
    }

    fn kept(&self, owner: u32) -> u64 {
        let table = self.database.begin_read().unwrap().open_table(KEPT).unwrap();
        number(table.get(owner.to_be_bytes().as_slice()).unwrap().unwrap().value())
    }

    fn syncs(&self) -> u64 {
        self.file.as_ref().map_or(0, |file| file.counters().syncs)
    }
}
