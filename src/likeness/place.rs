//! Addresses in comparable form: the numbers in their order, and the pieces of everything else.
//!
//! **Invariant:** an address without a number has no key: a city alone brings nobody together.

use super::letters::{hash, overlap};
use super::reading::is_han;
use crate::text::{edits, folded};

/// Words of streets and their short forms.
const SHORT: &[(&str, &str)] = &[
    ("street", "st"),
    ("road", "rd"),
    ("avenue", "ave"),
    ("av", "ave"),
    ("drive", "dr"),
    ("lane", "ln"),
    ("boulevard", "blvd"),
    ("court", "ct"),
    ("place", "pl"),
    ("terrace", "tce"),
    ("close", "cl"),
    ("crescent", "cres"),
    ("apartment", "apt"),
    ("unit", "apt"),
    ("flat", "apt"),
    ("strasse", "str"),
];

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    numbers: Vec<u32>,
    pieces: Vec<u32>,
    /// What stands for it where it is counted.
    pub(super) key: u64,
}

/// How alike two addresses are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PlaceLike {
    /// Neither the street nor the number.
    Different,
    /// The street or the district, and not the number.
    Street,
    /// The same, but for one number that is written differently.
    Near,
    /// The same, where one of them leaves something out.
    Part,
    /// The same.
    Same,
}

impl Place {
    /// Nothing, where nothing is left.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut text = folded(text).replace("straße", "str").replace('ß', "ss");
        text.truncate(text.char_indices().nth(200).map_or(text.len(), |(at, _)| at));
        let (mut numbers, mut pieces) = (Vec::new(), Vec::new());
        let mut han: Option<char> = None;
        for word in words(&text) {
            if let Ok(number) = word.parse::<u32>() {
                numbers.push(number);
            } else if word.chars().all(is_han) {
                for c in word.chars() {
                    if let Some(before) = han {
                        pieces.push(piece(&[before, c].iter().collect::<String>()));
                    }
                    han = Some(c);
                }
            } else {
                let short = SHORT.iter().find(|(long, _)| *long == word).map_or(word.as_str(), |(_, short)| *short);
                pieces.push(piece(short));
            }
        }
        pieces.sort_unstable();
        pieces.dedup();
        if numbers.is_empty() && pieces.is_empty() {
            return None;
        }
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        let key = hash("place", sorted.iter().map(|n| n.to_be_bytes()).collect::<Vec<_>>().iter().map(|b| &b[..]));
        Some(Self { numbers, pieces, key })
    }

    /// What brings it together with others: all numbers, and every two that follow each other.
    pub(super) fn keys(&self) -> Vec<u64> {
        let mut out = Vec::new();
        let telling = self.numbers.len() > 1 || self.numbers.iter().any(|n| *n > 99);
        if telling {
            out.push(self.key);
        }
        for pair in self.numbers.windows(2).take(4) {
            let bytes: Vec<[u8; 4]> = pair.iter().map(|n| n.to_be_bytes()).collect();
            out.push(hash("numbers", bytes.iter().map(|b| &b[..])));
        }
        out
    }

    /// How alike two are.
    pub(super) fn like(&self, other: &Self) -> PlaceLike {
        let words = overlap(&self.pieces, &other.pieces);
        let no_words = self.pieces.is_empty() || other.pieces.is_empty();
        if words < 0.55 && !no_words {
            return PlaceLike::Different;
        }
        let (few, many) = if self.numbers.len() <= other.numbers.len() { (self, other) } else { (other, self) };
        if few.numbers.is_empty() {
            return PlaceLike::Street;
        }
        let gap = many.numbers.len() - few.numbers.len();
        match (&without(&few.numbers, &many.numbers)[..], gap) {
            ([], 0) => PlaceLike::Same,
            ([], _) if few.numbers.len() > 1 || few.numbers.iter().any(|n| *n > 9) => PlaceLike::Part,
            ([one], 0) if few.numbers.len() > 1 && one_slip(*one, &without(&many.numbers, &few.numbers)) => {
                PlaceLike::Near
            }
            _ => PlaceLike::Street,
        }
    }
}

/// What is left of the one when each of the other is taken from it once.
fn without(one: &[u32], other: &[u32]) -> Vec<u32> {
    let mut rest = other.to_vec();
    let mut is_left = |n: &u32| match rest.iter().position(|r| r == n) {
        Some(at) => {
            rest.swap_remove(at);
            false
        }
        None => true,
    };
    one.iter().copied().filter(|n| is_left(n)).collect()
}

/// Whether the number that one address has is an edit apart from the only one that the other has instead.
fn one_slip(one: u32, instead: &[u32]) -> bool {
    let [other] = instead else { return false };
    let (a, b) = (one.to_string(), other.to_string());
    a.len() + b.len() > 2 && edits(a.as_bytes(), b.as_bytes(), 1) <= 1
}

fn piece(text: &str) -> u32 {
    let [a, b, c, d, ..] = hash("piece", [text.as_bytes()]).to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// Runs of digits, of Chinese characters and of other letters.
fn words(text: &str) -> Vec<String> {
    let kind = |c: char| match c {
        c if c.is_ascii_digit() => 1,
        c if is_han(c) => 2,
        c if c.is_alphanumeric() => 3,
        _ => 0,
    };
    let mut out: Vec<String> = Vec::new();
    let mut last = 0;
    for c in text.chars() {
        let now = kind(c);
        match out.last_mut() {
            Some(word) if now == last && now != 0 => word.push(c),
            _ if now != 0 => out.push(c.to_string()),
            _ => {}
        }
        last = now;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_by_numbers_and_by_words() {
        for (one, other, like) in [
            ("浙江省杭州市西湖区文三路138号3幢2单元501室", "杭州市西湖区文三路１３８号3幢2单元501", PlaceLike::Same),
            ("浙江省杭州市西湖区文三路138号3幢2单元501室", "杭州市西湖区文三路138号", PlaceLike::Part),
            ("浙江省杭州市西湖区文三路138号3幢2单元501室", "杭州市西湖区文三路183号3幢2单元501室", PlaceLike::Near),
            (
                "浙江省杭州市西湖区文三路138号3幢2单元501室",
                "浙江省杭州市西湖区文三路9号3幢1单元402室",
                PlaceLike::Street,
            ),
            ("北京市海淀区中关村大街1号", "上海市静安区南京西路1号", PlaceLike::Different),
            ("12 Mill Road, York YO31 7AB", "12 Mill Rd York YO31 7AB", PlaceLike::Same),
            ("文三路1号1幢20室", "文三路1号20幢31室", PlaceLike::Near),
            ("文三路1号1幢20室", "文三路1号20幢45室", PlaceLike::Street),
            ("Lindenstraße 12, 50825 Köln", "Lindenstr. 12, 50825 Köln", PlaceLike::Same),
        ] {
            let (one_place, other_place) = (Place::of(one).unwrap(), Place::of(other).unwrap());
            assert_eq!(one_place.like(&other_place), like, "{one} {other}");
            assert_eq!(other_place.like(&one_place), like, "{other} {one}");
        }
        assert_eq!(Place::of(" ,"), None);
    }
}
