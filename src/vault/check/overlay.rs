//! redb's storage over an open file, with writes kept in memory: redb can repair and commit as it likes while it
//! verifies, and the file stays as it is.
//!
//! **Invariant:** nothing is ever written to what lies below.

use std::collections::HashMap;
use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{BackendError, StorageBackend};

use crate::vault::file::BlockFile;

const PAGE: u64 = 4096;

/// What the pass and whoever waits for it share.
#[derive(Debug, Default)]
pub(super) struct Pass {
    /// Bytes that were read and authenticated.
    pub read: AtomicU64,
    /// Set to make it stop.
    pub stop: AtomicBool,
    /// What the file said of the first block that does not open.
    pub fault: Mutex<Option<String>>,
}

/// The storage.
pub(super) struct Overlay {
    base: BlockFile,
    pass: Arc<Pass>,
    written: Mutex<Written>,
}

struct Written {
    len: u64,
    /// What lies below from here on was cut off.
    below: u64,
    pages: HashMap<u64, Vec<u8>>,
}

impl std::fmt::Debug for Overlay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Overlay(..)")
    }
}

impl Overlay {
    pub(super) fn new(base: BlockFile, pass: Arc<Pass>) -> io::Result<Self> {
        let len = base.len()?;
        Ok(Self { base, pass, written: Mutex::new(Written { len, below: len, pages: HashMap::new() }) })
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn below(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if self.pass.stop.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        self.base.read(offset, out).inspect_err(|error| {
            self.pass.fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.to_string());
        })?;
        self.pass.read.fetch_add(out.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// The page as it stands now.
    fn page(&self, written: &Written, number: u64) -> io::Result<Vec<u8>> {
        if let Some(page) = written.pages.get(&number) {
            return Ok(page.clone());
        }
        let mut page = vec![0; PAGE as usize];
        if number * PAGE < written.below {
            self.below(number * PAGE, &mut page)?;
        }
        Ok(page)
    }
}

/// The pages that a request touches.
fn pages(offset: u64, len: usize) -> std::ops::Range<u64> {
    offset / PAGE..(offset + len as u64).div_ceil(PAGE)
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.written().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let written = self.written();
        let end = offset.checked_add(out.len() as u64).ok_or(io::ErrorKind::InvalidInput)?;
        if end > written.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let touched = pages(offset, out.len());
        if end <= written.below && touched.clone().all(|page| !written.pages.contains_key(&page)) {
            drop(written);
            return self.below(offset, out);
        }
        let mut bytes = Vec::with_capacity(out.len() + PAGE as usize);
        for page in touched {
            bytes.extend(self.page(&written, page)?);
        }
        let from = bytes.into_iter().skip((offset % PAGE) as usize);
        out.iter_mut().zip(from).for_each(|(to, from)| *to = from);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut written = self.written();
        written.below = written.below.min(len);
        written.pages.retain(|page, _| page * PAGE < len);
        written.len = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut written = self.written();
        let mut rest = data;
        let mut at = offset;
        while !rest.is_empty() {
            let number = at / PAGE;
            let skip = (at % PAGE) as usize;
            let (now, later) = rest.split_at((PAGE as usize - skip).min(rest.len()));
            let mut page = if now.len() as u64 == PAGE { vec![0; PAGE as usize] } else { self.page(&written, number)? };
            page.iter_mut().skip(skip).zip(now).for_each(|(to, from)| *to = *from);
            written.pages.insert(number, page);
            (rest, at) = (later, at + now.len() as u64);
        }
        Ok(())
    }

    fn try_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn unlock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }
}
