//! Amounts of money in whole minor units, with their currency.
//!
//! Codes and numbers of decimals are those of ISO 4217 (list one, funds and metals left out).
//! **Invariant:** no amount passes through a float, and none is rounded: what does not come out even is refused.

use std::fmt;

/// An ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Codes of currencies with two decimals.
const TWO: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF \
    CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR \
    IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN \
    NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL \
    THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG";
/// Codes of currencies without a minor unit in use.
const NONE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
/// Codes of currencies with three decimals.
const THREE: &str = "BHD IQD JOD KWD LYD OMR TND";

/// Signs and words that stand for one currency.
const SIGNS: [(&str, &str); 16] = [
    ("€", "EUR"),
    ("£", "GBP"),
    ("₩", "KRW"),
    ("₹", "INR"),
    ("₽", "RUB"),
    ("₫", "VND"),
    ("¥", "CNY"),
    ("￥", "CNY"),
    ("元", "CNY"),
    ("块", "CNY"),
    ("RMB", "CNY"),
    ("HK$", "HKD"),
    ("US$", "USD"),
    ("NT$", "TWD"),
    ("$", "USD"),
    ("円", "JPY"),
];

/// Words for a power of ten.
const POWERS: [(&str, u32); 7] = [("亿", 8), ("百万", 6), ("万", 4), ("千", 3), ("w", 4), ("m", 6), ("k", 3)];

/// The largest amount in minor units: a thousand billion with two decimals.
pub const MOST: i64 = 100_000_000_000_000;

impl Currency {
    /// The Chinese yuan.
    pub const CNY: Self = Self(*b"CNY");

    /// The currency of a code; case does not matter.
    pub fn parse(code: &str) -> Option<Self> {
        let upper = code.trim().to_ascii_uppercase();
        let bytes: [u8; 3] = upper.as_bytes().try_into().ok()?;
        let known = [TWO, NONE, THREE].iter().any(|list| list.split_ascii_whitespace().any(|c| c == upper));
        known.then_some(Self(bytes))
    }

    /// A code as it was stored once; one that is not known keeps its letters and has two decimals.
    pub fn stored(code: &str) -> Self {
        Self::parse(code).or_else(|| code.as_bytes().try_into().ok().map(Self)).unwrap_or(Self::CNY)
    }

    /// Its code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many decimals its amounts have.
    pub fn decimals(&self) -> u32 {
        let among = |list: &str| list.split_ascii_whitespace().any(|code| code == self.code());
        if among(NONE) {
            0
        } else if among(THREE) {
            3
        } else {
            2
        }
    }

