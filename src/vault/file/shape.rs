//! What can be told of the vault's file without its keys: what each page is for, and which copies are in force.
//!
//! Epochs, MACs and entries of epoch pages and tag pages stand in the clear; what they authenticate does not. So a
//! sealed vault can be backed up, and a restored one checked for being whole, by whoever holds no key.
//! **Invariant:** nothing here proves anything; only opening the file under its keys does.

use super::layout::{GROUP_BLOCKS, PAGE, PAGE_BYTES, RING_PAGES, RUN_GROUPS, Side};

/// The length of a page.
pub(in crate::vault) const PAGE_LEN: usize = PAGE_BYTES;
/// Data blocks in a group.
pub(in crate::vault) const GROUP: u64 = GROUP_BLOCKS;
/// Groups in a run.
pub(in crate::vault) const RUN: u64 = RUN_GROUPS;

/// A page's bytes.
pub(in crate::vault) type Page = [u8; PAGE_BYTES];

const EPOCH_ENTRY: usize = 1 + 8 + 16;
const TAG_ENTRY: usize = 24 + 16;
const FRAME: usize = 8 + 24 + 16;

/// What a page of the file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vault) enum Kind {
    /// Before the encrypted part.
    Head,
    /// A copy of the header.
    Header,
    /// The ring of records.
    Ring,
    /// A copy of a run's epoch page.
    EpochPage {
        /// The run.
        run: u64,
        /// Which copy.
        copy: Copied,
    },
    /// A copy of a group's tag page.
    TagPage {
        /// The group.
        group: u64,
        /// Which copy.
        copy: Copied,
    },
    /// A data block: its group and its slot there.
    Block {
        /// The group.
        group: u64,
        /// Its place in the group.
        slot: u64,
    },
}

/// Which of two copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::vault) enum Copied {
    /// The first.
    A,
    /// The second.
    B,
}

impl Copied {
    fn page(self, pair: u64) -> u64 {
        match self {
            Self::A => pair,
            Self::B => pair + 1,
        }
    }
}

/// Which tag page an epoch page names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vault) struct Named {
    /// Its side.
    pub copy: Copied,
    /// Its epoch.
    pub epoch: [u8; 8],
    /// Its MAC.
    pub mac: [u8; 16],
}

/// The pages of a file whose encrypted part begins at a page border.
#[derive(Clone, Copy, Debug)]
pub(in crate::vault) struct Shape {
    base: u64,
}

const GROUP_PAGES: u64 = GROUP_BLOCKS + 2;
const RUN_PAGES: u64 = 2 + RUN_GROUPS * GROUP_PAGES;

impl Shape {
    /// The shape of a file whose encrypted part begins `base` bytes in.
    pub(in crate::vault) fn new(base: u64) -> Self {
        Self { base: base / PAGE }
    }

    /// What `page` is for.
    pub(in crate::vault) fn kind(self, page: u64) -> Kind {
        let Some(page) = page.checked_sub(self.base) else { return Kind::Head };
        let copy = |at: u64| if at == 0 { Copied::A } else { Copied::B };
        if page < 2 {
            return Kind::Header;
        }
        let Some(page) = page.checked_sub(2 + RING_PAGES) else { return Kind::Ring };
        let (run, page) = (page / RUN_PAGES, page % RUN_PAGES);
        let Some(page) = page.checked_sub(2) else { return Kind::EpochPage { run, copy: copy(page) } };
        let (group, page) = (run * RUN_GROUPS + page / GROUP_PAGES, page % GROUP_PAGES);
        match page.checked_sub(2) {
            None => Kind::TagPage { group, copy: copy(page) },
            Some(slot) => Kind::Block { group, slot },
        }
    }

    /// The first page behind headers and ring.
    pub(in crate::vault) fn first_run(self) -> u64 {
        self.base + 2 + RING_PAGES
    }

    /// The page of a header copy.
    pub(in crate::vault) fn header(self, copy: Copied) -> u64 {
        copy.page(self.base)
    }

    /// The page of an epoch page's copy.
    pub(in crate::vault) fn epoch_page(self, run: u64, copy: Copied) -> u64 {
        copy.page(self.first_run() + run * RUN_PAGES)
    }

