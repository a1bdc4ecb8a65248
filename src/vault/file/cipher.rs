//! Keys, nonces and the sealing of every kind of page.
//!
//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with random 24-byte nonces; keys by HKDF-SHA256 (RFC 5869) from the
//! file's root key, with info `veilbook/1/` label 0x00 `vault id`; the epoch pages' root by HMAC-SHA256.
//! Associated data begins with the file id and a letter for the kind of page, so that no page can stand for another.
//!
//! **Invariant:** nonces come from [`Nonces`] alone, and none is used twice.

use std::sync::Arc;

use chacha20::{R20, hchacha};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::error::FileError;
use crate::clock::Entropy;
use crate::hygiene::Locked;
use crate::privacy::seal::keyed_hash;

/// A nonce.
pub(super) type Nonce = [u8; 24];
/// An authentication tag.
pub(super) type Mac = [u8; 16];

/// The keys of one encrypted file. Zeroized on drop.
pub struct FileKeys {
    page: PageKey,
    tags: XChaCha20Poly1305,
    header: XChaCha20Poly1305,
    record: XChaCha20Poly1305,
    root: Zeroizing<[u8; 32]>,
}

impl FileKeys {
    /// The keys that belong to a root key of the vault `vault_id`.
    pub fn derive(root: &[u8; 32], vault_id: &[u8; 16]) -> Self {
        let source = Hkdf::<Sha256>::new(None, root);
        let key = |label: &[u8]| {
            let mut key = Zeroizing::new([0; 32]);
            // 32 bytes are within HKDF-SHA256's limit of 8,160, the only way in which this can fail.
            let expanded = source.expand_multi_info(&[b"veilbook/1/", label, &[0], vault_id], key.as_mut());
            debug_assert!(expanded.is_ok());
            key
        };
        let cipher = |label: &[u8]| XChaCha20Poly1305::new(&(*key(label)).into());
        Self {
            page: PageKey(key(b"page")),
            tags: cipher(b"tags"),
            header: cipher(b"header"),
            record: cipher(b"record"),
            root: key(b"root"),
        }
    }
}

impl std::fmt::Debug for FileKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKeys(..)")
    }
}

/// The letter in the associated data of data blocks.
const BLOCK: u8 = b'D';

/// What a seal of anything else is for: its key and the letter in its associated data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    TagPage,
    EpochPage,
    Header,
    Record,
}

impl Purpose {
    fn letter(self) -> u8 {
        match self {
            Self::TagPage => b'T',
            Self::EpochPage => b'E',
            Self::Header => b'H',
            Self::Record => b'J',
        }
    }
}

/// The keys together with the file that they are used for.
pub(super) struct Cipher {
    keys: Locked<FileKeys>,
    file_id: [u8; 16],
}

/// What opens to nothing: the bytes are not authentic.
#[derive(Debug)]
pub(super) struct Refused;

impl Cipher {
    /// Seals for the file `file_id`.
    pub(super) fn new(keys: FileKeys, file_id: [u8; 16]) -> Self {
        Self { keys: Locked::new(keys), file_id }
    }

    /// Encrypts a data block in place.
    pub(super) fn seal_block(&self, block: u64, nonce: &Nonce, data: &mut [u8]) -> Result<Mac, FileError> {
        self.keys.page.seal(nonce, &self.block_place(block), data)
    }

    /// Decrypts a data block in place; what was refused is zeros.
    pub(super) fn open_block(&self, block: u64, nonce: &Nonce, tag: &Mac, data: &mut [u8]) -> Result<(), Refused> {
        self.keys.page.open(nonce, &self.block_place(block), tag, data)
    }

    /// Encrypts anything but a data block in place, bound to `place`.
    pub(super) fn seal(
        &self,
        purpose: Purpose,
        place: &[&[u8]],
        nonce: &Nonce,
        data: &mut [u8],
    ) -> Result<Mac, FileError> {
        seal(self.key(purpose), nonce, &self.place(purpose, place), data)
    }

    /// Decrypts what [`Cipher::seal`] made.
    pub(super) fn open(
        &self,
        purpose: Purpose,
        place: &[&[u8]],
        nonce: &Nonce,
        tag: &Mac,
        data: &mut [u8],
    ) -> Result<(), Refused> {
        open(self.key(purpose), nonce, &self.place(purpose, place), tag, data)
    }

    /// The keyed hash over the epoch pages' MACs that a header carries.
    pub(super) fn root(&self, macs: &[Mac]) -> [u8; 32] {
        let count = (macs.len() as u64).to_be_bytes();
        keyed_hash(&self.keys.root, &[&self.file_id, b"R", &count, macs.as_flattened()])
    }

    fn key(&self, purpose: Purpose) -> &XChaCha20Poly1305 {
        match purpose {
            Purpose::TagPage | Purpose::EpochPage => &self.keys.tags,
            Purpose::Header => &self.keys.header,
            Purpose::Record => &self.keys.record,
        }
    }

    fn block_place(&self, block: u64) -> [u8; 25] {
        let mut out = [0; 25];
        let parts = self.file_id.into_iter().chain([BLOCK]).chain(block.to_be_bytes());
        out.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        out
    }

