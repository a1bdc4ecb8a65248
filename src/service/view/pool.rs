//! The shared pool as it is listed, whom it would take, and the warning before.
//!
//! **Invariant:** of who is in it no field is told, masked or not.

use super::customer::Shown;
use super::list::{Cursor, Total};
use crate::clock::Timestamp;
use crate::domain::customer::{CustomerKind, Stage};
use crate::domain::id::CustomerId;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Whole days until a customer goes, a day begun counted whole.
pub fn days_left(now: Timestamp, goes: Timestamp) -> i64 {
    goes.since(now).max(0).saturating_add(DAY - 1).div_euclid(DAY)
}

/// A stretch of the pool, whoever came last first.
#[derive(Clone, Debug)]
pub struct PoolPage {
    /// Its rows.
    pub rows: Vec<PoolRow>,
    /// Whether there are more below.
    pub more: bool,
    /// How many are in it in all.
    pub total: u64,
    /// How many of them whoever asks may still claim today, and how many a day at all.
    pub claims: (u32, u32),
}

/// Somebody in the pool.
#[derive(Clone, Debug)]
pub struct PoolRow {
    /// Its place.
    pub cursor: Cursor,
    /// Who.
    pub id: CustomerId,
    /// The name, masked where policy says so.
    pub name: Shown,
    /// Person or company.
    pub kind: CustomerKind,
    /// How far it has come.
    pub stage: Stage,
    /// Its tags.
    pub tags: Vec<String>,
    /// Since when it is in the pool.
    pub since: Timestamp,
    /// Until when whoever asks cannot claim them, since they were theirs.
    pub rests_until: Option<Timestamp>,
    /// Storage and protection only: nobody claims them.
    pub restricted: bool,
}

/// Whom the pool would take, as a dry run says it.
#[derive(Clone, Debug)]
pub struct PoolTakes {
    /// After so many days.
    pub days: u32,
    /// Of whom owners are warned so many days before.
    pub warn: u32,
    /// Whether everybody was looked at.
    pub exact: bool,
    /// How many of each owner's.
    pub owners: Vec<PoolTaken>,
    /// The first of them within scope, with their owners' names.
    pub whom: Vec<(CustomerId, Shown, String)>,
}

impl PoolTakes {
    /// How many it would take now.
    pub fn count(&self) -> Total {
        let count = self.owners.iter().map(|taken| taken.now).sum();
        if self.exact { Total::Exactly(count) } else { Total::AtLeast(count) }
    }
}

/// How many of one owner's customers the pool would take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolTaken {
    /// The owner's name.
    pub owner: String,
    /// For whom the days are over.
    pub now: u64,
    /// For whom they are over within the days of the warning.
    pub soon: u64,
}

/// How many of somebody's customers go to the pool soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolWarning {
    /// How many.
    pub count: Total,
    /// Within so many days.
    pub days: u32,
}

impl Default for PoolWarning {
    fn default() -> Self {
        Self { count: Total::Exactly(0), days: 0 }
    }
}

impl PoolWarning {
    /// Whether there is nobody to warn of.
    pub fn is_empty(&self) -> bool {
        matches!(self.count, Total::Exactly(0) | Total::AtLeast(0))
    }
}
