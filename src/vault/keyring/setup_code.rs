//! One-time setup codes: what a new person types instead of a passphrase at the first sign-in.
//!
//! A code is five groups of five Crockford base-32 digits, 125 random bits. It is read without regard to case, and `O`
//! as zero, `I` and `L` as one, since people copy it from paper.
//! **Invariant:** nothing here stores a code; a slot holds only what it opens.

use zeroize::Zeroizing;

use crate::clock::Entropy;

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP: usize = 5;
const LENGTH: usize = 5 * GROUP + 4;

/// A setup code, such as `7K3QD-0M9XA-…`. Shown once; zeroized on drop.
pub struct SetupCode(Zeroizing<String>);

impl SetupCode {
    /// A fresh one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 5 * GROUP]);
        entropy.fill(bytes.as_mut());
        let mut code = Zeroizing::new(String::with_capacity(LENGTH));
        for (at, byte) in bytes.iter().enumerate() {
            if at > 0 && at % GROUP == 0 {
                code.push('-');
            }
            // 32 divides 256, so every digit is equally likely.
            code.push(char::from(*DIGITS.get(usize::from(byte & 31)).unwrap_or(&b'0')));
        }
        Self(code)
    }

    /// The code that somebody typed, if it has the shape of one.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        if typed.len() != LENGTH {
            return None;
        }
        let mut code = Zeroizing::new(String::with_capacity(LENGTH));
        for (at, char) in typed.chars().enumerate() {
            let char = match char.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let separator = at % (GROUP + 1) == GROUP;
            let fits =
                if separator { char == '-' } else { u8::try_from(char).is_ok_and(|byte| DIGITS.contains(&byte)) };
            if !fits {
                return None;
            }
            code.push(char);
        }
        Some(Self(code))
    }

    /// The code as it is shown, once.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SetupCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetupCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn a_code_is_read_back_however_it_was_typed() {
        let code = SetupCode::generate(&SeededEntropy::new(4));
        assert_eq!(code.as_str().len(), LENGTH);
        let sloppy = format!("  {} ", code.as_str().to_lowercase().replace('0', "o").replace('1', "l"));
        assert_eq!(SetupCode::parse(&sloppy).expect("a code").as_str(), code.as_str());
        assert_eq!(format!("{code:?}"), "SetupCode(..)");
    }

    #[test]
    fn what_has_another_shape_is_no_code() {
        for text in
            ["", "-", "ABCDE-FGHJK-MNPQR-STVWX", "ABCDEFGHJKMNPQRSTVWXYZ0123456", "UUUUU-UUUUU-UUUUU-UUUUU-UUUUU"]
        {
            assert!(SetupCode::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn two_codes_differ() {
        let entropy = SeededEntropy::new(5);
        assert_ne!(SetupCode::generate(&entropy).as_str(), SetupCode::generate(&entropy).as_str());
    }
}
