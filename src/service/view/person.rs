//! The people: who is signed in, who is on the staff, and how somebody's second factor stands.
//!
//! **Invariant:** nothing here holds a customer's name or value, and no secret has a `Debug`.

use std::net::IpAddr;

use zeroize::Zeroizing;

use super::super::backoff::Source;
use super::Odd;
use crate::clock::Timestamp;
use crate::domain::audit::Origin;
use crate::domain::id::{SessionId, StaffId};
use crate::domain::loss_reasons::LossReasons;
use crate::domain::policy::Policy;
use crate::domain::role::Role;
use crate::domain::staff::{LoginName, Preferences, Staff};
use crate::domain::staff_key::StaffKey;
use crate::privacy::class::FieldClass;

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Me {
    /// Their id.
    pub id: StaffId,
    /// Their name.
    pub name: LoginName,
    /// Their role and all that it may do.
    pub role: Role,
    /// Classes whose keys they wait for.
    pub awaiting: Vec<FieldClass>,
    /// What they chose.
    pub preferences: Preferences,
    /// The policy in force.
    pub policy: Policy,
    /// For which reasons customers are lost.
    pub losses: LossReasons,
    /// Whether this person holds every role: approvals become a delay, reviews are one's own.
    pub solo: bool,
    /// Names of those who can be owners of customers, with their ids.
    pub colleagues: Vec<(StaffId, LoginName)>,
    /// Names of all who are or were on the staff, with their ids, for those who read the record; else none.
    pub everybody: Vec<(StaffId, LoginName)>,
    /// The vault's own name: the file's, without folder.
    pub vault: String,
    /// How their second factor stands.
    pub factor: FactorState,
    /// When the session ends, whatever is done in it.
    pub until: Timestamp,
    /// What was odd about the file when it was opened, where something was.
    pub odd: Option<Box<Odd>>,
}

/// One member of staff as it is shown.
#[derive(Clone, Debug)]
pub struct StaffRow {
    /// Who.
    pub staff: Staff,
    /// Classes whose keys they wait for.
    pub awaiting: Vec<FieldClass>,
    /// When they last signed in.
    pub last_login: Option<Timestamp>,
    /// Since when they have a second factor.
    pub factor: Option<Timestamp>,
    /// The public keys they come with over SSH.
    pub ssh: Vec<StaffKey>,
}

/// One session that is under way.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub who: StaffId,
    /// Their name.
    pub name: String,
    /// What they use.
    pub origin: Origin,
    /// How they came.
    pub source: Source,
    /// The machine they came from, as the other side tells it.
    pub address: Option<IpAddr>,
    /// When it began.
    pub began: Timestamp,
    /// When a key last came, where keys come.
    pub active: Option<Timestamp>,
    /// Whether it is the one that asks.
    pub own: bool,
}

/// Whether the policy demands a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It does.
    Yes,
    /// It is one's own choice.
    No,
}

/// How somebody's second factor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactorState {
    /// Since when there is one.
    pub since: Option<Timestamp>,
    /// Recovery codes that are left.
    pub codes_left: u8,
    /// Whether the policy demands one.
    pub wanted: Wanted,
}

impl FactorState {
    /// Whether one must be enrolled before anything else.
    pub fn owed(&self) -> bool {
        self.since.is_none() && self.wanted == Wanted::Yes
    }
}

/// A second factor to be taken into a phone: shown once.
pub struct FactorOffer {
    /// As a camera reads it.
    pub uri: Zeroizing<String>,
    /// As it is typed: 32 letters and digits.
    pub secret: Zeroizing<String>,
}

/// Shows nothing of it.
impl std::fmt::Debug for FactorOffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactorOffer(..)")
    }
}
