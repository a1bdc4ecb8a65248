//! A file as a table: names of columns, then rows of text, one at a time.
//!
//! **Invariant:** a row that cannot be read rightly is handed out with its fault, never skipped; blank rows are.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::{csv, xlsx};

/// The longest cell that is kept, in bytes.
pub const MAX_CELL: usize = 64 * 1024;

/// The most that is kept of one row, in bytes.
pub const MAX_ROW: usize = 1024 * 1024;

/// The most columns of a table.
pub const MAX_COLUMNS: usize = 1_000;

/// Why a file cannot be read as a table, or no further.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The system said no.
    #[error("cannot read the file: {0}")]
    Io(#[from] std::io::Error),
    /// A folder, a pipe or a device.
    #[error("this is not a file: give a CSV or XLSX file")]
    NotAFile,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Neither text nor XLSX.
    #[error("the file is neither text nor XLSX: save the table as CSV or XLSX and import that")]
    NotATable,
    /// The format of Excel 97–2003, or a workbook with a password.
    #[error("this is an old .xls workbook or one with a password: save it as XLSX without a password")]
    OldWorkbook,
    /// A quotation mark is opened and never closed.
    #[error("a quotation mark opened in row {row} is never closed: close it or remove it")]
    QuoteOpen {
        /// The row that it is opened in.
        row: u64,
    },
    /// Unpacks to far more than any table.
    #[error(
        "the workbook unpacks to more than {0} MB or by an implausible factor: it looks like a zip bomb. Save the table as CSV instead"
    )]
    ZipBomb(u64),
    /// Not a workbook inside.
    #[error(
        "the workbook is damaged or not an XLSX file: open it in a spreadsheet and save it again, or save it as CSV"
    )]
    BrokenWorkbook,
    /// No sheet with cells.
    #[error("the workbook has no sheet")]
    NoSheet,
    /// More columns than a table of customers has.
    #[error("the table has more than {MAX_COLUMNS} columns")]
    TooWide,
    /// The text's encoding is none that is known.
    #[error("the first row of the file is not readable text: save it as UTF-8")]
    NotReadable,
}

/// What is wrong with a row as such, before anything is made of its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// Fewer cells than columns.
    #[error("the row has {found} cells where the table has {wanted} columns")]
    TooShort {
        /// Its cells.
        found: usize,
        /// The table's columns.
        wanted: usize,
    },
    /// More cells than columns.
    #[error(
        "the row has {found} cells where the table has {wanted} columns: is a separator inside a cell without quotes?"
    )]
    TooLong {
        /// Its cells.
        found: usize,
        /// The table's columns.
        wanted: usize,
    },
    /// A cell past [`MAX_CELL`], counted from 1.
    #[error("cell {column} is longer than 64 KiB")]
    CellTooLong {
        /// Which cell.
        column: usize,
    },
    /// All cells together past [`MAX_ROW`].
    #[error("the row is longer than 1 MiB")]
    RowTooLong,
    /// Bytes that stand for nothing in the file's encoding.
    #[error("the row holds bytes that are not valid in the file's encoding")]
    NotInEncoding,
    /// A formula that failed, such as `#REF!`, counted from 1.
    #[error("cell {column} holds a formula's error such as #REF!")]
    CellError {
        /// Which cell.
        column: usize,
    },
}

impl RowFault {
    /// A word that never changes, for translation.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort { .. } => "row_too_short",
            Self::TooLong { .. } => "row_too_long",
            Self::CellTooLong { .. } => "cell_too_long",
            Self::RowTooLong => "row_too_large",
            Self::NotInEncoding => "not_in_encoding",
            Self::CellError { .. } => "cell_error",
        }
    }
}

/// One row of the file.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Its place in the file, from 1, as a spreadsheet counts.
    pub row: u64,
    /// Its cells. As many as columns, unless there is a fault.
    pub cells: Vec<String>,
    /// What is wrong with it as such.
    pub fault: Option<RowFault>,
}

/// Shows the row's number and fault and none of its cells.
impl std::fmt::Debug for SourceRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceRow").field("row", &self.row).field("fault", &self.fault).finish_non_exhaustive()
    }
}

/// How far reading has come; bytes for CSV, rows for XLSX. Rate and time left follow from the quotient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadSoFar {
    /// Read so far.
    pub done: u64,
    /// In all; 0 where the file does not say.
    pub total: u64,
}

