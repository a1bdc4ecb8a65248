//! Passphrases: normalised, bounded, and, when a new one is chosen, measured.
//!
//! **Invariant:** a passphrase is kept only in memory that is zeroized, and appears in no error, `Debug` or log.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::common;
use super::setup_code::SetupCode;

/// A passphrase in NFC, or a setup code in its written form. Zeroized on drop.
pub struct Passphrase(Zeroizing<String>);

/// Why a text is no passphrase. Says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseFault {
    /// Nothing was given.
    #[error("the passphrase is empty")]
    Empty,
    /// Fewer than [`Passphrase::LEAST`] characters.
    #[error("the passphrase has fewer than {} characters", Passphrase::LEAST)]
    TooShort,
    /// More than [`Passphrase::MOST`] bytes.
    #[error("the passphrase is longer than {} bytes", Passphrase::MOST)]
    TooLong,
    /// It has U+0000, at which other programs would cut it off.
    #[error("the passphrase contains a NUL character")]
    Nul,
    /// It is among those tried first, or follows a pattern.
    #[error("the passphrase is one of those that are guessed first")]
    Common,
    /// It has the shape of a setup code, which is read without regard to case.
    #[error("the passphrase has the shape of a setup code")]
    SetupCode,
}

impl Passphrase {
    /// The fewest characters of a new passphrase, counted after normalisation.
    pub const LEAST: usize = 12;
    /// The most bytes of any passphrase, before and after normalisation.
    pub const MOST: usize = 1024;

    /// A new passphrase: long enough and not among those guessed first.
    pub fn new(text: &str) -> Result<Self, PassphraseFault> {
        let passphrase = Self::bounded(text)?;
        if passphrase.0.chars().count() < Self::LEAST {
            return Err(PassphraseFault::TooShort);
        }
        if SetupCode::parse(&passphrase.0).is_some() {
            return Err(PassphraseFault::SetupCode);
        }
        if common::is_common(&passphrase.0) {
            return Err(PassphraseFault::Common);
        }
        Ok(passphrase)
    }

    /// What somebody typed to sign in: a passphrase or a setup code. Only normalised and bounded.
    pub fn attempt(text: &str) -> Result<Self, PassphraseFault> {
        let passphrase = Self::bounded(text)?;
        Ok(SetupCode::parse(&passphrase.0).map(|code| Self::setup(&code)).unwrap_or(passphrase))
    }

    /// The first passphrase of a slot made for somebody else.
    pub fn setup(code: &SetupCode) -> Self {
        Self(Zeroizing::new(code.as_str().to_owned()))
    }

    fn bounded(text: &str) -> Result<Self, PassphraseFault> {
        if text.is_empty() {
            return Err(PassphraseFault::Empty);
        }
        if text.len() > Self::MOST {
            return Err(PassphraseFault::TooLong);
        }
        if text.contains('\0') {
            return Err(PassphraseFault::Nul);
        }
        // NFC takes at most three times the bytes in UTF-8, so the buffer never moves and leaves no copy behind.
        let mut normal = Zeroizing::new(String::with_capacity(3 * text.len()));
        normal.extend(text.nfc());
        if normal.len() > Self::MOST {
            return Err(PassphraseFault::TooLong);
        }
        Ok(Self(normal))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    fn check(text: &str, expected: Option<PassphraseFault>) {
        assert_eq!(Passphrase::new(text).err(), expected, "{} bytes", text.len());
    }

    #[test]
    fn each_fault_is_told_apart() {
        check("", Some(PassphraseFault::Empty));
        check("eleven char", Some(PassphraseFault::TooShort));
        check("violet river", None);
        check("\u{96e8}\u{5929}\u{7684}\u{7d2b}\u{8272}\u{6cb3}\u{6d41}\u{7ecf}\u{8fc7}\u{65e7}\u{6865}\u{8fb9}", None);
        check("violet\0river stone", Some(PassphraseFault::Nul));
        check(&"violet river ".repeat(6000), Some(PassphraseFault::TooLong));
        check(&"x".repeat(64 * 1024), Some(PassphraseFault::TooLong));
        check("ABCDE-fghjk-MNPQR-STVWX-YZ012", Some(PassphraseFault::SetupCode));
    }

    #[test]
    fn characters_are_counted_after_normalisation() {
        check("e\u{301}i\u{301}o\u{301}u\u{301}a\u{301}n\u{303}", Some(PassphraseFault::TooShort));
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for text in [
            "aaaaaaaaaaaa",
            "123456789012",
            "qwertyuiop[]",
            "Password1234!",
            "P@ssw0rd2026",
            "correct horse battery staple",
            "iloveyou1314520",
            "woaini5201314",
            "abcdefghijkl",
            "zyxwvutsrqpo",
            "abcabcabcabc",
            "passwordpassword",
            "veilbook2026",
            "1qaz2wsx3edc",
            "administrator",
        ] {
            check(text, Some(PassphraseFault::Common));
        }
    }

    #[test]
    fn a_sign_in_is_bounded_but_not_measured() {
        assert!(Passphrase::attempt("short").is_ok());
        assert_eq!(Passphrase::attempt("").err(), Some(PassphraseFault::Empty));
        assert_eq!(Passphrase::attempt(&"x".repeat(64 * 1024)).err(), Some(PassphraseFault::TooLong));
        assert_eq!(Passphrase::attempt("a\0b").err(), Some(PassphraseFault::Nul));
        let bytes = |text| Passphrase::attempt(text).expect("bounded").bytes().to_vec();
        assert_eq!(bytes("caf\u{e9}"), bytes("cafe\u{301}"));
        let code = SetupCode::generate(&SeededEntropy::new(1));
        assert_eq!(bytes(&code.as_str().to_lowercase()), Passphrase::setup(&code).bytes());
        assert_eq!(format!("{:?}", Passphrase::setup(&code)), "Passphrase(..)");
    }
}
