//! The source held to its own rules: layers, headers, sizes, what may be named where.
//!
//! **Invariant:** nothing here runs the program; these tests read the source as text. Code under `#[cfg(test)]` is not
//! held to the layers, since a test may drive a part from above.

mod layers;
mod source;

use source::{Source, relative, sources, tracked};

/// The longest a source file may be; about 200 lines is the aim.
const LONGEST: usize = 600;
/// The longest a file of tests may be: a list of cases is read from top to bottom.
const LONGEST_TESTS: usize = 1_000;

/// Fails with the list, one to a line, if there is one.
#[track_caller]
fn check(rule: &str, faults: Vec<String>) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}

#[test]
fn every_source_file_says_what_it_is_for() {
    let faults = sources().iter().filter(|s| !s.text.starts_with("//! ")).map(Source::name).collect();
    check("a source file opens with `//!` and what it is for", faults);
}

#[test]
fn every_module_says_what_always_holds() {
    let faults = sources()
        .iter()
        .filter(|s| s.heads_a_module() && !s.text.contains("**Invariant:**"))
        .map(Source::name)
        .collect();
    check("a module's first file has an `**Invariant:**` sentence in its documentation", faults);
}

#[test]
fn no_source_file_is_too_long() {
    let too_long = |s: &&Source| s.text.lines().count() > if s.is_tests() { LONGEST_TESTS } else { LONGEST };
    let faults =
        sources().iter().filter(too_long).map(|s| format!("{} ({} lines)", s.name(), s.text.lines().count())).collect();
    check("a source file is one purpose, and short enough to read", faults);
}

#[test]
fn crates_stay_in_the_layers_that_own_them() {
    // A crate, and the parts of the tree in which its name may stand.
    let homes: [(&str, &[&str]); 9] = [
        ("redb", &["src/vault/"]),
        ("object_store", &["src/vault/backup/"]),
        ("ratatui", &["src/app/", "src/hosts/"]),
        ("tui_textarea", &["src/app/"]),
        ("crossterm", &["src/hosts/"]),
        ("chacha20poly1305", &["src/vault/", "src/privacy/"]),
        ("argon2", &["src/vault/keyring/"]),
        ("russh", &["src/hosts/ssh/"]),
        ("clap", &["src/cli/", "src/main.rs"]),
    ];
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| s.name().starts_with("src/") && !s.is_tests()) {
        for (name, may) in homes {
            if source.names(name) && !may.iter().any(|home| source.name().starts_with(home)) {
                faults.push(format!("{} names {name}", source.name()));
            }
        }
    }
    check("a crate is named only in the layer that owns it", faults);
}

#[test]
fn nothing_unfinished_is_left() {
    // Put together here, so that this file does not find itself.
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    let macros = [concat!("to", "do!"), concat!("un", "implemented!"), concat!("db", "g!")];
    let mut faults = Vec::new();
    for source in sources() {
        for word in words.iter().filter(|w| source.text.contains(*w)).chain(macros.iter().filter(|m| source.names(m))) {
            faults.push(format!("{}: {word}", source.name()));
        }
    }
    check("nothing unfinished is left in the source", faults);
}

#[test]
fn nothing_is_unsafe() {
    let faults = sources().iter().filter(|s| s.names("unsafe")).map(Source::name).collect();
    check("no source file has unsafe code", faults);
}

#[test]
fn no_file_names_the_machine_it_was_written_on() {
    let marks = source::marks_of_this_machine();
    let mut faults = Vec::new();
    for path in tracked() {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            if marks.iter().any(|mark| source::has_mark(line, mark)) {
                faults.push(format!("{}:{}", relative(&path), number + 1));
            }
        }
    }
    check("a tracked file names a folder or the host of this machine", faults);
}
