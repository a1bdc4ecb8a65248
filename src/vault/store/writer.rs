//! A transaction that changes tables.

use std::cell::OnceCell;

use redb::{ReadableTable, WriteTransaction};

use super::reader::walk;
use super::{Get, Put, StoreError, Table, VERSIONS, Visit, Way, version};

type Opened<'t> = redb::Table<'t, &'static [u8], &'static [u8]>;

/// The tables of one write transaction. Each table is opened when it is first touched, since opening costs.
pub struct Writer<'t> {
    transaction: &'t WriteTransaction,
    tables: [OnceCell<Opened<'t>>; Table::COUNT],
    writes: u64,
    /// A bit for each table that was changed, by its place.
    changed: u64,
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writer({} writes)", self.writes)
    }
}

impl<'t> Writer<'t> {
    /// A writer of the transaction.
    pub(in crate::vault) fn new(transaction: &'t WriteTransaction) -> Self {
        Self { transaction, tables: [const { OnceCell::new() }; Table::COUNT], writes: 0, changed: 0 }
    }

    /// How many rows were set or removed so far.
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// Counts the tables that were changed as changed once more; the last step before a commit.
    pub(in crate::vault) fn count_changes(&mut self) -> Result<(), StoreError> {
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
        self.writes = self.writes.saturating_add(1);
        self.changed |= 1_u64.unbounded_shl(u32::from(table.place()));
        self.tables.get_mut(table as usize).and_then(OnceCell::get_mut).ok_or_else(|| StoreError::record("table"))
    }
}

impl Get for Writer<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(ReadableTable::get(self.table(table)?, key)?.map(|guard| guard.value().to_vec()))
    }

    fn visit(&self, table: Table, from: &[u8], to: &[u8], way: Way, visit: Visit<'_>) -> Result<(), StoreError> {
        walk(self.table(table)?, from, to, way, visit)
    }
}

impl Put for Writer<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.table_mut(table)?.insert(key, value)?;
        Ok(())
    }

    fn remove(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        self.table_mut(table)?.remove(key)?;
        Ok(())
    }
}
