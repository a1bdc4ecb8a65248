//! Customers who are probably there more than once.
//!
//! **Invariant:** no sealed value is opened but those of a class whose holder asked for it, in memory and after an entry
//! that says so; any other counts by its token, exactly. Of a customer out of scope nothing is said
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
use super::reveal;
use super::view::DuplicatePair;
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::field::FieldKind;
use crate::domain::id::CustomerId;
use crate::likeness::{Record as Likeness, Trait, Traits, evidence, find_telling};
use crate::privacy::class::FieldClass;
use crate::vault::book::{customers, pairs};
use crate::vault::records::Bond;
use crate::vault::records::{Customer, Record, Stored};
use crate::vault::store::{Get, StoreError, Table, Way};

/// The verb of a search that compares sealed values by likeness.
pub(super) const CLOSER: &str = "customer.compare";
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
    /// The classes whose values are compared by likeness.
    opens: Vec<FieldClass>,
}

/// Allows a search, as one search by identifiers: it tells whether a value is known.
pub(super) fn hunt(actor: &Actor, stay: &Arc<Stay>) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| charge_identifier(&of_actor, to))?;
    Ok(Done::Hunt(Hunt { actor: actor.clone(), stay: Arc::clone(stay), opens: Vec::new() }))
}

/// As [`hunt`], with the values of some classes compared by likeness, in memory: the same right and key are needed as for
/// showing them, and one entry a class says how many there are before the first is opened.
pub(super) fn closer(actor: &Actor, stay: &Arc<Stay>, mut classes: Vec<FieldClass>) -> Result<Done, Refusal> {
    classes.sort_by_key(|class| class.place());
    classes.dedup();
    for class in &classes {
        reveal::right_to(actor, *class)?;
    }
    let from = actor.desk.tables.read()?;
    let mut counts: Vec<u64> = classes.iter().map(|_| 0).collect();
    each_customer(&from, &mut |customer| {
        for (class, count) in classes.iter().zip(&mut counts) {
            let sealed = |stored: &Stored| matches!(stored, Stored::Sealed { class: of, .. } if of == class);
            if is_looked_at(actor, customer) && actor.in_scope(&customer.profile) {
                *count += customer.fields.iter().filter(|(_, stored)| sealed(stored)).count() as u64;
            }
        }
        ControlFlow::Continue(())
    })?;
    drop(from);
    let (of_actor, entries) = (actor.clone(), classes.iter().copied().zip(counts).collect::<Vec<_>>());
    actor.commit(move |to| {
        charge_identifier(&of_actor, to)?;
        for (class, count) in &entries {
            let texts = Texts { after: Some(class.code().to_owned()), ..Texts::default() };
            of_actor.record(to, &NewEntry { count: Some(*count), texts, ..of_actor.entry(CLOSER) })?;
        }
        Ok(())
    })?;
    Ok(Done::Hunt(Hunt { actor: actor.clone(), stay: Arc::clone(stay), opens: classes }))
}

