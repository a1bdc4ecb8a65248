//! Work on how good the data is: pairs of whom somebody said that they are not the same.
//!
//! **Invariant:** what is said of a pair is said by somebody who may see both; a merge, an erasure and an undo carry it
//! along.

use std::sync::Arc;

use super::actor::Actor;
use super::door::Done;
use super::duplicates::{CLOSER, closer};
use super::present::Stay;
use super::refusal::Refusal;
use super::rules::{Rule, ScopeCheck, Tried, Undoable, rule};
use super::undo;
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::id::CustomerId;
use crate::domain::role::Permission;
use crate::privacy::class::FieldClass;
use crate::vault::book::{apart, merged};
use crate::vault::records::{Apart, Restore};
use crate::vault::store::{Put, StoreError};

const APART: &str = "customer.apart";

/// What can be done about the data.
#[derive(Clone, Debug)]
pub enum QualityAction {
    /// Say that two customers are not the same, so that they are no pair any more.
    Apart(CustomerId, CustomerId),
    /// Find customers who are probably there more than once, with the values of these classes compared by likeness.
    Closer(Vec<FieldClass>),
}

impl QualityAction {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Apart(..) => "Apart",
            Self::Closer(_) => "Closer",
        }
    }

    pub(super) fn rule(&self) -> Rule {
        match self {
            Self::Apart(..) => rule(APART, Some(Permission::EditCustomers), ScopeCheck::OneCustomer, Undoable::Yes),
            Self::Closer(_) => rule(CLOSER, Some(Permission::EditCustomers), ScopeCheck::Filtered, Undoable::No),
        }
    }

    pub(super) fn tried(&self) -> Tried {
        match self {
            Self::Apart(one, _) => Tried { object: Object::Customer(one.0), field: None, reason: None },
            Self::Closer(_) => Tried { object: Object::None, field: None, reason: None },
        }
    }
}

pub(super) fn carry_out(actor: &Actor, stay: &Arc<Stay>, action: QualityAction) -> Result<Done, Refusal> {
    match action {
        QualityAction::Closer(classes) => closer(actor, stay, classes),
        QualityAction::Apart(one, other) => say_apart(actor, one, other),
    }
}

fn say_apart(actor: &Actor, one: CustomerId, other: CustomerId) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        // Who was merged away is meant as whoever they are now.
        let (one, other) = (merged::kept(to, one)?, merged::kept(to, other)?);
        if one == other {
            return Err(Refusal::SameCustomer);
        }
        for id in [one, other] {
            actor.customer(to, id)?;
        }
        if apart::are(to, one, other)? {
            return Ok(Done::Done);
        }
        apart::note(to, one, other)?;
        for (about, with) in [(one, other), (other, one)] {
            let texts = Texts { after: Some(format!("#{with}")), ..Texts::default() };
            actor.record(to, &NewEntry { object: Object::Customer(about.0), texts, ..actor.entry(APART) })?;
        }
        let pairs = Apart { said: vec![(one.0, other.0)], before: Vec::new() };
        undo::push(actor, to, APART, Some(one), vec![Restore::Apart(Box::new(pairs))])?;
        Ok(Done::Done)
    })
}

/// Has what was said of one who is merged away said of whoever is kept.
pub(super) fn hand_over(to: &mut dyn Put, gone: CustomerId, keep: CustomerId) -> Result<Apart, StoreError> {
    let mut pairs = Apart::default();
    for other in apart::of(to, gone)? {
        apart::forget(to, gone, other)?;
        pairs.before.push((gone.0, other.0));
        if other != keep && !apart::are(to, keep, other)? {
            apart::note(to, keep, other)?;
            pairs.said.push((keep.0, other.0));
        }
    }
    Ok(pairs)
}

/// Takes back what was said of pairs, or what a merge made of it.
pub(super) fn take_back(actor: &Actor, to: &mut dyn Put, pairs: &Apart) -> Result<(), Refusal> {
    let id = |number: u64| CustomerId(number);
    if pairs.before.is_empty() {
        for (one, other) in &pairs.said {
            for id in [id(*one), id(*other)] {
                if merged::kept(to, id)? != id {
                    return Err(undo::stale(actor, to, id)?);
                }
                actor.customer(to, id)?;
            }
            apart::forget(to, id(*one), id(*other))?;
        }
        return Ok(());
    }
    // Whoever was merged further since is meant as whoever they are now.
    for (one, other) in &pairs.said {
        let (one, other) = (merged::kept(to, id(*one))?, merged::kept(to, id(*other))?);
        apart::forget(to, one, other)?;
    }
    for (one, other) in &pairs.before {
        let (one, other) = (merged::kept(to, id(*one))?, merged::kept(to, id(*other))?);
        apart::note(to, one, other)?;
    }
    Ok(())
}
