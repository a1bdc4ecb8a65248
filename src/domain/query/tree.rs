//! A query that was read, and its text.
//!
//! **Invariant:** days that were asked for by their distance (`today`, `90d`) stay so, so that a query that is kept means
//! another day tomorrow.

use std::fmt::{self, Display, Formatter, Write};

use super::span::Span;
use crate::codes::codes;
use crate::domain::consent::Purpose;
use crate::domain::customer::{Basis, CustomerKind, Stage};
use crate::domain::field::FieldKey;
use crate::domain::id::CustomerId;
use crate::domain::loss::LossReason;

/// The word for those of whom nobody said why they are lost.
pub const NOT_SAID: &str = "not_said";

/// A question to the list of customers: all of its terms must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerQuery {
    /// What must hold.
    pub terms: Vec<Term>,
}

/// A condition or its opposite.
#[derive(Clone, PartialEq, Eq)]
pub struct Term {
    /// Which of the two.
    pub sign: Sign,
    /// What holds, or does not.
    pub condition: Condition,
}

/// What was asked for may be somebody's name: `Debug` says which part of a customer it is about.
impl fmt::Debug for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.sign, self.condition.about())
    }
}

/// Whether a condition holds or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It holds.
    With,
    /// It does not.
    Without,
}

/// One thing that can be asked of a customer. Of several values one is enough.
#[derive(Clone, PartialEq, Eq)]
pub enum Condition {
    /// Each of these words begins a word by which the customer is found.
    Words(String),
    /// Has the tag.
    Tag(Vec<String>),
    /// Belongs to somebody.
    Owner(Vec<OwnerWord>),
    /// Has come so far.
    Stage(Vec<Stage>),
    /// Is lost for this reason; none is that nobody said why.
    Lost(Vec<Option<LossWord>>),
    /// Is a person or a company.
    Kind(Vec<CustomerKind>),
    /// Is kept on this legal ground.
    Basis(Vec<Basis>),
    /// Came from here: the words occur in what was written.
    Source(Vec<String>),
    /// Has this number.
    Id(Vec<CustomerId>),
    /// Something happened, or will, at a time.
    Time(Moment, Vec<TimeTest>),
    /// Has a deal of this amount, in minor units.
    Amount(AmountTest),
    /// Goes to the pool in so many days.
    Pool(Compare, u32),
    /// Has something.
    Has(Vec<Part>),
    /// An open field says this.
    Field(FieldKey, Likeness, Vec<String>),
    /// Said this about a purpose.
    Consent(Vec<(Purpose, ConsentWord)>),
}

impl Condition {
    fn about(&self) -> &'static str {
        match self {
            Self::Words(_) => "words",
            Self::Tag(_) => "tag",
            Self::Owner(_) => "owner",
            Self::Stage(_) => "stage",
            Self::Lost(_) => "lost",
            Self::Kind(_) => "kind",
            Self::Basis(_) => "basis",
            Self::Source(_) => "source",
            Self::Id(_) => "id",
            Self::Time(moment, _) => moment.code(),
            Self::Amount(_) => "amount",
            Self::Pool(..) => "pool",
            Self::Has(_) => "has",
            Self::Field(..) => "field",
            Self::Consent(_) => "consent",
        }
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}(..)", self.about())
    }
}

/// A reason for being lost, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LossWord {
    /// Which.
    pub reason: LossReason,
    /// Its key.
    pub key: String,
}

/// Whose customer it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnerWord {
    /// Who asks.
    Me,
    /// Nobody: the pool.
    Nobody,
    /// Somebody, by login name.
    Named(String),
}

impl OwnerWord {
    /// What a word means that is nobody's name; `word` is folded.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "me" | "我" | "mine" => Some(Self::Me),
            "nobody" | "none" | "pool" | "无" | "公海" => Some(Self::Nobody),
            _ => None,
        }
    }
}

/// What was said about a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentWord {
    /// Yes.
    Yes,
    /// No, at once or later.
    No,
    /// No, after a yes.
    Withdrawn,
    /// Nothing.
    Unknown,
    /// Yes, to a wording that has changed since.
    Older,
}

codes!(ConsentWord: Yes = "yes", No = "no", Withdrawn = "withdrawn", Unknown = "unknown", Older = "older");

/// Which moment of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// When somebody last spoke with them.
    Last,
    /// When the next follow-up is due.
    Due,
    /// When it was added.
    Created,
    /// When it last changed.
    Updated,
}

impl Moment {
    fn code(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Due => "due",
            Self::Created => "created",
            Self::Updated => "updated",
        }
    }
}

/// When it was or will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeTest {
    /// Within a day, a month, a year, or the time between now and a distance.
    Within(Span),
    /// From the beginning of one to the end of the other.
    Between(Option<Span>, Option<Span>),
    /// Compared: later or earlier than a date, longer ago or further ahead than a distance.
    Than(Compare, Span),
    /// At no time.
    Never,
    /// Over already.
    Overdue,
}

/// How one value is compared with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `<=`
    AtMost,
}

impl Compare {
    /// Whether one value is so beside another.
    pub fn holds(self, value: i64, than: i64) -> bool {
        match self {
            Self::More => value > than,
            Self::AtLeast => value >= than,
            Self::Less => value < than,
            Self::AtMost => value <= than,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Less => "<",
            Self::AtMost => "<=",
        }
    }
}

/// How much, in minor units of whatever currency the deal is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountTest {
    /// So much.
    Exactly(i64),
    /// More or less than that.
    Than(Compare, i64),
    /// From the one to the other.
    Between(Option<i64>, Option<i64>),
}

