//! `veilbook import FILE`: customers from a table, all of them or none.
//!
//! **Invariant:** whatever stops an import (a fault, Ctrl-C, a full disk) before its last commit takes back all that it
//! brought; memory holds one chunk, however long the file is; no cell is printed, rejects go to their file only.

mod progress;
mod rehearse;
mod rejects;

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveTime;
use zeroize::Zeroizing;

use super::args::Import;
use super::files::{Files, There};
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table as Lines;
use super::trouble::{Trouble, shown};
use super::{Desk, Ended, Exit};
use crate::clock::Timestamp;
use crate::domain::field::Schema;
use crate::domain::id::JobId;
use crate::exchange::mapping::{Found, MapFile, Mapping, MappingError};
use crate::exchange::rows::{Drafting, RowDraft};
use crate::exchange::table::{Format, SourceRow, Table, TableError};
use crate::exchange::twins;
use crate::service::refusal::FieldFault;
use crate::service::view::ChunkReport;
use crate::service::{Action, Change, Done, ImportRecord, OnDuplicate, Query, View};
use crate::text::Printable;

use progress::Progress;
use rejects::Rejects;

/// The most rows that go through the door at once.
const CHUNK: usize = 2_000;

const WHAT: &str = "import the file";

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Import) -> Ended {
    // What can be wrong without a vault is said before anybody types a passphrase.
    if Printable::line(&args.source).is_empty() {
        return Err(Trouble::usage(
            format!("cannot {WHAT}: the source is empty"),
            "Say with --source where the data came from",
        ));
    }
    let files = Arc::clone(&desk.env.files);
    let map = args.map.as_deref().map(|path| map_file(&*files, path)).transpose()?.unwrap_or_default();
    let mut table = open(&*files, &args.file).map_err(|error| unreadable(&args.file, &error))?;
    Rejects::free(&*files, args.rejects.as_deref())?;
    let duplicates = if args.dry_run { OnDuplicate::Skip } else { on_duplicate(desk, args)? };
    desk.signed_in(|desk, signed| {
        let View::Schema(schema) = signed.session().query(Query::Schema).map_err(refused(WHAT))? else {
            return Err(unexpected(WHAT));
        };
        let region = signed.me()?.policy.default_region;
        let mapping = Mapping::of(table.headers(), &schema, &map, &region).map_err(|error| {
            let remedy = match error {
                MappingError::UnknownColumn { .. } => "Take the names of columns from the file's first row",
                _ => "",
            };
            Trouble::failed(format!("cannot {WHAT}: {error}"), remedy)
        })?;
        describe(desk, &table, &mapping, &schema)?;
        let rejects = Rejects::new(&*files, args.rejects.as_deref(), table.headers())?;
        let mut work = Work { desk, signed, schema: &schema, region: &region, mapping: &mapping, rejects };
        if args.dry_run {
            work.rehearse(&mut table, args.duplicates)
        } else {
            work.bring_in(&mut table, args, duplicates)
        }
    })
}

/// Opens the file. It is looked at first, since opening a pipe would wait for its other end.
pub(super) fn open(files: &dyn Files, path: &Path) -> Result<Table, TableError> {
    match files.look(path) {
        There::Other => Err(TableError::NotAFile),
        There::File | There::Nothing => Table::from_file(files.read(path)?),
    }
}

pub(super) fn map_file(files: &dyn Files, path: &Path) -> Result<MapFile, Trouble> {
    let text = files.read(path).and_then(std::io::read_to_string);
    let text = text.map_err(|error| Trouble::file("read the map file", path, &error))?;
    MapFile::parse(&text)
        .map_err(|error| Trouble::failed(format!("cannot read the map file {}: {error}", shown(path)), ""))
}

pub(super) fn unreadable(path: &Path, error: &TableError) -> Trouble {
    match error {
        TableError::Io(error) => Trouble::file("read", path, error),
        other => Trouble::failed(format!("cannot read {}: {other}", shown(path)), ""),
    }
}

/// As given, else asked once.
fn on_duplicate(desk: &mut Desk<'_, '_>, args: &Import) -> Result<OnDuplicate, Trouble> {
    if let Some(word) = args.duplicates {
        return Ok(word.0);
    }
    let given = "Give --duplicates skip, merge or keep";
    if !desk.io.prompt.present() {
        return Err(Trouble::usage("cannot tell what to do with customers who are there already", given));
    }
    let label = desk.label("ask-duplicates");
    let answer = desk.io.prompt.line(&label).map_err(|error| Trouble::failed(format!("cannot ask: {error}"), given))?;
    let answer = answer.trim().to_lowercase();
    let fits = |word: &&OnDuplicate| !answer.is_empty() && word.code().starts_with(&answer);
    OnDuplicate::ALL.iter().find(fits).copied().ok_or_else(|| Trouble::usage("cannot read the answer", given))
}

