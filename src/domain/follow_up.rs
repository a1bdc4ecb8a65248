//! A reminder with a due time.

use super::id::{CustomerId, FollowUpId, StaffId};
use crate::clock::Timestamp;
use crate::codes::codes;
use crate::text::Printable;

/// Whether it still waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FollowUpState {
    /// To be done.
    #[default]
    Open,
    /// Done.
    Done,
    /// Taken back.
    Dropped,
}

codes!(FollowUpState: Open = "open", Done = "done", Dropped = "dropped");

/// One reminder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// Its id.
    pub id: FollowUpId,
    /// Grows by one with each change.
    pub version: u64,
    /// About whom.
    pub customer: CustomerId,
    /// Who is to do it.
    pub assignee: StaffId,
    /// When it is due.
    pub due: Timestamp,
    /// What is to be done.
    pub text: Printable,
    /// Whether it waits.
    pub state: FollowUpState,
    /// When it was set.
    pub created: Timestamp,
}
