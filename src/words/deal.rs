//! Deals in words: stages, amounts of days, what happened with one.
//!
//! **Invariant:** a stage is called what people called it in the reader's language, and where they did not, in the other.

use super::Words;
use super::refusal::code;
use crate::domain::deal::{DealStage, Stage};
use crate::domain::label::Label;
use crate::service::view::DealHappening;

/// A stage's name in the reader's language.
pub fn stage(words: &Words, stage: &Stage) -> String {
    stage.name.of(words.lang).to_owned()
}

/// The same for the name alone, as the record has it.
pub fn label(words: &Words, said: &str) -> String {
    match DealStage::from_code(said).filter(|stage| stage.code() == said) {
        Some(stage) => stage.label().of(words.lang).to_owned(),
        None => Label::heard(said, words.lang).to_owned(),
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
