//! A vault's list of reasons for which customers are lost.
//!
//! **Invariant:** a reason never leaves the list but by an undo of its adding; one that is retired is still told, and only
//! not offered. No two say the same in any language. One at least is offered. A key never changes.

use super::label::{Label, LabelFault};
use super::loss::LossReason;
use crate::codes::codes;
use crate::text::folded;

/// The longest label, in characters.
pub const LONGEST_LABEL: usize = 40;
/// The most reasons of a vault.
pub const MOST_REASONS: usize = 100;
/// The longest key made from a label.
const LONGEST_KEY: usize = 30;
/// The number of the first reason that is a vault's own; those below are kept for ones that ship.
const FIRST_OWN: u16 = 100;
/// Words that a query has for those of whom nobody said why.
const NOBODY_SAID: [&str; 2] = ["not_said", "未说明"];

/// Whether a reason is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonState {
    /// It is.
    Offered,
    /// No more; those who are lost for it stay so.
    Retired,
}

codes!(ReasonState: Offered = "offered", Retired = "retired");

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonDef {
    /// Its number, by which customers and rules have it.
    pub id: LossReason,
    /// What scripts and queries call it.
    pub key: String,
    /// What people call it.
    pub label: Label,
    /// Whether it is offered.
    pub state: ReasonState,
}

/// All reasons of a vault, in the order in which they are offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LossReasons(Vec<ReasonDef>);

/// One change to the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LossChange {
    /// Another reason, behind those that are there.
    Add(Label),
    /// Other words for one.
    Label(LossReason, Label),
    /// One place towards the beginning.
    Earlier(LossReason),
    /// One place towards the end.
    Later(LossReason),
    /// Offered no more.
    Retire(LossReason),
    /// Offered again.
    Restore(LossReason),
}

/// Why the list is not changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LossFault {
    /// There is none with this number.
    #[error("there is no such reason")]
    Unknown,
    /// No words in either language.
    #[error("a label in one language at least is needed")]
    Empty,
    /// More words than fit.
    #[error("a label has 40 characters at most")]
    TooLong,
    /// Another says the same.
    #[error("another reason is called that already")]
    Taken,
    /// The last one that is offered.
    #[error("one reason at least has to be offered")]
    LastOne,
    /// It is the first or the last already.
    #[error("it is at the end already")]
    AtTheEnd,
    /// As many as can be kept.
    #[error("there are 100 reasons already, which is the most")]
    TooMany,
    /// Somebody is lost for it, so its adding is not taken back.
    #[error("a customer is lost for this reason, or a rule asks for it: retire it instead")]
    InUse,
    /// It is retired, and nobody is lost for it anew.
    #[error("this reason is retired")]
    Retired,
}

codes!(LossFault: Unknown = "unknown", Empty = "empty", TooLong = "too_long", Taken = "taken", LastOne = "last_one",
    AtTheEnd = "at_the_end", TooMany = "too_many", InUse = "in_use", Retired = "retired");

impl From<LabelFault> for LossFault {
    fn from(fault: LabelFault) -> Self {
        match fault {
            LabelFault::Empty => Self::Empty,
            LabelFault::TooLong => Self::TooLong,
        }
    }
}

/// The reasons that ship: number, key, and what they are called.
const SHIPPED: [(LossReason, &str, &str, &str); 7] = [
    (LossReason::PRICE, "price", "price", "价格"),
    (LossReason::COMPETITOR, "competitor", "went to a competitor", "转向竞争对手"),
    (LossReason::NO_NEED, "no_need", "no need", "没有需求"),
    (LossReason::NO_ANSWER, "no_answer", "does not answer", "联系不上"),
    (LossReason::MOVED_AWAY, "moved_away", "moved away or closed", "搬迁或停业"),
    (LossReason::SERVICE, "service", "our service", "我方服务"),
    (LossReason::OTHER, "other", "other", "其他"),
];

impl Default for LossReasons {
    fn default() -> Self {
        let shipped = SHIPPED.iter().map(|(id, key, en, zh)| ReasonDef {
            id: *id,
            key: (*key).to_owned(),
            label: Label::new(en, zh),
            state: ReasonState::Offered,
        });
        Self(shipped.collect())
    }
}

impl LossReasons {
    /// Those that were stored; the shipped ones where there are none.
    pub fn new(reasons: Vec<ReasonDef>) -> Self {
        if reasons.is_empty() { Self::default() } else { Self(reasons) }
    }

