//! What can be written at the cursor of a query.
//!
//! **Invariant:** nothing is offered but keys, their values, and what the vocabulary holds.

use std::ops::Range;

use super::Vocabulary;
use super::keys::Key;
use super::lexer::{can_be_key, plain};
use super::read::{GROUNDS, KINDS, NOT_SAID_ZH, PARTS, PURPOSES, SAID, STAGES};
use super::span;
use super::tree::{ConsentWord, NOT_SAID, quoted};
use crate::domain::consent::Purpose;
use crate::domain::customer::{Basis, CustomerKind, Stage};
use crate::domain::field::Lang;
use crate::domain::loss_reasons::ReasonDef;
use crate::privacy::class::FieldClass;
use crate::text::folded;

/// The most that is offered at once.
const MOST: usize = 50;

/// What can stand at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The characters, counted from 0, in whose place an offer goes.
    pub replaces: Range<usize>,
    /// What is offered, the likeliest first.
    pub offers: Vec<Offer>,
}

/// One offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is written: `tag:` or `vip`.
    pub text: String,
    /// The key that it is, or whose value it is.
    pub key: Key,
}

/// What can be written in `text` where the cursor is, `cursor` characters behind its beginning.
pub fn complete(text: &str, cursor: usize, words: &Vocabulary, lang: Lang) -> Completion {
    let before: Vec<char> = text.chars().take(cursor.min(super::MOST_CHARACTERS)).map(plain).collect();
    let end = before.len();
    let start = part_start(&before);
    let part = before.get(start..).unwrap_or_default();
    let minus = usize::from(part.first() == Some(&'-'));
    let body = part.get(minus..).unwrap_or_default();
    let joint = body.iter().position(|c| matches!(c, ':' | '=' | '>' | '<' | '⩾' | '⩽'));
    let key = joint.and_then(|at| body.get(..at)).filter(|word| can_be_key(word));
    let (Some(joint), Some(key)) = (joint, key) else {
        let typed: String = body.iter().collect();
        return Completion { replaces: start + minus..end, offers: keys(&typed, words, lang) };
    };
    let word: String = key.iter().collect();
    let mut value_at = joint;
    while body.get(value_at).is_some_and(|c| matches!(c, ':' | '=' | '>' | '<' | '⩾' | '⩽')) {
        value_at += 1;
    }
    let values = body.get(value_at..).unwrap_or_default();
    let last = values.iter().rposition(|c| *c == ',').map_or(0, |comma| comma + 1);
    let typed: String = values.get(last..).unwrap_or_default().iter().filter(|c| **c != '"').collect();
    let replaces = start + minus + value_at + last..end;
    let offers = match Key::from_word(&word) {
        Some(key) => values_of(key, &typed, words, lang),
        None => Vec::new(),
    };
    Completion { replaces, offers }
}

/// Where the part that the text ends in begins.
fn part_start(before: &[char]) -> usize {
    let (mut start, mut open) = (0, false);
    for (at, c) in before.iter().enumerate() {
        match c {
            '"' => open = !open,
            c if c.is_whitespace() && !open => start = at + 1,
            _ => {}
        }
    }
    start
}

fn keys(typed: &str, words: &Vocabulary, lang: Lang) -> Vec<Offer> {
    let typed = folded(typed);
    // In Chinese the Chinese word is offered, unless Latin letters are being typed.
    let latin = typed.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    let chinese = !typed.is_empty() && !latin || lang == Lang::ZhCn && typed.is_empty();
    let word = |key: Key| {
        let first = if chinese { key.words().iter().find(|word| !word.is_ascii()) } else { None };
        first.copied().unwrap_or_else(|| key.code())
    };
    let mut out = Vec::new();
    for key in Key::ALL.iter().copied().filter(|key| *key != Key::Field) {
        if key.words().iter().any(|word| word.starts_with(&typed)) {
            out.push(Offer { text: format!("{}:", word(key)), key });
        }
    }
    let field = |f: &super::FieldWord| {
        let label = f.labels.iter().any(|label| folded(label).starts_with(&typed));
        f.class == FieldClass::Open && (f.key.as_str().starts_with(&typed) || label)
    };
    let wanted = typed.strip_prefix("field.").unwrap_or(&typed).to_owned();
    let prefixed = |f: &&super::FieldWord| {
        field(f) || f.class == FieldClass::Open && f.key.as_str().starts_with(&wanted) || "field.".starts_with(&typed)
    };
    let open = words.fields.iter().filter(|f| f.class == FieldClass::Open).filter(prefixed);
    out.extend(open.map(|f| Offer { text: format!("field.{}:", f.key), key: Key::Field }));
    out.truncate(MOST);
    out
}

