//! Customers on their way into a file: what is asked for, what would come of it, and the file's bytes.
//!
//! **Invariant:** neither the query nor anything of the file shows in `Debug`.

use zeroize::Zeroizing;

use super::bulk::{Left, Target};
use crate::domain::columns::Part;
use crate::domain::field::FieldKey;

/// Which customers, and what of them.
#[derive(Clone, Debug)]
pub struct ExportOrder {
    /// Whom.
    pub target: Target,
    /// What of them besides the name, in this order; nothing means everything but what goes out by its name alone.
    pub parts: Option<Vec<Part>>,
    /// Masked fields that go out with their values, each of which counts as a reveal.
    pub values: Vec<FieldKey>,
}

/// What would go out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportReport {
    /// How many customers.
    pub going: u64,
    /// How many are left out, by reason.
    pub left: Vec<(Left, u64)>,
    /// How many masked values, each a reveal.
    pub values: u64,
}

/// What went out.
pub struct Exported {
    /// How many, and who was left out.
    pub report: ExportReport,
    /// The file's bytes: CSV in UTF-8 with a byte order mark.
    pub csv: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Exported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Exported({} customers, {} bytes)", self.report.going, self.csv.len())
    }
}
