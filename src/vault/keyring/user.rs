//! A person's own keys, all from one secret that only their slot holds.
//!
//! **Invariant:** the secret halves never leave this type, but for the kem's within the vault, to open backups; what it signs begins with a label of its purpose, as every
//! caller's message must.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::derive::{VaultId, derive};
use super::sealing::{SealingError, open, open_sealed, seal};
use crate::clock::Entropy;
use crate::hygiene::Locked;

/// The keys of one person: `kem` (X25519) receives, `cosign` (Ed25519) signs, `wrap` keeps what is their own.
/// They lie in locked memory.
pub struct UserKeys(Locked<Secrets>);

struct Secrets {
    kem: StaticSecret,
    cosign: SigningKey,
    wrap: Zeroizing<[u8; 32]>,
}

/// A signature is not the named person's over this message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not valid")]
pub struct NotSigned;

impl UserKeys {
    /// The keys that come from `secret` in this vault.
    pub fn from_secret(secret: &[u8; 32], vault: &VaultId) -> Self {
        Self(Locked::new(Secrets {
            kem: StaticSecret::from(*derive(secret, "user-kem", vault, &[])),
            cosign: SigningKey::from_bytes(&derive(secret, "user-cosign", vault, &[])),
            wrap: derive(secret, "user-wrap", vault, &[]),
        }))
    }

    /// What others seal to.
    pub fn kem_public(&self) -> [u8; 32] {
        PublicKey::from(&self.0.kem).to_bytes()
    }

    /// The secret half of the kem, for opening backups that were made to it.
    pub(in crate::vault) fn kem_secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.kem.to_bytes())
    }

    /// What others check signatures with.
    pub fn cosign_public(&self) -> [u8; 32] {
        self.0.cosign.verifying_key().to_bytes()
    }

    /// Opens what [`super::seal_to`] made for [`Self::kem_public`].
    pub fn open_sealed_to_me(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        open_sealed(&self.0.kem, aad, sealed)
    }

    /// Seals `bytes` to oneself, for drafts and own settings.
    pub fn wrap(&self, aad: &[u8], bytes: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        seal(&self.0.wrap, aad, bytes, entropy)
    }

    /// Opens what [`Self::wrap`] made.
    pub fn unwrap(&self, aad: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        open(&self.0.wrap, aad, wrapped)
    }

    /// Signs `message` (Ed25519, RFC 8032), which must begin with a label of its purpose.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.cosign.sign(message).to_bytes()
    }
}

impl std::fmt::Debug for UserKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserKeys(..)")
    }
}

/// Checks a signature of [`UserKeys::sign`]; weak keys and malleable signatures are refused.
pub fn verify(cosign_public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), NotSigned> {
    let key = VerifyingKey::from_bytes(cosign_public).map_err(|_| NotSigned)?;
    key.verify_strict(message, &Signature::from_bytes(signature)).map_err(|_| NotSigned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn one_secret_gives_the_same_keys_in_one_vault_and_others_in_another() {
        let keys = UserKeys::from_secret(&[1; 32], &[1; 16]);
        assert_eq!(keys.kem_public(), UserKeys::from_secret(&[1; 32], &[1; 16]).kem_public());
        assert_ne!(keys.kem_public(), UserKeys::from_secret(&[1; 32], &[2; 16]).kem_public());
        assert_ne!(keys.cosign_public(), UserKeys::from_secret(&[2; 32], &[1; 16]).cosign_public());
        assert_eq!(format!("{keys:?}"), "UserKeys(..)");
    }

    #[test]
    fn a_signature_holds_for_its_message_and_signer_alone() {
        let keys = UserKeys::from_secret(&[1; 32], &[1; 16]);
        let signature = keys.sign(b"message");
        assert_eq!(verify(&keys.cosign_public(), b"message", &signature), Ok(()));
        assert_eq!(verify(&keys.cosign_public(), b"massage", &signature), Err(NotSigned));
        let other = UserKeys::from_secret(&[2; 32], &[1; 16]);
        assert_eq!(verify(&other.cosign_public(), b"message", &signature), Err(NotSigned));
        assert_eq!(verify(&[0; 32], b"message", &signature), Err(NotSigned));
    }

    #[test]
    fn what_is_wrapped_opens_for_oneself_alone() {
        let keys = UserKeys::from_secret(&[1; 32], &[1; 16]);
        let wrapped = keys.wrap(b"draft", b"words", &SeededEntropy::new(1));
        assert_eq!(keys.unwrap(b"draft", &wrapped).expect("opens").as_slice(), b"words");
        assert!(keys.unwrap(b"other", &wrapped).is_err());
        assert!(UserKeys::from_secret(&[2; 32], &[1; 16]).unwrap(b"draft", &wrapped).is_err());
    }
}