/// What the file is and what its columns mean, in words to people.
fn describe(desk: &mut Desk<'_, '_>, table: &Table, mapping: &Mapping, schema: &Schema) -> Result<(), Trouble> {
    match table.format() {
        Format::Csv { encoding, separator: '\t' } => desk.told("import-text-tabs", &[("encoding", encoding)])?,
        Format::Csv { encoding, separator } => {
            desk.told("import-text", &[("encoding", encoding), ("separator", separator)])?;
        }
        Format::Xlsx { sheet } => desk.told("import-workbook", &[("sheet", &Printable::line(sheet))])?,
    }
    let mut lines = Lines::new(&desk.words, &["col-column", "col-means", "col-note"]);
    for column in mapping.columns() {
        let note = match column.found {
            Found::ByName | Found::ByMap => String::new(),
            Found::Unknown => desk.words.t("import-column-unknown"),
            Found::FieldOff => desk.words.t("import-column-off"),
        };
        lines.row(vec![Printable::line(&column.header).into_string(), column.target.code().to_owned(), note]);
    }
    for line in lines.lines(None) {
        desk.say(&line)?;
    }
    if !twins::can_tell(mapping, schema) {
        desk.told("import-no-telling", &[])?;
    }
    Ok(())
}

/// What became of the rows so far.
#[derive(Default)]
struct Tally {
    added: u64,
    merged: u64,
    skipped: u64,
    without_owner: u64,
    consents: u64,
}

impl Tally {
    fn take(&mut self, report: &ChunkReport) {
        self.added += report.added;
        self.merged += report.merged;
        self.skipped += report.skipped;
        self.without_owner += report.without_owner;
        self.consents += report.consents;
    }
}

/// One import under way.
struct Work<'w, 'd, 'i> {
    desk: &'w mut Desk<'d, 'i>,
    signed: &'w Signed,
    schema: &'w Schema,
    region: &'w str,
    mapping: &'w Mapping,
    rejects: Rejects,
}

