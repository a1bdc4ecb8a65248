//! `veilbook import FILE`: customers from a table, all of them or none.
//!
//! **Invariant:** whatever stops an import (a fault, Ctrl-C, a full disk) before its last commit takes back all that it
//! brought; memory holds one chunk, however long the file is; no cell is printed, rejects go to their file only.

mod progress;
mod rejects;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use zeroize::Zeroizing;

use super::args::Import;
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table as Lines;
use super::trouble::{Trouble, shown};
use super::{Desk, Ended, Exit};
use crate::domain::field::Schema;
use crate::domain::id::JobId;
use crate::exchange::mapping::{Found, MapFile, Mapping};
use crate::exchange::rows::{Drafting, RowDraft};
use crate::exchange::table::{Format, SourceRow, Table, TableError};
use crate::service::view::{ChunkReport, ImportRow};
use crate::service::{Action, Change, Done, ImportRecord, OnDuplicate, Query, View};
use crate::text::Printable;

use progress::Progress;
use rejects::Rejects;

/// The most rows that go through the door at once.
const CHUNK: usize = 2_000;

const WHAT: &str = "import the file";

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Import) -> Ended {
    // What can be wrong without a vault is said before anybody types a passphrase.
    let map = args.map.as_deref().map(map_file).transpose()?.unwrap_or_default();
    let mut table = Table::open(&args.file).map_err(|error| unreadable(&args.file, &error))?;
    let duplicates = if args.dry_run { OnDuplicate::Skip } else { on_duplicate(desk, args)? };
    desk.signed_in(|desk, signed| {
        let View::Schema(schema) = signed.session().query(Query::Schema).map_err(refused(WHAT))? else {
            return Err(unexpected(WHAT));
        };
        let region = signed.me()?.policy.default_region;
        let mapping = Mapping::of(table.headers(), &schema, &map, &region).map_err(|error| {
            Trouble::failed(format!("cannot {WHAT}: {error}"), "Say with --map which column is which field")
        })?;
        describe(desk, &table, &mapping)?;
        let rejects = Rejects::new(args.rejects.as_deref(), table.headers())?;
        let mut work = Work { desk, signed, schema: &schema, region: &region, mapping: &mapping, rejects };
        if args.dry_run { work.rehearse(&mut table) } else { work.bring_in(&mut table, args, duplicates) }
    })
}

fn map_file(path: &Path) -> Result<MapFile, Trouble> {
    let text = std::fs::read_to_string(path).map_err(|error| Trouble::file("read the map file", path, &error))?;
    MapFile::parse(&text).map_err(|error| {
        Trouble::failed(
            format!("cannot read the map file {}: {error}", shown(path)),
            "Write lines such as \"COLUMN\" = \"name\"",
        )
    })
}

fn unreadable(path: &Path, error: &TableError) -> Trouble {
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
    let label = "Customers who are there already: skip the row, merge it, or keep both? ";
    let answer = desk.io.prompt.line(label).map_err(|error| Trouble::failed(format!("cannot ask: {error}"), given))?;
    let answer = answer.trim().to_lowercase();
    let fits = |word: &&OnDuplicate| !answer.is_empty() && word.code().starts_with(&answer);
    OnDuplicate::ALL.iter().find(fits).copied().ok_or_else(|| Trouble::usage("cannot read the answer", given))
}

/// What the file is and what its columns mean, in words to people.
fn describe(desk: &mut Desk<'_, '_>, table: &Table, mapping: &Mapping) -> Result<(), Trouble> {
    let format = match table.format() {
        Format::Csv { encoding, separator: '\t' } => format!("Text in {encoding}, separated by tabs."),
        Format::Csv { encoding, separator } => format!("Text in {encoding}, separated by \"{separator}\"."),
        Format::Xlsx { sheet } => format!("Workbook, sheet \"{}\".", Printable::line(sheet)),
    };
    desk.say(&format)?;
    let mut lines = Lines::new(&["COLUMN", "MEANS", ""]);
    for column in mapping.columns() {
        let note = match column.found {
            Found::ByName | Found::ByMap => "",
            Found::Unknown => "left out: name not known, see --map",
            Found::FieldOff => "left out: the field is off",
        };
        lines.row(vec![
            Printable::line(&column.header).into_string(),
            column.target.code().to_owned(),
            note.to_owned(),
        ]);
    }
    for line in lines.lines(None) {
        desk.say(&line)?;
    }
    Ok(())
}

/// What became of the rows so far.
#[derive(Default)]
struct Tally {
    added: u64,
    merged: u64,
    skipped: u64,
}

