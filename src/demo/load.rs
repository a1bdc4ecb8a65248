//! Bringing made-up customers into a vault.
//!
//! **Invariant:** no more than one chunk is held at a time, however many customers are made.

use super::{Made, MadeStaff, customers, staff};
use chrono::{DateTime, FixedOffset};

use crate::domain::field::Lang;

/// How many customers a [`Sink`] is handed at once.
pub const CHUNK: usize = 1_000;

/// What takes made-up people and customers in.
pub trait Sink {
    /// Why it did not.
    type Fault;

    /// Everybody who works with the vault, the owner first; the owner is there already. Comes before any customer.
    fn staff(&mut self, everybody: &[MadeStaff]) -> Result<(), Self::Fault>;

    /// Some customers, in order; at most [`CHUNK`].
    fn customers(&mut self, chunk: Vec<Made>) -> Result<(), Self::Fault>;
}

/// Makes `count` customers as of `now` and hands them to `sink`, saying after each chunk how many are in.
pub fn load<S: Sink>(
    sink: &mut S,
    seed: u64,
    count: u64,
    now: DateTime<FixedOffset>,
    lang: Lang,
    mut progress: impl FnMut(u64),
) -> Result<(), S::Fault> {
    sink.staff(&staff(lang))?;
    let mut stream = customers(seed, count, now);
    let mut done = 0;
    loop {
        let chunk: Vec<Made> = stream.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        done += u64::try_from(chunk.len()).unwrap_or_default();
        sink.customers(chunk)?;
        progress(done);
    }
}