impl Hunt {
    /// Looks for pairs, on record. `tell` hears how far it is, and stops it with `Break`.
    pub fn run(self, tell: &mut dyn FnMut(Searched) -> ControlFlow<()>) -> Result<Vec<DuplicatePair>, Refusal> {
        let found = pairs(&self.actor, &self.opens, tell)?;
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

fn pairs(
    actor: &Actor,
    opens: &[FieldClass],
    tell: &mut dyn FnMut(Searched) -> ControlFlow<()>,
) -> Result<Vec<DuplicatePair>, Refusal> {
    let from = actor.desk.tables.read()?;
    let all = customers::count_all(&from)?.max(1);
    let everybody = everybody(actor, &from, opens, &mut |done| tell(Searched { done: done.min(all), total: all * 2 }))?;
    let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let compared = &mut |done: usize, of: usize| {
        let half = all.saturating_mul(done as u64) / (of as u64).max(1);
        tell(Searched { done: all.saturating_add(half), total: all * 2 })
    };
    let Some(found) = find_telling(&everybody.records, threads, compared) else { return Err(Refusal::Stopped) };
    let apart = pairs::all(&from, Bond::Apart)?;
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
        let shown =
            |id: CustomerId| -> Result<_, Refusal> { Ok(row(actor, &from, Vec::new(), actor.customer(&from, id)?)?) };
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

/// Reads every customer, until `visit` breaks off.
fn each_customer(from: &dyn Get, visit: &mut dyn FnMut(&Customer) -> ControlFlow<()>) -> Result<(), StoreError> {
    let mut fault = None;
    from.visit_prefix(Table::Customers, &[], Way::Up, &mut |_, value| match Customer::from_bytes(value) {
        Ok(customer) => visit(&customer),
        Err(error) => {
            fault = Some(error);
            ControlFlow::Break(())
        }
    })?;
    fault.map_or(Ok(()), Err)
}

fn is_looked_at(actor: &Actor, customer: &Customer) -> bool {
    actor.desk.visible(customer.profile.id) && !customer.profile.restricted
}

fn everybody(
    actor: &Actor,
    from: &dyn Get,
    opens: &[FieldClass],
    tell: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Everybody, Refusal> {
    let mut out = Everybody { ids: Vec::new(), records: Vec::new() };
    let (mut read, mut stopped) = (0_u64, false);
    each_customer(from, &mut |customer| {
        if is_looked_at(actor, customer) {
            let within = actor.in_scope(&customer.profile);
            let (scope, opens) = if within { (Scope::Within, opens) } else { (Scope::Beyond, &[][..]) };
            out.ids.push((customer.profile.id, scope));
            out.records.push(Likeness::of(&traits(actor, customer, opens)));
        }
        read += 1;
        stopped = read.is_multiple_of(OFTEN) && tell(read).is_break();
        if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if stopped { Err(Refusal::Stopped) } else { Ok(out) }
}

fn traits(actor: &Actor, customer: &Customer, opens: &[FieldClass]) -> Traits {
    let (mut out, mut closed) = (Traits::default(), Vec::new());
    for (key, stored) in customer.values() {
        let Some(def) = actor.schema.get(key.as_str()) else { continue };
        match stored {
            // What is being sealed counts again once it has tokens.
            Stored::Open(_) if def.class != FieldClass::Open => {}
            Stored::Open(value) => out.take(key.as_str(), def.kind, value.as_str().to_owned()),
            Stored::Sealed { class, tokens, sealed, .. } => {
                let secret = opens.contains(&def.class.max(*class)).then(|| actor.class_key(*class)).flatten();
                let plain = secret.and_then(|secret| secret.open(actor.place(key.as_str(), *class), sealed).ok());
                let of = trait_of(key.as_str(), def.kind);
                match (plain, of) {
                    (Some(plain), of) => {
                        out.take(key.as_str(), def.kind, plain.to_string());
                        out.opened.extend(of);
                    }
                    (None, of) => closed.extend(of),
                }
                let Some(of) = of else { continue };
                let whole = tokens.iter().filter(|token| token.kind.is_whole());
                out.tokens.extend(whole.filter_map(|t| Some((of, u64::from_be_bytes(*t.token.0.first_chunk()?)))));
            }
            Stored::Declined => {}
        }
    }
    out.opened.retain(|of| !closed.contains(of));
    out
}

fn trait_of(key: &str, kind: FieldKind) -> Option<Trait> {
    Some(match (kind, key) {
        (FieldKind::Phone, _) => Trait::Phone,
        (FieldKind::Email, _) => Trait::Email,
        (FieldKind::Address, _) => Trait::Address,
        (FieldKind::ResidentId | FieldKind::Passport | FieldKind::BankCard, _) => Trait::Number,
        (FieldKind::ChatId, _) => Trait::Handle,
        (FieldKind::Name, "name") => Trait::Name,
        (_, "date_of_birth") => Trait::Born,
        _ => return None,
    })
}
