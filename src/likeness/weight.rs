//! What a pair of records weighs: the logarithm of the odds that they are of one customer.
//!
//! For each trait that both have, a level of likeness is found. Each level has three probabilities: among two records of
//! one customer, among two of people who share a home or a desk, and among two of strangers. The first two are fixed; the
//! third is, where values agree, how often the value occurs in these records. A trait that one of them lacks says nothing.
//!
//! **Invariant:** a pair weighs the same both ways, and what is missing changes nothing.

use super::count::{Counts, birthday_key, born_key, employer_key, number_key, phone_key};
use super::name::{Name, NameLike};
use super::place::PlaceLike;
use super::record::{Email, NumberKind, Record};
use crate::text::edits;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trait {
    /// The name.
    Name,
    /// A phone.
    Phone,
    /// An email address.
    Email,
    /// An address.
    Address,
    /// A number that names somebody.
    Number,
    /// A name in a chat service.
    Handle,
    /// The date of birth, or the birthday.
    Born,
    /// Man or woman.
    Gender,
    /// Where they work.
    Company,
}

crate::codes::codes!(Trait: Name = "name", Phone = "phone", Email = "email", Address = "address", Number = "number",
    Handle = "handle", Born = "born", Gender = "gender", Company = "company");

/// How alike two values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// They contradict each other.
    Different,
    /// Something is shared.
    Akin,
    /// A slip apart, or one is a part of the other.
    Close,
    /// The same.
    Same,
}

/// What one trait says of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The trait.
    pub of: Trait,
    /// How alike.
    pub level: Level,
}

/// How likely a level is among records of one customer, of people who share a home or a desk, and of strangers.
type Odds = [f32; 3];

/// One customer in so many is there twice, and how many others somebody shares a home or a desk with.
const TWICE: f32 = 0.2;
const SHARING: f32 = 0.5;

/// Traits of which only fingerprints may be known: how likely they are the same and not, for one customer and for those
/// who share a home or a desk. Slips cannot be seen, so a difference says less.
const BY_TOKEN: [(Trait, [f32; 2], [f32; 2]); 7] = [
    (Trait::Phone, [0.60, 0.25], [0.40, 0.75]),
    (Trait::Email, [0.62, 0.03], [0.38, 0.97]),
    (Trait::Name, [0.60, 0.003], [0.40, 0.99]),
    (Trait::Address, [0.30, 0.50], [0.70, 0.50]),
    (Trait::Number, [0.85, 1e-5], [0.25, 1.0]),
    (Trait::Handle, [0.65, 0.001], [0.35, 1.0]),
    (Trait::Born, [0.85, 0.03], [0.15, 0.97]),
];

/// Whether both have a fingerprint of a trait, and which they share. Where both are known in the clear it says nothing
/// that they do not say.
fn tokens(one: &Record, other: &Record, of: Trait) -> Option<Option<u64>> {
    if one.opened.contains(&of) && other.opened.contains(&of) {
        return None;
    }
    let all = |record: &Record| record.tokens.iter().filter(|(t, _)| *t == of).map(|(_, v)| *v).collect::<Vec<u64>>();
    let (a, b) = (all(one), all(other));
    (!a.is_empty() && !b.is_empty()).then(|| a.into_iter().filter(|token| b.contains(token)).max())
}

