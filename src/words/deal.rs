//! Deals in words: stages, amounts of days, what happened with one.
//!
//! **Invariant:** a stage that somebody named is called what they called it, in every language.

use super::Words;
use super::refusal::code;
use crate::domain::deal::{DealStage, Stage};
use crate::service::view::DealHappening;

/// A stage's name: a word of the program for a stage as shipped, else its own.
pub fn stage(words: &Words, stage: &Stage) -> String {
    label(words, stage.label())
}

/// The same for the name alone, as the record has it.
pub fn label(words: &Words, label: &str) -> String {
    match DealStage::from_code(label).filter(|stage| stage.code() == label) {
        Some(stage) => code(words, "deal", stage.code()),
        None => label.to_owned(),
    }
}

/// What happened with a deal, in one line.
pub fn happening(words: &Words, what: &DealHappening) -> String {
    let verb = code(words, "verb", &what.verb);
    let said = |text: &str| if what.part.is_none() { label(words, text) } else { text.to_owned() };
    let (before, after) = (what.before.as_deref().unwrap_or_default(), said(&what.after));
    let change = match (&what.part, what.verb.as_str()) {
        (Some(part), _) => format!("{}: {before} → {after}", code(words, "part", part)),
        (None, "deal.move" | "deal.reopen") => format!("{} → {after}", said(before)),
        (None, "deal.win" | "deal.lose" | "deal.remove") => String::new(),
        (None, _) => after,
    };
    let mut out = format!("{verb}: {}", what.title);
    if !change.is_empty() {
        out = format!("{out} · {change}");
    }
    if let Some(reason) = &what.reason {
        out = format!("{out} · {reason}");
    }
    out
}
