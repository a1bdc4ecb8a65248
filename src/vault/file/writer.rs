//! Writing: blocks, the record of a commit, confirmation before overwriting. One writer at a time, behind a lock.
//!
//! **Invariant:** a block that the last record lists is never written over before a later record is durable; and
//! nothing that a durable header or record names is written over in place.

use std::collections::{BTreeSet, HashSet};

use super::cipher::{Mac, Nonces};
use super::error::FileError;
use super::groups::{Shared, to_border};
use super::header::{Follow, Header, Super};
use super::layout::{GROUP_BLOCKS, PAGE, PAGE_BYTES, RING_PAGES, Side, blocks_for, groups_for};
use super::recent::Recent;
use super::ring::{Record, pages_for};
use super::steps::Step;
use super::tags::Entry;

/// A commit that changed more blocks is checkpointed, so that opening never has to check more than 8 MiB.
const MOST_LISTED: usize = 2_048;

/// The blocks changed since the last record.
enum Changed {
    Few(BTreeSet<u64>),
    /// Too many for a record.
    Many,
}

/// Whether the other header slot holds the present header too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mirror {
    Done,
    Due,
    /// It does, and both say that nothing follows, so one has to be written anew before something does.
    Closed,
}

/// The epoch page of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// Which copy is in force, if one was ever written, and its MAC.
    pub current: Option<(Side, Mac)>,
    /// Whether the next checkpoint must write it although no group of it changed.
    pub rewrite: Rewrite,
}

/// See [`Run::rewrite`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rewrite {
    No,
    /// A crash left a younger copy, whose epoch will be used again.
    Yes,
}

/// What only the writer knows.
pub(super) struct Writer {
    pub(super) nonces: Nonces,
    /// The header in force and the slot that surely holds it.
    pub(super) header: Header,
    pub(super) side: Side,
    pub(super) mirror: Mirror,
    pub(super) runs: Vec<Run>,
    /// The epoch of the last record or header.
    pub(super) epoch: u64,
    /// Its tag or seed.
    pub(super) previous: Mac,
    /// The next free page of the ring.
    pub(super) page: u64,
    /// The blocks that the last record lists.
    pub(super) listed: HashSet<u64>,
    /// redb's super-header and length as of the last record or header.
    pub(super) image: Super,
    pub(super) len: u64,
    /// Groups whose entries differ from their tag pages.
    pub(super) dirty: BTreeSet<u64>,
    /// The blocks written last.
    pub(super) recent: Recent,
    changed: Changed,
    synced: Synced,
    scratch: Vec<u8>,
}

/// Whether redb asked for a sync since the file was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Synced {
    NotYet,
    Once,
}

impl Writer {
    /// The writer of a file whose present state is `header`, with no record after it.
    pub(super) fn new(nonces: Nonces, header: Header, side: Side, mirror: Mirror, runs: Vec<Run>) -> Self {
        Self {
            nonces,
            epoch: header.epoch,
            previous: header.seed,
            image: header.image,
            len: header.len,
            recent: header.recent.clone(),
            header,
            side,
            mirror,
            runs,
            page: 0,
            listed: HashSet::new(),
            dirty: BTreeSet::new(),
            changed: Changed::Few(BTreeSet::new()),
            synced: Synced::NotYet,
            scratch: Vec::new(),
        }
    }

    /// Writes whole blocks from `first` on.
    pub(super) fn write(&mut self, shared: &Shared, first: u64, data: &[u8]) -> Result<(), FileError> {
        let blocks = first..first + data.len() as u64 / PAGE;
        if Step::ConfirmBeforeOverwrite.is_taken() && self.lists_any(&blocks) {
            self.confirm(shared)?;
        }
        let (head, rest) = data.split_at(to_border(first).min(data.len()));
        let mut block = first;
        for part in std::iter::once(head).chain(rest.chunks(GROUP_BLOCKS as usize * PAGE_BYTES)) {
            self.write_part(shared, block, part)?;
            block += part.len() as u64 / PAGE;
        }
        Ok(())
    }

