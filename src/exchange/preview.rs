//! What an import would do, without doing it.
//!
//! **Invariant:** no value of the file is in a preview.

use std::ops::ControlFlow;

use super::mapping::{Column, Mapping};
use super::rows::{Drafting, Reject};
use super::table::{Format, ReadSoFar, Table, TableError};

/// Problems that are kept; the others are counted.
const FIRST: usize = 20;

/// Rows between two words about how far reading has come.
const EVERY: u64 = 512;

/// What a file holds and what would become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// What the file turned out to be.
    pub format: Format,
    /// Its columns and what they mean.
    pub columns: Vec<Column>,
    /// Rows that would come in.
    pub good: u64,
    /// Rows that would not.
    pub bad: u64,
    /// The first of those.
    pub problems: Vec<Reject>,
    /// Whether all rows were read, or the caller stopped before.
    pub read: Read,
}

/// How much of a file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// To its end.
    Whole,
    /// As far as the caller let it.
    Part,
}

/// Reads `table` to its end and counts. `tell` hears how far it has come every few hundred rows and may stop it.
pub fn preview(
    table: &mut Table,
    mapping: &Mapping,
    drafting: &Drafting<'_>,
    tell: &mut dyn FnMut(ReadSoFar) -> ControlFlow<()>,
) -> Result<Preview, TableError> {
    let mut out = Preview {
        format: table.format().clone(),
        columns: mapping.columns().to_vec(),
        good: 0,
        bad: 0,
        problems: Vec::new(),
        read: Read::Whole,
    };
    while let Some(row) = table.next() {
        match drafting.draft(&row?) {
            Ok(_) => out.good += 1,
            Err(reject) => {
                out.bad += 1;
                if out.problems.len() < FIRST {
                    out.problems.push(reject);
                }
            }
        }
        if (out.good + out.bad).is_multiple_of(EVERY) && tell(table.so_far()).is_break() {
            out.read = Read::Part;
            break;
        }
    }
    Ok(out)
}
