//! Pairs of customers in a merge and in an undo.
//!
//! **Invariant:** a merge hands every pair over, and an undo gives back what there was, to whoever they are by now.

use super::actor::Actor;
use super::refusal::Refusal;
use super::undo;
use crate::domain::id::CustomerId;
use crate::vault::book::{customers, merged, pairs as book};
use crate::vault::records::{Bond, Pairs};
use crate::vault::store::{Put, StoreError};

/// Makes whoever is kept a pair with everybody with whom the one who is merged away was one.
pub(super) fn hand_over(to: &mut dyn Put, bond: Bond, gone: CustomerId, keep: CustomerId) -> Result<Pairs, StoreError> {
    let mut pairs = Pairs::default();
    for other in book::of(to, bond, gone)? {
        book::forget(to, bond, gone, other)?;
        pairs.before.push((gone.0, other.0));
        if other != keep && !book::are(to, bond, keep, other)? {
            book::note(to, bond, keep, other)?;
            pairs.said.push((keep.0, other.0));
        }
    }
    Ok(pairs)
}

/// Takes back what was said of pairs, or what a merge made of it.
pub(super) fn take_back(actor: &Actor, to: &mut dyn Put, bond: Bond, pairs: &Pairs) -> Result<(), Refusal> {
    let id = |number: u64| CustomerId(number);
    if pairs.before.is_empty() {
        for (one, other) in &pairs.said {
            for id in [id(*one), id(*other)] {
                if merged::kept(to, id)? != id {
                    return Err(undo::stale(actor, to, id)?);
                }
                actor.customer(to, id)?;
            }
            book::forget(to, bond, id(*one), id(*other))?;
        }
        return Ok(());
    }
    // Whoever was merged further since is meant as whoever they are now.
    for (one, other) in &pairs.said {
        let (one, other) = (merged::kept(to, id(*one))?, merged::kept(to, id(*other))?);
        book::forget(to, bond, one, other)?;
    }
    for (one, other) in &pairs.before {
        let (one, other) = (merged::kept(to, id(*one))?, merged::kept(to, id(*other))?);
        if bond == Bond::Linked && pairs.said.is_empty() {
            actor.customer_to_change(to, one)?;
            actor.customer_to_change(to, other)?;
        }
        // Somebody may be gone by now.
        if customers::get(to, one)?.is_some() && customers::get(to, other)?.is_some() {
            book::note(to, bond, one, other)?;
        }
    }
    Ok(())
}
