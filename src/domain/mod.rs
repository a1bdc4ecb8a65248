//! The words of the business: customers, fields, interactions, follow-ups, deals, staff, roles, and the record.
//!
//! **Invariant:** nothing here does I/O, holds a key or reads the clock, and no type that holds a customer's data
//! derives `Serialize`: what is stored has its own types in `vault::records`, what is printed its own in `cli`.

pub mod audit;
pub mod audit_query;
pub mod cadence;
pub mod case;
pub mod columns;
pub mod consent;
pub mod contradiction;
pub mod customer;
pub mod deal;
pub mod field;
pub mod follow_up;
pub mod ical;
pub mod id;
pub mod identifier;
pub mod interaction;
pub mod label;
pub mod loss;
pub mod loss_reasons;
pub mod money;
pub mod policy;
pub mod query;
pub mod reason;
pub mod recurrence;
pub mod role;
pub mod rule;
pub mod saved_view;
pub mod schema;
pub mod staff;
pub mod staff_key;
pub mod template;
pub mod value;
pub mod when;
pub mod working_days;
