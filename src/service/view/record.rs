//! The record of actions as it is shown, and how its chain stands.
//!
//! **Invariant:** no field's plain value is here; an entry's texts are those that lie beside it in the record.

use crate::clock::Timestamp;

/// One entry of the record as it is shown.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// The entry.
    pub entry: crate::domain::audit::Entry,
    /// The actor's name; empty for nobody known.
    pub actor: String,
    /// What to call the object.
    pub object: String,
}

/// A stretch of the record, newest first.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// Its rows.
    pub rows: Vec<AuditRow>,
    /// Whether older ones follow.
    pub more: bool,
    /// How many entries the record has in all.
    pub size: u64,
}

/// The state of the record's chain.
#[derive(Clone, Debug)]
pub struct ChainState {
    /// How many entries.
    pub size: u64,
    /// The root hash in base64.
    pub root: String,
    /// The last signed checkpoint: its size and time.
    pub checkpoint: Option<(u64, Timestamp)>,
    /// The key that verifies it, as a note verifier key.
    pub vkey: String,
    /// What a check of the whole record found, where one was made.
    pub check: Option<ChainCheck>,
}

/// What a check of the record found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainCheck {
    /// All is as it was signed.
    Sound,
    /// The first fault.
    Broken(String),
}
