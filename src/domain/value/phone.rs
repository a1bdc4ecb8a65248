//! Telephone numbers, in E.164.
//!
//! Mainland mobiles are recognised by shape (ten ranges of a hundred million each, 13x–19x, given out by MIIT), since
//! imports hold a hundred thousand of them; everything else goes through Google's metadata in `phonenumber`.
//!
//! **Invariant:** an extension is shown and never part of the normalised number.

use phonenumber::{Mode, country};

use super::{Checked, ValueFault, is_eaten_number, plain};

/// The longest number that is looked at, in bytes; the longest real one with an extension has under 40.
const LONGEST: usize = 64;

pub(super) fn check(clean: &str, region: &str) -> Result<Checked, ValueFault> {
    if clean.len() > LONGEST * 4 {
        return Err(ValueFault::TooLong);
    }
    if is_eaten_number(clean) {
        return Err(ValueFault::Eaten);
    }
    let text = plain(clean);
    let (number, extension) = split_extension(&text);
    let digits = digits(number)?;
    if let Some(mobile) = mainland_mobile(&digits, region) {
        return Ok(shown_as(mobile_shown(mobile), extension, format!("+86{mobile}")));
    }
    let count = digits.trim_start_matches(['+', '0']).len();
    if count < 5 {
        return Err(ValueFault::TooShort);
    }
    if count > 15 {
        return Err(ValueFault::TooLong);
    }
    // 00 is the international prefix that people write, whatever their own country dials.
    let dialled = digits.strip_prefix("00").map_or_else(|| digits.clone(), |rest| format!("+{rest}"));
    let home: Option<country::Id> = region.parse().ok();
    let parsed = phonenumber::parse(home, &dialled).map_err(|_| ValueFault::NotAPhone)?;
    if !parsed.is_valid() {
        return Err(ValueFault::NotAPhone);
    }
    let normal = parsed.format().mode(Mode::E164).to_string();
    let shown = parsed.format().mode(Mode::International).to_string();
    Ok(shown_as(shown, extension, normal))
}

fn shown_as(mut shown: String, extension: &str, normal: String) -> Checked {
    if !extension.is_empty() {
        shown.push_str(" ext. ");
        shown.push_str(extension);
    }
    Checked { shown, normal }
}

/// The eleven digits of a mainland mobile, if the digits are one.
fn mainland_mobile<'a>(digits: &'a str, region: &str) -> Option<&'a str> {
    let international = digits.strip_prefix("+86").or_else(|| digits.strip_prefix("0086"));
    let national = match international {
        Some(rest) => rest,
        None if region == "CN" && digits.len() == 13 => digits.strip_prefix("86")?,
        None if region == "CN" => digits,
        None => return None,
    };
    let mut bytes = national.bytes();
    let mobile = national.len() == 11 && bytes.next() == Some(b'1') && matches!(bytes.next(), Some(b'3'..=b'9'));
    mobile.then_some(national)
}

fn mobile_shown(mobile: &str) -> String {
    let part = |range: std::ops::Range<usize>| mobile.get(range).unwrap_or_default();
    format!("+86 {} {} {}", part(0..3), part(3..7), part(7..11))
}

/// The number and the digits of its extension.
fn split_extension(text: &str) -> (&str, &str) {
    for mark in ["转", "轉", "ext.", "ext", "Ext.", "Ext", "EXT", "x", "X", "#"] {
        if let Some((number, extension)) = text.split_once(mark) {
            let extension = extension.trim();
            let fits = (1..=8).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_digit());
            if fits {
                return (number, extension);
            }
        }
    }
    (text, "")
}

/// Digits with a leading `+` where there is one. Anything but digits and the usual separators is refused.
fn digits(number: &str) -> Result<String, ValueFault> {
    let mut out = String::with_capacity(16);
    for c in number.trim().chars() {
        match c {
            '0'..='9' => out.push(c),
            '+' if out.is_empty() => out.push(c),
            ' ' | '-' | '.' | '/' | '(' | ')' | '–' | '—' | '‐' | '‑' | '－' | '\u{a0}' => {}
            _ => return Err(ValueFault::Letters),
        }
        if out.len() > LONGEST {
            return Err(ValueFault::TooLong);
        }
    }
    // "+44 (0) 20 …": the zero is dialled within the country only.
    let trunk = out.starts_with('+') && number.contains("(0)");
    if trunk && let Some((code, rest)) = number.split_once("(0)") {
        return digits(&format!("{code}{rest}"));
    }
    Ok(out)
}
