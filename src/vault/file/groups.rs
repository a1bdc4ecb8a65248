//! The groups of data blocks in memory: their entries, loaded when first touched, and the reading of blocks.
//!
//! **Invariant:** a group's lock is held while its blocks are read or written on the disk, so a reader never sees an
//! entry without its block; no lock of the writer's is taken here, so readers never wait for a sync.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::cipher::Cipher;
use super::error::{FileError, Part};
use super::header::Super;
use super::layout::{GROUP_BLOCKS, Layout, PAGE, PAGE_BYTES};
use super::medium::Medium;
use super::tags::{Entries, Entry, Place, open_tags};

/// What readers and the writer share.
pub(super) struct Shared {
    pub medium: Medium,
    pub layout: Layout,
    pub cipher: Cipher,
    len: AtomicU64,
    image: RwLock<Super>,
    groups: RwLock<Vec<Arc<Group>>>,
}

/// One group.
pub(super) struct Group(RwLock<GroupState>);

/// What is known of a group.
pub(super) struct GroupState {
    /// The tag page in force; none was written yet otherwise.
    pub place: Option<Place>,
    tags: Tags,
}

enum Tags {
    /// Nobody asked for them yet: they are those of the tag page, and without one those of blocks that nobody wrote, but
    /// for these newer ones. A file is longer than what it holds, and what lies unused takes no memory this way.
    Unread(Vec<(usize, Entry)>),
    Read(Box<Entries>),
}

impl Shared {
    pub(super) fn new(medium: Medium, layout: Layout, cipher: Cipher) -> Self {
        let (len, image) = (AtomicU64::new(0), RwLock::new([0; _]));
        Self { medium, layout, cipher, len, image, groups: RwLock::default() }
    }

    /// The length redb sees.
    pub(super) fn len(&self) -> u64 {
        self.len.load(Ordering::Acquire)
    }

    pub(super) fn set_len(&self, len: u64) {
        self.len.store(len, Ordering::Release);
    }

    /// redb's super-header.
    pub(super) fn image(&self) -> Super {
        *reading(&self.image)
    }

    pub(super) fn set_image(&self, image: Super) {
        *writing(&self.image) = image;
    }

    /// How many groups there are in memory; more than the length needs until a shrink is durable.
    pub(super) fn count(&self) -> u64 {
        reading(&self.groups).len() as u64
    }

    /// Adds a group whose tag page is at `place`.
    pub(super) fn add(&self, place: Option<Place>) {
        let state = GroupState { place, tags: Tags::Unread(Vec::new()) };
        writing(&self.groups).push(Arc::new(Group(RwLock::new(state))));
    }

    /// Forgets the groups from `count` on.
    pub(super) fn truncate(&self, count: u64) {
        writing(&self.groups).truncate(count as usize);
    }

    /// A group by its number.
    pub(super) fn group(&self, group: u64) -> Result<Arc<Group>, FileError> {
        let found = reading(&self.groups).get(group as usize).cloned();
        found.ok_or(FileError::Misuse("there is no such block"))
    }

    /// Reads and decrypts whole blocks from `first` on.
    pub(super) fn read(&self, first: u64, out: &mut [u8]) -> Result<(), FileError> {
        let (head, rest) = out.split_at_mut(to_border(first).min(out.len()));
        let mut block = first;
        for part in std::iter::once(head).chain(rest.chunks_mut(GROUP_BLOCKS as usize * PAGE_BYTES)) {
            self.read_part(block, part)?;
            block += part.len() as u64 / PAGE;
        }
        Ok(())
    }

