//! How alike short texts are, and the hash that keys are made of.
//!
//! **Invariant:** all of it is symmetric, and equal input gives equal output on every machine.

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

    #[test]
    fn overlap_is_of_the_smaller_set() {
        assert!((overlap(&[1, 2, 3, 4], &[2, 4]) - 1.0).abs() < 1e-6);
        assert!((overlap(&[1, 2], &[2, 5, 9]) - 0.5).abs() < 1e-6);
        assert!(overlap(&[], &[1]) < 1e-6);
    }
}
