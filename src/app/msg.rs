//! What comes in.
//!
//! **Invariant:** a message is plain data; the moment it came is set on the model by whoever brings it.

use crate::clock::Timestamp;
use crate::service::refusal::{FactorProblem, KeysProblem, PassphraseProblem, RecoveryFault, Refusal};
use crate::service::{Done, View};

use super::key::Key;

/// Ties an answer to the question it belongs to. Each is given once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// What came of a question or an action.
#[derive(Debug)]
pub enum Answer {
    /// Of a query.
    View(View),
    /// Of an action.
    Done(Done),
}

/// An answer or why there is none.
pub type Reply = Result<Answer, Refusal>;

/// Why nobody was let in. The host makes it from what the gate said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryFault {
    /// There is no vault in this place.
    Missing,
    /// There is one already.
    Exists,
    /// Another process holds it.
    Busy(Option<u32>),
    /// One of the two is wrong; the next try counts after so many seconds.
    WrongNameOrPassphrase(u32),
    /// The person has a setup code and no passphrase yet.
    SetupNeeded,
    /// The passphrase will not do.
    Passphrase(PassphraseProblem),
    /// The passphrase was right: a code of the second factor is needed.
    CodeNeeded,
    /// The code came too late.
    CodeLate,
    /// The code does not count.
    Factor(FactorProblem),
    /// What was typed gives no recovery key.
    Recovery(RecoveryFault),
    /// The keys do not stand so that this could be done.
    Keys(KeysProblem),
    /// The name will not do.
    Name,
    /// The file is damaged, in words.
    Damaged(String),
    /// The disk failed, in words.
    Disk(String),
}

/// How far long work has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Done, in whatever it counts.
    pub done: u64,
    /// In all.
    pub total: u64,
}

/// Where somebody stands who waits for their turn to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    /// How many are before them.
    pub before: u32,
    /// About how long it takes until their turn, in seconds, once anything is known of that.
    pub seconds: Option<u32>,
}

/// What happened.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The screen has this many columns and rows now.
    Resize(u16, u16),
    /// Time went by.
    Tick(Timestamp),
    /// An answer came.
    Reply(Ticket, Box<Reply>),
    /// Long work has come so far; its answer is still to come.
    Progress(Ticket, Progress),
    /// Whoever wants in stands here in the line; nothing when their turn has come. [`Msg::Entry`] is still to come.
    Queued(Option<Queued>),
    /// Somebody was let in, or not.
    Entry(Result<(), EntryFault>),
    /// Something was changed behind the door by somebody.
    Changed,
    /// Text was put on the clipboard, as far as can be told.
    Copied,
    /// The program is about to be set aside: it locks.
    SetAside,
}
