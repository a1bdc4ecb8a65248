//! The ring of records: one authenticated record a commit, so that a commit costs one sync.
//!
//! A record takes whole pages: `epoch 8 ‖ pages 4 ‖ nonce 24 ‖ ciphertext ‖ tag 16`; plain text
//! `previous record's tag 16 ‖ length 8 ‖ super-header 320 ‖ count 4 ‖ count × (block 8 ‖ nonce 24 ‖ tag 16) ‖ zeros`;
//! place: `page of the ring 4 ‖ epoch 8`. Integers are big-endian.
//!
//! **Invariant:** at most one record is not yet durable; so only the last of a chain may be dropped at opening, and an
//! authentic record of this chain after a gap is damage.

use super::cipher::{Cipher, Mac, Nonce, Purpose};
use super::codec::{Reader, put};
use super::error::{FileError, Part};
use super::header::{Header, Super};
use super::layout::{Layout, PAGE_BYTES, RING_PAGES, SUPER_BYTES};
use super::steps::Step;
use super::tags::Entry;

const FRAME: usize = 8 + 4 + 24 + 16;
const FIXED: usize = 16 + 8 + SUPER_BYTES + 4;
const ENTRY: usize = 8 + 24 + 16;

/// What a record says.
pub(super) struct Record {
    /// One more than the epoch of what came before.
    pub epoch: u64,
    /// The tag of the record before, or the header's seed.
    pub previous: Mac,
    /// The length redb sees.
    pub len: u64,
    /// redb's super-header.
    pub image: Super,
    /// The blocks changed since the record before.
    pub changed: Vec<(u64, Entry)>,
}

/// A record found in the ring.
pub(super) struct Found {
    /// The first page.
    pub page: u64,
    /// How many pages.
    pub pages: u64,
    /// Its own tag, which the next record names.
    pub tag: Mac,
    /// What it says.
    pub record: Record,
}

/// How many pages a record of `blocks` blocks takes.
pub(super) fn pages_for(blocks: usize) -> u64 {
    (FRAME + FIXED + ENTRY * blocks).div_ceil(PAGE_BYTES) as u64
}

impl Record {
    /// The bytes for `page` of the ring, and the tag.
    pub(super) fn seal(&self, cipher: &Cipher, page: u64, nonce: Nonce) -> Result<(Vec<u8>, Mac), FileError> {
        let pages = pages_for(self.changed.len());
        let bytes = pages as usize * PAGE_BYTES;
        let mut plain = Vec::with_capacity(bytes);
        let count = (self.changed.len() as u32).to_be_bytes();
        put(&mut plain, &[&self.previous, &self.len.to_be_bytes(), &self.image, &count]);
        for (block, entry) in &self.changed {
            put(&mut plain, &[&block.to_be_bytes(), &entry.nonce, &entry.tag]);
        }
        plain.resize(bytes - FRAME, 0);
        let epoch = self.epoch.to_be_bytes();
        let tag = cipher.seal(Purpose::Record, &[&(page as u32).to_be_bytes(), &epoch], &nonce, &mut plain)?;
        let mut out = Vec::with_capacity(bytes);
        put(&mut out, &[&epoch, &(pages as u32).to_be_bytes(), &nonce, &plain, &tag]);
        Ok((out, tag))
    }
}

impl Found {
    /// Reads the record that starts at `page` of `ring`, if there is an authentic one younger than `epoch`.
    fn read(cipher: &Cipher, ring: &[u8], page: u64, epoch: u64) -> Option<Self> {
        let mut from = Reader(ring.get(page as usize * PAGE_BYTES..)?);
        let mut head = Reader(from.0);
        let own = head.u64()?;
        let pages = u64::from(head.u32()?);
        if own <= epoch || pages == 0 || pages > RING_PAGES - page {
            return None;
        }
        let nonce = head.array()?;
        let bytes = from.bytes(pages as usize * PAGE_BYTES)?;
        let mut plain = bytes.get(8 + 4 + 24..bytes.len() - 16)?.to_vec();
        let tag = *bytes.last_chunk::<16>()?;
        let place: [&[u8]; 2] = [&(page as u32).to_be_bytes(), &own.to_be_bytes()];
        cipher.open(Purpose::Record, &place, &nonce, &tag, &mut plain).ok()?;
        let mut from = Reader(&plain);
        let previous = from.array()?;
        let len = from.u64()?;
        let image = from.array()?;
        let count = from.u32()?;
        let mut changed = Vec::new();
        for _ in 0..count {
            changed.push((from.u64()?, Entry { nonce: from.array()?, tag: from.array()? }));
        }
        Some(Self { page, pages, tag, record: Record { epoch: own, previous, len, image, changed } })
    }
}

/// Reads the chain of records that follows `header`, the oldest first. `ring` is the whole ring.
pub(super) fn chain(cipher: &Cipher, layout: Layout, header: &Header, ring: &[u8]) -> Result<Vec<Found>, FileError> {
    let mut out: Vec<Found> = Vec::new();
    let (mut epoch, mut previous, mut page) = (header.epoch, header.seed, 0);
    while let Some(found) = Found::read(cipher, ring, page, epoch) {
        let follows = found.record.previous == previous || !Step::Chain.is_taken();
        if found.record.epoch != epoch + 1 || !follows {
            break;
        }
        (epoch, previous, page) = (found.record.epoch, found.tag, page + found.pages);
        out.push(found);
    }
    for later in page..RING_PAGES {
        if Found::read(cipher, ring, later, epoch).is_some() {
            let how = "belongs to this state but what came before it is missing";
            return Err(FileError::Damaged { what: Part::Record(later), at: layout.ring(later), how });
        }
    }
    Ok(out)
}
