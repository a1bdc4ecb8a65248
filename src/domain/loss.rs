//! Why a customer is lost.
//!
//! **Invariant:** a customer has such a reason only while their stage is lost; one who is lost without a reason is one of
//! whom nobody said why.

use super::id::StaffId;
use crate::clock::Timestamp;
use crate::text::Printable;

/// The longest text beside a reason, in characters.
pub const LONGEST: usize = 200;

/// What made a customer go: a number of the vault's list of reasons. Those that ship have these numbers in every vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LossReason(pub u16);

impl LossReason {
    /// It cost too much.
    pub const PRICE: Self = Self(0);
    /// Another firm has them.
    pub const COMPETITOR: Self = Self(1);
    /// They do not need it, or not any more.
    pub const NO_NEED: Self = Self(2);
    /// They do not answer.
    pub const NO_ANSWER: Self = Self(3);
    /// They moved away or closed down.
    pub const MOVED_AWAY: Self = Self(4);
    /// They were not served well.
    pub const SERVICE: Self = Self(5);
    /// Something else, which is then said in words.
    pub const OTHER: Self = Self(6);
}

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
