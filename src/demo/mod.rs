//! Made-up, believable customers for the sample vault, for tests and for benchmarks.
//!
//! Two thirds come from the Chinese mainland and one third from elsewhere, one in seven is a company, and the firm that
//! keeps them sells tea and coffee. Everything is drawn from word lists that stand here.
//!
//! **Invariant:** equal seed, index and moment give equal customers, and a customer does not depend on those before it,
//! so that any number can be made as a stream. No phone, identity number, card or mailbox is a real person's on purpose
//! (see `numbers`). Every value passes `domain::value::check`.

mod dice;
mod firms;
mod history;
pub mod labelled;
mod load;
mod make;
mod names_world;
mod names_zh;
mod numbers;
mod person;
mod places;
pub mod sample;
mod staff;
mod talk;
mod trade;

pub use load::{CHUNK, Sink, load};
pub use staff::{LEAD, MadeStaff, OWNER, SALES, SUPPORT, staff};

use chrono::{DateTime, FixedOffset};

use crate::clock::Timestamp;
use crate::domain::deal::DealStage;
use crate::domain::field::FieldKey;
use crate::domain::follow_up::FollowUpState;
use crate::domain::interaction::InteractionKind;
use crate::domain::reason::ReasonCode;
use crate::service::Change;
use crate::text::Printable;

/// One made-up customer with all that happened. Places of staff are those in [`staff()`].
#[derive(Clone, Debug)]
pub struct Made {
    /// Its place in the stream, from 0.
    pub index: u64,
    /// Name, kind, stage, tags, source, basis and fields, as a person would type them.
    pub customer: Vec<Change>,
    /// Who works with it; nobody means the pool.
    pub owner: Option<u8>,
    /// When it was added; up to three years ago.
    pub created: Timestamp,
    /// The contacts, the oldest first.
    pub interactions: Vec<MadeInteraction>,
    /// The reminders, the earliest first.
    pub follow_ups: Vec<MadeFollowUp>,
    /// The opportunities, the oldest first.
    pub deals: Vec<MadeDeal>,
    /// Reveals of masked fields, the oldest first.
    pub looks: Vec<MadeLook>,
}

/// One logged contact.
#[derive(Clone, Debug)]
pub struct MadeInteraction {
    /// When.
    pub at: Timestamp,
    /// How.
    pub kind: InteractionKind,
    /// What was said.
    pub text: Printable,
    /// By whom.
    pub by: u8,
    /// The ticket.
    pub ticket: Option<String>,
}

/// One reminder.
#[derive(Clone, Debug)]
pub struct MadeFollowUp {
    /// When it is due.
    pub due: Timestamp,
    /// When it was set.
    pub created: Timestamp,
    /// What is to be done.
    pub text: Printable,
    /// Who is to do it.
    pub assignee: u8,
    /// Whether it waits.
    pub state: FollowUpState,
}

/// One opportunity.
#[derive(Clone, Debug)]
pub struct MadeDeal {
    /// What it is about.
    pub title: Printable,
    /// In minor units.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: &'static str,
    /// Where it stands.
    pub stage: DealStage,
    /// Whose it is.
    pub owner: u8,
    /// When it was opened.
    pub created: Timestamp,
}

/// One reveal, for the record of actions.
#[derive(Clone, Debug)]
pub struct MadeLook {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: u8,
    /// Which field.
    pub field: FieldKey,
    /// Why.
    pub reason: ReasonCode,
}

/// `count` made-up customers as of `now`, whose zone is that of the made-up firm's office hours. The same `seed` gives the
/// same ones.
pub fn customers(seed: u64, count: u64, now: DateTime<FixedOffset>) -> impl Iterator<Item = Made> {
    (0..count).map(move |index| make::one(seed, index, now))
}

#[cfg(test)]
mod tests;
