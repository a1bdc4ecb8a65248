//! Who was erased, as a small file in the user's state folder knows it, for the day the vault is lost.
//!
//! A line is a customer's number and the moment in milliseconds. **Invariant:** numbers and moments only.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::policy::hex;
use crate::clock::Timestamp;
use crate::domain::id::CustomerId;
use crate::vault::keyring::VaultId;

/// The file of a vault in a state folder.
pub fn path_for(state: &Path, vault: &VaultId) -> PathBuf {
    state.join(format!("erased-{}", hex(vault)))
}

/// Everybody whom the file names; nobody where there is none.
pub fn read(path: &Path) -> Vec<(CustomerId, Timestamp)> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = |line: &str| {
        let (id, at) = line.split_once(' ')?;
        Some((CustomerId(id.parse().ok()?), Timestamp(at.parse().ok()?)))
    };
    text.lines().filter_map(line).collect()
}

/// Adds one.
pub fn add(path: &Path, customer: CustomerId, at: Timestamp) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    file.write_all(format!("{customer} {}\n", at.0).as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_were_added_are_read_back_and_other_lines_are_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = path_for(&folder.path().join("state"), &[7; 16]);
        assert_eq!(read(&path), []);
        add(&path, CustomerId(7), Timestamp(9)).expect("written");
        std::fs::write(&path, format!("{}x\n1\n", std::fs::read_to_string(&path).expect("text"))).expect("written");
        add(&path, CustomerId(8), Timestamp(-1)).expect("written");
        assert_eq!(read(&path), [(CustomerId(7), Timestamp(9)), (CustomerId(8), Timestamp(-1))]);
    }
}
