//! Where everything lies: pure arithmetic over offsets, in bytes from the start of the disk.
//!
//! ```text
//! base                       header copy A, 512 B of a page
//! base + 4096                header copy B, 512 B of a page
//! base + 8192                record ring, 256 pages
//! base + 8192 + 1 MiB        runs; each: epoch page A, epoch page B, then 160 groups;
//!                            a group: tag page A, tag page B, 100 data blocks of 4,096 B
//! ```
//! redb's page 0 holds only its super-header, which lives in header and records; redb's page `p` is data block `p - 1`.
//!
//! **Invariant:** nothing here lies before `base`, and no two parts overlap.

/// The size of a page, a data block and a disk write's alignment.
pub(super) const PAGE: u64 = 4096;
/// The same as a length in memory.
pub(super) const PAGE_BYTES: usize = 4096;
/// The length of redb's super-header.
pub(super) const SUPER_BYTES: usize = 320;
/// The length of a header copy.
pub(super) const HEADER_BYTES: usize = 512;
/// Pages in the record ring.
pub(super) const RING_PAGES: u64 = 256;
/// Data blocks in a group.
pub(super) const GROUP_BLOCKS: u64 = 100;
/// Groups in a run.
pub(super) const RUN_GROUPS: u64 = 160;

const GROUP_BYTES: u64 = (GROUP_BLOCKS + 2) * PAGE;
const RUN_BYTES: u64 = 2 * PAGE + RUN_GROUPS * GROUP_BYTES;

/// One of two places for the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    A,
    B,
}

impl Side {
    /// The other place.
    pub(super) fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// Its byte in associated data and epoch pages; 0 there means none.
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::A => 1,
            Self::B => 2,
        }
    }

    /// The side that `byte` names.
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::A),
            2 => Some(Self::B),
            _ => None,
        }
    }

    fn offset(self) -> u64 {
        match self {
            Self::A => 0,
            Self::B => PAGE,
        }
    }
}

/// The layout of a file whose encrypted region begins at `base`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    base: u64,
}

impl Layout {
    /// The layout from `base` on, or nothing if `base` is not on a page border or absurdly far out.
    pub(super) fn new(base: u64) -> Option<Self> {
        (base.is_multiple_of(PAGE) && base < 1 << 40).then_some(Self { base })
    }

    /// A header copy.
    pub(super) fn header(self, side: Side) -> u64 {
        self.base + side.offset()
    }

    /// A page of the ring.
    pub(super) fn ring(self, page: u64) -> u64 {
        self.base + 2 * PAGE + page * PAGE
    }

    /// An epoch page of a run.
    pub(super) fn epoch_page(self, run: u64, side: Side) -> u64 {
        self.run(run) + side.offset()
    }

    /// A tag page of a group.
    pub(super) fn tag_page(self, group: u64, side: Side) -> u64 {
        self.group(group) + side.offset()
    }

    /// A data block.
    pub(super) fn block(self, block: u64) -> u64 {
        self.group(block / GROUP_BLOCKS) + 2 * PAGE + (block % GROUP_BLOCKS) * PAGE
    }

    /// The least length of a file that holds `len` bytes of redb's.
    pub(super) fn end(self, len: u64) -> u64 {
        match blocks_for(len).checked_sub(1) {
            Some(last) => self.block(last) + PAGE,
            None => self.run(0),
        }
    }

    fn run(self, run: u64) -> u64 {
        self.ring(RING_PAGES) + run * RUN_BYTES
    }

    fn group(self, group: u64) -> u64 {
        self.run(group / RUN_GROUPS) + 2 * PAGE + (group % RUN_GROUPS) * GROUP_BYTES
    }
}

/// Data blocks that `len` bytes of redb's take.
pub(super) fn blocks_for(len: u64) -> u64 {
    len.div_ceil(PAGE).saturating_sub(1)
}

/// Groups that `len` bytes of redb's take.
pub(super) fn groups_for(len: u64) -> u64 {
    blocks_for(len).div_ceil(GROUP_BLOCKS)
}

/// Runs that `groups` groups take.
pub(super) fn runs_for(groups: u64) -> u64 {
    groups.div_ceil(RUN_GROUPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_without_gap_or_overlap() {
        let layout = Layout::new(8192).expect("on a page border");
        assert_eq!(layout.header(Side::A), 8192);
        assert_eq!(layout.ring(0), layout.header(Side::B) + PAGE);
        assert_eq!(layout.epoch_page(0, Side::A), layout.ring(0) + (1 << 20));
        for run in 0..3 {
            let first = run * RUN_GROUPS;
            assert_eq!(layout.tag_page(first, Side::A), layout.epoch_page(run, Side::B) + PAGE);
            let last_block = (first + RUN_GROUPS) * GROUP_BLOCKS - 1;
            assert_eq!(layout.epoch_page(run + 1, Side::A), layout.block(last_block) + PAGE);
        }
        assert_eq!(layout.block(100), layout.block(99) + 3 * PAGE);
    }

    #[test]
    fn lengths_count_redbs_first_page_out() {
        for (len, blocks, groups) in [(0, 0, 0), (4096, 0, 0), (8192, 1, 1), (101 * 4096, 100, 1), (102 * 4096, 101, 2)]
        {
            assert_eq!((blocks_for(len), groups_for(len)), (blocks, groups), "{len}");
        }
        assert!(Layout::new(100).is_none());
        let layout = Layout::new(0).expect("on a page border");
        assert_eq!(layout.end(0), layout.epoch_page(0, Side::A));
        assert_eq!(layout.end(8192), layout.block(0) + PAGE);
    }
}
