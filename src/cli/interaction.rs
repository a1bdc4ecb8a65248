//! `veilbook interaction add`: log a contact, with the next step.
//!
//! **Invariant:** a date that cannot be read stops the command before anything is logged.

use super::args::InteractionAdd;
use super::sign_in::unexpected;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::when;
use crate::service::{Action, Contact, Done, NextStep};
use crate::text::Printable;

pub(super) fn add(desk: &mut Desk<'_, '_>, args: &InteractionAdd) -> Ended {
    let text = Printable::lines(&args.text);
    if text.is_empty() {
        return Err(Trouble::usage("cannot log the contact: the text is empty", "Write with --text what was said"));
    }
    let next = args.next.as_deref().map(|next| next_step(desk, next)).transpose()?;
    let what = format!("log a contact with customer {}", args.id);
    let ticket = args.ticket.as_deref().map(Printable::line).filter(|ticket| !ticket.is_empty());
    let (direction, minutes) = (args.direction.map(|word| word.0), args.minutes);
    let due = next.as_ref().map(|next| next.due);
    let contact = Contact { kind: args.kind.0, text, ticket, next, direction, minutes, case: None };
    let action = Action::LogInteraction(args.id, contact);
    desk.signed_in(|desk, signed| {
        match signed.session().perform(action).map_err(|refusal| Trouble::refused(&what, &refusal))? {
            Done::Logged | Done::Done | Done::Saved(..) => {}
            _ => return Err(unexpected(&what)),
        }
        match due {
            Some(due) => desk.told("cli-logged-next", &[("due", &desk.moment(due))])?,
            None => desk.told("cli-logged", &[])?,
        }
        Ok(Exit::Done)
    })
}

/// The moment at the head of the text, and what follows it as what is to be done.
fn next_step(desk: &Desk<'_, '_>, text: &str) -> Result<NextStep, Trouble> {
    let clock = &desk.env.deps.clock;
    let now = clock.now();
    let (due, rest) = when::lead(text, now, clock.offset(now)).map_err(|fault| {
        Trouble::usage(format!("cannot read --next: {fault}"), "Write it as in \"tomorrow 15:00 send the quote\"")
    })?;
    let rest = Printable::line(rest);
    let standard = desk.words.t("cli-follow-up");
    Ok(NextStep::once(due, if rest.is_empty() { Printable::line(&standard) } else { rest }))
}
