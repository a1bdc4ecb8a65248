//! One-time codes from a shared secret (TOTP, RFC 6238 over HOTP, RFC 4226: HMAC-SHA-1, six digits, 30 s), and the
//! recovery codes for the day on which the phone is gone.
//!
//! **Invariant:** a code counts for its own step and one on either side, and only where that step comes after the last
//! one that was accepted, so no code counts twice. A recovery code is stored as a salted SHA-256 only, which will do for
//! 80 random bits.

use ring::hmac;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::clock::{Entropy, Timestamp};

/// 160 bits, as RFC 4226 recommends.
const SECRET: usize = 20;
/// Milliseconds of a step.
const STEP: i64 = 30_000;
/// Steps of drift on either side.
const DRIFT: i64 = 1;
const DIGITS: u32 = 1_000_000;
/// RFC 4648, without padding, as the apps read it.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Crockford's, for people: without I, L, O and U.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 80 bits.
const RECOVERY: usize = 10;

/// Why a code does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// It is not one of these steps.
    #[error("the code is wrong")]
    Wrong,
    /// It is right and was used, or comes before one that was.
    #[error("the code was used already")]
    Used,
}

/// What phone and vault share.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<[u8; SECRET]>);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

impl TotpSecret {
    /// A fresh one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; SECRET]);
        entropy.fill(bytes.as_mut());
        Self(bytes)
    }

    /// The one that these bytes are.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// Its bytes, to be sealed.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// As it is typed into a phone: 32 letters and digits.
    pub fn base32(&self) -> Zeroizing<String> {
        in_letters(self.bytes(), BASE32)
    }

    /// As a phone's camera reads it. `name` is a label and nothing else; it is cut where the picture would not fit a
    /// terminal.
    pub fn uri(&self, name: &str) -> Zeroizing<String> {
        let mut label = String::new();
        for char in name.chars() {
            let mut bytes = [0; 4];
            let escaped: String = char.encode_utf8(&mut bytes).bytes().map(escape).collect();
            if label.len() + escaped.len() > 36 {
                break;
            }
            label.push_str(&escaped);
        }
        Zeroizing::new(format!("otpauth://totp/veilbook:{label}?secret={}", *self.base32()))
    }

    /// The code of a step.
    fn code(&self, step: u64) -> u32 {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.bytes());
        let tag = hmac::sign(&key, &step.to_be_bytes());
        // Dynamic truncation, RFC 4226, section 5.3.
        let at = tag.as_ref().last().map_or(0, |byte| usize::from(byte & 15));
        let four = tag.as_ref().get(at..at + 4).and_then(|four| four.try_into().ok());
        u32::from_be_bytes(four.unwrap_or_default()) & 0x7fff_ffff
    }

    /// The step that six typed digits are the code of, which comes after `last`.
    pub fn accepts(&self, typed: &str, now: Timestamp, last: Option<i64>) -> Result<i64, CodeFault> {
        let typed = digits(typed).ok_or(CodeFault::Wrong)?;
        let present = now.0.div_euclid(STEP);
        let mut found = Err(CodeFault::Wrong);
        for step in present - DRIFT..=present + DRIFT {
            // Before 1970 there are no steps.
            let Ok(counter) = u64::try_from(step) else { continue };
            let same: bool = (self.code(counter) % DIGITS).ct_eq(&typed).into();
            if same && last.is_none_or(|last| step > last) {
                return Ok(step);
            }
            if same {
                found = Err(CodeFault::Used);
            }
        }
        found
    }
}

/// Six digits, whatever spaces stand between them; an input method may have made them full-width.
fn digits(typed: &str) -> Option<u32> {
    let digits: Option<Vec<u32>> = plain(typed).chars().map(|char| char.to_digit(10)).collect();
    let digits = digits.filter(|digits| digits.len() == 6)?;
    Some(digits.iter().fold(0, |sum, digit| sum * 10 + digit))
}

/// Without spaces and dashes, in capitals and half-width.
fn plain(typed: &str) -> Zeroizing<String> {
    let half = |char: char| match char {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(char as u32 - 0xfee0).unwrap_or(char),
        char => char,
    };
    let kept = typed.chars().map(half).filter(|char| !char.is_whitespace() && *char != '-');
    Zeroizing::new(kept.map(|char| char.to_ascii_uppercase()).collect())
}

fn escape(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// Bytes, five bits a letter; a multiple of five bytes leaves nothing over.
fn in_letters(bytes: &[u8], letters: &[u8; 32]) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            let letter = letters.get((held >> bits & 31) as usize);
            out.push(char::from(*letter.unwrap_or(&b'A')));
        }
        held &= (1 << bits) - 1;
    }
    out
}

/// A recovery code, such as `7K3Q-D0M9-…`: 80 random bits, read without regard to case, `O` as zero, `I` and `L` as
/// one. It stands for the phone, once.
pub struct FactorCode(Zeroizing<String>);

impl std::fmt::Debug for FactorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactorCode(..)")
    }
}

