//! What can be done with deals and pipelines, as plain data, and what can be asked of them.
//!
//! **Invariant:** the `Debug` of an action names it and its deal, never what a deal is about.

use crate::domain::audit::Object;
use crate::domain::deal::{DealDraft, PipelineChange};
use crate::domain::id::{CustomerId, DealId, PipelineId, StaffId, StageId};
use crate::domain::role::Permission;
use crate::service::rules::{Rule, ScopeCheck, Tried, Undoable, rule};
use crate::service::view::Whose;
use crate::text::Printable;

/// Something done with a deal. A number is the version that it was based on.
#[derive(Clone)]
pub enum DealAction {
    /// Open one with a customer.
    Add(CustomerId, DealDraft),
    /// Change what it says.
    Edit(DealId, u64, DealDraft),
    /// Move it to another open stage.
    Move(DealId, u64, Shift),
    /// It is won.
    Win(DealId, u64),
    /// It is lost, and why.
    Lose(DealId, u64, Printable),
    /// It is under way again, in its last open stage.
    Reopen(DealId, u64),
    /// Give it to somebody who may work with it.
    Give(DealId, u64, StaffId),
    /// It never was one.
    Remove(DealId, u64),
    /// Change the pipelines.
    Pipeline(PipelineChange),
}

/// Where a deal is moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// This stage.
    To(StageId),
    /// One on.
    On,
    /// One back.
    Back,
}

/// Names the action, and nothing of what it carries.
impl std::fmt::Debug for DealAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Add(..) => "Add",
            Self::Edit(..) => "Edit",
            Self::Move(..) => "Move",
            Self::Win(..) => "Win",
            Self::Lose(..) => "Lose",
            Self::Reopen(..) => "Reopen",
            Self::Give(..) => "Give",
            Self::Remove(..) => "Remove",
            Self::Pipeline(_) => "Pipeline",
        })
    }
}

impl DealAction {
    /// Its row in the table of actions.
    pub fn rule(&self) -> Rule {
        let deals = |verb| rule(verb, Some(Permission::Deals), ScopeCheck::OneCustomer, Undoable::Yes);
        match self {
            Self::Add(..) => deals("deal.add"),
            Self::Edit(..) => deals("deal.edit"),
            Self::Move(..) => deals("deal.move"),
            Self::Win(..) => deals("deal.win"),
            Self::Lose(..) => deals("deal.lose"),
            Self::Reopen(..) => deals("deal.reopen"),
            Self::Give(..) => deals("deal.give"),
            Self::Remove(..) => deals("deal.remove"),
            Self::Pipeline(_) => {
                rule("pipeline.set", Some(Permission::ManagePolicy), ScopeCheck::Nobody, Undoable::Yes)
            }
        }
    }

    /// What it is about.
    pub fn tried(&self) -> Tried {
        let object = match self {
            Self::Add(customer, _) => Object::Customer(customer.0),
            Self::Edit(id, ..)
            | Self::Move(id, ..)
            | Self::Win(id, _)
            | Self::Lose(id, ..)
            | Self::Reopen(id, _)
            | Self::Give(id, ..)
            | Self::Remove(id, _) => Object::Deal(id.0),
            Self::Pipeline(_) => Object::None,
        };
        Tried { object, field: None, reason: None }
    }
}

/// Something asked of deals.
#[derive(Clone, Debug)]
pub enum DealQuery {
    /// The stages of one pipeline with the deals in them.
    Board(BoardRequest),
    /// One deal.
    One(DealId),
    /// The pipelines.
    Pipelines,
}

impl DealQuery {
    /// The verb that a refused question is recorded with.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Pipelines => "pipeline.list",
            Self::Board(_) | Self::One(_) => "deal.list",
        }
    }
}

/// A question to the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoardRequest {
    /// Which pipeline; none is the first.
    pub pipeline: Option<PipelineId>,
    /// Whose deals.
    pub whose: Whose,
    /// At most this many of a stage, up to 500; counts and sums are of all.
    pub limit: u16,
}