    fn place(&self, purpose: Purpose, parts: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::with_capacity(32 + parts.iter().map(|part| part.len()).sum::<usize>());
        out.extend_from_slice(&self.file_id);
        out.push(purpose.letter());
        parts.iter().for_each(|part| out.extend_from_slice(part));
        out
    }
}

fn seal(key: &XChaCha20Poly1305, nonce: &Nonce, place: &[u8], data: &mut [u8]) -> Result<Mac, FileError> {
    key.encrypt_inout_detached(&XNonce::from(*nonce), place, data.into())
        .map(Into::into)
        .map_err(|_| FileError::Misuse("a page is too long to encrypt"))
}

fn open(key: &XChaCha20Poly1305, nonce: &Nonce, place: &[u8], tag: &Mac, data: &mut [u8]) -> Result<(), Refused> {
    key.decrypt_inout_detached(&XNonce::from(*nonce), place, data.into(), &Tag::from(*tag)).map_err(|_| Refused)
}

/// The key of data blocks. The same construction by another implementation, which is more than twice as fast: HChaCha20
/// for the subkey, then ChaCha20-Poly1305 (RFC 8439) with the rest of the nonce.
struct PageKey(Zeroizing<[u8; 32]>);

impl PageKey {
    fn keyed(&self, nonce: &Nonce) -> Option<(ring::aead::LessSafeKey, ring::aead::Nonce)> {
        let (head, rest) = nonce.split_first_chunk::<16>()?;
        let subkey = Zeroizing::new(<[u8; 32]>::from(hchacha::<R20>(&(*self.0).into(), &(*head).into())));
        let mut short = [0; 12];
        short.iter_mut().skip(4).zip(rest).for_each(|(to, from)| *to = *from);
        let key = ring::aead::UnboundKey::new(&ring::aead::CHACHA20_POLY1305, subkey.as_slice()).ok()?;
        Some((ring::aead::LessSafeKey::new(key), ring::aead::Nonce::assume_unique_for_key(short)))
    }

    fn seal(&self, nonce: &Nonce, place: &[u8], data: &mut [u8]) -> Result<Mac, FileError> {
        let sealed = self
            .keyed(nonce)
            .and_then(|(key, nonce)| key.seal_in_place_separate_tag(nonce, ring::aead::Aad::from(place), data).ok());
        sealed
            .and_then(|tag| tag.as_ref().first_chunk().copied())
            .ok_or(FileError::Misuse("a page is too long to encrypt"))
    }

    fn open(&self, nonce: &Nonce, place: &[u8], tag: &Mac, data: &mut [u8]) -> Result<(), Refused> {
        let (key, nonce) = self.keyed(nonce).ok_or(Refused)?;
        let place = ring::aead::Aad::from(place);
        let opened = key.open_in_place_separate_tag(nonce, place, ring::aead::Tag::from(*tag), data, 0..).is_ok();
        if !opened {
            // ring says nothing of what it leaves then; bytes that nobody vouches for go no further.
            data.fill(0);
        }
        if opened { Ok(()) } else { Err(Refused) }
    }
}

/// Fresh nonces, drawn from the source of randomness in batches.
pub(super) struct Nonces {
    entropy: Arc<dyn Entropy>,
    batch: Vec<Nonce>,
}

impl Nonces {
    const BATCH: usize = 128;

    /// Nonces from `entropy`.
    pub(super) fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy, batch: Vec::new() }
    }

    /// A nonce that was never given before.
    pub(super) fn fresh(&mut self) -> Nonce {
        if let Some(nonce) = self.batch.pop() {
            return nonce;
        }
        self.batch.resize(Self::BATCH, [0; 24]);
        self.entropy.fill(self.batch.as_flattened_mut());
        self.batch.pop().unwrap_or_else(|| self.entropy.bytes())
    }

    /// Fresh random bytes that are not used as a nonce.
    pub(super) fn random<const N: usize>(&self) -> [u8; N] {
        self.entropy.bytes()
    }

    /// Fills `out` with random bytes.
    pub(super) fn fill(&self, out: &mut [u8]) {
        self.entropy.fill(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_implementations_give_the_same_bytes_and_open_each_others() {
        let (key, nonce, place) = ([9; 32], [5; 24], [3; 25]);
        let (one, other) = (PageKey(Zeroizing::new(key)), XChaCha20Poly1305::new(&key.into()));
        let (mut here, mut there) = ([7; 4096], [7; 4096]);
        let tag = one.seal(&nonce, &place, &mut here).expect("seals");
        assert_eq!(tag, seal(&other, &nonce, &place, &mut there).expect("seals"));
        assert_eq!(here, there);
        open(&other, &nonce, &place, &tag, &mut here).expect("opens");
        one.open(&nonce, &place, &tag, &mut there).expect("opens");
        assert_eq!((here, there), ([7; 4096], [7; 4096]));
        assert!(one.open(&nonce, &place, &[0; 16], &mut here).is_err() && here == [0; 4096]);
    }
}
