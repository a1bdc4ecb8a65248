//! Sealing and opening an object with age (C2SP age-encryption.org/v1, X25519 recipients).
//!
//! **Invariant:** what is sealed is never shown before all of it authenticated. age draws its own keys from the system's
//! generator, the one place where randomness is not an argument: nothing that is decided depends on it.

use std::io::{Read, Write};

use age::{DecryptError, Decryptor, EncryptError, Encryptor};

use super::BackupError;
use super::recipient::Recipients;

/// The recipients as age wants them.
pub(super) struct Sealer(Vec<age::x25519::Recipient>);

/// Why an object does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It was made for others.
    WrongKey,
    /// It is cut off, changed, or no such object.
    Broken,
}

impl Sealer {
    /// Seals for all of `recipients`, of whom there must be one.
    pub(super) fn new(recipients: &Recipients) -> Result<Self, BackupError> {
        let keys: Result<Vec<_>, _> = recipients.keys().map(|key| key.for_age()).collect();
        let keys = keys.map_err(|_| BackupError::NoRecipients)?;
        if keys.is_empty() { Err(BackupError::NoRecipients) } else { Ok(Self(keys)) }
    }

    /// Seals `plain`.
    pub(super) fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, BackupError> {
        let failed = |source| BackupError::Io { doing: "cannot encrypt a part of the backup", source };
        let encryptor = Encryptor::with_recipients(self.0.iter().map(|key| key as &dyn age::Recipient));
        let encryptor = encryptor.map_err(|error| match error {
            EncryptError::Io(source) => failed(source),
            _ => BackupError::NoRecipients,
        })?;
        let room = plain.len() + plain.len() / 4000 + 512 * (self.0.len() + 1);
        let mut writer = encryptor.wrap_output(Vec::with_capacity(room)).map_err(failed)?;
        writer.write_all(plain).map_err(failed)?;
        writer.finish().map_err(failed)
    }
}

/// Opens what [`Sealer::seal`] made.
pub(super) fn open(identity: &age::x25519::Identity, sealed: &[u8]) -> Result<Vec<u8>, Refused> {
    let decryptor = Decryptor::new_buffered(sealed).map_err(|_| Refused::Broken)?;
    let identities = std::iter::once(identity as &dyn age::Identity);
    let mut reader = decryptor.decrypt(identities).map_err(|error| match error {
        DecryptError::NoMatchingKeys => Refused::WrongKey,
        _ => Refused::Broken,
    })?;
    let mut plain = Vec::with_capacity(sealed.len());
    reader.read_to_end(&mut plain).map_err(|_| Refused::Broken)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::super::recipient::{Opener, Recipient};
    use super::*;
    use crate::vault::keyring::UserKeys;

    fn keys(secret: u8) -> UserKeys {
        UserKeys::from_secret(&[secret; 32], &[1; 16])
    }

    #[test]
    fn each_recipient_opens_it_and_nobody_else() {
        let root = Some(Recipient::from_kem(keys(1).kem_public()));
        let recovery = Some(Recipient::from_kem(keys(2).kem_public()));
        let sealer = Sealer::new(&Recipients { owners: Vec::new(), recovery, root }).expect("recipients");
        let plain = vec![7; 200_000];
        let sealed = sealer.seal(&plain).expect("sealed");
        let open = |secret, sealed: &[u8]| open(&Opener::user(&keys(secret)).for_age().expect("a key"), sealed);
        assert!(open(1, &sealed) == Ok(plain.clone()) && open(2, &sealed) == Ok(plain));
        assert_eq!(open(3, &sealed), Err(Refused::WrongKey));
        assert_eq!(open(1, &sealed[..sealed.len() - 1]), Err(Refused::Broken));
        assert_eq!(open(1, b"age"), Err(Refused::Broken));
        assert!(matches!(Sealer::new(&Recipients::default()), Err(BackupError::NoRecipients)));
    }

    #[test]
    fn chunks_that_were_swapped_or_left_out_do_not_open() {
        let sealer = Recipients { root: Some(Recipient::from_kem(keys(1).kem_public())), ..Recipients::default() };
        let sealed = Sealer::new(&sealer).expect("recipients").seal(&[7; 3 * 65_536]).expect("sealed");
        let identity = Opener::user(&keys(1)).for_age().expect("a key");
        let chunk = 65_536 + 16;
        let start = sealed.len() - 3 * chunk;
        assert!(open(&identity, &sealed).is_ok());
        assert_eq!(open(&identity, &sealed[..start + 2 * chunk]), Err(Refused::Broken), "last chunk missing");
        let mut swapped = sealed.clone();
        swapped[start..start + 2 * chunk].rotate_left(chunk);
        assert_eq!(open(&identity, &swapped), Err(Refused::Broken), "chunks swapped");
    }
}
