//! A transaction that changes tables.
//!
//! Rows of indexes wait in memory until the end of the transaction: few of them then go into the log, where they are
//! found before the table (see [`super::fresh`]); many go into their tables, in the order of their keys.
//! **Invariant:** where the log has a row at a key, its table has no newer one.

use std::cell::OnceCell;
use std::sync::Arc;

use redb::{ReadableTable, ReadableTableMetadata, WriteTransaction};

use super::fresh::{Batch, Fresh, LOG, Log, Moving, Progress, Rows, is_through_log};
use super::merge::{Item, Merged, Sorted, walk};
use super::{Get, Put, StoreError, Table, VERSIONS, Visit, Way, version};
use crate::vault::records::Record;

type Opened<'t> = redb::Table<'t, &'static [u8], &'static [u8]>;

/// The most rows of one transaction that go into the log. More come of imports and bulk work, which gain nothing by it.
const FEW: usize = 512;
/// Rows of the log from which on commits take a bite of them along into the tables.
const LONG: usize = 8_192;
/// Rows in such a bite: more than a commit usually brings, and a few milliseconds' work in a large vault.
const BITE: usize = 512;

/// The tables of one write transaction. Each table is opened when it is first touched, since opening costs.
pub struct Writer<'t> {
    transaction: &'t WriteTransaction,
    tables: [OnceCell<Opened<'t>>; Table::COUNT],
    writes: u64,
    /// A bit for each table that was changed, by its place.
    changed: u64,
    fresh: &'t Fresh,
    log: OnceCell<Arc<Log>>,
    moving: Option<Moving>,
    /// Rows of tables that go through the log, until the end of the transaction.
    waiting: Rows,
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writer({} writes)", self.writes)
    }
}

impl<'t> Writer<'t> {
    /// A writer of the transaction, with what is known of the log in its file and how far that was moved.
    pub(in crate::vault) fn new(transaction: &'t WriteTransaction, fresh: &'t Fresh, progress: &Progress) -> Self {
        Self {
            transaction,
            tables: [const { OnceCell::new() }; Table::COUNT],
            writes: 0,
            changed: 0,
            fresh,
            log: OnceCell::new(),
            moving: progress.moving.clone(),
            waiting: Rows::new(),
        }
    }

    /// How many rows were set or removed so far.
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// The last step before a commit: counts the tables that were changed, and puts the rows that wait into log or tables.
    pub(in crate::vault) fn finish(&mut self) -> Result<(), StoreError> {
        self.count_changes()?;
        let rows = std::mem::take(&mut self.waiting);
        if rows.is_empty() {
            return Ok(());
        }
        let log = Arc::clone(self.log()?);
        // What the log has a row for must stay behind it there.
        let (logged, at_once): (Rows, Rows) = if rows.len() <= FEW {
            (rows, Rows::new())
        } else {
            rows.into_iter().partition(|((table, key), _)| log.get(*table, key).is_some())
        };
        for ((table, key), value) in &at_once {
            self.bring_in((*table, key, value.as_deref()))?;
        }
        if !logged.is_empty() {
            let batch = Batch::new(logged);
            self.transaction.open_table(LOG)?.insert(log.next(), batch.to_bytes().as_slice())?;
            self.log = OnceCell::from(Arc::new(log.with(log.next(), batch)));
        }
        if self.moving.is_some() || self.log()?.rows() > LONG {
            self.move_on(BITE)?;
        }
        Ok(())
    }

    /// Moves up to `most` rows from the log into their tables.
    pub(in crate::vault) fn move_on(&mut self, most: usize) -> Result<(), StoreError> {
        let log = Arc::clone(self.log()?);
        let begun = self.moving.take().filter(|moving| moving.log.begins_as(&log));
        let Moving { log, mut behind } = begun.unwrap_or(Moving { log, behind: None });
        let place = behind.as_ref().map(|(table, key)| (*table, key.as_slice()));
        let rows: Vec<Item<'_>> = Merged::new(log.behind(place), Way::Up).take(most).collect();
        for row in &rows {
            self.bring_in(*row)?;
        }
        if rows.len() < most {
            return self.cut(&log);
        }
        behind = rows.last().map(|(table, key, _)| (*table, key.to_vec()));
        drop(rows);
        self.moving = Some(Moving { log, behind });
        Ok(())
    }

    /// Takes the batches of `moved` out of the log.
    fn cut(&mut self, moved: &Log) -> Result<(), StoreError> {
        let mut stored = self.transaction.open_table(LOG)?;
        stored.retain_in(..=moved.last(), |_, _| false)?;
        if stored.is_empty()? {
            stored.insert(moved.next(), Batch::new(Rows::new()).to_bytes().as_slice())?;
        }
        self.log = OnceCell::from(Log::read(&stored, &Arc::default())?);
        Ok(())
    }

