//! Templates: texts that are kept under a name.

use std::ops::ControlFlow;

use crate::domain::id::TemplateId;
use crate::domain::template::Template;
use crate::vault::records::Record;
use crate::vault::store::{Get, Put, StoreError, Table, Way};

/// All of them, in the order in which they were added.
pub fn all(from: &dyn Get) -> Result<Vec<Template>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(Table::Templates, &[], Way::Up, &mut |_, value| {
        out.push(Template::from_bytes(value));
        ControlFlow::Continue(())
    })?;
    out.into_iter().collect()
}

/// One of them.
pub fn get(from: &dyn Get, id: TemplateId) -> Result<Option<Template>, StoreError> {
    from.get(Table::Templates, &id.0.to_be_bytes())?.map(|bytes| Template::from_bytes(&bytes)).transpose()
}

/// An id for a new one.
pub fn next_id(to: &mut dyn Put) -> Result<TemplateId, StoreError> {
    to.next("next template").map(TemplateId)
}

/// Keeps one.
pub fn put(to: &mut dyn Put, template: &Template) -> Result<(), StoreError> {
    to.put(Table::Templates, &template.id.0.to_be_bytes(), &template.to_bytes())
}

/// Removes one.
pub fn remove(to: &mut dyn Put, id: TemplateId) -> Result<(), StoreError> {
    to.remove(Table::Templates, &id.0.to_be_bytes())
}
