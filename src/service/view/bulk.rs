//! What is done to many customers at once, and what would come of it.

use crate::codes::codes;
use crate::domain::customer::Stage;
use crate::domain::id::{CadenceId, CustomerId, StaffId};
use crate::service::door::{LossDraft, NextStep};
use crate::text::Printable;

/// To whom.
#[derive(Clone)]
pub enum Target {
    /// To these.
    Marked(Vec<CustomerId>),
    /// To everybody whom a query finds.
    Query(String),
}

/// The query may hold somebody's name.
impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Marked(ids) => write!(f, "Marked({})", ids.len()),
            Self::Query(_) => f.write_str("Query(..)"),
        }
    }
}

/// What.
#[derive(Clone, Debug)]
pub enum Bulk {
    /// Put a tag on.
    Tag(Printable),
    /// Take a tag off.
    Untag(Printable),
    /// Give to an owner, or to the pool.
    Assign(Option<StaffId>),
    /// Move to a stage.
    Stage(Stage),
    /// Note that they are lost, and why.
    Lose(LossDraft),
    /// Set a reminder for oneself.
    FollowUp(NextStep),
    /// Put a cadence on.
    Cadence(CadenceId),
}

/// Why one of many stays as it is although something was to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Another's, or there is none.
    OutOfScope,
    /// Under restriction.
    Restricted,
    /// As many tags as one can have.
    TagsFull,
}

codes!(Left: OutOfScope = "out_of_scope", Restricted = "restricted", TagsFull = "tags_full");

/// What would come of it, or came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BulkReport {
    /// How many are changed.
    pub changed: u64,
    /// How many are so already.
    pub same: u64,
    /// How many are left as they are, by reason.
    pub left: Vec<(Left, u64)>,
    /// How many of those who would be changed said no to marketing, where they would be written to.
    pub no_marketing: u64,
}

impl BulkReport {
    /// How many were looked at.
    pub fn all(&self) -> u64 {
        self.left.iter().fold(self.changed.saturating_add(self.same), |sum, (_, n)| sum.saturating_add(*n))
    }
}
