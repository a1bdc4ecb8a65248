//! How much of a processor one session may take: whoever sends keys faster than anybody types is read more slowly, so
//! that all others are answered at once.
//!
//! **Invariant:** a session that stays below its share is never held back, and none for longer than [`LONGEST`] at a
//! time, whatever it did.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::process::setpriority_process;
use rustix::time::{ClockId, clock_gettime};

/// A session's share is one processor's time divided by this: what keys held down or pasted take, several times over.
const PART: u32 = 80;
/// What it may take beyond its share at once, saved up while it takes less.
const SAVED: Duration = Duration::from_millis(250);
/// The longest time for which nothing of it is read. One answer that took long is not paid for in full.
const LONGEST: Duration = Duration::from_millis(200);

/// The processor time that a session has taken, on whatever threads, in nanoseconds.
#[derive(Default)]
pub(super) struct Meter(AtomicU64);

impl Meter {
    /// Does `work`, which must not change threads, and counts its time.
    pub(super) fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        let before = on_this_thread();
        let done = work();
        let took = on_this_thread().saturating_sub(before);
        self.0.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::AcqRel);
        done
    }

    fn total(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Acquire))
    }
}

/// How far a thread that does jobs stands behind those that draw, as nice levels.
const BEHIND: i32 = 5;

thread_local! {
    static STEPPED_BACK: () = {
        // Where it is refused, screens share the processor with searches.
        let _ = setpriority_process(None, BEHIND);
    };
}

/// Lets this thread give way to those that draw: many searches at once would keep every screen waiting, since each has a
/// thread of its own and all screens have one a processor.
pub(super) fn step_back() {
    STEPPED_BACK.with(|()| {});
}

fn on_this_thread() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// A session's account: what it may take is paid in with time, what its meter counts is paid out.
pub(super) struct Share {
    meter: Arc<Meter>,
    counted: Duration,
    /// What is there, and what is owed; one of the two is zero.
    saved: Duration,
    owed: Duration,
    at: Instant,
}

impl Share {
    /// An account with everything that can be saved.
    pub(super) fn new(meter: Arc<Meter>, now: Instant) -> Self {
        let counted = meter.total();
        Self { meter, counted, saved: SAVED, owed: Duration::ZERO, at: now }
    }

    /// For how long from now on nothing is to be read.
    pub(super) fn rest(&mut self, now: Instant) -> Duration {
        let total = self.meter.total();
        let out = self.owed + total.saturating_sub(std::mem::replace(&mut self.counted, total));
        let paid = self.saved + now.saturating_duration_since(std::mem::replace(&mut self.at, now)) / PART;
        self.saved = paid.saturating_sub(out).min(SAVED);
        self.owed = out.saturating_sub(paid).min(LONGEST / PART);
        self.owed * PART
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> (Arc<Meter>, Share, Instant) {
        let (meter, now) = (Arc::new(Meter::default()), Instant::now());
        (Arc::clone(&meter), Share::new(meter, now), now)
    }

    fn take(meter: &Meter, millis: u64) {
        meter.0.fetch_add(millis * 1_000_000, Ordering::AcqRel);
    }

    #[test]
    fn whoever_stays_below_their_share_is_never_held_back() {
        let (meter, mut share, start) = account();
        for second in 1..100 {
            take(&meter, 12);
            assert_eq!(share.rest(start + Duration::from_secs(second)), Duration::ZERO);
        }
    }

    #[test]
    fn whoever_takes_more_gets_their_share_and_no_more() {
        let (meter, mut share, mut now) = account();
        let start = now;
        let mut taken = 0;
        while now - start < Duration::from_secs(100) {
            take(&meter, 2);
            taken += 2;
            now += Duration::from_millis(1) + share.rest(now);
        }
        assert!((1_400..=1_650).contains(&taken), "{taken}");
    }

    #[test]
    fn nobody_waits_long_whatever_they_did_before() {
        let (meter, mut share, start) = account();
        take(&meter, 60_000);
        assert_eq!(share.rest(start), LONGEST);
        assert_eq!(share.rest(start + LONGEST), Duration::ZERO);
    }

    #[test]
    fn work_is_counted_by_the_processor_and_not_by_the_clock() {
        let meter = Meter::default();
        let mut sum = 0_u64;
        meter.time(|| (0..5_000_000_u64).for_each(|n| sum = std::hint::black_box(sum.wrapping_mul(31) ^ n)));
        assert!(meter.total() > Duration::ZERO);
    }
}
