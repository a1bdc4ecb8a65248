//! The reasons for which customers are lost, and how many have each.
//!
//! **Invariant:** a row names nobody.

use super::list::Total;
use crate::domain::loss_reasons::ReasonDef;

/// A reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LossRow {
    /// What it is.
    pub def: ReasonDef,
    /// How many customers are lost for it; told to whoever may change the list.
    pub customers: Option<Total>,
    /// How many rules ask for it; told to the same.
    pub rules: Option<usize>,
}
