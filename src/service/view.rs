//! What comes back through the door: plain data, masked.
//!
//! **Invariant:** no type here can hold a sealed field's plain value.

mod standing;

pub use super::backups::history::{Event as BackupEvent, What as BackupWhat};
pub use super::backups::policy::BackupPolicy;
pub use super::backups::view::*;
pub use super::backups::{Kind as BackupKind, Phase as BackupPhase};
use super::refusal::FieldFault;
use crate::clock::Timestamp;
use crate::domain::customer::{CustomerKind, Profile, Stage};
use crate::domain::deal::Deal;
use crate::domain::field::FieldKey;
use crate::domain::follow_up::FollowUp;
use crate::domain::id::{AlertId, CustomerId, JobId, StaffId};
use crate::domain::identifier::IdentifierKind;
use crate::domain::interaction::InteractionKind;
use crate::domain::policy::Policy;
use crate::domain::reason::ReasonCode;
use crate::domain::role::{Role, RoleName};
use crate::domain::staff::{LoginName, Preferences, Staff};
use crate::privacy::class::FieldClass;
use crate::privacy::mask::Masked;
use crate::text::Printable;

pub use standing::{Examined, KeysDue, Odd, Seen, SeenKind};

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Me {
    /// Their id.
    pub id: StaffId,
    /// Their name.
    pub name: LoginName,
    /// Their role and all that it may do.
    pub role: Role,
    /// Classes whose keys they wait for.
    pub awaiting: Vec<FieldClass>,
    /// What they chose.
    pub preferences: Preferences,
    /// The policy in force.
    pub policy: Policy,
    /// Whether this person holds every role: approvals become a delay, reviews are one's own.
    pub solo: bool,
    /// Names of those who can be owners of customers, with their ids.
    pub colleagues: Vec<(StaffId, LoginName)>,
    /// Names of all who are or were on the staff, with their ids, for those who read the record; else none.
    pub everybody: Vec<(StaffId, LoginName)>,
    /// The vault's own name: the file's, without folder.
    pub vault: String,
    /// What was odd about the file when it was opened, where something was.
    pub odd: Option<Box<Odd>>,
}

/// How a value is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// There is none.
    Empty,
    /// The customer declined to give it.
    Declined,
    /// In full: its class is open.
    Open(Printable),
    /// Masked.
    Masked(Masked),
}

impl Shown {
    /// The text to show; empty for none and declined.
    pub fn text(&self) -> &str {
        match self {
            Self::Empty | Self::Declined => "",
            Self::Open(text) => text.as_str(),
            Self::Masked(mask) => mask.as_str(),
        }
    }
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By name: Latin letters and pinyin together.
    #[default]
    Name,
    /// Last changed first.
    Recent,
}

/// A place in a list, opaque.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor(pub(super) Vec<u8>);

impl Cursor {
    /// A place as its bytes. Only bytes that the door gave name a place; others find nothing.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// A place holds the sort key of a name, so `Debug` does not show it.
impl std::fmt::Debug for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cursor(..)")
    }
}

/// Where a stretch of a list begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// At the top.
    #[default]
    Top,
    /// At the bottom: the last rows, in order.
    Bottom,
    /// Behind this row.
    After(Cursor),
    /// Before this row: the rows that end just above it, in order.
    Before(Cursor),
}

/// A question to the list of customers.
#[derive(Clone, Default)]
pub struct ListRequest {
    /// Words from the query bar; all must match. Empty means everybody in scope.
    pub text: String,
    /// The order. A search by words has its own.
    pub sort: Sort,
    /// Where to begin.
    pub anchor: Anchor,
    /// At most this many rows: up to 100 at the top, 200 further on.
    pub limit: u16,
}

/// The words may be somebody's number: `Debug` says how many there are.
impl std::fmt::Debug for ListRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = self.text.split_whitespace().count();
        let Self { text: _, sort, anchor, limit } = self;
        write!(f, "ListRequest({words} words, {sort:?}, {anchor:?}, {limit})")
    }
}

/// How many rows a query has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// Just so many.
    Exactly(u64),
    /// So many or more.
    AtLeast(u64),
}

/// A stretch of the list.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its rows.
    pub rows: Vec<CustomerRow>,
    /// How many there are in all.
    pub total: Total,
    /// Whether there are rows above.
    pub before: bool,
    /// Whether there are rows below.
    pub after: bool,
    /// What the text looks like, if it is an identifier: Enter searches by it, which is recorded.
    pub identifier: Option<IdentifierKind>,
}

