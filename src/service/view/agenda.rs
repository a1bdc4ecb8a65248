//! What waits for a person: reminders, alerts, and the day's summary of both.
//!
//! **Invariant:** nothing here holds a field of a customer but the name, as a list shows it.

use super::case::CaseRow;
use super::customer::Shown;
use super::pool::PoolWarning;
use super::standing::KeysDue;
use crate::clock::Timestamp;
use crate::domain::field::FieldKey;
use crate::domain::follow_up::FollowUp;
use crate::domain::id::{AlertId, StaffId};
use crate::domain::staff::LoginName;
use crate::privacy::class::FieldClass;
use crate::privacy::mask::MaskKind;
use crate::service::backups::view::BackupHealth;

/// Which reminders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Due {
    /// Past their time.
    Overdue,
    /// Due today, what is overdue included.
    Today,
    /// Due within seven days, what is overdue included.
    Week,
    /// Overdue, or put off before.
    Slipped,
    /// All that are open.
    #[default]
    All,
}

crate::codes::codes!(Due: Overdue = "overdue", Today = "today", Week = "week", Slipped = "slipped", All = "all");

/// Whose reminders or deals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// One's own.
    #[default]
    Mine,
    /// Those of one's team.
    Team,
    /// All within one's scope.
    All,
}

crate::codes::codes!(Whose: Mine = "mine", Team = "team", All = "all");

/// A question to the agenda.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FollowUpRequest {
    /// Which.
    pub due: Due,
    /// Whose.
    pub whose: Whose,
    /// Only those due from the one moment to before the other, such as a month.
    pub between: Option<(Timestamp, Timestamp)>,
    /// At most this many, up to 1,000.
    pub limit: u16,
}

/// One reminder with what a list shows of its customer.
#[derive(Clone, Debug)]
pub struct FollowUpRow {
    /// The reminder.
    pub follow_up: FollowUp,
    /// The customer's name.
    pub customer: Shown,
    /// Whose it is.
    pub assignee: LoginName,
    /// When it is due against now.
    pub when: When,
}

/// A due time against the present day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// Past.
    Overdue,
    /// Later today.
    Today,
    /// Later.
    Later,
}

/// What waits for a person.
#[derive(Clone, Debug, Default)]
pub struct Today {
    /// Past due, the oldest first; at most 50.
    pub overdue: Vec<FollowUpRow>,
    /// Due today; at most 50.
    pub today: Vec<FollowUpRow>,
    /// Due in the next seven days; at most 50.
    pub next: Vec<FollowUpRow>,
    /// Cases that are not closed, of this person's and nobody's, the earliest due first; at most 50.
    pub cases: Vec<CaseRow>,
    /// Open alerts, where the role reads them.
    pub alerts: Vec<AlertRow>,
    /// Class keys that this person can hand over.
    pub grants: Vec<(StaffId, LoginName, FieldClass)>,
    /// Looser classes and masks of fields that this person can agree to.
    pub fields: Vec<(FieldKey, FieldClass, MaskKind)>,
    /// Customers whose legal basis nobody has said yet.
    pub without_basis: u64,
    /// How many of one's own customers go to the pool soon.
    pub pool: PoolWarning,
    /// When the last checkpoint was signed.
    pub checkpoint: Option<Timestamp>,
    /// What somebody who can ought to do about the vault's keys.
    pub keys_due: KeysDue,
    /// How old the backups are.
    pub backups: BackupHealth,
}

/// One alert.
#[derive(Clone, Debug)]
pub struct AlertRow {
    /// Its id.
    pub id: AlertId,
    /// When it was raised.
    pub at: Timestamp,
    /// About whom.
    pub about: String,
    /// What was noticed.
    pub kind: AlertKind,
    /// The number that went past the limit.
    pub count: u64,
}

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertKind {
    /// The hour's reveals are used up.
    QuotaSpent,
    /// Too many customers opened.
    OpensLimit,
    /// Too many rows paged through.
    RowsLimit,
    /// Three wrong tries at verifying.
    VerifyTries,
    /// Many refused sign-ins.
    SignIns,
    /// Too many searches by an identifier, or values asked about.
    SearchesLimit,
    /// An older copy of the file was put back.
    OlderFile,
    /// Somebody worked on a copy of the file.
    OtherCopy,
    /// A deep check found something wrong.
    CheckFailed,
    /// Wrong codes after a right passphrase.
    WrongCodes,
    /// Somebody's second factor was taken away by an owner.
    FactorReset,
    /// Many customers were taken out into a file.
    Exported,
    /// Somebody made a field's protection stricter.
    FieldStricter,
    /// Somebody wants a field to be less protected, or agreed to it.
    FieldLooser,
}

crate::codes::codes!(AlertKind: QuotaSpent = "quota_spent", OpensLimit = "opens_limit", RowsLimit = "rows_limit",
    VerifyTries = "verify_tries", SignIns = "sign_ins", SearchesLimit = "searches_limit",
    OlderFile = "older_file", OtherCopy = "other_copy",
    CheckFailed = "check_failed", WrongCodes = "wrong_codes", FactorReset = "factor_reset", Exported = "exported",
    FieldStricter = "field_stricter",
    FieldLooser = "field_looser");

/// The reminders that a session tells of whatever is on its screen.
#[derive(Clone, Debug, Default)]
pub struct Reminders {
    /// Those that came due within the last hours, the earliest first.
    pub due: Vec<FollowUpRow>,
    /// When the next one comes due.
    pub next: Option<Timestamp>,
}
