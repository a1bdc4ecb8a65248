//! Giving slots, changing what opens them, erasing them.
//!
//! **Invariant:** everything here changes memory only; nothing counts before [`Superblock::write`] has returned. A slot
//! that is taken is drawn at random among the free ones, so its place says nothing about who came when.

use zeroize::Zeroizing;

use super::format::OCCUPANCY;
use super::unlock::{Renewal, UnlockError, Unlocked};
use super::{RECOVERY_SLOT, SLOTS, Superblock};
use crate::clock::Entropy;
use crate::vault::keyring::slot::{Personal, Slot};
use crate::vault::keyring::{KdfError, Passphrase, RecoveryKey, Root, SealingError, UserKeys, open, seal};

/// One bit a slot; the highest bit of the first byte is slot 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Occupancy([u8; 64]);

impl Default for Occupancy {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl Occupancy {
    fn holds(&self, slot: u16) -> bool {
        self.0.get(usize::from(slot / 8)).is_some_and(|byte| byte & mask(slot) != 0)
    }

    fn take(&mut self, slot: u16) {
        if let Some(byte) = self.0.get_mut(usize::from(slot / 8)) {
            *byte |= mask(slot);
        }
    }

    fn free(&mut self, slot: u16) {
        if let Some(byte) = self.0.get_mut(usize::from(slot / 8)) {
            *byte &= !mask(slot);
        }
    }
}

fn mask(slot: u16) -> u8 {
    0x80 >> (slot % 8)
}

/// Why nobody was enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrollError {
    /// Every slot is in use.
    #[error("the vault has no free key slot left")]
    Full,
    /// A slot has this name and passphrase already.
    #[error("this name and passphrase are enrolled already")]
    AlreadyThere,
    /// ROOT does not open the superblock.
    #[error("the vault's head is damaged")]
    Damaged,
    /// The passphrase could not be worked on.
    #[error(transparent)]
    Kdf(#[from] KdfError),
}

/// Why a slot was not erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// There is no such slot, or it is the recovery key's.
    #[error("there is no key slot {0} for staff")]
    NoSuchSlot(u16),
    /// ROOT does not open the superblock.
    #[error("the vault's head is damaged")]
    Damaged,
}

/// Why a superblock for the next epoch was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotateError {
    /// There is no such slot.
    #[error("there is no key slot {0}")]
    NoSuchSlot(u16),
    /// Somebody's public key cannot be sealed to.
    #[error(transparent)]
    Sealing(#[from] SealingError),
}

/// What becomes of a person's own keys when their passphrase changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// They stay; so do the grants made to them.
    Kept,
    /// They are made anew, so that whoever drew up the setup code never held them. For a first sign-in: the tables get
    /// the new public keys, and grants are made to those.
    Renewed,
}

/// Who was enrolled.
#[derive(Debug)]
pub struct Enrolled {
    /// The slot.
    pub slot: u16,
    /// Which passphrase of the slot this is: 1.
    pub generation: u64,
    /// The person's keys: the public halves go into the tables, the rest is dropped.
    pub user: UserKeys,
}

impl Superblock {
    /// Enrols the first owner, who grants ROOT to themselves.
    pub fn enroll_owner(
        &mut self,
        root: &Root,
        name: &str,
        passphrase: &Passphrase,
        log_verify_key: [u8; 32],
        entropy: &dyn Entropy,
    ) -> Result<Enrolled, EnrollError> {
        self.place(None, root, name, passphrase, log_verify_key, entropy)
    }

    /// Enrols somebody with a first passphrase, mostly a setup code. Names must be unique, which the tables hold.
    pub fn enroll(
        &mut self,
        granter: &UserKeys,
        root: &Root,
        name: &str,
        passphrase: &Passphrase,
        log_verify_key: [u8; 32],
        entropy: &dyn Entropy,
    ) -> Result<Enrolled, EnrollError> {
        self.place(Some(granter), root, name, passphrase, log_verify_key, entropy)
    }

