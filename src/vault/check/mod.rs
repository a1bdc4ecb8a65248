//! The deep check: everything that is stored is read once and must be authentic, whole and in agreement.
//!
//! Reading a part of a file proves that part alone. A block that is rarely read can be damaged, or an older one put in
//! its place, for a long time before anybody asks for it; this reads them all. In this order: every page that is not a
//! data block; every block that redb uses, by its own verification of its trees (free blocks may hold anything); the
//! rows of the tables against each other. The record of actions is checked above, where its format is known.
//!
//! **Invariant:** nothing is written to the file; whoever writes waits while blocks are read.

mod overlay;
mod rows;

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use redb::Database;

use super::file::{BlockFile, FileError};
use super::store::{Reader, StoreError};
use overlay::{Overlay, Pass};

pub use rows::Staging;

/// What is being looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Header, epoch pages, tag pages, ring.
    Pages,
    /// The blocks in use.
    Blocks,
    /// The tables' rows.
    Rows,
    /// The record of actions.
    Record,
}

/// How far it is. `done` and `of` are in units of the step's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being looked at.
    pub step: Step,
    /// How much of it was.
    pub done: u64,
    /// How much there is, as far as is known.
    pub of: u64,
}

/// Is told how far it is; `Break` stops the check.
pub type Tell<'t> = &'t mut dyn FnMut(Progress) -> ControlFlow<()>;

/// What is wrong, or why nobody knows.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A page or block.
    #[error(transparent)]
    File(#[from] FileError),
    /// A block in use does not open, in the file's words.
    #[error("{0}")]
    Block(String),
    /// The blocks are authentic and the trees in them are not as they were committed.
    #[error("the tables' trees are not as they were committed: {0}")]
    Trees(String),
    /// A table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Rows contradict each other.
    #[error("{0}")]
    Rows(String),
    /// Somebody stopped it.
    #[error("the check was stopped")]
    Stopped,
}

/// How often progress is told while blocks are read.
const OFTEN: Duration = Duration::from_millis(200);

/// How much redb may keep while it verifies: it reads every page and comes back to few.
const CACHE: usize = 16 * 1024 * 1024;

/// Checks the pages and the blocks in use. The caller holds the writer, so that the last commit stays the last.
/// Gives how many bytes of blocks were read.
pub(super) fn file(file: &BlockFile, tell: Tell<'_>) -> Result<u64, CheckError> {
    let looked = &mut |done, of| tell(Progress { step: Step::Pages, done, of });
    if file.examine(looked)?.is_break() {
        return Err(CheckError::Stopped);
    }
    let pass = Arc::new(Pass::default());
    let overlay =
        Overlay::new(file.clone(), Arc::clone(&pass)).map_err(|error| CheckError::Block(error.to_string()))?;
    let of = redb::StorageBackend::len(file).unwrap_or(0);
    let fell_back = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&fell_back);
    let (ended, end) = channel();
    let worker = std::thread::spawn(move || {
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
        builder.set_repair_callback(move |session| {
            // redb says 0.3 only when the last commit's trees did not verify and it turns to those before.
            if session.progress() > 0.1 && session.progress() < 0.5 {
                noted.store(true, Ordering::Relaxed);
            }
        });
        let opened = builder.create_with_backend(overlay).map(drop).map_err(|error| error.to_string());
        // Whoever waits has given up where this is not received.
        let _ = ended.send(opened);
    });
    let opened = loop {
        match end.recv_timeout(OFTEN) {
            Ok(opened) => break opened,
            Err(RecvTimeoutError::Disconnected) => break Err("the verification ended without a word".to_owned()),
            Err(RecvTimeoutError::Timeout) => {
                let done = pass.read.load(Ordering::Relaxed).min(of);
                if tell(Progress { step: Step::Blocks, done, of }).is_break() {
                    pass.stop.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    // A panic in it has dropped the sender, which was said above.
    let _ = worker.join();
    if pass.stop.load(Ordering::Relaxed) {
        return Err(CheckError::Stopped);
    }
    if let Some(fault) = pass.fault.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(CheckError::Block(fault));
    }
    opened.map_err(CheckError::Trees)?;
    if fell_back.load(Ordering::Relaxed) {
        return Err(CheckError::Trees("the last commit's trees do not verify".into()));
    }
    Ok(pass.read.load(Ordering::Relaxed))
}

/// Checks the rows of all tables against each other.
pub fn rows(from: &Reader, staging: Staging, tell: Tell<'_>) -> Result<(), CheckError> {
    rows::check(from, staging, tell)
}
