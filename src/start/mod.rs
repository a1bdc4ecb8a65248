//! Starting the full-screen program: which vault, which look, which terminal.
//!
//! **Invariant:** what the sample vault leaves on the disk goes with the program.

pub mod command;
pub mod serve;
pub mod ssh;

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use veilbook::app::keymap::Keymap;
use veilbook::app::theme::Theme;
use veilbook::cli::env::surroundings;
use veilbook::cli::{Exit, Opened, Screens, Style};
use veilbook::clock::{Clock, OsEntropy, SystemClock};
use veilbook::demo;
use veilbook::demo::sample::{self, Sample};
use veilbook::domain::audit::Origin;
use veilbook::domain::field::Lang;
use veilbook::hosts::crew::Crew;
use veilbook::hosts::desk::{Appearance, Desk, Keeps, Work};
use veilbook::hosts::drive::End;
use veilbook::hosts::input::MouseUse;
use veilbook::hosts::local::{self, Environment, TerminalError};
use veilbook::hosts::plain;
use veilbook::service::{Deps, Gate, GateError, KdfChoice, Session};
use zeroize::Zeroizing;

/// Why the program did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The keymap's file.
    #[error("cannot use the keymap {name}: {why}")]
    Keymap {
        /// What was asked for.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The theme's name.
    #[error("there is no theme {0}: choose dark, light, high_contrast or mono")]
    Theme(String),
    /// The sample vault.
    #[error("cannot make the sample vault: {0}")]
    Sample(GateError),
    /// A folder for it.
    #[error("cannot make a folder for the sample vault: {0}")]
    Folder(std::io::Error),
    /// The terminal.
    #[error("{0}: run veilbook in a terminal, with TERM set, or use --plain or a subcommand (veilbook --help)")]
    Terminal(#[from] TerminalError),
}

fn deps() -> Deps {
    Deps { clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy), kdf: KdfChoice::Calibrated }
}

/// Runs the program until its end.
pub fn screens(screens: Screens, variable: impl Fn(&str) -> Option<String>) -> Result<Exit, StartError> {
    let theme = match &screens.theme {
        Some(name) => Theme::from_code(name).ok_or_else(|| StartError::Theme(name.clone()))?,
        None => Theme::default(),
    };
    let keymap = keymap(screens.keymap.as_deref().unwrap_or("arrows"))?;
    let environment = Environment::read(&variable);
    if screens.style == Style::Full {
        environment.capabilities(MouseUse::Off)?;
    }
    let folder = Arc::new(tempfile::tempdir().map_err(StartError::Folder)?);
    let lang = screens.lang;
    let (gate, session) = match screens.what {
        Opened::Vault(path) => {
            let gate = Gate::new(path, deps()).remembering(screens.seen).with_cache(screens.cache);
            (gate.within(surroundings(&variable)), None)
        }
        Opened::Demo { customers, seed } => {
            let (gate, session) =
                look_round(&folder, Sample { seed, count: customers, lang }).map_err(StartError::Sample)?;
            (gate, Some(session))
        }
    };
    let round = Arc::clone(&folder);
    let work = Work {
        gate: Arc::new(gate),
        caller: Origin::Screen.into(),
        keeps: Keeps::Alone,
        home: surroundings(&variable).home,
        session,
        look_round: Box::new(move || look_round(&round, Sample { lang, ..Sample::default() })),
        name: screens.actor.unwrap_or_default(),
    };
    let look = Appearance { lang, theme, keymap };
    let clock = SystemClock;
    let now = clock.now();
    let end = match screens.style {
        Style::Full => local::run(&environment, MouseUse::Off, &clock, |waker, _| {
            let crew = Crew::own(Arc::clone(&work.gate));
            Desk::new(work, look, now, clock.offset(now), waker, crew)
        })?,
        Style::Plain => plain::run(work, look, &clock).map_err(TerminalError::Io)?,
    };
    Ok(if end == End::Panicked { Exit::Failed } else { Exit::Done })
}

fn keymap(name: &str) -> Result<Keymap, StartError> {
    if let Some(shipped) = Keymap::shipped(name) {
        return Ok(shipped);
    }
    let fault = |why: String| StartError::Keymap { name: name.to_owned(), why };
    let text = std::fs::read_to_string(name).map_err(|error| fault(error.to_string()))?;
    Keymap::parse(name, &text).map_err(|error| fault(error.to_string()))
}

/// A sample vault in the folder, with its owner signed in.
fn look_round(folder: &TempDir, sample: Sample) -> Result<(Gate, Session), GateError> {
    let path: PathBuf = folder.path().join("sample.veil");
    // Nothing in a sample vault is worth a second of key derivation.
    let deps = Deps { kdf: KdfChoice::Cheap, ..deps() };
    let (gate, founder) = sample::found(path, deps, sample, Zeroizing::new(sample::PASSPHRASE.to_owned()), |_| {})?;
    founder.end();
    // What the person does from here on comes from the screen, and says so on the record.
    let session = gate.login(&owner_name(sample.lang), sample::PASSPHRASE, Origin::Screen)?;
    Ok((gate, session))
}

fn owner_name(lang: Lang) -> String {
    demo::staff(lang).first().map(|owner| owner.name.to_string()).unwrap_or_default()
}
