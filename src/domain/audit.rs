//! What an entry in the record of actions says.
//!
//! **Invariant:** an entry holds masked values only; what may have to be erased is committed to, not contained.

use super::field::FieldKey;
use super::id::{EntrySeq, SessionId, StaffId};
use crate::clock::Timestamp;
use crate::codes::codes;

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Done,
    /// The right was missing.
    Refused,
    /// A comparison said yes.
    Matched,
    /// A comparison said no.
    Differed,
    /// It could not be done.
    Failed,
}

codes!(Outcome: Done = "done", Refused = "refused", Matched = "matched", Differed = "differed", Failed = "failed");

/// Where an action came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The full-screen program.
    Screen,
    /// The command line.
    CommandLine,
    /// The program itself.
    Program,
}

codes!(Origin: Screen = "screen", CommandLine = "command_line", Program = "program");

/// What an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// Nothing in particular.
    None,
    /// A customer.
    Customer(u64),
    /// An interaction.
    Interaction(u64),
    /// A follow-up.
    FollowUp(u64),
    /// A staff member.
    Staff(u32),
    /// An import.
    Job(u64),
    /// An alert.
    Alert(u64),
    /// A deal.
    Deal(u64),
    /// A case.
    Case(u64),
}

impl Object {
    /// Its kind as a word; empty for none.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Customer(_) => "customer",
            Self::Interaction(_) => "interaction",
            Self::FollowUp(_) => "follow_up",
            Self::Staff(_) => "staff",
            Self::Job(_) => "import",
            Self::Alert(_) => "alert",
            Self::Deal(_) => "deal",
            Self::Case(_) => "case",
        }
    }

    /// Its number, 0 for none.
    pub fn number(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Staff(id) => u64::from(id),
            Self::Customer(id)
            | Self::Interaction(id)
            | Self::FollowUp(id)
            | Self::Job(id)
            | Self::Alert(id)
            | Self::Deal(id)
            | Self::Case(id) => id,
        }
    }

    /// The object with this word and number.
    pub fn from_parts(word: &str, number: u64) -> Option<Self> {
        Some(match word {
            "" => Self::None,
            "customer" => Self::Customer(number),
            "interaction" => Self::Interaction(number),
            "follow_up" => Self::FollowUp(number),
            "staff" => Self::Staff(u32::try_from(number).ok()?),
            "import" => Self::Job(number),
            "alert" => Self::Alert(number),
            "deal" => Self::Deal(number),
            "case" => Self::Case(number),
            _ => return None,
        })
    }
}

impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => Ok(()),
            other => write!(f, "{} {}", other.word(), other.number()),
        }
    }
}

/// The texts that lie beside an entry and can be erased without breaking the chain.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// What was there before, masked.
    pub before: Option<String>,
    /// What is there now, masked; for a list, the query.
    pub after: Option<String>,
    /// The reason in words.
    pub reason: Option<String>,
    /// The ticket.
    pub ticket: Option<String>,
}

/// The texts may be personal: `Debug` says which are there.
impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Texts {{ before: {}, after: {}, reason: {}, ticket: {} }}",
            self.before.is_some(),
            self.after.is_some(),
            self.reason.is_some(),
            self.ticket.is_some()
        )
    }
}

/// One entry before it has its place in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// When.
    pub time: Timestamp,
    /// Who; none before somebody is known.
    pub actor: Option<StaffId>,
    /// In which session.
    pub session: SessionId,
    /// From where.
    pub origin: Origin,
    /// What, as a verb such as `customer.reveal`.
    pub action: String,
    /// About what.
    pub object: Object,
    /// Which field.
    pub field: Option<FieldKey>,
    /// The reason's code.
    pub reason: Option<super::reason::ReasonCode>,
    /// How many rows a list showed or an import brought, where that is the point.
    pub count: Option<u64>,
    /// How it ended.
    pub outcome: Outcome,
    /// What can be erased later.
    pub texts: Texts,
    /// HMAC-SHA256 under the audit key of the value's blind token, where a value was shown or compared; who lacks the
    /// class's blind key cannot try values against it.
    pub value_hmac: Option<[u8; 32]>,
}

