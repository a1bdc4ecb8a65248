//! Texts that are kept under a name, with places in braces that are filled in for one customer.
//!
//! **Invariant:** filling goes once over the text, so what is filled in is never read for places again; a place that
//! cannot be filled stays to be seen, with a question mark.

use zeroize::Zeroizing;

use super::field::FieldKey;
use super::id::{StaffId, TemplateId};
use super::interaction::InteractionKind;
use crate::text::{MAX_BYTES, Printable};

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 40;
/// The longest text, in characters.
pub const LONGEST_TEXT: usize = 4_000;
/// The longest word between braces that is a place, in bytes.
const LONGEST_PLACE: usize = 64;

/// A text that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// Grows by one with each change.
    pub version: u64,
    /// Its name, of which there is one.
    pub name: Printable,
    /// For which kind of contact it is.
    pub kind: InteractionKind,
    /// The text with its places.
    pub text: Printable,
    /// Who wrote it last.
    pub by: StaffId,
}

/// What can be written of a template.
#[derive(Clone, Debug)]
pub struct TemplateDraft {
    /// Its name.
    pub name: Printable,
    /// For which kind of contact.
    pub kind: InteractionKind,
    /// The text with its places.
    pub text: Printable,
}

/// What stands in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The name of whoever writes.
    Me,
    /// The present day.
    Date,
    /// A field of the customer, or the name.
    Field(FieldKey),
}

impl Place {
    /// The place of a word between braces; none where nothing is called so.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "me" => Some(Self::Me),
            "date" => Some(Self::Date),
            "name" | "company" => FieldKey::new(word).map(Self::Field),
            _ => word.strip_prefix("field.").and_then(FieldKey::new).map(Self::Field),
        }
    }
}

/// A stretch of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    /// What stands between the braces.
    Word(&'t str),
}

/// The stretches of a text. Braces round anything but a word are text.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some((before, tail)) = rest.split_once('{') {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '?');
        let word = tail.split_once('}').map(|(word, _)| word);
        let word = word.filter(|w| !w.is_empty() && w.len() <= LONGEST_PLACE && w.chars().all(letter));
        let taken = before.len() + 1;
        match word {
            Some(word) => {
                out.extend([Piece::Text(before), Piece::Word(word)]);
                rest = rest.get(taken + word.len() + 1..).unwrap_or_default();
            }
            None => {
                out.push(Piece::Text(rest.get(..taken).unwrap_or_default()));
                rest = tail;
            }
        }
    }
    out.push(Piece::Text(rest));
    out
}

/// The words between braces, each once, in the order of the text.
pub fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for piece in pieces(text) {
        if let Piece::Word(word) = piece
            && !out.contains(&word)
        {
            out.push(word);
        }
    }
    out
}

/// The text with its places filled in. Where `value` has nothing for a word, the word stays with a question mark.
pub fn fill(text: &str, value: &mut dyn FnMut(&str) -> Option<Zeroizing<String>>) -> Zeroizing<String> {
    // Room for all that is taken, so that no part of a value is left behind where the text was before it grew.
    let mut out = Zeroizing::new(String::with_capacity(3 * MAX_BYTES));
    for piece in pieces(text) {
        let next = match piece {
            Piece::Text(text) => Zeroizing::new(text.to_owned()),
            Piece::Word(word) => {
                value(word).unwrap_or_else(|| Zeroizing::new(format!("{{{}?}}", word.trim_end_matches('?'))))
            }
        };
        // What comes behind would be cut off anyway.
        if out.len() + next.len() > 3 * MAX_BYTES {
            break;
        }
        out.push_str(&next);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::NAME;

    fn check(text: &str, filled: &str) {
        let value = |word: &str| match Place::of(word)? {
            Place::Field(key) if key == NAME => Some("张三丰 {me}".to_owned()),
            Place::Me => Some("li.na".to_owned()),
            Place::Date => Some("2026-03-01".to_owned()),
            Place::Field(key) => (key.as_str() == "company").then(|| "Acme".to_owned()),
        };
        assert_eq!(fill(text, &mut |word| value(word).map(Zeroizing::new)).as_str(), filled);
    }

    #[test]
    fn places_are_filled_once_and_what_is_unknown_stays_to_be_seen() {
        check("您好{name}，我是{me}。{date} {company}", "您好张三丰 {me}，我是li.na。2026-03-01 Acme");
        check("{field.company} {field.gone} {welcome} {field.x?}", "Acme {field.gone?} {welcome?} {field.x?}");
        check("{} { name } {Name} {{me}} {", "{} { name } {Name} {li.na} {");
        check("a } b {name", "a } b {name");
    }

    #[test]
    fn words_are_found_once_and_hostile_braces_are_text() {
        assert_eq!(words("{name} {field.mobile} {name} {x-y}"), ["name", "field.mobile"]);
        assert!(words(&"{".repeat(10_000)).is_empty());
        let long = format!("{{{}}}", "a".repeat(65));
        assert_eq!(*fill(&long, &mut |_| Some(Zeroizing::default())), long);
        let many = "{name}".repeat(600);
        assert!(fill(&many, &mut |_| Some(Zeroizing::new("x".repeat(60_000)))).len() <= 3 * MAX_BYTES);
    }
}
