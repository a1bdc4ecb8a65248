//! A query to the list of customers that is kept under a name.

use super::columns::Columns;
use super::id::{SavedViewId, StaffId};
use crate::codes::codes;
use crate::text::Printable;

/// How a list of customers is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// By name: Latin letters and pinyin together.
    #[default]
    Name,
    /// Last changed first.
    Recent,
}

codes!(Sort: Name = "name", Recent = "recent");

/// Who finds a view among theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// Whoever saved it.
    #[default]
    Own,
    /// Everybody who lists customers; each sees their own customers through it.
    Shared,
}

codes!(Sharing: Own = "own", Shared = "shared");

/// A view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Its id.
    pub id: SavedViewId,
    /// Who saved it.
    pub by: StaffId,
    /// Its name.
    pub name: Printable,
    /// The query, as it was written.
    pub query: Printable,
    /// The order of the list.
    pub sort: Sort,
    /// Who finds it.
    pub sharing: Sharing,
    /// The columns of the list.
    pub columns: Columns,
}
