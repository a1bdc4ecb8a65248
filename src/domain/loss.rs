//! Why a customer is lost.
//!
//! **Invariant:** a customer has such a reason only while their stage is lost; one who is lost without a reason is one of
//! whom nobody said why.

use super::id::StaffId;
use crate::clock::Timestamp;
use crate::codes::codes;
use crate::text::Printable;

/// The longest text beside a reason, in characters.
pub const LONGEST: usize = 200;

/// What made a customer go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LossReason {
    /// It cost too much.
    #[default]
    Price,
    /// Another firm has them.
    Competitor,
    /// They do not need it, or not any more.
    NoNeed,
    /// They do not answer.
    NoAnswer,
    /// They moved away or closed down.
    MovedAway,
    /// They were not served well.
    Service,
    /// Something else, which is then said in words.
    Other,
}

codes!(LossReason: Price = "price", Competitor = "competitor", NoNeed = "no_need", NoAnswer = "no_answer",
    MovedAway = "moved_away", Service = "service", Other = "other");

/// That a customer is lost, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Why.
    pub why: LossReason,
    /// More of it in words; internal, as notes are.
    pub text: Printable,
    /// When somebody said so.
    pub at: Timestamp,
    /// Who.
    pub by: StaffId,
}
