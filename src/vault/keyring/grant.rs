//! Grants: a class key or blind key, sealed to one person and signed by the one who gave it.
//!
//! Stored form, version 1: `1 ‖ key 1 ‖ staff 4 ‖ granter's cosign key 32 ‖ sealed key 104 ‖ signature 64`, big-endian. The
//! seal's associated data names vault, staff member and key; the signature covers those, the person's kem public key
//! and every byte before it.
//! **Invariant:** a grant is made from the key itself, so nobody grants what they do not hold; it opens only after its
//! signature holds for a granter whom the caller named from the tables.

use zeroize::Zeroizing;

use super::classes::KeyName;
use super::derive::{VaultId, label};
use super::sealing::{BOX_FOR, SealingError, seal_to};
use super::user::{UserKeys, verify};
use crate::clock::Entropy;
use crate::domain::id::StaffId;
use crate::privacy::class::FieldClass;
use crate::privacy::seal::{BlindKey, ClassSecret};

const VERSION: u8 = 1;
const SEALED: usize = BOX_FOR + 32;

/// A key that somebody holds and gives on.
#[derive(Clone, Copy, Debug)]
pub enum KeyToGrant<'a> {
    /// The key that reads a class.
    Class(FieldClass, &'a ClassSecret),
    /// The key that makes a class's tokens.
    Blind(FieldClass, &'a BlindKey),
}

/// A key that came out of a grant.
#[derive(Debug)]
pub enum HeldKey {
    /// The key that reads a class. Its public half must be the one in the tables.
    Class(FieldClass, ClassSecret),
    /// The key that makes a class's tokens.
    Blind(FieldClass, BlindKey),
}

/// Why a grant could not be made, read or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// Class `open` has no keys.
    #[error("fields of class open have no key to grant")]
    NoSuchKey,
    /// Not the format, or a version that this program does not know.
    #[error("the grant is malformed")]
    Malformed,
    /// The signature is not the granter's.
    #[error("the grant is not signed by its granter")]
    NotSigned,
    /// It is not sealed to this person, or was changed.
    #[error("the grant does not open with this person's key")]
    NotAuthentic,
}

/// One key for one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Grant {
    key: KeyName,
    staff: StaffId,
    granter: [u8; 32],
    sealed: [u8; SEALED],
    signature: [u8; 64],
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant").field("key", &self.key).field("staff", &self.staff).finish_non_exhaustive()
    }
}

impl Grant {
    /// Gives `key` to `staff`, whose kem public key the tables hold.
    pub fn make(
        vault: &VaultId,
        staff: StaffId,
        kem_public: &[u8; 32],
        key: KeyToGrant<'_>,
        granter: &UserKeys,
        entropy: &dyn Entropy,
    ) -> Result<Self, GrantError> {
        let (name, bytes) = match key {
            KeyToGrant::Class(class, secret) => (KeyName::class(class), secret.to_bytes()),
            KeyToGrant::Blind(class, secret) => (KeyName::blind(class), secret.to_bytes()),
        };
        let name = name.ok_or(GrantError::NoSuchKey)?;
        let sealed = seal_to(kem_public, &associated(vault, staff, name), bytes.as_ref(), entropy)
            .map_err(|_: SealingError| GrantError::NotAuthentic)?;
        let sealed = sealed.try_into().map_err(|_| GrantError::Malformed)?;
        let mut grant = Self { key: name, staff, granter: granter.cosign_public(), sealed, signature: [0; 64] };
        grant.signature = granter.sign(&grant.signed(vault, kem_public));
        Ok(grant)
    }

    /// Which key it gives.
    pub fn key(&self) -> KeyName {
        self.key
    }

    /// Whom it is for.
    pub fn staff(&self) -> StaffId {
        self.staff
    }

    /// The cosign key that it says it was signed with; whether its holder may grant stands in the tables.
    pub fn granter(&self) -> &[u8; 32] {
        &self.granter
    }

    /// Checks that `granter` gave it to the holder of `kem_public`.
    pub fn verify(&self, vault: &VaultId, kem_public: &[u8; 32], granter: &[u8; 32]) -> Result<(), GrantError> {
        if *granter != self.granter {
            return Err(GrantError::NotSigned);
        }
        verify(granter, &self.signed(vault, kem_public), &self.signature).map_err(|_| GrantError::NotSigned)
    }

    /// Checks that `granter` gave it to `user`, and opens it.
    pub fn open(&self, vault: &VaultId, user: &UserKeys, granter: &[u8; 32]) -> Result<HeldKey, GrantError> {
        self.verify(vault, &user.kem_public(), granter)?;
        let plain = user.open_sealed_to_me(&associated(vault, self.staff, self.key), &self.sealed);
        let plain = plain.map_err(|_| GrantError::NotAuthentic)?;
        let bytes = Zeroizing::new(*plain.first_chunk::<32>().ok_or(GrantError::Malformed)?);
        Ok(match self.key {
            KeyName::ContactClass => HeldKey::Class(FieldClass::Contact, ClassSecret::from_bytes(*bytes)),
            KeyName::SensitiveClass => HeldKey::Class(FieldClass::Sensitive, ClassSecret::from_bytes(*bytes)),
            KeyName::ContactBlind => HeldKey::Blind(FieldClass::Contact, BlindKey::from_bytes(*bytes)),
            KeyName::SensitiveBlind => HeldKey::Blind(FieldClass::Sensitive, BlindKey::from_bytes(*bytes)),
        })
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.head();
        out.extend_from_slice(&self.signature);
        out
    }

