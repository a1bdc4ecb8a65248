//! `veilbook reveal ID FIELD --reason CODE`: one value, on record.
//!
//! **Invariant:** the value goes to standard output and nowhere else, after its entry was committed.

use super::args::Reveal;
use super::sign_in::unexpected;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::service::{Action, Done};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Reveal) -> Ended {
    let what = format!("reveal {} of customer {}", args.field.0, args.id);
    desk.signed_in(|desk, signed| {
        let action = Action::Reveal(args.id, args.field.0.clone(), args.why.reason());
        match signed.session().perform(action).map_err(|refusal| Trouble::refused(&what, &refusal))? {
            Done::Revealed(revealed) => {
                let now = desk.env.deps.clock.now();
                let value = revealed
                    .show(now)
                    .ok_or_else(|| Trouble::failed(format!("cannot {what}: its time is over"), "Ask again"))?;
                desk.print(value)?;
                desk.told("cli-entry", &[("n", &revealed.entry)])?;
                Ok(Exit::Done)
            }
            _ => Err(unexpected(&what)),
        }
    })
}
