//! Purchases: lines of date, item and amount.
//!
//! **Invariant:** a line in its stored form is `YYYY-MM-DD item amount` with two decimals and reads back as itself.

use super::{ValueFault, date, plain};

/// Checks every line; `;` and `；` separate purchases as line breaks do, since a table's cell is one line.
pub(super) fn check(clean: &str) -> Result<String, ValueFault> {
    let mut out = String::new();
    for line in clean.split(['\n', ';', '；']).map(str::trim).filter(|line| !line.is_empty()) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&purchase(line)?);
    }
    if out.is_empty() { Err(ValueFault::Empty) } else { Ok(out) }
}

fn purchase(line: &str) -> Result<String, ValueFault> {
    let (day, rest) = line.split_once(char::is_whitespace).ok_or(ValueFault::NotAPurchase)?;
    let (item, sum) = rest.trim().rsplit_once(char::is_whitespace).ok_or(ValueFault::NotAPurchase)?;
    let day = date::date(day)?;
    let item = item.split_whitespace().collect::<Vec<_>>().join(" ");
    if item.is_empty() {
        return Err(ValueFault::NotAPurchase);
    }
    Ok(format!("{} {item} {}", day.format("%Y-%m-%d"), amount(sum)?))
}

/// An amount with at most two decimals; a currency sign before it and commas between thousands are dropped.
fn amount(text: &str) -> Result<String, ValueFault> {
    let text = plain(text);
    let (sign, rest) = text.strip_prefix('-').map_or(("", &*text), |rest| ("-", rest));
    let rest = rest.trim_start_matches(['¥', '￥', '$', '€', '£']).trim_end_matches('元');
    let (whole, cents) = rest.split_once('.').unwrap_or((rest, ""));
    let whole: String = whole.chars().filter(|c| *c != ',').collect();
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || cents.len() > 2 || !digits(&whole) || !digits(cents) {
        return Err(ValueFault::NotAPurchase);
    }
    Ok(format!("{sign}{whole}.{cents:0<2}"))
}
