//! One slot of the superblock: what a name and passphrase open.
//!
//! ```text
//! commitment 32 ‖ generation 8 ‖ personal 104 ‖ root 240
//! personal    box under the slot key, aad = vault, slot, generation: user secret 32 ‖ log verification key 32
//! root        box under the veil key, aad = vault, slot: granter's cosign key 32 ‖ signature 64 ‖ ROOT sealed to the user-kem 104
//! generation  counts the passphrases of the slot; XORed with bytes from the login key
//! ```
//!
//! X25519 keys, Ed25519 keys and signatures can be told from random bytes (their top bits, and whether they lie on the
//! curve), and would show which slots are in use. So the root part lies in a second box, the *veil*, whose key comes
//! from the person's kem public key. That key stands only in encrypted tables, so outsiders see random bytes, and whoever
//! may grant can still write a root part without the person's passphrase. ROOT's secrecy rests on the inner seal alone.
//! **Invariant:** every byte of a slot in use looks as random as those of a free one.

use zeroize::Zeroizing;

use super::derive::{Root, VaultId, derive, label};
use super::sealing::{BOX, BOX_FOR, SealingError, open, seal, seal_to};
use super::user::{UserKeys, verify};
use crate::clock::Entropy;

const PERSONAL: usize = BOX + 64;
const SEALED_ROOT: usize = BOX_FOR + 32;
const ROOT_PART: usize = BOX + 32 + 64 + SEALED_ROOT;

/// The bytes of one slot, in use or free.
#[derive(Clone)]
pub(in crate::vault) struct Slot {
    commitment: [u8; 32],
    generation: [u8; 8],
    personal: [u8; PERSONAL],
    root: [u8; ROOT_PART],
}

/// What a login key gives: the commitment to it, the slot key, the mask of the generation.
pub(in crate::vault) struct LoginKeys {
    commitment: Zeroizing<[u8; 32]>,
    kek: Zeroizing<[u8; 32]>,
    mask: Zeroizing<[u8; 32]>,
}

impl LoginKeys {
    /// The keys of what Argon2id gave.
    pub fn new(login_key: &[u8; 32], vault: &VaultId) -> Self {
        Self {
            commitment: derive(login_key, "slot-commit", vault, &[]),
            kek: derive(login_key, "slot-kek", vault, &[]),
            mask: derive(login_key, "slot-generation", vault, &[]),
        }
    }

    /// What a slot of this login begins with. An AEAD does not commit to its key; this does.
    pub fn commitment(&self) -> &[u8; 32] {
        &self.commitment
    }

    fn masked(&self, generation: [u8; 8]) -> [u8; 8] {
        let mut out = generation;
        out.iter_mut().zip(self.mask.iter()).for_each(|(byte, mask)| *byte ^= mask);
        out
    }
}

/// Where a slot stands: what its root part is bound to.
#[derive(Clone, Copy)]
pub(in crate::vault) struct Standing {
    pub vault: VaultId,
    pub file: [u8; 16],
    pub slot: u16,
    pub epoch: u64,
}

/// What the personal part holds.
pub(in crate::vault) struct Personal {
    pub generation: u64,
    pub secret: Zeroizing<[u8; 32]>,
    pub log_verify_key: [u8; 32],
}

impl Slot {
    /// Its length in bytes.
    pub const LEN: usize = 32 + 8 + PERSONAL + ROOT_PART;

    /// A free slot.
    pub fn random(entropy: &dyn Entropy) -> Self {
        Self {
            commitment: entropy.bytes(),
            generation: entropy.bytes(),
            personal: entropy.bytes(),
            root: entropy.bytes(),
        }
    }

    /// The slot that begins `bytes`, and what follows it.
    pub fn take(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (commitment, rest) = bytes.split_first_chunk()?;
        let (generation, rest) = rest.split_first_chunk()?;
        let (personal, rest) = rest.split_first_chunk()?;
        let (root, rest) = rest.split_first_chunk()?;
        let slot = Self { commitment: *commitment, generation: *generation, personal: *personal, root: *root };
        Some((slot, rest))
    }

