//! Somebody at work, as a stream of keys: rows down and up, a customer opened, a search, and the pauses between keys.
//!
//! **Invariant:** the same seed gives the same keys and pauses.

use std::collections::VecDeque;
use std::time::Duration;

const DOWN: &[u8] = b"\x1b[B";
const UP: &[u8] = b"\x1b[A";
const ENTER: &[u8] = b"\r";
/// As terminals with kitty's protocol send it, since a lone escape would be waited behind.
const ESCAPE: &[u8] = b"\x1b[27u";
/// What is searched for.
const WORDS: [&str; 8] = ["chen", "wang", "lin", "smith", "tea", "ann", "ro", "maria"];

/// What a key is pressed for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Another row.
    Moves,
    /// A customer is opened, which is on record before it is shown.
    Opens,
    /// A search begins, goes on or ends.
    Searches,
    /// Back to the list.
    Leaves,
}

/// One person's hands.
pub struct Typist {
    state: u64,
    keys: VecDeque<(Sort, Vec<u8>)>,
}

impl Typist {
    pub fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15), keys: VecDeque::new() }
    }

    /// The next key. They are at the list when they begin, and each piece of work ends there.
    pub fn key(&mut self) -> (Sort, Vec<u8>) {
        if self.keys.is_empty() {
            match self.below(10) {
                0..=5 => self.move_about(),
                6..=7 => self.look_at_one(),
                _ => self.search(),
            }
        }
        self.keys.pop_front().unwrap_or((Sort::Moves, DOWN.to_vec()))
    }

    /// How long until the next.
    pub fn pause(&mut self) -> Duration {
        Duration::from_millis(100 + self.below(301))
    }

    fn push(&mut self, sort: Sort, key: &[u8], times: u64) {
        self.keys.extend((0..times).map(|_| (sort, key.to_vec())));
    }

    fn move_about(&mut self) {
        let (down, back) = (4 + self.below(12), self.below(4));
        self.push(Sort::Moves, DOWN, down);
        self.push(Sort::Moves, UP, back);
    }

    fn look_at_one(&mut self) {
        let down = 2 + self.below(3);
        self.push(Sort::Moves, DOWN, 1);
        self.push(Sort::Opens, ENTER, 1);
        self.push(Sort::Moves, DOWN, down);
        self.push(Sort::Leaves, ESCAPE, 1);
    }

    fn search(&mut self) {
        let word = WORDS[self.below(WORDS.len() as u64) as usize];
        let down = 1 + self.below(4);
        self.push(Sort::Searches, b"/", 1);
        word.bytes().for_each(|letter| self.push(Sort::Searches, &[letter], 1));
        self.push(Sort::Searches, ENTER, 1);
        self.push(Sort::Moves, DOWN, down);
        self.push(Sort::Leaves, ESCAPE, 1);
    }

    /// SplitMix64, reduced.
    fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}
