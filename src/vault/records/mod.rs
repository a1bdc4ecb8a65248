//! Stored records: how each kind of thing is written down, with the version of its form.
//!
//! Every record is one version byte and then a CBOR sequence (RFC 8742) of its parts in a fixed order.
//! **Invariant:** a form that was shipped is read for ever; a change of form is a new version with its own reader.

mod cadence;
mod case;
mod codec;
mod consent;
mod customer;
mod customer_parts;
mod deal;
mod erasure;
mod factor;
mod field_change;
mod job;
mod keys;
mod loss;
mod rule;
mod saved_view;
mod settings;
mod staff;
mod staff_key;
mod template;
mod undo;
mod work;

pub use codec::{Reading, Record, Writing};
pub use customer::{Confirmed, Customer, Stored};
pub use customer_parts::StoredToken;
pub use erasure::Erasure;
pub use factor::Factor;
pub use field_change::{FieldChange, FieldChanges, Masks, Resealing, Stage as ResealStage, Turn, Wanted};
pub use job::{Job, JobConsent, JobConsents};
pub use keys::{KeysNote, RecoveryNote};
pub use settings::RecentReasons;
pub use staff::StaffKeys;
pub use undo::{Bond, Marked, Merge, Pairs, Restore, Row, UndoStep};
pub use work::Alert;
