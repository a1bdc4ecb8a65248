//! Queries that are kept under a name.

use std::ops::ControlFlow;

use crate::domain::id::SavedViewId;
use crate::domain::saved_view::SavedView;
use crate::vault::records::Record;
use crate::vault::store::{Get, Put, StoreError, Table, Way};

/// All of them, in the order in which they were saved.
pub fn all(from: &dyn Get) -> Result<Vec<SavedView>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(Table::SavedViews, &[], Way::Up, &mut |_, value| {
        out.push(SavedView::from_bytes(value));
        ControlFlow::Continue(())
    })?;
    out.into_iter().collect()
}

/// One of them.
pub fn get(from: &dyn Get, id: SavedViewId) -> Result<Option<SavedView>, StoreError> {
    from.get(Table::SavedViews, &id.0.to_be_bytes())?.map(|bytes| SavedView::from_bytes(&bytes)).transpose()
}

/// An id for a new one.
pub fn next_id(to: &mut dyn Put) -> Result<SavedViewId, StoreError> {
    to.next("next saved view").map(SavedViewId)
}

/// Keeps one.
pub fn put(to: &mut dyn Put, view: &SavedView) -> Result<(), StoreError> {
    to.put(Table::SavedViews, &view.id.0.to_be_bytes(), &view.to_bytes())
}

/// Removes one.
pub fn remove(to: &mut dyn Put, id: SavedViewId) -> Result<(), StoreError> {
    to.remove(Table::SavedViews, &id.0.to_be_bytes())
}
