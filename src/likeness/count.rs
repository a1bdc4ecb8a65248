//! How often each value occurs in the records: a value that many have says little.
//!
//! **Invariant:** counts are of records, not of fields, and hold hashes only.

use std::collections::HashMap;

use super::letters::{hash, joined};
use super::record::Record;

/// So many people who have none of these values are taken to be known beside those in the table: in a small one, too, a
/// name that two have is rare, and most people are there once.
const A_SMALL_TOWN: f32 = 2_000.0;

/// The counts.
#[derive(Debug, Default)]
pub(super) struct Counts {
    records: f32,
    of: HashMap<u64, u32>,
}

impl Counts {
    /// Counts the values of all records.
    pub(super) fn of(records: &[Record]) -> Self {
        let mut of: HashMap<u64, u32> = HashMap::new();
        for record in records {
            let mut keys = keys(record);
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                *of.entry(key).or_default() += 1;
            }
        }
        #[allow(clippy::cast_precision_loss)] // A share need not be exact.
        Self { records: records.len() as f32 + A_SMALL_TOWN, of }
    }

    /// How many people there are, as far as odds go.
    pub(super) fn records(&self) -> f32 {
        self.records
    }

    /// The share of the others that have this value.
    pub(super) fn share(&self, key: u64) -> f32 {
        self.often(key).max(1.0) / self.records
    }

    /// How many others have this value.
    pub(super) fn often(&self, key: u64) -> f32 {
        #[allow(clippy::cast_precision_loss)] // A share need not be exact.
        let count = self.of.get(&key).copied().unwrap_or_default().saturating_sub(1) as f32;
        count
    }

    /// The share of the others whose phone is expected to be one slip away from this one: numbers are given out in rows.
    pub(super) fn neighbours(&self, phone: &[u8]) -> f32 {
        let [ten, hundred, thousand, myriad] = ROWS.map(|less| self.often(row(phone, less)));
        // Of a hundred numbers, those outside the same ten differ in one digit once in ten, and so on.
        let expected = ten + (hundred - ten) * 0.1 + (thousand - hundred) * 0.01 + (myriad - thousand) * 0.001;
        (expected + 0.005) / self.records
    }
}

/// How many digits less than a phone the rows have that it is counted in.
const ROWS: [usize; 4] = [1, 2, 3, 4];

/// The key of the row of numbers that a phone is in, without its last digits.
fn row(phone: &[u8], less: usize) -> u64 {
    let head = phone.get(..phone.len().saturating_sub(less)).unwrap_or_default();
    joined(hash("row", [head]), less as u64)
}

/// The key of a whole phone number: of its last eight digits, since one may have an area code and another none.
pub(super) fn phone_key(phone: &[u8]) -> u64 {
    hash("phone", [phone.get(phone.len().saturating_sub(8)..).unwrap_or_default()])
}

/// The key of a number that names somebody.
pub(super) fn number_key(number: &[u8]) -> u64 {
    hash("number", [number])
}

/// The key of a day of birth.
pub(super) fn born_key(born: [u16; 3]) -> u64 {
    hash("born", born.iter().map(|n| n.to_be_bytes()).collect::<Vec<_>>().iter().map(|b| &b[..]))
}

/// The key of a birthday.
pub(super) fn birthday_key(birthday: [u16; 2]) -> u64 {
    hash("birthday", birthday.iter().map(|n| n.to_be_bytes()).collect::<Vec<_>>().iter().map(|b| &b[..]))
}

/// The key of an employer.
pub(super) fn employer_key(written: u64) -> u64 {
    hash("employer", [&written.to_be_bytes()[..]])
}

fn keys(record: &Record) -> Vec<u64> {
    let mut out = Vec::with_capacity(24);
    for name in &record.names {
        out.push(name.written);
        out.extend(&name.heard);
    }
    for phone in &record.phones {
        out.push(phone_key(phone));
        out.extend(ROWS.map(|less| row(phone, less)));
    }
    for email in &record.emails {
        out.extend([email.whole, email.local_key()]);
    }
    out.extend(record.places.iter().map(|place| place.key));
    out.extend(record.numbers.iter().map(|(_, number)| number_key(number)));
    out.extend(&record.handles);
    out.extend(record.tokens.iter().map(|(_, token)| *token));
    out.extend(record.born.map(born_key));
    out.extend(record.birthday.map(birthday_key));
    out.extend(record.companies.iter().map(|company| employer_key(company.written)));
    out
}
