//! Getting through the gate: who, with which passphrase, from where it may be read.
//!
//! **Invariant:** a passphrase comes from a file that nobody else can read, from a descriptor or from the terminal
//! without echo; never from an argument or the environment. Each is zeroized when it goes.

use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::files::Files;
use super::trouble::{Trouble, shown};
use super::{Desk, Ended};
use crate::domain::audit::Origin;
use crate::domain::field::Lang;
use crate::service::gate::{Cache, Caller, Gate, GateError, Presence};
use crate::service::view::Me;
use crate::service::{Entered, Query, Refusal, Session, View, passphrase_shape};
use crate::words::Words;
use crate::words::refusal::code;

/// How often something that has to be typed exactly is asked for.
pub(super) const TRIES: usize = 3;

/// The most that is read as a secret, in bytes; the gate has its own, smaller bound.
const LONGEST: u64 = 1024 * 1024;

/// Somebody who is through the gate. Ends on record when it is dropped by [`Signed::end`].
pub(super) struct Signed {
    session: Session,
    gate: Arc<Gate>,
    kept: Kept,
}

/// Whether the vault stays open when somebody signs out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// By a server, for others.
    Open,
    /// By nobody.
    No,
}

impl Signed {
    pub(super) fn new(session: Session, gate: Arc<Gate>, kept: Kept) -> Self {
        Self { session, gate, kept }
    }

    /// The session.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Who signed in.
    pub(super) fn me(&self) -> Result<Me, Trouble> {
        match self.session.query(Query::Me) {
            Ok(View::Me(me)) => Ok(me),
            Ok(_) => Err(unexpected("ask who is signed in")),
            Err(refusal) => Err(Trouble::refused("ask who is signed in", &refusal)),
        }
    }

    /// Has the vault shut when everybody is gone.
    pub(super) fn seal(&self) {
        self.gate.seal();
    }

    /// Writes what was read on record, signs out and frees the file.
    pub(super) fn end(self) {
        self.session.settle();
        self.session.end();
        if self.kept == Kept::No {
            self.gate.seal();
        }
    }
}

/// An answer of another kind than the question, which only a fault of the program gives.
pub(super) fn unexpected(what: &str) -> Trouble {
    Trouble::failed(
        format!("cannot {what}: the vault gave an answer of another kind"),
        "Report this as a fault of the program",
    )
}

/// A refusal of `what` as a trouble.
pub(super) fn refused(what: &str) -> impl FnOnce(Refusal) -> Trouble + '_ {
    move |refusal| Trouble::refused(what, &refusal)
}

impl Desk<'_, '_> {
    /// The gate of the vault in question.
    pub(super) fn gate(&self) -> Result<(Arc<Gate>, std::path::PathBuf), Trouble> {
        if let Some(held) = &self.env.held {
            return Ok((Arc::clone(&held.gate), held.gate.path().to_owned()));
        }
        let path = self.vault()?;
        Ok((Arc::new(self.gate_at(path.clone())), path))
    }

    /// Whether the vault stays open when this command ends.
    pub(super) fn kept(&self) -> Kept {
        if self.env.held.is_some() { Kept::Open } else { Kept::No }
    }

    /// Who is at the gate.
    pub(super) fn caller(&self) -> Caller {
        self.env.held.as_ref().map_or(Origin::CommandLine.into(), |held| held.caller)
    }

    /// The gate of the vault at a path.
    pub(super) fn gate_at(&self, path: std::path::PathBuf) -> Gate {
        let gate = Gate::new(path, self.env.deps.clone()).remembering(self.env.seen());
        gate.within(self.env.surroundings.clone()).with_cache(Cache::mebibytes(self.common.cache))
    }

    /// Signs in, does `work`, and signs out whatever came of it.
    pub(super) fn signed_in(&mut self, work: impl FnOnce(&mut Self, &Signed) -> Ended) -> Ended {
        let (gate, path) = self.gate()?;
        if gate.presence() == Presence::Missing {
            return Err(Trouble::gate("open the vault", &path, &GateError::Missing));
        }
        let name = self.actor()?;
        let passphrase = self.passphrase(Ask::Once)?;
        let session = self.enter(&gate, &name, &passphrase)?;
        let session = session.map_err(|error| Trouble::gate("open the vault", &path, &error))?;
        drop(passphrase);
        if let Some(seen) = session.seen() {
            let when = self.moment(seen.at);
            let key = format!("seen-{}", seen.kind.code().replace('_', "-"));
            self.told(&key, &[("when", &when), ("entries", &seen.entries), ("now", &seen.now)])?;
        }
        if let Some(why) = session.fault() {
            self.told("check-fault", &[("why", &why)])?;
        }
        let signed = Signed::new(session, gate, self.kept());
        let ended = work(self, &signed);
        signed.end();
        ended
    }

