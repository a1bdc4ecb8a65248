//! The first sheet of a workbook (ECMA-376), as the person who filled it in sees it: dates as dates, long numbers
//! with all their digits, merged cells filled downwards.
//!
//! A thread of its own reads the workbook and hands rows over through a short queue, so that neither the sheet is held
//! whole nor a fault in the reading library ends the program. Shared strings are held, as the format demands;
//! [`guard`] bounds them.
//!
//! **Invariant:** the thread ends with the file, with the first error, or when the table is dropped.

mod cells;
mod guard;

use std::io::{Read, Seek, SeekFrom};
use std::sync::mpsc::{Receiver, sync_channel};

use calamine::{Reader, SheetType, Xlsx};

use super::table::{Format, ReadSoFar, Rows, SourceRow, TableError};

/// Rows that go through the queue together, and how many such batches wait in it.
const BATCH: usize = 64;
const WAITING: usize = 4;

pub(super) type Batch = Result<Vec<SourceRow>, TableError>;

/// A sheet that is being read.
pub(super) struct Sheet {
    name: String,
    total: u64,
    batches: Receiver<Batch>,
    batch: std::vec::IntoIter<SourceRow>,
    done: u64,
}

/// Checks the file's sizes, opens it and begins to read its first sheet.
pub(super) fn open<R: Read + Seek + Send + 'static>(mut file: R) -> Result<Sheet, TableError> {
    guard::check(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    let (head_sender, head) = sync_channel::<Result<(String, u64), TableError>>(1);
    let (sender, batches) = sync_channel::<Batch>(WAITING);
    std::thread::Builder::new().name("workbook".to_owned()).spawn(move || {
        let (mut book, name) = match first_sheet(file) {
            Ok(found) => found,
            Err(error) => {
                let _ = head_sender.send(Err(error));
                return;
            }
        };
        cells::read(&mut book, &name, &head_sender, &sender, BATCH);
    })?;
    // A thread that is gone without a word stumbled over the file.
    let (name, total) = head.recv().unwrap_or(Err(TableError::BrokenWorkbook))?;
    Ok(Sheet { name, total, batches, batch: Vec::new().into_iter(), done: 0 })
}

fn first_sheet<R: Read + Seek>(file: R) -> Result<(Xlsx<R>, String), TableError> {
    let book = Xlsx::new(file).map_err(|_| TableError::BrokenWorkbook)?;
    let sheet = book.sheets_metadata().iter().find(|sheet| sheet.typ == SheetType::WorkSheet);
    let name = sheet.map(|sheet| sheet.name.clone()).ok_or(TableError::NoSheet)?;
    Ok((book, name))
}

impl Sheet {
    pub(super) fn format(&self) -> Format {
        Format::Xlsx { sheet: self.name.clone() }
    }
}

impl Rows for Sheet {
    fn next_row(&mut self) -> Result<Option<SourceRow>, TableError> {
        loop {
            if let Some(row) = self.batch.next() {
                self.done = row.row;
                return Ok(Some(row));
            }
            match self.batches.recv() {
                Ok(Ok(batch)) if batch.is_empty() => {
                    return Ok(None);
                }
                Ok(batch) => self.batch = batch?.into_iter(),
                // The end is an empty batch; a queue that closes without one means that the reader stumbled.
                Err(_) => return Err(TableError::BrokenWorkbook),
            }
        }
    }

    fn so_far(&self) -> ReadSoFar {
        ReadSoFar { done: self.done, total: if self.total == 0 { 0 } else { self.total.max(self.done) } }
    }
}
