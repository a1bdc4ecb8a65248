//! Who is at work in an open vault: each stay as others may see and end it, and words to them that something was changed.
//!
//! **Invariant:** a word says that something was changed and never what; it is given after the change is durable; giving
//! it never blocks. That somebody has a customer open is told to those alone who have the same one open.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::backoff::Source;
use super::gate::Caller;
use super::refusal::Over;
use crate::clock::Timestamp;
use crate::domain::audit::Origin;
use crate::domain::id::{CustomerId, SessionId, StaffId};

/// What is called after a change by somebody else.
pub type Listener = Arc<dyn Fn() + Send + Sync>;

/// One person's stay, as far as others have to do with it.
#[derive(Debug)]
pub(super) struct Stay {
    pub id: SessionId,
    pub who: StaffId,
    pub origin: Origin,
    pub source: Source,
    /// The machine they came from, as whoever let them in tells it.
    pub address: Option<IpAddr>,
    pub began: Timestamp,
    now: Mutex<Now>,
}

/// What changes of a stay.
#[derive(Default)]
struct Now {
    active: Option<Timestamp>,
    at: Option<CustomerId>,
    over: Option<Over>,
    listener: Option<Listener>,
}

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Now").field("active", &self.active).field("over", &self.over).finish_non_exhaustive()
    }
}

impl Stay {
    pub(super) fn new(id: SessionId, who: StaffId, caller: Caller, began: Timestamp) -> Self {
        let Caller { origin, source, address } = caller;
        Self { id, who, origin, source, address, began, now: Mutex::default() }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When a person last did something, if any ever did.
    pub(super) fn active(&self) -> Option<Timestamp> {
        self.now().active
    }

    pub(super) fn is_active(&self, at: Timestamp) {
        self.now().active = Some(at);
    }

    /// How it ended, if it did.
    pub(super) fn over(&self) -> Option<Over> {
        self.now().over
    }

    /// Ends it. The first end counts.
    pub(super) fn end(&self, over: Over) -> Over {
        *self.now().over.get_or_insert(over)
    }

    fn tell(&self) {
        // Called without the lock, for it may come back here.
        let listener = self.now().listener.clone();
        if let Some(told) = listener {
            told();
        }
    }
}

/// Everybody who is at work.
#[derive(Debug, Default)]
pub(super) struct Present(Mutex<Vec<Arc<Stay>>>);

impl Present {
    fn all(&self) -> MutexGuard<'_, Vec<Arc<Stay>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those who are here now, the first to come first.
    pub(super) fn stays(&self) -> Vec<Arc<Stay>> {
        self.all().clone()
    }

    pub(super) fn enter(&self, stay: &Arc<Stay>) {
        self.all().push(Arc::clone(stay));
    }

    /// Counts it out; whoever has the same customer open is told.
    pub(super) fn leave(&self, stay: &Stay) {
        self.move_to(stay, None);
        self.all().retain(|other| other.id != stay.id);
    }

    /// Tells this one of changes from now on.
    pub(super) fn listen(&self, stay: &Stay, listener: Listener) {
        stay.now().listener = Some(listener);
    }

    /// Tells all but whoever made the change.
    pub(super) fn tell(&self, by: SessionId) {
        self.stays().iter().filter(|stay| stay.id != by).for_each(|stay| stay.tell());
    }

    /// Tells those others who have this customer open.
    pub(super) fn tell_beside(&self, by: SessionId, customer: CustomerId) {
        let beside = |stay: &&Arc<Stay>| stay.id != by && stay.now().at == Some(customer);
        self.stays().iter().filter(beside).for_each(|stay| stay.tell());
    }

    /// Notes which customer this one has open, and tells those who have the one that is left or the one that is opened.
    pub(super) fn move_to(&self, stay: &Stay, to: Option<CustomerId>) {
        let left = std::mem::replace(&mut stay.now().at, to);
        if left == to {
            return;
        }
        let beside = |other: &&Arc<Stay>| {
            let at = other.now().at;
            other.id != stay.id && at.is_some() && (at == left || at == to)
        };
        self.stays().iter().filter(beside).for_each(|other| other.tell());
    }

