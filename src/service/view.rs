//! What comes back through the door: plain data, masked.
//!
//! **Invariant:** no type here can hold a sealed field's plain value.

mod agenda;
mod bulk;
mod cadence;
mod case;
mod consent;
mod customer;
mod deal;
mod duplicate;
mod export;
mod field;
mod flaw;
mod imports;
mod list;
mod loss;
mod person;
mod pool;
mod record;
mod rule;
mod standing;
mod tag;
mod template;

use crate::domain::role::RoleName;

pub use super::automation::RuleAction;
pub use super::backups::history::{Event as BackupEvent, What as BackupWhat};
pub use super::backups::policy::BackupPolicy;
pub use super::backups::view::*;
pub use super::backups::{Cause as BackupCause, Kind as BackupKind, Phase as BackupPhase};
pub use super::cadences::{CadenceAction, CadenceQuery};
pub use super::cases::{CaseAction, CaseQuery, Held};
pub use super::consents::ConsentAction;
pub use super::deals::{BoardRequest, DealAction, DealFault, DealQuery, Shift};
pub use crate::likeness::{Evidence, Level, Trait};
pub use crate::service::flaws::QualityQuery;
pub use crate::service::links::LinkAction;
pub use crate::service::pool::{PoolAction, PoolQuery};
pub use crate::service::templates::{TemplateAction, TemplateQuery};
pub use agenda::{AlertKind, AlertRow, Due, FollowUpRequest, FollowUpRow, Reminders, Today, When, Whose};
pub use bulk::{Bulk, BulkReport, Left, Target};
pub use cadence::CadenceView;
pub use case::{CaseDetail, CaseRow, CaseView};
pub use consent::{Asked, ConsentHappening, ConsentRow, ConsentSaid, PurposeRow};
pub use customer::{
    CopyRight, CustomerDetail, DealHappening, Effort, FieldShown, Happening, LinkedRow, Look, Match, RevealPrompt,
    Shown, TicketRule, TimelineItem, Verdict,
};
pub use deal::{Board, Column, DealRow, DealView, Sits};
pub use duplicate::DuplicatePair;
pub use export::{ExportOrder, ExportReport, Exported};
pub use field::{FieldProgress, FieldUse, OnTheWay, Turning, UsedIn};
pub use flaw::{FlawCounts, FlawKind, FlawPage, FlawRow, FlawWhy, QualityView};
pub use imports::{ChunkReport, ImportRow, ImportState, Rehearsal};
pub use list::{Anchor, Cursor, CustomerRow, ListRequest, Page, Sharing, Sort, Total, ViewRow};
pub use loss::LossRow;
pub use person::{FactorOffer, FactorState, Me, SessionRow, StaffRow, Wanted};
pub use pool::{PoolPage, PoolRow, PoolTaken, PoolTakes, PoolWarning, days_left};
pub use record::{AuditPage, AuditRow, ChainCheck, ChainState};
pub use rule::{DryRun, RuleOdd, RuleRow, Swept};
pub use standing::{Examined, KeysDue, Odd, Seen, SeenKind};
pub use tag::{Retired, TagRow};
pub use template::{Filled, TemplateRow, TemplateView};

/// What an undo takes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoLabel {
    /// The audit verb of what is taken back.
    pub action: String,
    /// About whom, as a list shows it.
    pub about: String,
    /// What whoever takes it back should be asked first, since nothing brings it forth again.
    pub asks: Option<UndoAsks>,
}

/// Why somebody may not mean what an undo would take back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoAsks {
    /// It brought many at once.
    Import,
    /// It was done before this session began.
    Earlier,
    /// Something was done since that cannot be taken back: its audit verb.
    Behind(String),
}

/// Whose key or permission is missing and who could give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoCanHelp(pub Vec<RoleName>);
