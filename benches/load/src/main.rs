//! The speed and size of veilbook's hosts: what a key costs on the line, how long it takes among many people, how soon a
//! slow line is up to date, what a session weighs, what group commit is worth.
//!
//! `cargo run --release --manifest-path benches/load/Cargo.toml` prints everything; any of `bytes`, `typing`, `flood`,
//! `memory`, `line` and `commits` behind `--` prints these parts. The program that is measured is `veilbook` beside this
//! one, or `--program PATH`.
//! **Invariant:** nothing here fails because a machine is slow; it prints, beside each figure, what is aimed at.

mod bytes;
mod commits;
mod crowd;
mod desk;
mod house;
mod line;
#[path = "../../peers/src/machine.rs"]
mod machine;
mod others;
mod process;
mod slow;
mod table;
mod terminal;
mod typist;
mod wire;

use std::path::{Path, PathBuf};

/// A part by its name.
type Part = (&'static str, fn(&Path));

const PARTS: [Part; 6] = [
    ("bytes", bytes::measure),
    ("typing", desk::typing),
    ("flood", desk::flood),
    ("memory", desk::weight),
    ("line", line::measure),
    ("commits", |_| commits::measure()),
];

fn main() {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    let mut program = beside();
    if let Some(at) = wanted.iter().position(|word| word == "--program") {
        program = PathBuf::from(wanted.drain(at..(at + 2).min(wanted.len())).last().unwrap_or_default());
    }
    // It is started in another folder.
    let program = program.canonicalize().unwrap_or(program);
    assert!(program.is_file(), "there is no veilbook beside this program: cargo build --release, or --program PATH");
    for word in &wanted {
        assert!(PARTS.iter().any(|(name, _)| name == word), "there is no part {word}");
    }
    process::allow_many_files();
    let folder = std::env::temp_dir();
    println!("On {}.", machine::described(&folder));
    if machine::is_in_memory(&folder) {
        println!("The files lie in memory: the rates of commits mean nothing.");
    }
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            measure(&program);
            println!("\nLoad average after it: {}.", process::load());
        }
    }
}

/// The program as `cargo build --release` makes it, in the same folder as this one or in the package's own.
fn beside() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let same = own.with_file_name("veilbook");
    if same.is_file() { same } else { Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release/veilbook") }
}
