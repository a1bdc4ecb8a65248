//! Mainland resident identity numbers (GB 11643-1999): six digits of place, a date of birth, three of order, and a
//! check character by ISO 7064 MOD 11-2.
//!
//! **Invariant:** place codes are not looked up, since those of abolished counties stay valid for life.

use chrono::NaiveDate;

use super::{ValueFault, is_eaten_number, plain};

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

pub(super) fn check(clean: &str, today: NaiveDate) -> Result<String, ValueFault> {
    if is_eaten_number(clean) {
        return Err(ValueFault::Eaten);
    }
    let number = compact(clean);
    let count = number.chars().count();
    let (digits, last) = match number.char_indices().next_back() {
        Some((at, last)) => (number.get(..at).unwrap_or_default(), last),
        None => return Err(ValueFault::Empty),
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !(last.is_ascii_digit() || last == 'X') {
        return Err(ValueFault::NotAnId);
    }
    match count {
        15 if last != 'X' => return Err(ValueFault::OldId),
        0..18 => return Err(ValueFault::TooShort),
        18 => {}
        _ => return Err(ValueFault::TooLong),
    }
    let born = birth(&number).ok_or(ValueFault::NotADate)?;
    if born > today {
        return Err(ValueFault::Future);
    }
    if check_character(digits) != Some(last) {
        return Err(ValueFault::CheckDigit);
    }
    Ok(number)
}

/// Upper case, without the spaces and hyphens that people group it with.
pub(super) fn compact(clean: &str) -> String {
    plain(clean).chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase()).collect()
}

/// The date of birth that stands in the number, if it is a day of the calendar.
pub fn birth(number: &str) -> Option<NaiveDate> {
    let part = |range: std::ops::Range<usize>| number.get(range).and_then(|text| text.parse::<u32>().ok());
    let year = i32::try_from(part(6..10)?).ok().filter(|year| *year >= 1850)?;
    NaiveDate::from_ymd_opt(year, part(10..12)?, part(12..14)?)
}

/// Whether the number is a man's: the last of the three digits of order is odd then.
pub fn is_male(number: &str) -> Option<bool> {
    Some(number.get(16..17)?.parse::<u32>().ok()? % 2 == 1)
}

/// The check character that follows 17 digits.
pub(super) fn check_character(digits: &str) -> Option<char> {
    let sum = digits.chars().zip(WEIGHTS).try_fold(0, |sum, (c, weight)| Some(sum + c.to_digit(10)? * weight))?;
    CHECKS.get(usize::try_from(sum % 11).ok()?).copied()
}
