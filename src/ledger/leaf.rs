//! The leaf: one entry of the record as the bytes that the tree covers and that never change. What may have to be erased
//! lies beside it ([`super::side`]) and is only committed to.
//!
//! A leaf is an array of 14 in deterministic CBOR (RFC 8949 §4.2.1): version 1, sequence number, time in milliseconds
//! since 1970, actor or null, session, origin, action, object's word, object's number, field or null, reason's code or
//! null, count or null, outcome, and five commitments in the order of [`Part`]. A commitment is null or
//! SHA-256(salt ‖ text), with 16 bytes of salt of its own.
//! **Invariant:** a leaf holds no text that may have to be erased, and no HMAC of a value either, since whoever holds
//! the audit key could try numbers against it for ever. What decodes encodes to the same bytes again.

use minicbor::encode::Error as EncodeError;
use minicbor::{Decoder, Encoder};

use super::Hash;
use super::side::{Part, Salts, SideTexts};
use crate::clock::Timestamp;
use crate::domain::audit::{Entry, NewEntry, Object, Origin, Outcome, Texts};
use crate::domain::field::FieldKey;
use crate::domain::id::{EntrySeq, SessionId, StaffId};
use crate::domain::reason::ReasonCode;

const VERSION: u8 = 1;
const LENGTH: u64 = 14;

/// Why bytes are not a leaf or side texts, or do not belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Not CBOR of the right shape.
    #[error("the entry is not in the record's format")]
    Malformed,
    /// Written by a later version.
    #[error("the entry has the unknown version {0}")]
    Version(u64),
    /// The right meaning in another encoding, or something after the end.
    #[error("the entry's encoding is not canonical")]
    NotCanonical,
    /// A text is not the one that was committed to.
    #[error("a text beside the entry ({0:?}) is not the one it commits to")]
    Commitment(Part),
}

impl From<minicbor::decode::Error> for LeafError {
    fn from(_: minicbor::decode::Error) -> Self {
        Self::Malformed
    }
}

/// What a leaf says by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafView {
    /// Its place.
    pub seq: EntrySeq,
    /// When.
    pub time: Timestamp,
    /// Who.
    pub actor: Option<StaffId>,
    /// In which session.
    pub session: SessionId,
    /// From where.
    pub origin: Origin,
    /// What.
    pub action: String,
    /// About what.
    pub object: Object,
    /// Which field.
    pub field: Option<FieldKey>,
    /// The reason's code.
    pub reason: Option<ReasonCode>,
    /// How many.
    pub count: Option<u64>,
    /// How it ended.
    pub outcome: Outcome,
    /// To what it commits, in the order of [`Part`].
    pub commitments: [Option<Hash>; 5],
}

/// The leaf of `entry` at place `seq`.
pub fn encode(seq: EntrySeq, entry: &NewEntry, salts: &Salts) -> Vec<u8> {
    let commitments = SideTexts::new(entry, salts).commitments();
    // Taken apart without a rest, so that a new member of an entry cannot be forgotten here.
    let NewEntry {
        time,
        actor,
        session,
        origin,
        action,
        object,
        field,
        reason,
        count,
        outcome,
        texts: _,
        value_hmac: _,
    } = entry.clone();
    LeafView { seq, time, actor, session, origin, action, object, field, reason, count, outcome, commitments }
        .to_bytes()
}

