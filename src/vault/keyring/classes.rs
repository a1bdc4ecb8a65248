//! The long-lived keys of the field classes and of the record of actions.
//!
//! **Invariant:** these keys are made once, with the vault, and carried through every rotation of ROOT.

use zeroize::Zeroizing;

use crate::clock::Entropy;
use crate::codes::codes;
use crate::privacy::class::FieldClass;
use crate::privacy::seal::{BlindKey, ClassSecret, keyed_hash};

/// The keys that are granted to people one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyName {
    /// Reads values of class `contact`.
    ContactClass,
    /// Reads values of class `sensitive`.
    SensitiveClass,
    /// Makes blind tokens of class `contact`.
    ContactBlind,
    /// Makes blind tokens of class `sensitive`.
    SensitiveBlind,
}

codes!(
    KeyName: ContactClass = "class_contact",
    SensitiveClass = "class_sensitive",
    ContactBlind = "blind_contact",
    SensitiveBlind = "blind_sensitive",
);

impl KeyName {
    /// The key that reads `class`; none for `open`, which is not sealed.
    pub fn class(class: FieldClass) -> Option<Self> {
        match class {
            FieldClass::Open => None,
            FieldClass::Contact => Some(Self::ContactClass),
            FieldClass::Sensitive => Some(Self::SensitiveClass),
        }
    }

    /// The key that makes tokens of `class`; none for `open`.
    pub fn blind(class: FieldClass) -> Option<Self> {
        match class {
            FieldClass::Open => None,
            FieldClass::Contact => Some(Self::ContactBlind),
            FieldClass::Sensitive => Some(Self::SensitiveBlind),
        }
    }

    /// The byte that stands for it in grants.
    pub fn byte(self) -> u8 {
        match self {
            Self::ContactClass => 1,
            Self::SensitiveClass => 2,
            Self::ContactBlind => 3,
            Self::SensitiveBlind => 4,
        }
    }

    /// The key that the byte stands for.
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|name| name.byte() == byte)
    }
}

/// A key under which values are hashed, so that equal ones can be recognised: in the record of actions (AUDIT), and on
/// the list of those who want no contact (NOCONTACT). It lies in a table. Zeroized on drop.
pub struct ValueKey(Zeroizing<[u8; 32]>);

impl ValueKey {
    /// A fresh key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut());
        Self(bytes)
    }

    /// The key that these bytes are.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, for the table.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// HMAC-SHA256 of the field's key and the normalised value, each followed by 0x00.
    pub fn hash(&self, field: &str, normalised: &str) -> [u8; 32] {
        keyed_hash(&self.0, &[field.as_bytes(), normalised.as_bytes()])
    }
}

impl std::fmt::Debug for ValueKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ValueKey(..)")
    }
}

/// All of them, as they are when a vault is made. Afterwards no one place holds them together.
#[derive(Debug)]
pub struct ClassKeys {
    /// CLASS_contact.
    pub contact: ClassSecret,
    /// CLASS_sensitive.
    pub sensitive: ClassSecret,
    /// BLIND_contact.
    pub contact_blind: BlindKey,
    /// BLIND_sensitive.
    pub sensitive_blind: BlindKey,
    /// AUDIT.
    pub audit: ValueKey,
    /// NOCONTACT.
    pub no_contact: ValueKey,
}

impl ClassKeys {
    /// The keys of a new vault.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self {
            contact: ClassSecret::generate(entropy),
            sensitive: ClassSecret::generate(entropy),
            contact_blind: BlindKey::generate(entropy),
            sensitive_blind: BlindKey::generate(entropy),
            audit: ValueKey::generate(entropy),
            no_contact: ValueKey::generate(entropy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn names_go_through_bytes_and_codes() {
        for name in KeyName::ALL {
            assert_eq!(KeyName::from_byte(name.byte()), Some(*name));
            assert_eq!(KeyName::from_code(name.code()), Some(*name));
        }
        assert_eq!(KeyName::from_byte(0), None);
        assert_eq!(KeyName::class(FieldClass::Open), None);
        assert_eq!(KeyName::blind(FieldClass::Sensitive), Some(KeyName::SensitiveBlind));
    }

    #[test]
    fn keys_are_all_different_and_show_nothing() {
        let keys = ClassKeys::generate(&SeededEntropy::new(1));
        assert_ne!(*keys.contact.to_bytes(), *keys.sensitive.to_bytes());
        assert_ne!(*keys.contact_blind.to_bytes(), *keys.sensitive_blind.to_bytes());
        assert_ne!(keys.audit.hash("mobile", "1"), keys.no_contact.hash("mobile", "1"));
        let again = ValueKey::from_bytes(*keys.audit.to_bytes());
        assert_eq!(keys.audit.hash("mobile", "1"), again.hash("mobile", "1"));
        assert!(format!("{keys:?}").contains("ValueKey(..)"));
    }
}
