//! Time and randomness as arguments, so that every behaviour can be tested at a fixed moment with known bytes.
//!
//! **Invariant:** only [`SystemClock`] reads the system's clock and zone, only [`OsEntropy`] asks the system for
//! randomness; everything else is handed a [`Clock`] or an [`Entropy`].

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A moment, in milliseconds since 1970-01-01T00:00:00Z. Negative before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This moment moved by whole seconds; saturates at the ends of the range.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Milliseconds from `earlier` to this moment; negative if `earlier` is later.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment as a date and time in UTC. Out-of-range values give the epoch.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// The moment as a date and time at `offset`.
    pub fn at(self, offset: FixedOffset) -> DateTime<FixedOffset> {
        self.utc().with_timezone(&offset)
    }

    /// RFC 3339 in UTC with whole seconds, such as `2026-11-21T20:30:00Z`.
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }
}

impl<Tz: TimeZone> From<DateTime<Tz>> for Timestamp {
    fn from(value: DateTime<Tz>) -> Self {
        Self(value.timestamp_millis())
    }
}

/// Tells the time and the person's zone.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// The zone's distance from UTC at `moment`.
    fn offset(&self, moment: Timestamp) -> FixedOffset;

    /// The calendar day, in the person's zone, that `moment` falls on.
    fn day(&self, moment: Timestamp) -> NaiveDate {
        moment.at(self.offset(moment)).date_naive()
    }

    /// The moment of a date and time in the person's zone.
    fn moment(&self, local: NaiveDateTime) -> Timestamp {
        let as_utc = Timestamp::from(local.and_utc());
        let less = |offset: FixedOffset| as_utc.plus_seconds(-i64::from(offset.local_minus_utc()));
        less(self.offset(less(self.offset(as_utc))))
    }
}

/// The machine's own clock and zone.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Timestamp {
        Utc::now().into()
    }

    fn offset(&self, moment: Timestamp) -> FixedOffset {
        Local.offset_from_utc_datetime(&moment.utc().naive_utc()).fix()
    }
}

/// A clock that stands still until told to move; its zone is UTC+8 unless another is given.
#[derive(Debug)]
pub struct FixedClock {
    now: AtomicI64,
    offset: FixedOffset,
}

impl FixedClock {
    /// A clock that stands at `now`, in UTC+8.
    pub fn new(now: Timestamp) -> Self {
        let utc = Utc.fix();
        Self { now: AtomicI64::new(now.0), offset: FixedOffset::east_opt(8 * 3600).unwrap_or(utc) }
    }

    /// Moves the clock by whole seconds, either way.
    pub fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    fn offset(&self, _: Timestamp) -> FixedOffset {
        self.offset
    }
}

/// A source of unpredictable bytes, shared between threads.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`. A source that cannot is a machine that must not make keys: it stops the process.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// An array of `N` fresh bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[allow(clippy::disallowed_methods)]
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Nothing sensible can follow: a key drawn from a broken source would look like any other.
            std::process::abort();
        }
    }
}

/// A reproducible stream for tests and made-up data (ChaCha20 keyed by the seed). Never for real keys.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<ChaCha20Rng>);

impl SeededEntropy {
    /// The stream that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).fill_bytes(bytes);
    }
}
