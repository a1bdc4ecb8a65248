//! Opening: from the bytes that a close or a crash left to a state that was acknowledged.
//!
//! In this order: the newest authentic header; the epoch pages, which must give its root; the chain of records; every
//! block that the last record lists. If one of those blocks does not open, the sync of that record had not returned: it
//! is dropped, and erased before its epoch is used again. All this after a sync, so that what is read is durable.
//!
//! A file that was closed needs neither the sync nor the ring: both header copies say that nothing follows, which they do
//! only once everything before is durable; and the first record after that goes to the ring's first page, together with
//! a header copy that says otherwise. So opening such a file reads a few pages and writes nothing, unless a crash left it
//! longer than what it holds.
//!
//! **Invariant:** nothing but a record that was never acknowledged is ever dropped; whatever else is wrong is an error.

use std::collections::BTreeSet;

use super::cipher::{Mac, Nonces};
use super::error::{FileError, Part};
use super::groups::Shared;
use super::header::{Follow, Header};
use super::layout::{GROUP_BLOCKS, HEADER_BYTES, PAGE, PAGE_BYTES, RING_PAGES, Side, blocks_for, groups_for, runs_for};
use super::recent::Recent;
use super::ring::{Found, chain};
use super::steps::Step;
use super::tags::{Checked, Place, open_places};
use super::writer::{Mirror, Rewrite, Run, Writer};

/// Lengths beyond this, 1 PiB, are no customer book and would overflow offsets.
pub(super) const LONGEST: u64 = 1 << 50;

/// Writes an empty file of redb's: both headers and a ring of random bytes.
pub(super) fn create(shared: &Shared, mut nonces: Nonces) -> Result<Writer, FileError> {
    let (image, root, seed) = ([0; _], shared.cipher.root(&[]), nonces.random());
    let header = Header { epoch: 1, image, len: 0, root, seed, recent: Recent::default(), follow: Follow::Records };
    let mut ring = vec![0; RING_PAGES as usize * PAGE_BYTES];
    nonces.fill(&mut ring);
    shared.medium.write(shared.layout.ring(0), &ring)?;
    for side in [Side::A, Side::B] {
        let mut page = vec![0; PAGE_BYTES - HEADER_BYTES];
        nonces.fill(&mut page);
        let mut bytes = header.seal(&shared.cipher, side, nonces.fresh())?;
        bytes.append(&mut page);
        shared.medium.write(shared.layout.header(side), &bytes)?;
    }
    shared.medium.sync()?;
    Ok(Writer::new(nonces, header, Side::A, Mirror::Done, Vec::new()))
}

/// Reads a file as it was left.
pub(super) fn open(shared: &Shared, nonces: Nonces) -> Result<Writer, FileError> {
    let size = shared.medium.len()?;
    require(size, shared, 0)?;
    // Headers, the ring's first page and the first epoch pages are fetched together.
    shared.medium.expect(shared.layout.header(Side::A), 3 * PAGE);
    shared.medium.expect(shared.layout.epoch_page(0, Side::A), 2 * PAGE);
    let (header, side, mirror) = newest_header(shared)?;
    if mirror == Mirror::Closed {
        require(size, shared, header.len)?;
        let (runs, places) = epoch_pages(shared, &header)?;
        return resumed(shared, size, Writer::new(nonces, header, side, mirror, runs), places);
    }
    if Step::SyncAtOpen.is_taken() {
        shared.medium.sync()?;
    }
    require(size, shared, header.len)?;
    let (runs, places) = epoch_pages(shared, &header)?;

    let mut ring = vec![0; RING_PAGES as usize * PAGE_BYTES];
    shared.medium.read(shared.layout.ring(0), &mut ring)?;
    let mut records = chain(&shared.cipher, shared.layout, &header, &ring)?;
    if Step::CheckOfLastRecord.is_taken()
        && let Some(last) = records.last()
        && !is_whole(shared, size, last)?
    {
        if Step::EraseDropped.is_taken() {
            erase(shared, &nonces, last)?;
        }
        records.pop();
    }

    let mut writer = Writer::new(nonces, header, side, mirror, runs);
    if let Some(last) = records.last() {
        (writer.epoch, writer.previous, writer.page) = (last.record.epoch, last.tag, last.page + last.pages);
        (writer.len, writer.image) = (last.record.len, last.record.image);
        writer.listed = last.record.changed.iter().map(|(block, _)| *block).collect();
    }
    let mut writer = resumed(shared, size, writer, places)?;
    for found in &records {
        for (block, entry) in &found.record.changed {
            let group = block / GROUP_BLOCKS;
            shared.group(group)?.state_mut().set((block % GROUP_BLOCKS) as usize, *entry);
            writer.dirty.insert(group);
        }
    }
    Ok(writer)
}

/// Takes up work where `writer` stands, in a file of `size` bytes.
fn resumed(shared: &Shared, size: u64, writer: Writer, places: Vec<Option<Place>>) -> Result<Writer, FileError> {
    // What lies beyond belongs to nothing that was acknowledged. If a sync failed after the file grew, its length can be
    // read without being durable, and only a length that is set again will be.
    let end = shared.layout.end(writer.len);
    if size > end && Step::CutAtOpening.is_taken() {
        shared.medium.set_len(end)?;
    }
    let count = groups_for(writer.len);
    (0..count).zip(places.into_iter().chain(std::iter::repeat(None))).for_each(|(_, place)| shared.add(place));
    shared.set_len(writer.len);
    shared.set_image(writer.image);
    Ok(writer)
}

