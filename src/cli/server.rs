//! Whether a server holds the vault in question, and where it listens.
//!
//! **Invariant:** asking costs one connection and changes nothing.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// Where a server of the whole machine listens.
pub const SHARED: &str = "/run/veilbook/socket";

/// Where a server for the vault at `vault` listens unless it is told otherwise.
pub fn beside(vault: &Path) -> PathBuf {
    let mut name = vault.as_os_str().to_owned();
    name.push(".sock");
    name.into()
}

/// How a server was looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The socket that was named.
    pub socket: Option<&'a Path>,
    /// The vault that was named.
    pub vault: Option<&'a Path>,
    /// The vault that is taken where none was.
    pub usual: Option<&'a Path>,
}

impl Wanted<'_> {
    /// The socket to speak to: the one that was named, whoever listens there; else the first at which somebody does.
    pub fn socket(self) -> Option<PathBuf> {
        if let Some(named) = self.socket {
            return Some(named.to_owned());
        }
        let shared = self.vault.is_none().then(|| PathBuf::from(SHARED));
        let places = self.vault.or(self.usual).map(beside).into_iter().chain(shared);
        places.into_iter().find(|path| UnixStream::connect(path).is_ok())
    }
}
