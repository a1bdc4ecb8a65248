//! Laying packs over each other, and what the result has to look like.
//!
//! The same pieces are laid into a file by a restore, and into hashes by a check that writes nothing.
//! **Invariant:** nothing is laid outside the length that the manifest gives; what is checked here needs no key but the
//! one that opened the backup, and proves that the file is the one that was backed up, not that its blocks open.

use std::io;

use super::BackupError;
use super::index::{State, page_hash};
use super::manifest::{Basis, Manifest};
use super::pack::{Piece, pieces};
use crate::vault::file::shape::{self, Copied, GROUP, Kind, PAGE_LEN, Page, RUN, Shape};
use crate::vault::file::{Disk, FileDisk, MemoryDisk};
use crate::vault::superblock::{SUPERBLOCK_REGION, Superblock};

/// What packs are laid into.
pub(super) trait Target {
    /// Cuts or grows, with zeros, to `len` bytes.
    fn resize(&mut self, len: u64) -> io::Result<()>;
    /// Lays whole pages from `first` on.
    fn put(&mut self, first: u64, pages: &[u8]) -> io::Result<()>;
    /// What a page holds that may be patched.
    fn page(&mut self, page: u64) -> io::Result<Page>;
}

/// Lays one opened pack into `target`; nothing if it is no pack or reaches outside.
pub(super) fn lay(target: &mut dyn Target, pack: &[u8], pages: u64) -> io::Result<Option<()>> {
    let Some(pieces) = pieces(pack) else { return Ok(None) };
    for piece in pieces {
        match piece {
            Piece::Run { first, pages: bytes } => {
                let count = (bytes.len() / PAGE_LEN) as u64;
                if first.checked_add(count).is_none_or(|end| end > pages) {
                    return Ok(None);
                }
                target.put(first, bytes)?;
            }
            Piece::Patch { page, base, patch } => {
                if page >= pages || base >= pages {
                    return Ok(None);
                }
                let mut bytes = target.page(base)?;
                if patch.apply(&mut bytes).is_none() {
                    return Ok(None);
                }
                target.put(page, &bytes)?;
            }
        }
    }
    Ok(Some(()))
}

/// How many pages a file of this manifest has.
pub(super) fn pages(manifest: &Manifest) -> u64 {
    manifest.len.div_ceil(PAGE_LEN as u64)
}

/// Only hashes, and the pages that are not data blocks.
#[derive(Debug, Default)]
pub(super) struct Outline(State);

impl Outline {
    /// What a restored file would come to.
    pub(super) fn hash(&self) -> [u8; 32] {
        self.0.hash()
    }
}

impl Target for Outline {
    fn resize(&mut self, len: u64) -> io::Result<()> {
        self.0.resize(len.div_ceil(PAGE_LEN as u64));
        Ok(())
    }

    fn put(&mut self, first: u64, pages: &[u8]) -> io::Result<()> {
        let shape = Shape::new(SUPERBLOCK_REGION);
        for (page, bytes) in (first..).zip(pages.chunks_exact(PAGE_LEN)) {
            if let Some(hash) = self.0.hashes.get_mut(page as usize) {
                *hash = page_hash(bytes);
            }
            if !matches!(shape.kind(page), Kind::Block { .. } | Kind::Ring) {
                let mut kept = Box::new([0; PAGE_LEN]);
                kept.copy_from_slice(bytes);
                self.0.kept.insert(page, kept);
            }
        }
        Ok(())
    }

    fn page(&mut self, page: u64) -> io::Result<Page> {
        Ok(self.0.kept.get(&page).map_or([0; PAGE_LEN], |kept| **kept))
    }
}

/// The file that is restored into. It is locked and has no name that anybody would open yet.
#[derive(Debug)]
pub(super) struct Restoring(pub FileDisk);