impl NewEntry {
    /// An action that was done, about nothing yet.
    pub fn done(time: Timestamp, actor: Option<StaffId>, session: SessionId, origin: Origin, action: &str) -> Self {
        Self {
            time,
            actor,
            session,
            origin,
            action: action.to_owned(),
            object: Object::None,
            field: None,
            reason: None,
            count: None,
            outcome: Outcome::Done,
            texts: Texts::default(),
            value_hmac: None,
        }
    }
}

/// One entry as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place.
    pub seq: EntrySeq,
    /// What it says.
    pub what: NewEntry,
    /// Whether its texts were erased.
    pub erased: bool,
}

/// Which entries somebody wants to see. Empty parts match everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// By this person.
    pub actor: Option<StaffId>,
    /// The verb begins with this.
    pub action: String,
    /// About this.
    pub object: Option<Object>,
    /// Of this field.
    pub field: Option<FieldKey>,
    /// With this reason.
    pub reason: Option<super::reason::ReasonCode>,
    /// That ended so.
    pub outcome: Option<Outcome>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// Every verb that an entry can have. A test holds the texts of both languages to them.
pub const VERBS: &[&str] = &[
    "customer.open",
    "customer.search",
    "customer.duplicates",
    "customer.add",
    "customer.edit",
    "customer.merge",
    "customer.unmerge",
    "customer.combine",
    "customer.apart",
    "customer.compare",
    "tag.rename",
    "tag.remove",
    "tag.retire",
    "template.list",
    "template.add",
    "template.edit",
    "template.remove",
    "message.copy",
    "loss_reason.list",
    "loss_reason.set",
    "cadence.list",
    "cadence.add",
    "cadence.edit",
    "cadence.remove",
    "cadence.start",
    "cadence.step",
    "cadence.stop",
    "customer.reveal",
    "customer.copy",
    "customer.verify",
    "customer.list",
    "customer.erase",
    "interaction.add",
    "follow_up.list",
    "follow_up.add",
    "follow_up.snooze",
    "follow_up.finish",
    "follow_up.drop",
    "deal.list",
    "deal.add",
    "deal.edit",
    "deal.move",
    "deal.win",
    "deal.lose",
    "deal.reopen",
    "deal.give",
    "deal.remove",
    "pipeline.list",
    "pipeline.set",
    "case.list",
    "case.open",
    "case.edit",
    "case.take",
    "case.hand",
    "case.wait",
    "case.close",
    "case.reopen",
    "case.look",
    "consent.list",
    "consent.give",
    "consent.refuse",
    "consent.withdraw",
    "consent.wording",
    "rule.list",
    "rule.add",
    "rule.edit",
    "rule.switch",
    "rule.remove",
    "rule.dry_run",
    "rule.run",
    "rule.follow_up",
    "rule.tag",
    "rule.assign",
    "pool.claim",
    "pool.release",
    "pool.return",
    "pool.dry_run",
    "pool.run",
    "touch.set",
    "touch.follow_up",
    "undo",
    "customer.bulk",
    "customer.export",
    "follow_up.bulk",
    "view.save",
    "view.remove",
    "draft.keep",
    "import.list",
    "import.rehearse",
    "import.begin",
    "import.rows",
    "import.finish",
    "import.cancel",
    "import.undo",
    "staff.list",
    "staff.add",
    "staff.disable",
    "staff.team",
    "staff.grant",
    "staff.key_add",
    "staff.key_remove",
    "staff.passphrase",
    "factor.enrol",
    "factor.codes",
    "factor.remove",
    "factor.reset",
    "factor.recovery",
    "keys.recalibrate",
    "keys.rotate",
    "recovery.new",
    "recovery.split",
    "recovery.use",
    "field.set",
    "field.classify",
    "field.mask",
    "field.confirm",
    "field.reseal",
    "policy.set",
    "alert.raise",
    "alert.settle",
    "record.read",
    "record.verify",
    "record.checkpoint",
    "record.export",
    "preferences.set",
    "backup.list",
    "backup.set",
    "backup.make",
    "backup.verify",
    "backup.drill",
    "backup.cancel",
    "backup.restore",
    "session.begin",
    "session.end",
    "session.refused",
    "session.code",
    "session.list",
    "session.end_other",
    "vault.create",
    "vault.compare",
    "vault.check",
    "vault.seal",
];
