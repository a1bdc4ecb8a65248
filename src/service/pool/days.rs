//! When a customer goes to the pool.
//!
//! So many days after the last of: a contact, a deal opened or moved, becoming its owner's; and never before the owner has
//! been warned for as long as the policy says.
//! **Invariant:** nothing here changes anything. Whose deal is under way and who is under restriction never goes.

use crate::clock::Timestamp;
use crate::domain::customer::Profile;
use crate::domain::deal::{Pipelines, StageKind};
use crate::domain::id::CustomerId;
use crate::service::actor::Actor;
use crate::vault::book::deals;
use crate::vault::book::marks::{self, Mark};
use crate::vault::store::{Get, StoreError};

/// Milliseconds of a day.
pub(in crate::service) const DAY: i64 = 86_400_000;
/// Deals of one customer that are looked at.
const MOST_DEALS: usize = 200;
/// Under this name the moment is kept since which the pool takes as it does: when it was switched on, or made to take sooner.
const CHANGED: &str = "pool takes so since";

/// What the policy says of the pool, where it is on.
#[derive(Clone, Debug)]
pub(in crate::service) struct Terms {
    now: Timestamp,
    days: i64,
    warn: i64,
    /// A warning from before it took as it does now was given of something else.
    changed: Timestamp,
    pipelines: Pipelines,
}

/// What is to be done with a customer now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Stay,
    Warn,
    Return,
}

impl Terms {
    /// As they stand now; none where the pool takes nobody.
    pub(in crate::service) fn of(actor: &Actor, from: &dyn Get) -> Result<Option<Self>, StoreError> {
        let (days, warn) = (actor.policy.pool_days, actor.policy.pool_warn_days);
        if days == 0 { Ok(None) } else { Self::new(actor, from, days, warn).map(Some) }
    }

    pub(super) fn new(actor: &Actor, from: &dyn Get, days: u32, warn: u32) -> Result<Self, StoreError> {
        Ok(Self {
            now: actor.now,
            days: i64::from(days) * DAY,
            warn: i64::from(warn) * DAY,
            changed: Timestamp(from.number(CHANGED)?.cast_signed()),
            pipelines: deals::pipelines(from)?,
        })
    }

    /// Before which moment the last thing must have happened with whoever goes within so many milliseconds.
    pub(in crate::service) fn silent_before(&self, within: i64) -> i64 {
        self.now.0.saturating_add(within).saturating_sub(self.days)
    }

    /// The same for whoever is warned by now.
    pub(super) fn warned_before(&self) -> i64 {
        self.silent_before(self.warn)
    }

    /// When somebody last did something that counts; nothing where the customer does not go to the pool at all.
    fn last(&self, from: &dyn Get, profile: &Profile) -> Result<Option<i64>, StoreError> {
        if profile.owner.is_none() || profile.restricted {
            return Ok(None);
        }
        let mut last = profile.owned_since.0.max(profile.last_contact.map_or(i64::MIN, |at| at.0));
        for deal in deals::of(from, profile.id, MOST_DEALS)? {
            if self.pipelines.stage(deal.stage).is_some_and(|(_, stage)| stage.kind == StageKind::Open) {
                return Ok(None);
            }
            last = last.max(deal.since.0).max(deal.created.0);
        }
        Ok(Some(last))
    }

    /// Since when the owner has been warned of this silence.
    fn warned(&self, from: &dyn Get, id: CustomerId, last: i64) -> Result<Option<i64>, StoreError> {
        let warned = marks::get(from, id, Mark::Warned)?;
        Ok(warned.filter(|warned| *warned >= last && *warned >= self.changed.0))
    }

    /// When the customer goes to the pool if nobody does anything; nothing where they do not go.
    pub(in crate::service) fn goes(&self, from: &dyn Get, profile: &Profile) -> Result<Option<Timestamp>, StoreError> {
        let Some(last) = self.last(from, profile)? else { return Ok(None) };
        let ripe = last.saturating_add(self.days);
        let warned = self.warned(from, profile.id, last)?.unwrap_or(self.now.0);
        Ok(Some(Timestamp(ripe.max(warned.saturating_add(self.warn)))))
    }

    /// When they would go if nobody had to be warned: what a dry run asks.
    pub(super) fn ripe(&self, from: &dyn Get, profile: &Profile) -> Result<Option<i64>, StoreError> {
        Ok(self.last(from, profile)?.map(|last| last.saturating_add(self.days)))
    }

    pub(super) fn fate(&self, from: &dyn Get, profile: &Profile) -> Result<Fate, StoreError> {
        let Some(last) = self.last(from, profile)? else { return Ok(Fate::Stay) };
        let (ripe, now) = (last.saturating_add(self.days), self.now.0);
        let warned = self.warned(from, profile.id, last)?;
        Ok(match warned {
            None if now < ripe.saturating_sub(self.warn) => Fate::Stay,
            None if self.warn > 0 => Fate::Warn,
            _ if now < ripe.max(warned.unwrap_or(now).saturating_add(self.warn)) => Fate::Stay,
            _ => Fate::Return,
        })
    }
}

/// Notes that the pool takes from now on where it did not, or sooner than it did.
pub(in crate::service) fn note_change(
    to: &mut dyn crate::vault::store::Put,
    now: Timestamp,
    (before, after): (u32, u32),
) -> Result<(), StoreError> {
    let sooner = after > 0 && (before == 0 || after < before);
    if sooner { to.set_number(CHANGED, now.0.max(0).cast_unsigned()) } else { Ok(()) }
}
