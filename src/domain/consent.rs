//! What a customer agreed to, refused or withdrew: for which purpose, when, how, and under which wording.
//!
//! Who, when, how and the exact words are what GDPR Art. 7(1) has a controller be able to show; PIPL Art. 14 to 16 add that
//! a change of purpose is asked for anew and that withdrawing is as easy as giving.
//! **Invariant:** a consent names the version of the wording that it was given under, or says that nobody knows the words,
//! and no version of a wording is ever
//! taken away or written anew. Of several about one purpose the newest counts.

use chrono::FixedOffset;

use super::id::{ConsentId, CustomerId, StaffId};
use super::query::{Here, Moment, Span, TimeTest};
use crate::clock::Timestamp;
use crate::codes::codes;
use crate::text::Printable;

/// The longest wording, in characters.
pub const LONGEST_WORDING: usize = 2_000;
/// The longest note beside a consent.
pub const LONGEST_NOTE: usize = 500;
/// The most versions that the wording of one purpose has.
pub const MOST_VERSIONS: usize = 200;

/// What data is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// To serve the customer beyond what the contract itself takes.
    Service,
    /// To tell of products and offers.
    Marketing,
    /// To hand data to another controller (PIPL Art. 23).
    Sharing,
    /// To make data public (PIPL Art. 25).
    Publishing,
    /// To work with sensitive data (PIPL Art. 29).
    Sensitive,
    /// To send data abroad (PIPL Art. 39).
    CrossBorder,
}

codes!(Purpose: Service = "service", Marketing = "marketing", Sharing = "sharing", Publishing = "publishing",
    Sensitive = "sensitive", CrossBorder = "cross_border");

/// Whether a purpose may be asked for together with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// It may.
    Together,
    /// It takes a consent of its own under this article of the PIPL.
    Separate(u8),
}

impl Purpose {
    /// Whether the law wants it asked for by itself.
    pub fn asking(self) -> Asking {
        match self {
            Self::Service | Self::Marketing => Asking::Together,
            Self::Sharing => Asking::Separate(23),
            Self::Publishing => Asking::Separate(25),
            Self::Sensitive => Asking::Separate(29),
            Self::CrossBorder => Asking::Separate(39),
        }
    }

    /// The wording that a vault begins with, in English and in Chinese.
    fn shipped(self) -> [&'static str; 2] {
        match self {
            Self::Service => [
                "I agree that you use what I told you to answer my questions and to look after what I bought. I can \
                 withdraw this at any time.",
                "我同意你们使用我提供的信息来答复我的咨询并提供售后服务。我可以随时撤回本同意。",
            ],
            Self::Marketing => [
                "I agree that you contact me by phone, message or email about your products and offers. I can withdraw \
                 this at any time, as easily as I give it.",
                "我同意你们通过电话、短信、即时消息或电子邮件向我介绍产品和优惠。我可以随时撤回本同意，撤回与给予同样方便。",
            ],
            Self::Sharing => [
                "I agree that you hand my data to the company that you named to me, for the purpose that you named. I can \
                 withdraw this at any time.",
                "我单独同意你们将我的个人信息提供给已向我告知名称和联系方式的接收方，用于已告知的目的。我可以随时撤回本同意。",
            ],
            Self::Publishing => [
                "I agree that you publish what I approved beforehand about me. I can withdraw this at any time.",
                "我单独同意你们公开经我事先确认的个人信息。我可以随时撤回本同意。",
            ],
            Self::Sensitive => [
                "I agree that you keep and use the sensitive data that you named to me, because the purpose that you \
                 named cannot do without it. I can withdraw this at any time.",
                "我单独同意你们处理已向我告知必要性和影响的敏感个人信息，用于已告知的目的。我可以随时撤回本同意。",
            ],
            Self::CrossBorder => [
                "I agree that you send my data to the recipient abroad that you named to me. I can withdraw this at any \
                 time.",
                "我单独同意你们向已告知我名称、联系方式、处理目的和方式的境外接收方提供我的个人信息。我可以随时撤回本同意。",
            ],
        }
    }
}

/// What a customer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConsentState {
    /// Yes.
    Given,
    /// No, when asked.
    Refused,
    /// No, after a yes.
    Withdrawn,
}

codes!(ConsentState: Given = "given", Refused = "refused", Withdrawn = "withdrawn");

