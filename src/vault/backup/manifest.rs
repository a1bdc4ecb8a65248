//! The sealed part of a backup: what belongs to it, and what the restored file must come to.
//!
//! One CBOR array (RFC 8949), members in the order of [`Manifest`], encrypted with age. `state` is SHA-256 over the first
//! 16 bytes of the SHA-256 of every page of the file that a restore of this backup gives, zeros where nothing was stored.
//! **Invariant:** each readable manifest has one encoding, so checking the encoding checks the bytes read; a head, an
//! object or a parent counts only if it is the one named here.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::head::{Head, Kind, Object, pack_name};
use super::id::Id;
use crate::clock::Timestamp;
use crate::vault::keyring::VaultId;

/// The longest a manifest may be.
pub(super) const LONGEST: u64 = 64 * 1024 * 1024;
const VERSION: u16 = 1;

/// What a backup was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// An open vault, checkpointed: its ring is empty and only the copies in force are stored.
    Open,
    /// A closed file as it lay, ring and all copies included.
    Sealed,
}

/// The parent of an incremental backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Its name.
    pub id: Id,
    /// SHA-256 of its manifest's object, and so of everything that belongs to it.
    pub manifest: [u8; 32],
}

/// What belongs to a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Its name.
    pub id: Id,
    /// When it was begun.
    pub made_at: Timestamp,
    /// The backup before, for an incremental one.
    pub parent: Option<Parent>,
    /// The vault.
    pub vault: VaultId,
    /// The file, which changes when all keys are replaced.
    pub file: [u8; 16],
    /// What it was made from.
    pub basis: Basis,
    /// The file's length in bytes.
    pub len: u64,
    /// What the pages of the restored file come to.
    pub state: [u8; 32],
    /// The last checkpoint of the record of actions, a signed note; empty where the vault was closed.
    pub note: String,
    /// How many there were of what, at the moment of the backup; empty where the vault was closed.
    pub counts: Vec<(String, u64)>,
    /// The packs, in order.
    pub objects: Vec<Object>,
}

/// Bytes are no manifest of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not readable, or not in its one encoding.
    #[error("the manifest cannot be read")]
    Broken,
    /// Written by a later version.
    #[error("the manifest has version {0}, and this program knows version {VERSION}")]
    UnknownVersion(u16),
}

#[derive(Encode, Decode)]
struct Stored {
    #[n(0)]
    version: u16,
    #[n(1)]
    id: String,
    #[n(2)]
    made_at: i64,
    #[n(3)]
    parent: Option<StoredParent>,
    #[n(4)]
    vault: ByteArray<16>,
    #[n(5)]
    file: ByteArray<16>,
    #[n(6)]
    sealed: bool,
    #[n(7)]
    len: u64,
    #[n(8)]
    state: ByteArray<32>,
    #[n(9)]
    note: String,
    #[n(10)]
    counts: Vec<(String, u64)>,
    #[n(11)]
    objects: Vec<StoredObject>,
}

#[derive(Encode, Decode)]
struct StoredParent {
    #[n(0)]
    id: String,
    #[n(1)]
    manifest: ByteArray<32>,
}

#[derive(Encode, Decode)]
struct StoredObject {
    #[n(0)]
    bytes: u64,
    #[n(1)]
    sha256: ByteArray<32>,
}

impl Manifest {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let parent = self.parent.as_ref();
        let stored = Stored {
            version: VERSION,
            id: self.id.to_string(),
            made_at: self.made_at.0,
            parent: parent.map(|at| StoredParent { id: at.id.to_string(), manifest: at.manifest.into() }),
            vault: self.vault.into(),
            file: self.file.into(),
            sealed: self.basis == Basis::Sealed,
            len: self.len,
            state: self.state.into(),
            note: self.note.clone(),
            counts: self.counts.clone(),
            objects: self
                .objects
                .iter()
                .map(|object| StoredObject { bytes: object.bytes, sha256: object.sha256.into() })
                .collect(),
        };
        // Writing to memory cannot fail.
        minicbor::to_vec(&stored).unwrap_or_default()
    }

    /// Whether the clear head says the same.
    pub(super) fn agrees_with(&self, head: &Head) -> bool {
        let parent = self.parent.as_ref().map(|parent| &parent.id);
        let note = (!self.note.is_empty()).then(|| note_hash(&self.note));
        self.id == head.id
            && self.made_at == head.made_at
            && self.vault == head.vault
            && parent == head.parent.as_ref()
            && (parent.is_some()) == (head.kind == Kind::Incremental)
            && note == head.checkpoint
            && self.objects == head.objects
    }
}