    /// Through the gate, with a code of the second factor where one is needed. At a terminal a wrong one can be typed
    /// again.
    pub(super) fn enter(
        &mut self,
        gate: &Gate,
        name: &str,
        passphrase: &str,
    ) -> Result<Result<Session, GateError>, Trouble> {
        let mut pending = match gate.enter(name, passphrase, self.caller()) {
            Ok(Entered::Session(session)) => return Ok(Ok(*session)),
            Ok(Entered::NeedsCode(pending)) => pending,
            Err(error) => return Ok(Err(error)),
        };
        for left in (0..CODE_TRIES).rev() {
            let (code, given) = match self.code_given()? {
                Some(code) => code,
                None => return Ok(Err(GateError::CodeNeeded)),
            };
            match gate.give_code(&mut pending, &code) {
                Err(GateError::Factor(problem)) if left > 0 && given == Given::Typed && problem.at_once() => {
                    let words = crate::words::refusal::factor_problem(&self.words, problem);
                    self.say(&words)?;
                }
                other => return Ok(other),
            }
        }
        Ok(Err(GateError::CodeLate))
    }

    /// A code of the second factor: from where the options say, else asked for; nothing where nobody can be asked.
    fn code_given(&mut self) -> Result<Option<(Zeroizing<String>, Given)>, Trouble> {
        if let Some(path) = &self.common.factor_file {
            return private_line(&*self.env.files, path).map(|code| Some((code, Given::Handed)));
        }
        if let Some(number) = self.common.factor_fd {
            return descriptor_line(&*self.env.files, number, "code").map(|code| Some((code, Given::Handed)));
        }
        if !self.io.prompt.present() {
            return Ok(None);
        }
        let typed = self.io.prompt.secret(&self.label("ask-factor")).map_err(|error| not_asked("code", &error))?;
        Ok(Some((typed, Given::Typed)))
    }

    /// Who signs in: as named, else asked for.
    pub(super) fn actor(&mut self) -> Result<String, Trouble> {
        if let Some(name) = &self.common.actor {
            return Ok(name.clone());
        }
        if !self.io.prompt.present() {
            return Err(Trouble::not_authenticated(
                "cannot sign in: nobody was named and there is no terminal to ask at",
                "Give --as NAME with --passphrase-file FILE or --passphrase-fd N",
            ));
        }
        self.io.prompt.line(&self.label("ask-name")).map_err(|error| not_asked("name", &error))
    }

    /// The passphrase: from where the options say, else asked for.
    pub(super) fn passphrase(&mut self, ask: Ask) -> Result<Zeroizing<String>, Trouble> {
        if let Some(path) = &self.common.passphrase_file {
            return private_line(&*self.env.files, path);
        }
        if let Some(number) = self.common.passphrase_fd {
            return descriptor_line(&*self.env.files, number, "passphrase");
        }
        if !self.io.prompt.present() {
            return Err(Trouble::not_authenticated(
                "cannot sign in: no passphrase was given and there is no terminal to ask at",
                "Give --passphrase-file FILE or --passphrase-fd N",
            ));
        }
        match ask {
            Ask::Once => self.secret("ask-passphrase", "passphrase"),
            Ask::Twice => self.chosen("ask-passphrase", "passphrase"),
        }
    }

    fn secret(&mut self, key: &str, what: &str) -> Result<Zeroizing<String>, Trouble> {
        let label = self.label(key);
        self.io.prompt.secret(&label).map_err(|error| not_asked(what, &error))
    }

