//! Distances of short texts, and the hash that keys are made of.
//!
//! **Invariant:** all of it is symmetric, and equal input gives equal output on every machine.

/// How many edits (insertion, deletion, substitution, or two neighbours swapped: optimal string alignment) turn one into
/// the other, or `most + 1` where it takes more.
pub(super) fn edits<T: Eq + Copy>(one: &[T], other: &[T], most: usize) -> usize {
    let ahead = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (one.get(ahead..).unwrap_or_default(), other.get(ahead..).unwrap_or_default());
    let behind = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    let one = one.get(..one.len() - behind).unwrap_or_default();
    let other = other.get(..other.len() - behind).unwrap_or_default();
    if one.len().abs_diff(other.len()) > most {
        return most + 1;
    }
    if one.is_empty() || other.is_empty() {
        return one.len().max(other.len());
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = Vec::with_capacity(last.len());
        row.push(i + 1);
        let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
        for (j, b) in other.iter().enumerate() {
            let mut best = (at(&last, j) + usize::from(a != b)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let crossed = i > 0 && j > 0 && one.get(i - 1) == Some(b) && other.get(j - 1) == Some(a);
            if crossed {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        if row.iter().min().is_some_and(|least| *least > most) {
            return most + 1;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default().min(most + 1)
}

/// How many edits may lie between two spellings of `letters` letters.
pub(super) fn slips(letters: usize) -> usize {
    match letters {
        0..=5 => 0,
        6..=10 => 1,
        _ => 2,
    }
}

/// What share of the smaller of two sorted sets is in the other, from 0 to 1.
pub(super) fn overlap(one: &[u32], other: &[u32]) -> f32 {
    let least = one.len().min(other.len());
    if least == 0 {
        return 0.0;
    }
    let (mut rest, mut both) = (other.iter().peekable(), 0_u16);
    for a in one {
        while rest.next_if(|b| *b < a).is_some() {}
        both += u16::from(rest.next_if_eq(&a).is_some());
    }
    f32::from(both) / f32::from(u16::try_from(least).unwrap_or(u16::MAX))
}

/// A hash (FNV-1a, mixed as in SplitMix64) of parts, told apart by what they are of.
pub(super) fn hash<'a>(what: &str, parts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let mut state = 0xCBF2_9CE4_8422_2325_u64;
    let mut take = |byte: u8| state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    what.bytes().for_each(&mut take);
    for part in parts {
        take(0xFF);
        part.iter().copied().for_each(&mut take);
    }
    mixed(state)
}

/// The hash of two hashes.
pub(super) fn joined(one: u64, other: u64) -> u64 {
    mixed(one ^ other.rotate_left(32).wrapping_add(0x9E37_79B9_7F4A_7C15))
}

fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(one: &str, other: &str, most: usize) -> usize {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let found = edits(&chars(one), &chars(other), most);
        assert_eq!(found, edits(&chars(other), &chars(one), most));
        found
    }

    #[test]
    fn edits_count_swapped_neighbours_once_and_stop_at_the_bound() {
        for (one, other, most, found) in [
            ("smith", "smith", 2, 0),
            ("smith", "simth", 2, 1),
            ("smith", "smit", 2, 1),
            ("smith", "smyth", 2, 1),
            ("smith", "smythe", 2, 2),
            ("smith", "jones", 2, 3),
            ("", "ab", 2, 2),
            ("", "abcdef", 2, 3),
            ("ca", "abc", 3, 3),
        ] {
            assert_eq!(between(one, other, most), found, "{one} {other}");
        }
    }

    #[test]
    fn overlap_is_of_the_smaller_set() {
        assert!((overlap(&[1, 2, 3, 4], &[2, 4]) - 1.0).abs() < 1e-6);
        assert!((overlap(&[1, 2], &[2, 5, 9]) - 0.5).abs() < 1e-6);
        assert!(overlap(&[], &[1]) < 1e-6);
    }
}
