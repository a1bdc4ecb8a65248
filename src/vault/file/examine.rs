//! Looking at every page that is not a data block: header copies, epoch pages, tag pages, the ring's chain.
//!
//! While the file is open most of them are not read again: a tag page is read once, a header never. So damage to them,
//! or an older state put in their place, would otherwise show at the next opening or not before their group is touched.
//!
//! **Invariant:** nothing is written and nothing that is known is forgotten; what is found wrong does not end the handle.

use std::ops::ControlFlow;

use super::cipher::Mac;
use super::error::{FileError, Part};
use super::groups::Shared;
use super::header::Header;
use super::layout::{HEADER_BYTES, PAGE_BYTES, RING_PAGES, Side};
use super::ring::chain;
use super::tags::{open_places, open_tags};
use super::writer::{Mirror, Writer};

/// How many groups have been looked at, of how many; `Break` gives up.
pub type Looked<'t> = &'t mut dyn FnMut(u64, u64) -> ControlFlow<()>;

impl Writer {
    /// Checks every page but the data blocks against what this handle knows. Whether all were looked at.
    pub(super) fn examine(&self, shared: &Shared, looked: Looked<'_>) -> Result<ControlFlow<()>, FileError> {
        let end = shared.layout.end(self.header.len.max(self.len));
        let size = shared.medium.len()?;
        if size < end {
            let how = "comes before the end of what is stored";
            return Err(FileError::Damaged { what: Part::End, at: size, how });
        }
        self.examine_headers(shared)?;
        self.examine_places(shared)?;
        self.examine_ring(shared)?;
        let count = shared.count();
        for number in 0..count {
            self.examine_tags(shared, number)?;
            if looked(number + 1, count).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn examine_headers(&self, shared: &Shared) -> Result<(), FileError> {
        for side in [self.side, self.side.other()] {
            let mut bytes = [0; HEADER_BYTES];
            let at = shared.layout.header(side);
            shared.medium.read(at, &mut bytes)?;
            // Between a checkpoint and the next record the other copy is the one before, or what a crash left of it.
            if side != self.side && self.mirror == Mirror::Due {
                continue;
            }
            if Header::open(&shared.cipher, side, &bytes).is_none_or(|there| !there.says_as(&self.header)) {
                return Err(FileError::NotAuthentic { what: Part::Headers, at });
            }
        }
        Ok(())
    }

    fn examine_places(&self, shared: &Shared) -> Result<(), FileError> {
        let mut macs: Vec<Mac> = Vec::new();
        for (number, run) in (0..).zip(&self.runs) {
            let Some((side, mac)) = run.current else { continue };
            let mut page = [0; PAGE_BYTES];
            let at = shared.layout.epoch_page(number, side);
            shared.medium.read(at, &mut page)?;
            let there = open_places(&shared.cipher, number, side, &page).map(|page| page.mac);
            if there != Some(mac) {
                return Err(FileError::NotAuthentic { what: Part::EpochPage(number), at });
            }
            macs.push(mac);
        }
        if shared.cipher.root(&macs) == self.header.root {
            return Ok(());
        }
        let (what, at) = (Part::EpochPages, shared.layout.epoch_page(0, Side::A));
        Err(FileError::Damaged { what, at, how: "is not the one that the header names" })
    }

    fn examine_ring(&self, shared: &Shared) -> Result<(), FileError> {
        let mut ring = vec![0; RING_PAGES as usize * PAGE_BYTES];
        shared.medium.read(shared.layout.ring(0), &mut ring)?;
        let records = chain(&shared.cipher, shared.layout, &self.header, &ring)?;
        let (tag, page) = records.last().map_or((self.header.seed, 0), |last| (last.tag, last.page + last.pages));
        if tag == self.previous && page == self.page {
            return Ok(());
        }
        Err(FileError::NotAuthentic { what: Part::Record(page), at: shared.layout.ring(page) })
    }

    fn examine_tags(&self, shared: &Shared, number: u64) -> Result<(), FileError> {
        let group = shared.group(number)?;
        let state = group.state();
        let Some(place) = &state.place else { return Ok(()) };
        let at = shared.layout.tag_page(number, place.side);
        let mut page = [0; PAGE_BYTES];
        shared.medium.read(at, &mut page)?;
        let refused = FileError::NotAuthentic { what: Part::TagPage(number), at };
        let Some(entries) = open_tags(&shared.cipher, number, place, &page) else { return Err(refused) };
        // A group that changed since the checkpoint is ahead of its page.
        let same = |(slot, entry)| state.known(slot).is_none_or(|known| known == entry);
        if self.dirty.contains(&number) || entries.iter().copied().enumerate().all(same) {
            return Ok(());
        }
        Err(refused)
    }
}
