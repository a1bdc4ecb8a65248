//! Who does what may take long, so that no loop ever waits for the vault.
//!
//! A program at one person's terminal has a thread of its own; sessions of a server share the server's.
//! **Invariant:** jobs of one seat are done one after the other, in the order in which they were given.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::app::msg::Queued;
use crate::service::Gate;

/// Hands a job to whoever is free, and tells while it has to wait.
pub type HandOut = Arc<dyn Fn(Job, Lane, Told) + Send + Sync>;

/// Something to be done.
pub type Job = Box<dyn FnOnce() -> Did + Send>;

/// Is told how a job that waits for its turn stands, and with nothing that its turn has come. Never blocks.
pub type Told = Arc<dyn Fn(Option<Queued>) + Send + Sync>;

/// What came of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// Something was done.
    Work,
    /// There was nothing left to do.
    Nothing,
}

/// How long a job may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Milliseconds, mostly.
    Quick,
    /// About a second, and the key derivation's memory.
    SignIn,
}

/// How often a program that holds the vault itself looks after its backups.
const LOOK: Duration = Duration::from_secs(2);

/// Those who do it.
pub struct Crew(Kind);

enum Kind {
    Own { jobs: Option<Sender<Job>>, thread: Option<JoinHandle<()>> },
    Shared(HandOut),
}

impl std::fmt::Debug for Crew {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self.0, Kind::Own { .. }) { "Crew::own" } else { "Crew::shared" })
    }
}

impl Crew {
    /// A thread of its own, which looks after the backups of `gate` meanwhile.
    pub fn own(gate: Arc<Gate>) -> Self {
        let (jobs, to_do) = channel::<Job>();
        let thread = thread::spawn(move || {
            loop {
                gate.look_at_backups();
                match to_do.recv_timeout(LOOK) {
                    Ok(job) => _ = job(),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            gate.end_backups();
        });
        Self(Kind::Own { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Whatever `run` hands jobs to.
    pub fn shared(run: HandOut) -> Self {
        Self(Kind::Shared(run))
    }

    fn run(&self, job: Job, lane: Lane, told: Told) {
        match &self.0 {
            // A thread that is gone has panicked; the program sees no answer and can be left.
            Kind::Own { jobs, .. } => drop(jobs.as_ref().map(|jobs| jobs.send(job))),
            Kind::Shared(run) => run(job, lane, told),
        }
    }

    /// Whoever work is handed on to that belongs into another lane; a thread of its own does all of it.
    fn others(&self) -> Option<HandOut> {
        match &self.0 {
            Kind::Own { .. } => None,
            Kind::Shared(run) => Some(Arc::clone(run)),
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        if let Kind::Own { jobs, thread } = &mut self.0 {
            *jobs = None;
            if let Some(thread) = thread.take() {
                // A thread that panicked has dropped what it held; there is nothing to add here.
                let _ = thread.join();
            }
        }
    }
}

/// What does a seat's jobs: it is handed them one by one.
pub trait Doer: Send + 'static {
    /// What is to be done.
    type Work: Send;
    /// How long it may take.
    fn lane(work: &Self::Work) -> Lane;
    /// Does it.
    fn carry_out(&mut self, work: Self::Work);
}

/// A queue of work for one doer.
pub struct Line<D: Doer> {
    crew: Crew,
    shared: Arc<Shared<D>>,
}

impl<D: Doer> std::fmt::Debug for Line<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("crew", &self.crew).finish_non_exhaustive()
    }
}

struct Shared<D: Doer> {
    waiting: Mutex<Waiting<D::Work>>,
    doer: Mutex<D>,
    others: Option<HandOut>,
    told: Told,
}

struct Waiting<W> {
    work: VecDeque<W>,
    attended: Attended,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Attended {
    No,
    Yes,
    /// The doer panicked: nothing is done any more, and whoever waits for an answer finds the other end gone.
    Never,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<D: Doer> Line<D> {
    /// A line before `doer`, worked off by `crew`; `told` hears how long work has to wait.
    pub fn new(crew: Crew, doer: D, told: Told) -> Self {
        let waiting = Mutex::new(Waiting { work: VecDeque::new(), attended: Attended::No });
        let others = crew.others();
        Self { crew, shared: Arc::new(Shared { waiting, doer: Mutex::new(doer), others, told }) }
    }

    /// Puts work at the end of the line. Never blocks.
    pub fn push(&self, work: D::Work) {
        let mut waiting = lock(&self.shared.waiting);
        if waiting.attended == Attended::Never {
            return;
        }
        let lane = D::lane(&work);
        waiting.work.push_back(work);
        if waiting.attended == Attended::No {
            waiting.attended = Attended::Yes;
            self.crew.run(self.shared.job(lane), lane, Arc::clone(&self.shared.told));
        }
    }

    /// Puts the last work at the end of the line. A sign-in that has not begun is dropped, and nothing waits for its turn
    /// any more: whoever wanted in is leaving.
    pub fn leave(self, work: D::Work) {
        let mut waiting = lock(&self.shared.waiting);
        if waiting.attended == Attended::Never {
            return;
        }
        waiting.work.retain(|work| D::lane(work) == Lane::Quick);
        waiting.work.push_back(work);
        waiting.attended = Attended::Yes;
        // Whoever attends may be waiting for a turn. Two do no harm, since the doer is one.
        self.crew.run(self.shared.job(Lane::Quick), Lane::Quick, Arc::clone(&self.shared.told));
    }
}

impl<D: Doer> Shared<D> {
    fn job(self: &Arc<Self>, lane: Lane) -> Job {
        let shared = Arc::clone(self);
        Box::new(move || shared.work_off(lane))
    }

    fn work_off(self: &Arc<Self>, own: Lane) -> Did {
        let mut doer = lock(&self.doer);
        let mut did = Did::Nothing;
        loop {
            let next = {
                let mut waiting = lock(&self.waiting);
                match (waiting.work.front().map(D::lane), &self.others) {
                    (Some(lane), Some(hand_out)) if lane != own => {
                        hand_out(self.job(lane), lane, Arc::clone(&self.told));
                        None
                    }
                    (Some(_), _) => waiting.work.pop_front(),
                    (None, _) => {
                        if waiting.attended == Attended::Yes {
                            waiting.attended = Attended::No;
                        }
                        None
                    }
                }
            };
            let Some(work) = next else { return did };
            did = Did::Work;
            if catch_unwind(AssertUnwindSafe(|| doer.carry_out(work))).is_err() {
                let mut waiting = lock(&self.waiting);
                waiting.work.clear();
                waiting.attended = Attended::Never;
                return did;
            }
        }
    }
}

#[cfg(test)]
mod tests;
