//! Rules as they are listed, and what one would do.
//!
//! **Invariant:** whom a rule would take is told as a list shows it, within the scope of whoever asks.

use super::customer::Shown;
use super::list::Total;
use crate::codes::codes;
use crate::domain::id::CustomerId;
use crate::domain::rule::Rule;

/// A rule with what a list shows beside it.
#[derive(Clone, Debug)]
pub struct RuleRow {
    /// The rule.
    pub rule: Rule,
    /// The name of the person in it.
    pub person: Option<String>,
    /// What is wrong with it.
    pub odd: Option<RuleOdd>,
}

/// Why a rule may not do what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleOdd {
    /// It names a tag that is no longer offered.
    TagRetired,
    /// It names somebody who is shut out.
    PersonGone,
}

codes!(RuleOdd: TagRetired = "tag_retired", PersonGone = "person_gone");

/// Whom a rule would take now.
#[derive(Clone, Debug)]
pub struct DryRun {
    /// How many; of everybody where whoever asks sees no customers, else within their scope.
    pub count: Total,
    /// The first of them within scope.
    pub whom: Vec<(CustomerId, Shown)>,
}

/// What came of having the rules look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Follow-ups that were set.
    pub follow_ups: u64,
    /// Customers who were given a tag.
    pub tags: u64,
    /// Customers who were given to somebody.
    pub assigned: u64,
    /// Customers of whose way to the pool their owners are warned from now on.
    pub warned: u64,
    /// Customers who went back to the pool.
    pub returned: u64,
}

impl Swept {
    /// How often a rule or the pool acted.
    pub fn all(&self) -> u64 {
        self.follow_ups + self.tags + self.assigned + self.warned + self.returned
    }
}

impl std::ops::AddAssign for Swept {
    fn add_assign(&mut self, more: Self) {
        let Self { follow_ups, tags, assigned, warned, returned } = more;
        self.follow_ups += follow_ups;
        self.tags += tags;
        self.assigned += assigned;
        self.warned += warned;
        self.returned += returned;
    }
}
