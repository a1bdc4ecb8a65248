//! The rows in SQLite, with or without SQLCipher's encryption: one library, one schema, one set of settings.
//!
//! **Invariant:** the key is given raw, so no key derivation is timed; every commit is synced.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::peer::{CACHE, Peer};
use crate::rows::Row;

pub struct Sql(Connection);

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS customers (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, owner INTEGER NOT NULL, stage INTEGER NOT NULL,
        company TEXT NOT NULL, note TEXT NOT NULL, sealed BLOB NOT NULL);
    CREATE INDEX IF NOT EXISTS by_name ON customers (name, owner, stage, company);
    CREATE INDEX IF NOT EXISTS by_owner ON customers (owner);
    CREATE TABLE IF NOT EXISTS kept (owner INTEGER PRIMARY KEY, customers INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, entry BLOB NOT NULL);";

impl Sql {
    /// SQLite as it comes.
    pub fn plain(path: &Path) -> Self {
        Self::with(path, "")
    }

    /// SQLCipher with a raw key.
    pub fn encrypted(path: &Path) -> Self {
        Self::with(path, &format!("PRAGMA key = \"x'{}'\";", "07".repeat(32)))
    }

    fn with(path: &Path, key: &str) -> Self {
        let is_new = !path.exists();
        let connection = Connection::open(path).unwrap();
        let settings = format!(
            "{key} PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -{};",
            CACHE / 1024
        );
        connection.execute_batch(&settings).unwrap();
        if is_new {
            connection.execute_batch(SCHEMA).unwrap();
        }
        connection.set_prepared_statement_cache_capacity(32);
        Self(connection)
    }
}

impl Peer for Sql {
    fn load(&mut self, first: u64, last: u64) {
        let transaction = self.0.transaction().unwrap();
        {
            let mut customers =
                transaction.prepare_cached("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?)").unwrap();
            let counted = "INSERT INTO kept VALUES (?, 1) ON CONFLICT (owner) DO UPDATE SET customers = customers + 1";
            let mut kept = transaction.prepare_cached(counted).unwrap();
            for row in (first..=last).map(Row::new) {
                customers
                    .execute(params![row.id as i64, row.name, row.owner, row.stage, row.company, row.note, row.sealed])
                    .unwrap();
                kept.execute([row.owner]).unwrap();
            }
        }
        transaction.commit().unwrap();
    }

    fn loaded(&mut self) {
        self.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    }

    fn commit(&mut self, id: u64, entry: u64) {
        let transaction = self.0.transaction().unwrap();
        let note = format!("entry {entry}: called, asked to be called again");
        let mut update = transaction.prepare_cached("UPDATE customers SET note = ? WHERE id = ?").unwrap();
        update.execute(params![note, id as i64]).unwrap();
        drop(update);
        let mut insert = transaction.prepare_cached("INSERT INTO entries VALUES (?, ?)").unwrap();
        insert.execute(params![entry as i64, [0x5a_u8; 300]]).unwrap();
        drop(insert);
        transaction.commit().unwrap();
    }

    fn point(&self, id: u64) -> u64 {
        let mut select = self.0.prepare_cached("SELECT * FROM customers WHERE id = ?").unwrap();
        select.query_row([id as i64], |row| read(row).map(|row| row.weight())).unwrap()
    }

    fn page(&self, name: &str) -> u64 {
        let query = "SELECT id, name, owner, stage, company FROM customers WHERE name >= ? ORDER BY name LIMIT 50";
        let mut select = self.0.prepare_cached(query).unwrap();
        let rows = select.query_map([name], |row| {
            let (name, company): (String, String) = (row.get(1)?, row.get(4)?);
            let (owner, stage): (u32, u32) = (row.get(2)?, row.get(3)?);
            Ok(name.len() as u64 + company.len() as u64 + u64::from(owner) + u64::from(stage))
        });
        rows.unwrap().map(|weight| weight.unwrap()).fold(0, u64::wrapping_add)
    }

    fn full_page(&self, name: &str) -> u64 {
        let query = "SELECT * FROM customers WHERE name >= ? ORDER BY name LIMIT 50";
        let mut select = self.0.prepare_cached(query).unwrap();
        let rows = select.query_map([name], |row| read(row).map(|row| row.weight()));
        rows.unwrap().map(|weight| weight.unwrap()).fold(0, u64::wrapping_add)
    }

    fn count(&self, owner: u32) -> u64 {
        let mut select = self.0.prepare_cached("SELECT count(*) FROM customers WHERE owner = ?").unwrap();
        select.query_row([owner], |row| row.get::<_, i64>(0)).unwrap() as u64
    }

    fn kept(&self, owner: u32) -> u64 {
        let mut select = self.0.prepare_cached("SELECT customers FROM kept WHERE owner = ?").unwrap();
        select.query_row([owner], |row| row.get::<_, i64>(0)).unwrap() as u64
    }

    fn syncs(&self) -> u64 {
        0
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        id: row.get::<_, i64>(0)? as u64,
        name: row.get(1)?,
        owner: row.get(2)?,
        stage: row.get(3)?,
        company: row.get(4)?,
        note: row.get(5)?,
        sealed: row.get(6)?,
    })
}
