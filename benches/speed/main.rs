//! The measurements of speed and size, as one table: `cargo bench`, `cargo bench -- --quick` for fewer customers, or
//! `-- --customers N` for so many.
//!
//! What is measured runs in processes of its own, so that the memory of one measurement does not count in another. Time
//! is compared within one run: with a tenth of the customers, and with redb unencrypted on the same disk.
//! **Invariant:** nothing here fails because a machine is slow; it prints, beside each figure, what is aimed at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs
)]

mod desk;
mod person;
mod rows;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use desk::{Opened, PASSPHRASE, create, measure};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--opened", vault] => println!("{}", measure(Path::new(vault))),
        ["--quick"] => table(10_000),
        ["--customers", customers] => table(customers.parse().unwrap()),
        _ => table(100_000),
    }
}

/// What an import cost.
struct Imported {
    took: Duration,
    /// The most memory it had, in KiB.
    peak: u64,
}

fn table(customers: u64) {
    let folder = tempfile::tempdir().unwrap();
    let few = customers / 10;
    let (small, _) = filled(folder.path(), few);
    let (large, imported) = filled(folder.path(), customers);
    let (with_few, with_many) = (opened(&small), opened(&large));
    let plain = plain_commit(folder.path());
    let rate = customers as f64 / imported.took.as_secs_f64();
    let growth = with_many.unlock.as_secs_f64() / with_few.unlock.as_secs_f64();

    if cfg!(debug_assertions) {
        println!("a development build: redb walks the whole file at each opening, and everything is slower");
    }
    println!("{customers} customers of 12 columns, three of them sealed; {few} beside them for the ratio");
    println!("{:<52} {:>16}   aim", "", "measured");
    row("import, with sign-in and reading the file", &seconds(imported.took), "60 s at 100,000");
    row("  rows a second", &format!("{rate:.0}"), "");
    row("  most memory, the KDF's own included", &mebibytes(imported.peak), "200 MB");
    row("unlock without the KDF", &millis(with_many.unlock), "50 ms");
    row(&format!("  against {few} customers"), &format!("{growth:.2} x"), "about 1: it does not grow");
    row("first screen after it", &millis(with_many.first), "in the same frame");
    row("a key on the list, drawn, in the middle", &millis(with_many.key), "2 ms");
    row("  the slowest of twenty", &millis(with_many.slowest), "");
    row("a letter in the query bar, drawn", &millis(with_many.letter), "under a keystroke");
    row("reveal, with its durable entry", &millis(with_many.reveal), "");
    row("  one durable commit of redb, unencrypted", &millis(plain), "");
    row("  the rest", &millis(with_many.reveal.saturating_sub(plain)), "5 ms");
    row("idle memory, signed in with the list in sight", &mebibytes(with_many.idle), "80 MB");
    row("size of the vault", &mebibytes(size(&large) / 1024), "");
}

fn row(what: &str, measured: &str, aim: &str) {
    println!("{what:<52} {measured:>16}   {aim}");
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

fn millis(took: Duration) -> String {
    format!("{:.2} ms", took.as_secs_f64() * 1e3)
}

fn mebibytes(kibibytes: u64) -> String {
    format!("{:.0} MiB", kibibytes as f64 / 1024.0)
}

fn size(path: &Path) -> u64 {
    path.metadata().unwrap().len()
}

/// A vault with so many customers, brought in from a file by the program itself.
fn filled(folder: &Path, customers: u64) -> (PathBuf, Imported) {
    let vault = folder.join(format!("{customers}.veil"));
    let (file, passphrase) = (folder.join(format!("{customers}.csv")), folder.join("passphrase"));
    create(&vault);
    rows::write(&file, customers);
    private(&passphrase, PASSPHRASE);
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_veilbook"))
        .args(["import", "--as", desk::OWNER, "--source", "benchmark", "--basis", "contract", "--duplicates", "keep"])
        .arg("--vault")
        .arg(&vault)
        .arg("--passphrase-file")
        .arg(&passphrase)
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    let status = loop {
        peak = peak.max(memory(child.id(), "VmHWM:"));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "the import of {customers} failed");
    (vault, Imported { took: started.elapsed(), peak })
}

/// A file that only its owner can read.
fn private(path: &Path, text: &str) {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    options.create(true).write(true).truncate(true).mode(0o600);
    writeln!(options.open(path).unwrap(), "{text}").unwrap();
}

/// A figure of a process in KiB, as Linux tells it; 0 where it does not.
pub fn memory(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|figure| figure.parse().ok()).unwrap_or(0)
}

/// What is measured of an opened vault, in a process of its own.
fn opened(vault: &Path) -> Opened {
    let output = Command::new(std::env::current_exe().unwrap()).arg("--opened").arg(vault).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Opened::parse(&String::from_utf8(output.stdout).unwrap())
}

/// One durable commit of a small record in redb without encryption: the middle of twenty.
fn plain_commit(folder: &Path) -> Duration {
    const ENTRIES: redb::TableDefinition<'_, u64, &[u8]> = redb::TableDefinition::new("entries");
    let database = redb::Database::create(folder.join("plain.redb")).unwrap();
    let commit = |number: u64| {
        let started = Instant::now();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(ENTRIES).unwrap().insert(number, [0x5a; 300].as_slice()).unwrap();
        transaction.commit().unwrap();
        started.elapsed()
    };
    middle((0..20).map(commit).collect())
}

/// The middle of some times.
pub fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
