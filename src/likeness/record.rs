//! What is known of a customer, as written and in comparable form.
//!
//! **Invariant:** a record holds personal values and shows none of them; whatever is written, making one never fails.

use super::letters::hash;
use super::name::Name;
use super::place::Place;
use super::weight::Trait;
use crate::domain::contradiction::Sex;
use crate::domain::field::FieldKind;
use crate::text::{folded, half_width};

/// What is known of a customer, as written. Everything may be missing, and most may be there more than once.
#[derive(Clone, Default)]
pub struct Traits {
    /// Names, also in other scripts.
    pub names: Vec<String>,
    /// Phones.
    pub phones: Vec<String>,
    /// Email addresses.
    pub emails: Vec<String>,
    /// Addresses.
    pub addresses: Vec<String>,
    /// Numbers that name somebody.
    pub numbers: Vec<(NumberKind, String)>,
    /// Names in chat services.
    pub handles: Vec<String>,
    /// The date of birth: year, month and day in this order.
    pub born: Option<String>,
    /// Month and day of birth in this order.
    pub birthday: Option<String>,
    /// Man or woman, in either language.
    pub gender: Option<String>,
    /// Where they work.
    pub companies: Vec<String>,
    /// Values of which only a keyed fingerprint is known: they are the same or they are not.
    pub tokens: Vec<(Trait, u64)>,
    /// The traits of which every value that has a fingerprint stands among the values as well.
    pub opened: Vec<Trait>,
}

impl Traits {
    /// Puts a field's value where it is compared; what says nothing of who somebody is is left out.
    pub fn take(&mut self, key: &str, kind: FieldKind, value: String) {
        match (kind, key) {
            (FieldKind::Phone, _) => self.phones.push(value),
            (FieldKind::Email, _) => self.emails.push(value),
            (FieldKind::Address, _) => self.addresses.push(value),
            (FieldKind::ChatId, _) => self.handles.push(value),
            (FieldKind::ResidentId, _) => self.numbers.push((NumberKind::Resident, value)),
            (FieldKind::Passport, _) => self.numbers.push((NumberKind::Passport, value)),
            (FieldKind::BankCard, _) => self.numbers.push((NumberKind::Card, value)),
            (FieldKind::Name, "name") => self.names.push(value),
            (_, "company") => self.companies.push(value),
            (_, "date_of_birth") => self.born = Some(value),
            (_, "birthday") => self.birthday = Some(value),
            (_, "gender") => self.gender = Some(value),
            _ => {}
        }
    }
}

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberKind {
    /// Of a resident's identity card, or whatever somebody has one of for life.
    Resident,
    /// Of a passport, of which there are new ones.
    Passport,
    /// Of a bank card, of which people have several.
    Card,
}

/// Man or woman.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// A woman.
    Female,
    /// A man.
    Male,
}

/// A customer in comparable form.
#[derive(Clone, Default, PartialEq)]
pub struct Record {
    pub(super) names: Box<[Name]>,
    pub(super) phones: Box<[Box<[u8]>]>,
    pub(super) emails: Box<[Email]>,
    pub(super) places: Box<[Place]>,
    pub(super) numbers: Box<[(NumberKind, Box<[u8]>)]>,
    pub(super) handles: Box<[u64]>,
    pub(super) born: Option<[u16; 3]>,
    pub(super) birthday: Option<[u16; 2]>,
    pub(super) gender: Option<Gender>,
    pub(super) companies: Box<[Name]>,
    pub(super) tokens: Box<[(Trait, u64)]>,
    pub(super) opened: Box<[Trait]>,
    /// A print of all of it, by which records are put in one order however they came.
    pub(super) print: u64,
}

/// Shows how much there is and nothing of it.
impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record")
            .field("names", &self.names.len())
            .field("phones", &self.phones.len())
            .finish_non_exhaustive()
    }
}

/// Shows nothing.
impl std::fmt::Debug for Traits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Traits(..)")
    }
}

/// An email address.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Email {
    pub(super) whole: u64,
    pub(super) local: Box<[u8]>,
    pub(super) domain: u64,
}

impl Record {
    /// Brings what is known into comparable form. What makes no sense is left out.
    pub fn of(traits: &Traits) -> Self {
        let mut phones: Vec<Box<[u8]>> = traits.phones.iter().filter_map(|text| phone(text)).collect();
        phones.sort_unstable();
        phones.dedup();
        let mut numbers: Vec<(NumberKind, Box<[u8]>)> =
            traits.numbers.iter().filter_map(|(kind, text)| Some((*kind, number(text)?))).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let handles: Vec<u64> = traits.handles.iter().filter_map(|text| handle(text)).collect();
        let on_card = numbers.iter().find_map(|(kind, text)| (*kind == NumberKind::Resident).then(|| on_card(text))?);
        let born = traits.born.as_deref().and_then(born).or(on_card.map(|(born, _)| born));
        let birthday = traits.birthday.as_deref().and_then(birthday).or(born.map(|[_, month, day]| [month, day]));
        let gender = traits.gender.as_deref().and_then(gender).or(on_card.map(|(_, gender)| gender));
        let mut out = Self {
            names: traits.names.iter().take(4).flat_map(|text| Name::all(text)).collect(),
            phones: phones.into(),
            emails: traits.emails.iter().filter_map(|text| Email::of(text)).collect(),
            places: traits.addresses.iter().filter_map(|text| Place::of(text)).collect(),
            numbers: numbers.into(),
            handles: handles.into(),
            born,
            birthday,
            gender,
            companies: traits.companies.iter().take(4).flat_map(|text| Name::all(text)).collect(),
            tokens: traits.tokens.clone().into(),
            opened: traits.opened.clone().into(),
            print: 0,
        };
        out.print = out.printed();
        out
    }