    /// Appends its bytes.
    pub fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.commitment);
        out.extend_from_slice(&self.generation);
        out.extend_from_slice(&self.personal);
        out.extend_from_slice(&self.root);
    }

    /// What it begins with: the commitment to a login key, or random bytes.
    pub fn commitment(&self) -> &[u8; 32] {
        &self.commitment
    }

    /// Writes the personal part and the commitment.
    pub fn set_personal(
        &mut self,
        keys: &LoginKeys,
        vault: &VaultId,
        slot: u16,
        content: &Personal,
        entropy: &dyn Entropy,
    ) {
        let mut plain = Zeroizing::new([0; 64]);
        let bytes = content.secret.iter().chain(&content.log_verify_key);
        plain.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let aad = personal_aad(vault, slot, content.generation);
        self.commitment = *keys.commitment;
        self.generation = keys.masked(content.generation.to_be_bytes());
        self.personal = fixed(&seal(&keys.kek, &aad, plain.as_ref(), entropy));
    }

    /// Opens the personal part.
    pub fn personal(&self, keys: &LoginKeys, vault: &VaultId, slot: u16) -> Result<Personal, SealingError> {
        let generation = u64::from_be_bytes(keys.masked(self.generation));
        let plain = open(&keys.kek, &personal_aad(vault, slot, generation), &self.personal)?;
        let (secret, rest) = plain.split_first_chunk::<32>().ok_or(SealingError::NotAuthentic)?;
        let log_verify_key = *rest.first_chunk().ok_or(SealingError::NotAuthentic)?;
        Ok(Personal { generation, secret: Zeroizing::new(*secret), log_verify_key })
    }

    /// Writes the root part: ROOT for the holder of `kem_public`, signed by `granter`.
    pub fn set_root(
        &mut self,
        at: Standing,
        kem_public: &[u8; 32],
        root: &Root,
        granter: &UserKeys,
        entropy: &dyn Entropy,
    ) -> Result<(), SealingError> {
        let sealed = seal_to(kem_public, &root_aad(at), root.bytes(), entropy)?;
        let mut plain = granter.cosign_public().to_vec();
        plain.extend_from_slice(&granter.sign(&signed(at, kem_public, &sealed)));
        plain.extend_from_slice(&sealed);
        self.root = fixed(&seal(&veil(kem_public, at), &veil_aad(at), &plain, entropy));
        Ok(())
    }

    /// Whether the root part was written for the holder of `kem_public`; only ROOT's own secrecy rests on more.
    pub fn is_for(&self, at: Standing, kem_public: &[u8; 32]) -> bool {
        open(&veil(kem_public, at), &veil_aad(at), &self.root).is_ok()
    }

    /// Opens the root part: ROOT, and the cosign key of who granted it, whose signature has been checked. Whether that
    /// person may grant stands in the tables, which only ROOT opens, so the caller checks it afterwards.
    pub fn root(&self, at: Standing, user: &UserKeys) -> Result<(Root, [u8; 32]), SealingError> {
        let kem_public = user.kem_public();
        let plain = open(&veil(&kem_public, at), &veil_aad(at), &self.root)?;
        let (granter, rest) = plain.split_first_chunk::<32>().ok_or(SealingError::NotAuthentic)?;
        let (signature, sealed) = rest.split_first_chunk::<64>().ok_or(SealingError::NotAuthentic)?;
        verify(granter, &signed(at, &kem_public, sealed), signature).map_err(|_| SealingError::NotAuthentic)?;
        let root = user.open_sealed_to_me(&root_aad(at), sealed)?;
        let root = root.first_chunk::<32>().ok_or(SealingError::NotAuthentic)?;
        Ok((Root::from_bytes(Zeroizing::new(*root)), *granter))
    }
}

fn personal_aad(vault: &VaultId, slot: u16, generation: u64) -> Vec<u8> {
    label("slot-personal", vault, &[&slot.to_be_bytes(), &generation.to_be_bytes()])
}

fn root_aad(at: Standing) -> Vec<u8> {
    label("slot-root", &at.vault, &[&at.file, &at.slot.to_be_bytes(), &at.epoch.to_be_bytes()])
}

fn signed(at: Standing, kem_public: &[u8; 32], sealed: &[u8]) -> Vec<u8> {
    let context: [&[u8]; 5] = [&at.file, &at.slot.to_be_bytes(), &at.epoch.to_be_bytes(), kem_public, sealed];
    label("slot-root-grant", &at.vault, &context)
}

fn veil(kem_public: &[u8; 32], at: Standing) -> Zeroizing<[u8; 32]> {
    derive(kem_public, "slot-veil", &at.vault, &[])
}

fn veil_aad(at: Standing) -> Vec<u8> {
    label("slot-veil", &at.vault, &[&at.slot.to_be_bytes()])
}

/// The bytes as an array. Their number is fixed by the formats above.
fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    debug_assert_eq!(bytes.len(), N);
    let mut out = [0; N];
    out.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    out
}
