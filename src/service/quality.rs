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
use crate::vault::book::{merged, pairs};
use crate::vault::records::{Bond, Pairs, Restore};

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
        if pairs::are(to, Bond::Apart, one, other)? {
            return Ok(Done::Done);
        }
        pairs::note(to, Bond::Apart, one, other)?;
        for (about, with) in [(one, other), (other, one)] {
            let texts = Texts { after: Some(format!("#{with}")), ..Texts::default() };
            actor.record(to, &NewEntry { object: Object::Customer(about.0), texts, ..actor.entry(APART) })?;
        }
        let pairs = Pairs { said: vec![(one.0, other.0)], before: Vec::new() };
        undo::push(actor, to, APART, Some(one), vec![Restore::Pairs(Bond::Apart, Box::new(pairs))])?;
        Ok(Done::Done)
    })
}