impl Restoring {
    /// Reads `count` pages; what lies behind the end reads as zeros.
    pub(super) fn read(&self, first: u64, count: u64) -> io::Result<Vec<u8>> {
        let mut out = vec![0; count as usize * PAGE_LEN];
        let start = first * PAGE_LEN as u64;
        let there = self.0.len()?.saturating_sub(start).min(out.len() as u64) as usize;
        self.0.read(start, out.get_mut(..there).unwrap_or_default())?;
        Ok(out)
    }
}

impl Target for Restoring {
    fn resize(&mut self, len: u64) -> io::Result<()> {
        // Cut first, so that what grows again is zeros.
        self.0.set_len(len)
    }

    fn put(&mut self, first: u64, pages: &[u8]) -> io::Result<()> {
        let start = first * PAGE_LEN as u64;
        // A file whose end was torn has less than its last page.
        let there = self.0.len()?.saturating_sub(start).min(pages.len() as u64) as usize;
        self.0.write(start, pages.get(..there).unwrap_or_default())
    }

    fn page(&mut self, page: u64) -> io::Result<Page> {
        let mut out = [0; PAGE_LEN];
        out.copy_from_slice(&self.read(page, 1)?);
        Ok(out)
    }
}

/// Whether what was laid is a whole vault's file, as far as can be told without its keys.
pub(super) fn whole(target: &mut dyn Target, manifest: &Manifest) -> Result<(), BackupError> {
    let io = |source| BackupError::Io { doing: "cannot read what was restored", source };
    let fault = |what| Err(BackupError::NotWhole(manifest.id.clone(), what));
    let shape = Shape::new(SUPERBLOCK_REGION);
    let pages = pages(manifest);
    if pages < shape.first_run() {
        return fault("it is too short");
    }
    let mut head = Vec::with_capacity(SUPERBLOCK_REGION as usize);
    for page in 0..shape.header(Copied::A) {
        head.extend_from_slice(&target.page(page).map_err(io)?);
    }
    let Ok((superblock, _)) = Superblock::read(&MemoryDisk::from_bytes(head)) else {
        return fault("its head cannot be read");
    };
    if superblock.vault_id() != manifest.vault || superblock.file_id() != manifest.file {
        return fault("its head is another vault's");
    }
    let mut written = false;
    for copy in [Copied::A, Copied::B] {
        written |= shape::is_written(&target.page(shape.header(copy)).map_err(io)?);
    }
    if !written {
        return fault("its header is missing");
    }
    // Of a file that was closed by a crash, only its ring and keys can tell which groups count.
    if manifest.basis == Basis::Sealed {
        return Ok(());
    }
    for run in 0..shape.runs(pages) {
        if !run_is_whole(target, shape, run, pages).map_err(io)? {
            return fault("tag pages are missing or not those that are named");
        }
    }
    Ok(())
}

fn run_is_whole(target: &mut dyn Target, shape: Shape, run: u64, pages: u64) -> io::Result<bool> {
    let groups = run * RUN..shape.groups(pages).min((run + 1) * RUN);
    for copy in [Copied::A, Copied::B] {
        let page = target.page(shape.epoch_page(run, copy))?;
        let mut fits = shape::is_written(&page);
        let mut named = shape::named(&page).into_iter();
        for group in groups.clone() {
            fits = fits
                && match named.next().flatten() {
                    Some(named) => {
                        let tags = target.page(shape.tag_page(group, named.copy))?;
                        shape::is_named(&tags, &named) && ends_in_time(&tags, shape, group, pages)
                    }
                    // A group of which no block was ever written has no tag page.
                    None => true,
                };
        }
        // A shrink forgets what it cuts off, so whatever is named behind the end was lost otherwise.
        if fits && named.all(|beyond| beyond.is_none()) {
            return Ok(true);
        }
    }
    Ok(groups.is_empty())
}

/// Whether a tag page says of no block behind the end that it was written.
fn ends_in_time(tags: &Page, shape: Shape, group: u64, pages: u64) -> bool {
    let first = shape.tag_page(group, Copied::B) + 1;
    let beyond = pages.saturating_sub(first).min(GROUP)..GROUP;
    beyond.into_iter().all(|slot| shape::entry(tags, slot).iter().all(|byte| *byte == 0))
}
