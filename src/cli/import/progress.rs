//! How far an import has come: rows, rate and time left, on standard error.
//!
//! **Invariant:** a terminal sees one line that changes at most five times a second; a file sees a line every ten seconds.

use super::super::Desk;
use super::super::env::Sink;
use super::super::trouble::Trouble;
use crate::clock::Timestamp;
use crate::exchange::table::ReadSoFar;
use crate::words::Words;

/// Since when, and when it last spoke.
pub(super) struct Progress {
    began: Timestamp,
    spoke: Timestamp,
    drawn: bool,
}

impl Progress {
    /// Begins now.
    pub(super) fn new(desk: &Desk<'_, '_>) -> Self {
        let now = desk.env.deps.clock.now();
        Self { began: now, spoke: now, drawn: false }
    }

    /// Speaks, if it is time.
    pub(super) fn tell(&mut self, desk: &mut Desk<'_, '_>, rows: u64, read: ReadSoFar) -> Result<(), Trouble> {
        if !rows.is_multiple_of(64) {
            return Ok(());
        }
        let now = desk.env.deps.clock.now();
        let (every, terminal) = match desk.env.errors {
            Sink::Terminal { .. } => (200, true),
            Sink::Stream => (10_000, false),
        };
        if now.since(self.spoke) < every {
            return Ok(());
        }
        self.spoke = now;
        let words = said(&desk.words, rows, read, now.since(self.began));
        if terminal {
            self.drawn = true;
            // To the left edge, and what was longer before is cleared.
            write!(desk.io.errors, "\r{words}\u{1b}[K")?;
            desk.io.errors.flush()?;
            return Ok(());
        }
        desk.say(&words)
    }

    /// Clears its line.
    pub(super) fn end(&mut self, desk: &mut Desk<'_, '_>) -> Result<(), Trouble> {
        if self.drawn {
            self.drawn = false;
            write!(desk.io.errors, "\r\u{1b}[K")?;
        }
        Ok(())
    }
}

fn said(words: &Words, rows: u64, read: ReadSoFar, elapsed: i64) -> String {
    let elapsed = u64::try_from(elapsed).unwrap_or_default().max(1);
    let rate = rows.saturating_mul(1000) / elapsed;
    let percent = read.done.saturating_mul(100) / read.total.max(1);
    let left = elapsed.saturating_mul(read.total.saturating_sub(read.done)) / read.done.max(1) / 1000;
    words.ta("import-progress", &[("rows", &rows), ("percent", &percent), ("rate", &rate), ("left", &left)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::Lang;

    #[test]
    fn rate_and_time_left_follow_from_what_was_read() {
        let read = ReadSoFar { done: 25, total: 100 };
        let words = Words::new(Lang::En);
        assert_eq!(said(&words, 5_000, read, 2_000), "5000 rows, 25 %, 2500 rows/s, 6 s left");
        assert_eq!(said(&words, 0, ReadSoFar::default(), 0), "0 rows, 0 %, 0 rows/s, 0 s left");
    }
}
