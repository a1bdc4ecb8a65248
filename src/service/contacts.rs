//! Logged contacts.

use super::actor::Actor;
use super::cases;
use super::door::{Contact, Done};
use super::follow_ups;
use super::refusal::{Fault, Refusal};
use super::undo;
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::id::CustomerId;
use crate::domain::interaction::{Interaction, InteractionKind};
use crate::domain::reason::LONGEST_TICKET;
use crate::text::Printable;
use crate::vault::book::{customers, work};
use crate::vault::records::{Customer, Record, Restore};

const LONGEST: usize = 10_000;

/// Refuses a text that is empty or too long.
pub(super) fn text_needed(text: &Printable) -> Result<(), Refusal> {
    let fault = match text.as_str().chars().count() {
        0 => Fault::Missing,
        n if n > LONGEST => Fault::TooLong,
        _ => return Ok(()),
    };
    Err(Refusal::invalid("text", fault))
}

/// Logs a contact, and sets the next step.
pub(super) fn log(
    actor: &Actor,
    id: CustomerId,
    Contact { kind, direction, minutes, text, ticket, case, next }: Contact,
) -> Result<Done, Refusal> {
    text_needed(&text)?;
    if ticket.as_ref().is_some_and(|t| t.as_str().chars().count() > LONGEST_TICKET) {
        return Err(Refusal::invalid("ticket", Fault::TooLong));
    }
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let mut customer = actor.customer_to_change(to, id)?;
        let said = ticket.as_ref().map(|ticket| ticket.as_str());
        let case = cases::belonging(to, id, case, said)?;
        let interaction = Interaction {
            id: work::next_interaction(to)?,
            customer: id,
            kind,
            direction,
            minutes,
            text: text.clone(),
            at: actor.now,
            by: actor.staff.id,
            ticket: ticket.as_ref().map(|t| t.as_str().to_owned()),
            case,
        };
        let before_bytes = customer.to_bytes();
        let before = Customer::from_bytes(&before_bytes)?;
        let key = work::put_interaction(to, &interaction)?;
        if kind != InteractionKind::Note {
            customer.profile.last_contact = Some(actor.now);
        }
        customer.profile.updated = actor.now;
        customers::put(to, Some(&before), &customer, &actor.schema)?;
        let texts = Texts { ticket: interaction.ticket.clone(), ..Texts::default() };
        actor.record(to, &NewEntry { object: Object::Customer(id.0), texts, ..actor.entry("interaction.add") })?;
        let mut restores = vec![Restore::Interaction(key)];
        if let Some(step) = &next {
            restores.push(follow_ups::set(actor, to, id, step)?);
        }
        undo::push(actor, to, "interaction.add", Some(id), restores)?;
        Ok(Done::Logged)
    })
}
