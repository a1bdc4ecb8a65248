//! What the process does so that its secrets stay in its own memory: no core dumps, no reading by other processes of
//! the same user, keys in pages that are not swapped out.
//!
//! A key lies in a [`Locked`] box, which owns whole pages, so that no other value shares them and unlocking one box
//! never unlocks another. What a passphrase or a key leaves in passing on the stack is zeroized where it is made, but
//! not locked.
//! **Invariant:** a limit that does not allow this is no error: [`standing`] says it, and the program runs.

use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

static LOCKED: AtomicUsize = AtomicUsize::new(0);
static REFUSED: AtomicUsize = AtomicUsize::new(0);

/// Whether something is kept from happening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// It cannot happen.
    Yes,
    /// It can.
    No,
    /// The system does not tell.
    Unknown,
}

/// How the process stands, as the system tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Core dumps.
    pub core_dumps: Barred,
    /// Other processes of the same user reading this one's memory.
    pub foreign_reading: Barred,
    /// Bytes of pages with keys that are kept from being swapped out.
    pub locked_bytes: usize,
    /// Boxes with keys that the system did not let be locked.
    pub refused_locks: usize,
}

/// Shuts the process. Called before anything else; what does not succeed shows in [`standing`].
pub fn harden() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // Read back by `standing`, which is where anybody would look.
    let _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// How the process stands, read back from the system.
pub fn standing() -> Standing {
    let limit = getrlimit(Resource::Core);
    let core_dumps = if limit.current == Some(0) { Barred::Yes } else { Barred::No };
    Standing {
        core_dumps,
        foreign_reading: foreign_reading(),
        locked_bytes: LOCKED.load(Ordering::Relaxed),
        refused_locks: REFUSED.load(Ordering::Relaxed),
    }
}

#[cfg(target_os = "linux")]
fn foreign_reading() -> Barred {
    match rustix::process::dumpable_behavior() {
        Ok(rustix::process::DumpableBehavior::NotDumpable) => Barred::Yes,
        Ok(_) => Barred::No,
        Err(_) => Barred::Unknown,
    }
}

#[cfg(not(target_os = "linux"))]
fn foreign_reading() -> Barred {
    Barred::Unknown
}

/// Whole pages of their own: the alignment makes the size a multiple of it. Where pages are larger, a lock covers more
/// than it has to.
#[cfg_attr(target_vendor = "apple", repr(align(16384)))]
#[cfg_attr(not(target_vendor = "apple"), repr(align(4096)))]
struct Pages<T>(T);

/// A secret in pages of its own, which are kept from being swapped out where the system allows it. The secret zeroizes
/// itself on drop, as it would elsewhere.
pub struct Locked<T> {
    // Dropped first: the pages are unlocked while they are still this box's.
    guard: Option<region::LockGuard>,
    pages: Box<Pages<T>>,
}

impl<T> Locked<T> {
    /// Puts a secret into pages of its own.
    pub fn new(secret: T) -> Self {
        let pages = Box::new(Pages(secret));
        let size = size_of::<Pages<T>>();
        let guard = region::lock(std::ptr::from_ref(&*pages), size).ok();
        match guard {
            Some(_) => LOCKED.fetch_add(size, Ordering::Relaxed),
            None => REFUSED.fetch_add(1, Ordering::Relaxed),
        };
        Self { guard, pages }
    }
}

impl<T> Deref for Locked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.pages.0
    }
}

impl<T> Drop for Locked<T> {
    fn drop(&mut self) {
        match self.guard {
            Some(_) => LOCKED.fetch_sub(size_of::<Pages<T>>(), Ordering::Relaxed),
            None => REFUSED.fetch_sub(1, Ordering::Relaxed),
        };
    }
}

/// Shows nothing of the secret.
impl<T> std::fmt::Debug for Locked<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Locked(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked_kib() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").expect("proc");
        let line = status.lines().find(|line| line.starts_with("VmLck:")).expect("a line");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
    }

    #[test]
    fn a_secret_has_pages_of_its_own_and_the_system_counts_them_as_locked() {
        let limit = getrlimit(Resource::Memlock).current.unwrap_or(u64::MAX);
        let boxes: Vec<Locked<[u8; 32]>> = (0..3).map(|n| Locked::new([n; 32])).collect();
        for (n, secret) in (0_u8..).zip(&boxes) {
            assert_eq!(**secret, [n; 32]);
            assert_eq!(std::ptr::from_ref(&**secret).addr() % 4096, 0);
        }
        let standing = standing();
        if standing.refused_locks == 0 {
            assert!(standing.locked_bytes >= 3 * 4096 && locked_kib() >= 12, "{standing:?}");
        } else {
            assert!(limit < 1024 * 1024, "{standing:?} with a limit of {limit}");
        }
        assert_eq!(format!("{:?}", boxes[0]), "Locked(..)");
    }
}