    fn place(
        &mut self,
        granter: Option<&UserKeys>,
        root: &Root,
        name: &str,
        passphrase: &Passphrase,
        log_verify_key: [u8; 32],
        entropy: &dyn Entropy,
    ) -> Result<Enrolled, EnrollError> {
        let mut occupancy = self.occupancy(root).ok_or(EnrollError::Damaged)?;
        let keys = self.login_keys(name, passphrase)?;
        if keys.iter().any(|keys| !self.committed(keys).is_empty()) {
            return Err(EnrollError::AlreadyThere);
        }
        let free: Vec<u16> = (RECOVERY_SLOT + 1..SLOTS).filter(|slot| !occupancy.holds(*slot)).collect();
        // The remainder of 64 random bits by at most 511 is even to within 2⁻⁵⁵.
        let drawn = u64::from_be_bytes(entropy.bytes()).checked_rem(free.len() as u64).unwrap_or(0);
        let slot = usize::try_from(drawn).ok().and_then(|at| free.get(at)).copied().ok_or(EnrollError::Full)?;
        let secret = fresh_secret(entropy);
        let user = UserKeys::from_secret(&secret, &self.vault);
        let personal = Personal { generation: 1, secret, log_verify_key };
        let (vault, standing) = (self.vault, self.standing(slot));
        let (Some(bytes), Some(keys)) = (self.slot_mut(slot), keys.last()) else { return Err(EnrollError::Damaged) };
        bytes.set_personal(keys, &vault, slot, &personal, entropy);
        bytes
            .set_root(standing, &user.kem_public(), root, granter.unwrap_or(&user), entropy)
            .map_err(|_: SealingError| EnrollError::Damaged)?;
        occupancy.take(slot);
        self.set_occupancy(root, occupancy, entropy);
        self.authenticate(root);
        Ok(Enrolled { slot, generation: 1, user })
    }

    /// Sets a new passphrase, or turns a setup code into one. Costs as much as two sign-ins. What comes back is
    /// what the new passphrase unlocks; the old one opens nothing once this is written. Only the copy in hand is asked,
    /// so what [`Unlocked::mended`] gave has to be in hand.
    pub fn change_passphrase(
        &mut self,
        name: &str,
        current: &Passphrase,
        next: &Passphrase,
        secret: Secret,
        entropy: &dyn Entropy,
    ) -> Result<Unlocked, UnlockError> {
        let (slot, personal, _) = self.find(name, current)?;
        let before = self.unlocked_with(slot, &personal)?;
        let keys = self.login_keys(name, next)?;
        let renewed = match secret {
            Secret::Kept => personal.secret,
            Secret::Renewed => fresh_secret(entropy),
        };
        let generation = personal.generation.saturating_add(1);
        let personal = Personal { generation, secret: renewed, log_verify_key: personal.log_verify_key };
        let user = UserKeys::from_secret(&personal.secret, &self.vault);
        let (vault, standing) = (self.vault, self.standing(slot));
        let (Some(bytes), Some(keys)) = (self.slot_mut(slot), keys.last()) else { return Err(UnlockError::Damaged) };
        bytes.set_personal(keys, &vault, slot, &personal, entropy);
        let granter = match secret {
            Secret::Kept => before.granter,
            Secret::Renewed => {
                let sealed = bytes.set_root(standing, &user.kem_public(), &before.root, &user, entropy);
                sealed.map_err(|_| UnlockError::Damaged)?;
                user.cosign_public()
            }
        };
        self.authenticate(&before.root);
        Ok(Unlocked { generation, user, granter, ..before })
    }

    /// Moves a slot to the parameters in force, its passphrase staying as it is. What comes back is the generation from
    /// now on; it grows, so that a slot under the earlier parameters that is put back is noticed.
    pub fn renew(
        &mut self,
        slot: u16,
        renewal: &Renewal,
        root: &Root,
        entropy: &dyn Entropy,
    ) -> Result<u64, SlotError> {
        let vault = self.vault;
        let generation = renewal.personal.generation.saturating_add(1);
        let personal = Personal {
            generation,
            secret: renewal.personal.secret.clone(),
            log_verify_key: renewal.personal.log_verify_key,
        };
        let bytes = self.slot_mut(slot).filter(|_| slot != RECOVERY_SLOT).ok_or(SlotError::NoSuchSlot(slot))?;
        bytes.set_personal(&renewal.keys, &vault, slot, &personal, entropy);
        self.authenticate(root);
        Ok(generation)
    }

    /// Gives the recovery key's slot to `key`, in the place of any before it. `generation` grows with each.
    pub fn set_recovery(
        &mut self,
        key: &RecoveryKey,
        generation: u64,
        granter: &UserKeys,
        root: &Root,
        log_verify_key: [u8; 32],
        entropy: &dyn Entropy,
    ) -> Result<(), SlotError> {
        let mut occupancy = self.occupancy(root).ok_or(SlotError::Damaged)?;
        let (vault, standing) = (self.vault, self.standing(RECOVERY_SLOT));
        let personal = Personal { generation, secret: key.secret(&vault), log_verify_key };
        let kem = key.user(&vault).kem_public();
        let bytes = self.slot_mut(RECOVERY_SLOT).ok_or(SlotError::Damaged)?;
        bytes.set_personal(&key.login(&vault), &vault, RECOVERY_SLOT, &personal, entropy);
        bytes.set_root(standing, &kem, root, granter, entropy).map_err(|_| SlotError::Damaged)?;
        occupancy.take(RECOVERY_SLOT);
        self.set_occupancy(root, occupancy, entropy);
        self.authenticate(root);
        Ok(())
    }

