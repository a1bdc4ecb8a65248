//! The shared pool: whoever nobody spoke with for so long goes back to it, with a warning before, and is claimed from it.
//!
//! The pool is no place of its own: who is in it has no owner.
//! **Invariant:** nobody opens a customer of the pool whose role does not reach it; what is told of one is name, stage, tags
//! and since when, and it counts as rows of a list. Nobody under restriction moves.

mod claim;
mod days;
mod dry_run;
mod order;
mod sweep;

use super::actor::Actor;
use super::door::Done;
use super::refusal::Refusal;
use super::session::Session;
use super::view::{Anchor, Cursor, PoolPage, PoolRow, PoolWarning, Sort, Total};
use super::{find, query, sift};
use crate::domain::audit::NewEntry;
use crate::domain::role::Permission;
use crate::vault::book::customers;
use crate::vault::book::lists::{self, From};
use crate::vault::index::{ListOf, Order};
use crate::vault::store::Get;

pub(super) use claim::to_put_back;
pub(super) use days::{DAY, Terms, note_change};
pub use order::{PoolAction, PoolQuery};
pub(super) use sweep::{Stretch, quiet};

/// The most rows that are given at once.
const MOST: usize = 100;
/// Customers who are counted one by one for the warning.
const MOST_WARNED: usize = 200;
/// The pool as a query, under which reading it goes on record.
const IN_THE_POOL: &str = "owner:nobody";

/// Does something with the pool.
pub(super) fn carry_out(actor: &Actor, action: PoolAction) -> Result<Done, Refusal> {
    let verb = action.verb();
    match action {
        PoolAction::Claim(id) => claim::claim(actor, id),
        PoolAction::Release(id, version) => claim::release(actor, id, version),
        PoolAction::DryRun(days) => dry_run::dry_run(actor, days).map(|takes| Done::PoolTakes(Box::new(takes))),
        PoolAction::Run => {
            let swept = sweep::run(actor)?;
            let of_actor = actor.clone();
            actor.commit(move |to| {
                of_actor.record(to, &NewEntry { count: Some(swept.returned), ..of_actor.entry(verb) })?;
                Ok(())
            })?;
            Ok(Done::Swept(swept))
        }
    }
}

/// Who is in the pool, on record and within the reading limit.
pub(super) fn answer(session: &Session, actor: &Actor, from: &dyn Get, query: &PoolQuery) -> Result<PoolPage, Refusal> {
    actor.require(Permission::Claim)?;
    let PoolQuery::List(after, limit) = query;
    let limit = usize::from(*limit).clamp(1, MOST);
    let start = after.as_ref().map_or(From::Top, |Cursor(place)| From::After(place));
    let visible = |id| actor.desk.visible(id);
    // Coming to the pool is a change, so the order by last change has whoever came last first.
    let found = lists::stretch(from, Order::Recent, &[ListOf::Owner(None)], start, limit + 1, &visible)?;
    let more = found.len() > limit;
    let mut rows = Vec::new();
    for (place, id) in found.into_iter().take(limit) {
        let Some(customer) = customers::get(from, id)? else { continue };
        let name = actor.name_shown(&customer);
        let profile = customer.profile;
        rows.push(PoolRow {
            cursor: Cursor(place),
            id,
            name,
            kind: profile.kind,
            stage: profile.stage,
            since: profile.owned_since,
            rests_until: claim::rests_until(actor, &profile),
            restricted: profile.restricted,
            tags: profile.tags,
        });
    }
    let page = if after.is_none() { find::PageAt::First } else { find::PageAt::Later };
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    find::note_rows((session, actor, from), IN_THE_POOL, &ids, page)?;
    let (left, _) = claim::left(actor, from)?;
    Ok(PoolPage {
        rows,
        more,
        total: customers::count_of(from, None)?,
        claims: (left, actor.policy.pool_claims_per_day),
    })
}

/// How many of one's own go to the pool within the days of the warning.
pub(super) fn warning(actor: &Actor, from: &dyn Get) -> Result<PoolWarning, Refusal> {
    let days = actor.policy.pool_warn_days;
    if actor.policy.pool_days == 0 || !actor.role.may(Permission::ViewCustomers) {
        return Ok(PoolWarning::default());
    }
    let asked = query::read(actor, &format!("owner:me pool<={days}d"))?;
    let found = sift::stretch(actor, from, &asked, (Sort::Name, &Anchor::Top, MOST_WARNED))?;
    let count = match found.total {
        Some(total) => Total::Exactly(total),
        None if found.more || found.resume.is_some() => Total::AtLeast(found.rows.len() as u64),
        None => Total::Exactly(found.rows.len() as u64),
    };
    Ok(PoolWarning { count, days })
}
