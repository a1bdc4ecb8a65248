//! Signed notes with Ed25519, as C2SP's signed-note specifies them, and the keys that sign and check them.
//!
//! A note is text that ends in a newline, an empty line, and lines `— name base64(key id ‖ signature)`.
//! **Invariant:** a note that parses prints to the same bytes again, so no byte of it is without meaning.

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use super::{array_from_base64, base64, from_base64};

/// Notes above this size are refused before they are looked at.
const MAX_BYTES: usize = 64 * 1024;

/// What a key signs; its byte is part of the key's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// A note's text (type 0x01).
    Note,
    /// A checkpoint with the time at which it was seen (type 0x04, C2SP tlog-cosignature).
    Cosignature,
}

impl KeyUse {
    fn byte(self) -> u8 {
        match self {
            Self::Note => 0x01,
            Self::Cosignature => 0x04,
        }
    }
}

/// Why a note, a key or a signature is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// A name is empty or has a space, a plus sign or a control character in it.
    #[error("the key's name is empty or holds a space, a plus sign or a control character")]
    Name,
    /// Not a verification key.
    #[error("this is not a verification key (name+hash+key)")]
    Key,
    /// Not a signed note.
    #[error("this is not a signed note")]
    Malformed,
    /// Nobody who is asked about signed it.
    #[error("the note is not signed by this key")]
    Unsigned,
    /// The signature is wrong.
    #[error("the signature does not fit the text")]
    Signature,
}

/// A key that checks signatures, as people pass it on: `name+hash+base64(type ‖ key)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Vkey {
    name: String,
    id: [u8; 4],
    purpose: KeyUse,
    key: VerifyingKey,
}

impl Vkey {
    /// The key under its name. A key of small order, for which anybody can sign, is refused.
    pub fn new(name: &str, purpose: KeyUse, key: VerifyingKey) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Name);
        }
        if key.is_weak() {
            return Err(NoteError::Key);
        }
        let hash: [u8; 32] = Sha256::new()
            .chain_update(name)
            .chain_update([b'\n', purpose.byte()])
            .chain_update(key.as_bytes())
            .finalize()
            .into();
        let [a, b, c, d, ..] = hash;
        Ok(Self { name: name.to_owned(), id: [a, b, c, d], purpose, key })
    }

    /// The key that `text` says.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(material)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        let [kind, key @ ..] = array_from_base64::<33>(material).ok_or(NoteError::Key)?;
        let purpose = match kind {
            0x01 => KeyUse::Note,
            0x04 => KeyUse::Cosignature,
            _ => return Err(NoteError::Key),
        };
        let vkey = Self::new(name, purpose, VerifyingKey::from_bytes(&key).map_err(|_| NoteError::Key)?)?;
        if vkey.to_string() == text { Ok(vkey) } else { Err(NoteError::Key) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub fn purpose(&self) -> KeyUse {
        self.purpose
    }

    /// Whether the signature line names this key.
    pub fn made(&self, line: &SignatureLine) -> bool {
        line.name == self.name && line.id == self.id
    }

    /// Checks an Ed25519 signature strictly, so that nobody can make a second one from the first.
    pub(super) fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), NoteError> {
        let signature = Signature::from_slice(signature).map_err(|_| NoteError::Signature)?;
        self.key.verify_strict(message, &signature).map_err(|_| NoteError::Signature)
    }
}

impl fmt::Display for Vkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let material: Vec<u8> = [self.purpose.byte()].into_iter().chain(*self.key.as_bytes()).collect();
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id), base64(&material))
    }
}

impl fmt::Debug for Vkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vkey({self})")
    }
}

/// A key that signs. It has no `Clone`, and `Debug` shows its public half only; the secret is wiped on drop.
pub struct NoteKey {
    secret: SigningKey,
    vkey: Vkey,
}

impl NoteKey {
    /// The key under its name.
    pub fn new(name: &str, purpose: KeyUse, secret: SigningKey) -> Result<Self, NoteError> {
        let vkey = Vkey::new(name, purpose, secret.verifying_key())?;
        Ok(Self { secret, vkey })
    }

    /// Its public half.
    pub fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    /// A signature line over `message`, the raw signature preceded by `prefix`.
    pub(super) fn line(&self, message: &[u8], prefix: &[u8]) -> SignatureLine {
        let signature = self.secret.sign(message).to_bytes();
        SignatureLine { name: self.vkey.name.clone(), id: self.vkey.id, signature: [prefix, &signature].concat() }
    }
}

impl fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteKey({})", self.vkey)
    }
}

/// One signature under a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine {
    name: String,
    id: [u8; 4],
    pub(super) signature: Vec<u8>,
}

impl SignatureLine {
    fn parse(line: &str) -> Option<Self> {
        let (name, material) = line.strip_prefix("— ")?.split_once(' ')?;
        let material = from_base64(material)?;
        let (id, signature) = material.split_first_chunk::<4>()?;
        let fits = is_name(name) && !signature.is_empty();
        fits.then(|| Self { name: name.to_owned(), id: *id, signature: signature.to_vec() })
    }
}

/// A text with its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    pub(super) text: String,
    pub(super) signatures: Vec<SignatureLine>,
}

