//! The program line by line, for screen readers and for terminals that cannot move a cursor.
//!
//! A line that is typed is a row of keys: characters stand for themselves, `<esc>`, `<down>`, `<ctrl-p>` and the like for
//! other keys, and the end of the line for Enter unless the line ends in `<`. What changed on the screen is printed.
//! **Invariant:** the same program as on a full screen, through the same update; only the picture is told otherwise.

use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use zeroize::Zeroizing;

use super::crew::Crew;
use super::desk::{Appearance, Desk, Work};
use super::drive::{End, Flow, Program};
use super::input::InputEvent;
use crate::app::key::{Key, KeyCode};
use crate::clock::Clock;

const COLUMNS: u16 = 80;
const ROWS: u16 = 24;
/// How long answers may take before the picture is told without them.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the program on standard input and output until its end.
pub fn run(work: Work, look: Appearance, clock: &dyn Clock) -> io::Result<End> {
    let (woken, wakes) = channel::<()>();
    let waker = Arc::new(move || {
        // Nobody waits any more once the program has ended.
        let _ = woken.send(());
    });
    let now = clock.now();
    let crew = Crew::own(Arc::clone(&work.gate));
    let mut desk = Desk::new(work, look, now, clock.offset(now), waker, crew);
    desk.resize(COLUMNS, ROWS, now);
    let mut teller = Teller { told: Vec::new() };
    let settle = |desk: &mut Desk| -> Flow {
        while desk.waits() {
            match wakes.recv_timeout(PATIENCE) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
            if desk.wake(clock.now()) == Flow::Quit {
                return Flow::Quit;
            }
        }
        Flow::Continue
    };
    settle(&mut desk);
    teller.tell(&mut desk)?;
    let mut line = Zeroizing::new(String::new());
    let end = loop {
        line.clear();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            break End::HangUp;
        }
        let mut flow = desk.tick(clock.now());
        for key in keys(&line) {
            if flow == Flow::Continue {
                flow = desk.input(InputEvent::Key(key), clock.now());
            }
        }
        if flow == Flow::Quit || settle(&mut desk) == Flow::Quit {
            break End::Quit;
        }
        teller.tell(&mut desk)?;
    };
    desk.end(end);
    Ok(end)
}

/// The keys of a line.
fn keys(line: &str) -> Vec<Key> {
    let line = line.trim_end_matches(['\n', '\r']);
    let (line, enter) = match line.strip_suffix('<') {
        Some(rest) => (rest, None),
        None => (line, Some(Key::from(KeyCode::Enter))),
    };
    let mut out = Vec::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|inner| inner.split_once('>'));
        match named.and_then(|(name, after)| Some((name.parse::<Key>().ok()?, after))) {
            Some((key, after)) => {
                out.push(key);
                rest = after;
            }
            None => {
                out.push(Key::char(c));
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    out.extend(enter);
    out
}

/// Tells what changed since it was told last.
struct Teller {
    told: Vec<String>,
}

impl Teller {
    fn tell(&mut self, desk: &mut Desk) -> io::Result<()> {
        let mut frame = Buffer::empty(Rect::new(0, 0, COLUMNS, ROWS));
        desk.draw(&mut frame);
        let lines: Vec<String> = frame
            .content()
            .chunks(usize::from(COLUMNS))
            .map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned())
            .collect();
        let mut out = io::stdout().lock();
        for (at, line) in lines.iter().enumerate() {
            if !line.is_empty() && self.told.get(at) != Some(line) {
                writeln!(out, "{line}")?;
            }
        }
        writeln!(out)?;
        self.told = lines;
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_row_of_keys_and_ends_in_enter() {
        let named = |name: &str| name.parse::<Key>().unwrap();
        assert_eq!(keys("g\n"), [Key::char('g'), named("enter")]);
        assert_eq!(keys("<esc><\n"), [named("esc")]);
        assert_eq!(keys("a<b\r\n"), [Key::char('a'), Key::char('<'), Key::char('b'), named("enter")]);
        assert_eq!(keys("\n"), [named("enter")]);
    }
}
