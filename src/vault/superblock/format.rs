//! The bytes of one copy of the superblock.
//!
//! Version 1, big-endian, 49 pages of 4,096 B:
//! ```text
//! magic 8 "VEILBOOK" ‖ format 2 ‖ cipher 2 (1: XChaCha20-Poly1305) ‖ slots 2 (512) ‖ sets of KDF parameters 2 (1 or 2)
//! vault id 16 ‖ file id 16 ‖ vault salt 32 ‖ root epoch 8 ‖ sequence 8
//! KDF parameters 2 × (passes 4 ‖ memory in KiB 4 ‖ lanes 4; the second all zero where there is one set)
//! occupancy 104 ‖ zeros up to 4,032 ‖ MAC 32 ‖ checksum 32 ‖ slots 512 × 384
//! ```
//! The MAC is HMAC-SHA256 under a key from ROOT over everything but itself and the checksum; the checksum is SHA-256
//! over everything but itself. The checksum tells a torn copy from a whole one before anybody has signed in, so that a
//! stale copy is never asked where the newer one is whole; it proves nothing, the MAC does.
//! **Invariant:** each readable superblock has exactly one encoding, so checking the encoding checks the bytes read.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{CopyAt, SLOTS, Superblock};
use crate::privacy::seal::keyed_hash;
use crate::vault::keyring::slot::Slot;
use crate::vault::keyring::{KdfParams, Root};

const MAGIC: [u8; 8] = *b"VEILBOOK";
const FORMAT: u16 = 1;
const CIPHER: u16 = 1;
const PAGE: usize = 4096;
const HEAD: usize = PAGE - 64;

/// The sealed bits that say which slots are in use.
pub(super) const OCCUPANCY: usize = 24 + 64 + 16;

/// The length of one copy.
pub(super) const COPY: usize = PAGE + SLOTS as usize * Slot::LEN;

/// Why a file's superblock cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SuperblockError {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The file ends within its first copy.
    #[error("the file is cut off within its first {COPY} bytes")]
    CutOff,
    /// It does not begin as a vault does.
    #[error("the file is not a vault")]
    NotAVault,
    /// A format that this program does not know.
    #[error("the vault has format {0}, and this program knows format {FORMAT}")]
    UnknownFormat(u16),
    /// A cipher that this program does not know.
    #[error("the vault is encrypted with cipher {0}, which this program does not know")]
    UnknownCipher(u16),
    /// Another number of slots than there always are.
    #[error("the vault has {0} key slots where {SLOTS} belong")]
    SlotCount(u16),
    /// KDF parameters that would take too much, or cannot be.
    #[error("the vault asks for passphrase parameters out of bounds")]
    ParametersOutOfBounds,
    /// Both copies are damaged.
    #[error("both copies of the vault's head are damaged")]
    Damaged,
    /// Reading or writing failed.
    #[error("the vault's head could not be read or written: {0}")]
    Io(#[from] std::io::Error),
}

impl Superblock {
    /// Sets the MAC for what it now holds.
    pub(super) fn authenticate(&mut self, root: &Root) {
        self.mac = self.expected_mac(root);
    }

    /// Whether the MAC is right.
    pub(super) fn is_authentic(&self, root: &Root) -> bool {
        self.mac.ct_eq(&self.expected_mac(root)).into()
    }

    fn expected_mac(&self, root: &Root) -> [u8; 32] {
        keyed_hash(&self.key(root, "superblock-mac"), &[&self.head(), &self.slot_bytes()])
    }

    fn head(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(COPY);
        out.extend_from_slice(&MAGIC);
        let sets = u16::try_from(self.kdf.len()).unwrap_or(0);
        [FORMAT, CIPHER, SLOTS, sets].iter().for_each(|number| out.extend_from_slice(&number.to_be_bytes()));
        out.extend_from_slice(&self.vault);
        out.extend_from_slice(&self.file);
        out.extend_from_slice(&self.vault_salt);
        out.extend_from_slice(&self.epoch.to_be_bytes());
        out.extend_from_slice(&self.sequence.to_be_bytes());
        for at in 0..2 {
            let set = self.kdf.get(at).map_or([0; 3], |set| [set.t(), set.m_kib(), set.p()]);
            set.iter().for_each(|number| out.extend_from_slice(&number.to_be_bytes()));
        }
        out.extend_from_slice(&self.occupancy);
        out.resize(HEAD, 0);
        out
    }

