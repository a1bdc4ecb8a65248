//! How the vault's keys stand: what no slot and no table of people says.

use super::codec::{Reading, Record, Writing};
use crate::clock::Timestamp;
use crate::vault::store::StoreError;

/// What is noted about the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeysNote {
    /// The recovery key.
    pub recovery: RecoveryNote,
    /// How many recovery keys there were; the slot of the present one has this generation.
    pub recovery_generation: u64,
    /// Into how many shares the present one was split, and how many of them are needed.
    pub shares: Option<(u8, u8)>,
    /// The slots whose passphrase is still under the parameters before the recalibration.
    pub not_moved: Vec<u16>,
    /// When ROOT was last replaced.
    pub rotated: Option<Timestamp>,
    /// Since when ROOT ought to be replaced: somebody who held it has left.
    pub rotation_due: Option<Timestamp>,
}

/// How the recovery key stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecoveryNote {
    /// There is none.
    #[default]
    Missing,
    /// It was made then.
    Made(Timestamp),
    /// It was used then, and opens nothing any more.
    Used(Timestamp),
}

impl KeysNote {
    /// Notes that a slot has its passphrase under the parameters in force, or is gone.
    pub fn moved(&mut self, slot: u16) {
        self.not_moved.retain(|waiting| *waiting != slot);
    }
}

impl Record for KeysNote {
    const VERSION: u8 = 1;
    const KIND: &'static str = "keys";

    fn write(&self, to: &mut Writing) {
        let (state, at) = match self.recovery {
            RecoveryNote::Missing => (0_u8, None),
            RecoveryNote::Made(at) => (1, Some(at)),
            RecoveryNote::Used(at) => (2, Some(at)),
        };
        to.uint(state).maybe(at, |to, at| _ = to.time(at)).uint(self.recovery_generation);
        to.maybe(self.shares, |to, (need, count)| _ = to.uint(u16::from(need) << 8 | u16::from(count)));
        to.list(&self.not_moved, |to, slot| _ = to.uint(*slot));
        to.maybe(self.rotated, |to, at| _ = to.time(at)).maybe(self.rotation_due, |to, at| _ = to.time(at));
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        let state = from.uint()?;
        let recovery = match (state, from.maybe(Reading::time)?) {
            (0, _) => RecoveryNote::Missing,
            (1, Some(at)) => RecoveryNote::Made(at),
            (2, Some(at)) => RecoveryNote::Used(at),
            _ => return Err(from.fault()),
        };
        Ok(Self {
            recovery,
            recovery_generation: from.uint()?,
            shares: from.maybe(|from| from.small::<u16>().map(|both| ((both >> 8) as u8, (both & 255) as u8)))?,
            not_moved: from.list(Reading::small)?,
            rotated: from.maybe(Reading::time)?,
            rotation_due: from.maybe(Reading::time)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_reads_back() {
        let note = KeysNote {
            recovery: RecoveryNote::Used(Timestamp(5)),
            recovery_generation: 3,
            shares: Some((2, 5)),
            not_moved: vec![4, 500],
            rotated: Some(Timestamp(-1)),
            rotation_due: None,
        };
        assert_eq!(KeysNote::from_bytes(&note.to_bytes()), Ok(note));
        assert_eq!(KeysNote::from_bytes(&KeysNote::default().to_bytes()), Ok(KeysNote::default()));
    }
}
