//! Why something was not done: what is missing and who can give it.
//!
//! **Invariant:** a refusal holds no personal value.

use crate::domain::deal::PipelineFault;
use crate::domain::field::FieldKey;
use crate::domain::loss_reasons::LossFault;
use crate::domain::policy::PolicyFault;
use crate::domain::query::QueryFault;
use crate::domain::reason::ReasonFault;
use crate::domain::role::{Permission, RoleName};
use crate::domain::value::ValueFault;
use crate::privacy::class::FieldClass;

use super::backups::BackupFault;
use super::deals::DealFault;
use super::door::Action;
use super::view::{CustomerDetail, Total};
use crate::vault::keyring::{Passphrase, PassphraseFault};

pub use crate::vault::keyring::RecoveryFault;
use crate::vault::store::StoreError;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The role lacks a permission.
    #[error("your role may not do this ({}): ask {}", .permission.code(), names(.helpers))]
    NotPermitted {
        /// What is missing.
        permission: Permission,
        /// Roles that have it.
        helpers: Vec<RoleName>,
    },
    /// The customer is another's, or there is none: which of the two is not said.
    #[error("no such customer within your scope")]
    OutOfScope,
    /// The query cannot be read.
    #[error("{0}")]
    Query(#[from] QueryFault),
    /// Nothing with this id.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The role never sees this class.
    #[error("your role does not see {} fields: ask {}", .class.code(), names(.helpers))]
    NeverRevealed {
        /// The class.
        class: FieldClass,
        /// Roles that do.
        helpers: Vec<RoleName>,
    },
    /// A second person must agree.
    #[error("{} fields need approval: ask {}", .class.code(), names(.helpers))]
    ApprovalNeeded {
        /// The class.
        class: FieldClass,
        /// Roles that can approve.
        helpers: Vec<RoleName>,
    },
    /// Only while a request or an incident is under way.
    #[error("your role sees {} fields only while a request or an incident of this customer is open", .0.code())]
    RequestNeeded(FieldClass),
    /// The class's key has not been handed over yet.
    #[error("the key of {} fields has not been handed to you yet: ask a holder to confirm it in Today", .0.code())]
    KeyMissing(FieldClass),
    /// The reason will not do.
    #[error("{0}")]
    Reason(#[from] ReasonFault),
    /// The quota is used up.
    #[error("the quota of {quota} is used up; it opens again in {minutes} min")]
    QuotaSpent {
        /// How many are allowed.
        quota: u32,
        /// Until the oldest falls out of the window.
        minutes: u32,
    },
    /// The reading limit is reached.
    #[error("the reading limit of {limit} an hour is reached; it opens again in {minutes} min")]
    ReadingLimit {
        /// How many are allowed.
        limit: u32,
        /// Until the oldest falls out of the window.
        minutes: u32,
    },
    /// It concerns everybody's customers, and the role does not see them all.
    #[error("this concerns everybody's customers: ask {}", names(.0))]
    NeedsEverybody(Vec<RoleName>),
    /// More at once than the policy allows.
    #[error("these are {}, more than the {limit} customers that can be changed at once: narrow the query down", counted(*.found))]
    BulkLimit {
        /// How many are allowed.
        limit: u32,
        /// How many there are, as far as was counted.
        found: Total,
    },
    /// More at once than the policy lets out into a file.
    #[error("these are {}, more than the {limit} customers that can be exported at once: narrow the query down", counted(*.found))]
    ExportLimit {
        /// How many are allowed.
        limit: u32,
        /// How many there are, as far as was counted.
        found: Total,
    },
    /// More values at once than the quota still has.
    #[error("this takes {needed} reveals and the quota has {left} left: narrow the query down, or leave a field out")]
    QuotaShort {
        /// How many it takes.
        needed: u32,
        /// How many are left.
        left: u32,
    },
    /// Whoever was to keep the outcome could not write its file.
    #[error("the file was not written: {}", .0.code())]
    File(FileFault),
    /// No tries left.
    #[error("no tries left for this field; try again in {minutes} min or verify another field")]
    NoTriesLeft {
        /// Until the oldest falls out of the window.
        minutes: u32,
    },
    /// The customer is under restriction.
    #[error("the customer is restricted: stored and protected, neither shown nor changed")]
    Restricted,
    /// The field has no value.
    #[error("the field is empty")]
    FieldEmpty,
    /// The field is open, so there is nothing to reveal or verify blindly.
    #[error("the field is not masked")]
    NotMasked,
    /// The input has faults, field by field.
    #[error("{}", faults(.0))]
    Invalid(Vec<FieldFault>),
    /// Somebody changed the record since; how it stands now.
    #[error("somebody changed the record since you opened it")]
    Conflict(Option<Box<CustomerDetail>>),
    /// A customer cannot be merged with itself, under whichever of its numbers.
    #[error("these two numbers are the same customer")]
    SameCustomer,
    /// Whoever asked stopped it.
    #[error("stopped: nothing was shown")]
    Stopped,
    /// Nothing of one's own to take back.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// The record was changed since by somebody.
    #[error("cannot undo: the record was changed since by {0}")]
    UndoStale(String),
    /// A policy value will not do.
    #[error("{0}")]
    Policy(#[from] PolicyFault),
    /// Another name is needed.
    #[error("somebody has that name already")]
    NameTaken,
    /// The public key is registered, for this person or another.
    #[error("this key is registered already")]
    KeyTaken,
    /// All slots are taken.
    #[error("the vault has no free place for another person")]
    NoFreeSlot,
    /// The last holder of a key, or oneself.
    #[error("this would lock the vault for everybody: {0}")]
    LastHolder(&'static str),
    /// The passphrase will not do.
    #[error("{0}")]
    Passphrase(PassphraseProblem),
    /// The keys do not stand so that this could be done.
    #[error("{0}")]
    Keys(KeysProblem),
    /// What was typed gives no recovery key.
    #[error("{0}")]
    Recovery(RecoveryFault),
    /// Not while an import is in this state.
    #[error("the import is not in a state that allows this")]
    ImportState,
    /// The entry could not be committed, so the action did not happen.
    #[error("nothing was done: the record of actions could not be written ({0})")]
    RecordUnavailable(String),
    /// The file failed.
    #[error("the vault's file failed: {0}")]
    Storage(String),
    /// Something stored cannot be read.
    #[error("the vault is damaged: {0}")]
    Damaged(String),
    /// A deal does not stand so that this could be done.
    #[error("{0}")]
    Deal(DealFault),
    /// A customer of the pool is not to be had.
    #[error("{0}")]
    Pool(PoolFault),
    /// A pipeline is not changed so.
    #[error("{0}")]
    Pipeline(#[from] PipelineFault),
    /// The list of reasons for being lost is not changed so, or a reason is not on offer.
    #[error("{0}")]
    Loss(#[from] LossFault),
    /// Something about backups.
    #[error("{0}")]
    Backup(Box<BackupFault>),
    /// The second factor does not stand so that this could be done.
    #[error("{0}")]
    Factor(FactorProblem),
    /// A code of the second factor is to be given first; the action can then be done.
    #[error("this needs a fresh code of your second factor")]
    FreshCode(Held),
    /// The session lasted as long as the policy lets one last.
    #[error("the session has lasted as long as the policy allows: sign in again")]
    SessionLimit,
    /// Nobody was there for as long as the policy says.
    #[error("nobody was there for a while: sign in again")]
    SessionIdle,
    /// Somebody shut this person out.
    #[error("your access was ended by somebody who manages staff")]
    ShutOut,
    /// Somebody ended this session, or all of this person's.
    #[error("this session was ended by somebody who manages staff: sign in again")]
    Ended,
    /// Somebody sealed the vault.
    #[error("the vault was sealed: whoever signs in opens it again")]
    Sealed,
    /// The session has ended.
    #[error("the session has ended: sign in again")]
    SessionEnded,
}

/// A count as far as it went.
fn counted(total: Total) -> String {
    match total {
        Total::Exactly(n) => n.to_string(),
        Total::AtLeast(n) => format!("{n}+"),
    }
}

/// Why a file was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// Something of that name is there.
    Exists,
    /// There is no such folder.
    NoFolder,
    /// The system does not allow it.
    Denied,
    /// The disk is full.
    Full,
    /// Something else.
    Other,
}

crate::codes::codes!(FileFault: Exists = "exists", NoFolder = "no_folder", Denied = "denied", Full = "full",
    Other = "other");

/// How a session came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    Left,
    Limit,
    Idle,
    ShutOut,
    Ended,
    Sealed,
}

impl From<Over> for Refusal {
    fn from(over: Over) -> Self {
        match over {
            Over::Left => Self::SessionEnded,
            Over::Limit => Self::SessionLimit,
            Over::Idle => Self::SessionIdle,
            Over::ShutOut => Self::ShutOut,
            Over::Ended => Self::Ended,
            Over::Sealed => Self::Sealed,
        }
    }
}

/// Why a customer of the pool is not to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolFault {
    /// Somebody was faster.
    #[error("{0} claimed this customer a moment ago")]
    Taken(String),
    /// The customer was theirs until lately.
    #[error("this customer was yours until lately: you can claim them again on {until}, others can now")]
    Resting {
        /// On which day it ends.
        until: chrono::NaiveDate,
    },
    /// The day's claims are used up.
    #[error("the {limit} claims of a day are used up; the next is free in {hours} h")]
    Limit {
        /// How many are allowed.
        limit: u32,
        /// Until the oldest falls out of the window.
        hours: u32,
    },
}

/// What is wrong about a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactorProblem {
    /// The code is wrong.
    #[error("the code is wrong{}", wait(.wait_seconds))]
    Wrong {
        /// Seconds before the next one is heard; 0 for at once.
        wait_seconds: u32,
    },
    /// The code was used already.
    #[error("this code was used already: wait for the next one")]
    Used,
    /// There is none.
    #[error("there is no second factor")]
    Missing,
    /// The policy demands one and the person has none.
    #[error("the policy demands a second factor: enrol one first")]
    Owed,
    /// The policy demands one, so it stays.
    #[error("the policy demands a second factor: it can be replaced, not removed")]
    Demanded,
    /// No secret was offered to be confirmed.
    #[error("no second factor was begun in this session")]
    NotOffered,
    /// It is one's own.
    #[error("nobody resets their own second factor: remove it with a code, or ask another owner")]
    OnesOwn,
    /// No code was given, so nothing was done.
    #[error("nothing was done: no code was given")]
    NotGiven,
}

impl FactorProblem {
    /// Whether another code can be given at once.
    pub fn at_once(self) -> bool {
        matches!(self, Self::Wrong { wait_seconds: 0 } | Self::Used)
    }

    /// Its name in texts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Wrong { wait_seconds: 0 } => "wrong",
            Self::Wrong { .. } => "wait",
            Self::Used => "used",
            Self::Missing => "missing",
            Self::Owed => "owed",
            Self::Demanded => "demanded",
            Self::NotOffered => "not_offered",
            Self::OnesOwn => "ones_own",
            Self::NotGiven => "not_given",
        }
    }
}

