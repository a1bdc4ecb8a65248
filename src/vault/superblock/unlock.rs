//! From a name and passphrase to ROOT.
//!
//! **Invariant:** an unknown name runs the same Argon2id over the same memory and compares with the same slots as a
//! known one; nothing comes out before the superblock's MAC under ROOT holds.

use subtle::ConstantTimeEq;

use super::{RECOVERY_SLOT, SLOTS, Superblock};
use crate::vault::keyring::slot::{LoginKeys, Personal};
use crate::vault::keyring::{KdfError, Passphrase, RecoveryKey, Root, UserKeys, login_key, login_salt};

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

/// What moves a slot to the parameters in force. It is made while the passphrase is at hand, and holds keys, not the
/// passphrase.
pub struct Renewal {
    pub(super) keys: LoginKeys,
    pub(super) personal: Personal,
}

impl std::fmt::Debug for Renewal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Renewal(..)")
    }
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
    /// Set when the slot still has the passphrase under earlier parameters: [`Superblock::renew`] moves it.
    pub renewal: Option<Renewal>,
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
        let (slot, personal, newer) = self.find(name, passphrase)?;
        let mut unlocked = self.unlocked_with(slot, &personal)?;
        unlocked.renewal = newer.map(|keys| Renewal { keys, personal });
        Ok(unlocked)
    }

    /// The slot that belongs to this login, its personal part, and the keys of the parameters in force where the slot
    /// was written under earlier ones.
    pub(super) fn find(
        &self,
        name: &str,
        passphrase: &Passphrase,
    ) -> Result<(u16, Personal, Option<LoginKeys>), UnlockError> {
        let mut found = Err(UnlockError::WrongNameOrPassphrase);
        let mut all = self.login_keys(name, passphrase)?;
        let last = all.len().saturating_sub(1);
        for (at, keys) in all.iter().enumerate() {
            for slot in self.committed(keys) {
                // A slot copied to another place has the commitment but not the associated data.
                let opened = self.slots.get(usize::from(slot)).map(|found| found.personal(keys, &self.vault, slot));
                match opened {
                    Some(Ok(personal)) => found = Ok((slot, personal, at)),
                    _ if found.is_err() => found = Err(UnlockError::Damaged),
                    _ => {}
                }
            }
        }
        let (slot, personal, at) = found?;
        Ok((slot, personal, all.pop().filter(|_| at < last)))
    }

    /// Unlocks with the recovery key, whose slot no name and passphrase open.
    pub fn unlock_recovery(&self, key: &RecoveryKey) -> Result<Unlocked, UnlockError> {
        let first = self.recovered_here(key);
        match (&first, &self.other) {
            (Err(UnlockError::Damaged), Some(other)) => {
                let mut unlocked = other.recovered_here(key).or(first)?;
                unlocked.mended = Some(other.clone());
                Ok(unlocked)
            }
            _ => first,
        }
    }

    fn recovered_here(&self, key: &RecoveryKey) -> Result<Unlocked, UnlockError> {
        let keys = key.login(&self.vault);
        let slot = self.slots.get(usize::from(RECOVERY_SLOT)).ok_or(UnlockError::Damaged)?;
        if !bool::from(slot.commitment().ct_eq(keys.commitment())) {
            return Err(UnlockError::WrongNameOrPassphrase);
        }
        let personal = slot.personal(&keys, &self.vault, RECOVERY_SLOT).map_err(|_| UnlockError::Damaged)?;
        self.unlocked_with(RECOVERY_SLOT, &personal)
    }

    /// Whether the recovery key's slot is that of `key`. Needs nothing but the key.
    pub fn is_recovery_key(&self, key: &RecoveryKey) -> bool {
        let keys = key.login(&self.vault);
        let slot = self.slots.get(usize::from(RECOVERY_SLOT));
        slot.is_some_and(|slot| slot.commitment().ct_eq(keys.commitment()).into())
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
        Ok(Unlocked { slot, generation, root, user, log_verify_key, granter, renewal: None, mended: None })
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
