//! Who is marked: some, one by one or from one to another, or everybody whom the query finds.
//!
//! **Invariant:** everybody whom a query finds is that query's: with another query nobody is marked so.

use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::panel::Handled;
use crate::domain::id::CustomerId;
use crate::service::view::{CustomerRow, Target};

/// The marks.
#[derive(Debug)]
pub enum Marks {
    /// These; the last is the one that was marked last.
    Some(Vec<CustomerId>),
    /// Everybody whom the query finds.
    Everybody,
}

impl Default for Marks {
    fn default() -> Self {
        Self::Some(Vec::new())
    }
}

impl Marks {
    /// Whether nobody is marked.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Some(ids) if ids.is_empty())
    }

    /// Whether everybody is whom the query finds.
    pub fn is_everybody(&self) -> bool {
        matches!(self, Self::Everybody)
    }

    /// Who of these rows is marked.
    pub fn among(&self, rows: &[CustomerRow]) -> Vec<CustomerId> {
        match self {
            Self::Some(ids) => ids.clone(),
            Self::Everybody => rows.iter().map(|row| row.id).collect(),
        }
    }

    /// Marks nobody.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Marks somebody, or no longer.
    pub fn toggle(&mut self, id: CustomerId) {
        match self {
            Self::Some(ids) => match ids.iter().position(|marked| *marked == id) {
                Some(at) => _ = ids.remove(at),
                None => ids.push(id),
            },
            Self::Everybody => {}
        }
    }

    /// Marks everybody whom the query finds, or nobody.
    pub fn everybody(&mut self) {
        *self = if matches!(self, Self::Everybody) { Self::default() } else { Self::Everybody };
    }

    /// Another query stands in the bar.
    pub fn query_changed(&mut self) {
        if matches!(self, Self::Everybody) {
            self.clear();
        }
    }

    /// Marks all of `shown` from the one that was marked last to `to`, if both are there.
    pub fn range(&mut self, shown: &[CustomerId], to: CustomerId) -> Handled {
        let Self::Some(ids) = self else { return Handled::No };
        let place = |id: CustomerId| shown.iter().position(|shown| *shown == id);
        let (Some(from), Some(to)) = (ids.last().copied().and_then(place), place(to)) else { return Handled::No };
        for id in shown.get(from.min(to)..=from.max(to)).unwrap_or_default() {
            if !ids.contains(id) {
                ids.push(*id);
            }
        }
        Handled::Yes
    }

    /// To whom something would be done.
    pub fn target(&self, query: &str) -> Option<Target> {
        match self {
            Self::Some(ids) if ids.is_empty() => None,
            Self::Some(ids) => Some(Target::Marked(ids.clone())),
            Self::Everybody => Some(Target::Query(query.to_owned())),
        }
    }

    /// What is said of it.
    pub fn text(&self, env: &Env) -> Option<String> {
        let key = env.keymap.key_of(Cmd::Bulk, &[Place::Customers]);
        match self {
            Self::Some(ids) if ids.is_empty() => None,
            Self::Some(ids) => Some(env.ta("marked", &[("n", &ids.len()), ("key", &key)])),
            Self::Everybody => Some(env.ta("marked-all", &[("key", &key)])),
        }
    }
}
