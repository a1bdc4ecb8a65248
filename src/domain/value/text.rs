//! Values that are text: words, notes, names in chat services, passport numbers.
//!
//! **Invariant:** text comes in printable and is only compared folded, never shown so.

use super::{Checked, ValueFault, plain};
use crate::text::folded;

/// The longest single line, in bytes.
const LONGEST_LINE: usize = 4 * 1024;

pub(super) fn line(clean: &str) -> Result<Checked, ValueFault> {
    if clean.len() > LONGEST_LINE {
        return Err(ValueFault::TooLong);
    }
    Ok(lines(clean))
}

pub(super) fn lines(clean: &str) -> Checked {
    Checked { shown: clean.to_owned(), normal: folded(clean) }
}

/// A name is the same however it is spaced and whatever points stand in it.
pub(super) fn name(clean: &str) -> Result<Checked, ValueFault> {
    let Checked { shown, normal } = line(clean)?;
    let letters: String = normal.chars().filter(|c| c.is_alphanumeric()).collect();
    Ok(Checked { shown, normal: if letters.is_empty() { normal } else { letters } })
}

pub(super) fn chat_id(clean: &str) -> Result<Checked, ValueFault> {
    if clean.len() > 128 {
        return Err(ValueFault::TooLong);
    }
    Ok(lines(clean))
}

/// Letters and digits in upper case (ICAO Doc 9303 allows 9; older and national papers have more).
pub(super) fn passport(clean: &str) -> Result<String, ValueFault> {
    let text: String = plain(clean).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let shaped = text.chars().all(|c| c.is_ascii_alphanumeric()) && text.contains(|c: char| c.is_ascii_digit());
    match text.len() {
        _ if super::is_eaten_number(clean) => Err(ValueFault::Eaten),
        0..5 => Err(ValueFault::TooShort),
        5..=20 if shaped => Ok(text.to_ascii_uppercase()),
        5..=20 => Err(ValueFault::NotAPassport),
        _ => Err(ValueFault::TooLong),
    }
}
