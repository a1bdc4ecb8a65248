//! The command line through its own door, in process: arguments in, text and exit code out.

mod alone;
mod backup;
mod duplicates;
mod export;
mod fields;
mod import;
mod keys;
mod vault;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tempfile::TempDir;
use veilbook::cli::env::{Encoding, Environment, Interrupts, Io, Prompt, Sink, Source};
use veilbook::cli::files::Own;
use veilbook::cli::{Outcome, run};
use veilbook::clock::{FixedClock, SeededEntropy, Timestamp};
use veilbook::domain::field::Lang;
use veilbook::service::backups::Surroundings;
use veilbook::service::gate::{Deps, KdfChoice};
use zeroize::Zeroizing;

/// 2026-11-21 14:00 in UTC+8, a Saturday.
const NOW: Timestamp = Timestamp(1_795_240_800_000);

const PASSPHRASE: &str = "quiet harbour lantern seven";

/// What came of a command.
struct Ran {
    code: u8,
    out: String,
    err: String,
}

impl Ran {
    #[track_caller]
    fn ok(self) -> String {
        assert_eq!(self.code, 0, "out: {}\nerr: {}", self.out, self.err);
        self.out
    }

    #[track_caller]
    fn fails(self, code: u8, words: &str) {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        assert!(self.err.contains(words), "{}", self.err);
        assert!(self.out.is_empty(), "{}", self.out);
    }
}

/// Somebody at a terminal who gives these answers, or nobody.
struct Typist(Option<VecDeque<String>>, Vec<String>);

impl Typist {
    fn next(&mut self) -> io::Result<String> {
        self.0.as_mut().and_then(VecDeque::pop_front).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

impl Prompt for Typist {
    fn present(&self) -> bool {
        self.0.is_some()
    }

    fn line(&mut self, _: &str) -> io::Result<String> {
        self.next()
    }

    fn paper(&mut self, _: &str, lines: &[Zeroizing<String>], _: &str) -> io::Result<()> {
        // Numbers and words in columns, read downwards.
        let all = lines.iter().flat_map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let all: Vec<String> = all.collect();
        let mut words: Vec<(usize, String)> = all.chunks(2).map(|p| (p[0].parse().unwrap(), p[1].clone())).collect();
        words.sort();
        self.1 = words.into_iter().map(|(_, word)| word).collect();
        Ok(())
    }

    /// A word of the paper is answered by its number, everything else by the next answer.
    fn secret(&mut self, label: &str) -> io::Result<Zeroizing<String>> {
        let number = label.strip_prefix("Word ").and_then(|rest| rest.split(':').next()?.trim().parse::<usize>().ok());
        match number.and_then(|n| self.1.get(n - 1).cloned()) {
            Some(word) => Ok(Zeroizing::new(word)),
            None => self.next().map(Zeroizing::new),
        }
    }
}

/// A folder with a passphrase file, and a command line that works in it.
struct Bench {
    folder: TempDir,
    clock: Arc<FixedClock>,
    stop: Arc<AtomicBool>,
}

impl Bench {
    fn new() -> Self {
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(FixedClock::new(NOW)),
            stop: Arc::new(AtomicBool::new(false)),
        };
        bench.secret("owner.pass", PASSPHRASE);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        self.text(name)
    }

    /// A file that only its owner can read.
    fn secret(&self, name: &str, text: &str) -> String {
        let path = self.file(name, format!("{text}\n").as_bytes());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn environment(&self) -> Environment {
        Environment {
            vault: Some(self.path("shop.veil")),
            data: None,
            state: None,
            lang: Lang::En,
            region: Some("CN".to_owned()),
            term: Some("xterm-256color".to_owned()),
            encoding: Encoding::Utf8,
            input: Source::Stream,
            output: Sink::Stream,
            errors: Sink::Stream,
            deps: self.deps(),
            interrupts: Interrupts::Flag(Arc::clone(&self.stop)),
            surroundings: Surroundings {
                state: Some(self.path("state")),
                home: Some(self.path("home")),
                variables: Vec::new(),
            },
            socket: None,
            files: Arc::new(Own),
            held: None,
        }
    }

    fn deps(&self) -> Deps {
        Deps {
            clock: Arc::clone(&self.clock) as _,
            entropy: Arc::new(SeededEntropy::new(fresh_seed())),
            kdf: KdfChoice::Cheap,
        }
    }

    fn outcome(&self, arguments: &[&str], input: &str, prompt: &mut Typist) -> (Outcome, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut input = input.as_bytes();
        let mut io = Io { input: &mut input, output: &mut out, errors: &mut err, prompt };
        let arguments = std::iter::once("veilbook").chain(arguments.iter().copied()).map(OsString::from);
        let outcome = run(arguments, &self.environment(), &mut io);
        (outcome, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    /// Runs a command with this standard input and nobody at a terminal.
    fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let (outcome, out, err) = self.outcome(arguments, input, &mut Typist(None, Vec::new()));
        let Outcome::Exit(exit) = outcome else { panic!("the screens were asked for") };
        Ran { code: exit.code(), out, err }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    /// As somebody, whose passphrase lies in `NAME.pass`.
    fn run_as(&self, name: &str, arguments: &[&str], input: &str) -> Ran {
        let secret = self.text(&format!("{}.pass", name.to_lowercase()));
        let signed = ["--as", name, "--passphrase-file", &secret];
        self.run_with(&[arguments, &signed].concat(), input)
    }

    fn owner(&self, arguments: &[&str]) -> Ran {
        self.run_as("Owner", arguments, "")
    }
}

/// Every invocation has its own randomness, as processes have: nonces must not repeat.
fn fresh_seed() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::SeqCst)
}
