//! Filling a sample vault with made-up customers and made-up history.
//!
//! **Invariant:** history can be made up only in a vault that was founded as a sample; in any other this refuses.

use std::sync::Arc;

use super::actor::Actor;
use super::customers::{apply, blank};
use super::door::Change;
use super::indexing::{Step, index};
use super::losses;
use super::refusal::Refusal;
use super::sealing::Sealing;
use super::session::Session;
use super::view::AlertKind;
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Object};
use crate::domain::consent::{Consent, ConsentHow, ConsentState, Purpose, Speaker};
use crate::domain::deal::Deal;
use crate::domain::field::FieldKey;
use crate::domain::follow_up::{FollowUp, FollowUpState};
use crate::domain::id::{CustomerId, SessionId, StaffId};
use crate::domain::interaction::{Interaction, InteractionKind};
use crate::domain::reason::ReasonCode;
use crate::domain::role::RoleName;
use crate::domain::staff::{LoginName, Staff, StaffState};
use crate::text::Printable;
use crate::vault::book::{consents, customers, deals, follow_ups, staff, work};
use crate::vault::records::Alert;
use crate::vault::store::{Get, Put};

/// The mark of a sample vault among the single values.
pub(super) const SAMPLE: &str = "sample vault";
/// Customers in one transaction.
const CHUNK: usize = 500;

/// A customer with a history.
#[derive(Clone, Debug)]
pub struct SampleCustomer {
    /// Name, fields and all else.
    pub changes: Vec<Change>,
    /// Whose it is.
    pub owner: Option<StaffId>,
    /// When it was added.
    pub created: Timestamp,
    /// The contacts: when, how, what, by whom, ticket.
    pub contacts: Vec<(Timestamp, InteractionKind, Printable, StaffId, Option<String>)>,
    /// The reminders: due, set, what, whose, state.
    pub follow_ups: Vec<(Timestamp, Timestamp, Printable, StaffId, FollowUpState)>,
    /// The deals, with whom and under which number still to come.
    pub deals: Vec<Deal>,
    /// What was said of purposes, under the first wording of each: when, of which, what, how, and who put it down.
    pub consents: Vec<(Timestamp, Purpose, ConsentState, ConsentHow, StaffId)>,
    /// The reveals: when, by whom, which field, why.
    pub looks: Vec<(Timestamp, StaffId, FieldKey, ReasonCode)>,
}

/// One reveal to be put on record at the end, in order of time.
type Look = (Timestamp, StaffId, CustomerId, FieldKey, ReasonCode);

/// Fills a sample vault.
#[derive(Debug)]
pub struct SampleLoader<'s> {
    session: &'s Session,
    looks: Vec<Look>,
}

impl<'s> SampleLoader<'s> {
    /// A loader through the session of a sample vault's owner.
    pub fn new(session: &'s Session) -> Result<Self, Refusal> {
        let actor = session.actor()?;
        if actor.staff.role != RoleName::Owner || actor.desk.tables.read()?.number(SAMPLE)? != 1 {
            return Err(Refusal::NotFound("sample vault"));
        }
        Ok(Self { session, looks: Vec::new() })
    }

    /// Adds somebody who never signs in, so that names stand beside what they did.
    pub fn staff(&self, name: &LoginName, role: RoleName) -> Result<StaffId, Refusal> {
        let actor = self.session.actor()?;
        let name = name.clone();
        let of_actor = actor.clone();
        actor.commit(move |to| {
            if let Some(known) = staff::by_name(to, &name)? {
                return Ok(known.id);
            }
            let id = staff::next_id(to)?;
            let (version, team, created) = (1, String::new(), of_actor.now);
            let state = StaffState::Invited;
            staff::put(to, &Staff { id, version, name: name.clone(), role, team, state, created })?;
            of_actor.record(to, &NewEntry { object: Object::Staff(id.0), ..of_actor.entry("staff.add") })?;
            Ok(id)
        })
    }

    /// Adds customers with their histories.
    pub fn customers(&mut self, made: Vec<SampleCustomer>) -> Result<(), Refusal> {
        let actor = self.session.actor()?;
        let made = Arc::new(made);
        for start in (0..made.len()).step_by(CHUNK) {
            let (of_actor, of_made) = (actor.clone(), Arc::clone(&made));
            let looks = actor.commit(move |to| {
                let mut sealing = Sealing::default();
                let mut looks = Vec::new();
                for customer in of_made.iter().skip(start).take(CHUNK) {
                    add(&of_actor, to, &mut sealing, customer, &mut looks)?;
                }
                Ok(looks)
            })?;
            self.looks.extend(looks);
        }
        Ok(())
    }

