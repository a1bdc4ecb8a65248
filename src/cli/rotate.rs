//! `veilbook rotate`: the vault's keys are replaced, with a bar on standard error.
//!
//! **Invariant:** Ctrl-C stops it and leaves the vault as it was; a process that is killed leaves an unfinished copy,
//! which the next run goes on with and `--discard` removes.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use super::args::Rotate;
use super::env::Sink;
use super::sign_in::{refused, unexpected};
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::clock::Timestamp;
use crate::service::rotation::Rows;
use crate::service::{Action, Done};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Rotate) -> Ended {
    if args.discard {
        return desk.signed_in(|desk, signed| {
            signed.session().perform(Action::DiscardRotation).map_err(refused("remove the unfinished copy"))?;
            desk.told("cli-rotation-discarded", &[])?;
            Ok(Exit::Done)
        });
    }
    desk.signed_in(|desk, signed| {
        let what = "replace the keys";
        let rotation = match signed.session().perform(Action::RotateKeys).map_err(refused(what))? {
            Done::Rotation(rotation) => rotation,
            _ => return Err(unexpected(what)),
        };
        let stop = desk.env.interrupts.watch().map_err(|error| Trouble::failed(error.to_string(), ""))?;
        let mut bar = Bar::new(desk);
        let done = rotation.run(&mut |rows| {
            bar.tell(desk, rows);
            if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        bar.end(desk);
        let rotated = done.map_err(refused(what))?;
        if rotated.from_before > 0 {
            desk.told("cli-rotation-resumed", &[("n", &rotated.from_before)])?;
        }
        desk.told("cli-rotated", &[("n", &rotated.rows)])?;
        Ok(Exit::Done)
    })
}

/// How far it is: one line that changes on a terminal, a line every ten seconds elsewhere.
struct Bar {
    began: Timestamp,
    spoke: Timestamp,
    drawn: bool,
}

impl Bar {
    fn new(desk: &Desk<'_, '_>) -> Self {
        let now = desk.env.deps.clock.now();
        Self { began: now, spoke: now, drawn: false }
    }

    fn tell(&mut self, desk: &mut Desk<'_, '_>, Rows { done, total }: Rows) {
        let now = desk.env.deps.clock.now();
        let terminal = matches!(desk.env.errors, Sink::Terminal { .. });
        if now.since(self.spoke) < if terminal { 200 } else { 10_000 } {
            return;
        }
        self.spoke = now;
        let seconds = u64::try_from(now.since(self.began) / 1000).unwrap_or(0).max(1);
        let words = desk.words.ta(
            "rotate-progress",
            &[
                ("done", &done),
                ("total", &total),
                ("rate", &(done / seconds)),
                ("left", &(total.saturating_sub(done).saturating_mul(seconds) / done.max(1))),
            ],
        );
        // The bar is for eyes; where it cannot be shown, the work goes on.
        let _ = if terminal {
            self.drawn = true;
            write!(desk.io.errors, "\r{words}\u{1b}[K").and_then(|()| desk.io.errors.flush())
        } else {
            writeln!(desk.io.errors, "{words}")
        };
    }

    fn end(&mut self, desk: &mut Desk<'_, '_>) {
        if self.drawn {
            let _ = write!(desk.io.errors, "\r\u{1b}[K");
        }
    }
}
