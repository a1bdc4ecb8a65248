//! Doctor's look at the vault's file from outside: where it is, what it is, who can read it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Findings, Health};
use crate::cli::trouble::{Trouble, shown};

pub(super) fn look(found: &mut Findings, path: &Path, present: bool) {
    let at = shown(path);
    if !present {
        return found.add("file", Health::Mind, format!("no vault at {at}; \"veilbook init --owner NAME\" makes one"));
    }
    match std::fs::symlink_metadata(path) {
        Err(error) => found.add("file", Health::Bad, Trouble::file("look at", path, &error).to_string()),
        Ok(meta) if !meta.is_file() => found.add("file", Health::Bad, format!("{at} is not an ordinary file")),
        Ok(meta) => {
            let (mode, size) = (meta.permissions().mode() & 0o777, meta.len() / 1024);
            if mode & 0o077 == 0 {
                found.add("file", Health::Well, format!("{at}, {size} KiB, only you can read it"));
            } else {
                found.add(
                    "file",
                    Health::Bad,
                    format!("{at} can be read by others (mode {mode:03o}): run \"chmod 600 {at}\""),
                );
            }
        }
    }
}
