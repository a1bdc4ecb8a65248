//! How much of everything a server takes at once.
//!
//! **Invariant:** memory stays bounded whatever comes: each sign-in needs the key derivation's memory, each connection its
//! screen, each command a thread.

use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;

/// The most connections.
const MOST_CONNECTIONS: usize = 2_048;
/// The most commands that run at once; more wait.
const MOST_COMMANDS: usize = 16;
/// The most sign-ins at once, whatever the number of processors.
const MOST_SIGN_INS: usize = 4;

/// What is free.
pub(super) struct Limits {
    pub(super) connections: Arc<Semaphore>,
    pub(super) commands: Arc<Semaphore>,
}

impl Limits {
    pub(super) fn new() -> Self {
        let free = |count| Arc::new(Semaphore::new(count));
        Self { connections: free(MOST_CONNECTIONS), commands: free(MOST_COMMANDS) }
    }
}

/// How many sign in at once: as many as there are processors, within a bound.
pub(super) fn sign_ins() -> usize {
    available_parallelism().map_or(1, |count| count.get()).min(MOST_SIGN_INS)
}
