//! A snapshot of the tables.

use std::cell::OnceCell;
use std::sync::Arc;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata};

use super::fresh::{Fresh, LOG, Log, is_through_log};
use super::merge::{Merged, walk};
use super::{Get, StoreError, Table, VERSIONS, Visit, Way, version};

type Opened = Option<ReadOnlyTable<&'static [u8], &'static [u8]>>;

/// One consistent state of all tables, for as long as it lives.
pub struct Reader {
    transaction: ReadTransaction,
    tables: [OnceCell<Opened>; Table::COUNT],
    fresh: Arc<Fresh>,
    log: OnceCell<Arc<Log>>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader(..)")
    }
}

impl Reader {
    /// A reader of the transaction's state; `fresh` is of the same file.
    pub(in crate::vault) fn new(transaction: ReadTransaction, fresh: Arc<Fresh>) -> Self {
        Self { transaction, tables: [const { OnceCell::new() }; Table::COUNT], fresh, log: OnceCell::new() }
    }

    /// How many rows a table has.
    pub fn rows(&self, table: Table) -> Result<u64, StoreError> {
        self.count(table)
    }

    /// A table nobody has written to yet does not exist and reads as empty.
    fn table(&self, table: Table) -> Result<&Opened, StoreError> {
        let cell = self.tables.get(table as usize).ok_or_else(|| StoreError::record("table"))?;
        if let Some(opened) = cell.get() {
            return Ok(opened);
        }
        let opened = match self.transaction.open_table(table.definition()) {
            Ok(opened) => Some(opened),
            Err(redb::TableError::TableDoesNotExist(_)) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(cell.get_or_init(|| opened))
    }

    /// How many rows a table has. The file keeps the number; only where rows are under way to the table, those are
    /// looked up.
    pub fn count(&self, table: Table) -> Result<u64, StoreError> {
        let opened = self.table(table)?.as_ref();
        let kept = opened.map_or(Ok(0), ReadableTableMetadata::len)?;
        let Some(log) = self.log(table)? else { return Ok(kept) };
        let mut count = kept;
        for (key, value) in log.of(table) {
            let there = opened.map(|opened| ReadableTable::get(opened, key)).transpose()?.flatten().is_some();
            match (there, value.is_some()) {
                (false, true) => count = count.saturating_add(1),
                (true, false) => count = count.saturating_sub(1),
                _ => {}
            }
        }
        Ok(count)
    }

    /// How many index rows are under way to their tables; one that changed often may count more than once.
    pub fn under_way(&self) -> Result<usize, StoreError> {
        Ok(self.log(Table::Lists)?.map_or(0, Log::rows))
    }

    /// The log, for tables whose rows go through it.
    fn log(&self, table: Table) -> Result<Option<&Log>, StoreError> {
        if !is_through_log(table) {
            return Ok(None);
        }
        if let Some(log) = self.log.get() {
            return Ok(Some(log));
        }
        let log = match self.transaction.open_table(LOG) {
            Ok(stored) => Log::read(&stored, &self.fresh.known())?,
            Err(redb::TableError::TableDoesNotExist(_)) => Arc::default(),
            Err(error) => return Err(error.into()),
        };
        self.fresh.keep(&log);
        Ok(Some(self.log.get_or_init(|| log)))
    }

    /// How often a table was changed by a commit: as long as this stays, its rows stay.
    pub fn version(&self, table: Table) -> Result<u64, StoreError> {
        let stored = self.get(Table::Meta, VERSIONS)?.unwrap_or_default();
        Ok(version(&stored, table))
    }
}

impl Get for Reader {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(told) = self.log(table)?.and_then(|log| log.get(table, key)) {
            return Ok(told.map(<[u8]>::to_vec));
        }
        let Some(opened) = self.table(table)? else { return Ok(None) };
        Ok(ReadableTable::get(opened, key)?.map(|guard| guard.value().to_vec()))
    }

    fn visit(&self, table: Table, from: &[u8], to: &[u8], way: Way, visit: Visit<'_>) -> Result<(), StoreError> {
        let log = self.log(table)?.map(|log| log.between((table, from), (table, to)));
        walk(self.table(table)?.as_ref(), Merged::new(log.into_iter().flatten(), way), (from, to), way, visit)
    }
}
