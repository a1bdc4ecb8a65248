//! The same rows in programs that people know, moved down one row at a time in the same kind of terminal.
//!
//! **Invariant:** each shows rows of the same text on a screen of the same size and marks one of them, as a list does; nothing
//! else is switched on.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portable_pty::CommandBuilder;

use crate::slow::Throttle;
use crate::table::{beside, mean};
use crate::terminal::{Answers, Size, Terminal, command};

/// How often a row is moved down.
const STEPS: usize = 20;
/// More rows than any of the screens has, with the steps.
const ROWS: usize = 200;

/// Prints a line for each, beside the program's own means at both sizes.
pub fn measure(home: &Path, rows: &[String], own: (f64, f64)) {
    let rows: Vec<&str> = rows.iter().map(String::as_str).filter(|row| !row.is_empty()).cycle().take(ROWS).collect();
    for (name, make, key) in [("vim", vim as Make, "j"), ("neomutt", neomutt, "j"), ("mc", mc, "\x1bOB")] {
        let Some(program) = found(name) else {
            beside(&format!("{name}, a row down with scrolling"), "not installed: left out");
            continue;
        };
        let both = || [(80, 24), (200, 50)].map(|size| moved(make(&program, home, &rows), key.as_bytes(), size));
        // Another version of it may ask something first or know another key; the rest is measured all the same.
        let Ok([small, large]) = catch_unwind(AssertUnwindSafe(both)) else {
            beside(&format!("{name}, a row down with scrolling"), "shows something else: left out");
            continue;
        };
        let ratios = format!("{:.2} and {:.2} of it", own.0 / small, own.1 / large);
        let figures = format!("{small:.0} B, {large:.0} B; veilbook {ratios}");
        beside(&format!("{name}, a row down with scrolling, 80x24 and 200x50"), &figures);
    }
}

fn found(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// The mean of the bytes of a row down, from a page below the top on.
fn moved(command: CommandBuilder, key: &[u8], size: Size) -> f64 {
    let mut terminal = Terminal::new(command, size, Answers::Status, Arc::new(Throttle::default()));
    terminal.until("anything", |screen| screen.contents().lines().filter(|line| !line.trim().is_empty()).count() > 15);
    terminal.rest();
    for _ in 0..size.1 {
        terminal.send(key);
        terminal.rest();
    }
    let figures: Vec<u64> = (0..STEPS).map(|_| terminal.changed(key, 0)).collect();
    mean(&figures)
}

/// Makes what it shows, and the command that shows it.
type Make = fn(&Path, &Path, &[&str]) -> CommandBuilder;

fn vim(program: &Path, home: &Path, rows: &[&str]) -> CommandBuilder {
    let file = home.join("rows");
    fs::write(&file, rows.join("\n")).unwrap();
    let mut command = command(program, home);
    command.args(["-u", "NONE", "-i", "NONE", "-N", "-n", "-c", "set cursorline ruler"]);
    command.arg(file);
    command
}

fn neomutt(program: &Path, home: &Path, rows: &[&str]) -> CommandBuilder {
    let (letters, settings) = (home.join("letters"), home.join("neomuttrc"));
    let mut mbox = String::new();
    for (number, row) in rows.iter().enumerate() {
        let (from, subject) = row.split_once("  ").unwrap_or((row, ""));
        let id = format!("Message-ID: <{number}@example.com>");
        mbox.push_str(&format!("From a@example.com Sun Nov 22 10:00:00 2026\nFrom: \"{from}\" <a@example.com>\n"));
        mbox.push_str(&format!("Subject: {}\nDate: Sun, 22 Nov 2026 10:00:00 +0000\n{id}\n", subject.trim()));
        mbox.push_str("Status: RO\nContent-Type: text/plain; charset=utf-8\n\nx\n\n");
    }
    fs::write(&letters, mbox).unwrap();
    // With nothing unread it would begin at the end.
    fs::write(&settings, "push <first-entry>\nset folder=.\nset menu_scroll=yes\nset sort=mailbox-order\nset charset=utf-8\nset help=no\n")
        .unwrap();
    let mut command = command(program, home);
    command.args(["-n", "-R", "-F"]);
    command.arg(settings);
    command.arg("-f");
    command.arg(letters);
    command
}

fn mc(program: &Path, home: &Path, rows: &[&str]) -> CommandBuilder {
    let (folder, settings) = (home.join("files"), home.join(".config/mc"));
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir_all(&settings).unwrap();
    for (number, row) in rows.iter().enumerate() {
        let name: String = row.chars().filter(|c| *c != '/').take(30).collect();
        fs::write(folder.join(format!("{number:03} {name}")), "").unwrap();
    }
    fs::write(settings.join("ini"), "[Panels]\nscroll_pages=false\n").unwrap();
    let mut command = command(program, home);
    command.args(["-u", "-d"]);
    command.arg(&folder);
    command.arg(&folder);
    command
}