/// The weight of a pair.
pub(super) fn bits(one: &Record, other: &Record, counts: &Counts) -> f32 {
    let share = |key: u64| counts.share(key);
    let mut all: [f64; 3] = [f64::from(TWICE / counts.records()), f64::from(SHARING / counts.records()), 1.0];
    let mut take = |odds: Odds| {
        for (sum, factor) in all.iter_mut().zip(odds) {
            *sum *= f64::from(factor.clamp(1e-12, 1.0));
        }
    };
    if let Some((like, key)) = names(&one.names, &other.names, counts) {
        let share = (counts.often(key).max(1.0) + 1.0) / counts.records();
        take(match like {
            NameLike::Same => [0.60, share.max(0.001), share],
            NameLike::Sound => [0.15, share.max(0.0015), share],
            NameLike::Near => [0.12, 0.004, 3e-4],
            NameLike::Initial => [0.05, 0.025, 0.002],
            NameLike::Part => [0.04, 0.05, 0.002],
            NameLike::OneOff => [0.02, 0.08, 0.001],
            NameLike::Family => [0.025, 0.55, 0.03],
            NameLike::Different => [0.025, 0.31, 0.96],
        });
    }
    match phones(one, other) {
        Some((Level::Same, phone)) => take([0.60, 0.25, share(phone_key(phone))]),
        Some((Level::Close, phone)) => take([0.08, 0.02, counts.neighbours(phone)]),
        Some(_) => take([0.32, 0.73, 1.0]),
        None => {}
    }
    match emails(one, other) {
        Some((Level::Same, email)) => take([0.62, 0.03, share(email.whole)]),
        Some((Level::Close, _)) => take([0.09, 0.005, 1e-4]),
        Some((Level::Akin, email)) => take([0.06, 0.004, share(email.local_key()).max(1e-4)]),
        Some(_) => take([0.23, 0.94, 1.0]),
        None => {}
    }
    match places(one, other) {
        Some((PlaceLike::Same, key)) => take([0.46, 0.65, share(key)]),
        Some((PlaceLike::Part, key)) => take([0.12, 0.06, share(key).max(1e-4)]),
        Some((PlaceLike::Near, key)) => take([0.08, 0.02, share(key).max(1e-4)]),
        Some((PlaceLike::Street, _)) => take([0.08, 0.05, 0.01]),
        Some((PlaceLike::Different, _)) => take([0.26, 0.22, 0.99]),
        None => {}
    }
    for kind in [NumberKind::Resident, NumberKind::Passport, NumberKind::Card] {
        let different = match kind {
            NumberKind::Resident => 0.03,
            NumberKind::Passport => 0.25,
            NumberKind::Card => 0.45,
        };
        match numbers(one, other, kind) {
            Some((Level::Same, number)) => take([0.85, 1e-5, share(number_key(number))]),
            Some((Level::Close, _)) => take([0.10, 1e-4, 5e-6]),
            Some(_) => take([different, 1.0, 1.0]),
            None => {}
        }
    }
    if !one.handles.is_empty() && !other.handles.is_empty() {
        match one.handles.iter().filter(|handle| other.handles.contains(handle)).max() {
            Some(handle) => take([0.65, 0.001, share(*handle)]),
            None => take([0.35, 1.0, 1.0]),
        }
    }
    for (of, odds_same, odds_other) in BY_TOKEN {
        match tokens(one, other, of) {
            Some(Some(token)) => take([odds_same[0], odds_same[1], share(token)]),
            Some(None) => take([odds_other[0], odds_other[1], 1.0]),
            None => {}
        }
    }
    match births(one, other) {
        Some((Level::Same, key)) => take([0.87, 0.03, share(key)]),
        Some((Level::Close, _)) => take([0.09, 0.004, 0.003]),
        Some(_) => take([0.04, 0.99, 1.0]),
        None => {}
    }
    if let (Some(one), Some(other)) = (one.gender, other.gender) {
        take(if one == other { [0.985, 0.5, 0.5] } else { [0.015, 0.5, 0.5] });
    }
    match best(&one.companies, &other.companies) {
        Some((NameLike::Same | NameLike::Sound, one, other)) => {
            let key = employer_key(one.written.max(other.written));
            let often = share(key).max(share(employer_key(one.written.min(other.written))));
            take([0.60, 0.30, often.max(0.003)]);
        }
        Some((NameLike::Near | NameLike::Part, ..)) => take([0.12, 0.03, 0.001]),
        Some(_) => take([0.28, 0.67, 1.0]),
        None => {}
    }
    let [same, sharing, strangers] = all;
    #[allow(clippy::cast_possible_truncation)] // Weights are compared, not added up.
    let bits = (same / (sharing + strangers).max(f64::MIN_POSITIVE)).max(f64::MIN_POSITIVE).log2() as f32;
    bits
}

/// What each trait says, without weights.
pub(super) fn evidence(one: &Record, other: &Record) -> Vec<Evidence> {
    let mut out = Vec::new();
    let mut say = |of: Trait, level: Option<Level>| out.extend(level.map(|level| Evidence { of, level }));
    say(Trait::Name, best(&one.names, &other.names).map(|(like, ..)| level(like)));
    say(Trait::Phone, phones(one, other).map(|(level, _)| level));
    say(Trait::Email, emails(one, other).map(|(level, _)| level));
    say(
        Trait::Address,
        places(one, other).map(|(like, _)| match like {
            PlaceLike::Same => Level::Same,
            PlaceLike::Part | PlaceLike::Near => Level::Close,
            PlaceLike::Street => Level::Akin,
            PlaceLike::Different => Level::Different,
        }),
    );
    for kind in [NumberKind::Resident, NumberKind::Passport, NumberKind::Card] {
        say(Trait::Number, numbers(one, other, kind).map(|(level, _)| level));
    }
    if !one.handles.is_empty() && !other.handles.is_empty() {
        let shared = one.handles.iter().any(|handle| other.handles.contains(handle));
        say(Trait::Handle, Some(if shared { Level::Same } else { Level::Different }));
    }
    say(Trait::Born, births(one, other).map(|(level, _)| level));
    if let (Some(a), Some(b)) = (one.gender, other.gender) {
        say(Trait::Gender, Some(if a == b { Level::Same } else { Level::Different }));
    }
    for (of, ..) in BY_TOKEN {
        say(of, tokens(one, other, of).map(|shared| if shared.is_some() { Level::Same } else { Level::Different }));
    }
    say(Trait::Company, best(&one.companies, &other.companies).map(|(like, ..)| level(like)));
    out
}

/// Whether two records are of people with different names.
pub(super) fn contradict(one: &Record, other: &Record) -> bool {
    best(&one.names, &other.names).is_some_and(|(like, ..)| like < NameLike::Part)
}

