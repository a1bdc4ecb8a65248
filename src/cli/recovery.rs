//! `veilbook recovery new | split | use`: the key for the day on which a passphrase is forgotten.
//!
//! **Invariant:** words and shares are no arguments; a new key's words are shown once, at the terminal where there is
//! one, and count only after they were asked back.

use std::fmt::Display;
use std::io::{ErrorKind, Read};

use zeroize::Zeroizing;

use super::args::{Recovery, RecoverySplit, RecoveryUse};
use super::sign_in::{Ask, Signed, TRIES, refused, unexpected};
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::field::Lang;
use crate::service::gate::{GateError, Presence};
use crate::service::key_state::RecoveryOffer;
use crate::service::refusal::{KeysProblem, RecoveryFault, Refusal};
use crate::service::{Action, Done};
use crate::words::Words;

/// The words of a key in rows of this many.
const COLUMNS: usize = 4;
/// The most that is read as words or shares, in bytes.
const LONGEST: u64 = 64 * 1024;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Recovery) -> Ended {
    match args {
        Recovery::New => desk.signed_in(|desk, signed| {
            make(desk, signed)?;
            desk.told("recovery-made", &[])?;
            Ok(Exit::Done)
        }),
        Recovery::Split(args) => split(desk, args),
        Recovery::Use(args) => establish(desk, args),
    }
}

/// Makes a recovery key: shows its words and asks for some of them, or, where nobody sits at a terminal, for all.
pub(super) fn make(desk: &mut Desk<'_, '_>, signed: &Signed) -> Result<(), Trouble> {
    let what = "make a recovery key";
    let offer = match signed.session().perform(Action::OfferRecovery).map_err(refused(what))? {
        Done::Recovery(offer) => offer,
        _ => return Err(unexpected(what)),
    };
    if desk.io.prompt.present() { at_terminal(desk, signed, &offer) } else { piped(desk, signed, &offer) }
}

fn confirm(signed: &Signed, answers: Vec<(u8, Zeroizing<String>)>) -> Result<(), Refusal> {
    signed.session().perform(Action::ConfirmRecovery(answers)).map(|_| ())
}

fn not_asked(error: &std::io::Error) -> Trouble {
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::Interrupted => Trouble {
            in_chinese: Some(Words::new(Lang::ZhCn).t("cli-recovery-given-up")),
            ..Trouble::failed("no recovery key was made or used: given up", "\"veilbook recovery\" begins anew")
        },
        _ => Trouble::failed(format!("cannot ask for the recovery words: {error}"), ""),
    }
}

fn at_terminal(desk: &mut Desk<'_, '_>, signed: &Signed, offer: &RecoveryOffer) -> Result<(), Trouble> {
    let words: Vec<&str> = offer.words.split(' ').collect();
    let rows = words.len().div_ceil(COLUMNS);
    let mut lines = Vec::new();
    for row in 0..rows {
        let mut line = Zeroizing::new(String::with_capacity(16 * COLUMNS));
        for (at, word) in words.iter().enumerate().skip(row).step_by(rows) {
            line.push_str(&format!("{:>4} {word:<9}", at + 1));
        }
        lines.push(line);
    }
    let about = desk.words.t("cli-recovery-words");
    desk.io.prompt.paper(&about, &lines, &desk.words.t("cli-recovery-enter")).map_err(|error| not_asked(&error))?;
    for left in (0..TRIES).rev() {
        let mut answers = Vec::new();
        for number in &offer.ask {
            let label = format!("{}: ", desk.words.ta("recovery-word", &[("n", number)]));
            let typed = desk.io.prompt.secret(&label).map_err(|error| not_asked(&error))?;
            answers.push((*number, typed));
        }
        match confirm(signed, answers) {
            Err(refusal @ Refusal::Keys(KeysProblem::WordsDiffer)) if left > 0 => {
                let words = crate::words::refusal::refusal(&desk.words, &Default::default(), &refusal);
                desk.say(&words)?;
            }
            other => return other.map_err(refused("make a recovery key")),
        }
    }
    Ok(())
}

/// For scripts: the words go to standard output, and all of them come back from standard input.
fn piped(desk: &mut Desk<'_, '_>, signed: &Signed, offer: &RecoveryOffer) -> Result<(), Trouble> {
    desk.told("cli-recovery-piped", &[])?;
    desk.print(&offer.words)?;
    desk.io.output.flush()?;
    let typed = read_all(desk, offer.words.split(' ').count())?;
    let answers = (1..).zip(typed.split_whitespace()).map(|(n, word)| (n, Zeroizing::new(word.to_owned())));
    confirm(signed, answers.collect()).map_err(refused("make a recovery key"))
}

