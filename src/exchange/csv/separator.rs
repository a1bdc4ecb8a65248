//! What stands between the cells of a text file.
//!
//! **Invariant:** only comma, semicolon, tab and bar are considered.

use super::records::{Records, Text};
use crate::exchange::synonyms;

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Rows that are looked at.
const ROWS: usize = 50;

/// The separator, and the length in characters of a first line `sep=;` where there is one.
pub(super) fn detect(sample: &str) -> (u8, u64) {
    if let Some(rest) = sample.strip_prefix("sep=").or_else(|| sample.strip_prefix("SEP=")) {
        let mut bytes = rest.bytes();
        if let Some(separator) = bytes.next().filter(|byte| CANDIDATES.contains(byte)) {
            let end: usize = bytes.take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if end > 0 {
                return (separator, 5 + end.min(2) as u64);
            }
        }
    }
    let best = CANDIDATES.into_iter().map(|separator| (score(sample, separator), separator)).max_by_key(
        |(score, separator)| {
            // Among equals the earlier candidate.
            (*score, CANDIDATES.iter().rev().position(|candidate| candidate == separator))
        },
    );
    match best {
        Some((score, separator)) if score > (0, 0, 0) => (separator, 0),
        _ => (b',', 0),
    }
}

/// Known column names in the first row, rows as wide as the first of a hundred, and that width.
fn score(sample: &str, separator: u8) -> (usize, usize, usize) {
    let mut records = Records::new(Whole(Some(sample.as_bytes())), separator);
    let mut first = None;
    let mut known = 0;
    let mut alike = 0;
    let mut seen = 0;
    while seen < ROWS {
        let Ok(Some(row)) = records.next_row() else { break };
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        seen += 1;
        if first.is_none() {
            known = row.cells.iter().filter(|cell| synonyms::is_known(cell)).count();
        }
        let width = *first.get_or_insert(row.cells.len());
        alike += usize::from(row.cells.len() == width);
    }
    match first {
        Some(width) if width > 1 => (known, alike * 100 / seen.max(1), width),
        _ => (0, 0, 0),
    }
}

struct Whole<'a>(Option<&'a [u8]>);

impl Text for Whole<'_> {
    fn more(&mut self) -> std::io::Result<Option<&[u8]>> {
        Ok(self.0.take().filter(|text| !text.is_empty()))
    }
}
