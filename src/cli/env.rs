//! What a command is given of the world: paths, language, terminal, clock, streams.
//!
//! **Invariant:** only [`Environment::of_process`] reads the process's environment; commands and tests see what they
//! are handed.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use zeroize::Zeroizing;

use super::files::{Files, Own};
use crate::clock::{OsEntropy, SystemClock};
use crate::domain::field::Lang;
use crate::service::backups::{Surroundings, VARIABLES};
use crate::service::gate::{Caller, Deps, Gate, KdfChoice};

/// What a command knows of where it runs.
#[derive(Clone)]
pub struct Environment {
    /// `VEILBOOK_VAULT`.
    pub vault: Option<PathBuf>,
    /// The user's data folder of this program.
    pub data: Option<PathBuf>,
    /// The user's state folder of this program, where it keeps what was last seen of each vault.
    pub state: Option<PathBuf>,
    /// The language that the locale asks for.
    pub lang: Lang,
    /// The country that the locale names.
    pub region: Option<String>,
    /// `TERM`, and whether the locale is UTF-8.
    pub term: Option<String>,
    /// Whether text that is not ASCII can be shown.
    pub encoding: Encoding,
    /// What standard input comes from.
    pub input: Source,
    /// What standard output is.
    pub output: Sink,
    /// What standard error is.
    pub errors: Sink,
    /// Clock, entropy, key derivation.
    pub deps: Deps,
    /// How Ctrl-C comes in.
    pub interrupts: Interrupts,
    /// What backups need to know of where the program runs.
    pub surroundings: Surroundings,
    /// `VEILBOOK_SOCKET`.
    pub socket: Option<PathBuf>,
    /// Who opens the files that the person names.
    pub files: Arc<dyn Files>,
    /// In a server: the gate that it holds, and who the command is for.
    pub held: Option<Held>,
}

/// The gate of the vault that this process holds for others.
#[derive(Clone, Debug)]
pub struct Held {
    /// The gate.
    pub gate: Arc<Gate>,
    /// Who asks.
    pub caller: Caller,
}

/// Knows a clock and paths; prints neither.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment(..)")
    }
}

/// What the locale says of encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// Something else, or nothing said.
    Other,
}

/// What input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Somebody's keys.
    Terminal,
    /// A pipe or a file.
    Stream,
}

/// What output goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sink {
    /// A terminal of so many columns.
    Terminal {
        /// Its width.
        columns: u16,
    },
    /// A pipe or a file.
    Stream,
}

/// How long work learns that it should stop.
#[derive(Clone, Debug)]
pub enum Interrupts {
    /// By the process's signals.
    Signals,
    /// By this flag.
    Flag(Arc<AtomicBool>),
}

impl Interrupts {
    /// A flag that turns true when somebody wants the work to stop. From here on Ctrl-C does nothing else.
    pub fn watch(&self) -> io::Result<Arc<AtomicBool>> {
        match self {
            Self::Flag(flag) => Ok(Arc::clone(flag)),
            Self::Signals => {
                let flag = Arc::new(AtomicBool::new(false));
                for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
                    signal_hook::flag::register(signal, Arc::clone(&flag))?;
                }
                Ok(flag)
            }
        }
    }
}

impl Environment {
    /// That of somebody who has a server do the work: their language and streams, the server's everything else.
    pub fn of_client(
        self,
        variable: impl Fn(&str) -> Option<String>,
        streams: (Source, Sink, Sink),
        files: Arc<dyn Files>,
        interrupts: Arc<AtomicBool>,
        held: Held,
    ) -> Self {
        let var = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = var("LC_ALL").or_else(|| var("LC_CTYPE")).or_else(|| var("LANG")).unwrap_or_default();
        let messages = var("LC_ALL").or_else(|| var("LC_MESSAGES")).or_else(|| var("LANG")).unwrap_or_default();
        let (input, output, errors) = streams;
        Self {
            vault: Some(held.gate.path().to_owned()),
            lang: language(&messages),
            region: region(&locale),
            term: var("TERM"),
            encoding: encoding(&locale),
            input,
            output,
            errors,
            interrupts: Interrupts::Flag(interrupts),
            files,
            held: Some(held),
            ..self
        }
    }

