//! The known word that somebody probably meant.

/// The longest word that is compared; longer ones are nobody's slip of the finger.
const LONGEST: usize = 32;

/// The nearest of `known` to `word`, if it is near: one slip in three characters, and one at least.
pub(super) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let typed: Vec<char> = word.chars().take(LONGEST + 1).collect();
    if typed.len() > LONGEST {
        return None;
    }
    let most = (typed.len() / 3).max(1);
    let slips = |candidate: &&str| slips(&typed, &candidate.chars().take(LONGEST).collect::<Vec<_>>());
    known
        .map(|k| (slips(&k), k))
        .filter(|(slips, k)| *slips <= most && *slips < k.chars().count())
        .min()
        .map(|(_, k)| k)
}

/// How many insertions, deletions, substitutions and swaps of neighbours lead from one word to the other: the restricted
/// edit distance, row by row.
fn slips(one: &[char], other: &[char]) -> usize {
    let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, c) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, d) in other.iter().enumerate() {
            let changed = at(&last, j) + usize::from(c != d);
            let mut best = changed.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && one.get(i - 1) == Some(d) && other.get(j - 1) == Some(c);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    at(&last, other.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_word_that_was_meant() {
        let known = || ["stage", "tag", "owner", "标签", "created"].into_iter();
        for (typed, meant) in [
            ("stge", Some("stage")),
            ("satge", Some("stage")),
            ("onwer", Some("owner")),
            ("tagg", Some("tag")),
            ("creatd", Some("created")),
            ("标笺", Some("标签")),
            ("zzz", None),
            ("http", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, known()), meant, "{typed}");
        }
        assert_eq!(nearest(&"s".repeat(5_000), known()), None);
    }
}
