//! A phone for tests: codes from a secret as the screen shows it, by a computation of its own.
//!
//! **Invariant:** nothing of the program's own arithmetic is used, so that the two check each other.

use ring::hmac;
use veilbook::clock::Timestamp;

/// RFC 4648, without padding.
fn decoded(secret: &str) -> Vec<u8> {
    let mut bits = String::new();
    for letter in secret.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            other => panic!("no letter of a secret: {other}"),
        };
        bits.push_str(&format!("{value:05b}"));
    }
    bits.as_bytes()
        .chunks_exact(8)
        .map(|bits| u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap())
        .collect()
}

/// The six digits that the phone shows at this moment.
pub fn code(secret: &str, at: Timestamp) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &decoded(secret));
    let step = u64::try_from(at.0 / 30_000).unwrap();
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let from = usize::from(bytes[19] & 15);
    let four = u32::from_be_bytes(bytes[from..from + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", four % 1_000_000)
}
