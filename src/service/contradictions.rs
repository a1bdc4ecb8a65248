//! Noting, while a value is written, that another value of the customer tells something else.
//!
//! What is being written is at hand in plain text; what is stored and sealed is not, and is compared by tokens under its
//! own class's blind key: the stored one, and one made of what is being written. Nobody who lacks that key compares.
//! **Invariant:** no sealed value is opened; a note says which fields and nothing else, goes whenever one of its two values
//! is written, moved in or taken out, and comes back only if they were compared then.

use zeroize::Zeroizing;

use super::actor::Actor;
use super::door::Change;
use crate::domain::contradiction::{Contradiction, Told};
use crate::domain::field::FieldKey;
use crate::privacy::seal::TokenKind;
use crate::vault::records::{Customer, Stored, StoredToken};

/// What is written to the fields that can contradict each other, and what of it is at hand in plain text.
#[derive(Debug, Default)]
pub(super) struct Written(Vec<(FieldKey, Option<Told>)>);

impl Written {
    /// By these changes, before they are made.
    pub(super) fn by(actor: &Actor, changes: &[Change]) -> Self {
        let of = |change: &Change| match change {
            Change::Set(key, raw) if Told::is_by(key.as_str()) => {
                let def = actor.schema.get(key.as_str())?;
                let normal = Zeroizing::new(actor.check(def, raw).ok()?.normal);
                Some((key.clone(), Some(Told::by(key.as_str(), &normal))))
            }
            Change::Clear(key) | Change::Declined(key) if Told::is_by(key.as_str()) => Some((key.clone(), None)),
            _ => None,
        };
        Self(changes.iter().filter_map(of).collect())
    }

    /// Values that move in unopened.
    pub(super) fn moved(keys: &[FieldKey]) -> Self {
        Self(keys.iter().filter(|key| Told::is_by(key.as_str())).map(|key| (key.clone(), None)).collect())
    }

    /// Those of these fields alone.
    pub(super) fn only(mut self, keys: &[FieldKey]) -> Self {
        self.0.retain(|(key, _)| keys.contains(key));
        self
    }

    /// Notes at the customer, who has the values by now, what contradicts.
    pub(super) fn note(&self, actor: &Actor, customer: &mut Customer) {
        for one in Contradiction::ALL.iter().copied().filter(|one| self.0.iter().any(|(key, _)| one.is_about(key))) {
            let differ = differ(actor, customer, self, one);
            customer.contradictions.retain(|known| *known != one);
            if differ {
                customer.contradictions.push(one);
            }
        }
    }

    fn told(&self, key: &str) -> Option<Told> {
        self.0.iter().rev().find(|(written, _)| written.as_str() == key).and_then(|(_, told)| *told)
    }
}

/// Notes what contradicts at somebody whom another was merged into, of whom these values came with these notes.
pub(super) fn merged(actor: &Actor, kept: &mut Customer, moved: &[FieldKey], theirs: &[Contradiction]) {
    Written::moved(moved).note(actor, kept);
    for one in theirs {
        let both = one.fields().iter().all(|field| moved.iter().any(|key| key.as_str() == *field));
        if both && !kept.contradictions.contains(one) {
            kept.contradictions.push(*one);
        }
    }
}

/// What of a customer contradicts: told by values that both stand open, else as it was noted.
pub(super) fn of(actor: &Actor, customer: &Customer) -> Vec<Contradiction> {
    let in_use = |field: &str| actor.schema.on().any(|def| def.key.as_str() == field);
    let both_open = |one: Contradiction| match one.fields().map(|field| open(customer, field)) {
        [Some(a), Some(b)] => Some(parts_differ(&a, &b, one.part())),
        _ => None,
    };
    let wrong = |one: &Contradiction| {
        both_open(*one).unwrap_or_else(|| customer.contradictions.contains(one)) && one.fields().into_iter().all(in_use)
    };
    Contradiction::ALL.iter().copied().filter(wrong).collect()
}

/// Notes what a value still tells openly before it is sealed.
pub(super) fn keep(actor: &Actor, customer: &mut Customer) {
    let found = of(actor, customer);
    customer.contradictions.retain(|one| !found.contains(one));
    customer.contradictions.extend(found);
}

fn stored<'c>(customer: &'c Customer, field: &str) -> Option<&'c Stored> {
    customer.fields.iter().find(|(key, _)| key.as_str() == field).map(|(_, stored)| stored)
}

fn open(customer: &Customer, field: &str) -> Option<Told> {
    match stored(customer, field)? {
        Stored::Open(text) => Some(Told::by(field, text.as_str())),
        _ => None,
    }
}

fn parts_differ(a: &Told, b: &Told, part: TokenKind) -> bool {
    match (a.part(part).map(Zeroizing::new), b.part(part).map(Zeroizing::new)) {
        (Some(a), Some(b)) => a != b,
        _ => false,
    }
}

/// Whether the two values are known to differ.
fn differ(actor: &Actor, customer: &Customer, written: &Written, one: Contradiction) -> bool {
    let [a, b] = one.fields();
    let told = |field: &str| written.told(field).or_else(|| open(customer, field));
    match (told(a), told(b)) {
        (Some(a), Some(b)) => parts_differ(&a, &b, one.part()),
        (Some(told), None) => differs_from_sealed(actor, &told, (customer, b), one.part()),
        (None, Some(told)) => differs_from_sealed(actor, &told, (customer, a), one.part()),
        (None, None) => false,
    }
}

/// Whether what was told is known to be another than what a sealed value tells. Of a value that was sealed before parts
/// had tokens nothing is known.
fn differs_from_sealed(actor: &Actor, told: &Told, (customer, field): (&Customer, &str), part: TokenKind) -> bool {
    let Some(Stored::Sealed { class, tokens, sealed, .. }) = stored(customer, field) else { return false };
    let Some(blind) = actor.blind_key(*class) else { return false };
    let Some(text) = told.part(part).map(Zeroizing::new) else { return false };
    let of = |kind: TokenKind| tokens.iter().find(|token| token.kind == kind);
    if let Some(StoredToken { token, .. }) = of(part) {
        return *token != blind.token_within(part, sealed.number(), &text);
    }
    let Some(StoredToken { token: whole, .. }) = of(TokenKind::Whole) else { return false };
    let is = |value: &String| *whole == blind.token(TokenKind::Whole, field, value);
    let (same, other) = told.wholes(field, part);
    if other.is_empty() { !same.is_empty() && !same.iter().any(is) } else { other.iter().any(is) }
}
