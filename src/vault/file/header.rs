//! The header: redb's super-header, the length, and what authenticates everything else. Two copies, a page apart.
//!
//! 512 B: `epoch 8 ‖ nonce 24 ‖ ciphertext 464 ‖ tag 16`; plain text
//! `super-header 320 ‖ length 8 ‖ root over the epoch pages 32 ‖ seed of the chain of records 16 ‖ 1 if nothing follows,
//! else 0 ‖ blocks written last 24 ‖ zeros 63`; place: `side 1 ‖ epoch 8`. Integers are big-endian.
//!
//! **Invariant:** a header is written only after everything it names is durable, so one that authenticates is whole.

use super::cipher::{Cipher, Mac, Nonce, Purpose};
use super::codec::{Reader, put};
use super::error::FileError;
use super::layout::{HEADER_BYTES, SUPER_BYTES, Side};
use super::recent::Recent;

const PLAIN: usize = HEADER_BYTES - 8 - 24 - 16;

/// redb's super-header.
pub(super) type Super = [u8; SUPER_BYTES];

/// Whether records may follow a header in the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follow {
    /// There may be some.
    Records,
    /// There are none, where both copies say so: the file was closed, and the first record after that is written together
    /// with a copy that no longer says it.
    Nothing,
}

/// What a header says.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// Rises with every record and checkpoint.
    pub epoch: u64,
    /// redb's super-header as of this checkpoint.
    pub image: Super,
    /// The length redb sees, in bytes.
    pub len: u64,
    /// The keyed hash over the epoch pages' MACs.
    pub root: [u8; 32],
    /// What the first record of the chain names as its predecessor.
    pub seed: Mac,
    /// Whether records may follow.
    pub follow: Follow,
    /// What the next opening may fetch early.
    pub recent: Recent,
}

impl Header {
    /// The bytes of the copy on `side`.
    pub(super) fn seal(&self, cipher: &Cipher, side: Side, nonce: Nonce) -> Result<Vec<u8>, FileError> {
        let mut plain = Vec::with_capacity(PLAIN);
        plain.extend_from_slice(&self.image);
        plain.extend_from_slice(&self.len.to_be_bytes());
        plain.extend_from_slice(&self.root);
        plain.extend_from_slice(&self.seed);
        plain.push(u8::from(self.follow == Follow::Nothing));
        plain.extend_from_slice(&self.recent.bytes());
        plain.resize(PLAIN, 0);
        let epoch = self.epoch.to_be_bytes();
        let tag = cipher.seal(Purpose::Header, &[&[side.byte()], &epoch], &nonce, &mut plain)?;
        let mut out = Vec::with_capacity(HEADER_BYTES);
        put(&mut out, &[&epoch, &nonce, &plain, &tag]);
        Ok(out)
    }

    /// Whether two copies say the same of all but what follows.
    pub(super) fn says_as(&self, other: &Self) -> bool {
        *self == Self { follow: self.follow, ..other.clone() }
    }

    /// Reads the copy on `side`; nothing if it is not authentic.
    pub(super) fn open(cipher: &Cipher, side: Side, bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let mut from = Reader(bytes);
        let epoch = from.array::<8>()?;
        let nonce = from.array()?;
        let mut plain = from.array::<PLAIN>()?;
        let tag = from.array()?;
        cipher.open(Purpose::Header, &[&[side.byte()], &epoch], &nonce, &tag, &mut plain).ok()?;
        let mut from = Reader(&plain);
        Some(Self {
            epoch: u64::from_be_bytes(epoch),
            image: from.array()?,
            len: from.u64()?,
            root: from.array()?,
            seed: from.array()?,
            follow: if from.array()? == [1] { Follow::Nothing } else { Follow::Records },
            recent: Recent::from_bytes(&from.array()?),
        })
    }
}
