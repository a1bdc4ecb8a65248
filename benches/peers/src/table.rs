//! The figures as a table of Markdown, and its place in SPEED.md.
//!
//! **Invariant:** a ratio is the median of ratios within single turns, never a ratio of medians.

use std::fmt::Write;
use std::path::Path;

use crate::peer::{CACHE, NAMES};

const BEGIN: &str = "<!-- peers: begin -->\n";
const END: &str = "<!-- peers: end -->";

/// How a figure is printed; times come in nanoseconds, sizes in bytes.
#[derive(Clone, Copy)]
pub enum Unit {
    Seconds,
    Millis,
    Micros,
    Mebibytes,
}

impl Unit {
    fn show(self, figure: f64) -> String {
        match self {
            Self::Seconds => format!("{:.2} s", figure / 1e9),
            Self::Millis => format!("{:.2} ms", figure / 1e6),
            Self::Micros => format!("{:.2} µs", figure / 1e3),
            Self::Mebibytes => format!("{:.1} MiB", figure / f64::from(1 << 20)),
        }
    }
}

type Turn = [f64; NAMES.len()];

/// What was measured.
#[derive(Default)]
pub struct Figures {
    rows: Vec<(String, Unit, Vec<Turn>)>,
    syncs: Vec<f64>,
}

impl Figures {
    /// Adds one turn of all peers.
    pub fn add(&mut self, what: &str, unit: Unit, turn: Turn) {
        match self.rows.iter_mut().find(|(known, ..)| known == what) {
            Some((_, _, turns)) => turns.push(turn),
            None => self.rows.push((what.to_owned(), unit, vec![turn])),
        }
    }

    /// Adds a count of syncs for each of veilbook's commits.
    pub fn syncs(&mut self, each: f64) {
        self.syncs.push(each);
    }

    /// The table, with what has to be said beside it.
    pub fn markdown(&self, machine: &str, rows: u64) -> String {
        let mut out = String::new();
        let wide = "|---|--:|--:|--:|--:|--:|--:|";
        _ = writeln!(out, "{} customers of about 480 bytes, on: {machine}.\n", grouped(rows));
        _ = writeln!(
            out,
            "| | veilbook's file | plain redb | plain SQLite | SQLCipher | to redb | to SQLCipher |\n{wide}"
        );
        for (what, unit, turns) in &self.rows {
            let figure = |at: usize| unit.show(median(turns.iter().map(|turn| turn[at])));
            let ratio = |to: usize| median(turns.iter().map(|turn| turn[0] / turn[to]));
            _ = writeln!(
                out,
                "| {what} | {} | {} | {} | {} | {:.2} | {:.2} |",
                figure(0),
                figure(1),
                figure(2),
                figure(3),
                ratio(1),
                ratio(3)
            );
        }
        let cache = CACHE >> 20;
        _ = write!(
            out,
            "\nveilbook's file took {:.3} syncs a commit. Equal for all: the same rows and indexes, {cache} MiB of cache, \
             pages of 4 KiB, every commit synced (SQLite: WAL, `synchronous = FULL`), keys given raw, loads in \
             transactions of 10,000 rows in order of the id, one transaction for each reading. Cold means that the system \
             was told to drop the file from its memory. Medians of turns within one run; a ratio is the median of ratios \
             within a turn.\n",
            median(self.syncs.iter().copied()),
        );
        out
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Replaces what stands between the marks of SPEED.md.
pub fn put_into(readme: &Path, table: &str) {
    let text = std::fs::read_to_string(readme).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the mark before the table");
    let (_, after) = rest.split_once(END).expect("the mark behind the table");
    std::fs::write(readme, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
}
