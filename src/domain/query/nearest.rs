//! The known word that somebody probably meant.

use crate::text::edits;

/// The longest word that is compared; longer ones are nobody's slip of the finger.
const LONGEST: usize = 32;

/// The nearest of `known` to `word`, if it is near: one slip in three characters, and one at least.
pub(super) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let typed: Vec<char> = word.chars().take(LONGEST + 1).collect();
    if typed.len() > LONGEST {
        return None;
    }
    let most = (typed.len() / 3).max(1);
    let slips = |candidate: &&str| edits(&typed, &candidate.chars().take(LONGEST).collect::<Vec<_>>(), most);
    known
        .map(|k| (slips(&k), k))
        .filter(|(slips, k)| *slips <= most && *slips < k.chars().count())
        .min()
        .map(|(_, k)| k)
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
