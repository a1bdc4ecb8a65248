//! How far a value has come while it is typed, so that a form does not shout at a number half typed.
//!
//! **Invariant:** [`Progress::Good`] says exactly that [`check`] passes; only the line between incomplete and bad is a
//! judgement, and it leans to incomplete.

use chrono::NaiveDate;

use super::{ValueFault, check, plain, resident_id};
use crate::domain::field::FieldKind;

/// Where typing has got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More letters or digits may still make it right.
    Incomplete,
    /// Right as it stands.
    Good,
    /// Nothing added at the end can make it right.
    Bad(ValueFault),
}

/// Judges `raw` as typed so far; arguments as for [`check`].
pub fn progress(kind: FieldKind, raw: &str, region: &str, today: NaiveDate) -> Progress {
    match check(kind, raw, region, today) {
        Ok(_) => Progress::Good,
        Err(fault) if can_grow(kind, plain(raw).trim(), fault, region, today) => Progress::Incomplete,
        Err(fault) => Progress::Bad(fault),
    }
}

fn can_grow(kind: FieldKind, typed: &str, fault: ValueFault, region: &str, today: NaiveDate) -> bool {
    if matches!(fault, ValueFault::Empty | ValueFault::TooShort | ValueFault::OldId) {
        // A birth that is no date will not become one by the digits after it.
        let number = resident_id::compact(typed);
        let dated = number.len() < 14 || resident_id::birth(&number).is_some_and(|born| born <= today);
        return kind != FieldKind::ResidentId || dated;
    }
    let digits = typed.bytes().filter(u8::is_ascii_digit).count();
    match kind {
        FieldKind::Phone if fault == ValueFault::NotAPhone => {
            let foreign = typed.starts_with('+') || typed.starts_with("00") || region != "CN";
            digits < if foreign { 13 } else { 11 }
        }
        FieldKind::Phone => fault == ValueFault::Letters && extension_begins(typed),
        FieldKind::Email => email_begins(typed, fault),
        FieldKind::BankCard => fault == ValueFault::Luhn && digits < 19,
        FieldKind::Date => fault == ValueFault::NotADate && date_begins(typed, 10),
        FieldKind::MonthDay => fault == ValueFault::NotADate && date_begins(typed, 6),
        FieldKind::Purchases => true,
        _ => false,
    }
}

fn extension_begins(typed: &str) -> bool {
    ["转", "轉", "e", "ex", "ext", "ext.", "x", "#"].iter().any(|mark| typed.to_lowercase().trim_end().ends_with(mark))
}

fn email_begins(typed: &str, fault: ValueFault) -> bool {
    match fault {
        ValueFault::NoDomain => {
            let domain = typed.split_once('@').map_or("", |(_, domain)| domain);
            domain.is_empty()
                || (!domain.contains("..") && !domain.contains(['@', ' ', ',']) && !domain.starts_with('.'))
        }
        ValueFault::NotAnEmail => {
            !typed.contains('@') && !typed.contains([' ', ',', ';']) && !typed.starts_with('.') && !typed.contains("..")
        }
        _ => false,
    }
}

/// A date may be on its way while it is short, of digits and separators, and its year is not wrong already.
fn date_begins(typed: &str, longest: usize) -> bool {
    let shaped = typed.chars().all(|c| c.is_ascii_digit() || "-/.年月日".contains(c));
    let parts: Vec<&str> = typed.split(['-', '/', '.', '年', '月', '日']).collect();
    let full = parts.len() >= 3
        && parts.last().is_some_and(|last| last.len() >= 2)
        && parts.first().is_some_and(|y| y.len() == 4);
    let month_wrong = parts.first().is_some_and(|y| y.len() == 4)
        && parts.get(1).and_then(|m| m.parse::<u32>().ok()).is_some_and(|m| m > 12);
    shaped && typed.chars().count() < longest && !full && !month_wrong
}