    /// The currency of a country, by its ISO 3166 code; yuan where none is known.
    pub fn of_region(region: &str) -> Self {
        let code = match region {
            "CN" => "CNY",
            "HK" => "HKD",
            "MO" => "MOP",
            "TW" => "TWD",
            "US" => "USD",
            "GB" => "GBP",
            "JP" => "JPY",
            "KR" => "KRW",
            "SG" => "SGD",
            "IN" => "INR",
            "CA" => "CAD",
            "AU" => "AUD",
            "CH" => "CHF",
            "DE" | "FR" | "ES" | "IT" | "NL" | "BE" | "AT" | "IE" | "PT" | "FI" | "GR" | "LU" => "EUR",
            _ => "CNY",
        };
        Self::parse(code).unwrap_or(Self::CNY)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// In minor units (fen, cents); in whole units where the currency has none.
    pub minor: i64,
    /// Of what.
    pub currency: Currency,
}

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AmountFault {
    /// Nothing, or no number.
    #[error("a number is needed, such as 12,500.50 or 1.2万")]
    NotANumber,
    /// Commas that group nothing.
    #[error("a comma stands between groups of three digits, a point before decimals")]
    Grouping,
    /// More decimals than the currency has.
    #[error("the currency has fewer decimals")]
    TooFine,
    /// More than fits.
    #[error("this is more than can be kept")]
    TooMuch,
    /// No such currency.
    #[error("a currency's code of three letters is needed, such as CNY or EUR")]
    Currency,
}

crate::codes::codes!(AmountFault: NotANumber = "not_a_number", Grouping = "grouping", TooFine = "too_fine",
    TooMuch = "too_much", Currency = "currency");

impl Money {
    /// An amount as it is typed: `12,500.50`, `1.2万`, `5k`, `¥300`, `EUR 12`. Without a currency it is of `usual`.
    pub fn parse(typed: &str, usual: Currency) -> Result<Self, AmountFault> {
        let mut text: String = typed.chars().map(crate::text::half_width).collect::<String>().trim().to_owned();
        let mut currency = None;
        for (sign, code) in SIGNS {
            let cut = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)).map(|rest| rest.trim().to_owned());
            if let Some(rest) = cut {
                (text, currency) = (rest, Currency::parse(code));
                break;
            }
        }
        if currency.is_none() {
            (text, currency) = without_code(text)?;
        }
        let currency = currency.unwrap_or(usual);
        let lower = text.to_lowercase();
        let power = POWERS.iter().find_map(|(word, power)| lower.strip_suffix(word).map(|rest| (rest, *power)));
        let (number, power) = power.unwrap_or((&lower, 0));
        let minor = minor_units(number.trim(), power, currency.decimals())?;
        Ok(Self { minor, currency })
    }

    /// The number alone, as it is typed and as scripts read it.
    pub fn plain(&self) -> String {
        let decimals = self.currency.decimals();
        let unit = 10_u64.pow(decimals);
        let (sign, size) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        if decimals == 0 {
            return format!("{sign}{size}");
        }
        format!("{sign}{}.{:0width$}", size / unit, size % unit, width = decimals as usize)
    }

    /// In hundredths of the currency's unit, whatever its decimals, so that amounts of all compare by size.
    pub fn hundredths(&self) -> i64 {
        match self.currency.decimals() {
            0 => self.minor.saturating_mul(100),
            3 => self.minor / 10,
            _ => self.minor,
        }
    }
}

/// With thousands apart and the code behind: `12,500.50 CNY`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.plain();
        let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
        let digits = whole.trim_start_matches('-');
        let mut out = String::from(if whole.starts_with('-') { "-" } else { "" });
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        if !rest.is_empty() {
            out.push('.');
            out.push_str(rest);
        }
        f.pad(&format!("{out} {}", self.currency))
    }
}

fn without_code(text: String) -> Result<(String, Option<Currency>), AmountFault> {
    let letters = |c: char| c.is_ascii_alphabetic();
    let word = |part: &str| part.len() == 3 && part.chars().all(letters);
    let head: String = text.chars().take_while(|c| letters(*c)).collect();
    if word(&head) {
        let code = Currency::parse(&head).ok_or(AmountFault::Currency)?;
        return Ok((text.get(head.len()..).unwrap_or_default().trim().to_owned(), Some(code)));
    }
    let tail: usize = text.chars().rev().take_while(|c| letters(*c)).count();
    let (rest, tail) = text.split_at_checked(text.len().saturating_sub(tail)).unwrap_or((&text, ""));
    if word(tail) {
        let code = Currency::parse(tail).ok_or(AmountFault::Currency)?;
        return Ok((rest.trim().to_owned(), Some(code)));
    }
    Ok((text, None))
}

