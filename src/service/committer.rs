//! The one writer: changes that wait are made in one transaction, each with its entry in the record.
//!
//! Whoever gets the writer runs everything that waits by then, so that one durable commit serves many sessions.
//! **Invariant:** a result is handed over only after the commit that holds its change is durable; a change that is
//! refused leaves nothing behind and does not harm its neighbours.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::refusal::{KeysProblem, Refusal};
use crate::vault::store::{StoreError, Writer};
use crate::vault::tables::{Fate, Tables};

/// Where changes wait for the writer.
#[derive(Default)]
pub struct Committer {
    waiting: Mutex<Vec<Box<dyn Task>>>,
    writer: Mutex<()>,
    held: AtomicBool,
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
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Committer {
    /// Waits for the change under way and refuses those after it, until [`Self::release`].
    pub fn hold(&self) {
        let _writer = lock(&self.writer);
        self.held.store(true, Ordering::Release);
    }

    /// Lets changes be made again.
    pub fn release(&self) {
        self.held.store(false, Ordering::Release);
    }

    /// Makes a change durable. `change` may run more than once, and must do the same each time; `last` runs once at the
    /// end of the transaction.
    pub fn commit<T: Send + 'static>(
        &self,
        tables: &Tables,
        last: &dyn Fn(&mut Writer<'_>) -> Result<(), StoreError>,
        change: impl FnMut(&mut Writer<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let rotating = || Err(Refusal::Keys(KeysProblem::Rotating));
        if self.held.load(Ordering::Acquire) {
            return rotating();
        }
        let slot: Slot<T> = Arc::default();
        lock(&self.waiting).push(Box::new(Change { change, result: None, slot: Arc::clone(&slot) }));
        let writer = lock(&self.writer);
        if lock(&slot).is_none() && self.held.load(Ordering::Acquire) {
            // Everybody who still waits comes past here and is told the same.
            lock(&self.waiting).clear();
            return rotating();
        }
        if lock(&slot).is_none() {
            let mut tasks = std::mem::take(&mut *lock(&self.waiting));
            run(tables, last, &mut tasks);
        }
        drop(writer);
        let result = lock(&slot).take();
        result.unwrap_or_else(|| Err(Refusal::RecordUnavailable("the writer stopped".into())))
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
