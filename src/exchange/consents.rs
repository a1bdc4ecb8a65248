//! Columns of consents: what they are called in map files, and what is read out of their cells.
//!
//! **Invariant:** silence is no consent: an empty cell, or one that says that nobody knows, gives nothing, and no word that
//! could be read both ways is taken for a yes.

use crate::domain::consent::{ConsentState, Purpose};
use crate::text::folded;

/// The word that map files use for the column of a purpose.
pub(super) fn column(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Service => "consent.service",
        Purpose::Marketing => "consent.marketing",
        Purpose::Sharing => "consent.sharing",
        Purpose::Publishing => "consent.publishing",
        Purpose::Sensitive => "consent.sensitive",
        Purpose::CrossBorder => "consent.cross_border",
    }
}

/// The purpose whose column a word means.
pub(super) fn purpose(code: &str) -> Option<Purpose> {
    Purpose::ALL.iter().copied().find(|purpose| column(*purpose) == code)
}

/// What people write for each, folded and without what is no letter, digit or sign of a tick.
const WORDS: [(ConsentState, &[&str]); 3] = [
    (
        ConsentState::Given,
        &[
            "yes",
            "y",
            "true",
            "1",
            "given",
            "granted",
            "agreed",
            "accepted",
            "optin",
            "optedin",
            "subscribed",
            "✓",
            "✔",
            "√",
            "是",
            "同意",
            "已同意",
            "接受",
            "允许",
            "已授权",
            "订阅",
            "已订阅",
        ],
    ),
    (
        ConsentState::Refused,
        &[
            "no",
            "n",
            "false",
            "0",
            "refused",
            "declined",
            "rejected",
            "✗",
            "✘",
            "×",
            "否",
            "不同意",
            "拒绝",
            "不接受",
            "已拒绝",
        ],
    ),
    (
        ConsentState::Withdrawn,
        &[
            "withdrawn",
            "revoked",
            "optout",
            "optedout",
            "unsubscribed",
            "撤回",
            "已撤回",
            "撤销",
            "已撤销",
            "退订",
            "已退订",
        ],
    ),
];

/// What people write where nobody was asked.
const UNKNOWN: [&str; 16] = [
    "",
    "unknown",
    "notasked",
    "notknown",
    "na",
    "none",
    "null",
    "nil",
    "未知",
    "不详",
    "不知道",
    "未询问",
    "未征求",
    "无",
    "暂无",
    "没有",
];

/// What a cell says; nothing where it says that nobody was asked, and an error where it says something else.
pub(super) fn said(cell: &str) -> Result<Option<ConsentState>, ()> {
    let sign = |c: &char| c.is_alphanumeric() || "✓✔√✗✘×".contains(*c);
    let folded = folded(cell);
    let word: String = folded.chars().filter(sign).collect();
    let found = WORDS.iter().find(|(_, words)| words.contains(&word.as_str()));
    match found {
        // A digit with anything beside it is a number.
        Some(_) if word.len() == 1 && word != folded.trim() => Err(()),
        Some((state, _)) => Ok(Some(*state)),
        None if UNKNOWN.contains(&word.as_str()) => Ok(None),
        None => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConsentState::{Given, Refused, Withdrawn};

    #[test]
    fn cells_are_read_in_both_languages() {
        for (cell, state) in [
            ("yes", Given),
            (" Y ", Given),
            ("TRUE", Given),
            ("Ｙｅｓ", Given),
            ("opt-in", Given),
            ("同意", Given),
            ("是", Given),
            ("√", Given),
            ("No", Refused),
            ("0", Refused),
            ("否", Refused),
            ("拒绝", Refused),
            ("不同意", Refused),
            ("Withdrawn", Withdrawn),
            ("opted out", Withdrawn),
            ("已撤回", Withdrawn),
            ("退订", Withdrawn),
        ] {
            assert_eq!(said(cell), Ok(Some(state)), "{cell}");
        }
        for cell in ["", "  ", "-", "/", "n/a", "unknown", "未知", "not asked"] {
            assert_eq!(said(cell), Ok(None), "{cell}");
        }
        for cell in ["maybe", "1.0", "-1", "1?", "未同意", "2026-11-20", "-1.5", "好的吧", "yes no"] {
            assert_eq!(said(cell), Err(()), "{cell}");
        }
    }

    #[test]
    fn no_word_stands_twice_and_every_purpose_has_its_column() {
        let mut seen = std::collections::HashSet::new();
        let words = WORDS.iter().flat_map(|(_, words)| words.iter());
        for word in words.chain(UNKNOWN.iter()) {
            assert!(seen.insert(word), "{word}");
        }
        for of in Purpose::ALL {
            assert_eq!(column(*of), format!("consent.{}", of.code()));
            assert_eq!(purpose(column(*of)), Some(*of));
        }
    }
}
