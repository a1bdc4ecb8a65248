//! Files that come in, hostile ones above all.
//!
//! **Invariant:** every file is made in its test; nothing is read from the source folder.

mod files;
mod mapping;
mod rejects;
mod workbooks;

use std::io::Cursor;

use chrono::NaiveDate;

use super::mapping::{MapFile, Mapping};
use super::rows::{Drafting, Reject, RowDraft};
use super::table::{Format, RowFault, SourceRow, Table, TableError};
use crate::domain::field::Schema;
use crate::domain::schema;

pub(super) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).expect("a date")
}

pub(super) fn table(bytes: impl AsRef<[u8]>) -> Result<Table, TableError> {
    Table::from_file(Cursor::new(bytes.as_ref().to_vec()))
}

/// Headers and rows of a table that has no fault.
pub(super) fn cells(bytes: impl AsRef<[u8]>) -> Vec<Vec<String>> {
    let mut table = table(bytes).expect("a table");
    let mut out = vec![table.headers().to_vec()];
    for row in &mut table {
        let row = row.expect("a row");
        assert_eq!(row.fault, None, "row {}", row.row);
        out.push(row.cells);
    }
    out
}

pub(super) fn faults(bytes: impl AsRef<[u8]>) -> Vec<(u64, Option<RowFault>)> {
    table(bytes).expect("a table").map(|row| row.expect("a row")).map(|row: SourceRow| (row.row, row.fault)).collect()
}

pub(super) fn draft_with(bytes: impl AsRef<[u8]>, schema: &Schema) -> Vec<Result<RowDraft, Reject>> {
    let table = table(bytes).expect("a table");
    let mapping = Mapping::of(table.headers(), schema, &MapFile::default(), "CN").expect("a mapping");
    let drafting = Drafting::new(&mapping, schema, "CN", today());
    table.map(|row| drafting.draft(&row.expect("a row"))).collect()
}

pub(super) fn draft(bytes: impl AsRef<[u8]>) -> Vec<Result<RowDraft, Reject>> {
    draft_with(bytes, &schema::sample())
}

pub(super) fn field<'a>(draft: &'a RowDraft, key: &str) -> Option<&'a str> {
    draft.fields.iter().find(|(found, _)| found.as_str() == key).map(|(_, checked)| checked.normal.as_str())
}

pub(super) fn csv_format(bytes: impl AsRef<[u8]>) -> (&'static str, char) {
    match table(bytes).expect("a table").format() {
        Format::Csv { encoding, separator } => (encoding, *separator),
        other => panic!("{other:?}"),
    }
}
