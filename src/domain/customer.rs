//! A customer's built-in parts.

use super::id::{CustomerId, StaffId};
use crate::clock::Timestamp;
use crate::codes::codes;

/// A person or a company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CustomerKind {
    /// A natural person.
    #[default]
    Person,
    /// An organisation.
    Company,
}

/// How far the relation with a customer has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Known of, not spoken to.
    #[default]
    Lead,
    /// Spoken to.
    Contacted,
    /// Fits and is interested.
    Qualified,
    /// Has bought.
    Customer,
    /// Not heard from for long.
    Dormant,
    /// Gone.
    Lost,
}

/// The legal ground on which a customer's data is processed (GDPR Art. 6(1); PIPL Art. 13).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Needed for a contract.
    Contract,
    /// The person agreed.
    Consent,
    /// A law demands it.
    LegalDuty,
    /// Somebody's life depends on it.
    VitalInterest,
    /// A public authority's task.
    PublicTask,
    /// An interest that outweighs the person's.
    LegitimateInterest,
    /// Nobody has said yet: a to-do.
    #[default]
    NotKnownYet,
}

codes!(CustomerKind: Person = "person", Company = "company");
codes!(Stage: Lead = "lead", Contacted = "contacted", Qualified = "qualified", Customer = "customer",
    Dormant = "dormant", Lost = "lost");
codes!(Basis: Contract = "contract", Consent = "consent", LegalDuty = "legal_duty",
    VitalInterest = "vital_interest", PublicTask = "public_task", LegitimateInterest = "legitimate_interest",
    NotKnownYet = "not_known_yet");

/// Where a customer's data came from and why it may be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// In the words of whoever brought it in.
    pub source: String,
    /// The legal ground.
    pub basis: Basis,
}

/// A customer's built-in parts without name or fields; what lists and checks need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its id.
    pub id: CustomerId,
    /// Grows by one with each change; a write names the version that it was based on.
    pub version: u64,
    /// Person or company.
    pub kind: CustomerKind,
    /// Who works with this customer; nobody means the pool.
    pub owner: Option<StaffId>,
    /// Since when that is so.
    pub owned_since: Timestamp,
    /// Who worked with them last before.
    pub last_owner: Option<StaffId>,
    /// How far it has come.
    pub stage: Stage,
    /// Tags, in order, each once.
    pub tags: Vec<String>,
    /// When it was added.
    pub created: Timestamp,
    /// When anything of it last changed.
    pub updated: Timestamp,
    /// When somebody last spoke with them.
    pub last_contact: Option<Timestamp>,
    /// The earliest open follow-up.
    pub next_follow_up: Option<Timestamp>,
    /// Where it came from.
    pub provenance: Provenance,
    /// Storage and protection only: no reveal, no edit.
    pub restricted: bool,
}

impl Profile {
    /// From `at` on it belongs to somebody else, or to nobody. Whoever it belonged to already has it as long as before.
    pub fn belongs_to(&mut self, owner: Option<StaffId>, at: Timestamp) {
        if self.owner == owner {
            return;
        }
        self.last_owner = self.owner.or(self.last_owner);
        self.owner = owner;
        self.owned_since = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_one_since_a_moment_and_the_one_before_is_remembered_through_the_pool() {
        let (ann, bob) = (StaffId(1), StaffId(2));
        let mut who = Profile::default();
        let stands = |who: &Profile| (who.owner, who.owned_since.0, who.last_owner);
        who.belongs_to(Some(ann), Timestamp(5));
        who.belongs_to(Some(ann), Timestamp(6));
        assert_eq!(stands(&who), (Some(ann), 5, None));
        who.belongs_to(None, Timestamp(7));
        assert_eq!(stands(&who), (None, 7, Some(ann)));
        who.belongs_to(Some(bob), Timestamp(8));
        assert_eq!(stands(&who), (Some(bob), 8, Some(ann)));
    }
}
