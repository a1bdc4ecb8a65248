//! Who can open a backup: recipients by their public keys, openers by their secret ones.
//!
//! A recipient is an X25519 public key, written as age writes it (`age1…`, BIP 173). Owners and the recovery key are
//! recipients by the kem they have anyway; ROOT's kem is HKDF-SHA256 of ROOT under the label `backup-kem`.
//! **Invariant:** a secret key leaves this module only as an age identity; nothing here prints one.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use bech32::{Bech32, Hrp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::head::Head;
use crate::vault::keyring::slot::{LoginKeys, Slot};
use crate::vault::keyring::{KdfError, Passphrase, Root, UserKeys, VaultId, login_key, login_salt};

const PUBLIC: Hrp = Hrp::parse_unchecked("age");
const SECRET: Hrp = Hrp::parse_unchecked("age-secret-key-");

/// An X25519 public key that backups are encrypted to.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient([u8; 32]);

/// A text is no recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not a public key of the form age1…")]
pub struct NotARecipient;

impl Recipient {
    /// The recipient with this kem public key.
    pub fn from_kem(kem_public: [u8; 32]) -> Self {
        Self(kem_public)
    }

    /// Whoever holds ROOT of this vault.
    pub fn of_root(root: &Root, vault: &VaultId) -> Self {
        Self(PublicKey::from(&StaticSecret::from(*root_secret(root, vault))).to_bytes())
    }

    /// The kem public key.
    pub fn kem(&self) -> [u8; 32] {
        self.0
    }

    /// The same for age.
    pub(super) fn for_age(&self) -> Result<age::x25519::Recipient, NotARecipient> {
        self.to_string().parse().map_err(|_| NotARecipient)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 32 bytes are within Bech32's limit, the only way in which this can fail.
        f.write_str(&bech32::encode::<Bech32>(PUBLIC, &self.0).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Recipient {
    type Err = NotARecipient;

    fn from_str(text: &str) -> Result<Self, NotARecipient> {
        let (prefix, bytes) = bech32::decode(text).map_err(|_| NotARecipient)?;
        let key = bytes.try_into().map_err(|_| NotARecipient)?;
        let recipient = Self(key);
        // Read by age too, and in the one way of writing it.
        let same = prefix == PUBLIC && recipient.to_string() == text && recipient.for_age().is_ok();
        same.then_some(recipient).ok_or(NotARecipient)
    }
}

impl TryFrom<String> for Recipient {
    type Error = NotARecipient;

    fn try_from(text: String) -> Result<Self, NotARecipient> {
        text.parse()
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.to_string()
    }
}

/// An owner as a recipient: their kem, and the slot whose personal part stands in each backup's head, so that name and
/// passphrase open it where nothing else is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Their slot in the superblock.
    pub slot: u16,
    /// Their public key.
    pub key: Recipient,
}

/// Everybody who can open a backup. Public keys only; it may lie in a file beside the vault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipients {
    /// The owners.
    pub owners: Vec<Owner>,
    /// The recovery key, once there is one.
    pub recovery: Option<Recipient>,
    /// Whoever holds ROOT.
    pub root: Option<Recipient>,
}

impl Recipients {
    /// All public keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = Recipient> {
        self.owners.iter().map(|owner| owner.key).chain(self.recovery).chain(self.root)
    }

    /// SHA-256 over all public keys in a fixed order: two sets have the same one where the same people open both.
    pub(super) fn digest(&self) -> [u8; 32] {
        let keys: BTreeSet<[u8; 32]> = self.keys().map(|key| key.kem()).collect();
        keys.iter().fold(Sha256::new(), |hash, key| hash.chain_update(key)).finalize().into()
    }
}

/// A secret key that opens backups. Zeroized on drop.
pub struct Opener(Zeroizing<[u8; 32]>);

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener(..)")
    }
}

/// Why a passphrase opens no backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenerError {
    /// No owner of this backup has this name and passphrase.
    #[error("the name or the passphrase is wrong, or not that of an owner at the time of this backup")]
    WrongNameOrPassphrase,
    /// An owner has them, but what stands in the backup's head does not open.
    #[error("the backup's head is damaged: the passphrase fits, what it protects does not")]
    Damaged,
    /// The passphrase could not be checked.
    #[error(transparent)]
    Kdf(#[from] KdfError),
}

impl Opener {
    /// Who holds ROOT of this vault.
    pub fn root(root: &Root, vault: &VaultId) -> Self {
        Self(root_secret(root, vault))
    }

    /// An owner, or the holder of the recovery key, by the keys that come from their secret.
    pub fn user(keys: &UserKeys) -> Self {
        Self(keys.kem_secret())
    }

    /// An owner by name and passphrase, as they were when this backup was made. Takes as long as the KDF, and as long
    /// for a wrong name as for a right one.
    pub fn from_passphrase(head: &Head, name: &str, passphrase: &Passphrase) -> Result<Self, OpenerError> {
        let mut found = Err(OpenerError::WrongNameOrPassphrase);
        let salt = login_salt(&head.login.salt, name);
        for params in &head.login.kdf {
            let login = login_key(*params, passphrase, &salt)?;
            let keys = LoginKeys::new(&login, &head.vault);
            for owner in &head.login.owners {
                if !bool::from(owner.personal.get(..32).unwrap_or_default().ct_eq(keys.commitment().as_slice())) {
                    continue;
                }
                // The root part of the slot is not in the head; nothing here asks for it.
                let mut bytes = owner.personal.clone();
                bytes.resize(Slot::LEN, 0);
                let personal =
                    Slot::take(&bytes).and_then(|(slot, _)| slot.personal(&keys, &head.vault, owner.slot).ok());
                found = match personal {
                    Some(personal) => Ok(Self::user(&UserKeys::from_secret(&personal.secret, &head.vault))),
                    None if found.is_ok() => found,
                    None => Err(OpenerError::Damaged),
                };
            }
        }
        found
    }

    /// The same for age.
    pub(super) fn for_age(&self) -> Option<age::x25519::Identity> {
        let lower = Zeroizing::new(bech32::encode::<Bech32>(SECRET, self.0.as_ref()).ok()?);
        Zeroizing::new(lower.to_ascii_uppercase()).parse().ok()
    }
}

fn root_secret(root: &Root, vault: &VaultId) -> Zeroizing<[u8; 32]> {
    root.derive("backup-kem", vault, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_is_written_as_age_writes_it_and_opened_by_its_secret_half() {
        let keys = UserKeys::from_secret(&[7; 32], &[1; 16]);
        let recipient = Recipient::from_kem(keys.kem_public());
        let identity = Opener::user(&keys).for_age().expect("an identity");
        assert_eq!(identity.to_public().to_string(), recipient.to_string());
        assert_eq!(recipient.to_string().parse(), Ok(recipient));
        let text = recipient.to_string();
        for wrong in [text.to_uppercase(), text.replace("age1", "age2"), String::new(), text[..60].into()] {
            assert_eq!(wrong.parse::<Recipient>(), Err(NotARecipient), "{wrong}");
        }
    }

    #[test]
    fn root_is_a_recipient_of_its_own_vault() {
        let root = Root::from_bytes(Zeroizing::new([7; 32]));
        let identity = Opener::root(&root, &[1; 16]).for_age().expect("an identity");
        assert_eq!(identity.to_public().to_string(), Recipient::of_root(&root, &[1; 16]).to_string());
        assert_ne!(Recipient::of_root(&root, &[1; 16]), Recipient::of_root(&root, &[2; 16]));
        assert_eq!(format!("{:?}", Opener::root(&root, &[1; 16])), "Opener(..)");
    }
}
