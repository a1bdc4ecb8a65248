//! Imports: how one stands, and what became or would become of its rows.
//!
//! **Invariant:** rows are told by their number; no cell is here.

use super::super::refusal::FieldFault;
use crate::clock::Timestamp;
use crate::domain::id::JobId;
use crate::text::Printable;

/// One import.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// Its id.
    pub id: JobId,
    /// The file's name.
    pub file: Printable,
    /// When it began.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Customers added.
    pub added: u64,
    /// Customers filled from rows.
    pub merged: u64,
    /// Rows left out as duplicates.
    pub skipped: u64,
    /// How it stands.
    pub state: ImportState,
}

/// How an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportState {
    /// Under way, unseen.
    Staging,
    /// Being published.
    Publishing,
    /// There.
    Published,
    /// Being taken back, unseen.
    Undoing,
    /// Taken back.
    Undone,
}

crate::codes::codes!(ImportState: Staging = "staging", Publishing = "publishing", Published = "published",
    Undoing = "undoing", Undone = "undone");

/// What became of the rows of one chunk.
#[derive(Clone, Debug, Default)]
pub struct ChunkReport {
    /// Rows added.
    pub added: u64,
    /// Rows that fill customers who are there.
    pub merged: u64,
    /// Rows left out as duplicates.
    pub skipped: u64,
    /// Rows that cannot be taken, with what is wrong.
    pub rejected: Vec<(u64, Vec<FieldFault>)>,
    /// Rows added without the owner whom they name: nobody here is called so, or the importer may not assign customers.
    pub without_owner: u64,
    /// Consents that come with the rows.
    pub consents: u64,
}

/// What would become of rows, of each as if it came alone.
#[derive(Clone, Debug, Default)]
pub struct Rehearsal {
    /// Rows of customers who are in the vault already.
    pub known: Vec<u64>,
    /// Rows that could not be taken, with what is wrong.
    pub rejected: Vec<(u64, Vec<FieldFault>)>,
    /// Rows whose owner would not be the one whom they name.
    pub without_owner: Vec<u64>,
    /// Rows of customers who are in the vault already, with how many consents these would get.
    pub consents: Vec<(u64, u64)>,
}
