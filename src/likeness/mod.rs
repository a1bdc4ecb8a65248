//! Which records of customers are probably of the same one: normalised, blocked, weighed and put together.
//!
//! [`Traits`] is what is known of somebody, as written; [`Record::of`] brings it into comparable form; [`find`] looks for
//! pairs in many of them and [`Spread::weigh`] judges one pair. A pair's weight is its logarithm of odds to the base of 2, after
//! Fellegi and Sunter (1969), with two things beside it: how often a value occurs in these very data takes the place of
//! trained parameters, so that two people called 张伟 are no pair and two with a rare name are, and those who share a
//! home or a desk are a class of their own, so that relatives and colleagues are no pair either.
//!
//! **Invariant:** nothing here stores, reads or logs anything, nor knows of a vault. The same records give the same pairs
//! in whatever order they come and on however many threads, a pair weighs the same both ways, and the work grows with
//! the records, never with their square.

mod block;
mod cluster;
mod count;
mod letters;
mod name;
mod place;
mod reading;
mod record;
mod weight;

use std::num::NonZero;
use std::ops::ControlFlow;

use count::Counts;

pub use record::{Gender, NumberKind, Record, Traits};
pub use weight::{Evidence, Level, Trait};

/// The least weight of a pair that is taken for the same customer: four to one.
pub const ENOUGH: f32 = 2.5;

/// Two records that are probably of the same customer, by their places in what was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The one that stands earlier.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// The logarithm of the odds that they are the same, to the base of 2. May lie below [`ENOUGH`] where a third record
    /// brings the two together.
    pub bits: f32,
}

/// What was found in many records.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Every two records of each group, the surest pair first.
    pub pairs: Vec<Pair>,
    /// How many pairs were compared to find them.
    pub compared: usize,
}

/// Pairs that are compared between two words on how far it is.
const ROUND: usize = 200_000;

/// Finds those who are in `records` more than once, on so many threads.
pub fn find(records: &[Record], threads: NonZero<usize>) -> Found {
    find_telling(records, threads, &mut |_, _| ControlFlow::Continue(())).unwrap_or_default()
}

/// As [`find`]; `tell` hears how many pairs of how many are compared, and stops it with `Break`: then nothing is found.
pub fn find_telling(
    records: &[Record],
    threads: NonZero<usize>,
    tell: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
) -> Option<Found> {
    let counts = Counts::of(records);
    let candidates = block::candidates(records);
    let compared = candidates.len();
    let mut found: Vec<Pair> = Vec::new();
    for (round, some) in candidates.chunks(ROUND).enumerate() {
        if tell(round * ROUND, compared).is_break() {
            return None;
        }
        let share = some.len().div_ceil(threads.get()).max(1);
        found.extend(std::thread::scope(|scope| {
            let work = some.chunks(share).map(|part| scope.spawn(|| likely(records, &counts, part)));
            let work: Vec<_> = work.collect();
            work.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect::<Vec<_>>()
        }));
    }
    drop(candidates);
    let pairs = cluster::together(records, &counts, &mut found);
    Some(Found { pairs, compared })
}

/// Two places, the earlier first.
fn places_of(one: usize, other: usize) -> (usize, usize) {
    (one.min(other), one.max(other))
}

fn likely(records: &[Record], counts: &Counts, candidates: &[u64]) -> Vec<Pair> {
    let mut out = Vec::new();
    for candidate in candidates {
        let (first, second) = block::places(*candidate);
        if let (Some(one), Some(other)) = (records.get(first), records.get(second)) {
            let bits = weight::bits(one, other, counts);
            if bits >= ENOUGH {
                out.push(Pair { first, second, bits });
            }
        }
    }
    out
}

/// How values are spread over some records, against which single pairs can be weighed.
#[derive(Debug)]
pub struct Spread(Counts);

impl Spread {
    /// Counts.
    pub fn of(records: &[Record]) -> Self {
        Self(Counts::of(records))
    }

    /// The weight of a pair as [`Pair::bits`] has it.
    pub fn weigh(&self, one: &Record, other: &Record) -> f32 {
        weight::bits(one, other, &self.0)
    }
}

/// What speaks for and against a pair, trait by trait; only traits that both have.
pub fn evidence(one: &Record, other: &Record) -> Vec<Evidence> {
    weight::evidence(one, other)
}

#[cfg(test)]
mod tests;
