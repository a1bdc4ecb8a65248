//! Cells of a sheet, gathered to rows of text.
//!
//! **Invariant:** a number keeps every digit that the workbook has; one that the spreadsheet itself has rounded (16
//! digits and more) comes out in scientific notation, which no field takes.

use std::collections::HashMap;
use std::io::{Read, Seek};
use std::sync::mpsc::SyncSender;

use calamine::{DataRef, ExcelDateTime, Xlsx};

use super::Batch;
use crate::exchange::table::{MAX_CELL, MAX_COLUMNS, MAX_ROW, RowFault, SourceRow, TableError};

/// More merged areas than this are not looked at; tables have none or a few hundred.
const MOST_MERGED: usize = 100_000;

/// Reads the sheet to its end or until nobody listens. The last batch is empty.
pub(super) fn read<R: Read + Seek>(
    book: &mut Xlsx<R>,
    name: &str,
    head: &SyncSender<Result<(String, u64), TableError>>,
    out: &SyncSender<Batch>,
    batch: usize,
) {
    let merged = merged(book, name);
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        Err(_) => {
            let _ = head.send(Err(TableError::BrokenWorkbook));
            return;
        }
    };
    // A sheet without a declared size has the size of one cell.
    let total = Some(u64::from(cells.dimensions().end.0)).filter(|last| *last > 0).map_or(0, |last| last + 1);
    if head.send(Ok((name.to_owned(), total))).is_err() {
        return;
    }
    let mut gathering = Gathering { merged, filling: HashMap::new(), row: None, held: 0, done: Vec::new() };
    loop {
        match cells.next_cell() {
            Ok(Some(cell)) => gathering.take(cell.get_position(), cell.get_value()),
            Ok(None) => break,
            Err(_) => {
                let _ = out.send(Err(TableError::BrokenWorkbook));
                return;
            }
        }
        if gathering.done.len() >= batch && out.send(Ok(std::mem::take(&mut gathering.done))).is_err() {
            return;
        }
    }
    gathering.finish_row();
    if !gathering.done.is_empty() && out.send(Ok(gathering.done)).is_err() {
        return;
    }
    let _ = out.send(Ok(Vec::new()));
}

/// The first cells of areas merged over several rows of one column, with their last rows.
fn merged<R: Read + Seek>(book: &mut Xlsx<R>, name: &str) -> HashMap<(u32, u32), u32> {
    let areas = book.merge_cells_by_sheet_name(name).unwrap_or_default();
    let tall = areas.into_iter().filter(|area| area.end.0 > area.start.0).take(MOST_MERGED);
    tall.map(|area| (area.start, area.end.0)).collect()
}

/// Rows in the making.
struct Gathering {
    merged: HashMap<(u32, u32), u32>,
    /// By column, the last row of the area that is being filled, and with what.
    filling: HashMap<u32, (u32, String)>,
    row: Option<SourceRow>,
    held: usize,
    done: Vec<SourceRow>,
}

impl Gathering {
    fn take(&mut self, (row, column): (u32, u32), value: &DataRef<'_>) {
        let number = u64::from(row) + 1;
        if self.row.as_ref().is_none_or(|current| current.row != number) {
            self.finish_row();
            self.row = Some(SourceRow { row: number, cells: Vec::new(), fault: None });
            self.held = 0;
        }
        let Some(current) = &mut self.row else { return };
        let text = match text(value) {
            Ok(text) if text.is_empty() => return,
            Ok(text) => text,
            Err(()) => {
                current.fault.get_or_insert(RowFault::CellError { column: column as usize + 1 });
                return;
            }
        };
        let at = column as usize;
        if at >= MAX_COLUMNS {
            current.fault = Some(RowFault::TooLong { found: at + 1, wanted: MAX_COLUMNS });
            return;
        }
        if text.len() > MAX_CELL {
            current.fault.get_or_insert(RowFault::CellTooLong { column: at + 1 });
            return;
        }
        self.held += text.len();
        if self.held > MAX_ROW {
            current.fault.get_or_insert(RowFault::RowTooLong);
            return;
        }
        if let Some(end) = self.merged.get(&(row, column)) {
            self.filling.insert(column, (*end, text.clone()));
        }
        put(&mut current.cells, at, text);
    }

    fn finish_row(&mut self) {
        let Some(mut row) = self.row.take() else { return };
        let blank = row.cells.is_empty() && row.fault.is_none();
        self.filling.retain(|_, (end, _)| u64::from(*end) + 1 >= row.row);
        // A row that is otherwise blank stays blank.
        for (column, (_, text)) in self.filling.iter().filter(|_| !blank) {
            let at = *column as usize;
            if row.cells.get(at).is_none_or(String::is_empty) {
                put(&mut row.cells, at, text.clone());
            }
        }
        self.done.push(row);
    }
}

fn put(cells: &mut Vec<String>, at: usize, text: String) {
    if cells.len() <= at {
        cells.resize(at + 1, String::new());
    }
    if let Some(cell) = cells.get_mut(at) {
        *cell = text;
    }
}

/// The cell as typed. `Err` for a formula's error.
fn text(value: &DataRef<'_>) -> Result<String, ()> {
    Ok(match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => float(*number),
        DataRef::DateTime(moment) => moment_text(moment),
        DataRef::Error(_) => return Err(()),
    })
}

/// Spreadsheets keep 15 digits; a whole number with more has lost its last ones.
fn float(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() >= 1e15 {
        return format!("{number:E}").replace('E', "E+");
    }
    number.to_string()
}

fn moment_text(moment: &ExcelDateTime) -> String {
    match moment.as_datetime() {
        Some(at) if moment.is_datetime() && at.time() == chrono::NaiveTime::MIN => at.format("%Y-%m-%d").to_string(),
        Some(at) if moment.is_datetime() => at.format("%Y-%m-%d %H:%M:%S").to_string(),
        _ => float(moment.as_f64()),
    }
}
