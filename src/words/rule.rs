//! Rules in words: when one acts, and what it does.
//!
//! **Invariant:** names and tags stand as people wrote them; everything round them is in the reader's language.

use super::refusal::code;
use super::{Words, loss};
use crate::domain::loss_reasons::LossReasons;
use crate::domain::rule::{Outcome, RuleText, Trigger};
use crate::service::view::{Swept, Total};

/// When it acts, and on whom only.
pub fn when(words: &Words, reasons: &LossReasons, text: &RuleText) -> String {
    let mut out = match &text.trigger {
        Trigger::StageBecomes(stage) => words.ta("rule-when-stage", &[("stage", &code(words, "stage", stage.code()))]),
        Trigger::TagAdded(tag) => words.ta("rule-when-tag", &[("tag", tag)]),
        Trigger::NoContact(days) => words.ta("rule-when-silent", &[("n", days)]),
        Trigger::BirthdayNear(0) => words.t("rule-when-birthday-today"),
        Trigger::BirthdayNear(days) => words.ta("rule-when-birthday", &[("n", days)]),
    };
    let stage = text.stage.map(|stage| code(words, "stage", stage.code()));
    let lost = text.lost.map(|why| words.ta("rule-lost-so", &[("why", &loss::reason(words, reasons, why))]));
    for only in text.tag.as_ref().map(|tag| tag.as_str().to_owned()).into_iter().chain(stage).chain(lost) {
        out = format!("{out} · {}", words.ta("rule-only", &[("what", &only)]));
    }
    out
}

/// What it does, with the name of whoever is named in it.
pub fn then(words: &Words, text: &RuleText, person: Option<&str>) -> String {
    match (&text.outcome, person) {
        (Outcome::FollowUp { text, days, who: None }, _) | (Outcome::FollowUp { text, days, .. }, None) => {
            words.ta("rule-then-follow-up", &[("text", text), ("n", days)])
        }
        (Outcome::FollowUp { text, days, .. }, Some(who)) => {
            words.ta("rule-then-follow-up-by", &[("text", text), ("n", days), ("who", &who)])
        }
        (Outcome::Tag(tag), _) => words.ta("rule-then-tag", &[("tag", tag)]),
        (Outcome::Assign(_), who) => words.ta("rule-then-assign", &[("who", &who.unwrap_or("?"))]),
    }
}

/// How many customers a rule would take.
pub fn how_many(words: &Words, text: &RuleText, count: Total) -> String {
    let key = if text.trigger.is_timed() { "rule-dry-timed" } else { "rule-dry-standing" };
    match count {
        Total::Exactly(n) => words.ta(key, &[("n", &n), ("more", &"")]),
        Total::AtLeast(n) => words.ta(key, &[("n", &n), ("more", &"+")]),
    }
}

/// What came of having the rules look.
pub fn swept(words: &Words, swept: &Swept) -> String {
    words.ta("rules-swept", &[("f", &swept.follow_ups), ("t", &swept.tags), ("a", &swept.assigned)])
}
