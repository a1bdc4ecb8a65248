//! What can be wrong with the encrypted file, and where.
//!
//! **Invariant:** an error names parts and offsets of the file, never a byte of what is stored or of a key.

use std::fmt;
use std::io;

/// A part of the file, for messages and for telling damage apart in tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Both copies of the header.
    Headers,
    /// The pair of epoch pages before this run of groups.
    EpochPage(u64),
    /// The epoch pages as a whole: they are authentic, but not those that the header names.
    EpochPages,
    /// The tag pages of this group.
    TagPage(u64),
    /// This data block.
    Block(u64),
    /// A record that starts at this page of the ring.
    Record(u64),
    /// The end of the file.
    End,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Headers => f.write_str("header"),
            Self::EpochPage(run) => write!(f, "epoch page {run}"),
            Self::EpochPages => f.write_str("set of epoch pages"),
            Self::TagPage(group) => write!(f, "tag page of group {group}"),
            Self::Block(block) => write!(f, "block {block}"),
            Self::Record(page) => write!(f, "record at page {page} of the ring"),
            Self::End => f.write_str("end of the file"),
        }
    }
}

/// Why the encrypted file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The disk said no. After a failed write or sync the handle refuses everything until the file is opened anew.
    #[error("cannot {doing} the vault file: {source}")]
    Io {
        /// What was being done: `read`, `write`, `sync`, `resize`, `measure`, `hold a moment of`.
        doing: &'static str,
        /// What the disk said.
        source: io::Error,
    },
    /// Something is missing or contradicts the rest; no crash leaves the file like this.
    #[error("the vault file is damaged: its {what} at byte {at} {how}")]
    Damaged {
        /// Which part.
        what: Part,
        /// Where it begins.
        at: u64,
        /// What is wrong with it.
        how: &'static str,
    },
    /// The bytes are not what these keys wrote there: they were changed, are another file's, an older state's, or the
    /// keys are another vault's.
    #[error("the vault file is damaged or not this vault's: its {what} at byte {at} is not authentic")]
    NotAuthentic {
        /// Which part.
        what: Part,
        /// Where it begins.
        at: u64,
    },
    /// An earlier write or sync failed, so what is on the disk is unknown.
    #[error("an earlier write to the vault file failed; open it anew")]
    Poisoned,
    /// The file was closed.
    #[error("the vault file is closed")]
    Closed,
    /// A request that the layout cannot serve.
    #[error("the request does not fit the vault file: {0}")]
    Misuse(&'static str),
}

impl From<FileError> for io::Error {
    fn from(error: FileError) -> Self {
        let kind = match &error {
            FileError::Io { source, .. } => source.kind(),
            FileError::Damaged { .. } | FileError::NotAuthentic { .. } => io::ErrorKind::InvalidData,
            FileError::Misuse(_) => io::ErrorKind::InvalidInput,
            FileError::Poisoned | FileError::Closed => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}