    /// All of them in their order.
    pub fn all(&self) -> &[ReasonDef] {
        &self.0
    }

    /// Those that are offered.
    pub fn offered(&self) -> impl Iterator<Item = &ReasonDef> {
        self.0.iter().filter(|reason| reason.state == ReasonState::Offered)
    }

    /// The reason with a number.
    pub fn get(&self, id: LossReason) -> Option<&ReasonDef> {
        self.0.iter().find(|reason| reason.id == id)
    }

    /// What scripts and queries call a reason; one whose adding was taken back has its number.
    pub fn key(&self, id: LossReason) -> String {
        self.get(id).map_or_else(|| numbered(id), |reason| reason.key.clone())
    }

    /// The reason with a key.
    pub fn by_key(&self, key: &str) -> Option<&ReasonDef> {
        self.0.iter().find(|reason| reason.key == key)
    }

    /// The reason that somebody names by its key or its words in any language; case, spaces and hyphens do not matter.
    pub fn named(&self, text: &str) -> Option<&ReasonDef> {
        let wanted = folded(text.trim());
        let key = wanted.replace([' ', '-'], "_");
        let plain = |text: &str| folded(text).replace([' ', '-'], "_");
        let by_words = || self.0.iter().find(|reason| reason.label.words().any(|words| plain(words) == key));
        self.by_key(&key).or_else(by_words)
    }

    /// Makes one change; gives what stood there before and stands there now, as an entry says it.
    pub fn apply(&mut self, change: &LossChange) -> Result<(String, String), LossFault> {
        match change {
            LossChange::Add(label) => self.add(label),
            LossChange::Label(id, label) => {
                self.is_free(label, Some(*id))?;
                let reason = self.find(*id)?;
                let before = std::mem::replace(&mut reason.label, label.clone());
                Ok((before.said(), label.said()))
            }
            LossChange::Earlier(id) => {
                let at = self.place(*id)?;
                self.swap(at, at.checked_sub(1))
            }
            LossChange::Later(id) => {
                let at = self.place(*id)?;
                self.swap(at, Some(at + 1))
            }
            LossChange::Retire(id) => {
                self.place(*id)?;
                if self.offered().all(|reason| reason.id == *id) {
                    return Err(LossFault::LastOne);
                }
                self.set_state(*id, ReasonState::Retired)
            }
            LossChange::Restore(id) => self.set_state(*id, ReasonState::Offered),
        }
    }

    fn add(&mut self, label: &Label) -> Result<(String, String), LossFault> {
        self.is_free(label, None)?;
        if self.0.len() >= MOST_REASONS {
            return Err(LossFault::TooMany);
        }
        let most = self.0.iter().map(|reason| reason.id.0).max().unwrap_or(0);
        let id = LossReason(most.saturating_add(1).max(FIRST_OWN));
        let key = slug(label.en.as_str()).filter(|key| self.named(key).is_none()).unwrap_or_else(|| numbered(id));
        self.0.push(ReasonDef { id, key, label: label.clone(), state: ReasonState::Offered });
        Ok((String::new(), label.said()))
    }

    /// Whether a label can be a reason's: nobody else's words or key, and no word that means something else in a query.
    fn is_free(&self, label: &Label, except: Option<LossReason>) -> Result<(), LossFault> {
        if let Some(fault) = label.fault(LONGEST_LABEL) {
            return Err(fault.into());
        }
        let meant = |text: &str| self.named(text).is_some_and(|reason| Some(reason.id) != except);
        let reserved = |text: &str| NOBODY_SAID.contains(&folded(text).replace([' ', '-'], "_").as_str());
        if label.words().any(|text| meant(text) || reserved(text)) { Err(LossFault::Taken) } else { Ok(()) }
    }

    fn find(&mut self, id: LossReason) -> Result<&mut ReasonDef, LossFault> {
        self.0.iter_mut().find(|reason| reason.id == id).ok_or(LossFault::Unknown)
    }

    fn place(&self, id: LossReason) -> Result<usize, LossFault> {
        self.0.iter().position(|reason| reason.id == id).ok_or(LossFault::Unknown)
    }

    fn swap(&mut self, at: usize, other: Option<usize>) -> Result<(String, String), LossFault> {
        let other = other.filter(|other| *other < self.0.len()).ok_or(LossFault::AtTheEnd)?;
        let before = self.order();
        self.0.swap(at, other);
        Ok((before, self.order()))
    }

