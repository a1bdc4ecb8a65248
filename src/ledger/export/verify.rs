//! Checks an export with nothing but a key.
//!
//! **Invariant:** memory does not grow with the file, and a fault names the line but nothing that stands in it.

use std::io::{BufRead, Read};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::checkpoint::{Checkpoint, CheckpointError};
use super::super::leaf::{self, LeafError};
use super::super::note::{NoteError, SignedNote, Vkey};
use super::super::tree::{Frontier, leaf_hash, verify_consistency};
use super::super::{Hash, array_from_base64, from_base64};
use super::{CheckpointLine, End, EntryLine, FORMAT, Head, MAX_LINE, TextsLine, fit, open};

/// What is known about the record from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The record's key, as `veilbook init` printed it.
    pub key: Option<Vkey>,
    /// Checkpoints that were kept outside. Their signatures have been checked, or their keeper is trusted.
    pub kept: Vec<Checkpoint>,
}

/// Where the key came from that the file was checked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// From whoever asked.
    Given,
    /// From the file itself, which shows that the file hangs together but not whose it is.
    File,
}

/// What a sound file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// How many entries; the last checkpoint covers them all.
    pub entries: u64,
    /// The root over them.
    pub root: Hash,
    /// How many checkpoints, each rightly signed.
    pub checkpoints: u64,
    /// How many cosignatures, each right.
    pub cosignatures: u64,
    /// How many texts were erased, each of which leaves its commitment.
    pub erased: u64,
    /// The key that signed.
    pub key: Vkey,
    /// Where that key came from.
    pub key_origin: KeyOrigin,
    /// How many of the kept checkpoints were met.
    pub kept: u64,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// It could not be read.
    #[error("cannot be read ({0})")]
    Io(std::io::ErrorKind),
    /// The file ends before its last line.
    #[error("the file's tail was cut off here")]
    TailCut,
    /// Something stands behind the last line.
    #[error("something was added behind the end")]
    Added,
    /// Longer than a line can be.
    #[error("longer than any line of a record")]
    TooLong,
    /// Not a line of this format.
    #[error("not a line of this format")]
    Malformed,
    /// The same said otherwise.
    #[error("the encoding is not canonical")]
    NotCanonical,
    /// Another format or a later version of it.
    #[error("not an export of a record, or of a later version")]
    Format,
    /// A key in the head is not a key.
    #[error("the file names a key that is none")]
    Key,
    /// The file is signed with another key than the one expected.
    #[error("signed with another key than the one given")]
    AnotherKey,
    /// An entry does not follow the one before.
    #[error("entry {expected} is missing: entry {found} stands in its place")]
    Sequence {
        /// Which should stand here.
        expected: u64,
        /// Which does.
        found: u64,
    },
    /// An entry is not in order.
    #[error(transparent)]
    Entry(#[from] LeafError),
    /// A checkpoint is not in order.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A checkpoint of nothing.
    #[error("a checkpoint of size 0 shows nothing")]
    EmptyCheckpoint,
    /// A checkpoint stands elsewhere than behind the entries that it covers.
    #[error("the checkpoint covers {covers} entries but stands behind {behind}: entries were removed or added")]
    Misplaced {
        /// What it says.
        covers: u64,
        /// Where it stands.
        behind: u64,
    },
    /// The entries are not those that were signed.
    #[error(
        "the entries before this are not those that the checkpoint was signed over: the record was changed or forked"
    )]
    Root,
    /// The proof does not lead from the last checkpoint to this.
    #[error("the proof does not lead from the checkpoint before to this one")]
    Proof,
    /// A checkpoint that was kept outside says otherwise.
    #[error("a checkpoint kept elsewhere, of size {0}, has another root: the record was changed or forked before it")]
    Forked(u64),
    /// A checkpoint that was kept outside covers more.
    #[error("a checkpoint kept elsewhere covers {0} entries, more than are here: the record's tail was cut off")]
    ShorterThanKept(u64),
    /// Entries behind the last checkpoint, or none at all.
    #[error("the last entries are covered by no checkpoint")]
    Uncovered,
    /// The last line counts otherwise.
    #[error("the last line counts otherwise")]
    Count,
}

/// Where a file is wrong, and how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct FileFault {
    /// From 1.
    pub line: u64,
    /// What is wrong.
    pub what: LineFault,
}

/// Checks a whole file.
pub fn verify_file(file: impl BufRead, expected: &Expected) -> Result<FileReport, FileFault> {
    let mut lines = Lines { file, number: 0 };
    check(&mut lines, expected).map_err(|what| FileFault { line: lines.number, what })
}

fn check<R: BufRead>(lines: &mut Lines<R>, expected: &Expected) -> Result<FileReport, LineFault> {
    let head: Head = canonical(&lines.next()?.ok_or(LineFault::TailCut)?)?;
    let mut reading = Reading::begin(&head, expected)?;
    loop {
        let line = lines.next()?.ok_or(LineFault::TailCut)?;
        if line.starts_with("{\"seq\":") {
            reading.entry(canonical(&line)?)?;
        } else if line.starts_with("{\"checkpoint\":") {
            reading.checkpoint(canonical(&line)?)?;
        } else {
            let report = reading.end(canonical(&line)?)?;
            return if lines.next()?.is_none() { Ok(report) } else { Err(LineFault::Added) };
        }
    }
}

