//! Draws for made-up data: reproducible, one stream a customer, so that any customer can be made without the
//! ones before it.
//!
//! **Invariant:** equal seed and index give equal draws on every machine; nothing secret is ever drawn here.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The draws of one customer.
pub(super) struct Dice {
    stream: ChaCha8Rng,
    index: u64,
}

impl Dice {
    /// The draws that belong to the customer at `index` under `seed`.
    pub(super) fn new(seed: u64, index: u64) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(index);
        Self { stream, index }
    }

    /// A number below `end`; 0 where `end` is 0.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        let wide = u64::from(self.stream.next_u32()) * u64::from(end);
        u32::try_from(wide >> 32).unwrap_or_default()
    }

    /// A number from `least` to `most`.
    pub(super) fn between(&mut self, least: u32, most: u32) -> u32 {
        least + self.below(most.saturating_sub(least).saturating_add(1))
    }

    /// Yes in `per_thousand` of a thousand cases.
    pub(super) fn chance(&mut self, per_thousand: u32) -> bool {
        self.below(1000) < per_thousand
    }

    /// One of a list, all alike. The default where the list is empty.
    pub(super) fn pick<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let place = self.below(u32::try_from(list.len()).unwrap_or(u32::MAX));
        list.get(place as usize).copied().unwrap_or_default()
    }

    /// One of a list of which the customers before and after take from the other half, so that neighbours in a table
    /// never look alike. `turn` changes the half for each further draw of the same customer.
    pub(super) fn apart<T: Copy + Default>(&mut self, list: &[T], turn: u32) -> T {
        let half = usize::from((self.index & 1 == 1) != (turn & 1 == 1));
        let count = list.len().saturating_add(1).saturating_sub(half) / 2;
        let place = self.below(u32::try_from(count).unwrap_or(u32::MAX));
        list.get(place as usize * 2 + half).copied().unwrap_or_default()
    }

    /// One of a list whose first items are the most usual.
    pub(super) fn skewed<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let first = self.below(u32::try_from(list.len()).unwrap_or(u32::MAX));
        let place = self.below(first.saturating_add(1));
        list.get(place as usize).copied().unwrap_or_default()
    }

    /// One of a list by weight.
    pub(super) fn weighted<T: Copy + Default>(&mut self, list: &[(u32, T)]) -> T {
        let mut left = self.below(list.iter().map(|(weight, _)| weight).sum());
        for (weight, item) in list {
            if left < *weight {
                return *item;
            }
            left -= weight;
        }
        T::default()
    }

    /// A count with a long tail: each further one in `per_thousand` of the cases, up to `most`.
    pub(super) fn tail(&mut self, per_thousand: u32, most: u32) -> u32 {
        let mut count = 0;
        while count < most && self.chance(per_thousand) {
            count += 1;
        }
        count
    }

    /// Appends `count` digits.
    pub(super) fn digits(&mut self, out: &mut String, count: u32) {
        for _ in 0..count {
            out.push(char::from(b'0' + u8::try_from(self.below(10)).unwrap_or_default()));
        }
    }
}
