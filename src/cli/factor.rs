//! `veilbook factor enrol | codes | remove | reset`: codes of a phone beside the passphrase.
//!
//! **Invariant:** secret and codes go to standard output, once, and are in no argument.

use zeroize::Zeroizing;

use super::args::Factor;
use super::sign_in::{Signed, refused, unexpected};
use super::staff;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::service::refusal::Refusal;
use crate::service::{Action, Done};
use crate::words::qr;

/// How often a wrong first code is forgiven before nothing is enrolled.
const TRIES: usize = 3;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Factor) -> Ended {
    match args {
        Factor::Enrol => desk.signed_in(enrol),
        Factor::Codes => desk.signed_in(|desk, signed| {
            let what = "make recovery codes";
            match signed.session().perform(Action::RenewFactorCodes).map_err(refused(what))? {
                Done::FactorCodes(codes) => print_codes(desk, &codes),
                _ => Err(unexpected(what)),
            }
        }),
        Factor::Remove => desk.signed_in(|desk, signed| {
            signed.session().perform(Action::RemoveFactor).map_err(refused("remove the second factor"))?;
            desk.told("factor-off", &[])?;
            Ok(Exit::Done)
        }),
        Factor::Reset { name } => desk.signed_in(|desk, signed| {
            let what = format!("reset the second factor of {name}");
            let id = staff::id_of(signed, name, &what)?;
            signed.session().perform(Action::ResetFactor(id)).map_err(refused(&what))?;
            desk.told("factor-reset-done", &[("name", name)])?;
            Ok(Exit::Done)
        }),
    }
}

fn enrol(desk: &mut Desk<'_, '_>, signed: &Signed) -> Ended {
    let what = "enrol a second factor";
    let offer = match signed.session().perform(Action::OfferFactor).map_err(refused(what))? {
        Done::FactorOffer(offer) => offer,
        _ => return Err(unexpected(what)),
    };
    desk.told("cli-factor-scan", &[])?;
    if desk.io.prompt.present() {
        for line in qr::picture(&offer.uri) {
            desk.print(&line)?;
        }
    }
    desk.print(&offer.uri)?;
    desk.io.output.flush()?;
    for left in (0..TRIES).rev() {
        let code = desk.private_value("ask-factor-first")?;
        match confirm(signed, code) {
            Ok(Done::FactorCodes(codes)) => {
                desk.told("factor-on", &[])?;
                return print_codes(desk, &codes);
            }
            Err(refusal @ Refusal::Factor(_)) if left > 0 && desk.io.prompt.present() => {
                let words = crate::words::refusal::refusal(&desk.words, &Default::default(), &refusal);
                desk.say(&words)?;
            }
            Err(refusal) => return Err(Trouble::refused(what, &refusal)),
            Ok(_) => break,
        }
    }
    Err(unexpected(what))
}

fn confirm(signed: &Signed, code: Zeroizing<String>) -> Result<Done, Refusal> {
    signed.session().perform(Action::ConfirmFactor(code))
}

fn print_codes(desk: &mut Desk<'_, '_>, codes: &[Zeroizing<String>]) -> Ended {
    desk.told("cli-factor-codes", &[])?;
    codes.iter().try_for_each(|code| desk.print(code))?;
    Ok(Exit::Done)
}