/// One row of the list.
#[derive(Clone, Debug)]
pub struct CustomerRow {
    /// Its place.
    pub cursor: Cursor,
    /// Its id.
    pub id: CustomerId,
    /// Person or company.
    pub kind: CustomerKind,
    /// The name, masked where policy says so.
    pub name: Shown,
    /// The owner's name.
    pub owner: Option<LoginName>,
    /// Whether the owner is who asks.
    pub mine: bool,
    /// How far it has come.
    pub stage: Stage,
    /// Its tags.
    pub tags: Vec<String>,
    /// Every field that has a value, in the schema's order.
    pub fields: Vec<(FieldKey, Shown)>,
    /// The earliest open follow-up.
    pub next_follow_up: Option<Timestamp>,
    /// When somebody last spoke with them.
    pub last_contact: Option<Timestamp>,
    /// When it last changed.
    pub updated: Timestamp,
    /// Storage and protection only.
    pub restricted: bool,
}

/// A customer, opened.
#[derive(Clone, Debug)]
pub struct CustomerDetail {
    /// The built-in parts.
    pub profile: Profile,
    /// The name.
    pub name: Shown,
    /// The owner's name.
    pub owner: Option<LoginName>,
    /// Whether the owner is who asks.
    pub mine: bool,
    /// Every field in use, in the schema's order.
    pub fields: Vec<FieldShown>,
    /// Open follow-ups, the earliest first.
    pub follow_ups: Vec<FollowUpRow>,
    /// What happened, newest first; at most 200 items.
    pub timeline: Vec<TimelineItem>,
    /// The deals, where the role sees them.
    pub deals: Vec<Deal>,
    /// Who looked at this customer, newest first; at most 50.
    pub looks: Vec<Look>,
}

/// One field of an opened customer.
#[derive(Clone, Debug)]
pub struct FieldShown {
    /// Its key; label, kind and class are in the schema.
    pub key: FieldKey,
    /// Its value.
    pub shown: Shown,
}

/// One thing that happened with a customer.
#[derive(Clone, Debug)]
pub struct TimelineItem {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What.
    pub what: Happening,
}

/// What can happen.
#[derive(Clone, Debug)]
pub enum Happening {
    /// Added.
    Added,
    /// A contact.
    Interaction(InteractionKind, Printable, Option<Printable>),
    /// A part was changed: its key (`name`, `stage`, `owner`, `tags`, a field's key), masked before and after.
    Changed(String, Option<String>, Option<String>),
    /// A field was revealed.
    Revealed(FieldKey, Option<ReasonCode>),
    /// A field was compared with what a caller said.
    Verified(FieldKey, bool),
    /// A follow-up was set, put off, done or dropped: the audit verb, when it is due, and its text.
    FollowUp(String, Timestamp, Printable),
    /// Something else: the audit verb.
    Other(String),
}

/// One look at a customer.
#[derive(Clone, Debug)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// The audit verb: opened, revealed, verified …
    pub action: String,
    /// Which field.
    pub field: Option<FieldKey>,
    /// Why.
    pub reason: Option<ReasonCode>,
}

/// What the reveal prompt says before it asks.
#[derive(Clone, Debug)]
pub struct RevealPrompt {
    /// Of whom.
    pub customer: CustomerId,
    /// Which field.
    pub field: FieldKey,
    /// Its class.
    pub class: FieldClass,
    /// How much needs typing.
    pub effort: Effort,
    /// Used of the hour's quota.
    pub used: u32,
    /// The hour's quota.
    pub quota: u32,
    /// From the open interaction.
    pub ticket: Option<Printable>,
    /// Whether policy demands a ticket.
    pub ticket_required: TicketRule,
    /// Seconds in sight.
    pub seconds: u32,
    /// Whether the person may copy as well.
    pub copy: CopyRight,
}

/// How much a reveal needs typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effort {
    /// A reason.
    Reason,
    /// One's own customer: Enter takes `callback`, a digit another reason.
    Light,
    /// Asked for a while ago: Enter repeats that reason.
    Again(crate::domain::reason::Reason),
}

/// Whether a ticket is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketRule {
    /// As one likes.
    Optional,
    /// Always.
    Required,
}

/// Whether a person may copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyRight {
    /// Yes.
    Allowed,
    /// No.
    Denied,
}

/// Which reminders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Due {
    /// Past their time.
    Overdue,
    /// Due today, what is overdue included.
    Today,
    /// Due within seven days, what is overdue included.
    Week,
    /// All that are open.
    #[default]
    All,
}

