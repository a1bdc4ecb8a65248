//! Sealed values: what anybody can write and only holders of the class key can read.
//!
//! Format of a sealed value, version 1, all integers big-endian:
//! `origin 8 ‖ seal number 8 ‖ ephemeral public key 32 ‖ nonce 24 ‖ XChaCha20-Poly1305 ciphertext and tag`, with key
//! HKDF-SHA256(X25519(ephemeral, class public key), salt = none, info = `veilbook/1/field` 0x00 ‖ ephemeral public ‖ class public)
//! and associated data `vault id 16 ‖ origin 8 ‖ seal number 8 ‖ class 1 ‖ field key`.
//! Sources: RFC 7748 (X25519), RFC 5869 (HKDF), draft-irtf-cfrg-xchacha-03 (XChaCha20-Poly1305).
//!
//! **Invariant:** the associated data names the customer that the value was first sealed for and a seal number, both
//! of which travel with the value, so that merge and undo can move it unopened and nobody can pass one off as another.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::class::FieldClass;
use crate::clock::Entropy;

const HEAD: usize = 8 + 8 + 32 + 24;

/// Why a value could not be sealed or opened. Says nothing of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Fewer bytes than the format has, or text that is not UTF-8.
    #[error("the sealed value is malformed")]
    Malformed,
    /// A key agreement gave the all-zero secret (RFC 7748, section 6.1).
    #[error("the public key is of low order")]
    WeakKey,
    /// The key is another's or the bytes were changed.
    #[error("the sealed value does not open with this key")]
    NotAuthentic,
}

/// The public half of a class's key: enough to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassPublic(pub [u8; 32]);

/// The private half of a class's key: enough to read. Zeroized on drop.
pub struct ClassSecret(StaticSecret);

/// The key that blind tokens of a class are made under. Zeroized on drop.
pub struct BlindKey(Zeroizing<[u8; 32]>);

/// A value's keyed fingerprint: equal for equal normalised values, meaningless without the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub [u8; 16]);

/// What a token was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// The whole normalised value of a field that is no phone and no email.
    Whole,
    /// A whole phone number, whichever field holds it.
    Phone,
    /// The last four digits of a phone.
    LastFour,
    /// An email address, whichever field holds it.
    Email,
    /// An identity number, whichever field holds it.
    Identity,
    /// The date of birth that the value tells, bound to this one value.
    BornOn,
    /// The month and day of birth that the value tells, bound to this one value.
    Birthday,
    /// The sex that the value tells, bound to this one value.
    Sex,
}

crate::codes::codes!(TokenKind: Whole = "whole", Phone = "phone", LastFour = "last_four", Email = "email",
    Identity = "identity", BornOn = "born_on", Birthday = "birthday", Sex = "sex");

impl TokenKind {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Whole => b"veilbook/1/token/whole",
            Self::Phone => b"veilbook/1/token/phone",
            Self::LastFour => b"veilbook/1/token/last-four",
            Self::Email => b"veilbook/1/token/email",
            Self::Identity => b"veilbook/1/token/identity",
            Self::BornOn => b"veilbook/1/token/born-on",
            Self::Birthday => b"veilbook/1/token/birthday",
            Self::Sex => b"veilbook/1/token/sex",
        }
    }

    /// Whether it is of the value as a whole.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Whole | Self::Phone | Self::Email | Self::Identity)
    }

    /// Whether customers are found by it. What is bound to one value finds nobody.
    pub fn finds(self) -> bool {
        self.is_whole() || self == Self::LastFour
    }
}

/// What a sealed value belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The vault's id.
    pub vault: [u8; 16],
    /// The field's key.
    pub field: &'a str,
    /// The field's class.
    pub class: FieldClass,
}

/// A sealed value. It can be stored and moved, not copied, printed or compared.
pub struct Sealed {
    origin: u64,
    number: u64,
    ephemeral: [u8; 32],
    nonce: [u8; 24],
    ciphertext: Vec<u8>,
}

/// Shows nothing of the value, not even its length.
impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(..)")
    }
}