/// The file by lines, each with its newline taken off.
struct Lines<R> {
    file: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<String>, LineFault> {
        self.number += 1;
        let mut bytes = Vec::new();
        let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
        let read = (&mut self.file).take(limit).read_until(b'\n', &mut bytes);
        let read = read.map_err(|error| LineFault::Io(error.kind()))?;
        if read == 0 {
            return Ok(None);
        }
        if bytes.pop() != Some(b'\n') {
            return Err(if read == MAX_LINE { LineFault::TooLong } else { LineFault::TailCut });
        }
        String::from_utf8(bytes).map(Some).map_err(|_| LineFault::Malformed)
    }
}

/// The line's meaning, if the line is how we would write it.
fn canonical<T: DeserializeOwned + Serialize>(line: &str) -> Result<T, LineFault> {
    let meaning: T = serde_json::from_str(line).map_err(|_| LineFault::Malformed)?;
    let again = serde_json::to_string(&meaning).map_err(|_| LineFault::Malformed)?;
    if again == line { Ok(meaning) } else { Err(LineFault::NotCanonical) }
}

/// A file half read.
struct Reading<'a> {
    cosigners: Vec<Vkey>,
    tree: Frontier,
    last: (u64, Hash),
    kept: &'a [Checkpoint],
    report: FileReport,
}

impl<'a> Reading<'a> {
    fn begin(head: &Head, expected: &'a Expected) -> Result<Self, LineFault> {
        if head.format != FORMAT {
            return Err(LineFault::Format);
        }
        let key = Vkey::parse(&head.vkey).map_err(|_| LineFault::Key)?;
        let cosigners: Result<Vec<_>, NoteError> = head.cosigners.iter().map(|text| Vkey::parse(text)).collect();
        let cosigners = cosigners.map_err(|_| LineFault::Key)?;
        if !fit(&key, &cosigners) {
            return Err(LineFault::Key);
        }
        if expected.key.as_ref().is_some_and(|given| *given != key) {
            return Err(LineFault::AnotherKey);
        }
        let key_origin = if expected.key.is_some() { KeyOrigin::Given } else { KeyOrigin::File };
        let tree = Frontier::default();
        let root = tree.root();
        let report =
            FileReport { entries: 0, root, checkpoints: 0, cosignatures: 0, erased: 0, key, key_origin, kept: 0 };
        Ok(Self { cosigners, tree, last: (0, root), kept: &expected.kept, report })
    }

    fn entry(&mut self, line: EntryLine) -> Result<(), LineFault> {
        let seq = self.tree.size();
        let bytes = from_base64(&line.leaf).ok_or(LineFault::Malformed)?;
        let view = leaf::decode(&bytes)?;
        for found in [line.seq, view.seq.0] {
            if found != seq {
                return Err(LineFault::Sequence { expected: seq, found });
            }
        }
        if line.texts.as_ref().is_some_and(|texts| *texts == TextsLine::default()) {
            return Err(LineFault::NotCanonical);
        }
        let side = line.texts.unwrap_or_default().read().ok_or(LineFault::Malformed)?;
        side.check(&view)?;
        let gone = view.commitments.iter().zip(side.commitments()).filter(|(was, is)| was.is_some() && is.is_none());
        self.report.erased += u64::try_from(gone.count()).unwrap_or(u64::MAX);
        self.tree.append(leaf_hash(&bytes));
        let (size, root) = (self.tree.size(), self.tree.root());
        for kept in self.kept.iter().filter(|kept| kept.size == size) {
            if kept.root != root || kept.origin != self.report.key.name() {
                return Err(LineFault::Forked(size));
            }
            self.report.kept += 1;
        }
        Ok(())
    }

    fn checkpoint(&mut self, line: CheckpointLine) -> Result<(), LineFault> {
        let note = SignedNote::parse(&line.checkpoint).map_err(CheckpointError::Note)?;
        let (checkpoint, cosignatures) = open(&note, &self.report.key, &self.cosigners)?;
        let size = self.tree.size();
        if checkpoint.size == 0 {
            return Err(LineFault::EmptyCheckpoint);
        }
        if checkpoint.size != size {
            return Err(LineFault::Misplaced { covers: checkpoint.size, behind: size });
        }
        if checkpoint.root != self.tree.root() {
            return Err(LineFault::Root);
        }
        let proof: Option<Vec<Hash>> = line.proof.iter().map(|hash| array_from_base64(hash)).collect();
        let (old, old_root) = self.last;
        if !proof.is_some_and(|proof| verify_consistency(old, &old_root, size, &checkpoint.root, &proof)) {
            return Err(LineFault::Proof);
        }
        self.last = (size, checkpoint.root);
        self.report.checkpoints += 1;
        self.report.cosignatures += cosignatures;
        Ok(())
    }

    fn end(mut self, line: End) -> Result<FileReport, LineFault> {
        let size = self.tree.size();
        if self.last.0 != size || size == 0 {
            return Err(LineFault::Uncovered);
        }
        if line.entries != size || line.checkpoints != self.report.checkpoints {
            return Err(LineFault::Count);
        }
        if let Some(kept) = self.kept.iter().find(|kept| kept.size > size) {
            return Err(LineFault::ShorterThanKept(kept.size));
        }
        self.report.entries = size;
        self.report.root = self.last.1;
        Ok(self.report)
    }
}
