//! Cases as lists show them.
//!
//! **Invariant:** nothing here holds a field of a customer but the name, as a list shows it.

use super::agenda::When;
use super::customer::{Shown, TimelineItem};
use crate::domain::case::Case;

/// One case with what a list shows beside it.
#[derive(Clone, Debug)]
pub struct CaseRow {
    /// The case.
    pub case: Case,
    /// The customer's name.
    pub customer: Shown,
    /// Who has it.
    pub holder: Option<String>,
    /// Its due time against now; later where it has none.
    pub when: When,
}

/// A case, opened.
#[derive(Clone, Debug)]
pub struct CaseDetail {
    /// The case.
    pub row: CaseRow,
    /// What was logged and done about it, newest first.
    pub timeline: Vec<TimelineItem>,
}

/// An answer about cases.
#[derive(Clone, Debug)]
pub enum CaseView {
    /// To a question for several.
    Rows(Vec<CaseRow>),
    /// To a question for one.
    One(Box<CaseRow>),
    /// To a question for one that was opened.
    Again(Box<CaseDetail>),
}
