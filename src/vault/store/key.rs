//! Composite keys whose byte order is the order of their parts.

use super::StoreError;

/// The parts one after the other.
pub fn key(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// The first key behind all that begin with `prefix`.
pub fn prefix_end(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return end;
        }
    }
    vec![0xFF; 64]
}

/// Takes a key apart from its end or its beginning.
#[derive(Debug)]
pub struct KeyReader<'k>(pub &'k [u8]);

impl<'k> KeyReader<'k> {
    /// The next eight bytes as a number.
    pub fn u64(&mut self) -> Result<u64, StoreError> {
        self.take().map(u64::from_be_bytes)
    }

    /// The next four bytes as a number.
    pub fn u32(&mut self) -> Result<u32, StoreError> {
        self.take().map(u32::from_be_bytes)
    }

    /// The last eight bytes as a number.
    pub fn last_u64(&mut self) -> Result<u64, StoreError> {
        let (rest, last) = self.0.split_last_chunk::<8>().ok_or_else(|| StoreError::record("key"))?;
        self.0 = rest;
        Ok(u64::from_be_bytes(*last))
    }

    /// The next `N` bytes.
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or_else(|| StoreError::record("key"))?;
        self.0 = rest;
        Ok(*head)
    }
}
