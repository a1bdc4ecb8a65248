//! What is wrong with the data of customers: how much of each kind, and where.
//!
//! **Invariant:** a row names a part of a customer, never what stands in it.

use super::customer::Shown;
use super::list::Cursor;
use crate::codes::codes;
use crate::domain::id::CustomerId;

/// A kind of what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlawKind {
    /// Something that should be there is not.
    Missing,
    /// A value is not what its field asks for.
    Invalid,
    /// Two things that are known cannot both be right.
    Contradictory,
    /// A value was not confirmed for long.
    Stale,
    /// A value is kept for longer than its field says.
    Kept,
}

codes!(FlawKind: Missing = "missing", Invalid = "invalid", Contradictory = "contradictory", Stale = "stale",
    Kept = "kept");

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlawWhy {
    /// A required field is empty.
    Empty,
    /// Nobody owns them.
    NoOwner,
    /// Nobody said on what ground the data is kept.
    NoBasis,
    /// Nothing is to be done next.
    NoNextStep,
    /// Nobody said why the customer is lost.
    NoLossReason,
    /// The value does not pass its field's check any more.
    NotAValue,
    /// Birthday and date of birth differ.
    TwoBirthdays,
    /// A birth or a gender is not what the resident ID tells.
    OtherOnCard,
    /// The customer is lost and a deal is open.
    OpenDeal,
    /// A reminder waits for somebody who was shut out.
    ShutOut,
    /// Nobody confirmed the value for as many months as the policy says.
    NotConfirmed,
    /// Nobody spoke with them for more months than the field's values may be kept.
    KeptTooLong,
}

codes!(FlawWhy: Empty = "empty", NoOwner = "no_owner", NoBasis = "no_basis", NoNextStep = "no_next_step",
    NoLossReason = "no_loss_reason",
    NotAValue = "not_a_value", TwoBirthdays = "two_birthdays", OtherOnCard = "other_on_card",
    OpenDeal = "open_deal", ShutOut = "shut_out",
    NotConfirmed = "not_confirmed", KeptTooLong = "kept_too_long");

impl FlawWhy {
    /// Its kind.
    pub fn kind(self) -> FlawKind {
        match self {
            Self::Empty | Self::NoOwner | Self::NoBasis | Self::NoNextStep | Self::NoLossReason => FlawKind::Missing,
            Self::NotAValue => FlawKind::Invalid,
            Self::NotConfirmed => FlawKind::Stale,
            Self::KeptTooLong => FlawKind::Kept,
            Self::TwoBirthdays | Self::OtherOnCard | Self::OpenDeal | Self::ShutOut => FlawKind::Contradictory,
        }
    }
}

/// What answers a [`QualityQuery`](crate::service::view::QualityQuery).
#[derive(Clone, Debug)]
pub enum QualityView {
    /// How much.
    Counts(FlawCounts),
    /// What and where.
    Page(FlawPage),
}

/// How much is wrong in a stretch of the list.
#[derive(Clone, Debug)]
pub struct FlawCounts {
    /// By kind.
    pub counts: Vec<(FlawKind, u64)>,
    /// How many customers were looked at.
    pub looked: u64,
    /// From where to go on, where there are more.
    pub resume: Option<Cursor>,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct FlawRow {
    /// With whom.
    pub customer: CustomerId,
    /// As a list shows them.
    pub name: Shown,
    /// Which part: a field's key, `owner`, `basis`, `next` or `loss`.
    pub part: String,
    /// What is wrong with it.
    pub why: FlawWhy,
}

/// A stretch of what is wrong.
#[derive(Clone, Debug)]
pub struct FlawPage {
    /// The rows.
    pub rows: Vec<FlawRow>,
    /// From where to go on, where there may be more.
    pub resume: Option<Cursor>,
}
