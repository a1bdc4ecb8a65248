//! What changed in the vault's file since the last backup to a place.
//!
//! Of an open vault, which was checkpointed: the tag page in force says of every block whether it was written since, so
//! only blocks that may have changed are read; the ring, and copies that are not in force, are left out. Of a closed file
//! nothing is known without its keys, so every page is read.
//! **Invariant:** a page is left out only if its bytes are those that a restore of the last backup gives, or if no opening
//! of the file looks at it. No block is ever decrypted, and one that would not open is copied as it lies.

use super::BackupError;
use super::index::{State, page_hash};
use super::manifest::Basis;
use super::pack::{MOST_PAGES, Packer, Patch};
use crate::vault::file::Disk;
use crate::vault::file::shape::{self, Copied, GROUP, PAGE_LEN, Page, RUN, Shape};
use crate::vault::superblock::SUPERBLOCK_REGION;

/// A patch that is longer saves nothing worth its trouble.
const LONGEST_PATCH: usize = 3_000;

/// Where changed pages go; asked between any two pieces.
pub(super) trait Sink {
    /// Changes the pack in hand.
    fn pack(&mut self) -> &mut Packer;
    /// Called after each step with how many pages of the file have been dealt with.
    fn step(&mut self, page: u64) -> Result<(), BackupError>;
}

/// One file, compared with what is known of it.
pub(super) struct Comparison<'a, S> {
    disk: &'a dyn Disk,
    len: u64,
    pages: u64,
    shape: Shape,
    /// What a restore gives: of the last backup at first, of this one in the end.
    state: &'a mut State,
    sink: &'a mut S,
    changed: u64,
}

/// Hands everything that changed to `sink`, brings `state` up to date, and answers how many pages had changed.
pub(super) fn compare<S: Sink>(
    disk: &dyn Disk,
    len: u64,
    basis: Basis,
    state: &mut State,
    sink: &mut S,
) -> Result<u64, BackupError> {
    let pages = len.div_ceil(PAGE_LEN as u64);
    state.resize(pages);
    let shape = Shape::new(SUPERBLOCK_REGION);
    let mut comparison = Comparison { disk, len, pages, shape, state, sink, changed: 0 };
    match basis {
        Basis::Open => comparison.open()?,
        Basis::Sealed => comparison.by_content(0, pages)?,
    }
    Ok(comparison.changed)
}