    /// Enters the customers into lists and words, puts the reveals on record in order of time, and raises an alert of
    /// each kind.
    pub fn finish(mut self, alerts_about: &[StaffId]) -> Result<(), Refusal> {
        let actor = self.session.actor()?;
        index(&actor, &[(1, u64::MAX - 1)], Step::Enter)?;
        self.looks.sort();
        let looks = Arc::new(self.looks);
        for start in (0..looks.len()).step_by(CHUNK) {
            let (of_actor, of_looks) = (actor.clone(), Arc::clone(&looks));
            actor.commit(move |to| {
                for (time, who, customer, field, reason) in of_looks.iter().skip(start).take(CHUNK) {
                    let entry = NewEntry {
                        time: *time,
                        actor: Some(*who),
                        session: SessionId(0),
                        object: Object::Customer(customer.0),
                        field: Some(field.clone()),
                        reason: Some(*reason),
                        ..of_actor.entry("customer.reveal")
                    };
                    of_actor.record(to, &entry)?;
                }
                Ok(())
            })?;
        }
        let about = alerts_about.to_vec();
        let of_actor = actor.clone();
        actor.commit(move |to| {
            let kinds = [AlertKind::QuotaSpent, AlertKind::VerifyTries, AlertKind::OpensLimit];
            for ((kind, who), hours) in kinds.into_iter().zip(&about).zip([3, 27, 50]) {
                let id = work::next_alert(to)?;
                let at = of_actor.now.plus_seconds(-hours * 3_600);
                let count = u64::from(of_actor.policy.contact_per_hour);
                let alert = Alert { id, at, about: Some(*who), kind: kind.place(), count, settled: None };
                work::put_alert(to, &alert)?;
                let entry = NewEntry { object: Object::Alert(id.0), ..of_actor.entry("alert.raise") };
                of_actor.record(to, &entry)?;
            }
            Ok(())
        })
    }
}

fn add(
    actor: &Actor,
    to: &mut dyn Put,
    sealing: &mut Sealing,
    made: &SampleCustomer,
    looks: &mut Vec<Look>,
) -> Result<(), Refusal> {
    let mut customer = blank(actor);
    let id = customers::next_id(to)?;
    customer.profile.id = id;
    apply(actor, sealing, &mut customer, made.changes.clone())?;
    losses::settle(actor, to, &customer.profile, losses::said(&made.changes))?;
    let p = &mut customer.profile;
    p.owner = made.owner;
    p.created = made.created;
    let real = made.contacts.iter().filter(|(_, kind, ..)| *kind != InteractionKind::Note);
    p.last_contact = real.map(|(at, ..)| *at).max();
    p.updated = made.contacts.iter().map(|(at, ..)| *at).max().unwrap_or(made.created);
    // Whoever is nobody's came to the pool when something last happened.
    p.owned_since = if p.owner.is_some() { made.created } else { p.updated };
    let open = made.follow_ups.iter().filter(|(.., state)| *state == FollowUpState::Open);
    p.next_follow_up = open.map(|(due, ..)| *due).min();
    customers::stage(to, None, &customer, &actor.schema)?;
    customers::count_in(to, &customer)?;
    for (at, kind, text, by, ticket) in &made.contacts {
        let (at, kind, text, by, ticket) = (*at, *kind, text.clone(), *by, ticket.clone());
        let (direction, minutes, case) = (None, None, None);
        let id_of = work::next_interaction(to)?;
        let interaction = Interaction { id: id_of, customer: id, kind, direction, minutes, text, at, by, ticket, case };
        work::put_interaction(to, &interaction)?;
    }
    for (due, created, text, assignee, state) in &made.follow_ups {
        let (due, created, text, assignee, state) = (*due, *created, text.clone(), *assignee, *state);
        let f = FollowUp { state, ..FollowUp::new(follow_ups::next_id(to)?, id, assignee, (due, text), created) };
        follow_ups::put(to, None, &f)?;
    }
    for deal in &made.deals {
        let deal = Deal { id: deals::next_id(to)?, customer: id, ..deal.clone() };
        deals::put(to, None, &deal)?;
    }
    for (at, purpose, state, how, by) in &made.consents {
        let (speaker, version, note) = (Speaker::Customer, 1, Printable::line(""));
        let consent = Consent {
            id: consents::next_id(to)?,
            customer: id,
            purpose: *purpose,
            state: *state,
            at: *at,
            how: *how,
            speaker,
            version,
            by: *by,
            note,
        };
        consents::put(to, &customer, &consent)?;
    }
    looks.extend(made.looks.iter().map(|(at, who, field, reason)| (*at, *who, id, field.clone(), *reason)));
    Ok(())
}