    /// What this transaction leaves, for when it is committed.
    pub(in crate::vault) fn into_progress(self) -> Progress {
        Progress { moving: self.moving, log: self.log.into_inner() }
    }

    /// Counts the tables that were changed as changed once more.
    fn count_changes(&mut self) -> Result<(), StoreError> {
        if self.changed == 0 {
            return Ok(());
        }
        let stored = self.get(Table::Meta, VERSIONS)?.unwrap_or_default();
        // The note itself changes a table.
        let changed = self.changed | 1_u64.unbounded_shl(u32::from(Table::Meta.place()));
        let next = Table::ALL.iter().flat_map(|table| {
            let step = changed.unbounded_shr(u32::from(table.place())) & 1;
            version(&stored, *table).saturating_add(step).to_be_bytes()
        });
        let next: Vec<u8> = next.collect();
        self.put(Table::Meta, VERSIONS, &next)
    }

    /// Removes every row of a table.
    pub fn empty(&mut self, table: Table) -> Result<(), StoreError> {
        self.waiting.retain(|(of, _), _| *of != table);
        if is_through_log(table) {
            let log = Arc::clone(self.log()?);
            self.waiting.extend(log.of(table).into_keys().map(|key| ((table, key.to_vec()), None)));
        }
        self.note(table);
        Ok(self.table_mut(table)?.retain(|_, _| false)?)
    }

    fn table(&self, table: Table) -> Result<&Opened<'t>, StoreError> {
        let cell = self.tables.get(table as usize).ok_or_else(|| StoreError::record("table"))?;
        if let Some(opened) = cell.get() {
            return Ok(opened);
        }
        let opened = self.transaction.open_table(table.definition())?;
        Ok(cell.get_or_init(|| opened))
    }

    fn table_mut(&mut self, table: Table) -> Result<&mut Opened<'t>, StoreError> {
        self.table(table)?;
        self.tables.get_mut(table as usize).and_then(OnceCell::get_mut).ok_or_else(|| StoreError::record("table"))
    }

    fn note(&mut self, table: Table) {
        self.writes = self.writes.saturating_add(1);
        self.changed |= 1_u64.unbounded_shl(u32::from(table.place()));
    }

    fn log(&self) -> Result<&Arc<Log>, StoreError> {
        if let Some(log) = self.log.get() {
            return Ok(log);
        }
        let log = Log::read(&self.transaction.open_table(LOG)?, &self.fresh.known())?;
        Ok(self.log.get_or_init(|| log))
    }

    fn set(&mut self, table: Table, key: &[u8], value: Option<&[u8]>) -> Result<(), StoreError> {
        self.note(table);
        if is_through_log(table) {
            self.waiting.insert((table, key.to_vec()), value.map(<[u8]>::to_vec));
            return Ok(());
        }
        self.bring_in((table, key, value))
    }

    fn bring_in(&mut self, (table, key, value): Item<'_>) -> Result<(), StoreError> {
        let table = self.table_mut(table)?;
        match value {
            Some(value) => _ = table.insert(key, value)?,
            None => _ = table.remove(key)?,
        }
        Ok(())
    }
}

impl Get for Writer<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if is_through_log(table) {
            if let Some(waiting) = self.waiting.get(&(table, key.to_vec())) {
                return Ok(waiting.clone());
            }
            if let Some(told) = self.log()?.get(table, key) {
                return Ok(told.map(<[u8]>::to_vec));
            }
        }
        Ok(ReadableTable::get(self.table(table)?, key)?.map(|guard| guard.value().to_vec()))
    }

    fn visit(&self, table: Table, from: &[u8], to: &[u8], way: Way, visit: Visit<'_>) -> Result<(), StoreError> {
        if from >= to {
            return Ok(());
        }
        let mut newer: Vec<Sorted<'_>> = Vec::new();
        if is_through_log(table) {
            let waiting = self.waiting.range((table, from.to_vec())..(table, to.to_vec()));
            newer.push(Box::new(waiting.map(|((table, key), value)| (*table, key.as_slice(), value.as_deref()))));
            newer.extend(self.log()?.between((table, from), (table, to)));
        }
        walk(Some(self.table(table)?), Merged::new(newer.into_iter(), way), (from, to), way, visit)
    }
}

impl Put for Writer<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.set(table, key, Some(value))
    }

    fn remove(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        self.set(table, key, None)
    }
}
