//! The clear part of a backup: what can be told of it without a key, and what a name and passphrase open it with.
//!
//! A JSON object, `head.json`, written last; without it there is no backup. It names its objects with length and SHA-256.
//! Nothing in it is to be believed before the sealed manifest agrees with it.
//! **Invariant:** what is read has the form that is written, so names in it lead nowhere but into its own folder.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::id::{Id, hex, unhex};
use super::place::Hold;
use crate::clock::Timestamp;
use crate::vault::keyring::{KdfParams, VaultId};

/// The name of the head in a backup's folder.
pub(super) const HEAD: &str = "head.json";
/// The name of the sealed manifest.
pub(super) const MANIFEST: &str = "manifest.age";
/// The longest a head may be.
pub(super) const LONGEST: u64 = 16 * 1024 * 1024;
const FORMAT: u32 = 1;
/// The commitment, generation and box of a slot's personal part.
const PERSONAL: usize = 32 + 8 + 104;

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Everything.
    Full,
    /// What changed since its parent.
    Incremental,
}

/// One object of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its name in the backup's folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// What a name and passphrase are tried with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    pub salt: [u8; 32],
    pub kdf: Vec<KdfParams>,
    pub owners: Vec<PersonalPart>,
}

/// An owner's slot without its root part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PersonalPart {
    pub slot: u16,
    pub personal: Vec<u8>,
}

/// The clear part of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its name.
    pub id: Id,
    /// The vault that it is of.
    pub vault: VaultId,
    /// The backup that it needs, for an incremental one.
    pub parent: Option<Id>,
    /// When it was begun.
    pub made_at: Timestamp,
    /// What it holds.
    pub kind: Kind,
    /// The packs, in order.
    pub objects: Vec<Object>,
    /// The sealed manifest.
    pub manifest: Object,
    /// SHA-256 of the checkpoint's signed note, where the vault was open.
    pub checkpoint: Option<[u8; 32]>,
    /// Until when the store was asked to keep it.
    pub lock_until: Option<Timestamp>,
    pub(super) login: Login,
}

/// A head is not one that this program writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// Cut off, changed, or something else altogether.
    #[error("the backup's head cannot be read")]
    Broken,
    /// Written by a later version.
    #[error("the backup has format {0}, and this program knows format {FORMAT}")]
    UnknownFormat(u32),
}

impl Head {
    /// The bytes of its packs and its manifest together.
    pub fn bytes(&self) -> u64 {
        self.objects.iter().fold(self.manifest.bytes, |sum, object| sum.saturating_add(object.bytes))
    }

    /// Whether the store still keeps it from being deleted at `now`.
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.lock_until.is_some_and(|until| until > now)
    }

    /// Its text.
    pub fn encode(&self) -> Vec<u8> {
        let text = Text {
            format: FORMAT,
            id: self.id.to_string(),
            vault: hex(&self.vault),
            parent: self.parent.as_ref().map(Id::to_string),
            made_at: self.made_at.0,
            kind: self.kind,
            objects: self.objects.iter().map(ObjectText::from).collect(),
            manifest: ObjectText::from(&self.manifest),
            checkpoint: self.checkpoint.map(|hash| hex(&hash)),
            lock_until: self.lock_until.map(|until| until.0),
            salt: hex(&self.login.salt),
            kdf: self.login.kdf.iter().map(|set| [set.t(), set.m_kib(), set.p()]).collect(),
            owners: self.login.owners.iter().map(OwnerText::from).collect(),
        };
        // Maps of strings and numbers always have a text.
        serde_json::to_vec(&text).unwrap_or_default()
    }

    /// Reads a head. Strict: everything that could be used before the manifest is known to agree has its form.
    pub fn decode(bytes: &[u8]) -> Result<Self, HeadError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let format: Format = serde_json::from_slice(bytes).map_err(|_| HeadError::Broken)?;
        if format.format != FORMAT {
            return Err(HeadError::UnknownFormat(format.format));
        }
        let text: Text = serde_json::from_slice(bytes).map_err(|_| HeadError::Broken)?;
        text.head().ok_or(HeadError::Broken)
    }
}

impl Hold {
    /// Until when, for a head.
    pub(super) fn end(hold: Option<Self>) -> Option<Timestamp> {
        hold.map(|hold| hold.until)
    }
}

/// The name of the pack with this number.
pub(super) fn pack_name(number: usize) -> String {
    format!("{number:06}.pack")
}

