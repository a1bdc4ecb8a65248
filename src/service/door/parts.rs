//! What actions are made of.

use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::domain::columns::Columns;
use crate::domain::consent::{ConsentState, Purpose};
use crate::domain::customer::{Basis, CustomerKind, Stage};
use crate::domain::field::FieldKey;
use crate::domain::id::{CaseId, SavedViewId, StaffId};
use crate::domain::interaction::{Direction, InteractionKind};
use crate::domain::loss::LossReason;
use crate::domain::recurrence::Recurrence;
use crate::service::view::{Sharing, Sort};
use crate::text::Printable;

/// A change to one part of a customer.
#[derive(Clone)]
pub enum Change {
    /// Another name.
    Name(Printable),
    /// Person or company.
    Kind(CustomerKind),
    /// Another stage.
    Stage(Stage),
    /// Another owner, or the pool.
    Owner(Option<StaffId>),
    /// These tags instead.
    Tags(Vec<String>),
    /// Where the data came from.
    Source(Printable),
    /// The legal ground.
    Basis(Basis),
    /// Why the customer is lost; goes with the stage lost.
    Lost(LossDraft),
    /// A field's value as typed; checked and normalised behind the door. The old value is not shown.
    Set(FieldKey, Zeroizing<String>),
    /// No value.
    Clear(FieldKey),
    /// The customer declined to give it.
    Declined(FieldKey),
}

/// Names the part, not the value.
impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Set(key, _) => write!(f, "Set({key}, ..)"),
            Self::Clear(key) => write!(f, "Clear({key})"),
            Self::Declined(key) => write!(f, "Declined({key})"),
            Self::Name(_) => f.write_str("Name(..)"),
            Self::Kind(_) => f.write_str("Kind(..)"),
            Self::Stage(_) => f.write_str("Stage(..)"),
            Self::Owner(_) => f.write_str("Owner(..)"),
            Self::Tags(_) => f.write_str("Tags(..)"),
            Self::Source(_) => f.write_str("Source(..)"),
            Self::Basis(_) => f.write_str("Basis(..)"),
            Self::Lost(_) => f.write_str("Lost(..)"),
        }
    }
}

/// A part that a merge takes from the one who is merged away, though the kept one has their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergePart {
    /// The name.
    Name,
    /// The stage.
    Stage,
    /// A field.
    Field(FieldKey),
}

/// The next step that goes with a logged contact or a finished follow-up.
#[derive(Clone, Debug)]
pub struct NextStep {
    /// When.
    pub due: Timestamp,
    /// What.
    pub text: Printable,
    /// When it comes again.
    pub repeats: Option<Recurrence>,
}

impl NextStep {
    /// A step that comes once.
    pub fn once(due: Timestamp, text: Printable) -> Self {
        Self { due, text, repeats: None }
    }
}

/// Why a customer is lost, as somebody says it.
#[derive(Clone, Debug)]
pub struct LossDraft {
    /// Why.
    pub why: LossReason,
    /// More of it in words, which `other` demands.
    pub text: Printable,
    /// The follow-up by which they are to be won back, if there is to be one.
    pub back: Option<NextStep>,
}

/// A contact to be logged.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    /// How.
    pub kind: InteractionKind,
    /// Who began it.
    pub direction: Option<Direction>,
    /// How long it took, in minutes.
    pub minutes: Option<u16>,
    /// What was said.
    pub text: Printable,
    /// The ticket.
    pub ticket: Option<Printable>,
    /// The case, where its ticket is that of several; else the ticket says it.
    pub case: Option<CaseId>,
    /// What follows.
    pub next: Option<NextStep>,
}

/// A reminder written anew.
#[derive(Clone, Debug)]
pub struct FollowUpChange {
    /// When.
    pub due: Timestamp,
    /// What.
    pub text: Printable,
    /// When it comes again.
    pub repeats: Option<Recurrence>,
}

/// One customer out of a file.
#[derive(Clone, Debug)]
pub struct ImportRecord {
    /// The row in the file, from 1, the header not counted.
    pub row: u64,
    /// The owner's login name, where the file has one.
    pub owner: Option<String>,
    /// When the customer was first recorded elsewhere; a moment that is still to come counts as now.
    pub created: Option<Timestamp>,
    /// What they said of purposes.
    pub consents: Vec<(Purpose, ConsentState)>,
    /// All else. `Change::Set` values are as in the file.
    pub changes: Vec<Change>,
}

/// What to do with a row that matches a customer who is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDuplicate {
    /// Leave the row out.
    Skip,
    /// Fill what the customer lacks from the row.
    Merge,
    /// Add the row all the same.
    Keep,
}

crate::codes::codes!(OnDuplicate: Skip = "skip", Merge = "merge", Keep = "keep");

/// A query to be kept under a name.
#[derive(Clone, Debug)]
pub struct ViewDraft {
    /// The view that it takes the place of; none makes a new one.
    pub id: Option<SavedViewId>,
    /// Its name.
    pub name: Printable,
    /// The query.
    pub query: Printable,
    /// The order of the list.
    pub sort: Sort,
    /// Who finds it.
    pub sharing: Sharing,
    /// The columns of the list.
    pub columns: Columns,
}