/// How they said it. A note is no way of saying anything, so it is not among these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ConsentHow {
    /// On the telephone.
    #[default]
    Call,
    /// By email.
    Email,
    /// In a chat.
    Chat,
    /// In person.
    Visit,
    /// On paper.
    Paper,
    /// On a web page.
    Web,
    /// It came with an import, and where it was said is not known.
    Import,
}

codes!(ConsentHow: Call = "call", Email = "email", Chat = "chat", Visit = "visit", Paper = "paper", Web = "web",
    Import = "import");

impl ConsentHow {
    /// Those that somebody who puts a consent down chooses from.
    pub const CHOICES: &'static [Self] = &[Self::Call, Self::Email, Self::Chat, Self::Visit, Self::Paper, Self::Web];
}

/// The version of a wording that nobody here knows, since it was agreed to elsewhere.
pub const UNKNOWN_WORDING: u32 = 0;

/// Who said it: of somebody under 14 a parent or guardian (PIPL Art. 31).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Speaker {
    /// The customer.
    #[default]
    Customer,
    /// A parent or guardian.
    Guardian,
}

codes!(Speaker: Customer = "customer", Guardian = "guardian");

/// What is said about a consent when it is put down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentDraft {
    /// For what.
    pub purpose: Purpose,
    /// What was said.
    pub state: ConsentState,
    /// How.
    pub how: ConsentHow,
    /// By whom.
    pub speaker: Speaker,
    /// When, where that was earlier than now.
    pub at: Option<Timestamp>,
    /// What else there is to say; empty for nothing.
    pub note: Printable,
}

impl ConsentDraft {
    /// Said now, by the customer, on the telephone.
    pub fn now(purpose: Purpose, state: ConsentState) -> Self {
        let (how, speaker) = (ConsentHow::default(), Speaker::default());
        Self { purpose, state, how, speaker, at: None, note: Printable::line("") }
    }
}

/// One thing that a customer said about one purpose.
#[derive(Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its id, which rises.
    pub id: ConsentId,
    /// Who said it.
    pub customer: CustomerId,
    /// For what.
    pub purpose: Purpose,
    /// What was said.
    pub state: ConsentState,
    /// When it was said.
    pub at: Timestamp,
    /// How.
    pub how: ConsentHow,
    /// By whom.
    pub speaker: Speaker,
    /// Under which version of the purpose's wording; [`UNKNOWN_WORDING`] where the words are not known.
    pub version: u32,
    /// Who put it down.
    pub by: StaffId,
    /// What else there is to say; empty for nothing.
    pub note: Printable,
}

/// The note may be personal.
impl std::fmt::Debug for Consent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Consent({} {} {})", self.id, self.purpose.code(), self.state.code())
    }
}

impl Consent {
    /// What of two about one purpose counts is the greater.
    pub fn rank(&self) -> (Timestamp, ConsentId) {
        (self.at, self.id)
    }
}

/// One version of the words that customers agree to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// Its number, from 1.
    pub version: u32,
    /// The words in English and in Chinese; at least one of them is there.
    pub texts: [Printable; 2],
    /// Since when; none for what a vault begins with.
    pub since: Option<Timestamp>,
    /// Who wrote it.
    pub by: Option<StaffId>,
}

/// The wording that is asked for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Its version.
    pub version: u32,
    /// Since when; none for what a vault begins with.
    pub since: Option<Timestamp>,
}

impl InForce {
    /// Whether a consent was given for an older one. Of words that nobody knows no more can be said than when they were.
    pub fn overtook(self, consent: &Consent) -> bool {
        match consent.version {
            UNKNOWN_WORDING => self.since.is_some_and(|since| since > consent.at),
            version => version < self.version,
        }
    }
}

/// The wordings of all purposes, every version of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wordings(Vec<(Purpose, Wording)>);

impl Wordings {
    /// Those that were written in this vault, the earlier versions of each purpose first.
    pub fn new(written: Vec<(Purpose, Wording)>) -> Self {
        Self(written)
    }

    /// What was written in this vault.
    pub fn written(&self) -> &[(Purpose, Wording)] {
        &self.0
    }

    /// Every version of a purpose's wording, the shipped one first.
    pub fn of(&self, purpose: Purpose) -> Vec<Wording> {
        let texts = purpose.shipped().map(Printable::line);
        let shipped = Wording { version: 1, texts, since: None, by: None };
        let written = self.0.iter().filter(|(of, _)| *of == purpose).map(|(_, wording)| wording.clone());
        std::iter::once(shipped).chain(written).collect()
    }