    fn slot_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(COPY - PAGE);
        self.slots.iter().for_each(|slot| slot.put(&mut out));
        out
    }

    /// The bytes of a copy.
    pub(super) fn encode(&self) -> Vec<u8> {
        let slots = self.slot_bytes();
        let mut out = self.head();
        out.extend_from_slice(&self.mac);
        let checksum = checksum(&out, &slots);
        out.extend_from_slice(&checksum);
        out.extend_from_slice(&slots);
        out
    }

    /// Reads a copy. Everything is checked that can be without a key.
    pub(super) fn decode(bytes: &[u8], place: CopyAt) -> Result<Self, SuperblockError> {
        let mut rest = bytes;
        if take(&mut rest)? != MAGIC {
            return Err(SuperblockError::NotAVault);
        }
        let format = u16::from_be_bytes(take(&mut rest)?);
        if format != FORMAT {
            return Err(SuperblockError::UnknownFormat(format));
        }
        check_sum(bytes)?;
        let cipher = u16::from_be_bytes(take(&mut rest)?);
        if cipher != CIPHER {
            return Err(SuperblockError::UnknownCipher(cipher));
        }
        let count = u16::from_be_bytes(take(&mut rest)?);
        if count != SLOTS {
            return Err(SuperblockError::SlotCount(count));
        }
        let sets = u16::from_be_bytes(take(&mut rest)?);
        let (vault, file, vault_salt) = (take(&mut rest)?, take(&mut rest)?, take(&mut rest)?);
        let epoch = u64::from_be_bytes(take(&mut rest)?);
        let sequence = u64::from_be_bytes(take(&mut rest)?);
        let kdf = kdf_sets(sets, [take(&mut rest)?, take(&mut rest)?])?;
        let occupancy = take(&mut rest)?;
        let after_head = bytes.get(HEAD..).ok_or(SuperblockError::CutOff)?;
        let padding = rest.get(..rest.len() - after_head.len()).ok_or(SuperblockError::Damaged)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(SuperblockError::Damaged);
        }
        rest = after_head;
        let mac = take(&mut rest)?;
        let _checksum: [u8; 32] = take(&mut rest)?;
        let mut slots = Vec::with_capacity(usize::from(SLOTS));
        for _ in 0..SLOTS {
            let (slot, after) = Slot::take(rest).ok_or(SuperblockError::CutOff)?;
            slots.push(slot);
            rest = after;
        }
        Ok(Self { vault, file, vault_salt, kdf, epoch, sequence, occupancy, slots, mac, place, other: None })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], SuperblockError> {
    let (head, rest) = bytes.split_first_chunk::<N>().ok_or(SuperblockError::CutOff)?;
    *bytes = rest;
    Ok(*head)
}

fn kdf_sets(count: u16, sets: [[u8; 12]; 2]) -> Result<Vec<KdfParams>, SuperblockError> {
    let unused = sets.iter().skip(usize::from(count)).flatten().all(|byte| *byte == 0);
    if !(1..=2).contains(&count) || !unused {
        return Err(SuperblockError::ParametersOutOfBounds);
    }
    let read = |mut bytes: &[u8]| -> Result<KdfParams, SuperblockError> {
        let mut number = || take(&mut bytes).map(u32::from_be_bytes);
        KdfParams::new(number()?, number()?, number()?).ok_or(SuperblockError::ParametersOutOfBounds)
    };
    sets.iter().take(usize::from(count)).map(|set| read(set)).collect()
}

fn check_sum(bytes: &[u8]) -> Result<(), SuperblockError> {
    let cut = SuperblockError::CutOff;
    let (head, rest) = bytes.split_at_checked(HEAD + 32).ok_or(cut)?;
    let (found, slots) = rest.split_first_chunk::<32>().ok_or(SuperblockError::CutOff)?;
    if bytes.len() != COPY {
        return Err(SuperblockError::CutOff);
    }
    if *found == checksum(head, slots) { Ok(()) } else { Err(SuperblockError::Damaged) }
}

fn checksum(head: &[u8], slots: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(head).chain_update(slots).finalize().into()
}

/// Gives bytes that somebody changed the checksum that fits them, as an attacker would.
#[cfg(test)]
pub(super) fn forge_checksum(bytes: &mut [u8]) {
    let sum = checksum(&bytes[..HEAD + 32], &bytes[PAGE..]);
    bytes[HEAD + 32..PAGE].copy_from_slice(&sum);
}
