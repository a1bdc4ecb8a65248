//! A rule: something that the program does by itself, and when.
//!
//! **Invariant:** what a rule does makes no other rule act, so there is nothing here that could go round in a circle.

use super::customer::Stage;
use super::id::{RuleId, StaffId};
use super::loss::LossReason;
use crate::codes::codes;
use crate::text::Printable;

/// The most rules that a vault has.
pub const MOST_RULES: usize = 100;
/// The longest name, tag or text of a rule, in characters.
pub const LONGEST: usize = 200;
/// The longest name of a rule.
pub const LONGEST_NAME: usize = 60;
/// Days without a contact that a rule may wait for.
pub const SILENT_DAYS: std::ops::RangeInclusive<u32> = 1..=3_650;
/// Days before a birthday that a rule may act.
pub const BIRTHDAY_DAYS: std::ops::RangeInclusive<u32> = 0..=60;
/// Days until a follow-up is due that a rule sets.
pub const DUE_DAYS: std::ops::RangeInclusive<u32> = 0..=365;

/// What makes a rule act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Somebody moves a customer to this stage.
    StageBecomes(Stage),
    /// Somebody gives a customer this tag.
    TagAdded(Printable),
    /// Nobody spoke with a customer for more than so many days; with whom nobody ever spoke, since they were added.
    NoContact(u32),
    /// A customer's birthday is within so many days; 0 is the day itself.
    BirthdayNear(u32),
}

/// A trigger without what it says more exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerKind {
    /// See [`Trigger::StageBecomes`].
    StageBecomes,
    /// See [`Trigger::TagAdded`].
    TagAdded,
    /// See [`Trigger::NoContact`].
    NoContact,
    /// See [`Trigger::BirthdayNear`].
    BirthdayNear,
}

codes!(TriggerKind: StageBecomes = "stage_becomes", TagAdded = "tag_added", NoContact = "no_contact",
    BirthdayNear = "birthday_near");

impl Trigger {
    /// Its kind.
    pub fn kind(&self) -> TriggerKind {
        match self {
            Self::StageBecomes(_) => TriggerKind::StageBecomes,
            Self::TagAdded(_) => TriggerKind::TagAdded,
            Self::NoContact(_) => TriggerKind::NoContact,
            Self::BirthdayNear(_) => TriggerKind::BirthdayNear,
        }
    }

    /// Whether time alone makes the rule act, not a change that somebody makes.
    pub fn is_timed(&self) -> bool {
        matches!(self, Self::NoContact(_) | Self::BirthdayNear(_))
    }
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Sets a follow-up.
    FollowUp {
        /// What is to be done.
        text: Printable,
        /// In how many days.
        days: u32,
        /// By whom; none is whoever owns the customer.
        who: Option<StaffId>,
    },
    /// Gives the customer a tag.
    Tag(Printable),
    /// Gives the customer to somebody.
    Assign(StaffId),
}

/// An outcome without what it says more exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeKind {
    /// See [`Outcome::FollowUp`].
    FollowUp,
    /// See [`Outcome::Tag`].
    Tag,
    /// See [`Outcome::Assign`].
    Assign,
}

codes!(OutcomeKind: FollowUp = "follow_up", Tag = "tag", Assign = "assign");

impl Outcome {
    /// Its kind.
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::FollowUp { .. } => OutcomeKind::FollowUp,
            Self::Tag(_) => OutcomeKind::Tag,
            Self::Assign(_) => OutcomeKind::Assign,
        }
    }
}

/// Whether a rule acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RuleState {
    /// It does.
    #[default]
    On,
    /// It waits to be switched on.
    Off,
}

codes!(RuleState: On = "on", Off = "off");

/// What a rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleText {
    /// Its name, under which all that it does is on record.
    pub name: Printable,
    /// What makes it act.
    pub trigger: Trigger,
    /// What it does.
    pub outcome: Outcome,
    /// Only on customers with this tag.
    pub tag: Option<Printable>,
    /// Only on customers of this stage.
    pub stage: Option<Stage>,
    /// Only on customers who are lost for this reason.
    pub lost: Option<LossReason>,
}

impl RuleText {
    /// Its places for tags, so that a tag that is renamed takes it along.
    pub fn tags_mut(&mut self) -> impl Iterator<Item = &mut Printable> {
        let trigger = match &mut self.trigger {
            Trigger::TagAdded(tag) => Some(tag),
            _ => None,
        };
        let outcome = match &mut self.outcome {
            Outcome::Tag(tag) => Some(tag),
            _ => None,
        };
        trigger.into_iter().chain(outcome).chain(self.tag.as_mut())
    }

    /// The tags that it names.
    pub fn tags(&self) -> impl Iterator<Item = &Printable> {
        let trigger = match &self.trigger {
            Trigger::TagAdded(tag) => Some(tag),
            _ => None,
        };
        let outcome = match &self.outcome {
            Outcome::Tag(tag) => Some(tag),
            _ => None,
        };
        trigger.into_iter().chain(outcome).chain(self.tag.as_ref())
    }

    /// Who is named in it.
    pub fn person(&self) -> Option<StaffId> {
        match &self.outcome {
            Outcome::FollowUp { who, .. } => *who,
            Outcome::Assign(who) => Some(*who),
            Outcome::Tag(_) => None,
        }
    }
}

/// A rule as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Grows by one with each change.
    pub version: u64,
    /// Whether it acts.
    pub state: RuleState,
    /// What it says.
    pub text: RuleText,
}
