//! Rows that were not taken: counted, the first ones named, all of them written to a file where one is given.
//!
//! **Invariant:** what is printed names rows, fields and faults, never a cell; a file that is there is not overwritten,
//! and nobody else can read the new one.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use super::super::Desk;
use super::super::files::{Files, There};
use super::super::trouble::{Trouble, shown};
use crate::domain::field::{Lang, Schema};
use crate::domain::value::ValueFault;
use crate::exchange::rejects::RejectsWriter;
use crate::exchange::rows::{Reject, RejectReason};
use crate::exchange::table::SourceRow;
use crate::service::refusal::{Fault, FieldFault};
use crate::words::Words;
use crate::words::refusal as said;

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
    pub(super) fn free(files: &dyn Files, path: Option<&Path>) -> Result<(), Trouble> {
        match path {
            Some(path) if files.look(path) != There::Nothing => Err(Trouble::file(
                "write the rejects to",
                path,
                &std::io::Error::new(std::io::ErrorKind::AlreadyExists, "file exists"),
            )),
            _ => Ok(()),
        }
    }

    /// None yet. Makes the file, where there is to be one.
    pub(super) fn new(files: &dyn Files, path: Option<&Path>, headers: &[String]) -> Result<Self, Trouble> {
        let file = match path {
            None => None,
            Some(path) => {
                let unwritten = |error| Trouble::file("write the rejects to", path, &error);
                let file = files.create(path).map_err(unwritten)?;
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
    pub(super) fn drafted(
        &mut self,
        words: &Words,
        schema: &Schema,
        source: &SourceRow,
        reject: &Reject,
    ) -> Result<(), Trouble> {
        let why = match (words.lang, &reject.reason) {
            (Lang::En, reason) => reason.to_string(),
            (Lang::ZhCn, RejectReason::Field { field, fault }) => {
                said::fault(words, schema, &FieldFault::field(field, *fault))
            }
            (Lang::ZhCn, RejectReason::Part { part, fault }) => {
                let fault = if *fault == ValueFault::Empty { Fault::Missing } else { Fault::Value(*fault) };
                said::fault(words, schema, &FieldFault { part: (*part).to_owned(), fault })
            }
            (Lang::ZhCn, RejectReason::UnknownConsent(purpose)) => {
                let purpose = said::code(words, "consent-purpose", purpose.code());
                words.ta("reject-unknown-consent", &[("purpose", &purpose)])
            }
            (Lang::ZhCn, reason) => said::code(words, "reject", reason.code()),
        };
        self.take(words, source, reject, &why)
    }

    /// A row that the vault did not take.
    pub(super) fn refused(
        &mut self,
        words: &Words,
        schema: &Schema,
        source: &SourceRow,
        faults: &[FieldFault],
    ) -> Result<(), Trouble> {
        let reject = Reject { row: source.row, reason: RejectReason::Other("refused by the vault") };
        let why: Vec<String> = match words.lang {
            Lang::En => faults.iter().map(|fault| format!("{}: {}", fault.part, fault.fault)).collect(),
            Lang::ZhCn => faults.iter().map(|fault| said::fault(words, schema, fault)).collect(),
        };
        self.take(words, source, &reject, &why.join("; "))
    }

    fn take(&mut self, words: &Words, source: &SourceRow, reject: &Reject, why: &str) -> Result<(), Trouble> {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(words.ta("import-row", &[("row", &source.row), ("why", &why)]));
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
                desk.env.files.remove(&path).map_err(|error| Trouble::file("remove", &path, &error))?;
            } else {
                desk.told("import-rejects-in", &[("n", &self.count), ("path", &shown(&path))])?;
            }
        } else if self.count > u64::try_from(NAMED).unwrap_or(u64::MAX) {
            desk.told("import-rejects-lost", &[("n", &self.count)])?;
        }
        Ok(())
    }
}
