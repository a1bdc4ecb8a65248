//! Bank card numbers (ISO/IEC 7812-1: 12 to 19 digits, the last by Luhn's formula).
//!
//! **Invariant:** a number is shown in groups of four and compared as bare digits.

use super::{Checked, ValueFault, is_eaten_number, plain};

pub(super) fn check(clean: &str) -> Result<Checked, ValueFault> {
    if is_eaten_number(clean) {
        return Err(ValueFault::Eaten);
    }
    let digits: String = plain(clean).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ValueFault::Letters);
    }
    match digits.len() {
        0..12 => return Err(ValueFault::TooShort),
        12..=19 => {}
        _ => return Err(ValueFault::TooLong),
    }
    if !luhn(&digits) {
        return Err(ValueFault::Luhn);
    }
    let mut shown = String::with_capacity(24);
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            shown.push(' ');
        }
        shown.push(c);
    }
    Ok(Checked { shown, normal: digits })
}

/// Whether the digits satisfy Luhn's formula (US patent 2,950,048). All zeros, which do, are no number.
pub(super) fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, b)| {
            let digit = u32::from(b.wrapping_sub(b'0'));
            match at % 2 {
                0 => digit,
                _ => digit * 2 / 10 + digit * 2 % 10,
            }
        })
        .sum();
    sum > 0 && sum.is_multiple_of(10)
}
