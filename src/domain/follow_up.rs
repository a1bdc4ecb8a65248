//! A reminder with a due time.

use super::cadence::CadencePlace;
use super::id::{CustomerId, FollowUpId, StaffId};
use super::recurrence::Recurrence;
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
    /// How often it was put off.
    pub put_off: u32,
    /// When it comes again once it is done.
    pub repeats: Option<Recurrence>,
    /// The rule that set it, where nobody did.
    pub set_by: Option<Printable>,
    /// The cadence that it is a step of.
    pub cadence: Option<CadencePlace>,
}

impl FollowUp {
    /// One that was just set and comes once.
    pub fn new(
        id: FollowUpId,
        customer: CustomerId,
        assignee: StaffId,
        (due, text): (Timestamp, Printable),
        created: Timestamp,
    ) -> Self {
        let state = FollowUpState::Open;
        let (repeats, set_by, cadence) = (None, None, None);
        Self { id, version: 1, customer, assignee, due, text, state, created, put_off: 0, repeats, set_by, cadence }
    }

    /// What is to be done in one line, behind the place in its cadence.
    pub fn said(&self) -> Printable {
        match &self.cadence {
            Some(place) => Printable::line(&format!("{place} · {}", self.text)),
            None => Printable::line(self.text.as_str()),
        }
    }
}
