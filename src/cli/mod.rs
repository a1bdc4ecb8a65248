//! The command line: another caller of the service, with the same rights and the same record as the screens.
//!
//! One file a subcommand; [`run`] reads the arguments, signs in where that is needed and does one thing.
//! **Invariant:** nothing here holds a key or opens a file of the vault; what is printed to standard output came
//! masked through the door, but for the one value that `reveal` was asked for. Standard output carries results and
//! nothing else; words to people go to standard error.

pub mod args;
pub mod env;
pub mod files;
pub mod prompt;
pub mod server;
pub mod trouble;
pub mod words;

mod audit;
mod backup;
mod cadences;
mod cases;
mod completions;
mod consents;
mod customers;
mod deals;
mod demo;
mod doctor;
mod drill;
mod duplicates;
mod erase;
mod export;
mod factor;
mod fields;
mod follow_ups;
mod holidays;
mod import;
mod init;
mod interaction;
mod json;
mod keys;
mod losses;
mod mask;
mod moving;
mod passphrase;
mod policy;
mod pool;
mod recovery;
mod restore;
mod reveal;
mod rotate;
mod rules;
mod sessions;
mod setup;
mod show;
mod sign_in;
mod ssh;
mod staff;
mod table;
mod templates;
mod verify;

use std::ffi::OsString;
use std::fmt::Display;
use std::path::PathBuf;

use clap::{CommandFactory, Parser};

use args::{Cli, Command, Common};
use env::{Environment, Io, Sink};
pub use ssh::Listening;
use trouble::Trouble;

use crate::clock::Timestamp;
use crate::domain::field::Lang;
use crate::service::gate::Cache;
use crate::text::{Printable, whole_words};
use crate::words::Words;

/// How a command ended, as scripts read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Refused or failed.
    Failed,
    /// Used wrongly.
    Usage,
    /// The vault is held by another process.
    Busy,
    /// Nobody signed in.
    NotAuthenticated,
    /// Something stored cannot be read.
    Damaged,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Busy => 3,
            Self::NotAuthenticated => 4,
            Self::Damaged => 5,
        }
    }
}

/// What comes of a command line.
#[derive(Debug)]
pub enum Outcome {
    /// All is done.
    Exit(Exit),
    /// The full-screen program is asked for.
    RunScreens(Screens),
    /// The SSH listener is asked for.
    Listen(Listening),
    /// A server is asked for.
    Serve(Serving),
    /// The screens of a server are asked for.
    Attach(Attaching),
    /// The command is one for the server that listens at this socket.
    Forward(PathBuf),
}

/// How a server is to start.
#[derive(Debug)]
pub struct Serving {
    /// The vault.
    pub vault: PathBuf,
    /// Where it listens.
    pub socket: PathBuf,
    /// Whose members may connect besides its own account.
    pub group: Option<String>,
    /// The account of the SSH listener.
    pub listener: Option<u32>,
    /// Where what was last seen of each vault is kept.
    pub seen: Option<PathBuf>,
    /// How much of the vault is kept in memory.
    pub cache: Cache,
}

/// How somebody attaches to a server.
#[derive(Debug)]
pub struct Attaching {
    /// Where it listens.
    pub socket: PathBuf,
    /// The name that is filled in at the door.
    pub actor: Option<String>,
    /// The keymap's name or file.
    pub keymap: Option<String>,
    /// The theme's name.
    pub theme: Option<String>,
    /// The language.
    pub lang: Lang,
}

/// How the full-screen program is to start.
#[derive(Debug)]
pub struct Screens {
    /// On what.
    pub what: Opened,
    /// The name that is filled in at the door.
    pub actor: Option<String>,
    /// The keymap's name or file.
    pub keymap: Option<String>,
    /// The theme's name.
    pub theme: Option<String>,
    /// The language.
    pub lang: Lang,
    /// Full screen or line by line.
    pub style: Style,
    /// Where what was last seen of each vault is kept.
    pub seen: Option<PathBuf>,
    /// How much of the vault is kept in memory.
    pub cache: Cache,
}

/// What the full-screen program opens.
#[derive(Debug)]
pub enum Opened {
    /// A vault, which may not be there yet.
    Vault(PathBuf),
    /// A throwaway vault of made-up customers.
    Demo {
        /// How many.
        customers: u64,
        /// Which.
        seed: u64,
    },
}

/// How the program shows itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The whole screen.
    Full,
    /// Lines, for screen readers.
    Plain,
}

