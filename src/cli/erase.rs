//! `veilbook erase ID`: a customer, for good.
//!
//! **Invariant:** the customer's number is given twice before anything is asked of the door.

use super::args::Erase;
use super::sign_in::refused;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::service::Action;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Erase) -> Ended {
    let what = "erase the customer";
    let again = match args.confirm {
        Some(id) => Some(id.to_string()),
        None if desk.io.prompt.present() => desk.io.prompt.line(&desk.label("ask-erase")).ok(),
        None => None,
    };
    if again.as_deref().map(str::trim) != Some(args.id.to_string().as_str()) {
        return Err(Trouble::usage(
            format!("cannot {what}: its number was not given a second time"),
            "Give --confirm with the same number; there is no way back",
        ));
    }
    desk.signed_in(|desk, signed| {
        signed.session().perform(Action::EraseCustomer(args.id, args.why.reason())).map_err(refused(what))?;
        desk.told("cli-erase-done", &[])?;
        Ok(Exit::Done)
    })
}
