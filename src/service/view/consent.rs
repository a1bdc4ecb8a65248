//! Consents as they are shown.
//!
//! **Invariant:** nothing here holds a field of a customer.

use crate::clock::Timestamp;
use crate::domain::consent::{Consent, ConsentState, Purpose, Wording};

/// Whether what was given still answers the question that is asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The wording is that of now, or nothing was given.
    Current,
    /// It was given for an older wording, so it is to be asked for again.
    Older,
}

/// What a customer said of one purpose.
#[derive(Clone, Debug)]
pub struct ConsentRow {
    /// For what.
    pub purpose: Purpose,
    /// What counts; nothing where nobody asked.
    pub now: Option<ConsentSaid>,
    /// Whether it is to be asked for again.
    pub asked: Asked,
    /// The wording that it was given under; that in force where nothing was said.
    pub wording: Option<Wording>,
    /// All that was said about the purpose, the newest first; at most 20.
    pub history: Vec<ConsentSaid>,
}

impl ConsentRow {
    /// What was said last.
    pub fn state(&self) -> Option<ConsentState> {
        self.now.as_ref().map(|said| said.consent.state)
    }

    /// Whether the customer said no, at once or later.
    pub fn is_no(&self) -> bool {
        matches!(self.state(), Some(ConsentState::Refused | ConsentState::Withdrawn))
    }
}

/// One thing that was said, with the name of who put it down.
#[derive(Clone, Debug)]
pub struct ConsentSaid {
    /// What.
    pub consent: Consent,
    /// Who put it down.
    pub by: String,
}

/// A purpose with every version of its wording, the one in force last.
#[derive(Clone, Debug)]
pub struct PurposeRow {
    /// For what.
    pub purpose: Purpose,
    /// The versions.
    pub wordings: Vec<Wording>,
    /// Who wrote each of them; empty for the shipped one.
    pub by: Vec<String>,
}

impl PurposeRow {
    /// The version in force.
    pub fn current(&self) -> Option<&Wording> {
        self.wordings.last()
    }
}

/// What became of a consent, as the record tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentHappening {
    /// For what.
    pub purpose: Purpose,
    /// What was said before; nothing where nobody had asked.
    pub before: Option<ConsentState>,
    /// What was said.
    pub after: ConsentState,
    /// Under which version of the wording.
    pub version: u32,
    /// When it was said.
    pub at: Timestamp,
}