impl SignedNote {
    /// Signs `text`, which ends in a newline and holds no other control character.
    pub fn sign(text: String, key: &NoteKey) -> Result<Self, NoteError> {
        if key.vkey.purpose != KeyUse::Note {
            return Err(NoteError::Key);
        }
        if !is_text(&text) || !text.ends_with('\n') {
            return Err(NoteError::Malformed);
        }
        let line = key.line(text.as_bytes(), &[]);
        Ok(Self { text, signatures: vec![line] })
    }

    /// The note in `note`; no signature has been checked then.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_BYTES || !is_text(note) {
            return Err(NoteError::Malformed);
        }
        let at = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, rest) = note.split_at(at + 1);
        let lines = rest.strip_prefix('\n').and_then(|l| l.strip_suffix('\n')).ok_or(NoteError::Malformed)?;
        let signatures: Option<Vec<_>> = lines.split('\n').map(SignatureLine::parse).collect();
        Ok(Self { text: text.to_owned(), signatures: signatures.ok_or(NoteError::Malformed)? })
    }

    /// The text, not to be believed before [`SignedNote::check`].
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in order.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Whether `key` signed the text. Lines of other keys do not matter.
    pub fn check(&self, key: &Vkey) -> Result<(), NoteError> {
        if key.purpose != KeyUse::Note {
            return Err(NoteError::Key);
        }
        let line = self.signatures.iter().find(|line| key.made(line)).ok_or(NoteError::Unsigned)?;
        key.check(self.text.as_bytes(), &line.signature)
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for SignatureLine { name, id, signature } in &self.signatures {
            writeln!(f, "— {name} {}", base64(&[&id[..], signature].concat()))?;
        }
        Ok(())
    }
}

/// Whether a key may be called `name`.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c == '+' || c.is_whitespace() || c.is_control())
}

fn is_text(text: &str) -> bool {
    !text.bytes().any(|b| b < 0x20 && b != b'\n')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // The key and note of golang.org/x/mod/sumdb/note's own tests.
    const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const TEXT: &str =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const LINE: &str =
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn key() -> NoteKey {
        let [_, seed @ ..] = array_from_base64::<33>(SEED).unwrap();
        NoteKey::new("PeterNeumann", KeyUse::Note, SigningKey::from_bytes(&seed)).unwrap()
    }

    #[test]
    fn the_published_note_is_signed_to_the_same_bytes_and_checks() {
        let note = format!("{TEXT}\n{LINE}");
        assert_eq!(key().vkey().to_string(), VKEY);
        assert_eq!(SignedNote::sign(TEXT.into(), &key()).unwrap().to_string(), note);
        let read = SignedNote::parse(&note).unwrap();
        assert_eq!(read.to_string(), note);
        assert_eq!(read.check(&Vkey::parse(VKEY).unwrap()), Ok(()));
    }

    #[test]
    fn a_changed_byte_of_the_published_note_never_checks() {
        let note = format!("{TEXT}\n{LINE}");
        let vkey = Vkey::parse(VKEY).unwrap();
        for at in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1;
            let verdict =
                String::from_utf8(bytes).ok().and_then(|n| SignedNote::parse(&n).ok()).map(|n| n.check(&vkey));
            assert!(!matches!(verdict, Some(Ok(()))), "byte {at}");
        }
    }

    #[test]
    fn a_mangled_verification_key_is_refused() {
        for from in 0..VKEY.len() {
            for to in from..VKEY.len() {
                assert!(Vkey::parse(&VKEY[from..to]).is_err());
            }
        }
        for at in 0..VKEY.len() {
            let mut bytes = VKEY.as_bytes().to_vec();
            bytes[at] += 1;
            assert!(Vkey::parse(&String::from_utf8(bytes).unwrap()).is_err());
        }
        let weak = VerifyingKey::from_bytes(&[&[1_u8][..], &[0; 31]].concat().try_into().unwrap()).unwrap();
        assert_eq!(Vkey::new("a", KeyUse::Note, weak), Err(NoteError::Key));
    }

    #[test]
    fn malformed_notes_and_names_are_refused() {
        for note in [
            "",
            "\n",
            "\n\n",
            "text\n",
            "text\n\n",
            &format!("text\n\n{}", LINE.trim_end()),
            &format!("t\u{7}\n\n{LINE}"),
        ] {
            assert!(SignedNote::parse(note).is_err(), "{note:?}");
        }
        for name in ["", "a b", "a+b", "a\u{3000}b", "a\nb"] {
            assert_eq!(Vkey::new(name, KeyUse::Note, key().vkey().key), Err(NoteError::Name));
        }
        let other = NoteKey::new("other", KeyUse::Note, SigningKey::from_bytes(&[3; 32])).unwrap();
        assert_eq!(SignedNote::sign(TEXT.into(), &other).unwrap().check(key().vkey()), Err(NoteError::Unsigned));
    }

    proptest! {
        #[test]
        fn text_from_anywhere_never_panics(text in any::<String>(), lines in "([a-c+— =\n]){0,60}") {
            for note in [&text, &lines, &format!("{text}\n\n{LINE}")] {
                if let Ok(read) = SignedNote::parse(note) {
                    prop_assert_eq!(&read.to_string(), note);
                }
                let _ = Vkey::parse(note);
            }
        }
    }
}