fn wait(seconds: &u32) -> String {
    if *seconds == 0 { String::new() } else { format!("; the next one is heard in {seconds} s") }
}

/// An action that waits for a code. Its `Debug` says which, not what it carries.
#[derive(Debug)]
pub struct Held(Box<Action>);

impl Held {
    pub(super) fn new(action: Action) -> Self {
        Self(Box::new(action))
    }

    /// The action, to be done again.
    pub fn action(self) -> Action {
        *self.0
    }
}

impl Refusal {
    /// One part of an input is wrong.
    pub fn invalid(part: &str, fault: Fault) -> Self {
        Self::Invalid(vec![FieldFault { part: part.to_owned(), fault }])
    }

    /// Whether the session is over.
    pub fn ends_the_session(&self) -> bool {
        matches!(
            self,
            Self::SessionEnded | Self::SessionLimit | Self::SessionIdle | Self::ShutOut | Self::Ended | Self::Sealed
        )
    }

    /// Whether a right, a limit or a reason was missing, which goes on record, rather than an input or a file.
    pub fn is_of_right(&self) -> bool {
        matches!(
            self,
            Self::NotPermitted { .. }
                | Self::OutOfScope
                | Self::NeverRevealed { .. }
                | Self::ApprovalNeeded { .. }
                | Self::RequestNeeded(_)
                | Self::KeyMissing(_)
                | Self::Reason(_)
                | Self::QuotaSpent { .. }
                | Self::ReadingLimit { .. }
                | Self::NeedsEverybody(_)
                | Self::BulkLimit { .. }
                | Self::ExportLimit { .. }
                | Self::QuotaShort { .. }
                | Self::NoTriesLeft { .. }
                | Self::Restricted
                | Self::LastHolder(_)
                | Self::Pool(PoolFault::Resting { .. } | PoolFault::Limit { .. })
                | Self::Factor(FactorProblem::Demanded | FactorProblem::OnesOwn)
        )
    }
}

