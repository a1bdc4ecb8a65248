//! What the vault's file lies on, so that tests can put it on a disk that fails.
//!
//! **Invariant:** nothing above this module opens, reads or writes the vault's file.

use std::fmt::Debug;
use std::io;

/// A flat run of bytes with durable writes. Offsets and lengths are in bytes.
pub trait Disk: Debug + Send + Sync {
    /// Its length.
    fn len(&self) -> io::Result<u64>;
    /// Whether it is empty.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Fills `out` from `offset`; reading past the end is an error.
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
    /// Writes all of `data` at `offset`, growing the disk where needed.
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()>;
    /// Cuts or grows (with zeros) to `len`.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Returns when everything written before is durable.
    fn sync(&self) -> io::Result<()>;
}
