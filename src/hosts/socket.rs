//! The server's socket: where it is, made so that only those may connect who should, and taken away again.
//!
//! **Invariant:** nothing that is not a dead socket of ours is ever removed or written over, and nobody can connect before
//! the socket has its mode and group.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::fs::{Gid, Mode};

/// The longest path that a socket's address takes, in bytes.
const LONGEST: usize = 107;

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// The system's addresses are short.
    #[error("the socket's path {0} is longer than 107 bytes: give a shorter one with --socket")]
    Long(PathBuf),
    /// Somebody answers there.
    #[error("a server listens at {0} already")]
    Taken(PathBuf),
    /// Something else is there.
    #[error(
        "there is something at {0} that is not a socket of this user's: remove it, or give another path with --socket"
    )]
    Foreign(PathBuf),
    /// The group.
    #[error("there is no group {0}: make it, or give another with --group")]
    Group(String),
    /// The system.
    #[error("cannot {doing} the socket {path}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A listening socket, removed when this is dropped.
#[derive(Debug)]
pub struct Listening {
    listener: UnixListener,
    path: PathBuf,
    inode: u64,
}

impl Listening {
    /// Listens at `path`: for this user alone, or for `group` as well.
    pub fn at(path: &Path, group: Option<&str>) -> Result<Self, SocketError> {
        if path.as_os_str().len() > LONGEST {
            return Err(SocketError::Long(path.to_owned()));
        }
        let group = group.map(|name| gid(name).ok_or_else(|| SocketError::Group(name.to_owned()))).transpose()?;
        make_way(path)?;
        let fail = |doing| move |source| SocketError::Io { doing, path: path.to_owned(), source };
        // Bound under a mask, so that nobody else can connect before the mode is as it should be.
        let before = rustix::process::umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
        let bound = UnixListener::bind(path);
        rustix::process::umask(before);
        let listener = bound.map_err(fail("make"))?;
        if let Some(group) = group {
            rustix::fs::chown(path, None, Some(group)).map_err(|error| fail("give a group to")(error.into()))?;
            fs::set_permissions(path, fs::Permissions::from_mode(0o660)).map_err(fail("open"))?;
        }
        let inode = fs::symlink_metadata(path).map_err(fail("find"))?.ino();
        Ok(Self { listener, path: path.to_owned(), inode })
    }

    /// The listener.
    pub fn listener(&self) -> &UnixListener {
        &self.listener
    }

    /// Where it listens.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // Another server may have put its own there meanwhile.
        if fs::symlink_metadata(&self.path).is_ok_and(|there| there.ino() == self.inode) {
            // A socket that stays is dead, and the next server takes it away.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn make_way(path: &Path) -> Result<(), SocketError> {
    let there = match fs::symlink_metadata(path) {
        Ok(there) => there,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(SocketError::Io { doing: "look at", path: path.to_owned(), source }),
    };
    if !there.file_type().is_socket() || there.uid() != rustix::process::geteuid().as_raw() {
        return Err(SocketError::Foreign(path.to_owned()));
    }
    if UnixStream::connect(path).is_ok() {
        return Err(SocketError::Taken(path.to_owned()));
    }
    fs::remove_file(path).map_err(|source| SocketError::Io { doing: "remove", path: path.to_owned(), source })
}

/// A group's number, by its name in `/etc/group` or as digits.
fn gid(name: &str) -> Option<Gid> {
    let number = name.parse().ok().or_else(|| {
        let groups = fs::read_to_string("/etc/group").ok()?;
        groups.lines().find_map(|line| {
            let mut parts = line.split(':');
            (parts.next()? == name).then(|| parts.nth(1)?.parse().ok())?
        })
    });
    number.map(Gid::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_user_can_connect_unless_a_group_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let listening = Listening::at(&path, None).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
        assert!(matches!(Listening::at(&path, None), Err(SocketError::Taken(_))));
        drop(listening);
        assert!(!path.exists());
    }

    #[test]
    fn a_link_a_file_and_a_folder_in_its_place_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "kept").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        for path in [&file, &link, &folder.path().to_owned()] {
            assert!(matches!(Listening::at(path, None), Err(SocketError::Foreign(_))), "{path:?}");
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
    }

    #[test]
    fn a_dead_socket_is_taken_away_and_a_long_path_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        Listening::at(&path, None).unwrap();
        let long = folder.path().join("n".repeat(120));
        assert!(Listening::at(&long, None).unwrap_err().to_string().contains("--socket"));
    }
}