/// Runs the command line `arguments`, of which the first is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>, env: &Environment, io: &mut Io<'_>) -> Outcome {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return explained(&error, io),
    };
    let Cli { common, keymap, theme, plain, command } = cli;
    let style = if plain { Style::Plain } else { Style::Full };
    let lang = common.lang.map_or(env.lang, |word| word.0);
    let actor = common.actor.clone();
    let (cache, seen) = (Cache::mebibytes(common.cache), env.seen());
    let screens = |what| {
        let (actor, keymap, theme) = (actor.clone(), keymap.clone(), theme.clone());
        Outcome::RunScreens(Screens { what, actor, keymap, theme, lang, style, seen: seen.clone(), cache })
    };
    let mut desk = Desk { common: &common, env, io, lang, words: Words::new(lang) };
    let attach = |socket| {
        let (actor, keymap, theme) = (actor.clone(), keymap.clone(), theme.clone());
        Outcome::Attach(Attaching { socket, actor, keymap, theme, lang })
    };
    let here = env.held.is_none();
    let done = match command {
        None | Some(Command::Serve(_) | Command::Attach | Command::Ssh(_)) if !here => {
            Err(Trouble::usage("cannot do that in a server", "Run it as a command of its own"))
        }
        None => match (desk.server(), desk.vault()) {
            (Some(socket), _) if style == Style::Full => return attach(socket),
            (_, Ok(path)) => return screens(Opened::Vault(path)),
            (_, Err(trouble)) => Err(trouble),
        },
        Some(Command::Attach) => match desk.server() {
            Some(socket) => return attach(socket),
            None => Err(Trouble::failed(
                "cannot attach: no server listens for this vault",
                "Start one with \"veilbook serve\", or name its socket with --socket",
            )),
        },
        Some(Command::Ssh(args)) => match ssh::listening(&desk, args) {
            Ok(listening) => return Outcome::Listen(listening),
            Err(trouble) => Err(trouble),
        },
        Some(Command::Serve(args)) => match desk.serving(args) {
            Ok(serving) => return Outcome::Serve(serving),
            Err(trouble) => Err(trouble),
        },
        Some(command)
            if here
                && command.is_of_the_vault()
                && let Some(socket) = desk.server() =>
        {
            return Outcome::Forward(socket);
        }
        Some(Command::Demo(args::Demo { customers, seed, make: None, labelled: None })) => {
            return screens(Opened::Demo { customers, seed });
        }
        Some(command) => desk.perform(command),
    };
    let _ = io.output.flush();
    match done {
        Ok(exit) => Outcome::Exit(exit),
        // Whoever reads the output has had enough, as `head` does; nothing went wrong.
        Err(trouble) if trouble.exit == Exit::Done => Outcome::Exit(Exit::Done),
        Err(trouble) => {
            let _ = writeln!(io.errors, "{}", laid_out(&trouble.said(lang), env.errors));
            Outcome::Exit(trouble.exit)
        }
    }
}

/// Help and version go to standard output, faults of use to standard error. A fault repeats what was typed, which may
/// be a file's name out of a pattern, so it is made printable.
fn explained(error: &clap::Error, io: &mut Io<'_>) -> Outcome {
    let text = error.render();
    if error.use_stderr() {
        let _ = writeln!(io.errors, "{}", Printable::lines(&text.to_string()));
        Outcome::Exit(Exit::Usage)
    } else {
        let _ = write!(io.output, "{text}");
        Outcome::Exit(Exit::Done)
    }
}

/// The definition, for what is generated from it.
pub fn definition() -> clap::Command {
    Cli::command()
}

/// Words as they go to people: on a terminal broken between words, elsewhere as they are.
fn laid_out(words: &str, to: Sink) -> String {
    match to {
        Sink::Stream => words.to_owned(),
        Sink::Terminal { columns } => {
            let cells = usize::from(columns.max(20));
            words.split('\n').flat_map(|line| whole_words(line, cells)).collect::<Vec<_>>().join("\n")
        }
    }
}

/// What a command works with.
struct Desk<'d, 'i> {
    common: &'d Common,
    env: &'d Environment,
    io: &'d mut Io<'i>,
    lang: Lang,
    words: Words,
}

/// How a command ends.
type Ended = Result<Exit, Trouble>;