fn values_of(key: Key, typed: &str, words: &Vocabulary, lang: Lang) -> Vec<Offer> {
    let chinese = lang == Lang::ZhCn && !typed.starts_with(|c: char| c.is_ascii_alphabetic());
    let codes = |codes: Vec<&str>, others: Vec<&'static str>| {
        let known: Vec<String> =
            if chinese { others } else { codes.into_iter().collect() }.into_iter().map(str::to_owned).collect();
        known
    };
    fn chinese_words<T>(others: &'static [(&'static str, T)]) -> Vec<&'static str> {
        others.iter().map(|(word, _)| *word).filter(|word| !word.is_ascii()).collect()
    }
    let known: Vec<String> = match key {
        Key::Tag => words.tags.clone(),
        Key::Owner => {
            let special: &[&str] = if chinese { &["我", "无"] } else { &["me", "nobody"] };
            special.iter().map(|word| (*word).to_owned()).chain(words.owners.iter().cloned()).collect()
        }
        Key::Stage => codes(Stage::ALL.iter().map(|s| s.code()).collect(), chinese_words(STAGES)),
        Key::Lost => {
            let said = |reason: &ReasonDef| {
                let zh = Some(reason.label.zh.as_str()).filter(|zh| chinese && !zh.is_empty());
                zh.unwrap_or(&reason.key).to_owned()
            };
            let nobody = if chinese { NOT_SAID_ZH } else { NOT_SAID };
            words.losses.offered().map(said).chain([nobody.to_owned()]).collect()
        }
        Key::Kind => codes(CustomerKind::ALL.iter().map(|k| k.code()).collect(), chinese_words(KINDS)),
        Key::Basis => codes(Basis::ALL.iter().map(|b| b.code()).collect(), chinese_words(GROUNDS)),
        Key::Has => {
            let parts: Vec<&str> =
                PARTS.iter().take_while(|(word, _)| word.is_ascii()).map(|(word, _)| *word).collect();
            let parts = codes(parts, chinese_words(PARTS));
            parts.into_iter().chain(words.fields.iter().map(|f| f.key.as_str().to_owned())).collect()
        }
        Key::Due => ["overdue", "never"].into_iter().chain(span::offered()).map(str::to_owned).collect(),
        Key::Last => std::iter::once("never").chain(span::offered()).map(str::to_owned).collect(),
        Key::Created | Key::Updated => span::offered().map(str::to_owned).collect(),
        Key::Consent => return consents(typed, chinese),
        Key::Amount | Key::Field | Key::Source | Key::Id | Key::Pool => Vec::new(),
    };
    // What lies ahead is no help in a question about what has been.
    let past = matches!(key, Key::Last | Key::Created | Key::Updated);
    let known = known.into_iter().filter(|word| !(past && (word.starts_with("next") || word == "tomorrow")));
    let wanted = folded(typed);
    let (begins, holds): (Vec<String>, Vec<String>) =
        known.filter(|word| folded(word).contains(&wanted)).partition(|word| folded(word).starts_with(&wanted));
    begins.into_iter().chain(holds).take(MOST).map(|word| Offer { text: quoted(&word), key }).collect()
}

/// A purpose first, then what was said of it.
fn consents(typed: &str, chinese: bool) -> Vec<Offer> {
    fn first<T: Copy + PartialEq>(others: &'static [(&'static str, T)], of: T) -> Option<&'static str> {
        others.iter().find(|(word, known)| *known == of && !word.is_ascii()).map(|(word, _)| *word)
    }
    let purpose = |of: &Purpose| first(PURPOSES, *of).filter(|_| chinese).unwrap_or_else(|| of.code());
    let said = |of: &ConsentWord| first(SAID, *of).filter(|_| chinese).unwrap_or_else(|| of.code());
    let (head, wanted, known) = match typed.split_once('=') {
        None => (String::new(), typed, Purpose::ALL.iter().map(|of| format!("{}=", purpose(of))).collect::<Vec<_>>()),
        Some((head, word)) => {
            (format!("{head}="), word, ConsentWord::ALL.iter().map(|of| said(of).to_owned()).collect())
        }
    };
    let wanted = folded(wanted);
    let known = known.into_iter().filter(|word| folded(word).starts_with(&wanted));
    known.map(|word| Offer { text: format!("{head}{word}"), key: Key::Consent }).collect()
}
