//! The superblock: what the vault's file begins with, in two copies, and the only part that is read without a key.
//!
//! It names the vault and the file, says what a passphrase costs, and holds 512 slots of one size, of which those in
//! use cannot be told from the free ones without ROOT.
//!
//! **Invariant:** nothing runs with parameters that were not checked first; nothing that was read is believed before
//! its MAC under ROOT holds; a slot that was rewritten or erased is so in both copies before the change is answered.

mod format;
mod region;
mod staff;
#[cfg(test)]
mod tests;
mod unlock;

use crate::clock::Entropy;
use crate::vault::keyring::slot::{Slot, Standing};
use crate::vault::keyring::{KdfParams, Root, VaultId};

pub use format::SuperblockError;
pub use region::{SUPERBLOCK_REGION, Warning};
pub use staff::{EnrollError, Enrolled, RotateError, Secret, SlotError};
pub use unlock::{Renewal, UnlockError, Unlocked};

/// How many slots there are, always.
pub const SLOTS: u16 = 512;

/// The slot that is kept for the recovery key. It holds nothing usable until one is made.
pub const RECOVERY_SLOT: u16 = 0;

/// Which of the two copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CopyAt {
    First,
    Second,
}

/// The head of the vault's file. Holds no secret in the clear.
#[derive(Clone)]
pub struct Superblock {
    vault: VaultId,
    file: [u8; 16],
    vault_salt: [u8; 32],
    /// One set, or two while a recalibration is under way; new passphrases take the last.
    kdf: Vec<KdfParams>,
    epoch: u64,
    sequence: u64,
    /// Which slots are in use: a bit each, in a box under a key from ROOT.
    occupancy: [u8; format::OCCUPANCY],
    slots: Vec<Slot>,
    mac: [u8; 32],
    /// Where it was read from or last written to.
    place: CopyAt,
    /// The other copy, if it was readable and different.
    other: Option<Box<Superblock>>,
}

/// Shows which vault, nothing of its slots.
impl std::fmt::Debug for Superblock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Superblock")
            .field("epoch", &self.epoch)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

impl Superblock {
    /// The superblock of a new vault with nobody in it; [`Self::enroll_owner`] comes next, then [`Self::write`].
    /// Callers make real vaults with at least [`KdfParams::FLOOR`].
    pub fn create(kdf: KdfParams, root: &Root, entropy: &dyn Entropy) -> Self {
        let slots = (0..SLOTS).map(|_| Slot::random(entropy)).collect();
        let mut made = Self {
            vault: entropy.bytes(),
            file: entropy.bytes(),
            vault_salt: entropy.bytes(),
            kdf: vec![kdf],
            epoch: 1,
            sequence: 0,
            occupancy: [0; format::OCCUPANCY],
            slots,
            mac: [0; 32],
            place: CopyAt::Second,
            other: None,
        };
        made.set_occupancy(root, staff::Occupancy::default(), entropy);
        made.authenticate(root);
        made
    }

    /// The vault's id.
    pub fn vault_id(&self) -> VaultId {
        self.vault
    }

    /// The file's id, new with every rotation.
    pub fn file_id(&self) -> [u8; 16] {
        self.file
    }

    /// What a name and passphrase are tried with: the vault's salt, and the sets of parameters in use.
    pub(in crate::vault) fn login_costs(&self) -> (&[u8; 32], &[KdfParams]) {
        (&self.vault_salt, &self.kdf)
    }

    /// The bytes of a slot, in use or not.
    pub(in crate::vault) fn slot(&self, slot: u16) -> Option<&Slot> {
        self.slots.get(usize::from(slot))
    }

    /// How often ROOT was replaced, from 1.
    pub fn root_epoch(&self) -> u64 {
        self.epoch
    }

    /// Grows with every write.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// What a new passphrase costs.
    pub fn kdf(&self) -> KdfParams {
        self.kdf.last().copied().unwrap_or(KdfParams::FLOOR)
    }

    /// What passphrases cost that were not set again since a recalibration began; none where none is under way.
    pub fn kdf_before(&self) -> Option<KdfParams> {
        self.kdf.first().copied().filter(|_| self.kdf.len() > 1)
    }

    /// From now on passphrases are set with `next`; those set before keep working until [`Self::end_recalibration`].
    pub fn begin_recalibration(&mut self, next: KdfParams, root: &Root) {
        let before = self.kdf();
        self.kdf = if before == next { vec![next] } else { vec![before, next] };
        self.authenticate(root);
    }

    /// Forgets the earlier parameters, and with them every slot whose passphrase was not set again.
    pub fn end_recalibration(&mut self, root: &Root) {
        self.kdf = vec![self.kdf()];
        self.authenticate(root);
    }

    fn standing(&self, slot: u16) -> Standing {
        Standing { vault: self.vault, file: self.file, slot, epoch: self.epoch }
    }

    fn slot_mut(&mut self, slot: u16) -> Option<&mut Slot> {
        self.slots.get_mut(usize::from(slot))
    }

    fn key(&self, root: &Root, name: &str) -> zeroize::Zeroizing<[u8; 32]> {
        root.derive(name, &self.vault, &[&self.file, &self.epoch.to_be_bytes()])
    }
}