impl Desk<'_, '_> {
    fn perform(&mut self, command: Command) -> Ended {
        match command {
            Command::Init(args) => init::run(self, &args),
            Command::Demo(args) => demo::make(self, &args),
            Command::Import(args) => import::run(self, &args),
            Command::Customers(args) => customers::run(self, &args),
            Command::Show(args) => show::run(self, &args),
            Command::Reveal(args) => reveal::run(self, &args),
            Command::Verify(args) => verify::run(self, &args),
            Command::Interaction(args::Interaction::Add(args)) => interaction::add(self, &args),
            Command::FollowUps(args) => follow_ups::run(self, &args),
            Command::Cases(args) => cases::run(self, &args),
            Command::Consents(args) => consents::run(self, &args),
            Command::Losses(args) => losses::run(self, &args),
            Command::Cadences(args) => cadences::run(self, &args),
            Command::Templates(args) => templates::run(self, &args),
            Command::Rules(args) => rules::run(self, &args),
            Command::Pool(args) => pool::run(self, &args),
            Command::Deals(args) => deals::run(self, &args),
            Command::Policy(args) => policy::run(self, &args),
            Command::Holidays(args) => holidays::run(self, &args),
            Command::Audit(args) => audit::run(self, &args),
            Command::Staff(args) => staff::run(self, &args),
            Command::Sessions(args) => sessions::run(self, &args),
            Command::Seal => sessions::seal(self),
            Command::Backup(args) => backup::run(self, &args),
            Command::Restore(args) => restore::run(self, &args),
            Command::Drill(args) => drill::run(self, &args),
            Command::Duplicates(args) => duplicates::run(self, &args),
            Command::Erase(args) => erase::run(self, &args),
            Command::Setup(args) => setup::run(self, &args),
            Command::Passphrase(args) => passphrase::run(self, &args),
            Command::Factor(args) => factor::run(self, &args),
            Command::Keys(args) => keys::run(self, &args),
            Command::Recovery(args) => recovery::run(self, &args),
            Command::Rotate(args) => rotate::run(self, &args),
            Command::Fields(args) => fields::run(self, &args),
            Command::Mask(args) => mask::run(self, &args),
            Command::Doctor(args) => doctor::run(self, &args),
            // These are outcomes of their own.
            Command::Serve(_) | Command::Attach | Command::Ssh(_) => Ok(Exit::Usage),
            Command::Completions(args) => completions::run(self, &args),
            Command::Man => completions::man(self),
        }
    }

    /// The vault's file: as named, else `VEILBOOK_VAULT`, else in the user's data folder.
    fn vault(&self) -> Result<PathBuf, Trouble> {
        let named = self.common.vault.clone().or_else(|| self.env.vault.clone());
        named.or_else(|| Some(self.env.data.as_ref()?.join("customers.veil"))).ok_or_else(|| {
            Trouble::usage("cannot tell where the vault is: there is no home folder", "Name its file with --vault")
        })
    }

    /// The socket of a server that holds the vault, if one listens or was named.
    fn server(&self) -> Option<PathBuf> {
        let usual = self.env.data.as_ref().map(|folder| folder.join("customers.veil"));
        let wanted = server::Wanted {
            socket: self.common.server.socket.as_deref().or(self.env.socket.as_deref()),
            vault: self.common.vault.as_deref().or(self.env.vault.as_deref()),
            usual: usual.as_deref(),
        };
        wanted.socket()
    }

    fn serving(&self, args: args::Serve) -> Result<Serving, Trouble> {
        let vault = self.vault()?;
        let named = self.common.server.socket.clone().or_else(|| self.env.socket.clone());
        let socket = named.unwrap_or_else(|| server::beside(&vault));
        let (group, listener) = (args.group, args.listener_uid);
        let cache = Cache::mebibytes(self.common.cache);
        Ok(Serving { vault, socket, group, listener, seen: self.env.seen(), cache })
    }

    /// A moment in the person's zone, to the minute.
    fn moment(&self, at: Timestamp) -> String {
        at.at(self.env.deps.clock.offset(at)).format("%Y-%m-%d %H:%M").to_string()
    }

    /// The text of a key with its arguments, to people.
    fn told(&mut self, key: &str, args: &[(&str, &dyn Display)]) -> Result<(), Trouble> {
        let words = self.words.ta(key, args);
        self.say(&words)
    }

    /// A code of a family in a table for people: as scripts know it in English, its text in Chinese.
    fn code(&self, family: &str, code: &str) -> String {
        match self.lang {
            Lang::En => code.to_owned(),
            Lang::ZhCn => crate::words::refusal::code(&self.words, family, code),
        }
    }

    /// What somebody is asked, with the gap before the answer.
    fn label(&self, key: &str) -> String {
        format!("{} ", self.words.t(key))
    }

    /// A word to people.
    fn say(&mut self, words: &str) -> Result<(), Trouble> {
        Ok(writeln!(self.io.errors, "{}", laid_out(words, self.env.errors))?)
    }

    /// A line of result.
    fn print(&mut self, line: &str) -> Result<(), Trouble> {
        Ok(writeln!(self.io.output, "{line}")?)
    }
}