impl From<BackupFault> for Refusal {
    fn from(fault: BackupFault) -> Self {
        Self::Backup(Box::new(fault))
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Disk(text) => Self::Storage(text),
            StoreError::Damaged(text) => Self::Damaged(text),
        }
    }
}

/// What is wrong with one part of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// The part: `name`, `tags` … or a field's key.
    pub part: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing where something must be.
    #[error("this is needed")]
    Missing,
    /// There is no such field, or it is not in use.
    #[error("there is no such field in use")]
    UnknownField,
    /// The value is not of its kind.
    #[error("{0}")]
    Value(ValueFault),
    /// More than fits.
    #[error("this is too long")]
    TooLong,
    /// Somebody who may not do this with the customer, or who is not there any more.
    #[error("this person cannot work with this customer")]
    OutOfReach,
    /// Something has it already.
    #[error("this is taken")]
    Taken,
    /// There are as many as there can be.
    #[error("there are {0} already, which is the most")]
    Full(usize),
    /// Two persons, or two companies, where one of each is wanted.
    #[error("one must be a company and the other a person")]
    SameKind,
    /// A reason for being lost of somebody who is not.
    #[error("this goes with the stage lost")]
    NotLost,
    /// Something was said after that day.
    #[error("something was said after that day already")]
    Overtaken,
    /// A moment that is still to come where one in the past is meant.
    #[error("this is still to come")]
    StillToCome,
    /// There is no consent that could be withdrawn.
    #[error("nothing was given that could be withdrawn: put a refusal down instead")]
    NothingGiven,
}

