//! What is shown of backups: plain data.
//!
//! **Invariant:** nothing here is secret or personal.

use super::cause::Cause;
use super::history::{Event, What};
use super::schedule::Kind;
use super::{Phase, policy::BackupPolicy};
use crate::clock::Timestamp;

/// Something that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// What.
    pub what: What,
    /// Where.
    pub place: String,
    /// Which part of it.
    pub phase: Phase,
    /// Bytes done.
    pub done: u64,
    /// Bytes in all; 0 while that is not known.
    pub total: u64,
    /// Since when.
    pub began: Timestamp,
}

impl Running {
    /// Hundredths done.
    pub fn percent(&self) -> u64 {
        self.done.saturating_mul(100).checked_div(self.total).unwrap_or(0).min(100)
    }

    /// Bytes a second up to `now`.
    pub fn rate(&self, now: Timestamp) -> u64 {
        let millis = u64::try_from(now.since(self.began)).unwrap_or(0).max(1);
        self.done.saturating_mul(1000) / millis
    }

    /// Seconds left at that rate; none before anything moved.
    pub fn seconds_left(&self, now: Timestamp) -> Option<u64> {
        self.total.saturating_sub(self.done).checked_div(self.rate(now))
    }
}

/// How old backups are, for everybody to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupHealth {
    /// Whether anybody is to be reminded: a sample vault is not worth a backup.
    pub wanted: bool,
    /// How many places there are.
    pub places: usize,
    /// When the newest backup anywhere was made.
    pub last: Option<Timestamp>,
    /// Places whose last backup is longer ago than the policy bears.
    pub late: usize,
    /// When a place was last read back.
    pub verified: Option<Timestamp>,
    /// When the last drill went well.
    pub drilled: Option<Timestamp>,
    /// Whether a drill is late.
    pub drill_late: bool,
    /// What the last try said, where it failed.
    pub fault: Option<Cause>,
    /// What is under way.
    pub running: Option<Running>,
    /// What ended last, oldest first.
    pub ended: Vec<Event>,
}

impl BackupHealth {
    /// Whether people are to be warned.
    pub fn warns(&self) -> bool {
        self.wanted && (self.places == 0 || self.late > 0 || self.drill_late)
    }
}

/// One place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceRow {
    /// Its address.
    pub place: String,
    /// The last backup that went well.
    pub last: Option<Event>,
    /// When the next one is due.
    pub next: Timestamp,
    /// Whether the last one is longer ago than the policy bears.
    pub late: bool,
    /// When it was last read back.
    pub verified: Option<Timestamp>,
    /// When the last drill from it went well.
    pub drilled: Option<Timestamp>,
    /// What the last try said, where it failed.
    pub fault: Option<(Timestamp, Cause)>,
    /// Whether it is on the same disk as the vault.
    pub same_disk: bool,
}

/// All about backups, for whoever manages them.
#[derive(Clone, Debug, Default)]
pub struct BackupsView {
    /// The places.
    pub places: Vec<PlaceRow>,
    /// What happened, newest first.
    pub history: Vec<Event>,
    /// The settings.
    pub policy: BackupPolicy,
    /// What is under way.
    pub running: Option<Running>,
    /// Why the settings cannot be read, if so.
    pub fault: Option<String>,
}

/// One backup at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupRow {
    /// Its id.
    pub id: String,
    /// Which vault, as hexadecimal digits.
    pub vault: String,
    /// Where.
    pub place: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// All of it, or what had changed.
    pub kind: Kind,
    /// The one that it builds on.
    pub parent: Option<String>,
    /// Its bytes.
    pub bytes: u64,
    /// Until when the store refuses to delete it.
    pub held_until: Option<Timestamp>,
    /// What is wrong with it, if anything shows.
    pub fault: Option<String>,
}

/// A change of the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupChange {
    /// Another place.
    AddPlace(String),
    /// A place less; what lies there stays.
    RemovePlace(String),
    /// A number: its name and value.
    Set(String, String),
}

/// What is to be done about backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupOrder {
    /// Back up: to one place or to all; without a kind, all of the vault where that is due, else what changed.
    Make(Option<String>, Option<Kind>),
    /// Read everything back from one place or all.
    Verify(Option<String>),
    /// Restore from a place to a temporary file, open it, compare, delete it; without a place from the one whose turn it
    /// is.
    Drill(Option<String>),
    /// Stop what is under way.
    Stop,
}
