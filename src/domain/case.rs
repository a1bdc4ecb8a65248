//! A matter that a customer came with.
//!
//! **Invariant:** a case has a ticket number from the beginning, by which interactions and reveals belong to it.

use super::id::{CaseId, CustomerId, StaffId};
use crate::clock::Timestamp;
use crate::codes::codes;
use crate::text::Printable;

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaseState {
    /// Somebody is to do something.
    Open,
    /// The customer or a third party is.
    Waiting,
    /// Done with.
    Closed,
}

codes!(CaseState: Open = "open", Waiting = "waiting", Closed = "closed");

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Rises with every change.
    pub version: u64,
    /// Whose matter it is.
    pub customer: CustomerId,
    /// What it is about.
    pub subject: Printable,
    /// The ticket number: of one's own, or that of another system.
    pub ticket: Printable,
    /// Where it stands.
    pub state: CaseState,
    /// By when it is to be settled.
    pub due: Option<Timestamp>,
    /// Who has it; nobody where it is to be taken.
    pub holder: Option<StaffId>,
    /// When it was opened.
    pub created: Timestamp,
}

/// A case as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseDraft {
    /// What it is about.
    pub subject: Printable,
    /// The ticket number; empty gives one.
    pub ticket: Printable,
    /// By when it is to be settled.
    pub due: Option<Timestamp>,
}
