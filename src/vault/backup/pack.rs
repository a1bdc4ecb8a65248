//! What is in a pack: pages of the vault's file, and patches of such pages.
//!
//! `magic 8 "VBPACK01"`, then pieces, big-endian:
//! ```text
//! 1 ‖ first page 8 ‖ count 4 ‖ count × 4,096 B
//! 2 ‖ page 8 ‖ base page 8 ‖ count 2 ‖ count × (offset 2 ‖ length 2 ‖ bytes)
//! ```
//! A patch is laid over what the base page held in the parent's state. It keeps small the pages that change a little with
//! every change elsewhere: head, headers, epoch pages, tag pages.
//! **Invariant:** within one backup a page occurs once, and no patch's base is written by another piece; so pieces can be
//! applied in any order.

use crate::vault::file::shape::{PAGE_LEN, Page};

/// A pack is sent off once it is this long.
pub(super) const FULL: usize = 8 * 1024 * 1024;
/// The most pages that are added at once.
pub(super) const MOST_PAGES: usize = 100;

const MAGIC: [u8; 8] = *b"VBPACK01";
const RUN: u8 = 1;
const PATCH: u8 = 2;

/// A pack being filled.
#[derive(Debug)]
pub(super) struct Packer {
    bytes: Vec<u8>,
    /// The run at the end, if there is one: where its count stands, its first page and its count.
    last: Option<(usize, u64, u32)>,
}

impl Packer {
    /// An empty one.
    pub(super) fn new() -> Self {
        let mut bytes = Vec::with_capacity(FULL + (MOST_PAGES + 1) * PAGE_LEN);
        bytes.extend_from_slice(&MAGIC);
        Self { bytes, last: None }
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.len() <= MAGIC.len()
    }

    /// Whether it should be sent off.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= FULL
    }

    /// Its bytes.
    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// Adds whole pages from `first` on.
    pub(super) fn run(&mut self, first: u64, pages: &[u8]) {
        let count = (pages.len() / PAGE_LEN) as u32;
        match self.last {
            Some((at, begin, before)) if begin + u64::from(before) == first => {
                let count = before + count;
                if let Some(stored) = self.bytes.get_mut(at..at + 4) {
                    stored.copy_from_slice(&count.to_be_bytes());
                }
                self.last = Some((at, begin, count));
            }
            _ => {
                self.bytes.push(RUN);
                self.bytes.extend_from_slice(&first.to_be_bytes());
                self.last = Some((self.bytes.len(), first, count));
                self.bytes.extend_from_slice(&count.to_be_bytes());
            }
        }
        self.bytes.extend_from_slice(pages);
    }

    /// Adds a page as a patch.
    pub(super) fn patch(&mut self, page: u64, base: u64, patch: &Patch<'_>) {
        self.last = None;
        self.bytes.push(PATCH);
        self.bytes.extend_from_slice(&page.to_be_bytes());
        self.bytes.extend_from_slice(&base.to_be_bytes());
        self.bytes.extend_from_slice(&(patch.0.len() as u16).to_be_bytes());
        for (offset, bytes) in &patch.0 {
            self.bytes.extend_from_slice(&offset.to_be_bytes());
            self.bytes.extend_from_slice(&(bytes.len() as u16).to_be_bytes());
            self.bytes.extend_from_slice(bytes);
        }
    }
}

/// Bytes that differ, by their offsets in the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Patch<'a>(pub Vec<(u16, &'a [u8])>);

impl<'a> Patch<'a> {
    /// What turns `base` into `page`.
    pub(super) fn between(base: &[u8], page: &'a [u8]) -> Self {
        /// Equal bytes between two differences that cost no more to send than a second piece.
        const GAP: usize = 4;
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for (at, _) in base.iter().zip(page).enumerate().filter(|(_, (old, new))| old != new) {
            match spans.last_mut() {
                Some((_, end)) if at <= *end + GAP => *end = at + 1,
                _ => spans.push((at, at + 1)),
            }
        }
        let parts = spans.into_iter().filter_map(|(from, to)| Some((from as u16, page.get(from..to)?)));
        Self(parts.collect())
    }

