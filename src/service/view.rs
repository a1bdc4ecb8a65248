//! What comes back through the door: plain data, masked.
//!
//! **Invariant:** no type here can hold a sealed field's plain value.

mod agenda;
mod customer;
mod imports;
mod list;
mod record;
mod standing;

use crate::clock::Timestamp;
use crate::domain::id::StaffId;
use crate::domain::policy::Policy;
use crate::domain::role::{Role, RoleName};
use crate::domain::staff::{LoginName, Preferences, Staff};
use crate::privacy::class::FieldClass;

pub use super::backups::history::{Event as BackupEvent, What as BackupWhat};
pub use super::backups::policy::BackupPolicy;
pub use super::backups::view::*;
pub use super::backups::{Cause as BackupCause, Kind as BackupKind, Phase as BackupPhase};
pub use agenda::{AlertKind, AlertRow, Due, FollowUpRequest, FollowUpRow, Today, When};
pub use customer::{
    CopyRight, CustomerDetail, Effort, FieldShown, Happening, Look, Match, RevealPrompt, Shown, TicketRule,
    TimelineItem, Verdict,
};
pub use imports::{ChunkReport, ImportRow, ImportState, Rehearsal};
pub use list::{Anchor, Cursor, CustomerRow, ListRequest, Page, Sort, Total};
pub use record::{AuditPage, AuditRow, ChainCheck, ChainState};
pub use standing::{Examined, KeysDue, Odd, Seen, SeenKind};

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
    /// Whether this person holds every role: approvals become a delay, reviews are one's own.
    pub solo: bool,
    /// Names of those who can be owners of customers, with their ids.
    pub colleagues: Vec<(StaffId, LoginName)>,
    /// Names of all who are or were on the staff, with their ids, for those who read the record; else none.
    pub everybody: Vec<(StaffId, LoginName)>,
    /// The vault's own name: the file's, without folder.
    pub vault: String,
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
}

/// What an undo takes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoLabel {
    /// The audit verb of what is taken back.
    pub action: String,
    /// About whom, as a list shows it.
    pub about: String,
}

/// Whose key or permission is missing and who could give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoCanHelp(pub Vec<RoleName>);
