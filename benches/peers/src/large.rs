//! The work itself in large vaults: what a key waits for, and what a person would use instead for searching.
//!
//! `-- --work FILE.. --passphrase-file FILE` measures in copies of vaults that `veilbook demo --make` made, one after the
//! other, and prints the figures side by side, so that their growth is seen; `--part search`, `keys` or `fts` measures that alone. The copies lie in memory: no time has a disk's
//! sync in it. **Invariant:** a vault that is named is only read; each is measured in a process of its own.

mod fts;
mod house;
mod keys;
mod search;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use house::House;

/// What was measured: a line each, with what is aimed at.
pub struct Figures(Vec<(String, f64, Unit, &'static str)>);

#[derive(Clone, Copy)]
enum Unit {
    Millis,
    Mebibytes,
    Count,
}

impl Figures {
    /// The middle, the 99th of a hundred and the slowest of some times.
    fn times(&mut self, what: &str, mut times: Vec<Duration>, aim: &'static str) {
        times.sort();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        for (name, share, aim) in [("median", 0.5, ""), ("p99", 0.99, aim), ("slowest", 1.0, "")] {
            self.0.push((format!("{what}, {name}"), at(share), Unit::Millis, aim));
        }
    }

    /// What it took here, and in SQLite's FTS5 with trigrams, ranked.
    fn pair(&mut self, what: &str, (ours, theirs): (Vec<Duration>, Vec<Duration>)) {
        self.times(what, ours, "");
        self.times(&format!("{what}, in SQLite FTS5"), theirs, "");
    }

    fn count(&mut self, what: &str, count: usize) {
        self.0.push((what.to_owned(), count as f64, Unit::Count, ""));
    }
}

/// Measures in each vault, and prints what was found side by side.
pub fn table(vaults: &[String], passphrase: &Path, folder: &Path, part: &str) {
    let measured: Vec<Vec<(String, f64, String)>> = vaults
        .iter()
        .map(|vault| {
            let program = std::env::current_exe().unwrap();
            let mut command = Command::new(program);
            command.arg("--work-in").arg(vault).arg(passphrase).arg(folder).arg(part);
            let output = command.stderr(std::process::Stdio::inherit()).output().unwrap();
            assert!(output.status.success(), "nothing was measured in {vault}");
            let text = String::from_utf8(output.stdout).unwrap();
            text.lines().map(line).collect()
        })
        .collect();
    for (at, (what, _, aim)) in measured[0].iter().enumerate() {
        let figures: String = measured.iter().map(|vault| format!("{:>12.3}", vault[at].1)).collect();
        println!("{what:<66}{figures}   {aim}");
    }
}

fn line(text: &str) -> (String, f64, String) {
    let parts: Vec<&str> = text.split('\t').collect();
    (parts[0].to_owned(), parts[1].parse().unwrap(), parts[2].to_owned())
}

/// Measures in one vault; a line for each figure.
pub fn measure(vault: &Path, passphrase: &Path, folder: &Path, part: &str) {
    let folder = tempfile::tempdir_in(folder).unwrap();
    let copy: PathBuf = folder.path().join("work.veil");
    std::fs::copy(vault, &copy).unwrap();
    let passphrase = std::fs::read_to_string(passphrase).unwrap().trim_end().to_owned();
    let mut figures = Figures(Vec::new());
    {
        let house = House::open(&copy, passphrase);
        figures.count("customers", house.customers);
        figures.0.push(("memory, signed in".to_owned(), memory("VmRSS:"), Unit::Mebibytes, ""));
        let wanted = |name| part.is_empty() || part == name;
        if wanted("search") {
            search::measure(&house, &mut figures);
        }
        if wanted("keys") {
            keys::measure(&house, &mut figures);
        }
        figures.0.push((
            "memory, the most, 64 MiB of the KDF's included".to_owned(),
            memory("VmHWM:"),
            Unit::Mebibytes,
            "300",
        ));
        if wanted("fts") {
            fts::measure(&house, folder.path(), &mut figures);
        }
    }
    for (what, figure, unit, aim) in figures.0 {
        let unit = match unit {
            Unit::Millis => " (ms)",
            Unit::Mebibytes => " (MiB)",
            Unit::Count => "",
        };
        let aim = if aim.is_empty() { String::new() } else { format!("at most {aim}") };
        println!("{what}{unit}\t{figure}\t{aim}");
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let done = work();
    (started.elapsed(), done)
}

/// A figure of this process in MiB.
fn memory(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|figure| figure.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
