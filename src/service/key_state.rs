//! How the vault's keys stand, and what a recovery key is shown as: plain data.
//!
//! **Invariant:** a recovery key and its shares are here only on their way to whoever made them, zeroized when dropped.

use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::domain::staff::LoginName;

/// What a passphrase costs to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Passes over the memory.
    pub passes: u32,
    /// The memory in MiB, rounded up.
    pub mib: u32,
    /// Lanes.
    pub lanes: u32,
}

/// How the recovery key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryState {
    /// There is none.
    Missing,
    /// There is one, made then.
    Made(Timestamp),
    /// It was used then and opens nothing any more.
    Used(Timestamp),
}

/// How the vault's keys stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysState {
    /// What a passphrase costs that is set now.
    pub cost: Cost,
    /// What passphrases cost that were not set again since a recalibration began.
    pub cost_before: Option<Cost>,
    /// How many people have not signed in since then.
    pub left: usize,
    /// Who they are, for those who manage staff.
    pub waiting: Vec<LoginName>,
    /// The recovery key.
    pub recovery: RecoveryState,
    /// Into how many shares it was split last, and how many of them are needed: needed, made.
    pub shares: Option<(u8, u8)>,
    /// How often the vault's keys were replaced, from 1.
    pub epoch: u64,
    /// When they were last replaced.
    pub rotated: Option<Timestamp>,
    /// Since when they ought to be: somebody who held them has left.
    pub rotation_due: Option<Timestamp>,
    /// The bytes of an unfinished copy under new keys, if one lies beside the vault.
    pub unfinished: Option<u64>,
}

/// A new recovery key, which counts once it was asked back.
pub struct RecoveryOffer {
    /// The 24 words, with a space between.
    pub words: Zeroizing<String>,
    /// The numbers of the words that are asked back, from 1.
    pub ask: Vec<u8>,
}

/// Says which words are asked back, not one of them.
impl std::fmt::Debug for RecoveryOffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecoveryOffer(.., asks {:?})", self.ask)
    }
}
