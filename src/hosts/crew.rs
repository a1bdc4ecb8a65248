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

use crate::service::Gate;

/// Hands a job to whoever is free.
pub type HandOut = Arc<dyn Fn(Job, Lane) + Send + Sync>;

/// Something to be done.
pub type Job = Box<dyn FnOnce() + Send>;

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
                    Ok(job) => job(),
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

    fn run(&self, job: Job, lane: Lane) {
        match &self.0 {
            // A thread that is gone has panicked; the program sees no answer and can be left.
            Kind::Own { jobs, .. } => drop(jobs.as_ref().map(|jobs| jobs.send(job))),
            Kind::Shared(run) => run(job, lane),
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
    /// A line before `doer`, worked off by `crew`.
    pub fn new(crew: Crew, doer: D) -> Self {
        let waiting = Mutex::new(Waiting { work: VecDeque::new(), attended: Attended::No });
        Self { crew, shared: Arc::new(Shared { waiting, doer: Mutex::new(doer) }) }
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
            let shared = Arc::clone(&self.shared);
            self.crew.run(Box::new(move || shared.work_off()), lane);
        }
    }
}

impl<D: Doer> Shared<D> {
    fn work_off(&self) {
        let mut doer = lock(&self.doer);
        loop {
            let next = {
                let mut waiting = lock(&self.waiting);
                let next = waiting.work.pop_front();
                if next.is_none() {
                    waiting.attended = Attended::No;
                }
                next
            };
            let Some(work) = next else { return };
            if catch_unwind(AssertUnwindSafe(|| doer.carry_out(work))).is_err() {
                let mut waiting = lock(&self.waiting);
                waiting.work.clear();
                waiting.attended = Attended::Never;
                return;
            }
        }
    }
}
