//! A name in the languages of the interface.
//!
//! **Invariant:** a label that is kept has words in one language at least; those serve whoever reads the other one too.

use super::field::Lang;
use crate::codes::codes;
use crate::text::{Printable, folded};

/// What stands between the two languages in an entry. It is in nobody's way: hardly anybody types it.
const BETWEEN: &str = " ¦ ";

/// A name in English and in Chinese, of which one may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// In English.
    pub en: Printable,
    /// In Chinese.
    pub zh: Printable,
}

/// What will not do as a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelFault {
    /// There are no words in either language.
    Empty,
    /// One of them is too long.
    TooLong,
}

codes!(LabelFault: Empty = "empty", TooLong = "too_long");

impl Label {
    /// A label in both languages.
    pub fn new(en: &str, zh: &str) -> Self {
        Self { en: Printable::line(en.trim()), zh: Printable::line(zh.trim()) }
    }

    /// What somebody called it in one language: Chinese where it has Chinese characters.
    pub fn one(text: &str) -> Self {
        let han = text.chars().any(|c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'));
        if han { Self::new("", text) } else { Self::new(text, "") }
    }

    /// The words for whoever reads a language.
    pub fn of(&self, lang: Lang) -> &str {
        let (own, other) = match lang {
            Lang::En => (&self.en, &self.zh),
            Lang::ZhCn => (&self.zh, &self.en),
        };
        if own.is_empty() { other.as_str() } else { own.as_str() }
    }

    /// Whether it has no words.
    pub fn is_empty(&self) -> bool {
        self.en.is_empty() && self.zh.is_empty()
    }

    /// The words in each language that it has.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        [&self.en, &self.zh].into_iter().map(Printable::as_str).filter(|text| !text.is_empty())
    }

    /// Whether it says this in one of its languages; `wanted` is folded.
    pub fn says(&self, wanted: &str) -> bool {
        self.words().any(|text| folded(text) == wanted)
    }

    /// Whether two share what they say in one of their languages.
    pub fn meets(&self, other: &Self) -> bool {
        other.words().any(|text| self.says(&folded(text)))
    }

    /// What is wrong with it, where something is; `longest` is in characters.
    pub fn fault(&self, longest: usize) -> Option<LabelFault> {
        if self.is_empty() {
            return Some(LabelFault::Empty);
        }
        self.words().any(|text| text.chars().count() > longest).then_some(LabelFault::TooLong)
    }

    /// How an entry says it: in both languages.
    pub fn said(&self) -> String {
        if self.en == self.zh { self.en.as_str().to_owned() } else { self.words().collect::<Vec<_>>().join(BETWEEN) }
    }

    /// What an entry said, for whoever reads a language.
    pub fn heard(said: &str, lang: Lang) -> &str {
        match (said.split_once(BETWEEN), lang) {
            (None, _) => said,
            (Some((en, _)), Lang::En) => en,
            (Some((_, zh)), Lang::ZhCn) => zh,
        }
    }
}

impl From<&str> for Label {
    fn from(text: &str) -> Self {
        Self::one(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_one_language_serves_both() {
        let both = Label::new("Sample", "样品");
        assert_eq!((both.of(Lang::En), both.of(Lang::ZhCn)), ("Sample", "样品"));
        for text in ["Sample", "样品"] {
            let one = Label::one(text);
            assert_eq!((one.of(Lang::En), one.of(Lang::ZhCn)), (text, text));
            assert!(both.meets(&one) && one.meets(&both));
        }
    }

    #[test]
    fn an_entry_says_both_and_each_hears_their_own() {
        let said = Label::new("Sample", "样品").said();
        assert_eq!((Label::heard(&said, Lang::En), Label::heard(&said, Lang::ZhCn)), ("Sample", "样品"));
        assert_eq!(Label::heard(&Label::one("样品").said(), Lang::En), "样品");
        assert_eq!(Label::new("A", "A").said(), "A");
    }

    #[test]
    fn no_words_and_too_many_are_faults() {
        assert_eq!(Label::default().fault(4), Some(LabelFault::Empty));
        assert_eq!(Label::new("ab", "abcde").fault(4), Some(LabelFault::TooLong));
        assert_eq!(Label::new("abcd", "").fault(4), None);
    }
}