    /// The version in force.
    pub fn version(&self, purpose: Purpose) -> u32 {
        self.0.iter().filter(|(of, _)| *of == purpose).map(|(_, w)| w.version).max().unwrap_or(1)
    }

    /// What is asked now.
    pub fn in_force(&self, purpose: Purpose) -> InForce {
        let version = self.version(purpose);
        InForce { version, since: self.get(purpose, version).and_then(|wording| wording.since) }
    }

    /// The version that was in force at a moment.
    pub fn version_at(&self, purpose: Purpose, at: Timestamp) -> u32 {
        let there = self.of(purpose).into_iter().filter(|wording| wording.since.is_none_or(|since| since <= at));
        there.map(|wording| wording.version).max().unwrap_or(1)
    }

    /// One version.
    pub fn get(&self, purpose: Purpose, version: u32) -> Option<Wording> {
        self.of(purpose).into_iter().find(|wording| wording.version == version)
    }

    /// Adds a version, which is in force from then on.
    pub fn add(&mut self, purpose: Purpose, texts: [Printable; 2], (since, by): (Timestamp, StaffId)) -> u32 {
        let version = self.version(purpose).saturating_add(1);
        self.0.push((purpose, Wording { version, texts, since: Some(since), by: Some(by) }));
        version
    }
}

/// The moment that a day or a distance back names, such as `2026-11-20`, `yesterday` or `3d`; nothing where it cannot be
/// read or is still to come.
pub fn said_on(text: &str, now: Timestamp, offset: FixedOffset) -> Option<Timestamp> {
    let here = Here { now, offset };
    let (first, _) = TimeTest::Within(Span::read(text.trim(), here)?).bounds(Moment::Last, here)?;
    first.map(Timestamp).filter(|first| *first <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_wording_is_a_new_version_and_the_old_one_stays() {
        let mut wordings = Wordings::default();
        let first = wordings.get(Purpose::Marketing, 1).unwrap();
        let version = wordings.add(Purpose::Marketing, ["New.".into(), "新。".into()], (Timestamp(5), StaffId(1)));
        assert_eq!((version, wordings.version(Purpose::Marketing), wordings.version(Purpose::Service)), (2, 2, 1));
        assert_eq!(wordings.get(Purpose::Marketing, 1), Some(first));
        assert_eq!(wordings.of(Purpose::Marketing).len(), 2);
    }

    #[test]
    fn of_words_that_nobody_knows_only_a_later_wording_is_newer() {
        let consent = |version, at| Consent {
            id: ConsentId(1),
            customer: CustomerId(1),
            purpose: Purpose::Marketing,
            state: ConsentState::Given,
            at: Timestamp(at),
            how: ConsentHow::Import,
            speaker: Speaker::Customer,
            version,
            by: StaffId(1),
            note: "".into(),
        };
        let mut wordings = Wordings::default();
        let shipped = wordings.in_force(Purpose::Marketing);
        assert!(!shipped.overtook(&consent(UNKNOWN_WORDING, 1)) && !shipped.overtook(&consent(1, 1)));
        wordings.add(Purpose::Marketing, ["New.".into(), "新。".into()], (Timestamp(5), StaffId(1)));
        let new = wordings.in_force(Purpose::Marketing);
        let older = [(UNKNOWN_WORDING, 4), (UNKNOWN_WORDING, 6), (1, 6), (2, 6)];
        assert_eq!(older.map(|(version, at)| new.overtook(&consent(version, at))), [true, false, true, false]);
    }

    #[test]
    fn a_day_that_is_over_is_read_and_one_to_come_is_not() {
        let utc = FixedOffset::east_opt(0).unwrap();
        let now = Timestamp(1_780_000_000_000);
        for read in ["2026-05-20", "yesterday", "昨天", "today"] {
            assert!(said_on(read, now, utc).is_some_and(|at| at <= now), "{read}");
        }
        for not in ["2026-12-24", "tomorrow", "31 feb", "2026-02-31", "", "x"] {
            assert_eq!(said_on(not, now, utc), None, "{not}");
        }
    }

    #[test]
    fn every_shipped_wording_fits() {
        for purpose in Purpose::ALL {
            assert!(purpose.shipped().iter().all(|text| (20..LONGEST_WORDING).contains(&text.chars().count())));
        }
    }
}
