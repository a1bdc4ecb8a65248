//! The keys of a query: their words in both languages, and an example of each.
//!
//! **Invariant:** no word stands for two keys; the first of a key's words is the one that is written back.

use crate::text::folded;

/// What a part of a query is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Tags.
    Tag,
    /// Who works with the customer.
    Owner,
    /// How far it has come.
    Stage,
    /// Why it is lost.
    Lost,
    /// Person or company.
    Kind,
    /// When somebody last spoke with them.
    Last,
    /// When the next follow-up is due.
    Due,
    /// When it was added.
    Created,
    /// When it last changed.
    Updated,
    /// The amount of a deal.
    Amount,
    /// What there is.
    Has,
    /// What is in an open field.
    Field,
    /// The legal ground.
    Basis,
    /// Where the data came from.
    Source,
    /// The customer's number.
    Id,
    /// How long until the customer goes to the pool.
    Pool,
    /// Consents.
    Consent,
}

impl Key {
    /// Every key, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[
        Self::Tag,
        Self::Owner,
        Self::Stage,
        Self::Lost,
        Self::Last,
        Self::Due,
        Self::Created,
        Self::Updated,
        Self::Has,
        Self::Field,
        Self::Amount,
        Self::Kind,
        Self::Basis,
        Self::Source,
        Self::Id,
        Self::Pool,
        Self::Consent,
    ];

    /// Its words: the one that is written back, then others.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Tag => &["tag", "tags", "标签"],
            Self::Owner => &["owner", "负责人", "归属"],
            Self::Stage => &["stage", "阶段"],
            Self::Lost => &["lost", "lost_reason", "流失原因"],
            Self::Kind => &["kind", "type", "类型"],
            Self::Last => &["last", "last_contact", "上次联系", "最近联系"],
            Self::Due => &["due", "跟进", "到期"],
            Self::Created => &["created", "added", "创建", "建档"],
            Self::Updated => &["updated", "changed", "更新"],
            Self::Amount => &["amount", "金额"],
            Self::Has => &["has", "有"],
            Self::Field => &["field", "字段"],
            Self::Basis => &["basis", "合法依据", "依据"],
            Self::Source => &["source", "来源"],
            Self::Id => &["id", "编号"],
            Self::Pool => &["pool", "回公海", "公海"],
            Self::Consent => &["consent", "同意"],
        }
    }

    /// The word that is written back.
    pub fn code(self) -> &'static str {
        self.words().first().copied().unwrap_or_default()
    }

    /// What a right part with this key looks like.
    pub fn example(self) -> &'static str {
        match self {
            Self::Tag => "tag:vip",
            Self::Owner => "owner:me",
            Self::Stage => "stage:lead",
            Self::Lost => "lost:price",
            Self::Kind => "kind:company",
            Self::Last => "last>90d",
            Self::Due => "due:today",
            Self::Created => "created:2026-01..2026-03",
            Self::Updated => "updated<7d",
            Self::Amount => "amount>5000",
            Self::Has => "has:email",
            Self::Field => "field.company:acme",
            Self::Basis => "basis:contract",
            Self::Source => "source:fair",
            Self::Id => "id:12",
            Self::Pool => "pool<7d",
            Self::Consent => "consent:marketing=no",
        }
    }

    /// The key that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = folded(word);
        Self::ALL.iter().copied().find(|key| key.words().contains(&word.as_str()))
    }
}
