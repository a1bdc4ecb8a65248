//! Doctor's deep look: everything that is stored is read and checked, with a line that says how far it is.
//!
//! **Invariant:** nothing but the record of actions is written.

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use super::{Findings, Health};
use crate::cli::env::Sink;
use crate::cli::sign_in::{Signed, refused};
use crate::cli::trouble::Trouble;
use crate::cli::{Desk, Ended, Exit};
use crate::service::examine::{Progress, Step};

pub(super) fn look(found: &mut Findings, desk: &mut Desk<'_, '_>, signed: &Signed) -> Ended {
    let what = "check the whole file";
    let stop = desk.env.interrupts.watch().map_err(|error| Trouble::failed(format!("cannot {what}: {error}"), ""))?;
    let mut bar = Bar { shows: matches!(desk.env.errors, Sink::Terminal { .. }), told: None };
    let errors = &mut *desk.io.errors;
    let began = desk.env.deps.clock.now();
    let examined = signed.session().examine(&mut |progress| {
        bar.tell(errors, progress);
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.clear(errors);
    let Some(examined) = examined.map_err(refused(what))? else {
        found.add("deep", Health::Unchecked, "doctor-deep-stopped", &[]);
        return Ok(Exit::Failed);
    };
    let millis = desk.env.deps.clock.now().since(began).max(0);
    for (part, fault) in [("pages", &examined.file), ("tables", &examined.tables), ("record", &examined.record)] {
        if let Some(fault) = fault {
            found.add(part, Health::Bad, "doctor-deep-bad", &[("why", fault)]);
        }
    }
    if !examined.is_sound() {
        return Ok(Exit::Damaged);
    }
    let (mib, entries) = (examined.bytes / 1_048_576, examined.entries);
    let seconds = format!("{}.{}", millis / 1000, millis % 1000 / 100);
    let args: [(&str, &dyn std::fmt::Display); 3] = [("mib", &mib), ("entries", &entries), ("seconds", &seconds)];
    found.add("deep", Health::Well, "doctor-deep", &args);
    Ok(Exit::Done)
}

/// One line on a terminal, written over; nothing into a file.
struct Bar {
    shows: bool,
    told: Option<(Step, u64)>,
}

impl Bar {
    fn tell(&mut self, to: &mut dyn Write, progress: Progress) {
        let percent = progress.done.saturating_mul(100) / progress.of.max(1);
        let now = (progress.step, percent.min(100));
        if !self.shows || self.told == Some(now) {
            return;
        }
        self.told = Some(now);
        let step = match progress.step {
            Step::Pages => "pages",
            Step::Blocks => "blocks",
            Step::Rows => "tables",
            Step::Record => "record",
        };
        // Where the terminal is gone, the check goes on and its result has nowhere to go either.
        let _ = write!(to, "\rchecking {step} {:3}%  ", now.1).and_then(|()| to.flush());
    }

    fn clear(&mut self, to: &mut dyn Write) {
        if self.told.is_some() {
            let _ = write!(to, "\r{:30}\r", "").and_then(|()| to.flush());
        }
    }
}
