//! Tables of bytes in one redb database, read in a snapshot and written in one transaction at a time.
//!
//! **Invariant:** the only module that names redb's tables; all above speak [`Get`] and [`Put`]. A transaction that
//! is dropped without commit leaves nothing behind.

mod fresh;
mod key;
mod merge;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

use std::ops::ControlFlow;

use redb::TableDefinition;

pub(in crate::vault) use fresh::Fresh;
pub use key::{KeyReader, key, prefix_end};
pub use reader::Reader;
pub use writer::Writer;

/// Why the store failed. Holds nothing of what is stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The file could not be read or written.
    #[error("{0}")]
    Disk(String),
    /// Stored bytes are not what was written.
    #[error("{0}")]
    Damaged(String),
}

impl StoreError {
    /// A record of this kind that cannot be read.
    pub fn record(kind: &str) -> Self {
        Self::Damaged(format!("a {kind} record cannot be read"))
    }
}

/// redb says what failed, never what was stored: keys and values do not occur in its errors.
macro_rules! from_redb {
    ($($error:ty),+) => { $(impl From<$error> for StoreError {
        fn from(error: $error) -> Self {
            let text = error.to_string();
            match redb::Error::from(error) {
                redb::Error::Corrupted(_) => Self::Damaged(text),
                _ => Self::Disk(text),
            }
        }
    })+ };
}
from_redb!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError, redb::DatabaseError);

macro_rules! tables {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// The tables. Keys are made by [`key()`], so that byte order is the order wanted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Table { $($(#[$doc])* $variant),+ }

        impl Table {
            const COUNT: usize = Self::ALL.len();

            /// Every table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in the file.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            fn definition(self) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
                TableDefinition::new(self.name())
            }

            /// Its place in the list, which a stored form may name.
            pub(in crate::vault) fn place(self) -> u8 {
                self as u8
            }
        }
    };
}

tables! {
    /// word → value: counters, schema, policy, class keys, the record's frontier.
    Meta = "meta",
    /// staff id → staff record.
    Staff = "staff",
    /// folded login name → staff id.
    StaffNames = "staff_names",
    /// staff id → public keys, slot and generation.
    StaffKeys = "staff_keys",
    /// staff id, key's byte → that key, sealed to them.
    Grants = "grants",
    /// role's byte → role record.
    Roles = "roles",
    /// customer id → customer record.
    Customers = "customers",
    /// order's byte, owner (or all) or tag, stage, moment, then sort key, customer id → what lists are sifted by.
    Lists = "lists",
    /// word, customer id → owner.
    Words = "words",
    /// class, token's kind, token, customer id → nothing.
    Tokens = "tokens",
    /// customer id, time (newest first), id → interaction record.
    Interactions = "interactions",
    /// follow-up id → follow-up record.
    FollowUps = "follow_ups",
    /// assignee, due, follow-up id → customer id; open ones only.
    FollowUpsDue = "follow_ups_due",
    /// customer id, due, follow-up id → nothing; open ones only.
    FollowUpsOf = "follow_ups_of",
    /// customer id, deal id → deal record.
    Deals = "deals",
    /// sequence → leaf.
    Leaves = "leaves",
    /// sequence → salted texts.
    Texts = "texts",
    /// level, index → hash of a complete subtree.
    Nodes = "nodes",
    /// customer id, sequence → nothing.
    EntriesOf = "entries_of",
    /// size → signed note.
    Checkpoints = "checkpoints",
    /// staff id, what, time, sequence → object's number.
    Usage = "usage",
    /// alert id → alert record.
    Alerts = "alerts",
    /// staff id, number → what an undo restores.
    Undo = "undo",
    /// staff id → draft, wrapped.
    Drafts = "drafts",
    /// staff id → preferences.
    Preferences = "preferences",
    /// staff id → folded texts of the last reasons.
    Reasons = "reasons",
    /// job id → job record.
    Jobs = "jobs",
    /// job id, customer id → the customer as it was before the job.
    JobUndo = "job_undo",
    /// job id, customer id → the customer as it will be.
    JobStaged = "job_staged",
    /// job id, customer id → the version under which it stands again as the job left it.
    JobCarried = "job_carried",
    /// customer id → when they were erased, and the entry that says so.
    Erased = "erased",
    /// staff id → second factor.
    Factors = "factors",
    /// staff id, fingerprint → public key of theirs.
    SshKeys = "ssh_keys",
    /// saved view id → query, its name and order, whose it is.
    SavedViews = "saved_views",
    /// 0, customer id → whom they were merged into; 1, customer id, id of one merged into them → nothing.
    Merged = "merged",
    /// customer id, id of another of whom somebody said that they are not the same → nothing; a pair stands both ways.
    Apart = "apart",
    /// 0, deal id → customer id; 1, owner, stage, since when, deal id → customer id, minor units, currency.
    DealsBy = "deals_by",
    /// case id → case record.
    Cases = "cases",
    /// 0, customer id, case id; 1, due, case id, of those not closed → nothing.
    CasesBy = "cases_by",
    /// folded tag → nothing: it is no longer offered.
    RetiredTags = "retired_tags",
    /// template id → template record.
    Templates = "templates",
    /// cadence id → cadence record.
    Cadences = "cadences",
    /// rule id → rule.
    Rules = "rules",
    /// 0, customer id, rule id → for which occasion it acted; 1, customer id → the most days between contacts.
    Marks = "rule_marks",
    /// customer id, id of a company or a person that belongs to them → nothing; a pair stands both ways.
    Links = "links",
    /// case id, sequence of an entry that belongs to it → nothing.
    CaseEntries = "case_entries",
    /// customer id → why they are lost.
    Losses = "losses",
    /// 0, customer id, consent id → consent; 1, purpose, what was said last, sort key, customer id → nothing.
    Consents = "consents",
    /// job id, 0 (to come) or 1 (put down), customer id → the consents that came with the job.
    JobConsents = "job_consents",
}

