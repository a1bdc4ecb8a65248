//! Writes a file of customers: CSV in UTF-8 with a byte order mark, as [`super::rejects`] writes one.
//!
//! **Invariant:** no cell is a formula to a spreadsheet, and an import reads each cell back as it was: one that begins with
//! what a spreadsheet calculates, or with an apostrophe that an import would take away, gets an apostrophe before it.

use std::borrow::Cow;
use std::io;

use zeroize::Zeroizing;

use super::rejects::safe;
use super::rows::unquoted;

/// About how many bytes a customer takes; the file grows beyond in one piece where that is too little.
const USUAL_ROW: usize = 512;

/// Writes the file into memory.
pub struct ExportWriter(csv::Writer<Vec<u8>>);

impl std::fmt::Debug for ExportWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ExportWriter(..)")
    }
}

impl ExportWriter {
    /// Begins a file of about so many rows with the columns' names.
    pub fn new(headers: &[String], rows: usize) -> io::Result<Self> {
        let mut bytes = Vec::with_capacity(rows.saturating_mul(USUAL_ROW));
        bytes.extend_from_slice("\u{FEFF}".as_bytes());
        let mut out = csv::Writer::from_writer(bytes);
        out.write_record(headers)?;
        Ok(Self(out))
    }

    /// Writes a row.
    pub fn row(&mut self, cells: &[Zeroizing<String>]) -> io::Result<()> {
        for cell in cells {
            self.0.write_field(guarded(cell).as_bytes())?;
        }
        // An empty record ends the row.
        self.0.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// The file's bytes.
    pub fn finish(self) -> io::Result<Zeroizing<Vec<u8>>> {
        self.0.into_inner().map(Zeroizing::new).map_err(|error| error.into_error())
    }
}

fn guarded(cell: &str) -> Cow<'_, str> {
    if unquoted(cell) == cell { safe(cell) } else { Cow::Owned(format!("'{cell}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_calculates_and_each_reads_back() {
        for cell in [
            "=cmd|' /C calc'!A0",
            "+1",
            "-1",
            "@SUM(A1)",
            "=\"1\"",
            "＝1+1",
            "'=1",
            "'t Hooft",
            "'1",
            "''",
            "O'Neill, \"Bob\"",
            "张三",
            "a\nb",
            "",
        ] {
            let kept = guarded(cell);
            assert!(!kept.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']), "{cell}");
            assert_eq!(unquoted(&kept), cell, "{kept}");
        }
    }

    #[test]
    fn quotes_commas_and_lines_stay_in_their_cell() {
        let mut out = ExportWriter::new(&["name".into(), "notes".into()], 1).unwrap();
        let cells = ["O'Neill, \"Bob\"", "one\ntwo"].map(|cell| Zeroizing::new(cell.to_owned()));
        out.row(&cells).unwrap();
        let bytes = out.finish().unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        assert_eq!(text, "\u{FEFF}name,notes\n\"O'Neill, \"\"Bob\"\"\",\"one\ntwo\"\n");
    }
}
