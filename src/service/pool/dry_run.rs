//! Whom the pool would take, by owner.
//!
//! **Invariant:** nothing is done; a customer is named within scope only, and whoever sees no customers is told numbers.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::domain::audit::{NewEntry, Texts};
use crate::domain::id::StaffId;
use crate::domain::policy::{Policy, PolicyFault};
use crate::domain::role::{Permission, Scope};
use crate::service::actor::Actor;
use crate::service::refusal::Refusal;
use crate::service::view::{PoolTaken, PoolTakes};

use super::days::Terms;
use super::sweep::{stretches, walk};

/// Index rows that a dry run looks at.
const MOST_LOOKED_AT: usize = 16_000;
/// Customers whom it names.
const MOST_NAMED: usize = 12;

/// Whom it would take if everybody had been warned: those for whom the days are over, and those for whom they are over before
/// a warning of today would be.
pub(super) fn dry_run(actor: &Actor, days: Option<u32>) -> Result<PoolTakes, Refusal> {
    if !actor.role.may(Permission::Claim) {
        actor.require(Permission::ManageRules)?;
    }
    let mut tried = Policy::default();
    // As far as the policy's own bounds go a dry run goes too.
    tried.set("pool_days", &days.unwrap_or(actor.policy.pool_days).to_string())?;
    let (days, warn) = (tried.pool_days, actor.policy.pool_warn_days);
    if days == 0 {
        return Err(Refusal::Policy(PolicyFault::OutOfBounds { least: 1, most: 3_650 }));
    }
    let from = actor.desk.tables.read()?;
    let terms = Terms::new(actor, &from, days, warn)?;
    let counts_all = actor.role.scope == Scope::None;
    let (mut by_owner, mut whom) = (BTreeMap::<StaffId, (u64, u64)>::new(), Vec::new());
    let (mut left, mut exact) = (MOST_LOOKED_AT, true);
    for stretch in stretches() {
        let mut rest = Some(stretch);
        while let Some(stretch) = rest {
            if left == 0 {
                exact = false;
                break;
            }
            let rows = left.min(super::sweep::ROWS);
            left -= rows;
            rest = walk(actor, &from, (&stretch, terms.warned_before(), rows), &mut |customer| {
                let profile = &customer.profile;
                let seen = counts_all || actor.in_scope(profile);
                let (Some(owner), Some(ripe), true) = (profile.owner, terms.ripe(&from, profile)?, seen) else {
                    return Ok(ControlFlow::Continue(()));
                };
                let of_owner = by_owner.entry(owner).or_default();
                if ripe > actor.now.0 {
                    // The walk goes as far as a warning of today.
                    of_owner.1 += 1;
                    return Ok(ControlFlow::Continue(()));
                }
                of_owner.0 += 1;
                if !counts_all && whom.len() < MOST_NAMED {
                    whom.push((profile.id, actor.name_shown(customer), actor.name_of(owner)));
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
    }
    drop(from);
    let owners = by_owner.into_iter().map(|(who, (now, soon))| PoolTaken { owner: actor.name_of(who), now, soon });
    let owners: Vec<PoolTaken> = owners.filter(|taken| taken.now + taken.soon > 0).collect();
    let count: u64 = owners.iter().map(|taken| taken.now).sum();
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let texts = Texts { after: Some(format!("{days} days")), ..Texts::default() };
        of_actor.record(to, &NewEntry { count: Some(count), texts, ..of_actor.entry("pool.dry_run") })?;
        Ok(())
    })?;
    Ok(PoolTakes { days, warn, exact, owners, whom })
}
