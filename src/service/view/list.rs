//! The list of customers: what is asked of it, and the rows that come back.
//!
//! **Invariant:** neither a place in the list nor the words asked for show in `Debug`.

use super::customer::Shown;
use crate::clock::Timestamp;
use crate::domain::customer::{CustomerKind, Stage};
use crate::domain::field::FieldKey;
use crate::domain::id::CustomerId;
use crate::domain::identifier::IdentifierKind;
use crate::domain::loss::LossReason;
use crate::domain::saved_view::SavedView;
use crate::domain::staff::LoginName;

pub use crate::domain::saved_view::{Sharing, Sort};

/// A place in a list, opaque.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor(pub(in crate::service) Vec<u8>);

impl Cursor {
    /// A place as its bytes. Only bytes that the door gave name a place; others find nothing.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// A place holds the sort key of a name, so `Debug` does not show it.
impl std::fmt::Debug for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cursor(..)")
    }
}

/// Where a stretch of a list begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// At the top.
    #[default]
    Top,
    /// At the bottom: the last rows, in order.
    Bottom,
    /// Behind this row.
    After(Cursor),
    /// Before this row: the rows that end just above it, in order.
    Before(Cursor),
}

/// A question to the list of customers.
#[derive(Clone, Default)]
pub struct ListRequest {
    /// What stands in the query bar, as `domain::query` reads it. Empty means everybody in scope.
    pub text: String,
    /// The order. A search by words has its own.
    pub sort: Sort,
    /// Where to begin.
    pub anchor: Anchor,
    /// At most this many rows: up to 100 at the top, 200 further on.
    pub limit: u16,
}

/// The words may be somebody's number: `Debug` says how many there are.
impl std::fmt::Debug for ListRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = self.text.split_whitespace().count();
        let Self { text: _, sort, anchor, limit } = self;
        write!(f, "ListRequest({words} words, {sort:?}, {anchor:?}, {limit})")
    }
}

/// How many rows a query has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// Just so many.
    Exactly(u64),
    /// So many or more.
    AtLeast(u64),
}

/// A stretch of the list.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its rows.
    pub rows: Vec<CustomerRow>,
    /// How many there are in all.
    pub total: Total,
    /// Whether there are rows above.
    pub before: bool,
    /// Whether there are rows below.
    pub after: bool,
    /// From where to go on for more, where not enough was looked through to fill the page. A row's own place does otherwise.
    pub resume: Option<Cursor>,
    /// What the text looks like, if it is an identifier: Enter searches by it, which is recorded.
    pub identifier: Option<IdentifierKind>,
}

/// One row of the list.
#[derive(Clone, Debug)]
pub struct CustomerRow {
    /// Its place.
    pub cursor: Cursor,
    /// Its id.
    pub id: CustomerId,
    /// Person or company.
    pub kind: CustomerKind,
    /// The name, masked where policy says so.
    pub name: Shown,
    /// The owner's name.
    pub owner: Option<LoginName>,
    /// Whether the owner is who asks.
    pub mine: bool,
    /// How far it has come.
    pub stage: Stage,
    /// Why they are lost, where they are and somebody said so.
    pub lost: Option<LossReason>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Every field that has a value, in the schema's order.
    pub fields: Vec<(FieldKey, Shown)>,
    /// The earliest open follow-up.
    pub next_follow_up: Option<Timestamp>,
    /// When somebody last spoke with them.
    pub last_contact: Option<Timestamp>,
    /// When it goes to the pool if nobody does anything.
    pub goes: Option<Timestamp>,
    /// When it last changed.
    pub updated: Timestamp,
    /// When it was added.
    pub created: Timestamp,
    /// Where the data came from.
    pub source: String,
    /// Storage and protection only.
    pub restricted: bool,
}

/// A view that somebody finds among theirs.
#[derive(Clone, Debug)]
pub struct ViewRow {
    /// The view.
    pub view: SavedView,
    /// Whether whoever asks saved it.
    pub mine: bool,
    /// Who saved it.
    pub by: String,
}