impl<S: Sink> Comparison<'_, S> {
    fn open(&mut self) -> Result<(), BackupError> {
        let headers = self.shape.header(Copied::A);
        for page in 0..headers.min(self.pages) {
            self.page(page, page)?;
        }
        let mut epoch = 0;
        for copy in [Copied::A, Copied::B] {
            let page = self.shape.header(copy);
            let bytes = self.page(page, page)?;
            epoch = epoch.max(shape::epoch(bytes.as_slice()));
        }
        self.sink.step(self.shape.first_run().min(self.pages))?;
        for run in 0..self.shape.runs(self.pages) {
            self.run(run, epoch)?;
        }
        Ok(())
    }

    fn run(&mut self, run: u64, epoch: u64) -> Result<(), BackupError> {
        let mut current: Option<(u64, Copied)> = None;
        for copy in [Copied::A, Copied::B] {
            let page = self.read(self.shape.epoch_page(run, copy), 1)?;
            let own = shape::epoch(&page);
            if shape::is_written(&page) && own <= epoch && current.is_none_or(|(best, _)| own > best) {
                current = Some((own, copy));
            }
        }
        let mut named = Vec::new();
        if let Some((_, copy)) = current {
            let (page, other) = self.pair(|copied| self.shape.epoch_page(run, copied), copy);
            named = shape::named(self.page(page, other)?.as_slice());
        }
        let groups = self.shape.groups(self.pages).min((run + 1) * RUN);
        for (group, named) in (run * RUN..groups).zip(named.into_iter().chain(std::iter::repeat(None))) {
            self.group(group, named)?;
        }
        Ok(())
    }

    fn group(&mut self, group: u64, named: Option<shape::Named>) -> Result<(), BackupError> {
        let first = self.shape.tag_page(group, Copied::A);
        let blocks = first + 2..self.pages.min(first + 2 + GROUP);
        let tags = match named {
            Some(named) => {
                let bytes = self.read(self.shape.tag_page(group, named.copy), 1)?;
                shape::is_named(&bytes, &named).then_some(named.copy)
            }
            None => None,
        };
        // A tag page that is not the one named is damage, which a backup has to bear: all is copied as it lies.
        let Some(copy) = tags else { return self.by_content(first, blocks.end) };
        let (page, other) = self.pair(|copied| self.shape.tag_page(group, copied), copy);
        let before = self.state.kept.get(&page).or_else(|| self.state.kept.get(&other)).cloned();
        let now = self.page(page, other)?;
        let may_differ = |slot: u64| {
            before.as_ref().is_none_or(|old| shape::entry(old.as_slice(), slot) != shape::entry(now.as_slice(), slot))
        };
        let mut from = blocks.start;
        while from < blocks.end {
            let to = (from..blocks.end).find(|page| !may_differ(page - blocks.start)).unwrap_or(blocks.end);
            self.by_content(from, to)?;
            from = (to..blocks.end).find(|page| may_differ(page - blocks.start)).unwrap_or(blocks.end);
        }
        self.sink.step(blocks.end)
    }

    fn pair(&self, page: impl Fn(Copied) -> u64, current: Copied) -> (u64, u64) {
        match current {
            Copied::A => (page(Copied::A), page(Copied::B)),
            Copied::B => (page(Copied::B), page(Copied::A)),
        }
    }

    /// Deals with one page that is kept whole. What it held before, or else what `other` held, which is not in force any
    /// more, is what it is patched from.
    fn page(&mut self, page: u64, other: u64) -> Result<Box<Page>, BackupError> {
        let mut bytes = Box::new([0; PAGE_LEN]);
        bytes.copy_from_slice(&self.read(page, 1)?);
        let hash = page_hash(bytes.as_slice());
        let known = self.state.hashes.get(page as usize).copied();
        if known != Some(hash) {
            self.changed += 1;
            let base = [page, other].into_iter().filter_map(|base| {
                let patch = Patch::between(self.state.kept.get(&base)?.as_slice(), bytes.as_slice());
                Some((base, patch))
            });
            match base.min_by_key(|(_, patch)| patch.len()) {
                Some((base, patch)) if patch.len() <= LONGEST_PATCH => self.sink.pack().patch(page, base, &patch),
                _ => self.sink.pack().run(page, bytes.as_slice()),
            }
            if let Some(known) = self.state.hashes.get_mut(page as usize) {
                *known = hash;
            }
        }
        self.state.kept.remove(&other);
        self.state.kept.insert(page, bytes.clone());
        Ok(bytes)
    }

    /// Deals with the pages `from..to` by reading them.
    fn by_content(&mut self, from: u64, to: u64) -> Result<(), BackupError> {
        let mut at = from;
        while at < to {
            let count = (to - at).min(MOST_PAGES as u64);
            let bytes = self.read(at, count)?;
            for (page, bytes) in (at..).zip(bytes.chunks_exact(PAGE_LEN)) {
                let hash = page_hash(bytes);
                if let Some(known) = self.state.hashes.get_mut(page as usize)
                    && *known != hash
                {
                    *known = hash;
                    self.changed += 1;
                    self.state.kept.remove(&page);
                    self.sink.pack().run(page, bytes);
                }
            }
            at += count;
            self.sink.step(at)?;
        }
        Ok(())
    }

    /// The bytes of pages; what lies behind the end of the file reads as zeros.
    fn read(&self, page: u64, count: u64) -> Result<Vec<u8>, BackupError> {
        let mut out = vec![0; count as usize * PAGE_LEN];
        let start = page * PAGE_LEN as u64;
        let there = self.len.saturating_sub(start).min(out.len() as u64) as usize;
        let to = out.get_mut(..there).unwrap_or_default();
        let read = self.disk.read(start, to);
        read.map_err(|source| BackupError::Io { doing: "cannot read the vault", source })?;
        Ok(out)
    }
}
