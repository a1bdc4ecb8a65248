//! Masks of numbers: phones, identity numbers, cards, and the year of a date.
//!
//! **Invariant:** each function returns none rather than show more than its kind's row in the table of masks.

use super::stars;
use crate::text::half_width;

/// Country calling codes of one and two digits (ITU-T E.164, list of 2016-12-15); all others have three.
const SHORT_CODES: [&str; 45] = [
    "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
    "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
    "86", "90", "91", "92", "93", "94", "95",
];

/// The first 3 and last 4 digits of a mainland mobile; any other number as [`phone`].
pub(super) fn mobile(value: &str) -> Option<String> {
    let digits = digits(value);
    let international = is_international(value);
    let national = match digits.strip_prefix("86") {
        Some(rest) if international || digits.len() == 13 => rest,
        _ if international => return phone(value),
        _ => &digits,
    };
    let mainland = national.len() == 11 && national.starts_with('1') && !value.contains(is_letter);
    match (national.get(..3), national.get(7..)) {
        (Some(head), Some(tail)) if mainland => Some(format!("{head}****{tail}")),
        _ => phone(value),
    }
}

/// Country code and the last 2 digits; without a country code the last 2 only. Needs 6 national digits.
pub(super) fn phone(value: &str) -> Option<String> {
    if value.contains(is_letter) {
        return None;
    }
    let digits = digits(value);
    let (code, national) = if is_international(value) {
        let length = calling_code(&digits);
        digits.split_at_checked(length)?
    } else {
        ("", digits.as_str())
    };
    let hidden = national.len().checked_sub(2).filter(|hidden| (4..=15).contains(hidden))?;
    let tail = national.get(hidden..)?;
    let lead = if code.is_empty() { String::new() } else { format!("+{code} ") };
    Some(format!("{lead}{}{tail}", stars(hidden)))
}

/// First and last character of 18 (or, of the old kind, 15).
pub(super) fn resident_id(value: &str) -> Option<String> {
    let plain: Vec<char> = value.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    let shaped = matches!(plain.len(), 15 | 18) && plain.iter().all(char::is_ascii_alphanumeric);
    let (first, last) = (plain.first()?, plain.last()?);
    shaped.then(|| format!("{first}{}{}", stars(plain.len() - 2), last.to_ascii_uppercase()))
}

/// The last 4 digits, in the shape of a card of 16 whatever its length.
pub(super) fn bank_card(value: &str) -> Option<String> {
    let digits = digits(value);
    let fits = (12..=19).contains(&digits.len()) && !value.contains(is_letter);
    let tail = digits.get(digits.len().checked_sub(4)?..)?;
    fits.then(|| format!("**** **** **** {tail}"))
}

/// The first and last characters with a fixed number of stars between. What is shown is at most half of the value.
pub(super) fn ends(value: &str, first: usize, last: usize, between: usize) -> Option<String> {
    let plain: Vec<char> = value.chars().filter(|c| !c.is_whitespace()).collect();
    if plain.len() < 2 * (first + last) {
        return None;
    }
    let head: String = plain.iter().take(first).collect();
    let tail: String = plain.iter().skip(plain.len() - last).collect();
    Some(format!("{head}{}{tail}", stars(between)))
}

/// The year of a date in ISO form.
pub(super) fn year(value: &str) -> Option<String> {
    let (year, rest) = value.split_at_checked(4)?;
    let dated = year.bytes().all(|b| b.is_ascii_digit()) && rest.starts_with('-') && rest.len() == 6;
    dated.then(|| format!("{year}-**-**"))
}

fn digits(value: &str) -> String {
    let plain: String = value.chars().map(half_width).filter(char::is_ascii_digit).collect();
    if value.starts_with("00") { plain.trim_start_matches('0').to_owned() } else { plain }
}

fn is_international(value: &str) -> bool {
    value.starts_with("00") || value.chars().next().is_some_and(|c| half_width(c) == '+')
}

fn is_letter(c: char) -> bool {
    half_width(c).is_alphabetic()
}

fn calling_code(digits: &str) -> usize {
    let short = SHORT_CODES.iter().find(|code| digits.starts_with(**code));
    match short {
        Some(code) => code.len(),
        None if digits.starts_with("98") => 2,
        None => 3,
    }
}
