//! How long a try at signing in has to wait: longer after each refusal, for the account and for where it came from.
//!
//! **Invariant:** whether a name exists makes no difference to any wait. Memory is bounded, and names are counted apart
//! from sources and from second factors, so whoever floods names with tries pushes out other names and neither the
//! source's own count nor anybody's count of codes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::clock::{Clock, Entropy, Timestamp};
use crate::domain::staff::LoginName;

/// Where a try came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// This process's own terminal or command line.
    Here,
    /// A user of the system, by uid, at the other end of the server's socket.
    Peer(u32),
    /// An SSH key, by the SHA-256 fingerprint that the listener passes on.
    Key([u8; 32]),
}

/// A login name as it is counted: hashed with a salt of this process, so that no list of what was tried lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Account([u8; 32]);

/// Tries that cost nothing.
const FREE: u32 = 3;
/// The longest wait of a name: anybody can bring it about for somebody else.
const LONGEST_NAME: i64 = 60_000;
/// The longest wait of a source, and of codes, which takes the right passphrase to bring about.
const LONGEST: i64 = 15 * 60_000;
/// After so long without another refusal a count is forgotten.
const FORGET: i64 = 3_600_000;
/// As many names, sources and second factors are remembered each.
const REMEMBERED: usize = 4_096;

/// The counts of one gate.
pub(super) struct Backoff {
    clock: Arc<dyn Clock>,
    salt: [u8; 32],
    counts: Mutex<Counts>,
}

struct Counts {
    names: Counted<Account>,
    codes: Counted<Account>,
    sources: Counted<Source>,
}

/// Says nothing of who tried.
impl std::fmt::Debug for Backoff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Backoff(..)")
    }
}

impl Backoff {
    /// Nothing counted yet.
    pub(super) fn new(clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        let counts = Counts { names: Counted::default(), codes: Counted::default(), sources: Counted::default() };
        Self { clock, salt: entropy.bytes(), counts: Mutex::new(counts) }
    }

    /// A name as it is counted; what cannot be a name is counted as one name.
    pub(super) fn account(&self, name: &str) -> Account {
        let folded = LoginName::new(name).map(|name| name.folded()).unwrap_or_default();
        Account(Sha256::new().chain_update(self.salt).chain_update(folded.as_bytes()).finalize().into())
    }

    /// Seconds before a try is heard, rounded up; 0 where it is heard now.
    pub(super) fn wait(&self, account: Option<&Account>, source: Source) -> u32 {
        let (now, mut counts) = (self.clock.now(), self.counts());
        let name = account.map_or(0, |account| counts.names.left(account, now));
        seconds(name.max(counts.sources.left(&source, now)))
    }

    /// Counts a refused try; gives the seconds before the next one is heard.
    pub(super) fn refused(&self, account: Option<&Account>, source: Source) -> u32 {
        let (now, mut counts) = (self.clock.now(), self.counts());
        let name = account.map_or(0, |account| counts.names.refused(*account, now, LONGEST_NAME));
        seconds(name.max(counts.sources.refused(source, now, longest(source))))
    }

    /// Somebody is in: their name counts from nothing again, and what their own tries added to the source's count is
    /// taken off it. Other names tried from there stay counted.
    pub(super) fn admitted(&self, account: &Account, source: Source) {
        let mut counts = self.counts();
        let own = counts.names.forget(account);
        counts.sources.take_off(&source, own);
    }

    /// Seconds before a code of this account is heard.
    pub(super) fn wait_for_code(&self, account: &Account) -> u32 {
        let now = self.clock.now();
        seconds(self.counts().codes.left(account, now))
    }

    /// Counts a wrong code; gives the seconds before the next one is heard.
    pub(super) fn wrong_code(&self, account: &Account) -> u32 {
        let now = self.clock.now();
        seconds(self.counts().codes.refused(*account, now, LONGEST))
    }

