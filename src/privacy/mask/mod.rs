//! Masks: what of a value may be seen without a grant. The one renderer that every path uses.
//!
//! **Invariant:** a [`Masked`] is made only here, from the value, or read back from where it was stored.

mod address;
mod name;
mod number;

use crate::codes::codes;
use crate::text::Printable;

/// The kinds of mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MaskKind {
    /// First 3 and last 4 digits.
    Mobile,
    /// Country code and last 2 digits.
    Phone,
    /// First and last character.
    ResidentId,
    /// Last 4 digits.
    BankCard,
    /// First letter and domain.
    Email,
    /// Surname, or first letters.
    Name,
    /// Down to the district.
    Address,
    /// First 1 and last 2 characters.
    Passport,
    /// First 1 and last 2 characters.
    Plate,
    /// The year.
    DateOfBirth,
    /// First and last character.
    ChatId,
    /// Eight stars, whatever the value.
    Other,
}

codes!(MaskKind: Mobile = "mobile", Phone = "phone", ResidentId = "resident_id", BankCard = "bank_card",
    Email = "email", Name = "name", Address = "address", Passport = "passport", Plate = "plate",
    DateOfBirth = "date_of_birth", ChatId = "chat_id", Other = "other");

impl MaskKind {
    /// Whether this kind is known to show nothing of any value that the other does not show. Where nothing is known, it
    /// is taken to show more.
    pub fn shows_no_more_than(self, other: Self) -> bool {
        let both = (self, other);
        self == other
            || self == Self::Other
            || matches!(
                both,
                // Both fall back to the same form for all but mainland mobiles, of which the country code is no news.
                (Self::Phone, Self::Mobile) | (Self::Passport, Self::Plate) | (Self::Plate, Self::Passport)
            )
    }
}

/// What may be seen of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Masked(String);

impl Masked {
    /// A mask read back from where it was stored.
    pub fn stored(mask: String) -> Self {
        Self(Printable::line(&mask).into_string())
    }

    /// What may be seen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Masked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands for a value of which nothing may be seen, whatever its length: length is information.
const ALL_STARS: &str = "********";

/// The mask of `value`, which is in the normalised or in the shown form of its field.
///
/// Stars count the hidden characters for phones, resident identity numbers and Chinese names only, whose length is
/// public knowledge. A value that does not have its kind's shape, or is so short that a mask would show most of it,
/// is all stars.
pub fn mask(kind: MaskKind, value: &str) -> Masked {
    let value = Printable::line(value).into_string();
    let shown = match kind {
        MaskKind::Mobile => number::mobile(&value),
        MaskKind::Phone => number::phone(&value),
        MaskKind::ResidentId => number::resident_id(&value),
        MaskKind::BankCard => number::bank_card(&value),
        MaskKind::Email => email(&value),
        MaskKind::Name => name::name(&value),
        MaskKind::Address => address::address(&value),
        MaskKind::Passport | MaskKind::Plate => number::ends(&value, 1, 2, 5),
        MaskKind::DateOfBirth => number::year(&value),
        MaskKind::ChatId => number::ends(&value, 1, 1, 6),
        MaskKind::Other => None,
    };
    Masked(shown.unwrap_or_else(|| ALL_STARS.to_owned()))
}

/// First letter and domain; a local part of one letter is hidden whole.
fn email(value: &str) -> Option<String> {
    let (local, domain) = value.rsplit_once('@')?;
    let mut letters = local.chars();
    let first = letters.next()?;
    let head = if letters.next().is_some() { first.to_string() } else { String::new() };
    let plain = !domain.is_empty() && domain.chars().all(|c| !c.is_whitespace());
    plain.then(|| format!("{head}***@{domain}"))
}

fn stars(count: usize) -> String {
    "*".repeat(count)
}

#[cfg(test)]
mod tests;