fn level(like: NameLike) -> Level {
    match like {
        NameLike::Same => Level::Same,
        NameLike::Sound | NameLike::Near | NameLike::Initial | NameLike::Part => Level::Close,
        NameLike::OneOff | NameLike::Family => Level::Akin,
        NameLike::Different => Level::Different,
    }
}

/// The likest two names.
fn best<'a>(one: &'a [Name], other: &'a [Name]) -> Option<(NameLike, &'a Name, &'a Name)> {
    one.iter()
        .flat_map(|a| other.iter().map(move |b| (a.like(b), a, b)))
        .max_by_key(|(like, a, b)| (*like, a.written.max(b.written), a.written.min(b.written)))
}

/// The likest two names, with the key by which the name is counted.
fn names(one: &[Name], other: &[Name], counts: &Counts) -> Option<(NameLike, u64)> {
    let (like, a, b) = best(one, other)?;
    let shared = a.heard.iter().filter(|key| b.heard.contains(key));
    let heard = shared.copied().max_by(|x, y| counts.often(*x).total_cmp(&counts.often(*y)).then(x.cmp(y)));
    let written = if counts.often(a.written) >= counts.often(b.written) { a.written } else { b.written };
    Some((like, if like == NameLike::Same { written } else { heard.unwrap_or(written) }))
}

/// Whether two numbers are the same, where one may lack the area.
fn same_phone(one: &[u8], other: &[u8]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long || short.len() >= 7 && long.len() <= short.len() + 4 && long.ends_with(short)
}

fn phones<'a>(one: &'a Record, other: &'a Record) -> Option<(Level, &'a [u8])> {
    let pairs = one.phones.iter().flat_map(|a| other.phones.iter().map(move |b| (a, b)));
    pairs
        .map(|(a, b)| {
            let level = if same_phone(a, b) {
                Level::Same
            } else if a.len().min(b.len()) >= 8 && edits(a, b, 1) <= 1 {
                Level::Close
            } else {
                Level::Different
            };
            (level, &a.max(b)[..])
        })
        .max()
}

fn emails<'a>(one: &'a Record, other: &'a Record) -> Option<(Level, &'a Email)> {
    let pairs = one.emails.iter().flat_map(|a| other.emails.iter().map(move |b| (a, b)));
    pairs
        .map(|(a, b)| (email_level(a, b), if a.whole >= b.whole { a } else { b }))
        .max_by_key(|(level, email)| (*level, email.whole))
}

fn email_level(one: &Email, other: &Email) -> Level {
    if one.whole == other.whole {
        return Level::Same;
    }
    if one.local == other.local {
        return if one.local.len() > 4 { Level::Akin } else { Level::Different };
    }
    let ((digits, letters), (other_digits, other_letters)) = (one.split(), other.split());
    let slip = one.local.len().min(other.local.len()) > 5 && edits(&one.local, &other.local, 1) <= 1;
    // People of one name number their addresses: a short number that differs is another's address.
    let near = slip && (letters != other_letters || digits.len().min(other_digits.len()) > 4);
    if near && one.domain == other.domain { Level::Close } else { Level::Different }
}

fn places(one: &Record, other: &Record) -> Option<(PlaceLike, u64)> {
    let pairs = one.places.iter().flat_map(|a| other.places.iter().map(move |b| (a, b)));
    pairs.map(|(a, b)| (a.like(b), a.key.max(b.key))).max()
}

fn numbers<'a>(one: &'a Record, other: &'a Record, kind: NumberKind) -> Option<(Level, &'a [u8])> {
    let of = move |record: &'a Record| record.numbers.iter().filter(move |(k, _)| *k == kind).map(|(_, n)| &n[..]);
    of(one)
        .flat_map(|a| of(other).map(move |b| (a, b)))
        .map(|(a, b)| {
            let close = a.len().min(b.len()) >= 6 && edits(a, b, 1) <= 1;
            let level = if a == b {
                Level::Same
            } else if close {
                Level::Close
            } else {
                Level::Different
            };
            (level, a.max(b))
        })
        .max()
}

/// The dates of birth, else the birthdays.
fn births(one: &Record, other: &Record) -> Option<(Level, u64)> {
    if let (Some(a), Some(b)) = (one.born, other.born) {
        let off = a.iter().zip(b).filter(|(a, b)| **a != *b).count();
        let [_, month, day] = a;
        let crossed = b == [a[0], day, month];
        let level = match off {
            0 => Level::Same,
            _ if crossed => Level::Close,
            1 if digits_apart(a, b) == 1 => Level::Close,
            _ => Level::Different,
        };
        return Some((level, born_key(a.max(b))));
    }
    let (a, b) = (one.birthday?, other.birthday?);
    Some((if a == b { Level::Same } else { Level::Different }, birthday_key(a.max(b))))
}

/// How many digits differ.
fn digits_apart(one: [u16; 3], other: [u16; 3]) -> usize {
    let text = |date: [u16; 3]| date.map(|n| format!("{n:04}")).concat();
    text(one).bytes().zip(text(other).bytes()).filter(|(a, b)| a != b).count()
}
