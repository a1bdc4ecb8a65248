//! Companies and their people: links both ways.
//!
//! **Invariant:** a link joins a company and a person, both within the scope of whoever makes it; what is told of the other
//! side is told to those who may see it.

use super::actor::Actor;
use super::door::Done;
use super::refusal::{Fault, Refusal};
use super::rules::{Rule, ScopeCheck, Tried, Undoable, rule};
use super::undo;
use super::view::LinkedRow;
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::id::CustomerId;
use crate::domain::role::Permission;
use crate::vault::book::{customers, merged, pairs};
use crate::vault::records::{Bond, Customer, Pairs, Restore};
use crate::vault::store::{Get, StoreError};

/// The most links of one customer.
pub const MOST: usize = 1_000;

/// Something to be done to the links of a customer.
#[derive(Clone, Debug)]
pub enum LinkAction {
    /// Join a company and a person.
    Join(CustomerId, CustomerId),
    /// Take their link away.
    Part(CustomerId, CustomerId),
}

impl LinkAction {
    fn verb(&self) -> &'static str {
        match self {
            Self::Join(..) => "customer.link",
            Self::Part(..) => "customer.unlink",
        }
    }

    /// Its row in the table of actions.
    pub fn rule(&self) -> Rule {
        rule(self.verb(), Some(Permission::EditCustomers), ScopeCheck::OneCustomer, Undoable::Yes)
    }

    /// What it is about.
    pub fn tried(&self) -> Tried {
        let (Self::Join(one, _) | Self::Part(one, _)) = self;
        Tried { object: Object::Customer(one.0), field: None, reason: None }
    }
}

/// Does it. What is so already stays so.
pub(super) fn carry_out(actor: &Actor, action: LinkAction) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let (LinkAction::Join(one, other) | LinkAction::Part(one, other)) = action;
        // Who was merged away is meant as whoever they are now.
        let (one, other) = (merged::kept(to, one)?, merged::kept(to, other)?);
        let kind = |id| actor.customer_to_change(to, id).map(|customer| customer.profile.kind);
        let (first, second) = (kind(one)?, kind(other)?);
        let are = pairs::are(to, Bond::Linked, one, other)?;
        let mut said = Pairs::default();
        match action {
            LinkAction::Join(..) if are => return Ok(Done::Done),
            LinkAction::Join(..) => {
                if first == second {
                    return Err(Refusal::invalid("link", Fault::SameKind));
                }
                for id in [one, other] {
                    if pairs::of(to, Bond::Linked, id)?.len() >= MOST {
                        return Err(Refusal::invalid("link", Fault::TooLong));
                    }
                }
                pairs::note(to, Bond::Linked, one, other)?;
                said.said.push((one.0, other.0));
            }
            LinkAction::Part(..) if !are => return Ok(Done::Done),
            LinkAction::Part(..) => {
                pairs::forget(to, Bond::Linked, one, other)?;
                said.before.push((one.0, other.0));
            }
        }
        for (about, with) in [(one, other), (other, one)] {
            let texts = Texts { after: Some(format!("#{with}")), ..Texts::default() };
            actor.record(to, &NewEntry { object: Object::Customer(about.0), texts, ..actor.entry(action.verb()) })?;
        }
        undo::push(actor, to, action.verb(), Some(one), vec![Restore::Pairs(Bond::Linked, Box::new(said))])?;
        Ok(Done::Done)
    })
}

/// Those with whom a customer is linked and whom the actor may see, by number.
pub(super) fn seen(actor: &Actor, from: &dyn Get, id: CustomerId) -> Result<Vec<Customer>, StoreError> {
    let mut out = Vec::new();
    for other in pairs::of(from, Bond::Linked, id)? {
        let customer = customers::get(from, other)?;
        out.extend(customer.filter(|c| actor.in_scope(&c.profile) && actor.desk.visible(other)));
    }
    Ok(out)
}

/// How they are shown.
pub(super) fn rows(actor: &Actor, linked: &[Customer]) -> Vec<LinkedRow> {
    let row = |c: &Customer| LinkedRow { id: c.profile.id, kind: c.profile.kind, name: actor.name_shown(c) };
    linked.iter().map(row).collect()
}