/// The leaf in `bytes`, if they are the one encoding of one.
pub fn decode(bytes: &[u8]) -> Result<LeafView, LeafError> {
    let mut d = Decoder::new(bytes);
    let length = d.array()?;
    let version = d.u64()?;
    if version != u64::from(VERSION) {
        return Err(LeafError::Version(version));
    }
    if length != Some(LENGTH) {
        return Err(LeafError::Malformed);
    }
    let view = LeafView {
        seq: EntrySeq(d.u64()?),
        time: Timestamp(d.i64()?),
        actor: d.decode::<Option<u32>>()?.map(StaffId),
        session: SessionId(d.u64()?),
        origin: Origin::from_code(d.str()?).ok_or(LeafError::Malformed)?,
        action: d.str()?.to_owned(),
        object: Object::from_parts(d.str()?, d.u64()?).ok_or(LeafError::Malformed)?,
        field: known(d.decode::<Option<&str>>()?, FieldKey::new)?,
        reason: known(d.decode::<Option<&str>>()?, ReasonCode::from_code)?,
        count: d.decode()?,
        outcome: Outcome::from_code(d.str()?).ok_or(LeafError::Malformed)?,
        commitments: decode_commitments(&mut d)?,
    };
    if view.to_bytes() == bytes { Ok(view) } else { Err(LeafError::NotCanonical) }
}

fn known<T>(code: Option<&str>, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, LeafError> {
    code.map(|code| read(code).ok_or(LeafError::Malformed)).transpose()
}

fn decode_commitments(d: &mut Decoder<'_>) -> Result<[Option<Hash>; 5], LeafError> {
    if d.array()? != Some(5) {
        return Err(LeafError::Malformed);
    }
    let mut out = [None; 5];
    for slot in &mut out {
        *slot = null_or(d, |d| Hash::try_from(d.bytes()?).map_err(|_| LeafError::Malformed))?;
    }
    Ok(out)
}

/// Null, or what `read` reads.
pub(super) fn null_or<'b, T>(
    d: &mut Decoder<'b>,
    read: impl FnOnce(&mut Decoder<'b>) -> Result<T, LeafError>,
) -> Result<Option<T>, LeafError> {
    if d.datatype()? == minicbor::data::Type::Null {
        d.null()?;
        return Ok(None);
    }
    read(d).map(Some)
}

pub(super) type Writer = Encoder<Vec<u8>>;
pub(super) type Written = Result<(), EncodeError<std::convert::Infallible>>;

/// The bytes that `write` writes. Writing to memory has no way to fail, so nothing is lost by not looking.
pub(super) fn cbor(write: impl FnOnce(&mut Writer) -> Written) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::with_capacity(192));
    let written = write(&mut encoder);
    debug_assert!(written.is_ok());
    encoder.into_writer()
}

impl LeafView {
    fn to_bytes(&self) -> Vec<u8> {
        cbor(|e| {
            e.array(LENGTH)?.u8(VERSION)?.u64(self.seq.0)?.i64(self.time.0)?.encode(self.actor.map(|a| a.0))?;
            e.u64(self.session.0)?.str(self.origin.code())?.str(&self.action)?;
            e.str(self.object.word())?.u64(self.object.number())?;
            e.encode(self.field.as_ref().map(FieldKey::as_str))?.encode(self.reason.map(ReasonCode::code))?;
            e.encode(self.count)?.str(self.outcome.code())?;
            e.array(5)?;
            for commitment in &self.commitments {
                match commitment {
                    Some(hash) => e.bytes(hash)?,
                    None => e.null()?,
                };
            }
            Ok(())
        })
    }

    /// The whole entry, with what is left of its texts. [`SideTexts::check`] comes first.
    pub fn entry(self, side: &SideTexts) -> Entry {
        let Self { seq, time, actor, session, origin, action, object, field, reason, count, outcome, commitments } =
            self;
        let erased = commitments.iter().zip(side.commitments()).any(|(was, is)| was.is_some() && is.is_none());
        let [before, after, words, ticket] = side.texts.clone().map(|text| text.map(|salted| salted.what));
        let what = NewEntry {
            time,
            actor,
            session,
            origin,
            action,
            object,
            field,
            reason,
            count,
            outcome,
            texts: Texts { before, after, reason: words, ticket },
            value_hmac: side.value.as_ref().map(|salted| salted.what),
        };
        Entry { seq, what, erased }
    }
}

#[cfg(test)]
mod tests;