    fn set_state(&mut self, id: LossReason, state: ReasonState) -> Result<(String, String), LossFault> {
        let reason = self.find(id)?;
        let before = std::mem::replace(&mut reason.state, state);
        let said = |state: ReasonState| format!("{}: {}", reason.key, state.code());
        Ok((said(before), said(state)))
    }

    fn order(&self) -> String {
        self.0.iter().map(|reason| reason.key.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn numbered(id: LossReason) -> String {
    format!("reason_{}", id.0)
}

/// A key from an English label, where it has letters for one: `Too far away` is `too_far_away`.
fn slug(label: &str) -> Option<String> {
    if !label.is_ascii() {
        return None;
    }
    let words: Vec<String> = label
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let mut key = words.join("_");
    key.truncate(LONGEST_KEY);
    let key = key.trim_end_matches('_').to_owned();
    // What looks like a number of the list may become somebody's.
    let number = key.strip_prefix("reason_").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    let good = key.starts_with(|c: char| c.is_ascii_alphabetic()) && !number && !NOBODY_SAID.contains(&key.as_str());
    good.then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(list: &mut LossReasons, en: &str, zh: &str) -> Result<LossReason, LossFault> {
        list.apply(&LossChange::Add(Label::new(en, zh)))?;
        Ok(list.all().last().map(|reason| reason.id).unwrap_or_default())
    }

    #[test]
    fn a_reason_is_added_behind_the_others_with_a_key_of_its_own() {
        let mut list = LossReasons::default();
        let far = add(&mut list, "Too far away", "太远").unwrap();
        let budget = add(&mut list, "", "没有预算").unwrap();
        assert_eq!((list.key(far), list.key(budget)), ("too_far_away".into(), "reason_101".into()));
        for name in ["too_far_away", "Too far away", "too-far-away", "太远"] {
            assert_eq!(list.named(name).map(|reason| reason.id), Some(far), "{name}");
        }
        list.apply(&LossChange::Label(far, Label::new("Distance", ""))).unwrap();
        assert_eq!(list.key(far), "too_far_away");
    }

    #[test]
    fn what_says_the_same_as_another_or_nothing_is_no_reason() {
        let mut list = LossReasons::default();
        for (en, zh, fault) in [
            ("", " ", LossFault::Empty),
            ("Price", "", LossFault::Taken),
            ("too dear", "价格", LossFault::Taken),
            ("no need", "不要", LossFault::Taken),
            ("Not said", "", LossFault::Taken),
            ("", "未说明", LossFault::Taken),
            (&"x".repeat(41), "", LossFault::TooLong),
        ] {
            assert_eq!(add(&mut list, en, zh), Err(fault), "{en} {zh}");
        }
        list.apply(&LossChange::Label(LossReason::PRICE, Label::new("Price", "价钱"))).unwrap();
        for n in list.all().len()..MOST_REASONS {
            add(&mut list, &format!("own {n}"), "").unwrap();
        }
        assert_eq!(add(&mut list, "one more", ""), Err(LossFault::TooMany));
    }

    #[test]
    fn the_last_offered_one_is_not_retired_and_the_first_does_not_go_further_up() {
        let mut list = LossReasons::default();
        let ids: Vec<LossReason> = list.all().iter().map(|reason| reason.id).collect();
        assert_eq!(list.apply(&LossChange::Earlier(LossReason::PRICE)), Err(LossFault::AtTheEnd));
        assert_eq!(list.apply(&LossChange::Later(LossReason::OTHER)), Err(LossFault::AtTheEnd));
        list.apply(&LossChange::Later(LossReason::PRICE)).unwrap();
        assert_eq!(list.all().first().map(|reason| reason.id), Some(LossReason::COMPETITOR));
        for id in ids.iter().skip(1) {
            list.apply(&LossChange::Retire(*id)).unwrap();
        }
        assert_eq!(list.apply(&LossChange::Retire(LossReason::PRICE)), Err(LossFault::LastOne));
        list.apply(&LossChange::Restore(LossReason::OTHER)).unwrap();
        assert!(list.apply(&LossChange::Retire(LossReason::PRICE)).is_ok());
        assert_eq!(list.apply(&LossChange::Retire(LossReason(99))), Err(LossFault::Unknown));
    }
}
