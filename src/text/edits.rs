//! How far apart two short texts are.
//!
//! **Invariant:** the distance is the same both ways, and no more is computed than the bound asks for.

/// How many edits (insertion, deletion, substitution, or two neighbours swapped: optimal string alignment) turn one into
/// the other, or `most + 1` where it takes more.
pub fn edits<T: Eq + Copy>(one: &[T], other: &[T], most: usize) -> usize {
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
}