fn require(size: u64, shared: &Shared, len: u64) -> Result<(), FileError> {
    if len <= LONGEST && size >= shared.layout.end(len) {
        return Ok(());
    }
    Err(FileError::Damaged { what: Part::End, at: size, how: "comes before the end of what is stored" })
}

fn newest_header(shared: &Shared) -> Result<(Header, Side, Mirror), FileError> {
    let read = |side| -> Result<Option<Header>, FileError> {
        let mut bytes = [0; HEADER_BYTES];
        shared.medium.read(shared.layout.header(side), &mut bytes)?;
        Ok(Header::open(&shared.cipher, side, &bytes))
    };
    let at = shared.layout.header(Side::A);
    match (read(Side::A)?, read(Side::B)?) {
        (None, None) => Err(FileError::NotAuthentic { what: Part::Headers, at }),
        (Some(a), None) => Ok((a, Side::A, Mirror::Due)),
        (None, Some(b)) => Ok((b, Side::B, Mirror::Due)),
        (Some(a), Some(b)) if a.epoch > b.epoch => Ok((a, Side::A, Mirror::Due)),
        (Some(a), Some(b)) if a.epoch < b.epoch => Ok((b, Side::B, Mirror::Due)),
        (Some(a), Some(b)) if a.says_as(&b) => {
            let mirror = match (a.follow, b.follow) {
                (Follow::Nothing, Follow::Nothing) if follows(shared, &a)? => Mirror::Due,
                (Follow::Nothing, Follow::Nothing) => Mirror::Closed,
                _ => Mirror::Done,
            };
            Ok((a, Side::A, mirror))
        }
        (Some(_), Some(_)) => {
            let how = "has two copies of one age that differ";
            Err(FileError::Damaged { what: Part::Headers, at, how })
        }
    }
}

/// Whether the ring begins with what looks like the first record after `header`: a crash left it, but not the header copy
/// that was written together with it.
fn follows(shared: &Shared, header: &Header) -> Result<bool, FileError> {
    let mut epoch = [0; 8];
    shared.medium.read(shared.layout.ring(0), &mut epoch)?;
    Ok(u64::from_be_bytes(epoch) == header.epoch + 1)
}

/// The epoch pages that `header` names, and the places of all groups.
fn epoch_pages(shared: &Shared, header: &Header) -> Result<(Vec<Run>, Vec<Option<Place>>), FileError> {
    let groups = groups_for(header.len);
    for run in 1..runs_for(groups) {
        shared.medium.expect(shared.layout.epoch_page(run, Side::A), 2 * PAGE);
    }
    let recent: BTreeSet<u64> = header.recent.blocks().filter(|block| *block < blocks_for(header.len)).collect();
    let mut group = None;
    for block in recent {
        if group.replace(block / GROUP_BLOCKS) != Some(block / GROUP_BLOCKS) {
            // Either copy of its tag page may be the one.
            shared.medium.expect(shared.layout.tag_page(block / GROUP_BLOCKS, Side::A), 2 * PAGE);
        }
        shared.medium.expect(shared.layout.block(block), PAGE);
    }
    let (mut runs, mut places, mut macs): (Vec<Run>, Vec<_>, Vec<Mac>) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..runs_for(groups) {
        let mut bytes = [0; 2 * PAGE_BYTES];
        let at = shared.layout.epoch_page(run, Side::A);
        shared.medium.read(at, &mut bytes)?;
        let (first, second) = bytes.split_at(PAGE_BYTES);
        let copies = [(Side::A, first), (Side::B, second)]
            .map(|(side, page)| open_places(&shared.cipher, run, side, page).map(|page| (side, page)));
        // A copy younger than the header is what a crash within a checkpoint left.
        let younger = copies.iter().flatten().any(|(_, page)| page.epoch > header.epoch);
        let current = copies.into_iter().flatten().filter(|(_, page): &(Side, Checked)| page.epoch <= header.epoch);
        let (side, page) = current
            .max_by_key(|(_, page)| page.epoch)
            .ok_or(FileError::NotAuthentic { what: Part::EpochPage(run), at })?;
        macs.push(page.mac);
        places.extend(page.places());
        let rewrite = if younger && Step::ReplaceYounger.is_taken() { Rewrite::Yes } else { Rewrite::No };
        runs.push(Run { current: Some((side, page.mac)), rewrite });
    }
    if shared.cipher.root(&macs) != header.root {
        let (what, at) = (Part::EpochPages, shared.layout.epoch_page(0, Side::A));
        return Err(FileError::Damaged { what, at, how: "is not the one that the header names" });
    }
    places.truncate(groups as usize);
    Ok((runs, places))
}

/// Whether everything that a record speaks of had landed.
fn is_whole(shared: &Shared, size: u64, found: &Found) -> Result<bool, FileError> {
    let record = &found.record;
    if require(size, shared, record.len).is_err() {
        return Ok(false);
    }
    let mut data = [0; PAGE_BYTES];
    for (block, entry) in &record.changed {
        if *block >= blocks_for(record.len) {
            let what = Part::Record(found.page);
            let how = "lists a block beyond the end";
            return Err(FileError::Damaged { what, at: shared.layout.ring(found.page), how });
        }
        shared.medium.read(shared.layout.block(*block), &mut data)?;
        if shared.open_block(*block, entry, &mut data).is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn erase(shared: &Shared, nonces: &Nonces, found: &Found) -> Result<(), FileError> {
    let mut bytes = vec![0; (found.pages * PAGE) as usize];
    nonces.fill(&mut bytes);
    shared.medium.write(shared.layout.ring(found.page), &bytes)?;
    shared.medium.sync()
}
