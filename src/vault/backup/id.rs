//! A backup's name: the moment it was begun, and random digits.
//!
//! `20261121T234304Z-0123abcd`; names sort by time.
//! **Invariant:** an id is made of these characters alone, so it can stand in a path or an address.

use std::fmt;

use crate::clock::{Entropy, Timestamp};

/// The name of one backup.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

impl Id {
    /// A new one.
    pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Self {
        let random = u32::from_be_bytes(entropy.bytes());
        Self(format!("{}-{random:08x}", now.utc().format("%Y%m%dT%H%M%SZ")))
    }

    /// The one that `text` is, if it has the form.
    pub fn parse(text: &str) -> Option<Self> {
        let form = "00000000T000000Z-hhhhhhhh";
        let fits = text.len() == form.len()
            && text.bytes().zip(form.bytes()).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                b'h' => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
                other => byte == other,
            });
        fits.then(|| Self(text.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `bytes` in lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that `text` writes in lower-case hexadecimal digits.
pub(super) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut out = [0; N];
    let mut pairs = text.as_bytes().chunks_exact(2);
    for byte in &mut out {
        let &[high, low] = pairs.next()? else { return None };
        *byte = digit(high)? << 4 | digit(low)?;
    }
    (text.len() == 2 * N).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn an_id_is_read_back_and_nothing_else_is_one() {
        let id = Id::new(Timestamp(1_795_262_400_000), &SeededEntropy::new(1));
        assert!(id.as_str().starts_with("20261121T120000Z-"), "{id}");
        assert_eq!(Id::parse(id.as_str()), Some(id));
        for text in ["", "..", "20261121T120000Z-0123ABCD", "20261121T120000Z-0123abc/", "20261121T120000Z-0123abcde"] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }

    #[test]
    fn digits_are_read_back_and_others_refused() {
        assert_eq!(unhex::<3>(&hex(&[0, 171, 255])), Some([0, 171, 255]));
        assert!(unhex::<2>("0g00").is_none() && unhex::<2>("000").is_none() && unhex::<2>("000000").is_none());
    }
}
