//! Rules, by id.

use std::ops::ControlFlow;

use crate::domain::id::RuleId;
use crate::domain::rule::Rule;
use crate::vault::records::Record;
use crate::vault::store::{Get, Put, StoreError, Table, Way};

/// All of them, in the order in which they were added.
pub fn all(from: &dyn Get) -> Result<Vec<Rule>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(Table::Rules, &[], Way::Up, &mut |_, value| {
        out.push(Rule::from_bytes(value));
        ControlFlow::Continue(())
    })?;
    out.into_iter().collect()
}

/// One of them.
pub fn get(from: &dyn Get, id: RuleId) -> Result<Option<Rule>, StoreError> {
    from.get(Table::Rules, &id.0.to_be_bytes())?.map(|bytes| Rule::from_bytes(&bytes)).transpose()
}

/// An id for a new one, never given before.
pub fn next_id(to: &mut dyn Put) -> Result<RuleId, StoreError> {
    to.next("next rule").map(RuleId)
}

/// Keeps one.
pub fn put(to: &mut dyn Put, rule: &Rule) -> Result<(), StoreError> {
    to.put(Table::Rules, &rule.id.0.to_be_bytes(), &rule.to_bytes())
}

/// Removes one.
pub fn remove(to: &mut dyn Put, id: RuleId) -> Result<(), StoreError> {
    to.remove(Table::Rules, &id.0.to_be_bytes())
}
