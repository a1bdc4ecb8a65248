//! The table of imports in ARCHITECTURE.md, held: which module may name which.

use super::check;
use super::source::{Source, sources};

/// A module and those it may import. The same table stands in ARCHITECTURE.md, and a test compares the two.
const MAY: [(&str, &[&str]); 17] = [
    ("codes", &[]),
    ("clock", &[]),
    ("hygiene", &[]),
    ("text", &[]),
    ("privacy", &["clock", "text"]),
    ("domain", &["privacy", "clock", "text"]),
    ("likeness", &["domain", "text"]),
    ("ledger", &["domain", "privacy", "clock", "text"]),
    ("vault", &["domain", "privacy", "clock", "hygiene", "text"]),
    ("exchange", &["domain", "privacy", "text"]),
    ("service", &["vault", "exchange", "ledger", "likeness", "domain", "privacy", "clock", "hygiene", "text"]),
    ("demo", &["service", "domain", "privacy", "clock", "text"]),
    ("words", &["service", "domain", "privacy"]),
    ("app", &["words", "service", "domain", "privacy", "clock", "text"]),
    ("hosts", &["app", "service", "domain", "clock", "text"]),
    (
        "cli",
        &[
            "words", "service", "ledger", "likeness", "exchange", "demo", "domain", "privacy", "clock", "hygiene",
            "text",
        ],
    ),
    ("start", &["cli", "hosts", "app", "demo", "service", "domain", "clock", "text"]),
];
/// `codes` holds one macro without a dependency; every module writes its enums of names with it.
const EVERYBODYS: [&str; 1] = ["codes"];

/// Parts of a module that a module above may not reach into, though it may import the rest.
const BUT_NOT: [(&str, &str, &str); 8] = [
    ("app", "privacy", "seal"),
    ("cli", "privacy", "seal"),
    ("exchange", "privacy", "seal"),
    ("demo", "privacy", "seal"),
    ("app", "service", "gate"),
    ("app", "service", "Gate"),
    ("app", "service", "session"),
    ("app", "service", "Session"),
];

/// The first two segments of every path to another module: `crate::a::b`, `super::…::a::b`, groups in braces included.
fn imports(source: &Source) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for head in ["crate::", "super::", "veilbook::"] {
        for (at, _) in source.code.match_indices(head) {
            let joined =
                source.code[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || "_:$".contains(c));
            if !joined {
                follow(source, &source.code[at..], &mut found);
            }
        }
    }
    found
}

/// Follows one path from its head to the modules that it names.
fn follow(source: &Source, path: &str, found: &mut Vec<(String, String)>) {
    let mut module = source.module();
    let mut rest = path;
    if let Some(behind) = rest.strip_prefix("crate::").or_else(|| rest.strip_prefix("veilbook::")) {
        module.clear();
        rest = behind;
    }
    while let Some(behind) = rest.strip_prefix("super::") {
        module.pop();
        rest = behind;
    }
    // A path that stays below a top module is that module's own affair.
    if module.is_empty() {
        for (first, second) in leaves(rest) {
            found.push((first, second));
        }
    }
}

/// What a path names in its first two segments; a group in braces names several.
fn leaves(rest: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for one in group(rest) {
        let first = word(one);
        let behind = one[first.len()..].trim_start();
        match behind.strip_prefix("::") {
            Some(inner) => pairs.extend(group(inner).into_iter().map(|two| (first.to_owned(), word(two).to_owned()))),
            None => pairs.push((first.to_owned(), String::new())),
        }
    }
    pairs
}

/// The members of a group in braces, or the text itself where there is none.
fn group(text: &str) -> Vec<&str> {
    let text = text.trim_start();
    let Some(inner) = text.strip_prefix('{') else { return vec![text] };
    let (mut depth, mut begin, mut members) = (0_usize, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                members.push(inner[begin..at].trim());
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                members.push(inner[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    members.retain(|member| !member.is_empty());
    members
}

/// The word that a text begins with.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

#[test]
fn a_module_imports_only_what_the_table_allows() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| s.name().starts_with("src/") && !s.is_tests()) {
        let module = source.module();
        let Some(top) = module.first() else { continue };
        let Some((_, may)) = MAY.iter().find(|(name, _)| name == top) else {
            if top != "main" {
                faults.push(format!("{}: the table has no row for {top}", source.name()));
            }
            continue;
        };
        for (first, second) in imports(source) {
            let ours = MAY.iter().any(|(name, _)| *name == first);
            if ours && first != *top && !may.contains(&first.as_str()) && !EVERYBODYS.contains(&first.as_str()) {
                faults.push(format!("{}: {top} may not import {first}", source.name()));
            }
            if BUT_NOT.iter().any(|but| (but.0, but.1, but.2) == (top.as_str(), first.as_str(), second.as_str())) {
                faults.push(format!("{}: {top} may not reach into {first}::{second}", source.name()));
            }
        }
    }
    faults.sort();
    faults.dedup();
    check("a module imports only what ARCHITECTURE.md's table allows", faults);
}

#[test]
fn the_table_in_architecture_md_is_the_one_that_is_held() {
    let written = include_str!("../../../ARCHITECTURE.md");
    let mut faults = Vec::new();
    for (module, may) in MAY.iter().filter(|(module, _)| *module != "codes") {
        let names = if may.is_empty() { "nothing of ours".to_owned() } else { may.join(", ") };
        let row = format!("| {module} | {names} |");
        if !written.contains(&row) {
            faults.push(row);
        }
    }
    check("ARCHITECTURE.md lacks these rows of the table of imports", faults);
}

#[test]
fn paths_are_followed_through_groups_and_supers() {
    let pairs = |text: &str| leaves(text).into_iter().map(|(a, b)| format!("{a}/{b}")).collect::<Vec<_>>().join(" ");
    assert_eq!(pairs("a::b::c;"), "a/b");
    assert_eq!(pairs("{a::{b, c::d}, e, f::G};"), "a/b a/c e/ f/G");
    assert_eq!(pairs("a::{self, B as C};"), "a/self a/B");
}
