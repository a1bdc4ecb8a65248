//! The steps that protect the file from crashes, by name, so that tests can leave one out and show that its loss is found.
//!
//! **Invariant:** outside this crate's own unit tests every step is taken, by a constant that nothing can change.

use super::layout::Side;

/// A step that costs something and is there for the sake of crashes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A header is written beside the one in force, and mirrored later.
    SecondHeader,
    /// A tag page is written beside the one in force.
    SecondTagPage,
    /// An epoch page is written beside the one in force.
    SecondEpochPage,
    /// Everything that a header names is durable before the header is written.
    SyncBeforeHeader,
    /// A block that the last record lists is not written over before a later record is durable.
    ConfirmBeforeOverwrite,
    /// The blocks that the last record lists are looked at when the file is opened.
    CheckOfLastRecord,
    /// A record counts only after the one that it names.
    Chain,
    /// What is read at opening was made durable first.
    SyncAtOpen,
    /// Of two header copies that say the file was closed, both are durable before one is written over.
    SyncAfterClosed,
    /// The file is cut to what it holds at opening, so that its length, where it grows, is set and made durable anew.
    CutAtOpening,
    /// An epoch page that a crash left is replaced before its epoch is in the past.
    ReplaceYounger,
    /// A record that is dropped at opening is written over before its epoch is used again.
    EraseDropped,
    /// A record or header copy whose sync failed is written over, so that nobody takes it for durable.
    VoidAfterFailure,
}

impl Step {
    /// Whether it is taken.
    #[cfg(not(test))]
    pub(super) const fn is_taken(self) -> bool {
        true
    }

    /// Whether this thread takes it.
    #[cfg(test)]
    pub(super) fn is_taken(self) -> bool {
        super::tests::left_out() != Some(self)
    }

    /// The side to write to while `side` is in force.
    pub(super) fn beside(self, side: Side) -> Side {
        if self.is_taken() { side.other() } else { side }
    }
}
