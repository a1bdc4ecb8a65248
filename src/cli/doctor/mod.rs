//! `veilbook doctor`: what is well and what is not.
//!
//! One file a part: `file` (the vault's file), `keys`, `chain` (the record of actions), `seen` (beside what was last seen
//! of it), `deep` (all that is stored), `backup`, `process`, `terminal`.
//! **Invariant:** nothing is repaired; what needs a sign-in is said to be unchecked where nobody signed in.

mod backup;
mod chain;
mod deep;
mod file;
mod keys;
mod process;
mod seen;
mod terminal;

use super::args::Doctor;
use super::sign_in::Signed;
use super::{Desk, Ended, Exit};
use crate::domain::field::Lang;
use crate::service::gate::Presence;
use crate::words::Words;

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

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Doctor) -> Ended {
    let (gate, path) = desk.gate()?;
    let mut found = Findings(Vec::new());
    let present = gate.presence() == Presence::Present;
    file::look(&mut found, &path, present);
    let mut exit = Exit::Done;
    let can_sign_in = desk.common.actor.is_some() || desk.io.prompt.present();
    if !present {
        found.add("keys", Health::Unchecked, "there is no vault yet");
        found.add("chain", Health::Unchecked, "there is no vault yet");
    } else if can_sign_in {
        match desk.signed_in(|desk, signed| inside(&mut found, desk, signed, args)) {
            Ok(ended) => exit = ended,
            Err(trouble) => {
                exit = trouble.exit;
                found.add("keys", Health::Bad, trouble.to_string());
                found.add("chain", Health::Unchecked, "nobody signed in");
            }
        }
    } else {
        found.add("keys", Health::Unchecked, "sign in with --as NAME and --passphrase-file FILE");
        found.add("chain", Health::Unchecked, "sign in with --as NAME and --passphrase-file FILE");
    }
    let (backups, now) = (gate.backups(), desk.env.deps.clock.now());
    let words = Words::new(Lang::En);
    let patient = backup::Patient { backups, vault: &path, now, words: &words };
    backup::look(&mut found, &patient);
    process::look(&mut found);
    terminal::look(&mut found, desk);
    for (part, health, words) in &found.0 {
        desk.print(&format!("{part:9} {:9}  {words}", health.word()))?;
    }
    let bad = found.0.iter().any(|(_, health, _)| *health == Health::Bad);
    Ok(if exit == Exit::Done && bad { Exit::Failed } else { exit })
}

/// What only somebody who signed in sees.
fn inside(found: &mut Findings, desk: &mut Desk<'_, '_>, signed: &Signed, args: &Doctor) -> Ended {
    // Now, while there are keys in memory.
    process::look(found);
    keys::look(found, signed)?;
    chain::look(found, signed)?;
    seen::look(found, desk, signed);
    if args.deep { deep::look(found, desk, signed) } else { Ok(Exit::Done) }
}
