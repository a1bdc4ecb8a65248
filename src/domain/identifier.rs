//! What a query bar's text names, where it names one customer rather than words to look for.
//!
//! **Invariant:** an identifier is normalised as the field that holds it, so that its blind token is the same; its
//! `Debug` shows its kind and nothing else.

use chrono::NaiveDate;

use super::field::{FieldKind, NAME, Schema};
use super::value::check;
use crate::codes::codes;
use crate::text::{Printable, half_width};

/// A text by which somebody can be found exactly, in normalised form.
#[derive(Clone, PartialEq, Eq)]
pub struct Identifier {
    /// What it is.
    pub kind: IdentifierKind,
    /// The normalised value: E.164 for a phone, lower case for an email, upper case for an ID number.
    pub normal: String,
}

/// Names the kind, not the value.
impl std::fmt::Debug for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identifier({})", self.kind.code())
    }
}

/// What can name somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdentifierKind {
    /// The last four digits of a phone.
    LastFour,
    /// A whole phone number.
    Phone,
    /// An email address.
    Email,
    /// A resident ID or passport number.
    Identity,
    /// A bank card number.
    Card,
    /// A name that is masked.
    Name,
}

codes!(IdentifierKind: LastFour = "last_four", Phone = "phone", Email = "email", Identity = "identity",
    Card = "card", Name = "name");

/// The identifier that the whole of `text` is, if it is one. `region` is that of phones without a country code.
pub fn recognise(text: &str, region: &str) -> Option<Identifier> {
    if text.len() > 400 {
        return None;
    }
    let line: String = Printable::line(text).as_str().chars().map(half_width).collect();
    let text = line.trim();
    // Searching for a number that lies in the future finds nothing and does no harm.
    let named = |kind, field| {
        let normal = check(field, text, region, NaiveDate::MAX).ok()?.normal;
        Some(Identifier { kind, normal })
    };
    if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Identifier { kind: IdentifierKind::LastFour, normal: text.to_owned() });
    }
    if text.contains('@') {
        return named(IdentifierKind::Email, FieldKind::Email);
    }
    if let Some(number) = named(IdentifierKind::Identity, FieldKind::ResidentId) {
        return Some(number);
    }
    if is_passport(text) {
        return named(IdentifierKind::Identity, FieldKind::Passport);
    }
    named(IdentifierKind::Phone, FieldKind::Phone).or_else(|| named(IdentifierKind::Card, FieldKind::BankCard))
}

/// As [`recognise`]; where names are in a class, also the one that follows `name:`.
pub fn recognise_in(text: &str, region: &str, schema: &Schema) -> Option<Identifier> {
    recognise(text, region).or_else(|| {
        let line: String = text.chars().map(half_width).collect();
        let named = [NAME.as_str(), "姓名"].iter().find_map(|key| line.trim_start().strip_prefix(key));
        whole_name(named?.trim_start().strip_prefix(':')?, schema)
    })
}

/// The words of a query as a name, where names are in a class and the query is words alone.
pub fn name_of_words(text: &str, schema: &Schema) -> Option<Identifier> {
    let line: String = text.chars().map(half_width).collect();
    whole_name(&line, schema).filter(|_| !line.contains([':', '<', '>', '=']))
}

/// The whole text as a name, where names are in a class: no part of one finds it then.
fn whole_name(text: &str, schema: &Schema) -> Option<Identifier> {
    let masked = schema.masks_names() && text.len() <= 400;
    let checked = masked.then(|| check(FieldKind::Name, text.trim().trim_matches('"'), "", NaiveDate::MAX).ok())?;
    checked.map(|checked| Identifier { kind: IdentifierKind::Name, normal: checked.normal })
}

/// One to three letters and 6 to 9 digits: a word with a number in it is a search for words.
fn is_passport(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = text.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&letters) && (6..=9).contains(&digits) && letters + digits == text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: Option<(&str, &str)>) {
        let found = recognise(text, "CN");
        let value = found.as_ref().map(|identifier| (identifier.kind.code(), identifier.normal.as_str()));
        assert_eq!(value, wanted, "{text}");
    }

    #[test]
    fn a_query_that_names_one_customer_is_told_from_words() {
        check("1234", Some(("last_four", "1234")));
        check("１２３４", Some(("last_four", "1234")));
        check("138 0000 1234", Some(("phone", "+8613800001234")));
        check("+44 7911 123456", Some(("phone", "+447911123456")));
        check("010-82345678", Some(("phone", "+861082345678")));
        check("Wang@Example.com", Some(("email", "wang@example.com")));
        check("11010519491231002x", Some(("identity", "11010519491231002X")));
        check("e12345678", Some(("identity", "E12345678")));
        check("4111 1111 1111 1111", Some(("card", "4111111111111111")));
        for words in ["", "张三", "wang", "123", "12345", "A 3", "stage:lead", "2026-03-01", "wang@"] {
            check(words, None);
        }
    }

    #[test]
    fn debug_shows_the_kind_only() {
        assert_eq!(format!("{:?}", recognise("13800001234", "CN")), "Some(Identifier(phone))");
    }
}