    /// A code was right.
    pub(super) fn right_code(&self, account: &Account) {
        self.counts().codes.forget(account);
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// At one's own terminal the process can be started anew, so a long wait would stop nobody but its owner.
fn longest(source: Source) -> i64 {
    match source {
        Source::Here => LONGEST_NAME,
        Source::Peer(_) | Source::Key(_) => LONGEST,
    }
}

fn seconds(millis: i64) -> u32 {
    u32::try_from(millis.saturating_add(999) / 1000).unwrap_or(0)
}

#[derive(Clone, Copy)]
struct Count {
    refused: u32,
    last: Timestamp,
    wait: i64,
}

struct Counted<K>(HashMap<K, Count>);

impl<K> Default for Counted<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Copy + Eq + Hash> Counted<K> {
    /// Milliseconds that are left of a wait.
    fn left(&mut self, key: &K, now: Timestamp) -> i64 {
        let Some(count) = self.0.get_mut(key) else { return 0 };
        // A clock that was set back makes nobody wait longer than they had to.
        count.last = count.last.min(now);
        (count.wait - now.since(count.last)).max(0)
    }

    fn refused(&mut self, key: K, now: Timestamp, longest: i64) -> i64 {
        let known = self.0.get(&key).filter(|count| now.since(count.last) < FORGET.max(count.wait));
        let refused = known.map_or(0, |count| count.refused).saturating_add(1);
        let doublings = refused.checked_sub(FREE + 1);
        let wait = doublings.map_or(0, |n| 1_000_i64.checked_shl(n.min(20)).unwrap_or(longest).min(longest));
        if known.is_none() && self.0.len() >= REMEMBERED {
            self.make_room();
        }
        self.0.insert(key, Count { refused, last: now, wait });
        wait
    }

    /// Forgets the one that was refused longest ago.
    fn make_room(&mut self) {
        let oldest = self.0.iter().min_by_key(|(_, count)| count.last).map(|(key, _)| *key);
        oldest.and_then(|key| self.0.remove(&key));
    }

    fn forget(&mut self, key: &K) -> u32 {
        self.0.remove(key).map_or(0, |count| count.refused)
    }

    fn take_off(&mut self, key: &K, refused: u32) {
        if let Some(count) = self.0.get_mut(key) {
            count.refused = count.refused.saturating_sub(refused);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{FixedClock, SeededEntropy};

    fn backoff() -> (Arc<FixedClock>, Backoff) {
        let clock = Arc::new(FixedClock::new(Timestamp(1_795_262_400_000)));
        (clock.clone(), Backoff::new(clock, &SeededEntropy::new(1)))
    }

    #[test]
    fn three_tries_are_free_and_each_wait_after_them_is_twice_the_last_up_to_a_bound() {
        let (clock, backoff) = backoff();
        let source = Source::Peer(1000);
        let mut waits = Vec::new();
        for n in 0..16 {
            let wait = backoff.refused(Some(&backoff.account(&format!("name {n}"))), source);
            assert_eq!(backoff.wait(None, source), wait);
            clock.advance(i64::from(wait));
            assert_eq!(backoff.wait(None, source), 0);
            waits.push(wait);
        }
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    }

    #[test]
    fn a_name_waits_wherever_the_next_try_comes_from_and_at_most_a_minute() {
        let (_, backoff) = backoff();
        let olga = backoff.account("Olga");
        let waits: Vec<u32> = (0..12).map(|uid| backoff.refused(Some(&olga), Source::Peer(uid))).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(backoff.wait(Some(&backoff.account(" OLGA")), Source::Key([1; 32])), 60);
        assert_eq!(backoff.wait(Some(&backoff.account("nobody")), Source::Key([1; 32])), 0);
    }

    #[test]
    fn ones_own_sign_in_takes_off_ones_own_tries_and_no_others() {
        let (_, backoff) = backoff();
        let (olga, mallory, source) = (backoff.account("olga"), backoff.account("mallory"), Source::Peer(7));
        for _ in 0..6 {
            backoff.refused(Some(&olga), source);
        }
        for _ in 0..20 {
            backoff.admitted(&mallory, source);
        }
        assert_eq!(backoff.refused(Some(&olga), source), 8);
        backoff.admitted(&olga, source);
        assert_eq!(backoff.refused(Some(&olga), source), 0);
    }

    #[test]
    fn flooding_names_ends_neither_the_sources_wait_nor_a_wait_for_codes() {
        let (_, backoff) = backoff();
        let (olga, source) = (backoff.account("olga"), Source::Peer(7));
        for _ in 0..8 {
            backoff.wrong_code(&olga);
        }
        let before = backoff.wait_for_code(&olga);
        for n in 0..3 * REMEMBERED {
            backoff.refused(Some(&backoff.account(&n.to_string())), source);
        }
        assert_eq!(backoff.wait(None, source), 900);
        assert_eq!(backoff.wait_for_code(&olga), before);
        assert!(backoff.counts().names.0.len() <= REMEMBERED);
    }

    #[test]
    fn a_count_is_forgotten_an_hour_after_the_last_refusal() {
        let (clock, backoff) = backoff();
        let source = Source::Here;
        for _ in 0..9 {
            backoff.refused(None, source);
        }
        clock.advance(3_601);
        assert_eq!(backoff.refused(None, source), 0);
    }

    #[test]
    fn a_clock_set_back_makes_nobody_wait_longer() {
        let (clock, backoff) = backoff();
        let olga = backoff.account("olga");
        for _ in 0..6 {
            backoff.refused(Some(&olga), Source::Here);
        }
        clock.advance(-1_000_000);
        assert_eq!(backoff.wait(Some(&olga), Source::Here), 4);
        clock.advance(4);
        assert_eq!(backoff.wait(Some(&olga), Source::Here), 0);
    }

    #[test]
    fn codes_are_counted_by_themselves() {
        let (_, backoff) = backoff();
        let olga = backoff.account("olga");
        let waits: Vec<u32> = (0..5).map(|_| backoff.wrong_code(&olga)).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2]);
        assert_eq!(backoff.wait(Some(&olga), Source::Here), 0);
        backoff.right_code(&olga);
        assert_eq!(backoff.wait_for_code(&olga), 0);
    }
}
