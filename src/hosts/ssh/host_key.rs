//! The listener's own key: made at the first start, kept in a file that nobody else can read.
//!
//! **Invariant:** a file that others can read is refused, and no key is ever replaced.

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::{Algorithm, PrivateKey, PublicKey};
use zeroize::Zeroizing;

use crate::clock::Entropy;
use crate::domain::staff_key::Fingerprint;

/// The longest file that can be one.
const LONGEST: u64 = 16 * 1024;

/// Why there is no host key.
#[derive(Debug, thiserror::Error)]
pub enum HostKeyError {
    /// The file cannot be read or made.
    #[error("cannot use the host key {0}: {1}")]
    Io(PathBuf, io::Error),
    /// Others can read it.
    #[error("the host key {0} can be read by others: \"chmod 600\" it, or move it away and a new one is made")]
    Open(PathBuf),
    /// It is none, or not of the one kind.
    #[error("{0} is not an Ed25519 host key without a passphrase: move it away and a new one is made")]
    Odd(PathBuf),
}

/// The key in the file, made if there is no file.
pub(super) fn host_key(path: &Path, entropy: &dyn Entropy) -> Result<PrivateKey, HostKeyError> {
    let fault = |error| HostKeyError::Io(path.to_owned(), error);
    match File::open(path) {
        Ok(file) => read(path, &file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(path, entropy).map_err(fault)?;
            // Whichever of two listeners came first has made it.
            read(path, &File::open(path).map_err(fault)?)
        }
        Err(error) => Err(fault(error)),
    }
}

fn read(path: &Path, file: &File) -> Result<PrivateKey, HostKeyError> {
    let fault = |error| HostKeyError::Io(path.to_owned(), error);
    let odd = || HostKeyError::Odd(path.to_owned());
    let about = file.metadata().map_err(fault)?;
    if !about.is_file() {
        return Err(odd());
    }
    if about.mode() & 0o077 != 0 {
        return Err(HostKeyError::Open(path.to_owned()));
    }
    let mut text = Zeroizing::new(String::with_capacity(LONGEST as usize));
    file.take(LONGEST).read_to_string(&mut text).map_err(fault)?;
    let key = PrivateKey::from_openssh(text.as_bytes()).map_err(|_| odd())?;
    (key.algorithm() == Algorithm::Ed25519 && !key.is_encrypted()).then_some(key).ok_or_else(odd)
}

fn make(path: &Path, entropy: &dyn Entropy) -> io::Result<()> {
    let mut seed = Zeroizing::new([0; 32]);
    entropy.fill(&mut *seed);
    let key = PrivateKey::from(Ed25519Keypair::from_seed(&seed));
    let text = key.to_openssh(LineEnding::LF).map_err(io::Error::other)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => File::open(folder)?.sync_all(),
    }
}

/// A public key's fingerprint.
pub(super) fn fingerprint(key: &PublicKey) -> Option<Fingerprint> {
    key.to_bytes().ok().map(|blob| Fingerprint::of(&blob))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::OsEntropy;

    #[test]
    fn a_host_key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/host_key");
        let made = host_key(&path, &OsEntropy).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let again = host_key(&path, &OsEntropy).unwrap();
        assert_eq!(fingerprint(made.public_key()), fingerprint(again.public_key()));
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_that_others_can_read_and_a_file_that_is_none_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("host_key");
        host_key(&path, &OsEntropy).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(host_key(&path, &OsEntropy), Err(HostKeyError::Open(_))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "").unwrap();
        assert!(matches!(host_key(&path, &OsEntropy), Err(HostKeyError::Odd(_))));
        assert!(matches!(host_key(folder.path(), &OsEntropy), Err(HostKeyError::Odd(_) | HostKeyError::Open(_))));
        host_key(&path, &OsEntropy).unwrap_err();
        assert!(matches!(host_key(&path.join("below"), &OsEntropy), Err(HostKeyError::Io(..))));
    }
}
