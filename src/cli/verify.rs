//! `veilbook verify ID FIELD`: compare what a caller says with what is stored.
//!
//! **Invariant:** the value is read from standard input or asked for without echo, never an argument; the answer is yes
//! or no.

use super::args::Verify;
use super::sign_in::unexpected;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::service::view::Match;
use crate::service::{Action, Done};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Verify) -> Ended {
    let what = format!("verify {} of customer {}", args.field.0, args.id);
    let value = desk.private_value("ask-value")?;
    desk.signed_in(|desk, signed| {
        let action = Action::Verify(args.id, args.field.0.clone(), value);
        match signed.session().perform(action).map_err(|refusal| Trouble::refused(&what, &refusal))? {
            Done::Verified(verdict) => {
                desk.print(match verdict.matched {
                    Match::Yes => "yes",
                    Match::No => "no",
                })?;
                if verdict.matched == Match::No {
                    desk.told("cli-tries", &[("n", &verdict.tries_left)])?;
                }
                Ok(Exit::Done)
            }
            _ => Err(unexpected(&what)),
        }
    })
}
