//! The files that a person names: opened under that person's own rights, also where a server does the work.
//!
//! **Invariant:** nobody's name for a file is ever opened with the rights of another account.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum There {
    /// Nothing.
    Nothing,
    /// A plain file.
    File,
    /// A folder, a pipe, a link to nowhere.
    Other,
}

/// Whoever opens the files that a person names.
pub trait Files: Send + Sync {
    /// Opens a file to be read.
    fn read(&self, path: &Path) -> io::Result<File>;
    /// Makes a file that is not there yet, for nobody else to read.
    fn create(&self, path: &Path) -> io::Result<File>;
    /// Removes a file that [`Files::create`] made.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// What stands at a path.
    fn look(&self, path: &Path) -> There;
}

/// This process itself.
#[derive(Clone, Copy, Debug)]
pub struct Own;

impl Files for Own {
    fn read(&self, path: &Path) -> io::Result<File> {
        File::open(path)
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn look(&self, path: &Path) -> There {
        match (std::fs::metadata(path), std::fs::symlink_metadata(path)) {
            (Ok(there), _) if there.is_file() => There::File,
            (Err(_), Err(_)) => There::Nothing,
            _ => There::Other,
        }
    }
}
