//! How the vault's file stands: beside what was last seen of it, and after a check of all that is stored.
//!
//! **Invariant:** nothing here holds a name or a value of a customer.

use crate::clock::Timestamp;

/// What was odd about the file when it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Odd {
    /// How it differs from what was last seen of it, where it does.
    pub seen: Option<Seen>,
    /// What the check at opening found wrong, in words, where policy asks for one.
    pub fault: Option<String>,
}

/// How the file in hand differs from what was last seen of this vault by the same person on the same machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// In which way.
    pub kind: SeenKind,
    /// How many entries the record had when it was last seen.
    pub entries: u64,
    /// When that was.
    pub at: Timestamp,
    /// How many it had when the file was opened now.
    pub now: u64,
}

/// What a deep check found. A part without words is sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// What is wrong with the file's pages and blocks.
    pub file: Option<String>,
    /// What is wrong with the tables.
    pub tables: Option<String>,
    /// What is wrong with the record of actions.
    pub record: Option<String>,
    /// How many bytes of blocks were read.
    pub bytes: u64,
    /// How many entries the record has.
    pub entries: u64,
}

impl Examined {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.file.is_none() && self.tables.is_none() && self.record.is_none()
    }

    /// The first thing that is wrong, in words.
    pub fn fault(&self) -> Option<&str> {
        [&self.file, &self.tables, &self.record].into_iter().find_map(|part| part.as_deref())
    }
}

/// The ways in which a file can differ from what was last seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenKind {
    /// It is further back: an older copy of the whole file was put back.
    Older,
    /// It went on another way: somebody worked on a copy.
    OtherCopy,
    /// A backup was restored, and the record says so.
    Restored,
    /// All keys were replaced, in a new file.
    Rotated,
}

crate::codes::codes!(SeenKind: Older = "older", OtherCopy = "other_copy", Restored = "restored", Rotated = "rotated");

impl SeenKind {
    /// Whether the record itself accounts for it.
    pub fn is_declared(self) -> bool {
        matches!(self, Self::Restored | Self::Rotated)
    }
}

/// What ought to be done about the vault's keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeysDue {
    /// There is no recovery key that works.
    pub recovery: bool,
    /// Somebody who held the keys has left, since then.
    pub rotation: Option<Timestamp>,
}
