//! Customers who are probably there more than once.
//!
//! **Invariant:** no sealed value is opened: it counts by its token, exactly. Of a customer out of scope nothing is said
//! but that there is one.

use std::num::NonZero;
use std::ops::ControlFlow;

use super::actor::Actor;
use super::customers::row;
use super::door::Done;
use super::identify::charge_identifier;
use super::refusal::Refusal;
use super::view::DuplicatePair;
use crate::domain::audit::NewEntry;
use crate::domain::field::{FieldKind, Schema};
use crate::domain::id::CustomerId;
use crate::likeness::{Record as Likeness, Trait, Traits, evidence, find};
use crate::privacy::seal::TokenKind;
use crate::vault::records::{Customer, Record, Stored};
use crate::vault::store::{Get, StoreError, Table, Way};

/// The most pairs that are given at once, the surest first.
const MOST: usize = 100;

/// Everybody in comparable form.
struct Everybody {
    ids: Vec<(CustomerId, Scope)>,
    records: Vec<Likeness>,
}

/// Whether the actor may know who somebody is.
#[derive(Clone, Copy, PartialEq)]
enum Scope {
    Within,
    Beyond,
}

/// Looks for pairs, on record and as one search by identifiers: it tells whether a value is known.
pub(super) fn pairs(actor: &Actor) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| charge_identifier(&of_actor, to))?;
    let from = actor.desk.tables.read()?;
    let everybody = everybody(actor, &from)?;
    let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let mut out = Vec::new();
    for pair in find(&everybody.records, threads).pairs {
        let (Some(one), Some(other)) = (everybody.ids.get(pair.first), everybody.ids.get(pair.second)) else {
            continue;
        };
        let records = everybody.records.get(pair.first).zip(everybody.records.get(pair.second));
        let (mine, theirs) = if one.1 == Scope::Within { (*one, *other) } else { (*other, *one) };
        if mine.1 == Scope::Beyond {
            continue;
        }
        let shown = |id: CustomerId| -> Result<_, Refusal> { Ok(row(actor, Vec::new(), actor.customer(&from, id)?)) };
        let within = theirs.1 == Scope::Within;
        // The one that was there first is proposed to be kept.
        let (keep, other) = if within && theirs.0 < mine.0 { (theirs.0, mine.0) } else { (mine.0, theirs.0) };
        out.push(DuplicatePair {
            keep: shown(keep)?,
            other: within.then(|| shown(other)).transpose()?,
            bits: pair.bits,
            // Across owners nothing more is said than that there is somebody.
            evidence: records.filter(|_| within).map(|(a, b)| evidence(a, b)).unwrap_or_default(),
        });
        if out.len() >= MOST {
            break;
        }
    }
    drop(from);
    let (of_actor, count) = (actor.clone(), out.len() as u64);
    actor.commit(move |to| {
        let entry = NewEntry { count: Some(count), ..of_actor.entry("customer.duplicates") };
        Ok(of_actor.record(to, &entry).map(|_| ())?)
    })?;
    Ok(Done::Pairs(out))
}

fn everybody(actor: &Actor, from: &dyn Get) -> Result<Everybody, StoreError> {
    let mut out = Everybody { ids: Vec::new(), records: Vec::new() };
    let mut fault = None;
    from.visit_prefix(Table::Customers, &[], Way::Up, &mut |_, value| match Customer::from_bytes(value) {
        Ok(customer) => {
            let profile = &customer.profile;
            if actor.desk.visible(profile.id) && !profile.restricted {
                let scope = if actor.in_scope(profile) { Scope::Within } else { Scope::Beyond };
                out.ids.push((profile.id, scope));
                out.records.push(Likeness::of(&traits(&customer, &actor.schema)));
            }
            ControlFlow::Continue(())
        }
        Err(error) => {
            fault = Some(error);
            ControlFlow::Break(())
        }
    })?;
    fault.map_or(Ok(out), Err)
}

fn traits(customer: &Customer, schema: &Schema) -> Traits {
    let mut out = Traits::default();
    if let Stored::Open(name) = &customer.name {
        out.names.push(name.as_str().to_owned());
    }
    for (key, stored) in &customer.fields {
        let Some(def) = schema.get(key.as_str()) else { continue };
        match stored {
            Stored::Open(value) => out.take(key.as_str(), def.kind, value.as_str().to_owned()),
            Stored::Sealed { tokens, .. } => {
                let Some(of) = trait_of(key.as_str(), def.kind) else { continue };
                let whole = tokens.iter().filter(|token| token.kind != TokenKind::LastFour);
                out.tokens.extend(whole.filter_map(|t| Some((of, u64::from_be_bytes(*t.token.0.first_chunk()?)))));
            }
            Stored::Declined => {}
        }
    }
    out
}

fn trait_of(key: &str, kind: FieldKind) -> Option<Trait> {
    Some(match (kind, key) {
        (FieldKind::Phone, _) => Trait::Phone,
        (FieldKind::Email, _) => Trait::Email,
        (FieldKind::Address, _) => Trait::Address,
        (FieldKind::ResidentId | FieldKind::Passport | FieldKind::BankCard, _) => Trait::Number,
        (FieldKind::ChatId, _) => Trait::Handle,
        (_, "date_of_birth") => Trait::Born,
        _ => return None,
    })
}
