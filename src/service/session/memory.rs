//! What a session remembers between calls.
//!
//! **Invariant:** it is gone when the session ends, and shows nothing of itself.

use std::collections::{HashMap, HashSet};

use crate::clock::Timestamp;
use crate::domain::case::{Case, CaseState};
use crate::domain::field::FieldKey;
use crate::domain::id::{CaseId, CustomerId, StaffId};
use crate::domain::reason::Reason;
use crate::service::undo::Lately;
use crate::service::{find, keys};
use crate::text::Printable;
use crate::vault::keyring::TotpSecret;

/// See the head of this file.
#[derive(Default)]
pub(in crate::service) struct Memory {
    pub(in crate::service) opened: HashSet<CustomerId>,
    /// What was done, as far as an undo asks about it.
    pub(in crate::service) lately: Lately,
    /// Those opened lately, the latest first: they lead what is found by words.
    recent: Vec<CustomerId>,
    /// The words of the last search, and what led it: the order stays while one search is looked through.
    led: (String, Vec<CustomerId>),
    pub(in crate::service) listing: Option<find::Listing>,
    pub(in crate::service) paged: HashMap<String, HashSet<CustomerId>>,
    /// What was let out: of whom, which field, why, about which case, and when.
    pub(in crate::service) reveals: Vec<(CustomerId, FieldKey, Reason, Option<CaseId>, Timestamp)>,
    pub(in crate::service) ticket: Option<(CustomerId, Printable)>,
    /// The case at hand: taken or opened in this session, and not closed.
    case: Option<(CaseId, CustomerId, Printable)>,
    pub(in crate::service) offer: Option<keys::Offer>,
    pub(in crate::service) factor: Option<TotpSecret>,
    pub(in crate::service) code_at: Option<Timestamp>,
}

/// Whether a case was taken in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Yes,
    No,
}

/// How many customers opened lately lead a search.
const RECENT: usize = 12;

impl Memory {
    pub(in crate::service) fn open(&mut self, id: CustomerId) {
        self.opened.insert(id);
        self.recent.retain(|other| *other != id);
        self.recent.truncate(RECENT - 1);
        self.recent.insert(0, id);
    }

    pub(super) fn forget(&mut self, id: CustomerId) {
        self.opened.remove(&id);
        self.reveals.retain(|(customer, ..)| *customer != id);
        self.ticket.take_if(|(customer, _)| *customer == id);
        self.case.take_if(|(_, customer, _)| *customer == id);
    }

    /// A case was changed. One that was taken is at hand; one that was closed or handed on is not any more.
    pub(super) fn case_now(&mut self, case: &Case, taken: Taken, who: StaffId) {
        let kept = case.state != CaseState::Closed && case.holder == Some(who);
        let same = self.case.as_ref().is_some_and(|(id, ..)| *id == case.id);
        if kept && (same || taken == Taken::Yes) {
            self.case = Some((case.id, case.customer, case.ticket.clone()));
        } else if same {
            self.case = None;
        }
    }

    /// The case at hand and its ticket, if it is this customer's.
    pub(in crate::service) fn at_hand(&self, customer: CustomerId) -> Option<(CaseId, Printable)> {
        self.case.as_ref().filter(|(_, whose, _)| *whose == customer).map(|(id, _, ticket)| (*id, ticket.clone()))
    }

    /// The customers that lead a search by these words.
    pub(in crate::service) fn leading(&mut self, words: &str) -> Vec<CustomerId> {
        if self.led.0 != words {
            self.led = (words.to_owned(), self.recent.clone());
        }
        self.led.1.clone()
    }
}

/// Shows nothing: what was searched for may be somebody's name or number.
impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory(..)")
    }
}