/// Where in [`Table::Meta`] the versions of the tables stand: eight bytes each, in the order of [`Table::ALL`].
const VERSIONS: &[u8] = b"table versions";

/// How often a table was changed by a commit, by the versions as they are stored.
fn version(stored: &[u8], table: Table) -> u64 {
    let (chunks, _) = stored.as_chunks::<8>();
    chunks.get(usize::from(table.place())).copied().map_or(0, u64::from_be_bytes)
}

/// Which way to walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the lowest key.
    Up,
    /// From the highest key.
    Down,
}

/// A visitor of keys and values; it breaks off with `Break`.
pub type Visit<'v> = &'v mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>;

/// Reads tables.
pub trait Get {
    /// The value at a key.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Walks over `from..to`.
    fn visit(&self, table: Table, from: &[u8], to: &[u8], way: Way, visit: Visit<'_>) -> Result<(), StoreError>;

    /// Walks over all keys that begin with `prefix`.
    fn visit_prefix(&self, table: Table, prefix: &[u8], way: Way, visit: Visit<'_>) -> Result<(), StoreError> {
        self.visit(table, prefix, &prefix_end(prefix), way, visit)
    }

    /// A number in [`Table::Meta`], 0 where there is none.
    fn number(&self, name: &str) -> Result<u64, StoreError> {
        let bytes = self.get(Table::Meta, name.as_bytes())?;
        Ok(bytes.and_then(|b| b.first_chunk().copied()).map_or(0, u64::from_be_bytes))
    }
}

/// Writes tables.
pub trait Put: Get {
    /// Sets the value at a key.
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError>;

    /// Removes a key, if it is there.
    fn remove(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError>;

    /// Sets a number in [`Table::Meta`].
    fn set_number(&mut self, name: &str, value: u64) -> Result<(), StoreError> {
        self.put(Table::Meta, name.as_bytes(), &value.to_be_bytes())
    }

    /// The next number of a sequence, from 1.
    fn next(&mut self, name: &str) -> Result<u64, StoreError> {
        let next = self.number(name)?.saturating_add(1);
        self.set_number(name, next)?;
        Ok(next)
    }
}