    /// A passphrase that is to be set, asked for at the terminal until it keeps the rules and was typed alike twice.
    fn chosen(&mut self, key: &str, what: &str) -> Result<Zeroizing<String>, Trouble> {
        let mut left = TRIES;
        loop {
            left = left.saturating_sub(1);
            let first = self.secret(key, what)?;
            // Said before the second time, which would be in vain.
            let trouble = match passphrase_shape(&first) {
                Err(problem) => Trouble {
                    in_chinese: Some(code(&Words::new(Lang::ZhCn), "passphrase", problem.code())),
                    ..Trouble::failed(format!("cannot set the passphrase: {problem}"), "Choose another one")
                },
                Ok(()) => {
                    let second = self.secret("ask-again", what)?;
                    if *first == *second {
                        return Ok(first);
                    }
                    Trouble {
                        in_chinese: Some(Words::new(Lang::ZhCn).t("cli-differ")),
                        ..Trouble::failed("cannot set the passphrase: the two differ", "Try again")
                    }
                }
            };
            if left == 0 {
                return Err(trouble);
            }
            self.say(&trouble.said(self.lang))?;
        }
    }

    /// A passphrase to be set: from where its own options say, else asked for twice.
    pub(super) fn new_passphrase(
        &mut self,
        file: Option<&Path>,
        descriptor: Option<u32>,
    ) -> Result<Zeroizing<String>, Trouble> {
        if let Some(path) = file {
            return private_line(&*self.env.files, path);
        }
        if let Some(number) = descriptor {
            return descriptor_line(&*self.env.files, number, "new passphrase");
        }
        if !self.io.prompt.present() {
            return Err(Trouble::not_authenticated(
                "cannot change the passphrase: no new one was given and there is no terminal to ask at",
                "Give --new-passphrase-file FILE or --new-passphrase-fd N",
            ));
        }
        self.chosen("ask-new-passphrase", "new passphrase")
    }

    /// A value that must not stand in the shell's history: from standard input, or asked for without echo where that is
    /// a terminal.
    pub(super) fn private_value(&mut self, key: &str) -> Result<Zeroizing<String>, Trouble> {
        if self.env.input_is_terminal() && self.io.prompt.present() {
            return self.io.prompt.secret(&self.label(key)).map_err(|error| not_asked("value", &error));
        }
        line_of(&mut *self.io.input).map_err(|error| Trouble::failed(format!("cannot read the value: {error}"), ""))
    }
}

/// How often a code is asked for.
const CODE_TRIES: u32 = 3;

/// Where a code came from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    /// From a file or a descriptor.
    Handed,
    /// From somebody at the terminal.
    Typed,
}

/// How often a passphrase is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// To sign in.
    Once,
    /// To set it.
    Twice,
}

fn not_asked(what: &str, error: &io::Error) -> Trouble {
    let why = match error.kind() {
        io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof => "given up".to_owned(),
        _ => error.to_string(),
    };
    Trouble::not_authenticated(format!("cannot ask for the {what}: {why}"), "")
}

/// The first line of a file that nobody else can read.
fn private_line(files: &dyn Files, path: &Path) -> Result<Zeroizing<String>, Trouble> {
    let what = "read the passphrase file";
    let unread =
        |error: io::Error| Trouble { exit: super::Exit::NotAuthenticated, ..Trouble::file(what, path, &error) };
    let mut file = files.read(path).map_err(unread)?;
    let mode = file.metadata().map_err(unread)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Trouble::not_authenticated(
            format!("cannot use the passphrase file {}: others can read it (mode {:03o})", shown(path), mode & 0o777),
            format!("Run \"chmod 600 {}\", and change the passphrase if anybody may have read it", shown(path)),
        ));
    }
    line_of(&mut file).map_err(unread)
}

/// The first line that comes from an open descriptor.
pub(super) fn descriptor_line(files: &dyn Files, number: u32, what: &str) -> Result<Zeroizing<String>, Trouble> {
    let unread = |error: io::Error| {
        Trouble::not_authenticated(
            format!("cannot read the {what} from descriptor {number}: {}", error.to_string().to_lowercase()),
            format!("Open it for reading, as in \"{number}< FILE\" at the end of the command"),
        )
    };
    let mut file = files.read(Path::new(&format!("/dev/fd/{number}"))).map_err(unread)?;
    line_of(&mut file).map_err(unread)
}

/// The text up to the first line break; bytes behind it are left alone.
fn line_of(from: &mut dyn Read) -> io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    let mut byte = [0];
    while from.read(&mut byte)? == 1 && byte != *b"\n" {
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) >= LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the line is longer than 1 MiB"));
        }
        bytes.push(byte[0]);
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    let text =
        std::str::from_utf8(&bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))?;
    Ok(Zeroizing::new(text.to_owned()))
}
