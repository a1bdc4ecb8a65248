//! Cadences as they are listed.

use crate::domain::cadence::Cadence;
use crate::domain::id::CadenceId;

/// What answers a [`CadenceQuery`](crate::service::view::CadenceQuery).
#[derive(Clone, Debug)]
pub enum CadenceView {
    /// All of them, by name.
    Rows(Vec<Cadence>),
    /// On how many customers one runs.
    Running(CadenceId, u64),
}