impl AmountTest {
    /// Whether an amount is one of those asked for.
    pub fn holds(self, amount: i64) -> bool {
        match self {
            Self::Exactly(wanted) => amount == wanted,
            Self::Than(compare, than) => compare.holds(amount, than),
            Self::Between(from, to) => from.is_none_or(|from| amount >= from) && to.is_none_or(|to| amount <= to),
        }
    }
}

/// What a customer can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A value in a field, masked or not.
    Field(FieldKey),
    /// A tag.
    Tag,
    /// An owner.
    Owner,
    /// An open follow-up.
    FollowUp,
    /// A deal.
    Deal,
    /// A logged contact.
    Contact,
    /// A known legal ground.
    Basis,
}

/// How like a field's value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The words begin words of it.
    Words,
    /// It is the whole of it, but for case and width.
    Whole,
}

impl Display for CustomerQuery {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (at, term) in self.terms.iter().enumerate() {
            if at > 0 {
                f.write_char(' ')?;
            }
            term.fmt(f)?;
        }
        Ok(())
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.sign == Sign::Without {
            f.write_char('-')?;
        }
        match &self.condition {
            Condition::Words(words) => f.write_str(&free(words)),
            Condition::Tag(tags) => list(f, "tag:", tags, |tag| quoted(tag)),
            Condition::Owner(owners) => list(f, "owner:", owners, |owner| match owner {
                OwnerWord::Me => "me".to_owned(),
                OwnerWord::Nobody => "nobody".to_owned(),
                OwnerWord::Named(name) => quoted(name),
            }),
            Condition::Stage(stages) => list(f, "stage:", stages, |stage| stage.code().to_owned()),
            Condition::Lost(reasons) => {
                list(f, "lost:", reasons, |why| why.as_ref().map_or(NOT_SAID, |why| &why.key).to_owned())
            }
            Condition::Kind(kinds) => list(f, "kind:", kinds, |kind| kind.code().to_owned()),
            Condition::Basis(grounds) => list(f, "basis:", grounds, |basis| basis.code().to_owned()),
            Condition::Source(sources) => list(f, "source:", sources, |source| quoted(source)),
            Condition::Id(ids) => list(f, "id:", ids, ToString::to_string),
            Condition::Consent(said) => {
                list(f, "consent:", said, |(purpose, word)| format!("{}={}", purpose.code(), word.code()))
            }
            Condition::Time(moment, tests) => time(f, *moment, tests),
            Condition::Amount(test) => amount(f, *test),
            Condition::Pool(compare, days) => write!(f, "pool{}{days}d", compare.sign()),
            Condition::Has(parts) => list(f, "has:", parts, |part| part.code().to_owned()),
            Condition::Field(key, Likeness::Words, texts) => list(f, &format!("field.{key}:"), texts, |t| quoted(t)),
            Condition::Field(key, Likeness::Whole, texts) => list(f, &format!("field.{key}="), texts, |t| quoted(t)),
        }
    }
}

impl Part {
    pub(super) fn code(&self) -> &str {
        match self {
            Self::Field(key) => key.as_str(),
            Self::Tag => "tag",
            Self::Owner => "owner",
            Self::FollowUp => "follow_up",
            Self::Deal => "deal",
            Self::Contact => "contact",
            Self::Basis => "basis",
        }
    }
}

fn list<T>(f: &mut Formatter<'_>, head: &str, values: &[T], text: impl Fn(&T) -> String) -> fmt::Result {
    let values: Vec<String> = values.iter().map(text).collect();
    write!(f, "{head}{}", values.join(","))
}

/// A value as it must be written: in quotes where it would end early or mean something else.
pub(super) fn quoted(value: &str) -> String {
    let bare = !value.is_empty()
        && value.chars().all(|c| !c.is_whitespace() && !matches!(c, ',' | '"' | '>' | '<' | '=' | '⩾' | '⩽'));
    if bare { value.to_owned() } else { format!("\"{value}\"") }
}

/// Free words as they must be written.
fn free(words: &str) -> String {
    let bare = words.chars().all(|c| !c.is_whitespace() && !matches!(c, ':' | '=' | '>' | '<' | '⩾' | '⩽'));
    if bare && !words.is_empty() && !words.starts_with('-') { words.to_owned() } else { format!("\"{words}\"") }
}

fn time(f: &mut Formatter<'_>, moment: Moment, tests: &[TimeTest]) -> fmt::Result {
    if let [TimeTest::Than(compare, span)] = tests {
        return write!(f, "{}{}{span}", moment.code(), compare.sign());
    }
    let end = |span: &Option<Span>| span.as_ref().map(ToString::to_string).unwrap_or_default();
    list(f, &format!("{}:", moment.code()), tests, |test| match test {
        TimeTest::Within(span) | TimeTest::Than(_, span) => span.to_string(),
        TimeTest::Between(from, to) => format!("{}..{}", end(from), end(to)),
        TimeTest::Never => "never".to_owned(),
        TimeTest::Overdue => "overdue".to_owned(),
    })
}

fn amount(f: &mut Formatter<'_>, test: AmountTest) -> fmt::Result {
    match test {
        AmountTest::Exactly(amount) => write!(f, "amount:{}", major(amount)),
        AmountTest::Than(compare, amount) => write!(f, "amount{}{}", compare.sign(), major(amount)),
        AmountTest::Between(from, to) => {
            let end = |end: Option<i64>| end.map(major).unwrap_or_default();
            write!(f, "amount:{}..{}", end(from), end(to))
        }
    }
}

/// Minor units as people write them.
fn major(amount: i64) -> String {
    let (whole, rest) = (amount / 100, amount % 100);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:02}") }
}