    /// Reads blocks that lie in one group. The lock is let go before anything is decrypted.
    fn read_part(&self, first: u64, out: &mut [u8]) -> Result<(), FileError> {
        let count = out.len() / PAGE_BYTES;
        let number = first / GROUP_BLOCKS;
        let group = self.group(number)?;
        let fetch = |entries: &Entries, out: &mut [u8]| -> Result<Vec<Entry>, FileError> {
            let wanted = entries.iter().skip((first % GROUP_BLOCKS) as usize).take(count).copied().collect();
            self.medium.read(self.layout.block(first), out)?;
            Ok(wanted)
        };
        let state = reading(&group.0);
        let entries = if let Tags::Read(entries) = &state.tags {
            fetch(entries, out)?
        } else {
            drop(state);
            // Fetched while the tag page is.
            self.medium.expect(self.layout.block(first), out.len() as u64);
            fetch(writing(&group.0).entries(self, number)?, out)?
        };
        for ((block, entry), data) in (first..).zip(&entries).zip(out.chunks_exact_mut(PAGE_BYTES)) {
            self.open_block(block, entry, data)?;
        }
        Ok(())
    }

    /// Decrypts a block that was read. One that was never written is zeros, whatever lies in its place: its entry is
    /// authentic, so nobody can turn a written block into such a one.
    pub(super) fn open_block(&self, block: u64, entry: &Entry, data: &mut [u8]) -> Result<(), FileError> {
        let (what, at) = (Part::Block(block), self.layout.block(block));
        if *entry == Entry::EMPTY {
            data.fill(0);
            return Ok(());
        }
        let opened = self.cipher.open_block(block, &entry.nonce, &entry.tag, data);
        opened.map_err(|_| FileError::NotAuthentic { what, at })
    }
}

impl Group {
    /// What is known of it, to read.
    pub(super) fn state(&self) -> RwLockReadGuard<'_, GroupState> {
        reading(&self.0)
    }

    /// What is known of it, to change; no reader touches the group's blocks meanwhile.
    pub(super) fn state_mut(&self) -> RwLockWriteGuard<'_, GroupState> {
        writing(&self.0)
    }
}

impl GroupState {
    /// All entries, read from the tag page now if they were not yet.
    pub(super) fn entries(&mut self, shared: &Shared, group: u64) -> Result<&Entries, FileError> {
        if let Tags::Unread(newer) = &self.tags {
            let mut entries = match &self.place {
                Some(place) => {
                    let at = shared.layout.tag_page(group, place.side);
                    let mut page = [0; PAGE_BYTES];
                    shared.medium.read(at, &mut page)?;
                    open_tags(&shared.cipher, group, place, &page)
                        .ok_or(FileError::NotAuthentic { what: Part::TagPage(group), at })?
                }
                None => Box::new([Entry::EMPTY; _]),
            };
            for (slot, entry) in newer {
                entries.iter_mut().skip(*slot).take(1).for_each(|old| *old = *entry);
            }
            self.tags = Tags::Read(entries);
        }
        match &self.tags {
            Tags::Read(entries) => Ok(entries),
            Tags::Unread(_) => Err(FileError::Misuse("entries that were read are gone")),
        }
    }

    /// Notes a newer entry for the block in `slot`.
    pub(super) fn set(&mut self, slot: usize, entry: Entry) {
        match &mut self.tags {
            Tags::Read(entries) => entries.iter_mut().skip(slot).take(1).for_each(|old| *old = entry),
            Tags::Unread(newer) => match newer.iter_mut().find(|(known, _)| *known == slot) {
                Some((_, old)) => *old = entry,
                None => newer.push((slot, entry)),
            },
        }
    }

    /// The entry of the block in `slot`, if it is known without reading.
    pub(super) fn known(&self, slot: usize) -> Option<Entry> {
        match &self.tags {
            Tags::Read(entries) => entries.get(slot).copied(),
            Tags::Unread(newer) => newer.iter().find(|(known, _)| *known == slot).map(|(_, entry)| *entry),
        }
    }
}

/// Bytes from `block` to the end of its group.
pub(super) fn to_border(block: u64) -> usize {
    (GROUP_BLOCKS - block % GROUP_BLOCKS) as usize * PAGE_BYTES
}

/// A panic elsewhere leaves these locks' contents whole: each change under them is a single store.
fn reading<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn writing<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
