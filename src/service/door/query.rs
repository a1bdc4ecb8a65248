//! Questions, and what answers them.
//!
//! **Invariant:** a [`View`] holds masked values only.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::domain::audit::EntryFilter;
use crate::domain::field::FieldKey;
use crate::domain::id::{CustomerId, EntrySeq};
use crate::domain::working_days::WorkingDays;
use crate::service::key_state::KeysState;
use crate::service::view::*;

/// What can be asked for. A query changes nothing but what is counted of reading.
#[derive(Clone, Debug)]
pub enum Query {
    /// Who is signed in and what they may do.
    Me,
    /// The fields.
    Schema,
    /// How far fields are whose protection is being changed.
    FieldChanges,
    /// Where a field is used.
    FieldUses(FieldKey),
    /// What waits for this person.
    Today,
    /// A stretch of the list of customers.
    Customers(ListRequest),
    /// What queries can name, for completion.
    Vocabulary,
    /// The queries kept under a name: one's own, then those that others share.
    SavedViews,
    /// What is wrong with the data.
    Quality(QualityQuery),
    /// The tags, with how many customers in scope have each.
    Tags,
    /// The reasons for which customers are lost, with how many have each.
    LossReasons,
    /// The same list alone, as forms offer it.
    LossList,
    /// Something about templates.
    Templates(TemplateQuery),
    /// Something about cadences.
    Cadences(CadenceQuery),
    /// Something about the shared pool.
    Pool(PoolQuery),
    /// What would come of something done to many.
    BulkPreview(Target, Bulk),
    /// What would go out into a file.
    ExportPreview(ExportOrder),
    /// A customer that was opened in this session, anew.
    Refresh(CustomerId),
    /// What the reveal prompt of a field should say.
    RevealPrompt(CustomerId, FieldKey),
    /// Something about deals.
    Deals(DealQuery),
    /// Something about cases.
    Cases(CaseQuery),
    /// The purposes of consents with their wordings.
    Purposes,
    /// Which days are not as their weekday says.
    WorkingDays,
    /// Reminders.
    FollowUps(FollowUpRequest),
    /// The reminders that are told of on every screen.
    Reminders,
    /// A stretch of the record of actions, newest first.
    Audit(AuditRequest),
    /// One entry with all that it says.
    AuditEntry(EntrySeq),
    /// The state of the record's chain.
    Chain,
    /// The staff.
    Staff,
    /// Who is signed in now, and from where.
    Sessions,
    /// The rules, in the order in which they were added.
    Rules,
    /// The roles as they stand.
    Roles,
    /// The policy values.
    Policy,
    /// The imports, newest first.
    Imports,
    /// What an undo would take back.
    UndoNext,
    /// How the vault's keys stand.
    Keys,
    /// The draft that was kept at the last lock, once.
    Draft,
    /// How old the backups are.
    BackupHealth,
    /// The backups: places, what happened, settings.
    Backups,
}

/// An answer to a [`Query`], variant for variant.
#[allow(missing_docs)]
pub enum View {
    Me(Me),
    Schema(crate::domain::field::Schema),
    FieldChanges(Vec<FieldProgress>),
    FieldUses(Vec<FieldUse>),
    Today(Today),
    Customers(Page),
    Vocabulary(Arc<crate::domain::query::Vocabulary>),
    SavedViews(Vec<ViewRow>),
    Quality(QualityView),
    Tags(Vec<TagRow>),
    LossReasons(Vec<LossRow>),
    LossList(crate::domain::loss_reasons::LossReasons),
    Templates(TemplateView),
    Cadences(CadenceView),
    Pool(PoolPage),
    BulkPreview(BulkReport),
    ExportPreview(ExportReport),
    Customer(Box<CustomerDetail>),
    RevealPrompt(RevealPrompt),
    Deals(DealView),
    Cases(CaseView),
    Purposes(Vec<PurposeRow>),
    WorkingDays(WorkingDays),
    FollowUps(Vec<FollowUpRow>),
    Reminders(Reminders),
    Audit(AuditPage),
    AuditEntry(Box<AuditRow>),
    Chain(ChainState),
    Staff(Vec<StaffRow>),
    Sessions(Vec<SessionRow>),
    Rules(Vec<RuleRow>),
    Roles(Vec<crate::domain::role::Role>),
    Policy(crate::domain::policy::Policy),
    Imports(Vec<ImportRow>),
    UndoNext(Option<UndoLabel>),
    Keys(KeysState),
    Draft(Option<Zeroizing<Vec<u8>>>),
    BackupHealth(BackupHealth),
    Backups(Box<BackupsView>),
}

/// Says which answer it is: names of customers and the like are personal, masked or not.
impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Me(_) => "Me(..)",
            Self::Schema(_) => "Schema(..)",
            Self::FieldUses(_) => "FieldUses(..)",
            Self::FieldChanges(_) => "FieldChanges(..)",
            Self::Today(_) => "Today(..)",
            Self::Customers(_) => "Customers(..)",
            Self::Vocabulary(_) => "Vocabulary(..)",
            Self::SavedViews(_) => "SavedViews(..)",
            Self::Quality(_) => "Quality(..)",
            Self::Tags(_) => "Tags(..)",
            Self::LossReasons(_) => "LossReasons(..)",
            Self::LossList(_) => "LossList(..)",
            Self::Templates(_) => "Templates(..)",
            Self::Cadences(_) => "Cadences(..)",
            Self::Pool(_) => "Pool(..)",
            Self::BulkPreview(_) => "BulkPreview(..)",
            Self::ExportPreview(_) => "ExportPreview(..)",
            Self::Customer(_) => "Customer(..)",
            Self::RevealPrompt(_) => "RevealPrompt(..)",
            Self::Deals(_) => "Deals(..)",
            Self::Cases(_) => "Cases(..)",
            Self::Purposes(_) => "Purposes(..)",
            Self::WorkingDays(_) => "WorkingDays(..)",
            Self::FollowUps(_) => "FollowUps(..)",
            Self::Reminders(_) => "Reminders(..)",
            Self::Audit(_) => "Audit(..)",
            Self::AuditEntry(_) => "AuditEntry(..)",
            Self::Chain(_) => "Chain(..)",
            Self::Staff(_) => "Staff(..)",
            Self::Sessions(_) => "Sessions(..)",
            Self::Rules(_) => "Rules(..)",
            Self::Roles(_) => "Roles(..)",
            Self::Policy(_) => "Policy(..)",
            Self::Imports(_) => "Imports(..)",
            Self::UndoNext(_) => "UndoNext(..)",
            Self::Keys(_) => "Keys(..)",
            Self::Draft(_) => "Draft(..)",
            Self::BackupHealth(_) => "BackupHealth(..)",
            Self::Backups(_) => "Backups(..)",
        })
    }
}

/// A question to the record of actions.
#[derive(Clone, Debug, Default)]
pub struct AuditRequest {
    /// Which entries.
    pub filter: EntryFilter,
    /// Only entries before this one.
    pub before: Option<EntrySeq>,
    /// At most this many.
    pub limit: u16,
}
