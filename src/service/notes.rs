//! Words to everybody at work in the vault that something was changed, so that they look again.
//!
//! **Invariant:** a word says that, and never what; it is given after the change is durable; giving it never blocks.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::door::Action;
use crate::domain::id::SessionId;

/// What is called after a change by somebody else.
pub type Listener = Arc<dyn Fn() + Send + Sync>;

/// Who wants to be told.
#[derive(Default)]
pub(super) struct Notes(Mutex<Vec<(SessionId, Listener)>>);

impl fmt::Debug for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Notes({})", self.all().len())
    }
}

impl Notes {
    fn all(&self) -> MutexGuard<'_, Vec<(SessionId, Listener)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells this session from now on.
    pub(super) fn listen(&self, session: SessionId, listener: Listener) {
        self.all().push((session, listener));
    }

    /// Tells it no more.
    pub(super) fn leave(&self, session: SessionId) {
        self.all().retain(|(listening, _)| *listening != session);
    }

    /// Tells all but whoever made the change.
    pub(super) fn tell(&self, by: SessionId) {
        let others: Vec<_> = self.all().iter().filter(|(id, _)| *id != by).map(|(_, told)| Arc::clone(told)).collect();
        others.iter().for_each(|listener| listener());
    }
}

/// Whether others may see something else after an action than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// They are told.
    Others,
    /// Nothing that is shown was changed, but for the record of actions, which is asked for by whoever reads it.
    Nobody,
}

/// Whether an action is told to others.
pub(super) fn told(action: &Action) -> Told {
    match action {
        Action::OpenCustomer(_)
        | Action::FindByIdentifier(_)
        | Action::CheckDuplicate(..)
        | Action::Reveal(..)
        | Action::Copy(..)
        | Action::Verify(..)
        | Action::KeepDraft(_)
        | Action::RehearseRows(_)
        | Action::ImportRows(..)
        | Action::OfferRecovery
        | Action::OfferFactor
        | Action::ConfirmFactor(_)
        | Action::RenewFactorCodes
        | Action::GiveCode(_)
        | Action::VerifyRecord
        | Action::Checkpoint
        | Action::ExportRecord
        | Action::SetPreferences(_) => Told::Nobody,
        _ => Told::Others,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn all_are_told_but_who_changed_and_who_left() {
        let notes = Notes::default();
        let heard: Vec<Arc<AtomicU32>> = (0..3).map(|_| Arc::default()).collect();
        for (id, count) in (0..).zip(&heard) {
            let count = Arc::clone(count);
            notes.listen(
                SessionId(id),
                Arc::new(move || {
                    let _ = count.fetch_add(1, Ordering::SeqCst);
                }),
            );
        }
        notes.leave(SessionId(2));
        notes.tell(SessionId(0));
        assert_eq!(heard.iter().map(|count| count.load(Ordering::SeqCst)).collect::<Vec<_>>(), [0, 1, 0]);
    }
}
