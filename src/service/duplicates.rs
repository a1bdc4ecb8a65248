//! Customers who are probably there more than once.
//!
//! **Invariant:** no sealed value is opened: it counts by its token, exactly. Of a customer out of scope nothing is said
//! but that there is one, and a pair of whom somebody said that they are not the same is none.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::actor::Actor;
use super::customers::row;
use super::door::Done;
use super::identify::charge_identifier;
use super::present::Stay;
use super::refusal::Refusal;
use super::view::DuplicatePair;
use crate::domain::audit::NewEntry;
use crate::domain::field::{FieldKind, Schema};
use crate::domain::id::CustomerId;
use crate::likeness::{Record as Likeness, Trait, Traits, evidence, find_telling};
use crate::privacy::seal::TokenKind;
use crate::vault::book::{apart, customers};
use crate::vault::records::{Customer, Record, Stored};
use crate::vault::store::{Get, Table, Way};

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

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Searched {
    /// Done, half of it by reading and half by comparing.
    pub done: u64,
    /// In all.
    pub total: u64,
}

/// A search for pairs that was allowed and counted, to be run by whoever asked for it, since it may take long.
#[derive(Debug)]
pub struct Hunt {
    actor: Actor,
    stay: Arc<Stay>,
}

/// Allows a search, as one search by identifiers: it tells whether a value is known.
pub(super) fn hunt(actor: &Actor, stay: &Arc<Stay>) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| charge_identifier(&of_actor, to))?;
    Ok(Done::Hunt(Hunt { actor: actor.clone(), stay: Arc::clone(stay) }))
}

impl Hunt {
    /// Looks for pairs, on record. `tell` hears how far it is, and stops it with `Break`.
    pub fn run(self, tell: &mut dyn FnMut(Searched) -> ControlFlow<()>) -> Result<Vec<DuplicatePair>, Refusal> {
        let found = pairs(&self.actor, tell)?;
        // Whose session ended meanwhile is told nothing.
        if let Some(over) = self.stay.over() {
            return Err(over.into());
        }
        let (actor, count) = (self.actor.clone(), found.len() as u64);
        self.actor.commit(move |to| {
            let entry = NewEntry { count: Some(count), ..actor.entry("customer.duplicates") };
            Ok(actor.record(to, &entry).map(|_| ())?)
        })?;
        Ok(found)
    }
}

fn pairs(actor: &Actor, tell: &mut dyn FnMut(Searched) -> ControlFlow<()>) -> Result<Vec<DuplicatePair>, Refusal> {
    let from = actor.desk.tables.read()?;
    let all = customers::count_all(&from)?.max(1);
    let everybody = everybody(actor, &from, &mut |done| tell(Searched { done: done.min(all), total: all * 2 }))?;
    let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let compared = &mut |done: usize, of: usize| {
        let half = all.saturating_mul(done as u64) / (of as u64).max(1);
        tell(Searched { done: all.saturating_add(half), total: all * 2 })
    };
    let Some(found) = find_telling(&everybody.records, threads, compared) else { return Err(Refusal::Stopped) };
    let apart = apart::all(&from)?;
    let mut out = Vec::new();
    for pair in found.pairs {
        let (Some(one), Some(other)) = (everybody.ids.get(pair.first), everybody.ids.get(pair.second)) else {
            continue;
        };
        let records = everybody.records.get(pair.first).zip(everybody.records.get(pair.second));
        let (mine, theirs) = if one.1 == Scope::Within { (*one, *other) } else { (*other, *one) };
        if mine.1 == Scope::Beyond || apart.contains(&(one.0.min(other.0), one.0.max(other.0))) {
            continue;
        }
        let shown = |id: CustomerId| -> Result<_, Refusal> { Ok(row(actor, Vec::new(), actor.customer(&from, id)?)) };
        let within = theirs.1 == Scope::Within;
        // The one that was there first is proposed to be kept.
        let (keep, other) = if within && theirs.0 < mine.0 { (theirs.0, mine.0) } else { (mine.0, theirs.0) };
        out.push(DuplicatePair {
            keep: shown(keep)?,
            other: within.then(|| shown(other)).transpose()?,
            // Across owners nothing more is said than that there is somebody.
            bits: if within { pair.bits } else { 0.0 },
            evidence: records.filter(|_| within).map(|(a, b)| evidence(a, b)).unwrap_or_default(),
        });
        if out.len() >= MOST {
            break;
        }
    }
    Ok(out)
}

/// Rows that are read between two words on how far it is.
const OFTEN: u64 = 1_000;

fn everybody(
    actor: &Actor,
    from: &dyn Get,
    tell: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Everybody, Refusal> {
    let mut out = Everybody { ids: Vec::new(), records: Vec::new() };
    let (mut fault, mut read, mut stopped) = (None, 0_u64, false);
    from.visit_prefix(Table::Customers, &[], Way::Up, &mut |_, value| match Customer::from_bytes(value) {
        Ok(customer) => {
            let profile = &customer.profile;
            if actor.desk.visible(profile.id) && !profile.restricted {
                let scope = if actor.in_scope(profile) { Scope::Within } else { Scope::Beyond };
                out.ids.push((profile.id, scope));
                out.records.push(Likeness::of(&traits(&customer, &actor.schema)));
            }
            read += 1;
            stopped = read.is_multiple_of(OFTEN) && tell(read).is_break();
            if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
        Err(error) => {
            fault = Some(error);
            ControlFlow::Break(())
        }
    })?;
    match fault {
        Some(error) => Err(error.into()),
        None if stopped => Err(Refusal::Stopped),
        None => Ok(out),
    }
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