    /// Reads the stored form. Nothing is checked but its shape.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, GrantError> {
        let read = || {
            let ([version, key], rest) = bytes.split_first_chunk::<2>()?;
            let (staff, rest) = rest.split_first_chunk::<4>()?;
            let (granter, rest) = rest.split_first_chunk::<32>()?;
            let (sealed, rest) = rest.split_first_chunk::<SEALED>()?;
            let signature = *rest.first_chunk::<64>()?;
            let whole = *version == VERSION && rest.len() == 64;
            let staff = StaffId(u32::from_be_bytes(*staff));
            let key = KeyName::from_byte(*key)?;
            whole.then_some(Self { key, staff, granter: *granter, sealed: *sealed, signature })
        };
        read().ok_or(GrantError::Malformed)
    }

    fn head(&self) -> Vec<u8> {
        let mut out = vec![VERSION, self.key.byte()];
        out.extend_from_slice(&self.staff.0.to_be_bytes());
        out.extend_from_slice(&self.granter);
        out.extend_from_slice(&self.sealed);
        out
    }

    fn signed(&self, vault: &VaultId, kem_public: &[u8; 32]) -> Vec<u8> {
        label("grant", vault, &[kem_public, &self.head()])
    }
}

fn associated(vault: &VaultId, staff: StaffId, key: KeyName) -> Vec<u8> {
    label("granted-key", vault, &[&staff.0.to_be_bytes(), &[key.byte()]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;
    use crate::vault::keyring::ClassKeys;

    const VAULT: VaultId = [5; 16];

    fn user(number: u8) -> UserKeys {
        UserKeys::from_secret(&[number; 32], &VAULT)
    }

    fn grant(to: &UserKeys, from: &UserKeys) -> (ClassKeys, Grant) {
        let entropy = SeededEntropy::new(9);
        let keys = ClassKeys::generate(&entropy);
        let key = KeyToGrant::Class(FieldClass::Sensitive, &keys.sensitive);
        let grant = Grant::make(&VAULT, StaffId(7), &to.kem_public(), key, from, &entropy).expect("made");
        (keys, grant)
    }

    #[test]
    fn the_named_person_gets_the_key_that_was_given() {
        let (to, from) = (user(1), user(2));
        let (keys, grant) = grant(&to, &from);
        let grant = Grant::from_bytes(&grant.to_bytes()).expect("well formed");
        assert_eq!((grant.key(), grant.staff()), (KeyName::SensitiveClass, StaffId(7)));
        let held = grant.open(&VAULT, &to, &from.cosign_public()).expect("opens");
        let HeldKey::Class(FieldClass::Sensitive, secret) = held else { panic!("another key") };
        assert_eq!(secret.public(), keys.sensitive.public());
    }

    #[test]
    fn another_person_granter_or_vault_is_refused() {
        let (to, from) = (user(1), user(2));
        let (_, grant) = grant(&to, &from);
        let opened =
            |vault, user: &UserKeys, granter: &UserKeys| grant.open(vault, user, &granter.cosign_public()).err();
        assert_eq!(opened(&VAULT, &user(3), &from), Some(GrantError::NotSigned));
        assert_eq!(opened(&VAULT, &to, &user(3)), Some(GrantError::NotSigned));
        assert_eq!(opened(&[6; 16], &to, &from), Some(GrantError::NotSigned));
        assert_eq!(opened(&VAULT, &to, &from), None);
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_refused() {
        let (to, from) = (user(1), user(2));
        let (_, grant) = grant(&to, &from);
        let bytes = grant.to_bytes();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let opened = Grant::from_bytes(&changed).and_then(|grant| grant.open(&VAULT, &to, &from.cosign_public()));
            assert!(opened.is_err(), "byte {at}");
            assert_eq!(Grant::from_bytes(&bytes[..at]), Err(GrantError::Malformed), "cut at {at}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert_eq!(Grant::from_bytes(&longer), Err(GrantError::Malformed));
    }

    #[test]
    fn class_open_has_nothing_to_grant_and_weak_keys_get_nothing() {
        let entropy = SeededEntropy::new(1);
        let keys = ClassKeys::generate(&entropy);
        let make = |public: &[u8; 32], class| {
            Grant::make(&VAULT, StaffId(1), public, KeyToGrant::Blind(class, &keys.contact_blind), &user(1), &entropy)
        };
        assert_eq!(make(&user(2).kem_public(), FieldClass::Open).err(), Some(GrantError::NoSuchKey));
        assert_eq!(make(&[0; 32], FieldClass::Contact).err(), Some(GrantError::NotAuthentic));
        assert!(!format!("{:?}", make(&user(2).kem_public(), FieldClass::Contact)).contains("sealed"));
    }
}