impl Sealed {
    /// Its seal number, which no other value has.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD + self.ciphertext.len());
        out.extend_from_slice(&self.origin.to_be_bytes());
        out.extend_from_slice(&self.number.to_be_bytes());
        out.extend_from_slice(&self.ephemeral);
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(&self.ciphertext);
        out
    }

    /// Reads the stored form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let (head, ciphertext) = bytes.split_at_checked(HEAD).ok_or(SealError::Malformed)?;
        if ciphertext.len() < 16 {
            return Err(SealError::Malformed);
        }
        let mut rest = head;
        let origin = u64::from_be_bytes(take(&mut rest)?);
        let number = u64::from_be_bytes(take(&mut rest)?);
        let ephemeral = take(&mut rest)?;
        let nonce = take(&mut rest)?;
        Ok(Self { origin, number, ephemeral, nonce, ciphertext: ciphertext.to_vec() })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], SealError> {
    let (head, rest) = bytes.split_first_chunk::<N>().ok_or(SealError::Malformed)?;
    *bytes = rest;
    Ok(*head)
}

/// Seals a batch of values to one class under one ephemeral key.
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    ephemeral: [u8; 32],
    class: FieldClass,
}

impl Sealer {
    /// A sealer with a fresh ephemeral key. Refuses class keys of low order.
    pub fn new(class: FieldClass, public: ClassPublic, entropy: &dyn Entropy) -> Result<Self, SealError> {
        let secret = StaticSecret::from(entropy.bytes::<32>());
        let ephemeral = PublicKey::from(&secret).to_bytes();
        let shared = secret.diffie_hellman(&PublicKey::from(public.0));
        if !shared.was_contributory() {
            return Err(SealError::WeakKey);
        }
        Ok(Self { cipher: cipher(shared.as_bytes(), &ephemeral, &public.0), ephemeral, class })
    }

    /// Seals `plain` for the customer `origin` with the vault-wide seal number `number`.
    pub fn seal(&self, place: Place<'_>, origin: u64, number: u64, plain: &str, entropy: &dyn Entropy) -> Sealed {
        let nonce = entropy.bytes::<24>();
        let aad = associated(Place { class: self.class, ..place }, origin, number);
        let payload = Payload { msg: plain.as_bytes(), aad: &aad };
        // Encryption fails only past 256 GiB, which no field reaches; an empty ciphertext never opens.
        let ciphertext = self.cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        Sealed { origin, number, ephemeral: self.ephemeral, nonce, ciphertext }
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(..)")
    }
}

impl ClassSecret {
    /// A fresh key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(StaticSecret::from(entropy.bytes::<32>()))
    }

    /// The key that these bytes are.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(StaticSecret::from(bytes))
    }

    /// Its bytes, for sealing the key itself to somebody.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    pub fn public(&self) -> ClassPublic {
        ClassPublic(PublicKey::from(&self.0).to_bytes())
    }

    /// Opens a sealed value.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Zeroizing<String>, SealError> {
        let shared = self.0.diffie_hellman(&PublicKey::from(sealed.ephemeral));
        if !shared.was_contributory() {
            return Err(SealError::WeakKey);
        }
        let cipher = cipher(shared.as_bytes(), &sealed.ephemeral, &self.public().0);
        let aad = associated(place, sealed.origin, sealed.number);
        let payload = Payload { msg: &sealed.ciphertext, aad: &aad };
        let plain = cipher.decrypt(&XNonce::from(sealed.nonce), payload).map_err(|_| SealError::NotAuthentic)?;
        match String::from_utf8(plain) {
            Ok(text) => Ok(Zeroizing::new(text)),
            Err(error) => {
                drop(Zeroizing::new(error.into_bytes()));
                Err(SealError::Malformed)
            }
        }
    }
}

impl std::fmt::Debug for ClassSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClassSecret(..)")
    }
}

impl BlindKey {
    /// A fresh key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Zeroizing::new(entropy.bytes::<32>()))
    }

    /// The key that these bytes are.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, for sealing the key itself to somebody.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// The token of a normalised value: the first 16 bytes of HMAC-SHA256 over label, 0x00, field key where the kind is
    /// [`TokenKind::Whole`], 0x00, value.
    pub fn token(&self, kind: TokenKind, field: &str, normalised: &str) -> Token {
        let field = if kind == TokenKind::Whole { field } else { "" };
        let hash = keyed_hash(&self.0, &[kind.label(), field.as_bytes(), normalised.as_bytes()]);
        Token(*hash.first_chunk().unwrap_or(&[0; 16]))
    }

    /// The token of a part of the value that has this seal number: the first 16 bytes of HMAC-SHA256 over label, 0x00,
    /// seal number, 0x00, part. Parts have few values, a sex two: bound to one value, equal parts of two customers have
    /// nothing in common, and nobody without the key learns by comparing.
    pub fn token_within(&self, kind: TokenKind, number: u64, part: &str) -> Token {
        let hash = keyed_hash(&self.0, &[kind.label(), &number.to_be_bytes(), part.as_bytes()]);
        Token(*hash.first_chunk().unwrap_or(&[0; 16]))
    }
}