impl Tally {
    fn take(&mut self, report: &ChunkReport) {
        self.added += report.added;
        self.merged += report.merged;
        self.skipped += report.skipped;
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

    /// Counts what would come in, and writes the rejects.
    fn rehearse(&mut self, table: &mut Table) -> Ended {
        let stop = self.desk.env.interrupts.watch()?;
        let mut progress = Progress::new(self.desk);
        let mut good = 0_u64;
        while let Some(row) = table.next() {
            let row = row.map_err(stopped)?;
            let drafted = self.drafting().draft(&row);
            match drafted {
                Ok(_) => good += 1,
                Err(reject) => self.rejects.drafted(&row, &reject)?,
            }
            if (good + self.rejects.count()).is_multiple_of(512) {
                progress.tell(self.desk, good + self.rejects.count(), table.so_far())?;
                if stop.load(Ordering::SeqCst) {
                    return Err(Trouble::failed("stopped; nothing was brought in", ""));
                }
            }
        }
        progress.end(self.desk)?;
        self.rejects.finish(self.desk)?;
        self.desk.print(&format!("would bring in {good} rows and reject {}", self.rejects.count()))?;
        Ok(Exit::Done)
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
        let brought = self.rows(table, job, &stop).and_then(|tally| self.finish(job, &tally));
        match brought {
            Ok(row) => self.report(&row),
            Err(trouble) => {
                let cancelled = self.signed.session().perform(Action::CancelImport(job));
                // A job that cannot be cancelled now is removed when the vault is opened next.
                let what =
                    if cancelled.is_ok() { "nothing was brought in" } else { "it is taken back at the next opening" };
                self.rejects.finish(self.desk)?;
                Err(Trouble { cause: format!("{}; {what}", trouble.cause), ..trouble })
            }
        }
    }

    fn rows(&mut self, table: &mut Table, job: JobId, stop: &AtomicBool) -> Result<Tally, Trouble> {
        let mut progress = Progress::new(self.desk);
        let mut tally = Tally::default();
        let mut chunk: Vec<(SourceRow, RowDraft)> = Vec::with_capacity(CHUNK);
        let mut read = 0;
        loop {
            let row = table.next().transpose().map_err(stopped)?;
            let over = row.is_none();
            if let Some(row) = row {
                read += 1;
                match self.drafting().draft(&row) {
                    Ok(draft) => chunk.push((row, draft)),
                    Err(reject) => self.rejects.drafted(&row, &reject)?,
                }
            }
            if chunk.len() == CHUNK || (over && !chunk.is_empty()) {
                tally.take(&self.send(job, &mut chunk)?);
            }
            if stop.load(Ordering::SeqCst) {
                return Err(Trouble::failed("stopped", ""));
            }
            if over {
                progress.end(self.desk)?;
                return Ok(tally);
            }
            progress.tell(self.desk, read, table.so_far())?;
        }
    }

    fn send(&mut self, job: JobId, chunk: &mut Vec<(SourceRow, RowDraft)>) -> Result<ChunkReport, Trouble> {
        let mut sources = Vec::with_capacity(chunk.len());
        let mut records = Vec::with_capacity(chunk.len());
        for (source, draft) in chunk.drain(..) {
            sources.push(source);
            records.push(record(draft));
        }
        let done = self.signed.session().perform(Action::ImportRows(job, records)).map_err(refused(WHAT))?;
        let Done::Imported(report) = done else {
            return Err(unexpected(WHAT));
        };
        for (number, why) in &report.rejected {
            if let Some(source) = sources.iter().find(|source| source.row == *number) {
                self.rejects.refused(source, why)?;
            }
        }
        Ok(report)
    }

    fn finish(&mut self, job: JobId, tally: &Tally) -> Result<ImportRow, Trouble> {
        if tally.added + tally.merged + tally.skipped == 0 {
            return Err(Trouble::failed("cannot import the file: no row of it can be taken", "See the reasons above"));
        }
        match self.signed.session().perform(Action::FinishImport(job)).map_err(refused(WHAT))? {
            Done::ImportFinished(row) => Ok(row),
            _ => Err(unexpected(WHAT)),
        }
    }

    fn report(&mut self, row: &ImportRow) -> Ended {
        self.rejects.finish(self.desk)?;
        let rejected = self.rejects.count();
        self.desk.print(&format!(
            "{} added, {} merged, {} skipped, {rejected} rejected",
            row.added, row.merged, row.skipped
        ))?;
        self.desk.say("An undo takes all of it back.")?;
        Ok(Exit::Done)
    }
}

/// A row as the door takes it.
fn record(draft: RowDraft) -> ImportRecord {
    let mut changes = vec![Change::Name(Printable::line(&draft.name)), Change::Kind(draft.kind)];
    changes.extend(draft.stage.map(Change::Stage));
    if !draft.tags.is_empty() {
        changes.push(Change::Tags(draft.tags));
    }
    changes.extend(draft.fields.into_iter().map(|(key, checked)| Change::Set(key, Zeroizing::new(checked.shown))));
    ImportRecord { row: draft.row, owner: draft.owner_name, changes }
}

fn stopped(error: TableError) -> Trouble {
    Trouble::failed(format!("cannot read on: {error}"), "")
}