    /// How many bytes it takes in a pack.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|(_, bytes)| 4 + bytes.len()).sum()
    }

    /// Lays it over `page`.
    pub(super) fn apply(&self, page: &mut Page) -> Option<()> {
        for (offset, bytes) in &self.0 {
            let from = usize::from(*offset);
            page.get_mut(from..from + bytes.len())?.copy_from_slice(bytes);
        }
        Some(())
    }
}

/// A piece of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Whole pages from `first` on.
    Run {
        /// The first page.
        first: u64,
        /// Their bytes.
        pages: &'a [u8],
    },
    /// A page as a patch of another, or of itself as it was.
    Patch {
        /// The page.
        page: u64,
        /// What it is laid over.
        base: u64,
        /// What differs.
        patch: Patch<'a>,
    },
}

/// The pieces of a pack; nothing where it is none.
pub(super) fn pieces(pack: &[u8]) -> Option<Vec<Piece<'_>>> {
    let mut rest = pack.strip_prefix(&MAGIC)?;
    let mut out = Vec::new();
    while let Some((kind, after)) = rest.split_first() {
        rest = after;
        out.push(match *kind {
            RUN => {
                let (first, count) = (u64::from_be_bytes(take(&mut rest)?), u32::from_be_bytes(take(&mut rest)?));
                let (pages, after) = rest.split_at_checked((count as usize).checked_mul(PAGE_LEN)?)?;
                rest = after;
                Piece::Run { first, pages }
            }
            PATCH => {
                let (page, base) = (u64::from_be_bytes(take(&mut rest)?), u64::from_be_bytes(take(&mut rest)?));
                let count = u16::from_be_bytes(take(&mut rest)?);
                let mut parts = Vec::new();
                for _ in 0..count {
                    let (offset, len) = (u16::from_be_bytes(take(&mut rest)?), u16::from_be_bytes(take(&mut rest)?));
                    let (bytes, after) = rest.split_at_checked(usize::from(len))?;
                    rest = after;
                    parts.push((offset, bytes));
                }
                Piece::Patch { page, base, patch: Patch(parts) }
            }
            _ => return None,
        });
    }
    Some(out)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pieces_are_read_back_and_runs_that_follow_each_other_are_one() {
        let (base, mut page) = ([1; PAGE_LEN], [1; PAGE_LEN]);
        page[7] = 2;
        page[9] = 2;
        page[4000] = 3;
        let patch = Patch::between(&base, &page);
        assert_eq!(patch.0, vec![(7, &[2, 1, 2][..]), (4000, &[3][..])]);
        let mut packer = Packer::new();
        assert!(packer.is_empty());
        packer.run(5, &page);
        packer.run(6, &[base, page].concat());
        packer.patch(9, 8, &patch);
        packer.run(8, &base);
        let bytes = packer.finish();
        let first = [page, base, page].concat();
        let expected = vec![
            Piece::Run { first: 5, pages: &first },
            Piece::Patch { page: 9, base: 8, patch: patch.clone() },
            Piece::Run { first: 8, pages: &base },
        ];
        assert!(pieces(&bytes) == Some(expected));
        assert_eq!(pieces(&bytes[..bytes.len() - 1]), None);
        let mut made = base;
        assert!(patch.apply(&mut made).is_some() && made == page);
    }

    proptest! {
        #[test]
        fn any_bytes_give_pieces_or_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = pieces(&[&MAGIC[..], &bytes].concat());
            let _ = pieces(&bytes);
        }

        #[test]
        fn a_patch_turns_the_one_page_into_the_other(
            changes in proptest::collection::vec((0_usize..PAGE_LEN, any::<u8>()), 0..60)
        ) {
            let base = [9; PAGE_LEN];
            let mut page = base;
            changes.iter().for_each(|(at, to)| page[*at] = *to);
            let mut made = base;
            Patch::between(&base, &page).apply(&mut made);
            prop_assert!(made == page);
        }
    }
}
