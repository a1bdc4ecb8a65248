//! The texts that lie beside a leaf, each with its salt, and the commitments that tie them to it.
//!
//! A commitment is SHA-256(salt ‖ text) with 16 bytes of salt of its own, so that a short text cannot be guessed from it
//! once both are erased.
//! **Invariant:** to erase a text is to drop it with its salt; nothing else of the entry changes.

use minicbor::Decoder;
use sha2::{Digest, Sha256};

use super::Hash;
use super::leaf::{LeafError, LeafView, cbor, null_or};
use crate::clock::Entropy;
use crate::domain::audit::{NewEntry, Texts};

/// What can be erased of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What was there before, masked.
    Before,
    /// What is there now, masked, or the query.
    After,
    /// The reason in words.
    Reason,
    /// The ticket.
    Ticket,
    /// The HMAC of the value.
    Value,
}

/// The salts of one entry's commitments, in the order of [`Part`].
#[derive(Clone)]
pub struct Salts(pub(super) [[u8; 16]; 5]);

impl Salts {
    /// Fresh ones.
    pub fn fresh(entropy: &dyn Entropy) -> Self {
        Self(std::array::from_fn(|_| entropy.bytes()))
    }
}

/// A salt is a secret as long as the text that it hides is.
impl std::fmt::Debug for Salts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salts(…)")
    }
}

/// Something with its salt.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Salted<T> {
    pub(super) salt: [u8; 16],
    pub(super) what: T,
}

impl<T: AsRef<[u8]>> Salted<T> {
    fn commitment(&self) -> Hash {
        Sha256::new().chain_update(self.salt).chain_update(&self.what).finalize().into()
    }
}

/// The texts that lie beside a leaf, each with its salt. To erase one is to drop both.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SideTexts {
    /// Before, after, reason, ticket.
    pub(super) texts: [Option<Salted<String>>; 4],
    /// The HMAC of the value.
    pub(super) value: Option<Salted<[u8; 32]>>,
}

/// The texts may be personal: `Debug` says which are there.
impl std::fmt::Debug for SideTexts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let there = self.commitments().map(|c| c.is_some());
        write!(f, "SideTexts {there:?}")
    }
}

impl SideTexts {
    /// The texts of `entry` with their salts.
    pub fn new(entry: &NewEntry, salts: &Salts) -> Self {
        let Texts { before, after, reason, ticket } = entry.texts.clone();
        let [s0, s1, s2, s3, s4] = salts.0;
        let salted = |text: Option<String>, salt| text.map(|what| Salted { salt, what });
        Self {
            texts: [salted(before, s0), salted(after, s1), salted(reason, s2), salted(ticket, s3)],
            value: entry.value_hmac.map(|what| Salted { salt: s4, what }),
        }
    }

    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Erases one part for good.
    pub fn erase(&mut self, part: Part) {
        let [before, after, reason, ticket] = &mut self.texts;
        match part {
            Part::Before => *before = None,
            Part::After => *after = None,
            Part::Reason => *reason = None,
            Part::Ticket => *ticket = None,
            Part::Value => self.value = None,
        }
    }

    /// Whether everything here is what the leaf commits to. What is not here counts as erased.
    pub fn check(&self, leaf: &LeafView) -> Result<(), LeafError> {
        const PARTS: [Part; 5] = [Part::Before, Part::After, Part::Reason, Part::Ticket, Part::Value];
        for ((is, was), part) in self.commitments().into_iter().zip(leaf.commitments).zip(PARTS) {
            if is.is_some() && is != was {
                return Err(LeafError::Commitment(part));
            }
        }
        Ok(())
    }

    /// As CBOR: an array of five, each null or an array of salt and text (for the last, 32 bytes).
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor(|e| {
            e.array(5)?;
            for text in &self.texts {
                match text {
                    Some(Salted { salt, what }) => e.array(2)?.bytes(salt)?.str(what)?,
                    None => e.null()?,
                };
            }
            match &self.value {
                Some(Salted { salt, what }) => e.array(2)?.bytes(salt)?.bytes(what)?,
                None => e.null()?,
            };
            Ok(())
        })
    }

    /// The side texts in `bytes`, if they are the one encoding of some.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LeafError> {
        let mut d = Decoder::new(bytes);
        if d.array()? != Some(5) {
            return Err(LeafError::Malformed);
        }
        let mut side = Self::default();
        for slot in &mut side.texts {
            *slot = null_or(&mut d, |d| salted(d, |d| Ok(d.str()?.to_owned())))?;
        }
        side.value =
            null_or(&mut d, |d| salted(d, |d| <[u8; 32]>::try_from(d.bytes()?).map_err(|_| LeafError::Malformed)))?;
        if side.to_bytes() == bytes { Ok(side) } else { Err(LeafError::NotCanonical) }
    }

    pub(super) fn commitments(&self) -> [Option<Hash>; 5] {
        let [before, after, reason, ticket] = self.texts.each_ref().map(|text| text.as_ref().map(Salted::commitment));
        [before, after, reason, ticket, self.value.as_ref().map(Salted::commitment)]
    }
}

fn salted<'b, T>(
    d: &mut Decoder<'b>,
    read: impl FnOnce(&mut Decoder<'b>) -> Result<T, LeafError>,
) -> Result<Salted<T>, LeafError> {
    if d.array()? != Some(2) {
        return Err(LeafError::Malformed);
    }
    let salt = <[u8; 16]>::try_from(d.bytes()?).map_err(|_| LeafError::Malformed)?;
    Ok(Salted { salt, what: read(d)? })
}
