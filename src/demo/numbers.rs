//! Numbers of made-up customers: phones, identity numbers, cards, addresses of mailboxes and chat names.
//!
//! **Invariant:** every number is well formed and none is anybody's on purpose: phones come from ranges kept for
//! fiction where a country has one, resident IDs from district codes that do not exist, cards from the issuer range
//! that ISO/IEC 7812 leaves to national bodies (9 and the country's number), mailboxes from RFC 2606 domains.

use super::dice::Dice;
use super::person::{Gender, Origin, Spoken};
use super::places::City;

/// Prefixes of mainland mobile numbers in service, the usual ones first.
const MOBILE: &[&str] = &[
    "138", "139", "136", "137", "135", "186", "188", "158", "159", "150", "151", "187", "189", "133", "130", "131",
    "132", "152", "153", "155", "156", "157", "180", "181", "182", "183", "185", "176", "177", "178", "173", "175",
    "166", "191", "193", "195", "196", "198", "199", "184",
];

/// A mainland mobile number, written as people write them.
pub(super) fn mainland_mobile(dice: &mut Dice) -> String {
    let mut out = String::with_capacity(16);
    let style = dice.below(12);
    if style == 0 {
        out.push_str("+86 ");
    }
    out.push_str(dice.skewed(MOBILE));
    if style == 1 {
        out.push(' ');
    }
    dice.digits(&mut out, 4);
    if style == 1 {
        out.push(' ');
    }
    dice.digits(&mut out, 4);
    out
}

/// A number on a desk in a mainland city.
pub(super) fn mainland_landline(dice: &mut Dice, city: &City) -> String {
    // Not all of those that begin with 8 are given out.
    let mut out = format!("0{}-{}", city.area, dice.between(5, 7));
    // Cities with area codes of two digits and the large ones among the others have eight digits; the rest take them too.
    dice.digits(&mut out, 7);
    out
}

/// A phone number elsewhere, with its country code.
pub(super) fn phone(dice: &mut Dice, origin: Origin) -> String {
    let (mut out, digits) = match origin {
        // Ofcom's numbers for drama, those of them that the metadata in `phonenumber` takes for valid.
        Origin::China | Origin::Britain => {
            let (code, exchange) = dice.pick(&[
                ("20", "7946 0"),
                ("131", "496 0"),
                ("141", "496 0"),
                ("151", "496 0"),
                ("161", "496 0"),
                ("191", "498 0"),
            ]);
            (format!("+44 {code} {exchange}"), 3)
        }
        // 555-0100 to 555-0199 in every area code (NANPA).
        Origin::America => {
            let area =
                dice.pick(&["503", "512", "614", "916", "518", "520", "608", "912", "208", "314", "206", "312", "415"]);
            (format!("+1 {area} 555 01"), 2)
        }
        // ARCEP's numbers for works of fiction, but the mobile ones, which the metadata does not take.
        Origin::France => {
            let head = dice.pick(&["1 99 00", "2 61 91", "3 53 01", "4 65 71", "5 36 49"]);
            (format!("+33 {head} "), 4)
        }
        // The Bundesnetzagentur's numbers for drama.
        Origin::Germany => {
            let head = dice.pick(&["30 23125", "69 90009", "40 66969", "221 4710", "89 99998", "176 04069"]);
            (format!("+49 {head}"), 3)
        }
        Origin::Spain => (format!("+34 {}", dice.pick(&["612", "623", "634", "645", "656", "667"])), 6),
        Origin::Arabia => match dice.below(3) {
            0 => (format!("+971 {} ", dice.pick(&["50", "52", "55", "56"])), 7),
            1 => (format!("+966 {} ", dice.pick(&["50", "53", "55", "56"])), 7),
            _ => (format!("+20 {} ", dice.pick(&["100", "101", "106"])), 7),
        },
        Origin::Russia => match dice.below(6) {
            0 => (format!("+7 {} ", dice.pick(&["701", "702", "777"])), 7),
            _ => (format!("+7 {} ", dice.pick(&["903", "916", "921", "926", "912"])), 7),
        },
        Origin::Vietnam => (format!("+84 {}", dice.pick(&["90", "91", "93", "96", "97", "98", "32", "35", "38"])), 7),
        Origin::Japan => (format!("+81 {} {}", dice.pick(&["90", "80"]), dice.between(1, 8)), 7),
        Origin::Korea => (format!("+82 10 {}", dice.pick(&["2", "3", "4", "6", "7", "8", "9"])), 7),
    };
    dice.digits(&mut out, digits);
    out
}

