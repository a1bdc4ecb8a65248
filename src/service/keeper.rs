//! The key slots of an open vault: who can open it.
//!
//! **Invariant:** a change to a slot counts only once both copies of the superblock are durable.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::refusal::{KeysProblem, PassphraseProblem, Refusal};
use crate::clock::Entropy;
use crate::vault::backup::{Opener, Recipient};
use crate::vault::file::disk::Disk;
use crate::vault::keyring::{KdfParams, Passphrase, RecoveryKey, Root, UserKeys, VaultId};
use crate::vault::store::StoreError;
use crate::vault::superblock::{
    EnrollError, Enrolled, RECOVERY_SLOT, Renewal, Secret, SlotError, Superblock, UnlockError, Unlocked,
};
use crate::vault::tables::Tables;
use crate::vault::{OpenError, opening};

/// Keeps the superblock together with ROOT, which signs it.
#[derive(Debug)]
pub struct Keeper {
    disk: Arc<dyn Disk>,
    superblock: Mutex<Superblock>,
    root: Root,
    verify_key: [u8; 32],
    held: AtomicBool,
}

/// What passphrases cost, and how often ROOT was replaced.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    pub(super) kdf: KdfParams,
    pub(super) kdf_before: Option<KdfParams>,
    pub(super) epoch: u64,
}

impl Keeper {
    /// The keeper of an unlocked vault. `verify_key` is what checkpoints of its record are verified with.
    pub fn new(disk: Arc<dyn Disk>, superblock: Superblock, root: Root, verify_key: [u8; 32]) -> Self {
        Self { disk, superblock: Mutex::new(superblock), root, verify_key, held: AtomicBool::new(false) }
    }

    /// Which file this is, and how often ROOT was replaced.
    pub fn file_and_epoch(&self) -> ([u8; 16], u64) {
        let superblock = self.superblock.lock().unwrap_or_else(PoisonError::into_inner);
        (superblock.file_id(), superblock.root_epoch())
    }

    /// What checkpoints of the record are verified with, as it lies in the slot of whoever opened the vault.
    pub fn verify_key(&self) -> &[u8; 32] {
        &self.verify_key
    }

    fn change<T>(&self, change: impl FnOnce(&mut Superblock) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut superblock = self.superblock.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_held() {
            return Err(Refusal::Keys(KeysProblem::Rotating));
        }
        let mut next = superblock.clone();
        let done = change(&mut next)?;
        next.write(&*self.disk, &self.root).map_err(|error| Refusal::Storage(error.to_string()))?;
        *superblock = next;
        Ok(done)
    }

    /// Lets nobody change a slot until [`Self::release`]; refused where that holds already.
    pub fn hold(&self) -> Result<(), Refusal> {
        let _changing = self.superblock.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.held.swap(true, Ordering::AcqRel);
        if held { Err(Refusal::Keys(KeysProblem::Rotating)) } else { Ok(()) }
    }

    /// Lets slots be changed again.
    pub fn release(&self) {
        self.held.store(false, Ordering::Release);
    }

    /// Whether nobody may change a slot.
    pub fn is_held(&self) -> bool {
        self.held.load(Ordering::Acquire)
    }