    /// Writes blocks that lie in one group.
    fn write_part(&mut self, shared: &Shared, first: u64, data: &[u8]) -> Result<(), FileError> {
        if data.is_empty() {
            return Ok(());
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(data);
        let mut entries = Vec::with_capacity(data.len() / PAGE_BYTES);
        for (block, data) in (first..).zip(self.scratch.chunks_exact_mut(PAGE_BYTES)) {
            let nonce = self.nonces.fresh();
            entries.push(Entry { nonce, tag: shared.cipher.seal_block(block, &nonce, data)? });
        }
        let number = first / GROUP_BLOCKS;
        let group = shared.group(number)?;
        let mut state = group.state_mut();
        shared.medium.write(shared.layout.block(first), &self.scratch)?;
        for (slot, entry) in ((first % GROUP_BLOCKS) as usize..).zip(&entries) {
            state.set(slot, *entry);
        }
        drop(state);
        self.dirty.insert(number);
        self.note(first..first + entries.len() as u64);
        Ok(())
    }

    fn note(&mut self, blocks: std::ops::Range<u64>) {
        self.recent.wrote(blocks.clone());
        if let Changed::Few(changed) = &mut self.changed {
            changed.extend(blocks);
            if changed.len() > MOST_LISTED {
                self.changed = Changed::Many;
            }
        }
    }

    fn lists_any(&self, blocks: &std::ops::Range<u64>) -> bool {
        if self.listed.len() as u64 <= blocks.end - blocks.start {
            self.listed.iter().any(|block| blocks.contains(block))
        } else {
            blocks.clone().any(|block| self.listed.contains(&block))
        }
    }

    /// Changes the length redb sees. New blocks are zeros that nobody wrote: their entries say so, authentically, and the
    /// disk only has to be long enough. Writing them would write a growing file twice.
    pub(super) fn resize(&mut self, shared: &Shared, len: u64) -> Result<(), FileError> {
        let (before, after) = (blocks_for(shared.len()), blocks_for(len));
        let known = shared.count();
        for _ in known..groups_for(len) {
            shared.add(None);
        }
        if after < before && !after.is_multiple_of(GROUP_BLOCKS) {
            // The group that is cut forgets what lies beyond; groups that go altogether stay known until the shorter
            // length is durable, because the present header names their tag pages.
            self.forget(shared, after..(after / GROUP_BLOCKS + 1) * GROUP_BLOCKS)?;
        }
        // What a shrink left known, and is grown over before that shrink was durable, begins anew as well.
        let left = before.div_ceil(GROUP_BLOCKS) * GROUP_BLOCKS..(known * GROUP_BLOCKS).min(after);
        if !left.is_empty() {
            self.forget(shared, left)?;
            // A record lists blocks that were written, so only a checkpoint can say that these no longer are.
            self.changed = Changed::Many;
        }
        let end = shared.layout.end(len);
        if after > before && shared.medium.len()? < end {
            shared.medium.set_len(end)?;
        }
        shared.set_len(len);
        Ok(())
    }

    /// Makes blocks be zeros that nobody wrote.
    fn forget(&mut self, shared: &Shared, blocks: std::ops::Range<u64>) -> Result<(), FileError> {
        for block in blocks {
            let number = block / GROUP_BLOCKS;
            shared.group(number)?.state_mut().set((block % GROUP_BLOCKS) as usize, Entry::EMPTY);
            self.dirty.insert(number);
        }
        Ok(())
    }

    /// Makes everything durable: by a record where it fits, else by a checkpoint.
    pub(super) fn sync(&mut self, shared: &Shared) -> Result<(), FileError> {
        let (len, image) = (shared.len(), shared.image());
        let Changed::Few(changed) = &self.changed else {
            return self.checkpoint(shared);
        };
        // The first thing that redb does to a file is to note in its super-header that it is open. A crash before any block
        // was changed leaves the closed state, which is as good; so that note becomes durable with what follows it, and
        // who only reads costs no sync.
        let is_note = self.synced == Synced::NotYet;
        self.synced = Synced::Once;
        if changed.is_empty() && len == self.len && (image == self.image || is_note) {
            return Ok(());
        }
        let end = blocks_for(len);
        let blocks: Vec<u64> = changed.iter().copied().filter(|block| *block < end).collect();
        // One page stays free for a confirmation.
        if len < self.len || self.page + pages_for(blocks.len()) >= RING_PAGES {
            return self.checkpoint(shared);
        }
        let mut list = Vec::with_capacity(blocks.len());
        for block in &blocks {
            let known = shared.group(block / GROUP_BLOCKS)?.state().known((block % GROUP_BLOCKS) as usize);
            list.push((*block, known.ok_or(FileError::Misuse("a changed block without an entry"))?));
        }
        self.append(shared, len, image, list)?;
        self.listed = blocks.into_iter().collect();
        self.changed = Changed::Few(BTreeSet::new());
        (self.len, self.image) = (len, image);
        Ok(())
    }

    /// Makes the last record provably durable, so that the blocks it lists may be written over, and so that damage to
    /// them later is seen as damage: appends a record that changes nothing.
    pub(super) fn confirm(&mut self, shared: &Shared) -> Result<(), FileError> {
        if self.listed.is_empty() {
            return Ok(());
        }
        self.append(shared, self.len, self.image, Vec::new())?;
        self.listed.clear();
        Ok(())
    }

    fn append(&mut self, shared: &Shared, len: u64, image: Super, changed: Vec<(u64, Entry)>) -> Result<(), FileError> {
        let pages = pages_for(changed.len());
        let record = Record { epoch: self.epoch + 1, previous: self.previous, len, image, changed };
        let (bytes, tag) = record.seal(&shared.cipher, self.page, self.nonces.fresh())?;
        self.header.follow = Follow::Records;
        let mirror = self.next_mirror(shared)?;
        let record = (shared.layout.ring(self.page), bytes);
        self.write_last(shared, &mirror.into_iter().chain([record]).collect::<Vec<_>>())?;
        self.mirror = Mirror::Done;
        (self.epoch, self.previous, self.page) = (self.epoch + 1, tag, self.page + pages);
        Ok(())
    }

    /// Writes what makes everything before it count, a record or a header, durably. If that fails, nobody is told that it
    /// is done, and nobody must find it so: bytes whose sync failed can be read until the machine stops and be gone then,
    /// together with all that was built on them. So they are written over as well as the disk allows.
    pub(super) fn write_last(&self, shared: &Shared, parts: &[(u64, Vec<u8>)]) -> Result<(), FileError> {
        let mut each = parts.iter();
        let written = each.try_for_each(|(at, bytes)| shared.medium.write(*at, bytes));
        let synced = written.and_then(|()| shared.medium.sync());
        if synced.is_err() && Step::VoidAfterFailure.is_taken() {
            for (at, bytes) in parts {
                let mut noise = vec![0; bytes.len()];
                self.nonces.fill(&mut noise);
                shared.medium.void(*at, &noise);
            }
        }
        synced
    }

    /// Where the present header goes beside the copy that surely holds it, and its bytes there, unless it is there.
    fn next_mirror(&mut self, shared: &Shared) -> Result<Option<(u64, Vec<u8>)>, FileError> {
        if self.mirror == Mirror::Done || !Step::SecondHeader.is_taken() {
            return Ok(None);
        }
        if self.mirror == Mirror::Closed && Step::SyncAfterClosed.is_taken() {
            // A process that was killed while closing leaves a copy that can be read and is not durable; the other one
            // may be written over only when this one is.
            shared.medium.sync()?;
        }
        let side = self.side.other();
        let bytes = self.header.seal(&shared.cipher, side, self.nonces.fresh())?;
        Ok(Some((shared.layout.header(side), bytes)))
    }

    /// Leaves nothing in the ring and both header copies alike, as the last thing before the file is let go.
    pub(super) fn settle(&mut self, shared: &Shared) -> Result<(), FileError> {
        let unchanged = matches!(&self.changed, Changed::Few(changed) if changed.is_empty());
        let same = unchanged && shared.len() == self.len && shared.image() == self.image;
        if !same || self.page > 0 || !self.dirty.is_empty() {
            self.checkpoint_before(shared, Follow::Nothing)?;
        }
        if self.mirror == Mirror::Due {
            let mirror = self.next_mirror(shared)?;
            self.write_last(shared, mirror.as_slice())?;
            self.mirror = Mirror::Closed;
        }
        Ok(())
    }

    /// Forgets what the ring held, after a checkpoint made `header` durable on `side`.
    pub(super) fn begin_chain(&mut self, header: Header, side: Side) {
        (self.epoch, self.previous, self.page) = (header.epoch, header.seed, 0);
        (self.len, self.image) = (header.len, header.image);
        self.side = side;
        self.mirror = Mirror::Due;
        self.header = header;
        self.listed.clear();
        self.dirty.clear();
        self.changed = Changed::Few(BTreeSet::new());
    }
}
