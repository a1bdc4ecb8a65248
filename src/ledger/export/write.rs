//! Writes an export, entry by entry.
//!
//! **Invariant:** what is written verifies: leaves, texts, roots and signatures are checked on their way out, so that a
//! damaged record is noticed by the one who exports it and not by the one who receives it.

use std::io::Write;

use serde::Serialize;

use super::super::checkpoint::CheckpointError;
use super::super::leaf::{self, LeafError};
use super::super::note::{NoteError, SignedNote, Vkey};
use super::super::side::SideTexts;
use super::super::tree::{Frontier, ProofError, consistency_proof, leaf_hash, verify_consistency};
use super::super::{Hash, base64};
use super::{CheckpointLine, End, EntryLine, FORMAT, Head, MAX_LINE, TextsLine, fit, open};

/// Why an export could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file.
    #[error("the export cannot be written")]
    Io(#[from] std::io::Error),
    /// An entry is damaged.
    #[error("entry {seq} of the record is damaged: {fault}")]
    Entry {
        /// Its place.
        seq: u64,
        /// What is wrong with it.
        fault: LeafError,
    },
    /// An entry or a checkpoint is not where it belongs, or the end is not covered by a checkpoint.
    #[error("the record's entries and checkpoints do not follow one another at entry {0}")]
    Order(u64),
    /// A checkpoint is damaged.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A checkpoint's root is not the one of the entries before it.
    #[error("the record's entries are not those that the checkpoint of size {0} was signed over")]
    Root(u64),
    /// A proof could not be made.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A line would be longer than verifiers read.
    #[error("the texts of entry {0} are too long for an export")]
    TooLong(u64),
}

/// An export under way.
#[derive(Debug)]
pub struct ExportWriter<W> {
    out: W,
    key: Vkey,
    cosigners: Vec<Vkey>,
    tree: Frontier,
    last: (u64, Hash),
    checkpoints: u64,
}

impl<W: Write> ExportWriter<W> {
    /// Begins an export of the record that `key` signs; `cosigners` are the keys of everybody who cosigned.
    pub fn begin(out: W, key: Vkey, cosigners: Vec<Vkey>) -> Result<Self, ExportError> {
        if !fit(&key, &cosigners) {
            return Err(CheckpointError::from(NoteError::Key).into());
        }
        let tree = Frontier::default();
        let mut this = Self { out, last: (0, tree.root()), tree, checkpoints: 0, key, cosigners };
        let cosigners = this.cosigners.iter().map(Vkey::to_string).collect();
        this.line(&Head { format: FORMAT.to_owned(), vkey: this.key.to_string(), cosigners })?;
        Ok(this)
    }

    /// How many entries are written.
    pub fn entries(&self) -> u64 {
        self.tree.size()
    }

    /// Writes the next entry: its leaf and what is left of its texts.
    pub fn entry(&mut self, leaf: &[u8], side: &SideTexts) -> Result<(), ExportError> {
        let seq = self.tree.size();
        let view = leaf::decode(leaf).map_err(|fault| ExportError::Entry { seq, fault })?;
        side.check(&view).map_err(|fault| ExportError::Entry { seq, fault })?;
        if view.seq.0 != seq {
            return Err(ExportError::Order(seq));
        }
        self.tree.append(leaf_hash(leaf));
        let texts = (!side.is_empty()).then(|| TextsLine::new(side));
        self.line(&EntryLine { seq, leaf: base64(leaf), texts })
    }

    /// Writes a checkpoint of exactly the entries so far. `node` looks up stored nodes, for the proof.
    pub fn checkpoint(
        &mut self,
        note: &SignedNote,
        node: impl FnMut(u8, u64) -> Option<Hash>,
    ) -> Result<(), ExportError> {
        let (checkpoint, _) = open(note, &self.key, &self.cosigners)?;
        let size = self.tree.size();
        if checkpoint.size != size || size == 0 {
            return Err(ExportError::Order(size));
        }
        let (old, old_root) = self.last;
        let proof = consistency_proof(old, size, node)?;
        if checkpoint.root != self.tree.root() || !verify_consistency(old, &old_root, size, &checkpoint.root, &proof) {
            return Err(ExportError::Root(size));
        }
        self.last = (size, checkpoint.root);
        self.checkpoints += 1;
        let proof = proof.iter().map(|hash| base64(hash)).collect();
        self.line(&CheckpointLine { checkpoint: note.to_string(), proof })
    }

    /// Writes the last line and gives the writer back, flushed. The last entry must be covered by a checkpoint.
    pub fn finish(mut self) -> Result<W, ExportError> {
        let entries = self.tree.size();
        if self.last.0 != entries || entries == 0 {
            return Err(ExportError::Order(entries));
        }
        self.line(&End { entries, checkpoints: self.checkpoints })?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), ExportError> {
        let mut bytes = serde_json::to_vec(line).map_err(std::io::Error::from)?;
        bytes.push(b'\n');
        if bytes.len() > MAX_LINE {
            return Err(ExportError::TooLong(self.tree.size()));
        }
        Ok(self.out.write_all(&bytes)?)
    }
}
