//! Tables as text: CSV and its relatives, in the encodings that offices still use.
//!
//! **Invariant:** the file is read twice, once for its encoding as far as that takes, and never held whole.

mod encoding;
mod records;
mod separator;

use std::io::{Read, Seek, SeekFrom};

use super::table::{Format, ReadSoFar, Rows, SourceRow, TableError};
use encoding::Utf8;
use records::Records;

/// A text file whose encoding and separator are known.
pub(super) struct Csv<R> {
    records: Records<Utf8<R>>,
    encoding: &'static str,
    total: u64,
}

/// Finds encoding and separator and stands at the first row.
pub(super) fn open<R: Read + Seek + Send>(mut file: R) -> Result<Csv<R>, TableError> {
    let total = file.seek(SeekFrom::End(0))?;
    let found = encoding::detect(&mut file)?;
    let mut start = found.bom;
    file.seek(SeekFrom::Start(start))?;
    let sample = encoding::sample(&mut file, found.encoding)?;
    let (separator, hint) = separator::detect(&sample);
    if hint > 0 {
        // A line "sep=;" tells Excel the separator; it is no row, and ASCII in every encoding but UTF-16.
        let unit = if found.encoding.is_ascii_compatible() { 1 } else { 2 };
        start += hint * unit;
    }
    file.seek(SeekFrom::Start(start))?;
    let text = Utf8::new(file, found.encoding, start);
    Ok(Csv { records: Records::new(text, separator), encoding: found.encoding.name(), total })
}

impl<R> Csv<R> {
    pub(super) fn format(&self) -> Format {
        Format::Csv { encoding: self.encoding, separator: char::from(self.records.separator()) }
    }
}

impl<R: Read + Send> Rows for Csv<R> {
    fn next_row(&mut self) -> Result<Option<SourceRow>, TableError> {
        self.records.next_row()
    }

    fn so_far(&self) -> ReadSoFar {
        ReadSoFar { done: self.records.text().consumed().min(self.total), total: self.total }
    }
}