/// Standard input up to its end, or until it has so many words and the line ends.
fn read_all(desk: &mut Desk<'_, '_>, enough: usize) -> Result<Zeroizing<String>, Trouble> {
    let unread = |error: std::io::Error| Trouble::failed(format!("cannot read the words: {error}"), "");
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    let mut from = Read::take(&mut *desk.io.input, LONGEST);
    let mut byte = [0];
    while from.read(&mut byte).map_err(unread)? == 1 {
        bytes.push(byte[0]);
        let words = || bytes.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
        if byte == *b"\n" && words() >= enough {
            break;
        }
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(Trouble::failed("cannot read the words: they are not UTF-8 text", "")),
    }
}

/// The recovery key as somebody has it: its words, or shares, one after the other until there are enough. What cannot be
/// one is said at once, and asked for anew where somebody sits at a terminal.
pub(super) fn typed(desk: &mut Desk<'_, '_>, what: &str) -> Result<Zeroizing<String>, Trouble> {
    let trouble = |fault| Trouble::gate(what, std::path::Path::new(""), &GateError::Recovery(fault));
    if !(desk.env.input_is_terminal() && desk.io.prompt.present()) {
        let typed = read_all(desk, usize::MAX)?;
        return crate::service::recovery_shape(&typed).map(|()| typed).map_err(trouble);
    }
    let mut left = TRIES;
    loop {
        left = left.saturating_sub(1);
        let typed = at_prompt(desk)?;
        match crate::service::recovery_shape(&typed) {
            Ok(()) => return Ok(typed),
            Err(fault) if left == 0 => return Err(trouble(fault)),
            Err(fault) => {
                let said = trouble(fault).said(desk.lang);
                desk.say(&said)?;
            }
        }
    }
}

fn at_prompt(desk: &mut Desk<'_, '_>) -> Result<Zeroizing<String>, Trouble> {
    let label = desk.label("ask-recovery");
    let mut all = desk.io.prompt.secret(&label).map_err(|error| not_asked(&error))?;
    while let Err(RecoveryFault::TooFew { have, need }) = crate::service::recovery_shape(&all) {
        let args: [(&str, &dyn Display); 2] = [("n", &(have + 1)), ("need", &need)];
        let label = format!("{} ", desk.words.ta("ask-share", &args));
        let next = desk.io.prompt.secret(&label).map_err(|error| not_asked(&error))?;
        if next.is_empty() {
            break;
        }
        let mut both = Zeroizing::new(String::with_capacity(all.len() + next.len() + 1));
        both.push_str(&all);
        both.push(' ');
        both.push_str(&next);
        all = both;
    }
    Ok(all)
}

fn split(desk: &mut Desk<'_, '_>, args: &RecoverySplit) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = "split the recovery key";
        let typed = typed(desk, what)?;
        let action = Action::SplitRecovery { typed, threshold: args.needed, count: args.shares };
        match signed.session().perform(action).map_err(refused(what))? {
            Done::Shares(shares) => {
                desk.told("split-shares", &[("need", &args.needed)])?;
                for share in &shares {
                    desk.print(share)?;
                }
                Ok(Exit::Done)
            }
            _ => Err(unexpected(what)),
        }
    })
}

fn establish(desk: &mut Desk<'_, '_>, args: &RecoveryUse) -> Ended {
    let (gate, path) = desk.gate()?;
    let what = "establish an owner";
    if gate.presence() == Presence::Missing {
        return Err(Trouble::gate(what, &path, &GateError::Missing));
    }
    let typed = typed(desk, what)?;
    let passphrase = desk.passphrase(Ask::Twice)?;
    let session = gate.recover(&typed, &args.owner, &passphrase, desk.caller());
    let session = session.map_err(|error| Trouble::gate(what, &path, &error))?;
    drop((typed, passphrase));
    let signed = Signed::new(session, gate, desk.kept());
    desk.told("cli-recovered", &[("name", &args.owner)])?;
    let made = after(desk, &signed);
    signed.end();
    made?;
    Ok(Exit::Done)
}

/// Offers a recovery key where there is none, to whoever sits at the terminal.
pub(super) fn after(desk: &mut Desk<'_, '_>, signed: &Signed) -> Result<(), Trouble> {
    if !desk.io.prompt.present() {
        return desk.told("cli-recovery-later", &[]);
    }
    desk.told("cli-recovery-about", &[])?;
    let answer = desk.io.prompt.line(&desk.label("ask-recovery-now"));
    let wanted = answer.is_ok_and(|answer| !answer.trim().to_lowercase().starts_with('n'));
    match if wanted { make(desk, signed) } else { return desk.told("cli-recovery-later", &[]) } {
        Ok(()) => desk.told("recovery-made", &[]),
        Err(trouble) => {
            // What was to be done is done; that the key is missing is said, and said again in Today.
            desk.say(&trouble.said(desk.lang))?;
            desk.told("cli-recovery-later", &[])
        }
    }
}
