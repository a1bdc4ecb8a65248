//! Which process holds a locked file, for the message that a second opener gets.
//!
//! The lock that counts is `flock`. Beside it the holder takes a POSIX record lock, whose owner every other process can
//! ask for; within one process, where such locks do not conflict, `/proc/locks` tells.
//!
//! **Invariant:** nothing here decides whether a file may be opened; a wrong or missing answer costs only the number.

use std::fs::File;
use std::os::unix::fs::MetadataExt;

use rustix::fs::FlockOperation;
use rustix::process::{Flock, FlockType};

/// Lets other processes see that this one holds `file`.
pub(super) fn announce(file: &File) {
    // Systems without record locks lose the number in the message, nothing else.
    let _ = rustix::fs::fcntl_lock(file, FlockOperation::NonBlockingLockExclusive);
}

/// The process that holds `file`, if the system tells.
pub(super) fn of(file: &File) -> Option<u32> {
    let asked = rustix::process::fcntl_getlk(file, &Flock::from(FlockType::WriteLock)).ok().flatten();
    let pid = asked.and_then(|lock| lock.pid).and_then(|pid| u32::try_from(pid.as_raw_nonzero().get()).ok());
    pid.or_else(|| {
        let metadata = file.metadata().ok()?;
        let (major, minor) = (rustix::fs::major(metadata.dev()), rustix::fs::minor(metadata.dev()));
        let place = format!("{major:02x}:{minor:02x}:{}", metadata.ino());
        listed(&std::fs::read_to_string("/proc/locks").ok()?, &place)
    })
}

/// Finds the `flock` holder of `place`, device and inode, in a text such as
/// `1: FLOCK  ADVISORY  WRITE 4121 fe:00:1234 0 EOF`.
fn listed(locks: &str, place: &str) -> Option<u32> {
    locks.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let kind = words.next()?;
        let pid = words.nth(2)?.parse().ok()?;
        (kind == "FLOCK" && words.next()? == place).then_some(pid)
    })
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn the_holder_is_found_among_flock_lines() {
        let text = "1: POSIX  ADVISORY  WRITE 11 fe:00:77 0 EOF\n2: FLOCK  ADVISORY  WRITE 4121 fe:00:77 0 EOF\nodd\n";
        assert_eq!(listed(text, "fe:00:77"), Some(4121));
        assert_eq!(listed(text, "fe:01:77"), None);
    }
}
