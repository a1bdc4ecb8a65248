//! Rows that were not taken: counted, the first ones named, all of them written to a file where one is given.
//!
//! **Invariant:** what is printed names rows, fields and faults, never a cell; a file that is there is not overwritten,
//! and nobody else can read the new one.

use std::fs::{File, OpenOptions};
use std::io::BufWriter;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::super::Desk;
use super::super::trouble::{Trouble, shown};
use crate::exchange::rejects::RejectsWriter;
use crate::exchange::rows::{Reject, RejectReason};
use crate::exchange::table::SourceRow;
use crate::service::refusal::FieldFault;

/// How many are named.
const NAMED: usize = 20;

/// What was not taken so far.
pub(super) struct Rejects {
    file: Option<(PathBuf, RejectsWriter<BufWriter<File>>)>,
    first: Vec<String>,
    count: u64,
}

impl Rejects {
    /// Whether the file is still to be made; asked before anybody types a passphrase.
    pub(super) fn free(path: Option<&Path>) -> Result<(), Trouble> {
        match path {
            Some(path) if path.symlink_metadata().is_ok() => Err(Trouble::file(
                "write the rejects to",
                path,
                &std::io::Error::new(std::io::ErrorKind::AlreadyExists, "file exists"),
            )),
            _ => Ok(()),
        }
    }

    /// None yet. Makes the file, where there is to be one.
    pub(super) fn new(path: Option<&Path>, headers: &[String]) -> Result<Self, Trouble> {
        let file = match path {
            None => None,
            Some(path) => {
                let unwritten = |error| Trouble::file("write the rejects to", path, &error);
                let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(unwritten)?;
                let writer = RejectsWriter::new(BufWriter::new(file), headers).map_err(unwritten)?;
                Some((path.to_owned(), writer))
            }
        };
        Ok(Self { file, first: Vec::new(), count: 0 })
    }

    /// How many.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// A row of which no customer could be made.
    pub(super) fn drafted(&mut self, source: &SourceRow, reject: &Reject) -> Result<(), Trouble> {
        self.take(source, reject, &reject.reason.to_string())
    }

    /// A row that the vault did not take.
    pub(super) fn refused(&mut self, source: &SourceRow, faults: &[FieldFault]) -> Result<(), Trouble> {
        let reject = Reject { row: source.row, reason: RejectReason::Other("refused by the vault") };
        let why: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.part, fault.fault)).collect();
        self.take(source, &reject, &why.join("; "))
    }

    fn take(&mut self, source: &SourceRow, reject: &Reject, why: &str) -> Result<(), Trouble> {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(format!("row {}: {why}", source.row));
        }
        if let Some((path, writer)) = &mut self.file {
            writer.write(source, reject, why).map_err(|error| Trouble::file("write the rejects to", path, &error))?;
        }
        Ok(())
    }

    /// Closes the file and names the first rows. Later calls do nothing.
    pub(super) fn finish(&mut self, desk: &mut Desk<'_, '_>) -> Result<(), Trouble> {
        for line in self.first.drain(..) {
            desk.say(&line)?;
        }
        if let Some((path, writer)) = self.file.take() {
            let file = writer.finish().map_err(|error| Trouble::file("write the rejects to", &path, &error))?;
            drop(file);
            if self.count == 0 {
                // A file of column names alone would stand in the way of the next run.
                std::fs::remove_file(&path).map_err(|error| Trouble::file("remove", &path, &error))?;
            } else {
                desk.say(&format!("{} rejected rows are in {}.", self.count, shown(&path)))?;
            }
        } else if self.count > u64::try_from(NAMED).unwrap_or(u64::MAX) {
            desk.say(&format!(
                "{} rows were rejected; --rejects FILE keeps all of them with their reasons.",
                self.count
            ))?;
        }
        Ok(())
    }
}