impl FieldFault {
    /// A fault of a field.
    pub fn field(key: &FieldKey, fault: ValueFault) -> Self {
        Self { part: key.as_str().to_owned(), fault: Fault::Value(fault) }
    }
}

fn names(roles: &[RoleName]) -> String {
    if roles.is_empty() {
        return "the owner".to_owned();
    }
    roles.iter().map(|r| r.code().replace('_', " ")).collect::<Vec<_>>().join(", ")
}

fn faults(faults: &[FieldFault]) -> String {
    faults.iter().map(|f| format!("{}: {}", f.part, f.fault)).collect::<Vec<_>>().join("; ")
}

/// Why a passphrase will not do. Each has a code, so that screens say it in the person's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseProblem {
    /// Nothing was given.
    #[error("the passphrase is empty")]
    Empty,
    /// Too few characters.
    #[error("the passphrase has fewer than {} characters", Passphrase::LEAST)]
    TooShort,
    /// Too many bytes.
    #[error("the passphrase is longer than {} bytes", Passphrase::MOST)]
    TooLong,
    /// It has U+0000.
    #[error("the passphrase contains a NUL character")]
    Nul,
    /// It is among those tried first.
    #[error("the passphrase is one of those that are guessed first")]
    Common,
    /// It looks like a setup code.
    #[error("the passphrase has the shape of a setup code")]
    SetupCode,
    /// The setup code has done its work.
    #[error("a passphrase has been set already: sign in with it")]
    SetAlready,
    /// The one that is to be changed was not given rightly.
    #[error("the present passphrase is wrong")]
    Present,
}

crate::codes::codes!(PassphraseProblem: Empty = "empty", TooShort = "too_short", TooLong = "too_long", Nul = "nul",
    Common = "common", SetupCode = "setup_code", SetAlready = "set_already", Present = "present");

impl From<PassphraseFault> for PassphraseProblem {
    fn from(fault: PassphraseFault) -> Self {
        match fault {
            PassphraseFault::Empty => Self::Empty,
            PassphraseFault::TooShort => Self::TooShort,
            PassphraseFault::TooLong => Self::TooLong,
            PassphraseFault::Nul => Self::Nul,
            PassphraseFault::Common => Self::Common,
            PassphraseFault::SetupCode => Self::SetupCode,
        }
    }
}

/// Why something about the vault's keys was not done. Each has a code, so that screens say it in the person's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysProblem {
    /// The keys are being replaced.
    #[error("the vault's keys are being replaced: reading goes on, nothing can be changed until that is done")]
    Rotating,
    /// The replacement was stopped.
    #[error("stopped: the vault is as it was")]
    RotationStopped,
    /// A recalibration has not ended.
    #[error("not everybody has signed in since the cost of passphrases was raised last")]
    StillMoving,
    /// This machine could not bear more.
    #[error("passphrases cost as much already as this machine can bear")]
    CostAsHigh,
    /// No recovery key was shown in this session.
    #[error("no recovery key was shown: make one first")]
    NoOffer,
    /// The words that were asked for were not given.
    #[error("these are not the words: look at what you wrote down")]
    WordsDiffer,
    /// It reads as a recovery key and is none of this vault.
    #[error("this is not the recovery key of this vault: it may have been used already, or replaced by a newer one")]
    NotTheRecoveryKey,
    /// The recovery key did its work already, as the record says; its place was not emptied, since the program was
    /// stopped in between. One whose place was emptied is none of the vault's any more.
    #[error("this recovery key was used already: sign in with the passphrase that was set then, and make a new one")]
    RecoveryUsed,
    /// Shares cannot be made so.
    #[error("a recovery key is split into 2 to 15 shares, of which at least 2 are needed")]
    SplitBounds,
}

crate::codes::codes!(KeysProblem: Rotating = "rotating", RotationStopped = "rotation_stopped",
    StillMoving = "still_moving", CostAsHigh = "cost_as_high", NoOffer = "no_offer", WordsDiffer = "words_differ",
    NotTheRecoveryKey = "not_the_recovery_key", RecoveryUsed = "recovery_used", SplitBounds = "split_bounds");
