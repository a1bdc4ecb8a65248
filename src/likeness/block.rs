//! Which pairs are compared at all: those that share a key.
//!
//! A key that few records have brings each two of them together. A key that many have (a common name, a switchboard) only
//! does so for those of them that share something else as well; and where even that is shared by many, each meets its
//! neighbours in one order of all.
//!
//! **Invariant:** no key costs more than a fixed number of pairs for each record that has it.

use super::count::{born_key, employer_key, number_key, phone_key};
use super::letters::{hash, joined};
use super::record::Record;

/// The most records that a key brings together, each with each.
const MANY: usize = 24;
/// How many neighbours each meets where even two keys are shared by more.
const NEIGHBOURS: usize = 6;
/// So many pairs are kept before those that came twice are dropped.
const DROP_TWICE_AT: usize = 4_000_000;

/// The two places in a candidate.
pub(super) fn places(candidate: u64) -> (usize, usize) {
    let half = |bits: u64| usize::try_from(bits & u64::from(u32::MAX)).unwrap_or(usize::MAX);
    (half(candidate >> 32), half(candidate))
}

/// The pairs to be compared, each once, in order.
pub(super) fn candidates(records: &[Record]) -> Vec<u64> {
    let mut entries = Vec::with_capacity(records.len() * 16);
    for (place, record) in (0_u32..).zip(records) {
        let mut keys = keys(record);
        keys.sort_unstable();
        keys.dedup();
        entries.extend(keys.into_iter().map(|key| (key, place)));
    }
    let mut pairs = Pairs { all: Vec::new(), drop_at: DROP_TWICE_AT };
    let mut finer = Vec::new();
    for block in blocks(&mut entries) {
        if block.len() <= MANY {
            pairs.each_with_each(block);
            continue;
        }
        finer.clear();
        for (key, place) in block {
            if let Some(record) = records.get(*place as usize) {
                let mut keys = second_keys(record);
                keys.sort_unstable();
                keys.dedup();
                finer.extend(keys.into_iter().map(|second| (joined(*key, second), *place)));
            }
        }
        for block in blocks(&mut finer) {
            if block.len() <= MANY {
                pairs.each_with_each(block);
            } else {
                pairs.neighbours(block, records);
            }
        }
    }
    pairs.done()
}

/// The runs of two or more of one key.
fn blocks(entries: &mut [(u64, u32)]) -> impl Iterator<Item = &[(u64, u32)]> {
    entries.sort_unstable();
    entries.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1)
}

struct Pairs {
    all: Vec<u64>,
    drop_at: usize,
}

impl Pairs {
    fn add(&mut self, one: u32, other: u32) {
        if one != other {
            self.all.push(u64::from(one.min(other)) << 32 | u64::from(one.max(other)));
        }
    }

    fn each_with_each(&mut self, block: &[(u64, u32)]) {
        for (at, (_, one)) in block.iter().enumerate() {
            for (_, other) in block.iter().skip(at + 1) {
                self.add(*one, *other);
            }
        }
        self.drop_twice();
    }

    fn neighbours(&mut self, block: &[(u64, u32)], records: &[Record]) {
        let mut order: Vec<(u64, u32)> =
            block.iter().filter_map(|(_, place)| Some((records.get(*place as usize)?.print, *place))).collect();
        order.sort_unstable();
        for window in order.windows(NEIGHBOURS + 1) {
            if let Some(((_, one), rest)) = window.split_first() {
                rest.iter().for_each(|(_, other)| self.add(*one, *other));
            }
        }
        self.drop_twice();
    }

    fn drop_twice(&mut self) {
        if self.all.len() >= self.drop_at {
            self.all.sort_unstable();
            self.all.dedup();
            self.drop_at = DROP_TWICE_AT.max(self.all.len() * 2);
        }
    }

    fn done(mut self) -> Vec<u64> {
        self.all.sort_unstable();
        self.all.dedup();
        self.all
    }
}

/// What a record is found by.
fn keys(record: &Record) -> Vec<u64> {
    let mut out = Vec::with_capacity(32);
    for name in &record.names {
        out.push(name.written);
        out.extend(&name.heard);
        out.extend(name.slipped());
    }
    out.extend(record.phones.iter().map(|phone| phone_key(phone)));
    out.extend(record.emails.iter().map(|email| email.whole));
    out.extend(record.emails.iter().filter(|email| email.local.len() > 4).map(|email| email.local_key()));
    out.extend(record.numbers.iter().map(|(_, number)| number_key(number)));
    out.extend(&record.handles);
    out.extend(record.tokens.iter().map(|(_, token)| *token));
    out.extend(record.places.iter().flat_map(|place| place.keys()));
    for family in record.names.iter().flat_map(|name| &name.family) {
        out.extend(record.born.map(|born| joined(*family, born_key(born))));
        out.extend(record.companies.iter().map(|company| joined(*family, employer_key(company.written))));
        out.extend(record.phones.iter().flat_map(|phone| halves(phone)).map(|half| joined(*family, half)));
    }
    out
}

/// What those who share a common key must share as well.
fn second_keys(record: &Record) -> Vec<u64> {
    let mut out = Vec::with_capacity(24);
    for phone in &record.phones {
        out.push(phone_key(phone));
        out.extend(halves(phone));
    }
    for email in &record.emails {
        let (_, letters) = email.split();
        out.extend([email.whole, email.local_key(), hash("letters", [&letters[..]])]);
    }
    out.extend(record.places.iter().flat_map(|place| place.keys()));
    out.extend(record.numbers.iter().map(|(_, number)| number_key(number)));
    out.extend(&record.handles);
    out.extend(record.tokens.iter().map(|(_, token)| *token));
    out.extend(record.born.map(born_key));
    out.extend(record.companies.iter().map(|company| employer_key(company.written)));
    out.extend(record.names.iter().flat_map(|name| name.heard.iter().chain(&name.family)));
    out
}

/// The last four digits of a phone and the four before them: a slip spares one of the two.
fn halves(phone: &[u8]) -> impl Iterator<Item = u64> {
    let part = |from: usize, to: usize| phone.get(phone.len().checked_sub(from)?..phone.len().checked_sub(to)?);
    let tail = part(4, 0).map(|digits| hash("tail", [digits]));
    let middle = part(8, 4).map(|digits| hash("middle", [digits]));
    tail.into_iter().chain(middle)
}
