//! Boxes: bytes under a key, and bytes that only the holder of an X25519 key opens.
//!
//! A box is `nonce 24 ‖ XChaCha20-Poly1305 ciphertext and tag`. A box for somebody is `ephemeral public 32 ‖ box` under
//! HKDF-SHA256(X25519(ephemeral, public), info = "veilbook/1/sealed-to" 0x00 ‖ ephemeral public ‖ public).
//! Sources: RFC 7748, RFC 5869, draft-irtf-cfrg-xchacha-03.
//! **Invariant:** every box has its own random nonce; all-zero shared secrets are refused.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::derive::expand;
use crate::clock::Entropy;

/// What a box adds to its content.
pub(super) const BOX: usize = 24 + 16;
/// What a box for somebody adds to its content.
pub(super) const BOX_FOR: usize = 32 + BOX;

/// Why a box could not be made or opened. Says nothing of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// A key agreement gave the all-zero secret (RFC 7748, section 6.1).
    #[error("the public key is of low order")]
    WeakKey,
    /// Too short, changed, or another's.
    #[error("the sealed bytes do not open with this key")]
    NotAuthentic,
}

/// Seals `bytes` so that only the holder of `public`'s secret half opens them, and only with the same `aad`.
pub fn seal_to(public: &[u8; 32], aad: &[u8], bytes: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, SealingError> {
    let secret = StaticSecret::from(entropy.bytes::<32>());
    let ephemeral = PublicKey::from(&secret).to_bytes();
    let key = agreed(&secret, public, &ephemeral, public)?;
    let mut out = ephemeral.to_vec();
    out.extend(seal(&key, aad, bytes, entropy));
    Ok(out)
}

/// Opens what [`seal_to`] made for `secret`'s public half.
pub(super) fn open_sealed(
    secret: &StaticSecret,
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    let (ephemeral, boxed) = sealed.split_first_chunk::<32>().ok_or(SealingError::NotAuthentic)?;
    let key = agreed(secret, ephemeral, ephemeral, &PublicKey::from(secret).to_bytes())?;
    open(&key, aad, boxed)
}

/// A box under `key`.
pub(in crate::vault) fn seal(key: &[u8; 32], aad: &[u8], bytes: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    let nonce = entropy.bytes::<24>();
    let payload = Payload { msg: bytes, aad };
    let mut out = nonce.to_vec();
    // Encryption fails only past 256 GiB; a box without ciphertext never opens.
    out.extend(XChaCha20Poly1305::new(&(*key).into()).encrypt(&XNonce::from(nonce), payload).unwrap_or_default());
    out
}

/// Opens a box.
pub(in crate::vault) fn open(key: &[u8; 32], aad: &[u8], boxed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    let (nonce, msg) = boxed.split_first_chunk::<24>().ok_or(SealingError::NotAuthentic)?;
    let plain = XChaCha20Poly1305::new(&(*key).into()).decrypt(&XNonce::from(*nonce), Payload { msg, aad });
    plain.map(Zeroizing::new).map_err(|_| SealingError::NotAuthentic)
}

fn agreed(
    secret: &StaticSecret,
    theirs: &[u8; 32],
    ephemeral: &[u8; 32],
    public: &[u8; 32],
) -> Result<Zeroizing<[u8; 32]>, SealingError> {
    let shared = secret.diffie_hellman(&PublicKey::from(*theirs));
    if !shared.was_contributory() {
        return Err(SealingError::WeakKey);
    }
    let mut info = b"veilbook/1/sealed-to\0".to_vec();
    info.extend_from_slice(ephemeral);
    info.extend_from_slice(public);
    Ok(expand(shared.as_bytes(), &info))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn only_the_named_holder_opens_and_only_in_place() {
        let entropy = SeededEntropy::new(3);
        let secret = StaticSecret::from([9; 32]);
        let public = PublicKey::from(&secret).to_bytes();
        let sealed = seal_to(&public, b"here", b"word", &entropy).expect("a good key");
        assert_eq!(sealed.len(), 4 + BOX_FOR);
        assert_eq!(open_sealed(&secret, b"here", &sealed).expect("opens").as_slice(), b"word");
        assert!(open_sealed(&secret, b"there", &sealed).is_err());
        assert!(open_sealed(&StaticSecret::from([8; 32]), b"here", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open_sealed(&secret, b"here", &changed).is_err(), "byte {at}");
            assert!(open_sealed(&secret, b"here", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn low_order_keys_are_refused_either_way() {
        let sealed = seal_to(&[0; 32], b"", b"word", &SeededEntropy::new(1));
        assert_eq!(sealed.err(), Some(SealingError::WeakKey));
        let opened = open_sealed(&StaticSecret::from([9; 32]), b"", &[0; 90]);
        assert_eq!(opened.err(), Some(SealingError::WeakKey));
    }
}
