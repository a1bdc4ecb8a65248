//! Tags that are no longer offered, and who has a tag.
//!
//! **Invariant:** a tag is known by its folded form; that it is retired changes nothing about whoever has it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::domain::id::CustomerId;
use crate::text::folded;
use crate::vault::facets::{Facets, tag_prefix};
use crate::vault::index;
use crate::vault::store::{Get, Put, StoreError, Table, Way};

/// The tags that are no longer offered, folded.
pub fn retired(from: &dyn Get) -> Result<BTreeSet<String>, StoreError> {
    let mut out = BTreeSet::new();
    from.visit_prefix(Table::RetiredTags, &[], Way::Up, &mut |key, _| {
        out.extend(String::from_utf8(key.to_vec()));
        ControlFlow::Continue(())
    })?;
    Ok(out)
}

/// Has a tag no longer offered.
pub fn retire(to: &mut dyn Put, tag: &str) -> Result<(), StoreError> {
    to.put(Table::RetiredTags, folded(tag).as_bytes(), &[])
}

/// Has it offered again.
pub fn offer(to: &mut dyn Put, tag: &str) -> Result<(), StoreError> {
    to.remove(Table::RetiredTags, folded(tag).as_bytes())
}

/// Walks over those who have a tag, in the order of the list.
pub fn visit(
    from: &dyn Get,
    tag: &str,
    visit: &mut dyn FnMut(CustomerId, Option<&Facets>) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    from.visit_prefix(Table::Lists, &tag_prefix(tag), Way::Up, &mut |row, value| match index::id_of(row) {
        Some(id) => visit(id, Facets::from_bytes(value).as_ref()),
        None => ControlFlow::Continue(()),
    })
}
