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

use std::fmt::Display;

use super::args::Doctor;
use super::sign_in::Signed;
use super::{Desk, Ended, Exit};
use crate::service::gate::Presence;
use crate::text::pad;
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
    fn code(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Mind => "mind",
            Self::Bad => "bad",
            Self::Unchecked => "unchecked",
        }
    }
}

/// What was looked at, in the person's language.
struct Findings {
    rows: Vec<(&'static str, Health, String)>,
    words: Words,
}

impl Findings {
    /// The text of a key with its arguments.
    fn add(&mut self, part: &'static str, health: Health, key: &str, args: &[(&str, &dyn Display)]) {
        let said = self.words.ta(key, args);
        self.rows.push((part, health, said));
    }

    /// Words that were made already.
    fn add_said(&mut self, part: &'static str, health: Health, said: String) {
        self.rows.push((part, health, said));
    }
}

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Doctor) -> Ended {
    let (gate, path) = desk.gate()?;
    let mut found = Findings { rows: Vec::new(), words: Words::new(desk.lang) };
    let present = gate.presence() == Presence::Present;
    file::look(&mut found, &path, present);
    let mut exit = Exit::Done;
    let can_sign_in = desk.common.actor.is_some() || desk.io.prompt.present();
    if !present {
        found.add("keys", Health::Unchecked, "doctor-no-vault", &[]);
        found.add("chain", Health::Unchecked, "doctor-no-vault", &[]);
    } else if can_sign_in {
        match desk.signed_in(|desk, signed| inside(&mut found, desk, signed, args)) {
            Ok(ended) => exit = ended,
            Err(trouble) => {
                exit = trouble.exit;
                found.add_said("keys", Health::Bad, trouble.said(desk.lang));
                found.add("chain", Health::Unchecked, "doctor-nobody", &[]);
            }
        }
    } else {
        found.add("keys", Health::Unchecked, "doctor-sign-in", &[]);
        found.add("chain", Health::Unchecked, "doctor-sign-in", &[]);
    }
    let (backups, now) = (gate.backups(), desk.env.deps.clock.now());
    let words = Words::new(desk.lang);
    let patient = backup::Patient { backups, vault: &path, now, words: &words };
    backup::look(&mut found, &patient);
    process::look(&mut found);
    terminal::look(&mut found, desk);
    for (part, health, said) in &found.rows {
        let state = found.words.t(&format!("doctor-{}", health.code()));
        desk.print(&format!("{} {}  {said}", pad(&desk.code("doctor-part", part), 9), pad(&state, 9)))?;
    }
    let bad = found.rows.iter().any(|(_, health, _)| *health == Health::Bad);
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
