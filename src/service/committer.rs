//! The one writer: changes that wait are made in one transaction, each with its entry in the record.
//!
//! Whoever gets the writer runs everything that waits by then, so that one durable commit serves many sessions. Those
//! whose change was made along with it are woken together and need not pass the writer one after the other: meanwhile
//! the next changes gather.
//! **Invariant:** a result is handed over only after the commit that holds its change is durable; a change that is
//! refused leaves nothing behind and does not harm its neighbours.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::refusal::{KeysProblem, Refusal};
use crate::vault::store::{StoreError, Writer};
use crate::vault::tables::{Fate, Tables};

/// Where changes wait for the writer.
#[derive(Default)]
pub struct Committer {
    state: Mutex<State>,
    /// Told when the writer is free again, and what it ran is settled.
    settled: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<Box<dyn Task>>,
    writer: Writing,
    door: Door,
}

/// Whether a transaction is under way.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Writing {
    #[default]
    Free,
    Busy,
}

/// Whether changes are taken.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Door {
    #[default]
    Open,
    Held,
}

impl std::fmt::Debug for Committer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Committer(..)")
    }
}

enum Ran {
    Done,
    Refused,
    Failed(StoreError),
}

trait Task: Send {
    fn run(&mut self, to: &mut Writer<'_>) -> Ran;
    fn settle(&mut self, committed: &Result<(), StoreError>);
    fn refuse(&mut self, why: Refusal);
}

type Slot<T> = Arc<Mutex<Option<Result<T, Refusal>>>>;

struct Change<T, F> {
    change: F,
    result: Option<Result<T, Refusal>>,
    slot: Slot<T>,
}

impl<T: Send, F: FnMut(&mut Writer<'_>) -> Result<T, Refusal> + Send> Task for Change<T, F> {
    fn run(&mut self, to: &mut Writer<'_>) -> Ran {
        let result = (self.change)(to);
        let ran = match &result {
            Ok(_) => Ran::Done,
            Err(Refusal::Storage(text)) => Ran::Failed(StoreError::Disk(text.clone())),
            Err(_) => Ran::Refused,
        };
        self.result = Some(result);
        ran
    }

    fn settle(&mut self, committed: &Result<(), StoreError>) {
        let result = match (self.result.take(), committed) {
            (Some(Err(refusal)), _) => Err(refusal),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(Refusal::RecordUnavailable(error.to_string())),
            (None, Ok(())) => Err(Refusal::RecordUnavailable("the change was not run".into())),
        };
        *lock(&self.slot) = Some(result);
    }

    fn refuse(&mut self, why: Refusal) {
        *lock(&self.slot) = Some(Err(why));
    }
}

/// A change that goes without being settled was in the hands of a writer that stopped; whoever waits for it is told.
impl<T, F> Drop for Change<T, F> {
    fn drop(&mut self) {
        lock(&self.slot).get_or_insert_with(|| Err(Refusal::RecordUnavailable("the writer stopped".into())));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Committer {
    /// Waits for the change under way and refuses those after it, until [`Self::release`].
    pub fn hold(&self) {
        let mut state = lock(&self.state);
        while state.writer == Writing::Busy {
            state = self.settled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.door = Door::Held;
        for task in &mut std::mem::take(&mut state.waiting) {
            task.refuse(Refusal::Keys(KeysProblem::Rotating));
        }
        self.settled.notify_all();
    }

    /// Lets changes be made again.
    pub fn release(&self) {
        lock(&self.state).door = Door::Open;
    }

    /// Makes a change durable. `change` may run more than once, and must do the same each time; `last` runs once at the
    /// end of the transaction.
    pub fn commit<T: Send + 'static>(
        &self,
        tables: &Tables,
        last: &dyn Fn(&mut Writer<'_>) -> Result<(), StoreError>,
        change: impl FnMut(&mut Writer<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let slot: Slot<T> = Arc::default();
        let mut state = lock(&self.state);
        if state.door == Door::Held {
            return Err(Refusal::Keys(KeysProblem::Rotating));
        }
        state.waiting.push(Box::new(Change { change, result: None, slot: Arc::clone(&slot) }));
        loop {
            if let Some(result) = lock(&slot).take() {
                return result;
            }
            if state.writer == Writing::Free {
                break;
            }
            state = self.settled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.writer = Writing::Busy;
        let mut tasks = std::mem::take(&mut state.waiting);
        drop(state);
        let turn = Turn(self);
        run(tables, last, &mut tasks);
        drop(turn);
        let result = lock(&slot).take();
        result.unwrap_or_else(|| Err(Refusal::RecordUnavailable("the writer stopped".into())))
    }
}

/// The writer in somebody's hands: given back and told also where a change panics.
struct Turn<'a>(&'a Committer);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).writer = Writing::Free;
        self.0.settled.notify_all();
    }
}

/// Runs the tasks in one transaction. A task that is refused after it wrote something has the others run again in a
/// fresh transaction without it.
fn run(tables: &Tables, last: &dyn Fn(&mut Writer<'_>) -> Result<(), StoreError>, tasks: &mut Vec<Box<dyn Task>>) {
    while !tasks.is_empty() {
        let mut spoiled = None;
        let outcome = tables.write(&mut |to| {
            for (at, task) in tasks.iter_mut().enumerate() {
                let before = to.writes();
                match task.run(to) {
                    Ran::Done => {}
                    Ran::Failed(error) => return Err(error),
                    Ran::Refused if to.writes() == before => {}
                    Ran::Refused => {
                        spoiled = Some(at);
                        return Ok(Fate::Abort);
                    }
                }
            }
            if to.writes() == 0 {
                return Ok(Fate::Abort);
            }
            last(to)?;
            Ok(Fate::Commit)
        });
        match spoiled {
            Some(at) if outcome.is_ok() => tasks.remove(at).settle(&Ok(())),
            _ => {
                tasks.iter_mut().for_each(|task| task.settle(&outcome));
                tasks.clear();
            }
        }
    }
}
