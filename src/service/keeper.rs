//! The key slots of an open vault: who can open it.
//!
//! **Invariant:** a change to a slot counts only once both copies of the superblock are durable.

use std::sync::{Arc, Mutex, PoisonError};

use super::refusal::{PassphraseProblem, Refusal};
use crate::clock::Entropy;
use crate::vault::file::disk::Disk;
use crate::vault::keyring::{Passphrase, Root, UserKeys};
use crate::vault::superblock::{EnrollError, Enrolled, RECOVERY_SLOT, Secret, Superblock, UnlockError, Unlocked};

/// Keeps the superblock together with ROOT, which signs it.
#[derive(Debug)]
pub struct Keeper {
    disk: Arc<dyn Disk>,
    superblock: Mutex<Superblock>,
    root: Root,
    verify_key: [u8; 32],
}

impl Keeper {
    /// The keeper of an unlocked vault. `verify_key` is what checkpoints of its record are verified with.
    pub fn new(disk: Arc<dyn Disk>, superblock: Superblock, root: Root, verify_key: [u8; 32]) -> Self {
        Self { disk, superblock: Mutex::new(superblock), root, verify_key }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Superblock) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut superblock = self.superblock.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = superblock.clone();
        let done = change(&mut next)?;
        next.write(&*self.disk, &self.root).map_err(|error| Refusal::Storage(error.to_string()))?;
        *superblock = next;
        Ok(done)
    }

    /// Opens what a name and passphrase unlock, without changing anything.
    pub fn unlock(&self, name: &str, passphrase: &Passphrase) -> Result<Unlocked, UnlockError> {
        let superblock = self.superblock.lock().unwrap_or_else(PoisonError::into_inner).clone();
        superblock.unlock(name, passphrase)
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
            superblock.enroll(granter, &self.root, name, passphrase, self.verify_key, entropy).map_err(|e| match e {
                EnrollError::Full => Refusal::NoFreeSlot,
                EnrollError::AlreadyThere => Refusal::NameTaken,
                other => Refusal::Damaged(other.to_string()),
            })
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

    /// Erases the slots in use that are not among `known`.
    pub fn erase_others(&self, known: &[u16], entropy: &dyn Entropy) -> Result<(), Refusal> {
        let occupied = self.superblock.lock().unwrap_or_else(PoisonError::into_inner).occupied(&self.root);
        let occupied = occupied.ok_or_else(|| Refusal::Damaged("the vault's head is damaged".into()))?;
        for slot in occupied.into_iter().filter(|slot| *slot != RECOVERY_SLOT && !known.contains(slot)) {
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
