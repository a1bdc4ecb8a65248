//! The service: one door through which every question and every action goes.
//!
//! **Invariant:** every rule of who may see or do what lives here; nothing above it holds a key or a plain value
//! that was not let out through the door.

pub mod door;
pub mod refusal;
pub mod view;

pub use door::{Action, AuditRequest, Change, Done, ImportRecord, NextStep, OnDuplicate, Query, View};
pub use refusal::{Fault, FieldFault, Refusal};
