//! How many bytes a key costs on the line, on the fixture `demo --customers 10000 --seed 1`.
//!
//! **Invariant:** what is counted is the real program's, in a terminal that answers every question; the clock's minute
//! and the vault's name are all that differs from run to run.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::others;
use crate::process::processor_time;
use crate::slow::Throttle;
use crate::table::{Unit, at_most, beside, mean, part};
use crate::terminal::{Answers, Size, Terminal, command, text};

pub const DOWN: &[u8] = b"\x1b[B";
const PAGE_DOWN: &[u8] = b"\x1b[6~";
/// As terminals with kitty's protocol send it; a lone escape would be waited behind.
const ESCAPE: &[u8] = b"\x1b[27u";
/// How often a row is moved down.
const STEPS: usize = 20;
const MINUTE: Duration = Duration::from_secs(60);

/// What one program's rows cost: each step with scrolling, in bytes.
pub type Steps = Vec<u64>;

pub fn measure(program: &Path) {
    part("Bytes on the line");
    let folder = tempfile::tempdir().unwrap();
    let mut small = Demo::start(program, folder.path(), (80, 24), Answers::Status);
    at_most("first paint, 80x24", small.terminal.bytes as f64, 2_200.0, Unit::Bytes);
    small.customers();
    let within: Steps = (0..10).map(|_| small.step()).collect();
    let scrolled = small.scrolled();
    steps("a row down with scrolling, 80x24", &scrolled, 200.0);
    steps("a row down within the page, 80x24", &within, 160.0);
    let pages: Steps = (0..5).map(|_| small.terminal.changed(PAGE_DOWN, 3)).collect();
    steps("page down, 80x24", &pages, 1_300.0);
    steps("open a customer, 80x24", &small.opened(), 1_500.0);
    steps("a search letter, 80x24", &small.searched(), 900.0);
    let Demo { terminal, rows: seen } = small;
    let idle = Idle::begin(terminal);

    let mut large = Demo::start(program, folder.path(), (200, 50), Answers::Status);
    large.customers();
    let wide = large.scrolled();
    steps("a row down with scrolling, 200x50", &wide, 300.0);
    let rows = [seen, large.rows.clone()].concat();
    drop(large);
    let mut synchronized = Demo::start(program, folder.path(), (80, 24), Answers::Synchronized);
    synchronized.customers();
    let mark = mean(&synchronized.scrolled());
    beside("the same at 80x24 where the terminal has synchronized updates", &format!("{mark:.0} B"));
    others::measure(folder.path(), &rows, (mean(&scrolled), mean(&wide)));
    idle.end();
}

fn steps(what: &str, figures: &[u64], limit: f64) {
    let most = figures.iter().max().copied().unwrap_or(0);
    at_most(&format!("{what}, mean of {} (most {most})", figures.len()), mean(figures), limit, Unit::Bytes);
}

/// The sample vault's program in its terminal.
struct Demo {
    terminal: Terminal,
    /// The rows of the list that were seen, as they were shown.
    rows: Vec<String>,
}

impl Demo {
    fn start(program: &Path, home: &Path, size: Size, answers: Answers) -> Self {
        let mut command = command(program, home);
        command.args(["--lang", "en", "demo", "--customers", "10000", "--seed", "1"]);
        let mut terminal = Terminal::new(command, size, answers, Arc::new(Throttle::default()));
        terminal.until("the first screen", |screen| screen.contents().contains("[Today]"));
        terminal.rest();
        Self { terminal, rows: Vec::new() }
    }

    fn customers(&mut self) {
        self.terminal.count(b"gc", "the list", |screen| {
            screen.contents().contains("[Customers]") && marked(screen).is_some_and(|row| row > 1)
        });
        let rows = text(self.terminal.screen());
        self.rows.extend(
            rows.iter()
                .skip(4)
                .take(rows.len() - 6)
                .map(|row| row.trim_start_matches([' ', '>']).trim_end().to_owned()),
        );
    }

    /// A row down within the page.
    fn step(&mut self) -> u64 {
        let next = marked(self.terminal.screen()).map(|row| row + 1);
        self.terminal.count(DOWN, "the next row", |screen| marked(screen) == next)
    }

    /// Rows down from the last row of the page on.
    fn scrolled(&mut self) -> Steps {
        let last = text(self.terminal.screen()).len() - 3;
        while marked(self.terminal.screen()) != Some(last) {
            self.step();
        }
        let one = |_| {
            let bytes = self.terminal.changed(DOWN, 4);
            self.rows.push(text(self.terminal.screen())[last].trim_start_matches('>').trim().to_owned());
            bytes
        };
        (0..STEPS).map(one).collect()
    }

    fn opened(&mut self) -> Steps {
        let mut figures = Steps::new();
        for _ in 0..5 {
            let shows = |words: &'static str| move |screen: &vt100::Screen| screen.contents().contains(words);
            figures.push(self.terminal.count(b"\r", "the customer", shows("Who looked")));
            self.terminal.count(ESCAPE, "the list", shows("Reached at"));
            self.terminal.changed(DOWN, 4);
        }
        figures
    }

    fn searched(&mut self) -> Steps {
        self.terminal.count(b"/", "the search", |screen| !screen.hide_cursor());
        let mut typed = String::from("Search ");
        let figures = "chen".bytes().map(|letter| {
            typed.push(char::from(letter));
            self.terminal.count(&[letter], "the letter", |screen| screen.contents().contains(&typed))
        });
        figures.collect()
    }
}

/// The row of the list that is marked.
fn marked(screen: &vt100::Screen) -> Option<usize> {
    text(screen).iter().position(|row| row.trim_start().starts_with('>'))
}

/// A terminal in which nothing is done while others are measured.
struct Idle {
    terminal: Terminal,
    started: Instant,
    minute: u64,
    bytes: u64,
    took: Duration,
}

impl Idle {
    fn begin(terminal: Terminal) -> Self {
        let (bytes, took) = (terminal.bytes, processor_time(terminal.id()));
        Self { terminal, started: Instant::now(), minute: minute(), bytes, took }
    }

    fn end(mut self) {
        self.terminal.watch(MINUTE.saturating_sub(self.started.elapsed()));
        self.terminal.rest();
        let (minutes, bytes) = (minute() - self.minute, self.terminal.bytes - self.bytes);
        let time = self.started.elapsed().as_secs_f64();
        let what = format!("an idle session, {time:.0} s");
        if minutes == 0 {
            at_most(&what, bytes as f64, 0.0, Unit::Bytes);
        } else {
            beside(&what, &format!("{bytes} B, with {minutes} changes of the clock's minute"));
        }
        let took = processor_time(self.terminal.id()) - self.took;
        beside("its processor time", &format!("{} ms", took.as_millis()));
    }
}

/// Minutes since 1970.
fn minute() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    since.as_secs() / 60
}
