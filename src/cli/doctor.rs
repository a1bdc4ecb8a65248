//! `veilbook doctor`: what is well and what is not.
//!
//! **Invariant:** nothing is repaired and nothing is written; what needs a sign-in is said to be unchecked where nobody
//! signed in.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::env::{Encoding, Sink};
use super::sign_in::{Signed, refused, unexpected};
use super::trouble::{Trouble, shown};
use super::{Desk, Ended, Exit};
use crate::service::gate::Presence;
use crate::service::view::{ChainCheck, ChainState};
use crate::service::{Query, View};

/// How something is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Health {
    Well,
    Mind,
    Bad,
    Unchecked,
}

impl Health {
    fn word(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Mind => "mind",
            Self::Bad => "BAD",
            Self::Unchecked => "unchecked",
        }
    }
}

/// What was looked at.
struct Findings(Vec<(&'static str, Health, String)>);

impl Findings {
    fn add(&mut self, part: &'static str, health: Health, words: impl Into<String>) {
        self.0.push((part, health, words.into()));
    }
}

pub(super) fn run(desk: &mut Desk<'_, '_>) -> Ended {
    let (gate, path) = desk.gate()?;
    let mut found = Findings(Vec::new());
    let present = gate.presence() == Presence::Present;
    drop(gate);
    file(&mut found, &path, present);
    let mut exit = Exit::Done;
    let can_sign_in = desk.common.actor.is_some() || desk.io.prompt.present();
    if !present {
        found.add("keys", Health::Unchecked, "there is no vault yet");
        found.add("chain", Health::Unchecked, "there is no vault yet");
    } else if can_sign_in {
        if let Err(trouble) = desk.signed_in(|_, signed| inside(&mut found, signed)) {
            exit = trouble.exit;
            found.add("keys", Health::Bad, trouble.to_string());
            found.add("chain", Health::Unchecked, "nobody signed in");
        }
    } else {
        found.add("keys", Health::Unchecked, "sign in with --as NAME and --passphrase-file FILE");
        found.add("chain", Health::Unchecked, "sign in with --as NAME and --passphrase-file FILE");
    }
    found.add("backup", Health::Mind, "no backup yet");
    terminal(&mut found, desk);
    for (part, health, words) in &found.0 {
        desk.print(&format!("{part:9} {:9}  {words}", health.word()))?;
    }
    let bad = found.0.iter().any(|(_, health, _)| *health == Health::Bad);
    Ok(if exit == Exit::Done && bad { Exit::Failed } else { exit })
}

fn file(found: &mut Findings, path: &Path, present: bool) {
    let at = shown(path);
    if !present {
        return found.add("file", Health::Mind, format!("no vault at {at}; \"veilbook init --owner NAME\" makes one"));
    }
    match std::fs::symlink_metadata(path) {
        Err(error) => found.add("file", Health::Bad, Trouble::file("look at", path, &error).to_string()),
        Ok(meta) if !meta.is_file() => found.add("file", Health::Bad, format!("{at} is not an ordinary file")),
        Ok(meta) => {
            let (mode, size) = (meta.permissions().mode() & 0o777, meta.len() / 1024);
            if mode & 0o077 == 0 {
                found.add("file", Health::Well, format!("{at}, {size} KiB, only you can read it"));
            } else {
                found.add(
                    "file",
                    Health::Bad,
                    format!("{at} can be read by others (mode {mode:03o}): run \"chmod 600 {at}\""),
                );
            }
        }
    }
}

/// What only somebody who signed in sees.
fn inside(found: &mut Findings, signed: &Signed) -> Ended {
    let me = signed.me()?;
    if me.awaiting.is_empty() {
        found.add("keys", Health::Well, format!("{} signed in as {}", me.name, me.role.name.code()));
    } else {
        let classes: Vec<&str> = me.awaiting.iter().map(|class| class.code()).collect();
        let words =
            format!("{} waits for the keys of {}: a holder confirms them in Today", me.name, classes.join(" and "));
        found.add("keys", Health::Mind, words);
    }
    let what = "look at the chain";
    match signed.session().query(Query::Chain).map_err(refused(what)) {
        Ok(View::Chain(state)) => chain(found, &state),
        Ok(_) => return Err(unexpected(what)),
        // Many roles do not read the record, which is nothing bad.
        Err(trouble) => found.add("chain", Health::Unchecked, trouble.cause),
    }
    Ok(Exit::Done)
}

fn chain(found: &mut Findings, state: &ChainState) {
    let signed = match state.checkpoint {
        Some((size, at)) => format!("last checkpoint over {size} at {}", at.rfc3339()),
        None => "no checkpoint yet".to_owned(),
    };
    match &state.check {
        Some(ChainCheck::Broken(fault)) => found.add("chain", Health::Bad, format!("not as it was signed: {fault}")),
        Some(ChainCheck::Sound) => found.add("chain", Health::Well, format!("{} entries, sound, {signed}", state.size)),
        None => {
            let words = format!("{} entries, {signed}; \"veilbook audit verify\" checks all of it", state.size);
            found.add("chain", Health::Well, words);
        }
    }
}

fn terminal(found: &mut Findings, desk: &Desk<'_, '_>) {
    let env = desk.env;
    let name = env.term.as_deref().unwrap_or_default();
    let (health, words) = match (env.output, name, env.encoding) {
        (Sink::Stream, ..) => (Health::Unchecked, "standard output is not a terminal".to_owned()),
        (_, "" | "dumb", _) => (Health::Mind, "TERM names none with a full screen: use --plain".to_owned()),
        (_, _, Encoding::Other) => (Health::Mind, "the locale is not UTF-8: names may not show".to_owned()),
        (Sink::Terminal { columns }, ..) if columns < 80 => {
            (Health::Mind, format!("{columns} columns; 80 are needed for all there is to see"))
        }
        (Sink::Terminal { columns }, ..) => (Health::Well, format!("{name}, {columns} columns, UTF-8")),
    };
    found.add("terminal", health, words);
}