impl Work<'_, '_, '_> {
    fn drafting(&self) -> Drafting<'_> {
        let clock = &self.desk.env.deps.clock;
        Drafting::new(self.mapping, self.schema, self.region, clock.day(clock.now()))
    }

    /// Brings in the whole table, or nothing of it.
    fn bring_in(&mut self, table: &mut Table, args: &Import, duplicates: OnDuplicate) -> Ended {
        let stop = self.desk.env.interrupts.watch()?;
        let name = args.file.file_name().unwrap_or_default().to_string_lossy();
        let begin = Action::BeginImport {
            file: Printable::line(&name),
            source: Printable::line(&args.source),
            basis: args.basis.0,
            duplicates,
        };
        let Done::ImportBegun(job) = self.signed.session().perform(begin).map_err(refused(WHAT))? else {
            return Err(unexpected(WHAT));
        };
        let mut tally = Tally::default();
        let sent = self.chunks(table, (&stop, "stopped"), |work, chunk| {
            tally.take(&work.send(job, chunk)?);
            Ok(())
        });
        let brought = sent.and_then(|()| self.finish(job, tally));
        match brought {
            Ok(tally) => self.report(&tally),
            Err(trouble) => {
                let cancelled = self.signed.session().perform(Action::CancelImport(job));
                // A job that cannot be cancelled now is removed when the vault is opened next.
                let what =
                    if cancelled.is_ok() { "nothing was brought in" } else { "it is taken back at the next opening" };
                self.rejects.finish(self.desk)?;
                let in_chinese = trouble.in_chinese.map(|said| {
                    let words = if cancelled.is_ok() { "import-nothing" } else { "import-later" };
                    format!("{said}{}", self.desk.words.t(words))
                });
                Err(Trouble { cause: format!("{}; {what}", trouble.cause), in_chinese, ..trouble })
            }
        }
    }

    /// A row as the door takes it. A day counts from its beginning where the person is.
    fn record(&self, draft: RowDraft) -> ImportRecord {
        let clock = &self.desk.env.deps.clock;
        let created = draft.created.map(|day| Timestamp(day.and_time(NaiveTime::MIN).and_utc().timestamp_millis()));
        let created = created.map(|at| at.plus_seconds(-i64::from(clock.offset(at).local_minus_utc())));
        let mut changes = vec![Change::Name(Printable::line(&draft.name)), Change::Kind(draft.kind)];
        changes.extend(draft.stage.map(Change::Stage));
        if !draft.tags.is_empty() {
            changes.push(Change::Tags(draft.tags));
        }
        changes.extend(draft.fields.into_iter().map(|(key, checked)| Change::Set(key, Zeroizing::new(checked.shown))));
        ImportRecord { row: draft.row, owner: draft.owner_name, created, consents: draft.consents, changes }
    }

    /// Reads the table to its end and hands on what could be drafted, a chunk at a time; the rest are rejects. Where
    /// somebody stops it, it ends with `stopped_words`.
    fn chunks(
        &mut self,
        table: &mut Table,
        (stop, stopped_words): (&AtomicBool, &str),
        mut take: impl FnMut(&mut Self, &mut Vec<(SourceRow, RowDraft)>) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let mut progress = Progress::new(self.desk);
        let mut chunk: Vec<(SourceRow, RowDraft)> = Vec::with_capacity(CHUNK);
        let mut read = 0;
        loop {
            let row = table.next().transpose().map_err(stopped)?;
            let over = row.is_none();
            if let Some(row) = row {
                read += 1;
                match self.drafting().draft(&row) {
                    Ok(draft) => chunk.push((row, draft)),
                    Err(reject) => self.rejects.drafted(&self.desk.words, self.schema, &row, &reject)?,
                }
            }
            if chunk.len() == CHUNK || (over && !chunk.is_empty()) {
                take(self, &mut chunk)?;
            }
            if stop.load(Ordering::SeqCst) {
                return Err(self.interrupted(stopped_words));
            }
            if over {
                return progress.end(self.desk);
            }
            progress.tell(self.desk, read, table.so_far())?;
        }
    }

    /// Somebody pressed Ctrl-C.
    fn interrupted(&self, words: &str) -> Trouble {
        Trouble { in_chinese: Some(self.desk.words.t("import-stopped")), ..Trouble::failed(words, "") }
    }

    fn send(&mut self, job: JobId, chunk: &mut Vec<(SourceRow, RowDraft)>) -> Result<ChunkReport, Trouble> {
        let mut sources = Vec::with_capacity(chunk.len());
        let mut records = Vec::with_capacity(chunk.len());
        for (source, draft) in chunk.drain(..) {
            sources.push(source);
            records.push(self.record(draft));
        }
        let done = self.signed.session().perform(Action::ImportRows(job, records)).map_err(refused(WHAT))?;
        let Done::Imported(report) = done else {
            return Err(unexpected(WHAT));
        };
        self.refused(&sources, &report.rejected)?;
        Ok(report)
    }

    /// Keeps the rows that the vault did not take.
    fn refused(&mut self, sources: &[SourceRow], rejected: &[(u64, Vec<FieldFault>)]) -> Result<(), Trouble> {
        for (number, faults) in rejected {
            if let Some(source) = sources.iter().find(|source| source.row == *number) {
                self.rejects.refused(&self.desk.words, self.schema, source, faults)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, job: JobId, tally: Tally) -> Result<Tally, Trouble> {
        if tally.added + tally.merged + tally.skipped == 0 {
            return Err(Trouble::failed("cannot import the file: no row of it can be taken", "See the reasons above"));
        }
        match self.signed.session().perform(Action::FinishImport(job)).map_err(refused(WHAT))? {
            Done::ImportFinished(row) => {
                Ok(Tally { added: row.added, merged: row.merged, skipped: row.skipped, ..tally })
            }
            _ => Err(unexpected(WHAT)),
        }
    }

    fn report(&mut self, tally: &Tally) -> Ended {
        self.rejects.finish(self.desk)?;
        self.owners(tally.without_owner)?;
        self.consents("import-consents", tally.consents)?;
        let rejected = self.rejects.count();
        let Tally { added, merged, skipped, .. } = tally;
        let counts: [(&str, &dyn Display); 4] =
            [("added", added), ("merged", merged), ("skipped", skipped), ("rejected", &rejected)];
        let result = self.desk.words.ta("import-result", &counts);
        self.desk.print(&result)?;
        self.desk.told("import-can-undo", &[])?;
        Ok(Exit::Done)
    }

    /// Says how many consents come along.
    fn consents(&mut self, words: &str, count: u64) -> Result<(), Trouble> {
        if count == 0 { Ok(()) } else { self.desk.told(words, &[("n", &count)]) }
    }

    /// Says how many rows name an owner who cannot be heeded.
    fn owners(&mut self, rows: u64) -> Result<(), Trouble> {
        if rows == 0 {
            return Ok(());
        }
        self.desk.told("import-without-owner", &[("n", &rows)])
    }
}

fn stopped(error: TableError) -> Trouble {
    Trouble::failed(format!("cannot read on: {error}"), "")
}