    /// That of the process.
    pub fn of_process() -> Self {
        let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = var("LC_ALL").or_else(|| var("LC_CTYPE")).or_else(|| var("LANG")).unwrap_or_default();
        let messages = var("LC_ALL").or_else(|| var("LC_MESSAGES")).or_else(|| var("LANG")).unwrap_or_default();
        Self {
            vault: std::env::var_os("VEILBOOK_VAULT").filter(|value| !value.is_empty()).map(PathBuf::from),
            data: directories::ProjectDirs::from("", "", "veilbook").map(|dirs| dirs.data_dir().to_owned()),
            state: directories::ProjectDirs::from("", "", "veilbook")
                .map(|dirs| dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned()),
            lang: language(&messages),
            region: region(&locale),
            term: var("TERM"),
            encoding: encoding(&locale),
            input: if rustix::termios::isatty(io::stdin()) { Source::Terminal } else { Source::Stream },
            output: sink(io::stdout()),
            errors: sink(io::stderr()),
            deps: Deps { clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy), kdf: KdfChoice::Calibrated },
            interrupts: Interrupts::Signals,
            surroundings: surroundings(var),
            socket: std::env::var_os("VEILBOOK_SOCKET").filter(|value| !value.is_empty()).map(PathBuf::from),
            files: Arc::new(Own),
            held: None,
        }
    }
}

/// The user's state folder, and the variables that a bucket's credentials come from.
pub fn surroundings(variable: impl Fn(&str) -> Option<String>) -> Surroundings {
    let folders = directories::ProjectDirs::from("", "", "veilbook");
    // Where the system has no folder for state, the one for data serves.
    let state = folders.map(|dirs| dirs.state_dir().unwrap_or_else(|| dirs.data_dir()).to_owned());
    let variables = VARIABLES.iter().filter_map(|name| Some(((*name).to_owned(), variable(name)?))).collect();
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    Surroundings { state, home, variables }
}

impl Environment {
    /// Where what was last seen of each vault is kept.
    pub fn seen(&self) -> Option<PathBuf> {
        self.state.as_ref().map(|folder| folder.join("seen"))
    }

    /// Whether standard input is somebody's keys.
    pub fn input_is_terminal(&self) -> bool {
        self.input == Source::Terminal
    }
}

fn sink(stream: impl std::os::fd::AsFd) -> Sink {
    if !rustix::termios::isatty(&stream) {
        return Sink::Stream;
    }
    Sink::Terminal { columns: rustix::termios::tcgetwinsize(&stream).map_or(80, |size| size.ws_col.max(20)) }
}

fn language(locale: &str) -> Lang {
    if locale.starts_with("zh") { Lang::ZhCn } else { Lang::En }
}

fn region(locale: &str) -> Option<String> {
    let region = locale.split_once('_')?.1.split(['.', '@']).next()?;
    (region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase())).then(|| region.to_owned())
}

fn encoding(locale: &str) -> Encoding {
    let plain = locale.to_lowercase().replace('-', "");
    if plain.contains("utf8") { Encoding::Utf8 } else { Encoding::Other }
}

/// Asks somebody who sits at a terminal.
pub trait Prompt {
    /// Whether anybody sits there.
    fn present(&self) -> bool;

    /// A line that is shown while it is typed.
    fn line(&mut self, label: &str) -> io::Result<String>;

    /// Shows lines, waits until somebody has read them, and takes them off the screen again.
    fn paper(&mut self, about: &str, lines: &[Zeroizing<String>], foot: &str) -> io::Result<()>;

    /// A line that is not shown.
    fn secret(&mut self, label: &str) -> io::Result<Zeroizing<String>>;
}

/// The streams of a command.
pub struct Io<'a> {
    /// Standard input.
    pub input: &'a mut dyn Read,
    /// Standard output.
    pub output: &'a mut dyn Write,
    /// Standard error.
    pub errors: &'a mut dyn Write,
    /// Somebody to ask.
    pub prompt: &'a mut dyn Prompt,
}

impl std::fmt::Debug for Io<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Io(..)")
    }
}

/// Arguments as a program gets them, the program's name first.
pub type Arguments = Vec<OsString>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_gives_language_region_and_encoding() {
        for (locale, lang, country, utf8) in [
            ("zh_CN.UTF-8", Lang::ZhCn, Some("CN"), Encoding::Utf8),
            ("en_GB.utf8", Lang::En, Some("GB"), Encoding::Utf8),
            ("de_DE@euro", Lang::En, Some("DE"), Encoding::Other),
            ("C", Lang::En, None, Encoding::Other),
            ("", Lang::En, None, Encoding::Other),
        ] {
            assert_eq!(language(locale), lang, "{locale}");
            assert_eq!(region(locale).as_deref(), country, "{locale}");
            assert_eq!(encoding(locale), utf8, "{locale}");
        }
    }
}
