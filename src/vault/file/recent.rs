//! The blocks that were written last: redb's roots are among them, and what opening reads is fetched early by this list.
//!
//! In a header it takes 24 B: six numbers of 4 B, big-endian, each a block's number plus one, or 0 for none.
//!
//! **Invariant:** nothing but speed depends on it: a list that names the wrong blocks costs a few reads for nothing.

/// How many blocks are kept.
const COUNT: usize = 6;
/// Bytes in a header.
pub(super) const BYTES: usize = 4 * COUNT;

/// The blocks written last, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Recent([u32; COUNT]);

impl Recent {
    /// Blocks were written. Of many, the last count.
    pub(super) fn wrote(&mut self, blocks: std::ops::Range<u64>) {
        let first = blocks.start.max(blocks.end.saturating_sub(COUNT as u64));
        for kept in (first..blocks.end).filter_map(|block| u32::try_from(block + 1).ok()) {
            let place = self.0.iter().position(|known| *known == kept).unwrap_or(COUNT - 1);
            self.0.get_mut(..=place).unwrap_or_default().rotate_right(1);
            self.0[0] = kept;
        }
    }

    /// Their numbers.
    pub(super) fn blocks(&self) -> impl Iterator<Item = u64> {
        self.0.iter().filter_map(|kept| u64::from(*kept).checked_sub(1))
    }

    /// As bytes of a header.
    pub(super) fn bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes.chunks_exact_mut(4).zip(&self.0).for_each(|(to, kept)| to.copy_from_slice(&kept.to_be_bytes()));
        bytes
    }

    /// From bytes of a header.
    pub(super) fn from_bytes(bytes: &[u8; BYTES]) -> Self {
        let mut kept = [0; COUNT];
        let (each, _) = bytes.as_chunks::<4>();
        kept.iter_mut().zip(each).for_each(|(to, from)| *to = u32::from_be_bytes(*from));
        Self(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_six_are_kept_once_each_the_latest_first() {
        let mut recent = Recent::default();
        recent.wrote(100..200);
        recent.wrote(7..8);
        recent.wrote(190..191);
        let kept: Vec<u64> = recent.blocks().collect();
        assert_eq!(kept, [190, 7, 199, 198, 197, 196]);
        assert_eq!(Recent::from_bytes(&recent.bytes()), recent);
    }

    #[test]
    fn a_header_of_before_the_list_names_none() {
        assert_eq!(Recent::from_bytes(&[0; BYTES]).blocks().count(), 0);
    }
}
