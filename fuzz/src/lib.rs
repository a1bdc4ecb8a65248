//! What each fuzz target does with its bytes, and what must hold whatever they are.
//!
//! Shared by cargo-fuzz and by the tests on stable, which run the same functions over the corpora, over random bytes and
//! over mutations of the corpora.
//! **Invariant:** a target panics if, and only if, the program broke a promise.
#![allow(clippy::expect_used, clippy::panic, missing_docs)]

mod file;
mod reading;

/// A target: its name, which is its corpus' folder too, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 10] = [
    ("header", file::header),
    ("block", file::block),
    ("record", reading::record),
    ("import", reading::import),
    ("tokenizer", reading::tokenizer),
    ("query", reading::query),
    ("keymap", reading::keymap),
    ("audit_file", reading::audit_file),
    ("note", reading::note),
    ("backup", reading::backup),
];

/// Runs one target by its name.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name).expect("a target of that name");
    target.1(data);
}
