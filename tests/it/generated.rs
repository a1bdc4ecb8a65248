//! What is generated from the program is current: the tables of keys in KEYS.md and the manual page.
//!
//! **Invariant:** with `VEILBOOK_UPDATE=1` in the environment a stale part is written anew; without it nothing is written,
//! and the test fails.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use veilbook::app::commands::{COMMANDS, Cmd, Place};
use veilbook::app::i18n::Words;
use veilbook::app::keymap::{Keymap, SHIPPED};
use veilbook::domain::field::Lang;

const BEGIN: &str = "<!-- keys: made from the program, renewed by VEILBOOK_UPDATE=1 cargo test generated -->\n";
const END: &str = "<!-- keys: end -->";

/// The places whose keys are worth a table; prompts, popups and the palette explain themselves.
const PLACES: [Place; 10] = [
    Place::Global,
    Place::List,
    Place::Customers,
    Place::Detail,
    Place::Today,
    Place::FollowUps,
    Place::Audit,
    Place::Admin,
    Place::Form,
    Place::Entrance,
];

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Compares a file with what it ought to be, or makes it so.
#[track_caller]
fn check(name: &str, wanted: &str) {
    let present = std::fs::read_to_string(file(name)).unwrap_or_default();
    if present == wanted {
        return;
    }
    if std::env::var_os("VEILBOOK_UPDATE").is_some() {
        std::fs::create_dir_all(file(name).parent().unwrap()).unwrap();
        std::fs::write(file(name), wanted).unwrap();
        return;
    }
    panic!("{name} is not current: run VEILBOOK_UPDATE=1 cargo test generated, and look at the difference");
}

/// One place's commands with their keys in every shipped keymap.
fn table(place: Place, words: &Words, maps: &[Keymap], out: &mut String) {
    let title = words.t(&format!("place-{}", place.code().replace('_', "-")));
    let _ = write!(out, "\n**{title}**\n\n| |");
    for (name, _) in SHIPPED {
        let _ = write!(out, " {name} |");
    }
    let _ = writeln!(out, "\n|---|{}", "---|".repeat(SHIPPED.len()));
    for command in COMMANDS.iter().filter(|c| c.places.contains(&place)) {
        match command.cmd.view_number() {
            // Nine lines that say the same would tell less than one.
            Some(1) => {
                let cells: Vec<String> = maps.iter().map(|map| keys_of_views(map, place)).collect();
                let _ = writeln!(out, "| {} | {} |", words.t("help-views"), cells.join(" | "));
                continue;
            }
            Some(_) => continue,
            None => {}
        }
        let cells: Vec<String> = maps.iter().map(|map| keys(map, place, command.cmd)).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            let what = words.t(&format!("cmd-{}", command.code.replace('_', "-")));
            let _ = writeln!(out, "| {what} | {} |", cells.join(" | "));
        }
    }
}

fn keys_of_views(map: &Keymap, place: Place) -> String {
    let ends = [Cmd::ShowView1, Cmd::ShowView9].map(|cmd| keys(map, place, cmd));
    ends.join(" … ")
}

fn keys(map: &Keymap, place: Place, cmd: Cmd) -> String {
    let sequences = map.live().filter(|b| b.place == place && b.cmd == cmd).map(|b| {
        let keys: Vec<String> = b.keys.iter().map(|key| key.to_string().replace('|', "\\|")).collect();
        format!("`{}`", keys.join(" "))
    });
    sequences.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_tables_of_keys_are_current() {
    let written = std::fs::read_to_string(file("KEYS.md")).unwrap();
    let (before, rest) = written.split_once(BEGIN).expect("KEYS.md has the mark before its tables");
    let (_, behind) = rest.split_once(END).expect("KEYS.md has the mark behind its tables");
    let words = Words::new(Lang::En);
    let maps: Vec<Keymap> = SHIPPED.iter().map(|(name, _)| Keymap::shipped(name).unwrap()).collect();
    let mut tables = String::new();
    PLACES.iter().for_each(|place| table(*place, &words, &maps, &mut tables));
    check("KEYS.md", &format!("{before}{BEGIN}{tables}\n{END}{behind}"));
}

#[test]
fn the_manual_page_is_current() {
    let output = Process::new(env!("CARGO_BIN_EXE_veilbook")).arg("man").output().unwrap();
    assert!(output.status.success(), "veilbook man failed");
    check("man/veilbook.1", &String::from_utf8(output.stdout).unwrap());
}