impl FactorCode {
    /// A fresh one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let bytes = Zeroizing::new(entropy.bytes::<RECOVERY>());
        Self(in_letters(bytes.as_slice(), CROCKFORD))
    }

    /// The code that somebody typed, if it has the shape of one.
    pub fn parse(typed: &str) -> Option<Self> {
        let plain = plain(typed);
        let read = plain.chars().map(|char| match char {
            'O' => '0',
            'I' | 'L' => '1',
            char => char,
        });
        let text = Zeroizing::new(read.collect::<String>());
        let fits = text.len() == RECOVERY * 8 / 5 && text.bytes().all(|byte| CROCKFORD.contains(&byte));
        fits.then_some(Self(text))
    }

    /// As it is shown, once: in groups of four.
    pub fn shown(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(20));
        for (at, char) in self.0.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                out.push('-');
            }
            out.push(char);
        }
        out
    }

    /// As it is stored.
    pub fn hash(&self, salt: &[u8; 16]) -> [u8; 32] {
        Sha256::new().chain_update(salt).chain_update(self.0.as_bytes()).finalize().into()
    }

    /// Whether it is the one that was stored so.
    pub fn is(&self, salt: &[u8; 16], hash: &[u8; 32]) -> bool {
        self.hash(salt).ct_eq(hash).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    /// The secret of both RFCs' tables.
    fn of_the_rfcs() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").expect("20 bytes")
    }

    #[test]
    fn codes_are_those_of_rfc_4226_appendix_d() {
        let expected = [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        for (count, code) in (0..).zip(expected) {
            assert_eq!(of_the_rfcs().code(count) % DIGITS, code);
        }
    }

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        let table = [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000_i64, 65_353_130),
        ];
        for (seconds, eight) in table {
            let step = u64::try_from(seconds / 30).expect("after 1970");
            assert_eq!(of_the_rfcs().code(step) % 100_000_000, eight);
            let typed = format!("{:06}", eight % DIGITS);
            assert_eq!(of_the_rfcs().accepts(&typed, Timestamp(seconds * 1000), None), Ok(seconds / 30));
        }
    }

    #[test]
    fn a_code_counts_one_step_early_and_late_and_never_twice() {
        let (secret, noon) = (of_the_rfcs(), Timestamp(1_111_111_111_000));
        let step = noon.0 / STEP;
        let code = |step: i64| format!("{:06}", secret.code(u64::try_from(step).expect("after 1970")) % DIGITS);
        for (given, accepted) in
            [(step - 2, false), (step - 1, true), (step, true), (step + 1, true), (step + 2, false)]
        {
            assert_eq!(secret.accepts(&code(given), noon, None).is_ok(), accepted, "{}", given - step);
        }
        assert_eq!(secret.accepts(&code(step), noon, Some(step)), Err(CodeFault::Used));
        assert_eq!(secret.accepts(&code(step - 1), noon, Some(step)), Err(CodeFault::Used));
        assert_eq!(secret.accepts(&code(step + 1), noon, Some(step)), Ok(step + 1));
    }

    #[test]
    fn what_is_no_code_is_wrong_and_a_clock_before_1970_accepts_none() {
        let secret = of_the_rfcs();
        for typed in ["", "1", "28708", "2870822", "28708a", "-87082", "\u{0}", &"9".repeat(100_000)] {
            assert_eq!(secret.accepts(typed, Timestamp(59_000), None), Err(CodeFault::Wrong), "{typed:.9}");
        }
        assert_eq!(secret.accepts(" 287 082", Timestamp(59_000), None), Ok(1));
        assert_eq!(secret.accepts("２８７０８２", Timestamp(59_000), None), Ok(1));
        assert_eq!(secret.accepts("287082", Timestamp(i64::MIN), None), Err(CodeFault::Wrong));
        assert_eq!(secret.accepts("287082", Timestamp(i64::MAX), None), Err(CodeFault::Wrong));
    }

    #[test]
    fn a_secret_is_written_as_the_apps_read_it() {
        assert_eq!(*of_the_rfcs().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = of_the_rfcs().uri("Olga 张");
        assert_eq!(*uri, "otpauth://totp/veilbook:Olga%20%E5%BC%A0?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(of_the_rfcs().uri(&"张".repeat(64)).len() <= 106);
        assert_eq!(format!("{:?}", of_the_rfcs()), "TotpSecret(..)");
    }

    #[test]
    fn a_recovery_code_is_known_by_its_hash_however_it_is_typed() {
        let code = FactorCode::generate(&SeededEntropy::new(3));
        let shown = code.shown();
        assert_eq!(shown.len(), 19);
        let hash = code.hash(&[7; 16]);
        for typed in [shown.to_lowercase(), shown.replace('-', " "), shown.replace('0', "o").replace('1', "l")] {
            assert!(FactorCode::parse(&typed).expect("a code").is(&[7; 16], &hash));
        }
        assert!(!code.is(&[8; 16], &hash));
        for typed in ["", "123456", "7K3Q-D0M9", &format!("{}0", *shown), "UUUU-UUUU-UUUU-UUUU"] {
            assert!(FactorCode::parse(typed).is_none(), "{typed}");
        }
        assert_eq!(format!("{code:?}"), "FactorCode(..)");
    }
}
