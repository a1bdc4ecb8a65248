//! Writes rejected rows to a file: the columns as they came, the row's number and the reason.
//!
//! **Invariant:** no cell is a formula to a spreadsheet: one that begins with `=`, `+`, `-`, `@`, a tab or a line break
//! gets an apostrophe before it, which an import takes away again. The file is UTF-8 with a byte order mark, since
//! spreadsheets in China take it for GBK without one.

use std::borrow::Cow;
use std::io::Write;

use super::rows::Reject;
use super::table::SourceRow;

/// The names of the columns that are added; an import ignores them.
pub const ADDED: [&str; 2] = ["reject_row", "reject_reason"];

/// Writes a file of rejects.
pub struct RejectsWriter<W: Write> {
    out: csv::Writer<W>,
    columns: usize,
    written: u64,
}

impl<W: Write> std::fmt::Debug for RejectsWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RejectsWriter").field("written", &self.written).finish_non_exhaustive()
    }
}

impl<W: Write> RejectsWriter<W> {
    /// Begins the file with the source's names of columns. A column of an earlier rejects file is kept as it is.
    pub fn new(mut out: W, headers: &[String]) -> Result<Self, std::io::Error> {
        out.write_all("\u{FEFF}".as_bytes())?;
        let mut out = csv::WriterBuilder::new().flexible(true).from_writer(out);
        let row = headers.iter().map(|header| safe(header)).chain(ADDED.map(Cow::Borrowed));
        out.write_record(row.map(|cell| cell.into_owned()))?;
        Ok(Self { out, columns: headers.len(), written: 0 })
    }

    /// Writes one row with `reason`, which is the reject's own or its translation. Cells past the last column are
    /// joined to the last one, so that nothing of the row is lost.
    pub fn write(&mut self, source: &SourceRow, reject: &Reject, reason: &str) -> Result<(), std::io::Error> {
        let mut cells: Vec<String> =
            source.cells.iter().take(self.columns).map(|cell| safe(cell).into_owned()).collect();
        cells.resize(self.columns, String::new());
        if let Some(last) = cells.last_mut() {
            for extra in source.cells.iter().skip(self.columns) {
                last.push_str(" | ");
                last.push_str(extra);
            }
        }
        cells.push(reject.row.to_string());
        cells.push(safe(reason).into_owned());
        self.out.write_record(&cells)?;
        self.written += 1;
        Ok(())
    }

    /// Rows written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes what is still held back and gives the output back.
    pub fn finish(mut self) -> Result<W, std::io::Error> {
        self.out.flush()?;
        self.out.into_inner().map_err(|error| error.into_error())
    }
}

/// The cell as a spreadsheet will take for text.
pub fn safe(cell: &str) -> Cow<'_, str> {
    if cell.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}
