//! Doctor's look at the vault's file from outside: where it is, what it is, who can read it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Findings, Health};
use crate::cli::trouble::{Trouble, shown};

pub(super) fn look(found: &mut Findings, path: &Path, present: bool) {
    let at = shown(path);
    if !present {
        return found.add("file", Health::Mind, "doctor-file-none", &[("path", &at)]);
    }
    match std::fs::symlink_metadata(path) {
        Err(error) => found.add_said("file", Health::Bad, Trouble::file("look at", path, &error).to_string()),
        Ok(meta) if !meta.is_file() => found.add("file", Health::Bad, "doctor-file-odd", &[("path", &at)]),
        Ok(meta) => {
            let (mode, size) = (meta.permissions().mode() & 0o777, meta.len() / 1024);
            if mode & 0o077 == 0 {
                found.add("file", Health::Well, "doctor-file", &[("path", &at), ("kib", &size)]);
            } else {
                let mode = format!("{mode:03o}");
                found.add("file", Health::Bad, "doctor-file-open", &[("path", &at), ("mode", &mode)]);
            }
        }
    }
}