    /// Who else has this customer open, each named once.
    pub(super) fn beside(&self, own: SessionId, customer: CustomerId) -> Vec<StaffId> {
        let stays = self.stays();
        let others = stays.iter().filter(|stay| stay.id != own && stay.now().at == Some(customer));
        let mut who: Vec<StaffId> = others.map(|stay| stay.who).collect();
        who.sort();
        who.dedup();
        who
    }

    /// Ends stays and has them notice. Those that are over already are left as they are.
    pub(super) fn end(&self, which: impl Fn(&Stay) -> bool, over: Over) {
        for stay in self.stays().iter().filter(|stay| which(stay)) {
            stay.end(over);
            stay.tell();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Desk {
        present: Present,
        stays: Vec<Arc<Stay>>,
        heard: Vec<Arc<AtomicU32>>,
    }

    fn desk() -> Desk {
        let present = Present::default();
        let (mut stays, mut heard) = (Vec::new(), Vec::new());
        for id in 0..3 {
            let stay = Stay::new(SessionId(id), StaffId(id as u32 + 1), Origin::Screen.into(), Timestamp(0));
            let (stay, count) = (Arc::new(stay), Arc::new(AtomicU32::new(0)));
            let counted = Arc::clone(&count);
            present.enter(&stay);
            present.listen(&stay, Arc::new(move || _ = counted.fetch_add(1, Ordering::SeqCst)));
            stays.push(stay);
            heard.push(count);
        }
        Desk { present, stays, heard }
    }

    impl Desk {
        fn heard(&self) -> Vec<u32> {
            self.heard.iter().map(|count| count.swap(0, Ordering::SeqCst)).collect()
        }
    }

    #[test]
    fn all_are_told_but_who_changed_and_who_left() {
        let desk = desk();
        desk.present.leave(&desk.stays[2]);
        desk.present.tell(SessionId(0));
        assert_eq!(desk.heard(), [0, 1, 0]);
    }

    #[test]
    fn who_has_a_customer_open_is_told_to_those_alone_who_have_it_open_too() {
        let desk = desk();
        let (ada, ben) = (Some(CustomerId(7)), Some(CustomerId(8)));
        desk.present.move_to(&desk.stays[0], ada);
        desk.present.move_to(&desk.stays[1], ben);
        assert_eq!(desk.heard(), [0, 0, 0], "nobody is beside anybody");
        desk.present.move_to(&desk.stays[2], ada);
        assert_eq!(desk.heard(), [1, 0, 0], "the second tells the first");
        assert_eq!(desk.present.beside(SessionId(0), CustomerId(7)), [StaffId(3)]);
        desk.present.move_to(&desk.stays[2], ada);
        assert_eq!(desk.heard(), [0, 0, 0], "nothing moved");
        desk.present.tell_beside(SessionId(2), CustomerId(7));
        assert_eq!(desk.heard(), [1, 0, 0], "a look is told beside, and to nobody else");
        desk.present.leave(&desk.stays[2]);
        assert_eq!(desk.heard(), [1, 0, 0], "and who leaves is missed");
        assert!(desk.present.beside(SessionId(0), CustomerId(7)).is_empty());
    }

    #[test]
    fn an_ended_stay_is_told_and_its_first_end_counts() {
        let desk = desk();
        desk.present.end(|stay| stay.who == StaffId(2), Over::Ended);
        desk.present.end(|_| true, Over::Sealed);
        let over: Vec<_> = desk.stays.iter().map(|stay| stay.over()).collect();
        assert_eq!(over, [Some(Over::Sealed), Some(Over::Ended), Some(Over::Sealed)]);
        assert_eq!(desk.heard(), [1, 2, 1]);
    }
}
