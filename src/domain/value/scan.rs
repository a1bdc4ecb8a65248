//! Finds in free text what looks like an identity number, a card or a phone, so that its writer can be warned.
//!
//! **Invariant:** a finding says where and what, and holds no text.

use super::{bank_card, resident_id};
use crate::text::half_width;

/// What a stretch of text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suspected {
    /// A resident identity number.
    ResidentId,
    /// A bank card number.
    BankCard,
    /// A telephone number.
    Phone,
}

/// A stretch of text that looks like something that belongs in a field of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// What it looks like.
    pub kind: Suspected,
    /// Where it begins, in bytes.
    pub start: usize,
    /// How long it is, in bytes.
    pub len: usize,
}

/// A run of digits without a break.
struct Group {
    start: usize,
    end: usize,
    digits: String,
    plus: bool,
}

/// The most groups that are taken together: `+44 20 7946 0958 12` is as long as it gets.
const MOST_GROUPS: usize = 6;

/// Everything in `text` that looks like an identity number, a card or a phone, in order and without overlaps. Full-width
/// digits count, and so do numbers grouped by spaces or hyphens.
pub fn scan_for_identifiers(text: &str) -> Vec<Suspicion> {
    let groups = groups(text);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = groups.get(at..).filter(|rest| !rest.is_empty()) {
        let longest = joined(text, rest);
        let hit = (1..=longest).rev().find_map(|count| Some((count, looks_like(rest.get(..count)?)?)));
        match (hit, rest.first()) {
            (Some((count, kind)), Some(first)) => {
                let end = rest.get(count - 1).map_or(first.end, |group| group.end);
                found.push(Suspicion { kind, start: first.start, len: end - first.start });
                at += count;
            }
            _ => at += 1,
        }
    }
    found
}

/// `text` with stars for everything that [`scan_for_identifiers`] finds in it.
pub fn starred(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for found in scan_for_identifiers(text) {
        out.push_str(text.get(at..found.start).unwrap_or_default());
        out.push_str("********");
        at = found.start.saturating_add(found.len);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn groups(text: &str) -> Vec<Group> {
    let mut out: Vec<Group> = Vec::new();
    let mut word = false;
    let mut plus = false;
    for (at, c) in text.char_indices() {
        let plain = half_width(c);
        let end = at + c.len_utf8();
        let open = out.last_mut().filter(|group| group.end == at && !word);
        match (plain, open) {
            ('0'..='9', Some(group)) => {
                group.digits.push(plain);
                group.end = end;
            }
            ('0'..='9', None) if !word => {
                let start = if plus { at.saturating_sub(1) } else { at };
                out.push(Group { start, end, digits: plain.to_string(), plus });
            }
            ('x' | 'X', Some(group)) if group.digits.len() == 17 => {
                group.digits.push('X');
                group.end = end;
                word = true;
            }
            // Digits within a Latin word, as in an order code, are part of that word.
            _ => word = plain.is_ascii_alphanumeric() || plain == '_',
        }
        plus = c == '+';
    }
    out
}

/// How many of the groups stand together with one space or hyphen between.
fn joined(text: &str, groups: &[Group]) -> usize {
    let mut count = 1;
    for pair in groups.windows(2).take(MOST_GROUPS - 1) {
        let [before, after] = pair else { break };
        let gap = text.get(before.end..after.start).unwrap_or("?");
        if !matches!(gap, " " | "-" | "\u{3000}" | "－") || after.plus {
            break;
        }
        count += 1;
    }
    count
}

fn looks_like(groups: &[Group]) -> Option<Suspected> {
    let number: String = groups.iter().map(|group| group.digits.as_str()).collect();
    let first = groups.first()?;
    if number.len() == 18 && resident_id::birth(&number).is_some() {
        return Some(Suspected::ResidentId);
    }
    if number.contains('X') {
        return None;
    }
    let mainland = |n: &str| n.len() == 11 && n.starts_with('1') && n.as_bytes().get(1).is_some_and(|b| *b >= b'3');
    let national = number.strip_prefix("0086").or_else(|| number.strip_prefix("86")).unwrap_or(&number);
    if mainland(national) || (first.plus && (8..=15).contains(&number.len())) {
        return Some(Suspected::Phone);
    }
    let whole = groups.iter().all(|group| group.digits.len() >= 3);
    if (13..=19).contains(&number.len()) && whole && bank_card::luhn(&number) {
        return Some(Suspected::BankCard);
    }
    let second = groups.get(1).map_or(0, |group| group.digits.len());
    let landline = first.digits.starts_with('0')
        && !first.digits.starts_with("00")
        && match groups.len() {
            1 => (10..=12).contains(&number.len()),
            2 => (3..=4).contains(&first.digits.len()) && (7..=8).contains(&second),
            _ => false,
        };
    landline.then_some(Suspected::Phone)
}