    /// The superblock as it stands.
    pub fn superblock(&self) -> Superblock {
        self.superblock.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What passphrases cost, and how often ROOT was replaced.
    pub fn standing(&self) -> Standing {
        let superblock = self.superblock.lock().unwrap_or_else(PoisonError::into_inner);
        Standing { kdf: superblock.kdf(), kdf_before: superblock.kdf_before(), epoch: superblock.root_epoch() }
    }

    /// Opens what a name and passphrase unlock, without changing anything.
    pub fn unlock(&self, name: &str, passphrase: &Passphrase) -> Result<Unlocked, UnlockError> {
        self.superblock().unlock(name, passphrase)
    }

    /// Moves a slot to the parameters in force, and gives its generation from now on.
    pub fn renew(&self, slot: u16, renewal: &Renewal, entropy: &dyn Entropy) -> Result<u64, Refusal> {
        self.change(|superblock| superblock.renew(slot, renewal, &self.root, entropy).map_err(damaged))
    }

    /// Sets what passphrases cost from now on; those set before keep working until [`Self::end_recalibration`].
    pub fn recalibrate(&self, next: KdfParams) -> Result<(), Refusal> {
        self.change(|superblock| {
            superblock.begin_recalibration(next, &self.root);
            Ok(())
        })
    }

    /// Forgets the earlier parameters.
    pub fn end_recalibration(&self) -> Result<(), Refusal> {
        self.change(|superblock| {
            superblock.end_recalibration(&self.root);
            Ok(())
        })
    }

    /// Gives the recovery key's slot to `key`.
    pub fn set_recovery(
        &self,
        key: &RecoveryKey,
        generation: u64,
        granter: &UserKeys,
        entropy: &dyn Entropy,
    ) -> Result<(), Refusal> {
        self.change(|superblock| {
            superblock.set_recovery(key, generation, granter, &self.root, self.verify_key, entropy).map_err(damaged)
        })
    }

    /// Erases the recovery key's slot, if it is in use.
    pub fn clear_recovery(&self, entropy: &dyn Entropy) -> Result<(), Refusal> {
        if !self.occupied()?.contains(&RECOVERY_SLOT) {
            return Ok(());
        }
        self.change(|superblock| superblock.clear_recovery(&self.root, entropy).map_err(damaged))
    }

    /// Whether the recovery key's slot was written for the holder of this kem public key.
    pub fn recovery_is_for(&self, kem_public: &[u8; 32]) -> bool {
        self.superblock().recovery_is_for(kem_public)
    }

    /// Whether this is the recovery key.
    pub fn is_recovery_key(&self, key: &RecoveryKey) -> bool {
        self.superblock().is_recovery_key(key)
    }

    fn occupied(&self) -> Result<Vec<u16>, Refusal> {
        let occupied = self.superblock().occupied(&self.root);
        occupied.ok_or_else(|| Refusal::Damaged("the vault's head is damaged".into()))
    }

    /// Gives a slot to an owner who is established anew, and who grants ROOT to themselves.
    pub fn enroll_owner(
        &self,
        name: &str,
        passphrase: &Passphrase,
        entropy: &dyn Entropy,
    ) -> Result<Enrolled, Refusal> {
        self.change(|superblock| {
            superblock.enroll_owner(&self.root, name, passphrase, self.verify_key, entropy).map_err(not_enrolled)
        })
    }

    /// Gives somebody a slot.
    pub fn enroll(
        &self,
        granter: &UserKeys,
        name: &str,
        passphrase: &Passphrase,
        entropy: &dyn Entropy,
    ) -> Result<Enrolled, Refusal> {
        self.change(|superblock| {
            superblock.enroll(granter, &self.root, name, passphrase, self.verify_key, entropy).map_err(not_enrolled)
        })
    }

    /// Sets a new passphrase for somebody who knows the present one.
    pub fn change_passphrase(
        &self,
        name: &str,
        current: &Passphrase,
        next: &Passphrase,
        secret: Secret,
        entropy: &dyn Entropy,
    ) -> Result<Unlocked, Refusal> {
        self.change(|superblock| {
            superblock.change_passphrase(name, current, next, secret, entropy).map_err(|e| match e {
                UnlockError::WrongNameOrPassphrase => Refusal::Passphrase(PassphraseProblem::Present),
                other => Refusal::Damaged(other.to_string()),
            })
        })
    }

    /// What opens backups of this vault.
    pub fn opener(&self, vault: &VaultId) -> Opener {
        Opener::root(&self.root, vault)
    }

    /// Whom backups are made for, as far as keys of the vault itself go.
    pub fn recipient(&self, vault: &VaultId) -> Recipient {
        Recipient::of_root(&self.root, vault)
    }

    /// The tables of a copy of this vault that lies on `disk`.
    pub fn open_copy(&self, disk: &Arc<dyn Disk>, entropy: &Arc<dyn Entropy>) -> Result<Tables, OpenError> {
        let read = Superblock::read(&**disk).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let (superblock, _) = read;
        opening::open(disk, &superblock, &self.root, entropy)
    }

    /// Erases the slots in use that are not among `known`.
    pub fn erase_others(&self, known: &[u16], entropy: &dyn Entropy) -> Result<(), Refusal> {
        for slot in self.occupied()?.into_iter().filter(|slot| *slot != RECOVERY_SLOT && !known.contains(slot)) {
            self.disable(slot, entropy)?;
        }
        Ok(())
    }

    /// Erases a slot.
    pub fn disable(&self, slot: u16, entropy: &dyn Entropy) -> Result<(), Refusal> {
        self.change(|superblock| {
            superblock.disable(slot, &self.root, entropy).map_err(|error| Refusal::Damaged(error.to_string()))
        })
    }
}

fn damaged(error: SlotError) -> Refusal {
    Refusal::Damaged(error.to_string())
}

fn not_enrolled(error: EnrollError) -> Refusal {
    match error {
        EnrollError::Full => Refusal::NoFreeSlot,
        EnrollError::AlreadyThere => Refusal::NameTaken,
        other => Refusal::Damaged(other.to_string()),
    }
}
