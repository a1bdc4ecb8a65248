//! The line of those who want to sign in: so many at once, the others in their order, and each is told how many are before
//! them and about how long it will take.
//!
//! **Invariant:** no more jobs run at once than there are turns, and one that waits takes no thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::crew::{Did, Job, Told};
use crate::app::msg::Queued;

/// How often somebody near their turn is told anew; the longer the line, the less often.
const TELL: Duration = Duration::from_secs(1);
/// With so many more before them, a second later.
const SLOWER: u64 = 50;
/// The longest that somebody goes without a word.
const SLOWEST: Duration = Duration::from_secs(10);
/// How much of the mean the latest makes.
const WEIGHT: u64 = 8;

/// Turns, and who waits for one.
pub(super) struct Queue {
    turns: Arc<Semaphore>,
    at_once: u64,
    /// Who came, and of those whose turn has come.
    came: AtomicU64,
    begun: AtomicU64,
    /// What a sign-in takes, in microseconds, as a mean that follows; 0 before the first.
    takes: AtomicU64,
}

impl Queue {
    /// With so many turns at once.
    pub(super) fn new(at_once: usize) -> Self {
        let (came, begun, takes) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        Self { turns: Arc::new(Semaphore::new(at_once)), at_once: at_once.max(1) as u64, came, begun, takes }
    }

    /// Runs the job when its turn has come, and tells how it stands until then.
    pub(super) async fn run(self: Arc<Self>, job: Job, told: Told) {
        let number = self.came.fetch_add(1, Ordering::AcqRel);
        let turn = self.turn(number, &told).await;
        self.begun.fetch_add(1, Ordering::AcqRel);
        let started = Instant::now();
        // A job that panicked has dropped what it held; there is nothing to add here.
        if let Ok(Did::Work) = tokio::task::spawn_blocking(job).await {
            self.took(started.elapsed());
        }
        drop(turn);
    }

    /// A turn; the semaphore, which gives them in order, is never closed.
    async fn turn(&self, number: u64, told: &Told) -> Option<OwnedSemaphorePermit> {
        let acquired = Arc::clone(&self.turns).acquire_owned();
        tokio::pin!(acquired);
        let (mut pause, mut last) = (Duration::ZERO, None);
        loop {
            tokio::select! {
                biased;
                turn = &mut acquired => {
                    if last.is_some() {
                        told(None);
                    }
                    return turn.ok();
                }
                () = tokio::time::sleep(pause) => {}
            }
            let before = number.saturating_sub(self.begun.load(Ordering::Acquire));
            let now = self.queued(before);
            if last != Some(now) {
                told(Some(now));
                last = Some(now);
            }
            pause = (TELL + Duration::from_secs(before / SLOWER)).min(SLOWEST);
        }
    }

    fn queued(&self, before: u64) -> Queued {
        let takes = self.takes.load(Ordering::Acquire);
        // Those who are at it now are half through, and those before come in rounds.
        let micros = takes.saturating_mul(before * 2 + 1) / (2 * self.at_once);
        let seconds = u32::try_from(micros.div_ceil(1_000_000)).unwrap_or(u32::MAX);
        let before = u32::try_from(before).unwrap_or(u32::MAX);
        Queued { before, seconds: (takes > 0).then_some(seconds) }
    }

    fn took(&self, latest: Duration) {
        let latest = u64::try_from(latest.as_micros()).unwrap_or(u64::MAX).max(1);
        // Whoever comes second of two at once counts for nothing, which does no harm to a mean.
        let mean = self.takes.load(Ordering::Acquire);
        let next = if mean == 0 { latest } else { (mean * (WEIGHT - 1) + latest) / WEIGHT };
        self.takes.store(next.max(1), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    const DEADLINE: Duration = Duration::from_secs(30);

    fn runtime() -> Runtime {
        Builder::new_multi_thread().worker_threads(2).enable_all().max_blocking_threads(64).build().unwrap()
    }

    fn listening() -> (Told, Receiver<Option<Queued>>) {
        let (sender, heard) = channel();
        (Arc::new(move |queued| _ = sender.send(queued)), heard)
    }

    #[test]
    fn who_waits_is_told_how_many_are_before_them_and_when_their_turn_comes() {
        let runtime = runtime();
        let queue = Arc::new(Queue::new(1));
        let (go, held) = channel::<()>();
        let (begun, first_at_it) = channel();
        let first: Job = Box::new(move || {
            begun.send(()).unwrap();
            held.recv_timeout(DEADLINE).unwrap();
            Did::Work
        });
        let (told, nothing) = listening();
        runtime.spawn(Arc::clone(&queue).run(first, told));
        first_at_it.recv_timeout(DEADLINE).unwrap();
        let mut heard = Vec::new();
        for before in 0..3 {
            let (told, words) = listening();
            runtime.spawn(Arc::clone(&queue).run(Box::new(|| Did::Work), told));
            // Each is in the line before the next comes.
            assert_eq!(words.recv_timeout(DEADLINE).unwrap(), Some(Queued { before, seconds: None }));
            heard.push(words);
        }
        go.send(()).unwrap();
        for words in heard {
            let last = std::iter::from_fn(|| words.recv_timeout(DEADLINE).ok()).last();
            assert_eq!(last, Some(None));
        }
        assert_eq!(nothing.recv_timeout(DEADLINE), Err(RecvTimeoutError::Disconnected), "the first never waited");
    }

    #[test]
    fn how_long_is_reckoned_from_what_sign_ins_took() {
        let queue = Queue::new(2);
        assert_eq!(queue.queued(3).seconds, None);
        queue.took(Duration::from_secs(2));
        // Half a sign-in until a turn is free where nobody is before, and one more for every two who are.
        assert_eq!(queue.queued(0), Queued { before: 0, seconds: Some(1) });
        assert_eq!(queue.queued(10), Queued { before: 10, seconds: Some(11) });
        assert_eq!(queue.queued(998), Queued { before: 998, seconds: Some(999) });
        for _ in 0..200 {
            queue.took(Duration::from_secs(1));
        }
        assert!(queue.queued(998).seconds < Some(510), "{:?}", queue.queued(998));
    }

    #[test]
    fn of_a_thousand_at_once_no_more_run_than_there_are_turns_and_what_was_given_up_takes_no_time() {
        let runtime = runtime();
        let queue = Arc::new(Queue::new(2));
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (done, all) = channel();
        for number in 0..1_000 {
            let (running, most, done) = (Arc::clone(&running), Arc::clone(&most), done.clone());
            let job: Job = Box::new(move || {
                let now = running.fetch_add(1, Ordering::AcqRel) + 1;
                most.fetch_max(now, Ordering::AcqRel);
                std::thread::yield_now();
                running.fetch_sub(1, Ordering::AcqRel);
                done.send(()).unwrap();
                if number % 2 == 0 { Did::Nothing } else { Did::Work }
            });
            runtime.spawn(Arc::clone(&queue).run(job, Arc::new(|_| {})));
        }
        drop(done);
        assert_eq!(all.iter().count(), 1_000);
        assert!((1..=2).contains(&most.load(Ordering::Acquire)));
    }
}
