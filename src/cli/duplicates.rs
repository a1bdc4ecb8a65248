//! `veilbook duplicates`: customers who are there more than once.
//!
//! **Invariant:** what the rows of a file say goes to the comparison and nowhere else; only counts are printed.

use std::collections::HashMap;
use std::num::NonZero;
use std::ops::ControlFlow;

use serde::Serialize;

use super::args::{Duplicates, DuplicatesEval};
use super::import::{map_file, open, unreadable};
use super::sign_in::{refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::field::Schema;
use crate::domain::id::CustomerId;
use crate::domain::schema;
use crate::exchange::mapping::{Found, Mapping, Target};
use crate::exchange::table::SourceRow;
use crate::likeness::{Level, Record, Traits, find};
use crate::service::quality::QualityAction;
use crate::service::{Action, Done};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Duplicates) -> Ended {
    match args {
        Duplicates::Eval(args) => eval(desk, args),
        Duplicates::List { json } => list(desk, if *json { Printed::Json } else { Printed::Table }),
        Duplicates::Merge { keep, other } => merge(desk, *keep, *other),
        Duplicates::Apart { one, other } => apart(desk, *one, *other),
    }
}

/// How pairs are printed.
#[derive(Clone, Copy, PartialEq)]
enum Printed {
    Json,
    Table,
}

/// A pair, for scripts.
#[derive(Serialize)]
struct PairLine<'a> {
    keep: u64,
    name: &'a str,
    other: Option<u64>,
    other_name: Option<&'a str>,
    bits: f32,
}

fn list(desk: &mut Desk<'_, '_>, printed: Printed) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = "look for duplicates";
        let Done::Hunt(hunt) = signed.session().perform(Action::FindDuplicates).map_err(refused(what))? else {
            return Err(unexpected(what));
        };
        let pairs = hunt.run(&mut |_| ControlFlow::Continue(())).map_err(refused(what))?;
        let mut table = Table::new(&desk.words, &["col-id", "col-name", "col-id", "col-name", "col-note"]);
        for pair in &pairs {
            let other = pair.other.as_ref();
            if printed == Printed::Json {
                desk.print_json(&PairLine {
                    keep: pair.keep.id.0,
                    name: pair.keep.name.text(),
                    other: other.map(|row| row.id.0),
                    other_name: other.map(|row| row.name.text()),
                    bits: pair.bits,
                })?;
                continue;
            }
            let (number, name) = match other {
                Some(row) => (row.id.to_string(), row.name.text().to_owned()),
                None => (String::new(), desk.words.t("duplicates-with-another")),
            };
            let same = pair.evidence.iter().filter(|e| matches!(e.level, Level::Same | Level::Close));
            let mut same: Vec<String> = same.map(|e| desk.code("trait", e.of.code())).collect();
            same.dedup();
            let same = same.join(&desk.words.t("list-and"));
            table.row(vec![pair.keep.id.to_string(), pair.keep.name.text().to_owned(), number, name, same]);
        }
        if printed == Printed::Table && !pairs.is_empty() {
            desk.print_table(&table)?;
        }
        desk.told("duplicates-pairs", &[("n", &pairs.len())])?;
        Ok(Exit::Done)
    })
}

fn merge(desk: &mut Desk<'_, '_>, keep: CustomerId, other: CustomerId) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = "merge the two";
        let seen = |id: CustomerId| match signed.session().perform(Action::OpenCustomer(id)).map_err(refused(what))? {
            Done::Customer(detail) => Ok((detail.profile.id, detail.profile.version)),
            _ => Err(unexpected(what)),
        };
        let (keep, other) = (seen(keep)?, seen(other)?);
        signed.session().perform(Action::Merge { keep, other, take: Vec::new() }).map_err(refused(what))?;
        desk.told("duplicates-merged", &[("other", &other.0), ("keep", &keep.0)])?;
        Ok(Exit::Done)
    })
}

fn apart(desk: &mut Desk<'_, '_>, one: CustomerId, other: CustomerId) -> Ended {
    desk.signed_in(|desk, signed| {
        let said = Action::Quality(QualityAction::Apart(one, other));
        signed.session().perform(said).map_err(refused("keep the two apart"))?;
        desk.told("duplicates-apart", &[("one", &one), ("other", &other)])?;
        Ok(Exit::Done)
    })
}

/// What came of a measurement.
#[derive(Serialize)]
struct Measured {
    rows: usize,
    compared: usize,
    pairs: u64,
    found: u64,
    right: u64,
    precision: f64,
    recall: f64,
    f1: f64,
    seconds: f64,
}