    fn printed(&self) -> u64 {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        parts.extend(self.names.iter().chain(&self.companies).map(|name| name.written.to_be_bytes().to_vec()));
        parts.extend(self.phones.iter().map(|digits| digits.to_vec()));
        parts.extend(self.emails.iter().map(|email| email.whole.to_be_bytes().to_vec()));
        parts.extend(self.places.iter().map(|place| place.key.to_be_bytes().to_vec()));
        parts.extend(self.numbers.iter().map(|(_, text)| text.to_vec()));
        parts.extend(self.tokens.iter().map(|(_, token)| token.to_be_bytes().to_vec()));
        parts.extend(self.handles.iter().map(|handle| handle.to_be_bytes().to_vec()));
        parts
            .extend(self.born.iter().flatten().chain(self.birthday.iter().flatten()).map(|n| n.to_be_bytes().to_vec()));
        parts.push(vec![self.gender.map_or(0, |gender| 1 + u8::from(gender == Gender::Male))]);
        hash("print", parts.iter().map(Vec::as_slice))
    }
}

/// Digits without country code of the mainland, trunk zeros and prefixes for abroad. Fewer than seven are none, and nor is
/// one digit over and over: that stands where there is no number.
fn phone(text: &str) -> Option<Box<[u8]>> {
    let mut digits: Vec<u8> = text
        .chars()
        .map(half_width)
        .filter(char::is_ascii_digit)
        .filter_map(|c| u8::try_from(c).ok())
        .take(18)
        .collect();
    let zeros = digits.iter().take_while(|d| **d == b'0').count();
    digits.drain(..zeros);
    if digits.starts_with(b"861") && digits.len() == 13 {
        digits.drain(..2);
    }
    let same = digits.iter().all(|d| digits.first() == Some(d));
    (digits.len() >= 7 && !same).then(|| digits.into())
}

fn number(text: &str) -> Option<Box<[u8]>> {
    let text: Vec<u8> = text
        .chars()
        .map(half_width)
        .filter(char::is_ascii_alphanumeric)
        .filter_map(|c| u8::try_from(c.to_ascii_uppercase()).ok())
        .take(24)
        .collect();
    let same = text.iter().all(|c| text.first() == Some(c));
    (text.len() >= 5 && !same).then(|| text.into())
}

/// The day of birth and the sex that a resident ID of the mainland names (GB 11643-1999).
fn on_card(text: &[u8]) -> Option<([u16; 3], Gender)> {
    let digits = text.get(..17).filter(|head| text.len() == 18 && head.iter().all(u8::is_ascii_digit))?;
    let of = |from: usize, to: usize| std::str::from_utf8(digits.get(from..to)?).ok()?.parse::<u16>().ok();
    let born = day(of(6, 10)?, of(10, 12)?, of(12, 14)?)?;
    Some((born, if of(16, 17)? % 2 == 1 { Gender::Male } else { Gender::Female }))
}

fn handle(text: &str) -> Option<u64> {
    let text: String = folded(text).chars().filter(|c| !c.is_whitespace()).collect();
    (text.chars().count() >= 4).then(|| hash("handle", [text.as_bytes()]))
}

fn day(year: u16, month: u16, day: u16) -> Option<[u16; 3]> {
    ((1850..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some([year, month, day])
}

/// The numbers in a text, with leading zeros.
fn parts(text: &str) -> Vec<String> {
    let text: String = text.chars().map(half_width).take(40).collect();
    text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn born(text: &str) -> Option<[u16; 3]> {
    let parts = parts(text);
    let read = |text: Option<&str>| text?.parse::<u16>().ok();
    match parts.as_slice() {
        [all] if all.len() == 8 => day(read(all.get(..4))?, read(all.get(4..6))?, read(all.get(6..))?),
        [a, b, c] if a.len() == 4 => day(read(Some(a))?, read(Some(b))?, read(Some(c))?),
        _ => None,
    }
}

fn birthday(text: &str) -> Option<[u16; 2]> {
    match parts(text).as_slice() {
        [month, day] => {
            let (month, day) = (month.parse().ok()?, day.parse().ok()?);
            ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some([month, day])
        }
        _ => born(text).map(|[_, month, day]| [month, day]),
    }
}

fn gender(text: &str) -> Option<Gender> {
    Sex::of(text).map(|sex| if sex == Sex::Male { Gender::Male } else { Gender::Female })
}

impl Email {
    fn of(text: &str) -> Option<Self> {
        let text: String = folded(text).chars().filter(|c| !c.is_whitespace()).take(120).collect();
        let (local, domain) = text.rsplit_once('@')?;
        let local = local.split('+').next().unwrap_or_default();
        if local.is_empty() || domain.is_empty() {
            return None;
        }
        let whole = hash("email", [local.as_bytes(), domain.as_bytes()]);
        Some(Self { whole, local: local.as_bytes().into(), domain: hash("domain", [domain.as_bytes()]) })
    }

    /// The digits of the part before the sign, and what is left of it.
    pub(super) fn split(&self) -> (Vec<u8>, Vec<u8>) {
        self.local.iter().filter(|b| !b".-_".contains(b)).partition(|b| b.is_ascii_digit())
    }

    /// What stands for the part before the sign.
    pub(super) fn local_key(&self) -> u64 {
        hash("local", [&self.local[..]])
    }
}
