//! How far a backup, a check or a restore has come: bytes, share, rate and time left, on standard error.
//!
//! **Invariant:** a terminal sees one line that changes at most five times a second; a file sees nothing.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Desk;
use super::env::Sink;
use super::trouble::Trouble;
use crate::clock::Timestamp;
use crate::service::view::Running;
use crate::words::backup::{bytes, phase};
use crate::words::{Words, refusal};

/// When it last spoke, and how it learns that it should stop.
pub(super) struct Moving {
    spoke: Option<Timestamp>,
    drawn: bool,
    stop: Option<Arc<AtomicBool>>,
}

impl Moving {
    /// Nothing has moved yet.
    pub(super) fn new(desk: &Desk<'_, '_>) -> Self {
        // Where signals cannot be watched, Ctrl-C ends the process, and no backup counts that is not complete.
        Self { spoke: None, drawn: false, stop: desk.env.interrupts.watch().ok() }
    }

    /// Speaks, if it is time; says whether to go on.
    pub(super) fn tell(&mut self, desk: &mut Desk<'_, '_>, running: &Running) -> ControlFlow<()> {
        if self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::SeqCst)) {
            return ControlFlow::Break(());
        }
        let now = desk.env.deps.clock.now();
        let due = self.spoke.is_none_or(|spoke| now.since(spoke) >= 200);
        if due && matches!(desk.env.errors, Sink::Terminal { .. }) {
            self.spoke = Some(now);
            self.drawn = true;
            let words = said(&desk.words, running, now);
            // A terminal that is gone is no reason to stop a backup.
            let _ = write!(desk.io.errors, "\r{words}\u{1b}[K");
            let _ = desk.io.errors.flush();
        }
        ControlFlow::Continue(())
    }

    /// Clears its line.
    pub(super) fn end(&mut self, desk: &mut Desk<'_, '_>) -> Result<(), Trouble> {
        if std::mem::take(&mut self.drawn) {
            write!(desk.io.errors, "\r\u{1b}[K")?;
        }
        Ok(())
    }
}

fn said(words: &Words, running: &Running, now: Timestamp) -> String {
    let what = refusal::code(words, "backup-what", running.what.code());
    let phase = refusal::code(words, "backup-phase", phase(running.phase));
    let (done, total, rate) = (bytes(running.done), bytes(running.total), bytes(running.rate(now)));
    let left = running.seconds_left(now).unwrap_or(0);
    words.ta(
        "backup-progress",
        &[
            ("what", &what),
            ("phase", &phase),
            ("done", &done),
            ("total", &total),
            ("percent", &running.percent()),
            ("rate", &rate),
            ("left", &left),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::Lang;
    use crate::service::view::{BackupPhase, BackupWhat};

    #[test]
    fn share_rate_and_time_left_follow_from_what_moved() {
        let running = Running {
            what: BackupWhat::Full,
            place: "/mnt/a".into(),
            phase: BackupPhase::Copying,
            done: 25_000_000,
            total: 100_000_000,
            began: Timestamp(0),
        };
        let words = Words::new(Lang::En);
        let line = said(&words, &running, Timestamp(2_000));
        assert_eq!(line, "full backup, copying: 25 MB of 100 MB, 25 %, 12 MB/s, 6 s left");
        let none = Running { done: 0, total: 0, ..running };
        assert_eq!(said(&words, &none, Timestamp(0)), "full backup, copying: 0 B of 0 B, 0 %, 0 B/s, 0 s left");
    }
}
