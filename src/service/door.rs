//! The door: everything that can be asked for and everything that can be done, as plain data.
//!
//! **Invariant:** a [`View`] holds masked values only. There is no query that returns an unmasked one; only
//! [`Action::Reveal`] and [`Action::Copy`] answer with a [`Revealed`](crate::privacy::reveal::Revealed), which expires.

mod action;
mod done;
mod parts;
mod query;

pub use action::Action;
pub use done::Done;
pub use parts::{
    Change, Contact, FollowUpChange, ImportRecord, LossDraft, MergePart, NextStep, OnDuplicate, ViewDraft,
};
pub use query::{AuditRequest, Query, View};