/// An object that holds `bytes`.
pub(super) fn object(name: String, bytes: &[u8]) -> Object {
    Object { name, bytes: bytes.len() as u64, sha256: Sha256::digest(bytes).into() }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    format: u32,
    id: String,
    vault: String,
    parent: Option<String>,
    made_at: i64,
    kind: Kind,
    objects: Vec<ObjectText>,
    manifest: ObjectText,
    checkpoint: Option<String>,
    lock_until: Option<i64>,
    salt: String,
    kdf: Vec<[u32; 3]>,
    owners: Vec<OwnerText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectText {
    name: String,
    bytes: u64,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnerText {
    slot: u16,
    personal: String,
}

impl From<&Object> for ObjectText {
    fn from(object: &Object) -> Self {
        Self { name: object.name.clone(), bytes: object.bytes, sha256: hex(&object.sha256) }
    }
}

impl From<&PersonalPart> for OwnerText {
    fn from(owner: &PersonalPart) -> Self {
        Self { slot: owner.slot, personal: BASE64_STANDARD.encode(&owner.personal) }
    }
}

impl Text {
    fn head(self) -> Option<Head> {
        let parent = match self.parent {
            Some(parent) => Some(Id::parse(&parent)?),
            None => None,
        };
        if parent.is_some() != (self.kind == Kind::Incremental) {
            return None;
        }
        let named = |object: ObjectText, name: String| {
            let sha256 = unhex(&object.sha256)?;
            (object.name == name).then_some(Object { name, bytes: object.bytes, sha256 })
        };
        let mut objects = Vec::new();
        for (number, object) in self.objects.into_iter().enumerate() {
            objects.push(named(object, pack_name(number))?);
        }
        let mut owners = Vec::new();
        for owner in self.owners {
            let personal = BASE64_STANDARD.decode(&owner.personal).ok().filter(|part| part.len() == PERSONAL)?;
            owners.push(PersonalPart { slot: owner.slot, personal });
        }
        let kdf: Option<Vec<_>> = self.kdf.iter().map(|[t, m_kib, p]| KdfParams::new(*t, *m_kib, *p)).collect();
        let checkpoint = match self.checkpoint {
            Some(hash) => Some(unhex(&hash)?),
            None => None,
        };
        Some(Head {
            id: Id::parse(&self.id)?,
            vault: unhex(&self.vault)?,
            parent,
            made_at: Timestamp(self.made_at),
            kind: self.kind,
            objects,
            manifest: named(self.manifest, MANIFEST.to_owned())?,
            checkpoint,
            lock_until: self.lock_until.map(Timestamp),
            login: Login { salt: unhex(&self.salt)?, kdf: kdf.filter(|sets| sets.len() <= 2)?, owners },
        })
    }
}

/// The part of a slot that a head carries.
pub(super) fn personal_part(slot: u16, bytes: &[u8]) -> Option<PersonalPart> {
    bytes.get(..PERSONAL).map(|part| PersonalPart { slot, personal: part.to_vec() })
}

/// A head with made-up contents.
#[cfg(test)]
pub(super) fn sample(id: &str, parent: Option<&str>, made_at: Timestamp) -> Head {
    let kind = if parent.is_some() { Kind::Incremental } else { Kind::Full };
    Head {
        id: Id::parse(id).expect("an id"),
        vault: [3; 16],
        parent: parent.map(|parent| Id::parse(parent).expect("an id")),
        made_at,
        kind,
        objects: vec![Object { name: pack_name(0), bytes: 5, sha256: [1; 32] }],
        manifest: Object { name: MANIFEST.into(), bytes: 7, sha256: [2; 32] },
        checkpoint: Some([4; 32]),
        lock_until: None,
        login: Login {
            salt: [5; 32],
            kdf: vec![KdfParams::FLOOR],
            owners: vec![PersonalPart { slot: 9, personal: vec![6; PERSONAL] }],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(head: &Head) -> String {
        String::from_utf8(head.encode()).expect("text")
    }

    #[test]
    fn a_head_is_read_back() {
        let full = sample("20261121T120000Z-0123abcd", None, Timestamp(12));
        let mut later = sample("20261121T130000Z-0123abcd", Some("20261121T120000Z-0123abcd"), Timestamp(13));
        later.lock_until = Some(Timestamp(99));
        for head in [full, later] {
            assert_eq!(Head::decode(&head.encode()), Ok(head.clone()));
            assert_eq!(head.bytes(), 12);
        }
    }

    #[test]
    fn what_leads_elsewhere_or_costs_too_much_is_no_head() {
        let head = sample("20261121T120000Z-0123abcd", None, Timestamp(12));
        for (from, to) in [
            ("000000.pack", "../../x.pack"),
            ("manifest.age", "/etc/passwd"),
            ("\"id\":\"2026", "\"id\":\"../6"),
            ("[3,65536,4]", "[3,4294967295,4]"),
            ("\"kind\":\"full\"", "\"kind\":\"incremental\""),
            ("\"slot\":9", "\"slot\":70000"),
            ("\"format\":1,", "\"format\":1,\"more\":2,"),
        ] {
            let changed = text(&head).replacen(from, to, 1);
            assert_ne!(changed, text(&head), "{from}");
            assert_eq!(Head::decode(changed.as_bytes()), Err(HeadError::Broken), "{to}");
        }
        let later = text(&head).replacen("\"format\":1", "\"format\":2", 1);
        assert_eq!(Head::decode(later.as_bytes()), Err(HeadError::UnknownFormat(2)));
        assert_eq!(Head::decode(b""), Err(HeadError::Broken));
    }
}
