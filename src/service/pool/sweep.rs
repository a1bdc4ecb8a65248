//! What the pool does by itself: it warns, and it takes.
//!
//! **Invariant:** nobody is taken who was not warned first for as long as the policy says. What a bite found is looked at
//! again in the transaction in which it is acted on, so that a pass that is cut off or done twice takes nobody twice.

use std::ops::ControlFlow;

use crate::domain::audit::{NewEntry, Origin};
use crate::domain::id::CustomerId;
use crate::service::actor::Actor;
use crate::service::passes::Pass;
use crate::service::refusal::Refusal;
use crate::service::view::Swept;
use crate::vault::book::customers;
use crate::vault::book::marks::{self, Mark};
use crate::vault::book::narrow::{self, Range};
use crate::vault::facets::{At, Facets};
use crate::vault::index::id_of;
use crate::vault::records::Customer;
use crate::vault::store::{Get, Put};

use super::claim::give;
use super::days::{Fate, Terms};

/// Index rows that one bite reads.
pub(super) const ROWS: usize = 500;
/// Customers on whom one bite acts.
const ACTS: usize = 50;

/// What the pool looks through: everybody with whom nobody spoke for long.
const PASS: Pass<Stretch> = Pass { last: "pool looked last", stretches: |_| Ok(stretches().into()), bite };

/// Does a bite of a pass where the pool takes anybody.
pub(in crate::service) fn quiet(actor: &Actor) {
    if actor.policy.pool_days > 0 {
        PASS.quiet(actor, &actor.desk.pool);
    }
}

/// Does a whole pass at once.
pub(super) fn run(actor: &Actor) -> Result<Swept, Refusal> {
    PASS.run(actor)
}

/// A part of what a pass looks through: by the last contact, or by when they were added of those with whom nobody spoke;
/// from behind a row.
#[derive(Clone, Debug)]
pub(in crate::service) struct Stretch {
    at: At,
    after: Option<Vec<u8>>,
}

/// All that a pass looks through.
pub(super) fn stretches() -> [Stretch; 2] {
    [At::Last, At::Created].map(|at| Stretch { at, after: None })
}

/// Gives everybody with an owner and no contact since `before`, after at most so many rows; what is left of the stretch.
pub(super) fn walk(
    actor: &Actor,
    from: &dyn Get,
    (stretch, before, rows): (&Stretch, i64, usize),
    take: &mut dyn FnMut(&Customer) -> Result<ControlFlow<()>, Refusal>,
) -> Result<Option<Stretch>, Refusal> {
    let (mut read, mut stopped, mut fault) = (0, None, None);
    let at = stretch.at;
    narrow::visit(from, &Range::time(at, (None, Some(before))), stretch.after.as_deref(), &mut |row, value| {
        read += 1;
        let facets = Facets::from_bytes(value);
        let passes = facets.is_none_or(|f| f.owner.is_some() && (at == At::Last || !f.has(At::Last)));
        let mut step = |id: CustomerId| match customers::get(from, id)? {
            Some(customer) => take(&customer),
            None => Ok(ControlFlow::Continue(())),
        };
        let id = id_of(row).filter(|id| passes && actor.desk.visible(*id));
        let stop = id.map_or(Ok(ControlFlow::Continue(())), &mut step).unwrap_or_else(|error| {
            fault = Some(error);
            ControlFlow::Break(())
        });
        if stop.is_break() || read >= rows {
            stopped = Some(row.to_vec());
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    fault.map_or(Ok(()), Err)?;
    Ok(stopped.map(|row| Stretch { at, after: Some(row) }))
}

/// What a bite of a stretch did, and what is left of it.
fn bite(actor: &Actor, stretch: Stretch) -> Result<(Swept, Option<Stretch>), Refusal> {
    let from = actor.desk.tables.read()?;
    let Some(terms) = Terms::of(actor, &from)? else { return Ok((Swept::default(), None)) };
    let mut found: Vec<CustomerId> = Vec::new();
    let rest = walk(actor, &from, (&stretch, terms.warned_before(), ROWS), &mut |customer| {
        if terms.fate(&from, &customer.profile)? != Fate::Stay {
            found.push(customer.profile.id);
        }
        Ok(if found.len() >= ACTS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    drop(from);
    if found.is_empty() {
        return Ok((Swept::default(), rest));
    }
    let of_actor = actor.clone();
    let swept = actor.commit(move |to| {
        let mut swept = Swept::default();
        // The policy may have been changed since they were found.
        let mut now = of_actor.clone();
        now.policy = crate::vault::book::settings::policy(to)?;
        let Some(terms) = Terms::of(&now, to)? else { return Ok(swept) };
        for id in &found {
            act_on(&now, to, &terms, *id, &mut swept)?;
        }
        Ok(swept)
    })?;
    Ok((swept, rest))
}

fn act_on(actor: &Actor, to: &mut dyn Put, terms: &Terms, id: CustomerId, swept: &mut Swept) -> Result<(), Refusal> {
    let Some(customer) = customers::get(to, id)?.filter(|_| actor.desk.visible(id)) else { return Ok(()) };
    match terms.fate(to, &customer.profile)? {
        Fate::Stay => {}
        Fate::Warn => {
            marks::put(to, id, Mark::Warned, Some(actor.now.0))?;
            swept.warned += 1;
        }
        Fate::Return => {
            let entry = NewEntry::done(actor.now, None, actor.session, Origin::Program, "pool.return");
            give(actor, to, customer, (None, entry))?;
            marks::put(to, id, Mark::Warned, None)?;
            swept.returned += 1;
        }
    }
    Ok(())
}
