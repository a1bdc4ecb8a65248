//! The service: one door through which every question and every action goes.
//!
//! **Invariant:** every rule of who may see or do what lives here; nothing above it holds a key or a plain value
//! that was not let out through the door.

mod actor;
mod alerts;
mod audit_view;
pub mod automation;
mod backoff;
pub mod backups;
pub mod bulk;
mod bulk_change;
pub mod cadences;
pub mod cases;
mod committer;
pub mod consents;
mod contacts;
mod contradictions;
mod customers;
pub mod deals;
mod desk;
pub mod door;
pub mod duplicates;
mod erase;
mod establish;
pub mod examine;
mod export;
mod factor;
pub mod fields;
mod find;
mod flaws;
mod follow_ups;
mod found;
pub mod gate;
mod gate_error;
mod identify;
mod import;
mod indexing;
mod keeper;
pub mod key_state;
mod keys;
pub mod links;
mod loss_reasons;
mod losses;
mod merge;
mod pairs;
mod passes;
mod people;
pub mod pool;
mod present;
mod protection;
pub mod quality;
mod query;
mod record;
pub mod refusal;
mod rehearsal;
mod reveal;
pub mod rotation;
pub mod rules;
mod saved_views;
mod sealing;
mod second_step;
mod seen;
mod session;
mod settings;
mod sift;
mod sign_in;
mod staff_keys;
mod stays;
pub mod tags;
pub mod templates;
mod timeline;
mod today;
mod told;
mod undo;
mod uses;
pub mod view;

pub use backoff::Source;
pub use door::{
    Action, AuditRequest, Change, Contact, Done, FollowUpChange, ImportRecord, LossDraft, MergePart, NextStep,
    OnDuplicate, Query, View, ViewDraft,
};
pub use gate::{Caller, Deps, Gate, GateError, KdfChoice, NewVault, Presence, Purpose};
pub use keys::{passphrase_shape, recovery_shape};
pub use refusal::{Fault, FieldFault, Refusal};
pub use second_step::{Entered, Pending};
pub use session::Session;
