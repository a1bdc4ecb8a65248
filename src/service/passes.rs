//! What the program looks through by itself: a pass an hour, in bites small enough for a quiet moment.
//!
//! **Invariant:** nobody waits for a bite. A pass that another program began lately is not begun anew, and one that met a
//! fault is begun again later, since whatever a bite acts on is looked at again as it acts.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::actor::Actor;
use super::refusal::Refusal;
use super::view::Swept;
use crate::clock::Timestamp;
use crate::domain::id::SessionId;
use crate::vault::store::{Get, Put};

/// Seconds between two passes.
const HOUR: i64 = 3_600;
/// Seconds after which a pass that failed is begun anew.
const AGAIN: i64 = 60;

/// How far a pass has come.
#[derive(Debug)]
pub(super) struct Progress<S> {
    /// When the next pass may begin.
    next: Option<Timestamp>,
    /// What of this pass is still to be looked at.
    queue: VecDeque<S>,
}

impl<S> Default for Progress<S> {
    fn default() -> Self {
        Self { next: None, queue: VecDeque::new() }
    }
}

/// What a bite did, and what is left of its stretch.
pub(super) type Bitten<S> = (Swept, Option<S>);

/// What is looked through, stretch by stretch, and what a bite of a stretch does.
#[derive(Debug)]
pub(super) struct Pass<S> {
    /// Under this name the moment of the last pass is kept.
    pub(super) last: &'static str,
    /// All that a pass looks through.
    pub(super) stretches: fn(&Actor) -> Result<VecDeque<S>, Refusal>,
    /// What a bite of a stretch did, and what is left of it.
    pub(super) bite: fn(&Actor, S) -> Result<Bitten<S>, Refusal>,
}

impl<S> Pass<S> {
    /// Does a bite, or begins a pass where one is due. A fault is met again by whoever changes something next.
    pub(super) fn quiet(&self, actor: &Actor, progress: &Mutex<Progress<S>>) {
        let Ok(mut progress) = progress.try_lock() else { return };
        let waits = progress.next.is_some_and(|next| actor.now < next && next.since(actor.now) <= HOUR * 1_000);
        if progress.queue.is_empty() && waits {
            return;
        }
        match self.step(actor, &mut progress) {
            // Everybody's screens show what the program did, the one whose quiet moment it was included.
            Ok(swept) if swept.all() > 0 => actor.desk.present.tell(SessionId(0)),
            Ok(_) => {}
            Err(_) => {
                progress.queue.clear();
                progress.next = Some(actor.now.plus_seconds(AGAIN));
            }
        }
    }

    fn step(&self, actor: &Actor, progress: &mut Progress<S>) -> Result<Swept, Refusal> {
        let Some(stretch) = progress.queue.pop_front() else {
            let last = Timestamp(actor.desk.tables.read()?.number(self.last)?.cast_signed());
            // A clock that was set back does not hold the pass up until it has caught up.
            if (0..HOUR * 1_000).contains(&actor.now.since(last)) {
                progress.next = Some(last.plus_seconds(HOUR));
            } else {
                progress.queue = (self.stretches)(actor)?;
                progress.next = Some(actor.now.plus_seconds(HOUR));
            }
            return Ok(Swept::default());
        };
        let (swept, rest) = (self.bite)(actor, stretch)?;
        if let Some(rest) = rest {
            progress.queue.push_front(rest);
        }
        if progress.queue.is_empty() {
            self.note(actor)?;
        }
        Ok(swept)
    }

    /// Does a whole pass at once.
    pub(super) fn run(&self, actor: &Actor) -> Result<Swept, Refusal> {
        let mut queue = (self.stretches)(actor)?;
        let mut all = Swept::default();
        while let Some(stretch) = queue.pop_front() {
            let (swept, rest) = (self.bite)(actor, stretch)?;
            all += swept;
            queue.extend(rest);
        }
        self.note(actor)?;
        Ok(all)
    }

    /// Keeps when the last pass was, so that the next program to open the vault need not look again at once.
    fn note(&self, actor: &Actor) -> Result<(), Refusal> {
        let (last, now) = (self.last, actor.now.0.max(0).cast_unsigned());
        actor.commit(move |to| Ok(to.set_number(last, now)?))
    }
}