/// What a head carries of a signed note.
pub(super) fn note_hash(note: &str) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(note.as_bytes()).into()
}

/// Reads a manifest that was decrypted. Total: any bytes give a manifest or an error.
pub fn decode_manifest(bytes: &[u8]) -> Result<Manifest, ManifestError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let version = decoder.array().and_then(|_| decoder.u16()).map_err(|_| ManifestError::Broken)?;
    if version != VERSION {
        return Err(ManifestError::UnknownVersion(version));
    }
    let stored: Stored = minicbor::decode(bytes).map_err(|_| ManifestError::Broken)?;
    let manifest = stored.manifest().ok_or(ManifestError::Broken)?;
    if manifest.encode() == bytes { Ok(manifest) } else { Err(ManifestError::Broken) }
}

impl Stored {
    fn manifest(self) -> Option<Manifest> {
        let parent = match self.parent {
            Some(parent) => Some(Parent { id: Id::parse(&parent.id)?, manifest: *parent.manifest }),
            None => None,
        };
        let objects = self.objects.into_iter().enumerate();
        Some(Manifest {
            id: Id::parse(&self.id)?,
            made_at: Timestamp(self.made_at),
            parent,
            vault: *self.vault,
            file: *self.file,
            basis: if self.sealed { Basis::Sealed } else { Basis::Open },
            len: self.len,
            state: *self.state,
            note: self.note,
            counts: self.counts,
            objects: objects
                .map(|(number, object)| Object { name: pack_name(number), bytes: object.bytes, sha256: *object.sha256 })
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::head::sample;
    use super::*;

    fn manifest(head: &Head) -> Manifest {
        Manifest {
            id: head.id.clone(),
            made_at: head.made_at,
            parent: head.parent.clone().map(|id| Parent { id, manifest: [8; 32] }),
            vault: head.vault,
            file: [9; 16],
            basis: Basis::Open,
            len: 4096,
            state: [7; 32],
            note: "veilbook/x\n1\n".into(),
            counts: vec![("customers".into(), 3)],
            objects: head.objects.clone(),
        }
    }

    fn heads() -> [Head; 2] {
        let parent = "20261121T120000Z-0123abcd";
        [(parent, None), ("20261121T130000Z-0123abcd", Some(parent))].map(|(id, parent)| {
            let mut head = sample(id, parent, Timestamp(12));
            head.checkpoint = Some(note_hash("veilbook/x\n1\n"));
            head
        })
    }

    #[test]
    fn a_manifest_is_read_back_and_every_disagreement_with_its_head_is_seen() {
        for head in heads() {
            let made = manifest(&head);
            assert_eq!(decode_manifest(&made.encode()), Ok(made.clone()));
            assert!(made.agrees_with(&head));
            let other = |change: fn(&mut Head)| {
                let mut other = head.clone();
                change(&mut other);
                made.agrees_with(&other)
            };
            assert!(!other(|head| head.id = Id::parse("20261121T120000Z-ffffffff").expect("an id")));
            assert!(!other(|head| head.made_at = Timestamp(13)));
            assert!(!other(|head| head.vault = [0; 16]));
            assert!(!other(|head| head.checkpoint = None));
            assert!(!other(|head| head.objects.clear()));
            assert!(!other(|head| {
                head.kind = if head.kind == Kind::Full { Kind::Incremental } else { Kind::Full };
            }));
        }
    }

    #[test]
    fn a_later_version_and_longer_bytes_are_refused() {
        let mut bytes = manifest(&heads()[0]).encode();
        bytes.push(0);
        assert_eq!(decode_manifest(&bytes), Err(ManifestError::Broken));
        bytes[1] = 2;
        assert_eq!(decode_manifest(&bytes), Err(ManifestError::UnknownVersion(2)));
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_manifest_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(read) = decode_manifest(&bytes) {
                prop_assert_eq!(read.encode(), bytes);
            }
        }

        #[test]
        fn a_changed_manifest_is_another_one_or_none(at in 0_usize..200, to in any::<u8>()) {
            let made = manifest(&heads()[1]);
            let mut bytes = made.encode();
            let at = at % bytes.len();
            bytes[at] = to;
            if let Ok(read) = decode_manifest(&bytes) {
                prop_assert_eq!(read.encode(), bytes);
            }
        }
    }
}