impl std::fmt::Debug for BlindKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BlindKey(..)")
    }
}

/// HMAC-SHA256 under `key` of the parts, each followed by 0x00.
pub fn keyed_hash(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC pads a short key with zeros to the hash's block of 64 bytes (RFC 2104); done here, nothing can fail.
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    for part in parts {
        mac.update(part);
        mac.update(&[0]);
    }
    mac.finalize().into_bytes().into()
}

fn cipher(shared: &[u8; 32], ephemeral: &[u8; 32], public: &[u8; 32]) -> XChaCha20Poly1305 {
    let mut info = Vec::with_capacity(17 + 64);
    info.extend_from_slice(b"veilbook/1/field\0");
    info.extend_from_slice(ephemeral);
    info.extend_from_slice(public);
    let mut key = Zeroizing::new([0; 32]);
    // 32 bytes are within HKDF-SHA256's limit of 8,160, the only way in which expand can fail.
    let expanded = Hkdf::<Sha256>::new(None, shared).expand(&info, key.as_mut());
    debug_assert!(expanded.is_ok());
    XChaCha20Poly1305::new(&(*key).into())
}

fn associated(place: Place<'_>, origin: u64, number: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(33 + place.field.len());
    out.extend_from_slice(&place.vault);
    out.extend_from_slice(&origin.to_be_bytes());
    out.extend_from_slice(&number.to_be_bytes());
    out.push(place.class.byte());
    out.extend_from_slice(place.field.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    const PLACE: Place<'static> = Place { vault: [7; 16], field: "mobile", class: FieldClass::Contact };

    fn sealed() -> (ClassSecret, Sealed) {
        let entropy = SeededEntropy::new(1);
        let secret = ClassSecret::generate(&entropy);
        let sealer = Sealer::new(FieldClass::Contact, secret.public(), &entropy).expect("a good key");
        let sealed = sealer.seal(PLACE, 12, 3, "+8613800001234", &entropy);
        (secret, sealed)
    }

    #[test]
    fn a_holder_reads_what_anybody_sealed() {
        let (secret, sealed) = sealed();
        let again = Sealed::from_bytes(&sealed.to_bytes()).expect("well formed");
        assert_eq!(secret.open(PLACE, &again).expect("opens").as_str(), "+8613800001234");
    }

    #[test]
    fn every_changed_byte_and_every_other_place_is_refused() {
        let (secret, sealed) = sealed();
        let bytes = sealed.to_bytes();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = Sealed::from_bytes(&changed).expect("well formed");
            assert!(secret.open(PLACE, &changed).is_err(), "byte {at}");
        }
        for place in [
            Place { vault: [8; 16], ..PLACE },
            Place { field: "phone", ..PLACE },
            Place { class: FieldClass::Sensitive, ..PLACE },
        ] {
            assert_eq!(secret.open(place, &sealed).err(), Some(SealError::NotAuthentic));
        }
        assert_eq!(Sealed::from_bytes(&bytes[..80]).err(), Some(SealError::Malformed));
    }

    #[test]
    fn low_order_keys_are_refused() {
        let weak = Sealer::new(FieldClass::Contact, ClassPublic([0; 32]), &SeededEntropy::new(1));
        assert_eq!(weak.err(), Some(SealError::WeakKey));
    }

    #[test]
    fn tokens_depend_on_key_kind_and_value() {
        let key = BlindKey::from_bytes([1; 32]);
        let token = key.token(TokenKind::Phone, "mobile", "+8613800001234");
        assert_eq!(token, key.token(TokenKind::Phone, "phone", "+8613800001234"));
        assert_ne!(token, key.token(TokenKind::LastFour, "mobile", "+8613800001234"));
        assert_ne!(token, BlindKey::from_bytes([2; 32]).token(TokenKind::Phone, "mobile", "+8613800001234"));
        let whole = |field| key.token(TokenKind::Whole, field, "x");
        assert_ne!(whole("bank_card"), whole("passport"));
        let within = |number| key.token_within(TokenKind::Sex, number, "male");
        assert_eq!(within(3), within(3));
        assert_ne!(within(3), within(4));
        assert_ne!(within(3), key.token_within(TokenKind::Sex, 3, "female"));
    }
}
