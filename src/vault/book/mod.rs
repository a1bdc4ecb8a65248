//! The typed tables: each thing read and written together with its indexes.
//!
//! **Invariant:** an index row exists exactly where [`crate::vault::index`] says so for the stored record.

pub mod brought;
pub mod cadences;
pub mod cases;
pub mod consents;
pub mod customers;
pub mod deals;
pub mod erasures;
pub mod follow_ups;
pub mod having;
pub mod keys;
pub mod lists;
pub mod losses;
pub mod marks;
pub mod merged;
pub mod narrow;
pub mod pairs;
pub mod rules;
pub mod saved_views;
pub mod search;
pub mod settings;
pub mod staff;
pub mod staff_keys;
pub mod tags;
pub mod templates;
pub mod usage;
pub mod work;