    /// Whether the recovery key's slot was written for the holder of this kem public key.
    pub fn recovery_is_for(&self, kem_public: &[u8; 32]) -> bool {
        let slot = self.slots.get(usize::from(RECOVERY_SLOT));
        slot.is_some_and(|slot| slot.is_for(self.standing(RECOVERY_SLOT), kem_public))
    }

    /// Erases the recovery key's slot.
    pub fn clear_recovery(&mut self, root: &Root, entropy: &dyn Entropy) -> Result<(), SlotError> {
        self.erase(RECOVERY_SLOT, root, entropy)
    }

    /// Erases a slot: fresh random bytes. The person can no longer open this file; a copy made before stays readable to
    /// them until ROOT is replaced.
    pub fn disable(&mut self, slot: u16, root: &Root, entropy: &dyn Entropy) -> Result<(), SlotError> {
        if slot == RECOVERY_SLOT {
            return Err(SlotError::NoSuchSlot(slot));
        }
        self.erase(slot, root, entropy)
    }

    fn erase(&mut self, slot: u16, root: &Root, entropy: &dyn Entropy) -> Result<(), SlotError> {
        let mut occupancy = self.occupancy(root).ok_or(SlotError::Damaged)?;
        let bytes = self.slot_mut(slot).ok_or(SlotError::NoSuchSlot(slot))?;
        *bytes = Slot::random(entropy);
        occupancy.free(slot);
        self.set_occupancy(root, occupancy, entropy);
        self.authenticate(root);
        Ok(())
    }

    /// The slots in use, in order; none if `root` is not this epoch's. One that the tables do not know is left over from
    /// a crash between the two and can be erased.
    pub fn occupied(&self, root: &Root) -> Option<Vec<u16>> {
        let occupancy = self.occupancy(root)?;
        Some((0..SLOTS).filter(|slot| occupancy.holds(*slot)).collect())
    }

    /// The superblock of the next epoch, for the new file `file`: `keep` names the slots that stay with their holders' kem
    /// public keys, for whom `root` is sealed anew; all others are random. Passphrases stay as they are.
    pub fn rotated(
        &self,
        file: [u8; 16],
        root: &Root,
        keep: &[(u16, [u8; 32])],
        granter: &UserKeys,
        entropy: &dyn Entropy,
    ) -> Result<Self, RotateError> {
        let mut next = Self::create(self.kdf(), root, entropy);
        next.vault = self.vault;
        next.file = file;
        next.vault_salt = self.vault_salt;
        next.kdf.clone_from(&self.kdf);
        next.epoch = self.epoch.saturating_add(1);
        next.sequence = self.sequence;
        let mut occupancy = Occupancy::default();
        for (slot, kem_public) in keep {
            let missing = RotateError::NoSuchSlot(*slot);
            let mut kept = self.slots.get(usize::from(*slot)).cloned().ok_or(missing)?;
            kept.set_root(next.standing(*slot), kem_public, root, granter, entropy)?;
            *next.slot_mut(*slot).ok_or(missing)? = kept;
            occupancy.take(*slot);
        }
        next.set_occupancy(root, occupancy, entropy);
        next.authenticate(root);
        Ok(next)
    }

    /// ROOT, for somebody who is signed in to another file of this vault and has the same slot in this one.
    pub fn root_for(&self, slot: u16, user: &UserKeys) -> Option<Root> {
        let bytes = self.slots.get(usize::from(slot))?;
        let (root, _) = bytes.root(self.standing(slot), user).ok()?;
        self.is_authentic(&root).then_some(root)
    }

    fn occupancy(&self, root: &Root) -> Option<Occupancy> {
        let plain = open(&self.key(root, "slot-occupancy"), &[], &self.occupancy).ok()?;
        plain.first_chunk().copied().map(Occupancy)
    }

    pub(super) fn set_occupancy(&mut self, root: &Root, occupancy: Occupancy, entropy: &dyn Entropy) {
        let sealed = seal(&self.key(root, "slot-occupancy"), &[], &occupancy.0, entropy);
        let mut bytes = [0; OCCUPANCY];
        bytes.iter_mut().zip(sealed).for_each(|(to, from)| *to = from);
        self.occupancy = bytes;
    }
}

fn fresh_secret(entropy: &dyn Entropy) -> Zeroizing<[u8; 32]> {
    let mut secret = Zeroizing::new([0; 32]);
    entropy.fill(secret.as_mut());
    secret
}