const WHAT: &str = "measure";

fn eval(desk: &mut Desk<'_, '_>, args: &DuplicatesEval) -> Ended {
    let files = std::sync::Arc::clone(&desk.env.files);
    let mut table = open(&*files, &args.file).map_err(|error| unreadable(&args.file, &error))?;
    let key = table.headers().iter().position(|header| header.trim() == args.key.trim()).ok_or_else(|| {
        Trouble::usage(
            format!("cannot {WHAT}: the file has no column of that name to tell who is who"),
            "Name with --key a column of the file's first row",
        )
    })?;
    let given = args.map.as_deref().map(|path| map_file(&*files, path)).transpose()?;
    let schema = schema::sample();
    let region = desk.env.region.clone().unwrap_or_else(|| "CN".to_owned());
    // The key is never compared, whatever its name means.
    let map = given.unwrap_or_default().but_ignoring(key);
    let mapping = Mapping::of(table.headers(), &schema, &map, &region)
        .map_err(|error| Trouble::failed(format!("cannot {WHAT}: {error}"), ""))?;
    let (mut records, mut keys) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, u64> = HashMap::new();
    while let Some(row) = table.next().transpose().map_err(|error| unreadable(&args.file, &error))? {
        records.push(Record::of(&traits(&row, &mapping, &schema)));
        let label = row.cells.get(key).map_or("", |cell| cell.trim());
        *seen.entry(label.to_owned()).or_default() += u64::from(!label.is_empty());
        keys.push(label.to_owned());
    }
    let began = desk.env.deps.clock.now();
    let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let found = find(&records, threads);
    let took = desk.env.deps.clock.now().0.saturating_sub(began.0);
    let same = |place: usize| keys.get(place).filter(|key| !key.is_empty());
    let right = found.pairs.iter().filter(|p| same(p.first).is_some() && same(p.first) == same(p.second)).count();
    let pairs = seen.values().map(|rows| rows * rows.saturating_sub(1) / 2).sum();
    let measured = measured(&records, found.compared, (pairs, found.pairs.len() as u64, right as u64), took);
    tell(desk, args, &measured)
}

#[allow(clippy::cast_precision_loss)] // Shares of counts that fit a table.
fn measured(records: &[Record], compared: usize, (pairs, found, right): (u64, u64, u64), took: i64) -> Measured {
    let share = |of: u64| if of == 0 { 1.0 } else { right as f64 / of as f64 };
    let (precision, recall) = (share(found), share(pairs));
    let f1 = if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
    let seconds = took as f64 / 1_000.0;
    Measured { rows: records.len(), compared, pairs, found, right, precision, recall, f1, seconds }
}

fn tell(desk: &mut Desk<'_, '_>, args: &DuplicatesEval, measured: &Measured) -> Ended {
    if args.json {
        desk.print_json(measured)?;
        return Ok(Exit::Done);
    }
    let Measured { rows, compared, pairs, found, right, precision, recall, f1, seconds } = measured;
    let share = |of: f64| format!("{of:.4}");
    let (precision, recall, f1) = (share(*precision), share(*recall), share(*f1));
    let seconds = format!("{seconds:.1}");
    let line = desk.words.ta(
        "duplicates-measured",
        &[
            ("rows", rows),
            ("compared", compared),
            ("pairs", pairs),
            ("found", found),
            ("right", right),
            ("precision", &precision),
            ("recall", &recall),
            ("f1", &f1),
            ("seconds", &seconds),
        ],
    );
    desk.print(&line)?;
    Ok(Exit::Done)
}

/// What a row says, unchecked: a number with a slip in it is what is looked for.
fn traits(row: &SourceRow, mapping: &Mapping, schema: &Schema) -> Traits {
    let mut out = Traits::default();
    let (mut family, mut given) = (String::new(), String::new());
    for (column, cell) in mapping.columns().iter().zip(&row.cells) {
        let cell = cell.trim();
        if cell.is_empty() || column.found == Found::FieldOff {
            continue;
        }
        let cell = cell.to_owned();
        match &column.target {
            Target::Name => out.names.push(cell),
            Target::FamilyName => family = cell,
            Target::GivenName => given = cell,
            Target::Field(key) => {
                if let Some(def) = schema.get(key.as_str()) {
                    out.take(key.as_str(), def.kind, cell);
                }
            }
            _ => {}
        }
    }
    if !family.is_empty() || !given.is_empty() {
        out.names.push(format!("{family} {given}"));
    }
    out
}
