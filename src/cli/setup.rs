//! `veilbook setup NAME`: a one-time code becomes a passphrase.
//!
//! **Invariant:** neither code nor passphrase is an argument.

use std::path::Path;

use super::args::Setup;
use super::sign_in::{Ask, Signed, descriptor_line};
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::field::Lang;
use crate::service::gate::GateError;
use crate::words::Words;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Setup) -> Ended {
    let (gate, path) = desk.gate()?;
    let label = desk.label("ask-code");
    let code = match args.code_fd {
        Some(number) => descriptor_line(&*desk.env.files, number, "setup code")?,
        None if desk.io.prompt.present() => desk
            .io
            .prompt
            .secret(&label)
            .map_err(|error| Trouble::not_authenticated(format!("cannot ask for the setup code: {error}"), ""))?,
        None => {
            return Err(Trouble::not_authenticated(
                "cannot set up: no code was given and there is no terminal to ask at",
                "Give --code-fd N and --passphrase-fd M",
            ));
        }
    };
    let passphrase = desk.passphrase(Ask::Twice)?;
    let session =
        gate.set_up(&args.name, code.trim(), &passphrase, desk.caller()).map_err(|error| not_set_up(&path, &error))?;
    Signed::new(session, gate, desk.kept()).end();
    desk.told("cli-set-up", &[])?;
    Ok(Exit::Done)
}

fn not_set_up(path: &Path, error: &GateError) -> Trouble {
    let trouble = Trouble::gate("set up", path, error);
    match error {
        GateError::WrongNameOrPassphrase { .. } => Trouble {
            cause: "cannot set up: the name or the code is wrong, or the code was used already".to_owned(),
            in_chinese: Some(Words::new(Lang::ZhCn).t("gate-code")),
            ..trouble
        },
        _ => trouble,
    }
}
