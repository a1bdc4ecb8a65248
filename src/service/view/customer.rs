//! A customer as it is opened: its fields, what happened with it, and what a look at a sealed value takes.
//!
//! **Invariant:** a sealed field's value is here as its mask only.

use super::agenda::FollowUpRow;
use super::case::CaseRow;
use super::consent::{ConsentHappening, ConsentRow};
use super::deal::DealRow;
use crate::clock::Timestamp;
use crate::domain::customer::{CustomerKind, Profile};
use crate::domain::field::FieldKey;
use crate::domain::id::CustomerId;
use crate::domain::interaction::Interaction;
use crate::domain::loss::Loss;
use crate::domain::reason::ReasonCode;
use crate::domain::staff::LoginName;
use crate::privacy::class::FieldClass;
use crate::privacy::mask::Masked;
use crate::text::Printable;

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
    /// Why they are lost, where they are and somebody said so.
    pub lost: Option<Loss>,
    /// Every field in use, in the schema's order.
    pub fields: Vec<FieldShown>,
    /// The most days that there should be between contacts, where somebody said so.
    pub touch: Option<u32>,
    /// When it goes to the pool if nobody does anything.
    pub goes: Option<Timestamp>,
    /// Open follow-ups, the earliest first.
    pub follow_ups: Vec<FollowUpRow>,
    /// What happened, newest first; at most 200 items.
    pub timeline: Vec<TimelineItem>,
    /// The deals, where the role sees them.
    pub deals: Vec<DealRow>,
    /// The cases, where the role works them; those that are not closed first.
    pub cases: Vec<CaseRow>,
    /// What was said of each purpose, where the role works with consents; else none.
    pub consents: Vec<ConsentRow>,
    /// The people of a company, or the companies of a person, as far as they are within scope.
    pub linked: Vec<LinkedRow>,
    /// Who looked at this customer, newest first; at most 50.
    pub looks: Vec<Look>,
    /// Names of those who have this customer open in another session.
    pub beside: Vec<String>,
}

/// One field of an opened customer.
#[derive(Clone, Debug)]
pub struct FieldShown {
    /// Its key; label, kind and class are in the schema.
    pub key: FieldKey,
    /// Its value.
    pub shown: Shown,
}

/// Somebody who belongs to a company, or a company that somebody belongs to.
#[derive(Clone, Debug)]
pub struct LinkedRow {
    /// Who.
    pub id: CustomerId,
    /// Person or company.
    pub kind: CustomerKind,
    /// The name, masked where policy says so.
    pub name: Shown,
}

/// One thing that happened with a customer.
#[derive(Clone, Debug)]
pub struct TimelineItem {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// With whom, where it was one of those who are linked.
    pub with: Option<Shown>,
    /// What.
    pub what: Happening,
}

/// What can happen.
#[derive(Clone, Debug)]
pub enum Happening {
    /// Added.
    Added,
    /// A contact.
    Interaction(Box<Interaction>),
    /// A part was changed: its key (`name`, `stage`, `owner`, `tags`, a field's key), masked before and after.
    Changed(String, Option<String>, Option<String>),
    /// A field was revealed.
    Revealed(FieldKey, Option<ReasonCode>),
    /// A field was compared with what a caller said.
    Verified(FieldKey, bool),
    /// A follow-up was set, put off, done or dropped: the audit verb, when it is due, and its text.
    FollowUp(String, Timestamp, Printable),
    /// It went to the pool or came from it: the audit verb, and whose it was before and is since.
    Pool(String, Option<String>, Option<String>),
    /// Something about a deal.
    Deal(DealHappening),
    /// Something about a case: the audit verb, its ticket and what it is about.
    Case(String, Printable),
    /// Something that was said about the use of their data.
    Consent(ConsentHappening),
    /// Something else: the audit verb.
    Other(String),
}

/// What happened with a deal.
#[derive(Clone, Debug)]
pub struct DealHappening {
    /// The audit verb.
    pub verb: String,
    /// Which part was changed, where one was.
    pub part: Option<String>,
    /// The stage or the value that stood there before.
    pub before: Option<String>,
    /// The stage or the value that stands there now.
    pub after: String,
    /// What the deal is about.
    pub title: Printable,
    /// Why it was lost.
    pub reason: Option<Printable>,
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