/// A resident ID number that passes GB 11643-1999 and names a district that does not exist.
pub(super) fn resident_id(dice: &mut Dice, city: &City, born: (u32, u32, u32), gender: Gender) -> String {
    let (year, month, day) = born;
    let odd = u32::from(gender == Gender::Male);
    let sequence = dice.below(450) * 2 + odd;
    let mut out = format!("{}98{:02}{year:04}{month:02}{day:02}{sequence:03}", city.code, dice.between(1, 98));
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = out.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit.saturating_sub(b'0')) * weight).sum();
    let check = "10X98765432".chars().nth((sum % 11) as usize);
    out.extend(check);
    out
}

/// A card number that passes Luhn, out of a range that no issuer has.
pub(super) fn bank_card(dice: &mut Dice, origin: Origin) -> String {
    // 9 and the number of the country in ISO 3166-1.
    let (mut out, rest) = if origin == Origin::China { ("9156".to_owned(), 14) } else { ("9826".to_owned(), 11) };
    dice.digits(&mut out, rest);
    let sum: u32 = out
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit.saturating_sub(b'0'));
            if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        })
        .sum();
    out.push(char::from(b'0' + u8::try_from((10 - sum % 10) % 10).unwrap_or_default()));
    out
}

/// A passport number: one or two letters and digits.
pub(super) fn passport(dice: &mut Dice, origin: Origin) -> String {
    let mut out =
        dice.pick(if origin == Origin::China { &["E", "EA", "EB", "G"] } else { &["X", "P", "K", "L"] }).to_owned();
    let missing = 9usize.saturating_sub(out.len());
    dice.digits(&mut out, u32::try_from(missing).unwrap_or(7));
    out
}

/// A mailbox that cannot exist.
pub(super) fn email(dice: &mut Dice, who: &Spoken, year: u32) -> String {
    let (first, last) = (who.first.as_str(), who.last.as_str());
    let initial = first.get(..1).unwrap_or_default();
    let mut out = match dice.below(if last.is_empty() { 1 } else { 7 }) {
        0 => format!("{first}{last}{:02}", year % 100),
        1 => format!("{first}.{last}{}", dice.between(2, 99)),
        2 => format!("{last}{first}{}", dice.between(100, 9999)),
        3 => format!("{initial}{last}{}", dice.between(10, 999)),
        4 => format!("{last}.{first}"),
        5 => format!("{last}_{initial}{:02}", year % 100),
        _ => format!("{first}-{last}{}", dice.between(1, 20)),
    };
    out.push('@');
    out.push_str(dice.weighted(&[(60, "example.com"), (25, "example.net"), (15, "example.org")]));
    out
}

/// A name in a chat service.
pub(super) fn chat_id(dice: &mut Dice, who: &Spoken) -> String {
    let mut out = String::with_capacity(20);
    match dice.below(5) {
        0 => {
            out.push_str("wxid_");
            for _ in 0..12 {
                let place = dice.below(36);
                out.extend(char::from_digit(place, 36));
            }
        }
        1 => {
            out.push_str(&who.first);
            out.push('_');
            dice.digits(&mut out, 4);
        }
        2 => {
            out.push_str(dice.pick(&["tea", "sunny", "mr", "ms", "hello", "blue", "lao", "xiao", "green", "lucky"]));
            out.push('_');
            out.push_str(&who.first);
            dice.digits(&mut out, 2);
        }
        _ => {
            out.push_str(&who.last);
            out.push_str(&who.first);
            dice.digits(&mut out, 3);
        }
    }
    out
}
