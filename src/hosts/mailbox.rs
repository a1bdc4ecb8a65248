//! What reaches a session's loop: bytes, resizes, signals, nudges; and the threads that bring bytes in and take them out.
//!
//! **Invariant:** at most [`PLACES`] happenings wait; waking a session never blocks and is never lost; bytes on their way
//! are wiped when they have gone.

use std::io::{ErrorKind, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::drive::End;

/// How many happenings wait before a sender does.
const PLACES: usize = 8;
/// The most bytes read or written at once.
const PIECE: usize = 4096;

/// Something that a session's loop has to attend to.
#[derive(Debug)]
pub enum Happening {
    /// Bytes from the terminal.
    Bytes(Zeroizing<Vec<u8>>),
    /// The terminal has, or may have, another size.
    Resized,
    /// Something changed that the loop finds out by looking: the output is ready, an answer waits.
    Nudge,
    /// The person asked, from outside, to set the program aside.
    Suspend,
    /// The program goes on after it was set aside.
    Continued,
    /// The session is to end.
    Stop(End),
}

/// Wakes a session from any thread, so that it takes in an answer that has arrived.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// The way to a session's loop.
#[derive(Clone, Debug)]
pub struct Mailbox {
    sender: SyncSender<Happening>,
    woken: Arc<AtomicBool>,
}

/// The loop's end of it.
#[derive(Debug)]
pub struct Inbox {
    receiver: Receiver<Happening>,
    woken: Arc<AtomicBool>,
}

/// A mailbox and its inbox.
pub fn mailbox() -> (Mailbox, Inbox) {
    let (sender, receiver) = mpsc::sync_channel(PLACES);
    let woken = Arc::new(AtomicBool::new(false));
    (Mailbox { sender, woken: Arc::clone(&woken) }, Inbox { receiver, woken })
}

impl Mailbox {
    /// Hands a happening over, waiting for a place; false if the session is over.
    pub fn send(&self, happening: Happening) -> bool {
        self.sender.send(happening).is_ok()
    }

    /// Makes the loop look again. Never blocks: where no place is free, the loop is about to look anyway.
    pub fn nudge(&self) {
        let _ = self.sender.try_send(Happening::Nudge);
    }

    /// What background work calls when an answer waits.
    pub fn waker(&self) -> Waker {
        let mailbox = self.clone();
        Arc::new(move || {
            mailbox.woken.store(true, Ordering::SeqCst);
            mailbox.nudge();
        })
    }
}

impl Inbox {
    /// The next happening, if one comes in time. All senders gone is a hang-up.
    pub(super) fn wait(&self, at_most: Duration) -> Option<Happening> {
        match self.receiver.recv_timeout(at_most) {
            Ok(happening) => Some(happening),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Happening::Stop(End::HangUp)),
        }
    }

    /// The next happening, if one is there.
    pub(super) fn poll(&self) -> Option<Happening> {
        self.receiver.try_recv().ok()
    }

    /// Whether [`Mailbox::waker`] was called since the last time.
    pub(super) fn take_woken(&self) -> bool {
        self.woken.swap(false, Ordering::SeqCst)
    }
}

/// Reads to the end on a thread of its own; the end, or an error, hangs the session up.
pub fn bring(mut from: impl Read + Send + 'static, to: Mailbox) {
    thread::spawn(move || {
        let mut piece = Zeroizing::new([0; PIECE]);
        loop {
            let count = match from.read(piece.as_mut_slice()) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            let bytes = Zeroizing::new(piece.iter().take(count).copied().collect::<Vec<u8>>());
            if !to.send(Happening::Bytes(bytes)) {
                return;
            }
        }
        to.send(Happening::Stop(End::HangUp));
    });
}

/// A writer on a thread of its own, so that a terminal that does not read stops nothing but its own picture.
#[derive(Debug)]
pub struct Outlet {
    sender: Sender<Zeroizing<Vec<u8>>>,
    flow: Arc<Flowing>,
}

#[derive(Debug, Default)]
struct Flowing {
    counts: Mutex<Counts>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    waiting: usize,
    written: u64,
}

impl Flowing {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet {
    /// An outlet into `to`; `mailbox` is nudged when everything is written, and hung up when that fails.
    pub fn new(mut to: impl Write + Send + 'static, mailbox: Mailbox) -> Self {
        let (sender, receiver) = mpsc::channel::<Zeroizing<Vec<u8>>>();
        let flow = Arc::new(Flowing::default());
        let shared = Arc::clone(&flow);
        thread::spawn(move || {
            let mut lost = false;
            for bytes in receiver {
                for piece in bytes.chunks(PIECE) {
                    if !lost && to.write_all(piece).and_then(|()| to.flush()).is_err() {
                        lost = true;
                        mailbox.send(Happening::Stop(End::HangUp));
                    }
                    shared.counts().written += piece.len() as u64;
                }
                shared.counts().waiting -= 1;
                shared.changed.notify_all();
                mailbox.nudge();
            }
        });
        Self { sender, flow }
    }

    /// Whether everything sent has been written.
    pub fn ready(&self) -> bool {
        self.flow.counts().waiting == 0
    }

    /// How many bytes have been written in all.
    pub fn written(&self) -> u64 {
        self.flow.counts().written
    }

    /// Hands bytes over; never blocks.
    pub fn send(&self, bytes: Zeroizing<Vec<u8>>) {
        self.flow.counts().waiting += 1;
        if self.sender.send(bytes).is_err() {
            self.flow.counts().waiting -= 1;
        }
    }

    /// Waits until everything is written, but not longer than `patience`; whether it was.
    pub fn drain(&self, patience: Duration) -> bool {
        let started = Instant::now();
        let mut counts = self.flow.counts();
        while counts.waiting > 0 {
            let Some(left) = patience.checked_sub(started.elapsed()) else {
                return false;
            };
            counts = self.flow.changed.wait_timeout(counts, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}