/// `number` times ten to the `power`, in units of ten to the minus `decimals`.
fn minor_units(number: &str, power: u32, decimals: u32) -> Result<i64, AmountFault> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = ungrouped(whole)?;
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(AmountFault::NotANumber);
    }
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    if significant.len() > 30 {
        return Err(AmountFault::TooMuch);
    }
    let value: i128 =
        if significant.is_empty() { 0 } else { significant.parse().map_err(|_| AmountFault::NotANumber)? };
    let up = power.saturating_add(decimals);
    let down = u32::try_from(fraction.len()).map_err(|_| AmountFault::TooFine)?;
    let scaled = if up >= down {
        value.checked_mul(10_i128.pow(up - down)).ok_or(AmountFault::TooMuch)?
    } else {
        let unit = 10_i128.checked_pow(down - up).ok_or(AmountFault::TooFine)?;
        if value % unit != 0 {
            return Err(AmountFault::TooFine);
        }
        value / unit
    };
    let minor = i64::try_from(scaled).map_err(|_| AmountFault::TooMuch)?;
    if minor > MOST { Err(AmountFault::TooMuch) } else { Ok(minor) }
}

/// The digits before the point, without what groups them.
fn ungrouped(whole: &str) -> Result<String, AmountFault> {
    let groups: Vec<&str> = whole.split([',', ' ', '\'', '\u{a0}', '\u{202f}']).collect();
    if groups.iter().any(|group| !group.chars().all(|c| c.is_ascii_digit())) {
        return Err(AmountFault::NotANumber);
    }
    let Some((first, rest)) = groups.split_first() else { return Err(AmountFault::NotANumber) };
    if !rest.is_empty() && (first.is_empty() || first.len() > 3 || rest.iter().any(|group| group.len() != 3)) {
        return Err(AmountFault::Grouping);
    }
    Ok(groups.concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(typed: &str, expected: &str) {
        let said = Money::parse(typed, Currency::CNY).map_or_else(|fault| fault.code().to_owned(), |m| m.to_string());
        assert_eq!(said, expected, "{typed}");
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        check("12,500.50", "12,500.50 CNY");
        check("1.2万", "12,000.00 CNY");
        check("1.23456万", "12,345.60 CNY");
        check("3亿", "300,000,000.00 CNY");
        check("5k", "5,000.00 CNY");
        check("１２，５００", "12,500.00 CNY");
        check("¥300", "300.00 CNY");
        check("300元", "300.00 CNY");
        check("€9.5", "9.50 EUR");
        check("EUR 12", "12.00 EUR");
        check("12 usd", "12.00 USD");
        check("JPY 1200", "1,200 JPY");
        check("1.5 KWD", "1.500 KWD");
        check("1.5k KRW", "1,500 KRW");
        check("0", "0.00 CNY");
        check(".5", "0.50 CNY");
    }

    #[test]
    fn what_is_no_amount_is_refused_with_its_cause() {
        check("", "not_a_number");
        check("abc", "currency");
        check("12 XYZ", "currency");
        check("-5", "not_a_number");
        check("1,2", "grouping");
        check("1,,000", "grouping");
        check("12.345", "too_fine");
        check("1.5 JPY", "too_fine");
        check("1.23.4", "not_a_number");
        check("99999999999999999999999999999999999999", "too_much");
        check("9999999亿", "too_much");
        check("1e5", "not_a_number");
        check("NaN", "currency");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back_as_the_same_amount(minor in 0..=MOST, place in 0_usize..6) {
            let codes = ["CNY", "JPY", "KWD", "EUR", "USD", "VND"];
            let currency = Currency::parse(codes[place]).unwrap();
            let money = Money { minor, currency };
            prop_assert_eq!(Money::parse(&money.to_string(), Currency::CNY), Ok(money));
            prop_assert_eq!(Money::parse(&money.plain(), currency), Ok(money));
        }

        #[test]
        fn no_text_breaks_the_reading(text in "\\PC{0,40}") {
            if let Ok(money) = Money::parse(&text, Currency::CNY) {
                prop_assert!((0..=MOST).contains(&money.minor));
            }
        }

        #[test]
        fn powers_of_ten_give_the_number_that_is_written_out(number in 1_i64..1_000_000) {
            let short = Money::parse(&format!("{number}万"), Currency::CNY).unwrap();
            let long = Money::parse(&format!("{number}0000"), Currency::CNY).unwrap();
            prop_assert_eq!(short, long);
        }
    }
}