crate::codes::codes!(Due: Overdue = "overdue", Today = "today", Week = "week", All = "all");

/// A question to the agenda.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FollowUpRequest {
    /// Which.
    pub due: Due,
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
    /// Open alerts, where the role reads them.
    pub alerts: Vec<AlertRow>,
    /// Class keys that this person can hand over.
    pub grants: Vec<(StaffId, LoginName, FieldClass)>,
    /// Customers whose legal basis nobody has said yet.
    pub without_basis: u64,
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
}

crate::codes::codes!(AlertKind: QuotaSpent = "quota_spent", OpensLimit = "opens_limit", RowsLimit = "rows_limit",
    VerifyTries = "verify_tries", SignIns = "sign_ins", SearchesLimit = "searches_limit",
    OlderFile = "older_file", OtherCopy = "other_copy",
    CheckFailed = "check_failed");

/// A comparison's outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What the comparison said.
    pub matched: Match,
    /// How many tries are left this hour.
    pub tries_left: u32,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// The same.
    Yes,
    /// Another.
    No,
}

/// One entry of the record as it is shown.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// The entry.
    pub entry: crate::domain::audit::Entry,
    /// The actor's name; empty for nobody known.
    pub actor: String,
    /// What to call the object.
    pub object: String,
}

/// A stretch of the record, newest first.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// Its rows.
    pub rows: Vec<AuditRow>,
    /// Whether older ones follow.
    pub more: bool,
    /// How many entries the record has in all.
    pub size: u64,
}

/// The state of the record's chain.
#[derive(Clone, Debug)]
pub struct ChainState {
    /// How many entries.
    pub size: u64,
    /// The root hash in base64.
    pub root: String,
    /// The last signed checkpoint: its size and time.
    pub checkpoint: Option<(u64, Timestamp)>,
    /// The key that verifies it, as a note verifier key.
    pub vkey: String,
    /// What a check of the whole record found, where one was made.
    pub check: Option<ChainCheck>,
}

/// What a check of the record found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainCheck {
    /// All is as it was signed.
    Sound,
    /// The first fault.
    Broken(String),
}

/// One member of staff as it is shown.
#[derive(Clone, Debug)]
pub struct StaffRow {
    /// Who.
    pub staff: Staff,
    /// Classes whose keys they wait for.
    pub awaiting: Vec<FieldClass>,
    /// When they last signed in.
    pub last_login: Option<Timestamp>,
}

/// One import.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// Its id.
    pub id: JobId,
    /// The file's name.
    pub file: Printable,
    /// When it began.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Customers added.
    pub added: u64,
    /// Customers filled from rows.
    pub merged: u64,
    /// Rows left out as duplicates.
    pub skipped: u64,
    /// How it stands.
    pub state: ImportState,
}

/// How an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportState {
    /// Under way, unseen.
    Staging,
    /// Being published.
    Publishing,
    /// There.
    Published,
    /// Being taken back, unseen.
    Undoing,
    /// Taken back.
    Undone,
}

crate::codes::codes!(ImportState: Staging = "staging", Publishing = "publishing", Published = "published",
    Undoing = "undoing", Undone = "undone");

/// What became of the rows of one chunk.
#[derive(Clone, Debug, Default)]
pub struct ChunkReport {
    /// Rows added.
    pub added: u64,
    /// Rows that fill customers who are there.
    pub merged: u64,
    /// Rows left out as duplicates.
    pub skipped: u64,
    /// Rows that cannot be taken, with what is wrong.
    pub rejected: Vec<(u64, Vec<FieldFault>)>,
    /// Rows added without the owner whom they name: nobody here is called so, or the importer may not assign customers.
    pub without_owner: u64,
}

/// What would become of rows, of each as if it came alone.
#[derive(Clone, Debug, Default)]
pub struct Rehearsal {
    /// Rows of customers who are in the vault already.
    pub known: Vec<u64>,
    /// Rows that could not be taken, with what is wrong.
    pub rejected: Vec<(u64, Vec<FieldFault>)>,
    /// Rows whose owner would not be the one whom they name.
    pub without_owner: Vec<u64>,
}

/// What an undo takes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoLabel {
    /// The audit verb of what is taken back.
    pub action: String,
    /// About whom, as a list shows it.
    pub about: String,
}

/// Whose key or permission is missing and who could give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoCanHelp(pub Vec<RoleName>);
