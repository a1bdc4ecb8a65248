//! Deals as lists and the board show them.
//!
//! **Invariant:** nothing here holds a field of a customer but the name, as a list shows it.

use super::customer::Shown;
use crate::domain::deal::{Deal, Pipelines, Stage};
use crate::domain::id::PipelineId;
use crate::domain::label::Label;
use crate::domain::money::Money;
use crate::service::view::Whose;

/// One deal with what a list shows beside it.
#[derive(Clone, Debug)]
pub struct DealRow {
    /// The deal.
    pub deal: Deal,
    /// The customer's name.
    pub customer: Shown,
    /// The owner's name.
    pub owner: String,
    /// The stage that it stands in.
    pub stage: Stage,
    /// Whole days in this stage.
    pub days: u32,
    /// Whether that is too long.
    pub sits: Sits,
}

impl DealRow {
    /// How probable it is, in per cent.
    pub fn probability(&self) -> u8 {
        self.deal.probability.unwrap_or(self.stage.probability)
    }
}

/// Whether a deal stands in its stage for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sits {
    /// No.
    Well,
    /// Yes.
    TooLong,
}

/// The stages of one pipeline with their deals.
#[derive(Clone, Debug)]
pub struct Board {
    /// Which pipeline.
    pub pipeline: PipelineId,
    /// Its name.
    pub name: Label,
    /// All pipelines, to choose from.
    pub pipelines: Vec<(PipelineId, Label)>,
    /// Whose deals.
    pub whose: Whose,
    /// The stages in their order; retired ones only where deals are in them.
    pub columns: Vec<Column>,
}

/// One stage.
#[derive(Clone, Debug)]
pub struct Column {
    /// Which.
    pub stage: Stage,
    /// How many deals are in it; of what is won or lost, those of the last 90 days.
    pub count: u64,
    /// Their sums, one a currency, the largest number of deals first.
    pub sums: Vec<Money>,
    /// The deals; of open ones those that stand longest first, of settled ones the latest first.
    pub cards: Vec<DealRow>,
}

/// An answer about deals.
#[derive(Clone, Debug)]
pub enum DealView {
    /// To a question for the board.
    Board(Box<Board>),
    /// To a question for one.
    One(Box<DealRow>),
    /// To a question for the pipelines.
    Pipelines(Pipelines),
}
