//! Rows of separated cells (RFC 4180), leniently: any line end, one separator, quotes where they are.
//!
//! Our own parser because a library's holds a whole row before it can be refused, and takes a quotation mark that is
//! never closed for the end of the file.
//!
//! **Invariant:** no more than [`MAX_ROW`] bytes and [`MAX_COLUMNS`] cells of a row are held.

use crate::exchange::table::{MAX_CELL, MAX_COLUMNS, MAX_ROW, RowFault, SourceRow, TableError};

/// A source of UTF-8 in pieces. Pieces may end within a character.
pub(super) trait Text {
    /// The next piece, not empty; none at the end.
    fn more(&mut self) -> std::io::Result<Option<&[u8]>>;
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// At the beginning of a cell.
    Start,
    /// In a cell without quotes.
    Bare,
    /// Within quotes.
    Quoted,
    /// After a quotation mark within quotes: the end of them, or half of an escaped one.
    Closing,
}

/// Reads rows from text.
pub(super) struct Records<T> {
    text: T,
    separator: u8,
    piece: Vec<u8>,
    at: usize,
    row: u64,
    after_return: bool,
}

/// A row in the making.
#[derive(Default)]
struct Building {
    cells: Vec<String>,
    cell: Vec<u8>,
    count: usize,
    held: usize,
    fault: Option<RowFault>,
    touched: bool,
}

impl<T: Text> Records<T> {
    pub(super) fn new(text: T, separator: u8) -> Self {
        Self { text, separator, piece: Vec::new(), at: 0, row: 0, after_return: false }
    }

    /// The next row, blank ones included.
    pub(super) fn next_row(&mut self) -> Result<Option<SourceRow>, TableError> {
        let mut building = Building::default();
        let mut state = State::Start;
        self.row += 1;
        loop {
            if matches!(state, State::Bare | State::Quoted) {
                let run = self.run();
                building.push_all(run);
                self.at += run.len();
            }
            let Some(byte) = self.byte()? else {
                if state == State::Quoted {
                    return Err(TableError::QuoteOpen { row: self.row });
                }
                if !building.touched {
                    return Ok(None);
                }
                return Ok(Some(building.finish(self.row)));
            };
            if std::mem::take(&mut self.after_return) && byte == b'\n' {
                continue;
            }
            building.touched = true;
            state = match (state, byte) {
                (State::Quoted, b'"') => State::Closing,
                (State::Quoted, _) => {
                    building.push(byte);
                    State::Quoted
                }
                (State::Closing, b'"') => {
                    building.push(byte);
                    State::Quoted
                }
                (_, b'\n' | b'\r') => {
                    self.after_return = byte == b'\r';
                    return Ok(Some(building.finish(self.row)));
                }
                (_, byte) if byte == self.separator => {
                    building.end_cell();
                    State::Start
                }
                (State::Start, b'"') => State::Quoted,
                (_, _) => {
                    building.push(byte);
                    State::Bare
                }
            };
        }
    }

    fn byte(&mut self) -> std::io::Result<Option<u8>> {
        if let Some(byte) = self.piece.get(self.at) {
            self.at += 1;
            return Ok(Some(*byte));
        }
        self.piece.clear();
        if let Some(more) = self.text.more()? {
            self.piece.extend_from_slice(more);
        }
        self.at = 1;
        Ok(self.piece.first().copied())
    }
}

impl<T> Records<T> {
    /// The bytes ahead that are part of a cell whatever else holds.
    fn run(&self) -> &[u8] {
        let rest = self.piece.get(self.at..).unwrap_or_default();
        let special = |byte: &u8| matches!(byte, b'"' | b'\n' | b'\r') || *byte == self.separator;
        let end = rest.iter().position(special).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    pub(super) fn separator(&self) -> u8 {
        self.separator
    }

    pub(super) fn text(&self) -> &T {
        &self.text
    }
}

impl Building {
    fn push(&mut self, byte: u8) {
        self.push_all(&[byte]);
    }

    /// Takes what there is room for.
    fn push_all(&mut self, bytes: &[u8]) {
        let room_in_cell = MAX_CELL.saturating_sub(self.cell.len());
        let room_in_row = MAX_ROW.saturating_sub(self.held);
        let taken = bytes.get(..room_in_cell.min(room_in_row)).unwrap_or(bytes);
        if bytes.len() > room_in_cell {
            let column = self.count + 1;
            self.fault.get_or_insert(RowFault::CellTooLong { column });
        } else if bytes.len() > room_in_row {
            self.fault.get_or_insert(RowFault::RowTooLong);
        }
        self.cell.extend_from_slice(taken);
        self.held += taken.len();
    }

    fn end_cell(&mut self) {
        self.count += 1;
        let bytes = std::mem::take(&mut self.cell);
        if self.count > MAX_COLUMNS {
            return;
        }
        // A cell that was cut may end within a character; it is rejected anyway.
        let text =
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        if text.contains('\u{FFFD}') {
            self.fault.get_or_insert(RowFault::NotInEncoding);
        }
        self.cells.push(text);
    }

    fn finish(mut self, row: u64) -> SourceRow {
        self.end_cell();
        if self.count > MAX_COLUMNS {
            self.fault = Some(RowFault::TooLong { found: self.count, wanted: MAX_COLUMNS });
        }
        SourceRow { row, cells: self.cells, fault: self.fault }
    }
}
