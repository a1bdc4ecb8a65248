//! A snapshot of the tables.

use std::cell::OnceCell;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata};

use super::{Get, StoreError, Table, VERSIONS, Visit, Way, version};

type Opened = Option<ReadOnlyTable<&'static [u8], &'static [u8]>>;

/// One consistent state of all tables, for as long as it lives.
pub struct Reader {
    transaction: ReadTransaction,
    tables: [OnceCell<Opened>; Table::COUNT],
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader(..)")
    }
}

impl Reader {
    /// A reader of the transaction's state.
    pub(in crate::vault) fn new(transaction: ReadTransaction) -> Self {
        Self { transaction, tables: [const { OnceCell::new() }; Table::COUNT] }
    }

    /// How many rows a table has. The file keeps the number, so nothing is counted.
    pub fn rows(&self, table: Table) -> Result<u64, StoreError> {
        self.table(table)?.as_ref().map_or(Ok(0), |opened| Ok(ReadableTableMetadata::len(opened)?))
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

    /// How many rows a table has.
    pub fn count(&self, table: Table) -> Result<u64, StoreError> {
        Ok(self.table(table)?.as_ref().map_or(Ok(0), ReadableTableMetadata::len)?)
    }

    /// How often a table was changed by a commit: as long as this stays, its rows stay.
    pub fn version(&self, table: Table) -> Result<u64, StoreError> {
        let stored = self.get(Table::Meta, VERSIONS)?.unwrap_or_default();
        Ok(version(&stored, table))
    }
}

impl Get for Reader {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(opened) = self.table(table)? else { return Ok(None) };
        Ok(ReadableTable::get(opened, key)?.map(|guard| guard.value().to_vec()))
    }

    fn visit(&self, table: Table, from: &[u8], to: &[u8], way: Way, visit: Visit<'_>) -> Result<(), StoreError> {
        let Some(opened) = self.table(table)? else { return Ok(()) };
        walk(opened, from, to, way, visit)
    }
}

/// Walks over a table's range in either direction.
pub(super) fn walk(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    from: &[u8],
    to: &[u8],
    way: Way,
    visit: Visit<'_>,
) -> Result<(), StoreError> {
    if from >= to {
        return Ok(());
    }
    let mut range = table.range::<&[u8]>(from..to)?;
    loop {
        let next = match way {
            Way::Up => range.next(),
            Way::Down => range.next_back(),
        };
        let Some(row) = next else { return Ok(()) };
        let (key, value) = row?;
        if visit(key.value(), value.value()).is_break() {
            return Ok(());
        }
    }
}
