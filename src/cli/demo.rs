//! `veilbook demo --make FILE`: a vault of made-up customers for tests and benchmarks; `--labelled FILE`: a table of them
//! in which it is known who is there twice.
//!
//! **Invariant:** nothing is overwritten, and a vault that could not be filled is removed again.

use std::path::Path;
use std::sync::Arc;

use super::args::Demo;
use super::env::Sink;
use super::init::verification_key;
use super::sign_in::{Ask, Kept, Signed};
use super::trouble::{Trouble, shown};
use super::{Desk, Ended, Exit};
use crate::demo::labelled::{COLUMNS, labelled};
use crate::demo::sample::{Sample, found};
use crate::demo::staff;
use crate::exchange::rejects::safe;
use crate::service::gate::{Gate, GateError, Presence};

/// Customers between two words about how far it has come.
const EVERY: u64 = 10_000;

pub(super) fn make(desk: &mut Desk<'_, '_>, args: &Demo) -> Ended {
    if let Some(path) = &args.labelled {
        return write_labelled(desk, args, path);
    }
    let path = &args.make.clone().map_or_else(|| desk.vault(), Ok)?;
    let deps = desk.env.deps.clone();
    let not_made = |error: &GateError| Trouble::gate("make the sample vault", path, error);
    if Gate::new(path.to_owned(), deps.clone()).presence() == Presence::Present {
        return Err(not_made(&GateError::Exists));
    }
    let passphrase = desk.passphrase(Ask::Twice)?;
    let sample = Sample { seed: args.seed, count: args.customers, lang: desk.lang };
    let errors = &mut *desk.io.errors;
    let terminal = matches!(desk.env.errors, Sink::Terminal { .. });
    let made = found(path.to_owned(), deps, sample, passphrase, |done| {
        // Progress that cannot be shown is no reason to stop.
        let _ = match (terminal, done % EVERY) {
            (true, _) => write!(errors, "\r{done} of {} customers\u{1b}[K", sample.count),
            (false, 0) => writeln!(errors, "{done} of {} customers", sample.count),
            (false, _) => Ok(()),
        };
    });
    if terminal {
        write!(desk.io.errors, "\r\u{1b}[K")?;
    }
    let (gate, session) = made.map_err(|error| {
        if error != GateError::Exists {
            // What is left of a vault that could not be filled is of no use; that it stays is no further harm.
            let _ = std::fs::remove_file(path);
        }
        not_made(&error)
    })?;
    let signed = Signed::new(session, Arc::new(gate), Kept::No);
    let key = verification_key(&signed);
    signed.end();
    let owner = staff(desk.lang).first().map(|made| made.name.to_string()).unwrap_or_default();
    desk.say(&format!(
        "A vault of {} made-up customers is at {}; its owner is \"{owner}\".",
        args.customers,
        shown(path)
    ))?;
    desk.print(&key?)?;
    Ok(Exit::Done)
}

fn write_labelled(desk: &mut Desk<'_, '_>, args: &Demo, path: &Path) -> Ended {
    let clock = &desk.env.deps.clock;
    let now = clock.now().at(clock.offset(clock.now()));
    let file = desk.env.files.create(path).map_err(|error| Trouble::file("write", path, &error))?;
    let mut table = csv::Writer::from_writer(std::io::BufWriter::new(file));
    let rows = labelled(args.seed, args.customers, now);
    let written = table.write_record(COLUMNS).and_then(|()| {
        rows.iter().try_for_each(|row| table.write_record(row.iter().map(|cell| safe(cell).into_owned())))
    });
    let written = written.map_err(std::io::Error::from).and_then(|()| table.flush());
    written.map_err(|error| Trouble::file("write", path, &error))?;
    desk.say(&format!("{} rows are in {}; the column \"key\" says who is who.", rows.len(), shown(path)))?;
    Ok(Exit::Done)
}