/// What the file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text with separators.
    Csv {
        /// The encoding's name.
        encoding: &'static str,
        /// What stands between cells.
        separator: char,
    },
    /// A workbook.
    Xlsx {
        /// The name of the sheet that is read.
        sheet: String,
    },
}

/// Where rows come from.
pub(super) trait Rows: Send {
    fn next_row(&mut self) -> Result<Option<SourceRow>, TableError>;
    fn so_far(&self) -> ReadSoFar;
}

/// A table that is being read. Iterating gives its rows; after an error it is at its end.
pub struct Table {
    headers: Vec<String>,
    /// Columns up to the last that has a name; rows may end there.
    named: usize,
    format: Format,
    rows: Box<dyn Rows>,
    over: bool,
}

/// Shows the format and none of the table.
impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("format", &self.format).finish_non_exhaustive()
    }
}

impl Table {
    /// Opens the file, whatever of the known formats it is.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        // Asked before opening, since opening a pipe would wait for its other end.
        if !std::fs::metadata(path)?.is_file() {
            return Err(TableError::NotAFile);
        }
        Self::from_file(File::open(path)?)
    }

    /// Reads an opened file, or anything that can be read like one, from its beginning.
    pub fn from_file<R: Read + Seek + Send + 'static>(mut file: R) -> Result<Self, TableError> {
        let mut head = [0; 8];
        let mut held = 0;
        while let Some(rest) = head.get_mut(held..).filter(|rest| !rest.is_empty()) {
            match file.read(rest)? {
                0 => break,
                count => held += count,
            }
        }
        file.seek(SeekFrom::Start(0))?;
        let head = head.get(..held).unwrap_or_default();
        if head.is_empty() {
            return Err(TableError::Empty);
        }
        let (format, mut rows): (Format, Box<dyn Rows>) = if head.starts_with(b"PK\x03\x04") {
            let sheet = xlsx::open(file)?;
            (sheet.format(), Box::new(sheet))
        } else if head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(TableError::OldWorkbook);
        } else {
            let text = csv::open(file)?;
            (text.format(), Box::new(text))
        };
        let first = loop {
            match rows.next_row()? {
                Some(row) if is_blank(&row) => {}
                Some(row) => break row,
                None => return Err(TableError::Empty),
            }
        };
        match first.fault {
            None => {}
            Some(RowFault::TooLong { .. }) => return Err(TableError::TooWide),
            Some(_) => return Err(TableError::NotReadable),
        }
        let headers = first.cells;
        let named = headers.iter().rposition(|header| !header.trim().is_empty()).map_or(0, |last| last + 1);
        Ok(Self { headers, named, format, rows, over: false })
    }

    /// The names in the first row that is not blank.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// What the file turned out to be.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// How far reading has come.
    pub fn so_far(&self) -> ReadSoFar {
        self.rows.so_far()
    }

    fn advance(&mut self) -> Result<Option<SourceRow>, TableError> {
        loop {
            match self.rows.next_row() {
                Ok(Some(row)) if is_blank(&row) => {}
                Ok(Some(row)) => return Ok(Some(self.fitted(row))),
                Ok(None) => {
                    self.over = true;
                    return Ok(None);
                }
                Err(error) => {
                    self.over = true;
                    return Err(error);
                }
            }
        }
    }

    /// Empty cells past the last column are of no account; in a workbook neither are missing ones before it.
    fn fitted(&self, mut row: SourceRow) -> SourceRow {
        let wanted = self.headers.len();
        while row.cells.len() > wanted && row.cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            row.cells.pop();
        }
        if row.fault.is_none() {
            let found = row.cells.len();
            if found > wanted {
                row.fault = Some(RowFault::TooLong { found, wanted });
            } else if found < self.named && matches!(self.format, Format::Csv { .. }) {
                row.fault = Some(RowFault::TooShort { found, wanted: self.named });
            } else {
                row.cells.resize(wanted, String::new());
            }
        }
        row
    }
}

impl Iterator for Table {
    type Item = Result<SourceRow, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over { None } else { self.advance().transpose() }
    }
}

fn is_blank(row: &SourceRow) -> bool {
    row.fault.is_none() && row.cells.iter().all(|cell| cell.trim().is_empty())
}