    /// The page of a tag page's copy.
    pub(in crate::vault) fn tag_page(self, group: u64, copy: Copied) -> u64 {
        let run = group / RUN_GROUPS;
        copy.page(self.epoch_page(run, Copied::A) + 2 + group % RUN_GROUPS * GROUP_PAGES)
    }

    /// How many runs begin within `pages` pages.
    pub(in crate::vault) fn runs(self, pages: u64) -> u64 {
        pages.saturating_sub(self.first_run()).div_ceil(RUN_PAGES)
    }

    /// How many groups have a data block within `pages` pages.
    pub(in crate::vault) fn groups(self, pages: u64) -> u64 {
        match pages.checked_sub(1).map(|last| self.kind(last)) {
            Some(Kind::Block { group, .. }) => group + 1,
            Some(Kind::TagPage { group, .. }) => group,
            Some(Kind::EpochPage { run, .. }) => run * RUN_GROUPS,
            _ => 0,
        }
    }
}

/// The epoch that a header, an epoch page or a tag page begins with.
pub(in crate::vault) fn epoch(page: &[u8]) -> u64 {
    page.first_chunk().copied().map_or(0, u64::from_be_bytes)
}

/// Whether a page was ever written: its nonce is not zero.
pub(in crate::vault) fn is_written(page: &[u8]) -> bool {
    page.iter().skip(8).take(24).any(|byte| *byte != 0)
}

/// The tag pages that an epoch page names, one for each group of its run.
pub(in crate::vault) fn named(page: &[u8]) -> Vec<Option<Named>> {
    let body = page.get(FRAME..).unwrap_or_default();
    let entries = body.chunks_exact(EPOCH_ENTRY).take(RUN_GROUPS as usize);
    entries
        .map(|entry| {
            let (side, rest) = entry.split_first()?;
            let (epoch, mac) = rest.split_first_chunk::<8>()?;
            let copy = match Side::from_byte(*side)? {
                Side::A => Copied::A,
                Side::B => Copied::B,
            };
            Some(Named { copy, epoch: *epoch, mac: *mac.first_chunk()? })
        })
        .collect()
}

/// Whether a tag page is the one that is named.
pub(in crate::vault) fn is_named(page: &[u8], named: &Named) -> bool {
    let mac = page.get(FRAME - 16..FRAME).unwrap_or_default();
    page.first_chunk() == Some(&named.epoch) && mac == named.mac
}

/// What a tag page says of the block in `slot`: its nonce and tag.
pub(in crate::vault) fn entry(page: &[u8], slot: u64) -> &[u8] {
    let start = FRAME + slot as usize * TAG_ENTRY;
    page.get(start..start + TAG_ENTRY).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::layout::Layout;
    use super::*;

    #[test]
    fn every_page_is_what_the_layout_says() {
        let base = 98 * PAGE;
        let (shape, layout) = (Shape::new(base), Layout::new(base).expect("on a border"));
        let page = |offset: u64| offset / PAGE;
        assert_eq!(shape.kind(97), Kind::Head);
        assert_eq!(shape.kind(page(layout.header(Side::B))), Kind::Header);
        assert_eq!(shape.header(Copied::B), page(layout.header(Side::B)));
        assert_eq!(shape.kind(page(layout.ring(0))), Kind::Ring);
        assert_eq!(shape.kind(page(layout.ring(RING_PAGES - 1))), Kind::Ring);
        for run in [0, 1, 5] {
            let at = page(layout.epoch_page(run, Side::B));
            assert_eq!(shape.kind(at), Kind::EpochPage { run, copy: Copied::B });
            assert_eq!(shape.epoch_page(run, Copied::B), at);
            assert_eq!(shape.runs(at), run + 1);
        }
        for group in [0, 1, 159, 160, 321] {
            let at = page(layout.tag_page(group, Side::A));
            assert_eq!(shape.kind(at), Kind::TagPage { group, copy: Copied::A });
            assert_eq!(shape.tag_page(group, Copied::A), at);
            assert_eq!(shape.groups(at), group);
        }
        for block in [0, 99, 100, 15_999, 16_000, 40_001] {
            let at = page(layout.block(block));
            assert_eq!(shape.kind(at), Kind::Block { group: block / 100, slot: block % 100 });
            assert_eq!(shape.groups(at + 1), block / 100 + 1);
        }
    }
}
