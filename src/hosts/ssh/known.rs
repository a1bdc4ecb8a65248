//! The fingerprints of registered keys, as the server keeps them in a file for the listener.
//!
//! **Invariant:** a file that somebody other than its owner can write counts as none, and so does one that is missing or
//! cut: then no key is known.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::domain::staff_key::{Fingerprint, KnownKeys};

/// The longest file that is read; 10,000 keys have half of it.
const LONGEST: u64 = 1 << 20;

/// Whether a key is registered, as the file stands now. It is read each time, so a key that was removed is refused from
/// that moment on.
pub(super) fn is_known(path: &Path, key: Fingerprint) -> bool {
    read(path).is_some_and(|keys| keys.has(key))
}

fn read(path: &Path) -> Option<KnownKeys> {
    let file = File::open(path).ok()?;
    let about = file.metadata().ok()?;
    if !about.is_file() || about.mode() & 0o022 != 0 || about.len() > LONGEST {
        return None;
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).ok()?;
    KnownKeys::parse(&text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_known_while_it_stands_in_a_file_that_only_its_owner_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("customers.veil.keys");
        let key = Fingerprint([7; 32]);
        assert!(!is_known(&path, key));
        let keys: KnownKeys = [key].into_iter().collect();
        std::fs::write(&path, keys.text()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(is_known(&path, key) && !is_known(&path, Fingerprint([8; 32])));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o660)).unwrap();
        assert!(!is_known(&path, key));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::fs::write(&path, KnownKeys::default().text()).unwrap();
        assert!(!is_known(&path, key));
        assert!(!is_known(folder.path(), key));
    }
}
