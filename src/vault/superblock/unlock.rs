//! From a name and passphrase to ROOT.
//!
//! **Invariant:** an unknown name runs the same Argon2id over the same memory and compares with the same slots as a
//! known one; nothing comes out before the superblock's MAC under ROOT holds.

use subtle::ConstantTimeEq;

use super::{RECOVERY_SLOT, SLOTS, Superblock};
use crate::vault::keyring::slot::{LoginKeys, Personal};
use crate::vault::keyring::{KdfError, Passphrase, Root, UserKeys, login_key, login_salt};

/// Why nothing was unlocked. It does not say which of name and passphrase was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    /// No slot belongs to this name and passphrase.
    #[error("the name or the passphrase is wrong")]
    WrongNameOrPassphrase,
    /// A slot belongs to them but does not open, or the MAC is wrong, in every copy there is.
    #[error("the vault's head is damaged: the passphrase fits, what it protects does not")]
    Damaged,
    /// The passphrase could not be checked.
    #[error(transparent)]
    Kdf(#[from] KdfError),
}

/// What a name and passphrase give.
#[derive(Debug)]
pub struct Unlocked {
    /// The slot.
    pub slot: u16,
    /// Which passphrase of this slot it is, from 1. The tables keep the latest: a smaller one here means that an old
    /// superblock was put back.
    pub generation: u64,
    /// ROOT of the present epoch.
    pub root: Root,
    /// The person's own keys.
    pub user: UserKeys,
    /// What checkpoints of the record of actions are verified with, as the person last confirmed it.
    pub log_verify_key: [u8; 32],
    /// The cosign key of whoever gave this person ROOT. The signature holds; whether that person may (or, for an owner
    /// and after a first sign-in, is this person) is for the caller to look up in the tables.
    pub granter: [u8; 32],
    /// Set when the copy in hand failed and the other one held: keep this one from now on, write it, and tell the person.
    pub mended: Option<Box<Superblock>>,
}

impl Superblock {
    /// Unlocks with what somebody typed. Takes as long as the KDF parameters say, twice that during a recalibration.
    pub fn unlock(&self, name: &str, passphrase: &Passphrase) -> Result<Unlocked, UnlockError> {
        let first = self.unlock_here(name, passphrase);
        let Some(other) = &self.other else { return first };
        let retry = match first {
            Err(UnlockError::Damaged) => true,
            // An older copy is never asked about a passphrase that the newer one does not know.
            Err(UnlockError::WrongNameOrPassphrase) => other.sequence == self.sequence,
            _ => false,
        };
        if !retry {
            return first;
        }
        let mut unlocked = other.unlock_here(name, passphrase).or(first)?;
        unlocked.mended = Some(other.clone());
        Ok(unlocked)
    }

    fn unlock_here(&self, name: &str, passphrase: &Passphrase) -> Result<Unlocked, UnlockError> {
        let (slot, personal) = self.find(name, passphrase)?;
        self.unlocked_with(slot, &personal)
    }

    /// The slot that belongs to this login, and its personal part.
    pub(super) fn find(&self, name: &str, passphrase: &Passphrase) -> Result<(u16, Personal), UnlockError> {
        let mut found = Err(UnlockError::WrongNameOrPassphrase);
        for keys in self.login_keys(name, passphrase)? {
            for slot in self.committed(&keys) {
                // A slot copied to another place has the commitment but not the associated data.
                let opened = self.slots.get(usize::from(slot)).map(|found| found.personal(&keys, &self.vault, slot));
                match opened {
                    Some(Ok(personal)) => found = Ok((slot, personal)),
                    _ if found.is_err() => found = Err(UnlockError::Damaged),
                    _ => {}
                }
            }
        }
        found
    }

    /// What the slot gives to the holder of its personal part.
    pub(super) fn unlocked_with(&self, slot: u16, personal: &Personal) -> Result<Unlocked, UnlockError> {
        let user = UserKeys::from_secret(&personal.secret, &self.vault);
        let bytes = self.slots.get(usize::from(slot)).ok_or(UnlockError::Damaged)?;
        let (root, granter) = bytes.root(self.standing(slot), &user).map_err(|_| UnlockError::Damaged)?;
        if !self.is_authentic(&root) {
            return Err(UnlockError::Damaged);
        }
        let Personal { generation, log_verify_key, .. } = *personal;
        Ok(Unlocked { slot, generation, root, user, log_verify_key, granter, mended: None })
    }

    /// One login key for each set of parameters; all of them are always computed.
    pub(super) fn login_keys(&self, name: &str, passphrase: &Passphrase) -> Result<Vec<LoginKeys>, KdfError> {
        let salt = login_salt(&self.vault_salt, name);
        let key = |params: &_| login_key(*params, passphrase, &salt).map(|key| LoginKeys::new(&key, &self.vault));
        self.kdf.iter().map(key).collect()
    }

    /// The slots with this commitment. Each comparison takes the same time whatever it finds; which slot it was shows
    /// only after all have been compared.
    pub(super) fn committed(&self, keys: &LoginKeys) -> Vec<u16> {
        let compared: Vec<_> = self.slots.iter().map(|slot| slot.commitment().ct_eq(keys.commitment())).collect();
        let numbered = (0..SLOTS).zip(compared).filter(|(slot, _)| *slot != RECOVERY_SLOT);
        numbered.filter(|(_, equal)| bool::from(*equal)).map(|(slot, _)| slot).collect()
    }
}
