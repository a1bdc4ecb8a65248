//! Values of fields: checked, and brought into the forms in which they are shown and compared.
//!
//! **Invariant:** every value of a customer's field passed [`check`]. Nothing here reads the clock, and no fault and no
//! `Debug` carries a value or a part of one.

mod bank_card;
mod date;
mod email;
mod phone;
mod progress;
mod purchases;
mod resident_id;
mod scan;
mod text;

use std::borrow::Cow;

use chrono::NaiveDate;

use super::field::{FieldDef, FieldKind};
use crate::privacy::mask::MaskKind;
use crate::privacy::seal::TokenKind;
use crate::text::{MAX_BYTES, Printable, folded, half_width};

pub use progress::{Progress, progress};
pub use resident_id::{birth as birth_on_card, is_male as is_male_on_card};
pub use scan::{Suspected, Suspicion, scan_for_identifiers, starred};

/// A value that is what its field asks for.
#[derive(Clone, PartialEq, Eq)]
pub struct Checked {
    /// As shown when revealed. Checking it again gives the same value.
    pub shown: String,
    /// As tokens and comparisons use it: E.164 for phones, lower case for emails, upper case for identity numbers,
    /// ISO 8601 for dates.
    pub normal: String,
}

/// Shows nothing of the value, not even its length.
impl std::fmt::Debug for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Checked(..)")
    }
}

impl Checked {
    fn same(value: String) -> Self {
        Self { shown: value.clone(), normal: value }
    }
}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident $code:literal $message:literal),+ $(,)?) => {
        /// What is wrong with a value, and what would be right.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
        pub enum ValueFault { $($(#[$doc])* #[error($message)] $name),+ }

        impl ValueFault {
            /// Every fault, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// A word that never changes, for translation.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }
    };
}

faults! {
    /// Nothing is left once what is not printable is taken away.
    Empty "empty" "nothing was given",
    /// Fewer characters or digits than any value of the kind has.
    TooShort "too_short" "too short: some digits or letters are missing",
    /// More than any value of the kind has.
    TooLong "too_long" "too long for this field",
    /// Something other than digits where only digits may be.
    Letters "letters" "only digits are expected here",
    /// Spreadsheet notation such as 1.38E+10: the last digits are lost.
    Eaten "eaten" "a spreadsheet has turned this number into scientific notation and lost digits: format the column as text and export again",
    /// No telephone number of the region, nor an international one.
    NotAPhone "not_a_phone" "no such telephone number: check the digits, and begin foreign numbers with + and the country code",
    /// No local part or more than one `@`, or forbidden characters.
    NotAnEmail "not_an_email" "not an email address: it needs the form name@example.com",
    /// Nothing that can be a domain after the `@`.
    NoDomain "no_domain" "the part after the @ is not a domain such as example.com",
    /// Not 17 digits and a digit or X.
    NotAnId "not_an_id" "an identity number has 17 digits and then a digit or X",
    /// 15 digits, as given out before 1999 and void since 2013.
    OldId "old_id" "identity numbers of 15 digits are void since 2013: ask for the one of 18",
    /// The last character does not follow from the others.
    CheckDigit "check_digit" "the check digit does not match: a digit is wrong or two are swapped",
    /// Not a passport number.
    NotAPassport "not_a_passport" "a passport number has 5 to 20 letters and digits",
    /// The Luhn check fails.
    Luhn "luhn" "the card number fails its check: a digit is wrong or two are swapped",
    /// No day of the calendar.
    NotADate "not_a_date" "not a date: write it as 1988-03-07",
    /// Day and month cannot be told apart.
    AmbiguousDate "ambiguous_date" "day and month cannot be told apart: write the date as 1988-03-07",
    /// After today.
    Future "future" "the date lies in the future",
    /// None of the choices that the field has.
    NotAChoice "not_a_choice" "none of the choices that this field has",
    /// Not date, item and amount.
    NotAPurchase "not_a_purchase" "each purchase is one line of date, item and amount, such as: 2026-03-01 desk lamp 129.00",
}

/// Checks `raw` as a value of the kind. `region` is the ISO 3166 code of the country whose phone numbers come without a
/// country code; `today` is the day after which no birth lies.
pub fn check(kind: FieldKind, raw: &str, region: &str, today: NaiveDate) -> Result<Checked, ValueFault> {
    if raw.len() > MAX_BYTES {
        return Err(ValueFault::TooLong);
    }
    let clean = match kind {
        FieldKind::Notes | FieldKind::Purchases => Printable::lines(raw),
        _ => Printable::line(raw),
    };
    let clean = clean.as_str();
    if clean.is_empty() {
        return Err(ValueFault::Empty);
    }
    match kind {
        FieldKind::Text | FieldKind::Address | FieldKind::Choice => text::line(clean),
        FieldKind::Name => text::name(clean),
        FieldKind::ChatId => text::chat_id(clean),
        FieldKind::Notes => Ok(text::lines(clean)),
        FieldKind::Phone => phone::check(clean, region),
        FieldKind::Email => email::check(clean),
        FieldKind::ResidentId => resident_id::check(clean, today).map(Checked::same),
        FieldKind::Passport => text::passport(clean).map(Checked::same),
        FieldKind::BankCard => bank_card::check(clean),
        FieldKind::Date => Ok(Checked::same(date::date(clean)?.format("%Y-%m-%d").to_string())),
        FieldKind::MonthDay => date::month_day(clean, region).map(Checked::same),
        FieldKind::Purchases => purchases::check(clean).map(Checked::same),
    }
}

/// As [`check`], and with what the row of the schema adds: a date of birth does not lie in the future, and of choices one
/// is taken.
pub fn check_field(def: &FieldDef, raw: &str, region: &str, today: NaiveDate) -> Result<Checked, ValueFault> {
    let checked = check(def.kind, raw, region, today)?;
    if def.kind == FieldKind::Date && def.mask == MaskKind::DateOfBirth && date::date(&checked.normal)? > today {
        return Err(ValueFault::Future);
    }
    if def.kind == FieldKind::Choice {
        let wanted = folded(&checked.shown);
        let chosen = def.choices.iter().find(|choice| folded(choice) == wanted).ok_or(ValueFault::NotAChoice)?;
        return Ok(Checked::same(chosen.clone()));
    }
    Ok(checked)
}

/// What blind tokens of a normalised value are made of.
pub fn token_values(kind: FieldKind, normal: &str) -> Vec<(TokenKind, String)> {
    let whole = normal.to_owned();
    match kind {
        FieldKind::Phone => {
            let last = normal.len().checked_sub(4).and_then(|at| normal.get(at..));
            let mut out = vec![(TokenKind::Phone, whole)];
            out.extend(last.map(|digits| (TokenKind::LastFour, digits.to_owned())));
            out
        }
        FieldKind::Email => vec![(TokenKind::Email, whole)],
        FieldKind::ResidentId | FieldKind::Passport => vec![(TokenKind::Identity, whole)],
        _ => vec![(TokenKind::Whole, whole)],
    }
}

/// Full-width forms to plain ones.
fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.chars().map(half_width).collect()) }
}

/// Whether the text is a number in scientific notation, such as `1.38E+10`.
pub fn is_eaten_number(text: &str) -> bool {
    let text = text.trim();
    let Some((head, exponent)) = text.split_once(['e', 'E']) else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let signed = exponent.strip_prefix(['+', '-']).unwrap_or("");
    digits(signed)
        && head.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
        && head.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests;
