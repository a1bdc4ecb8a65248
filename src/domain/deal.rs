//! An opportunity in a pipeline stage.

use super::id::{CustomerId, DealId, StaffId};
use crate::clock::Timestamp;
use crate::codes::codes;
use crate::text::Printable;

/// Where an opportunity stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DealStage {
    /// Just found.
    #[default]
    New,
    /// An offer is out.
    Offered,
    /// Terms are being settled.
    Negotiation,
    /// Won.
    Won,
    /// Lost.
    Lost,
}

codes!(DealStage: New = "new", Offered = "offered", Negotiation = "negotiation", Won = "won", Lost = "lost");

/// One opportunity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// Its id.
    pub id: DealId,
    /// With whom.
    pub customer: CustomerId,
    /// Whose it is.
    pub owner: StaffId,
    /// What it is about.
    pub title: Printable,
    /// In minor units of `currency` (fen, cents).
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Where it stands.
    pub stage: DealStage,
    /// When it was opened.
    pub created: Timestamp,
}
