//! The file that `veilbook audit export` writes and `veilbook audit verify` checks, made so that sixty lines in another
//! language can check it too (tests/verify_record.py does).
//!
//! JSON, one object a line, each line ended by a newline, no blank between tokens, members in this order, non-ASCII
//! characters as themselves, bytes in Base 64:
//!
//! ```text
//! {"format":"veilbook-record/1","vkey":V,"cosigners":[V,…]}              first
//! {"seq":N,"leaf":CBOR,"texts":{"before":[SALT,TEXT],"after":…,"reason":…,"ticket":…,"value_hmac":[SALT,BYTES]}}
//! {"checkpoint":NOTE,"proof":[HASH,…]}                                    behind the last entry that it covers
//! {"entries":N,"checkpoints":M}                                           last
//! ```
//!
//! `texts` leaves out what is erased or never was, and is left out when nothing remains. `proof` is the consistency
//! proof from the checkpoint before, so that the checkpoints can be checked without the entries. The last checkpoint
//! covers every entry. A checkpoint is signed by `vkey`, on its first signature line, and by any of `cosigners`; other
//! signatures are left out.
//! **Invariant:** no byte of the file is without meaning: any other spelling of a line is refused, and what a line says
//! is bound by a commitment, a root, a proof, a signature or a key's hash.

mod verify;
mod write;

pub use verify::{Expected, FileFault, FileReport, KeyOrigin, LineFault, verify_file};
pub use write::{ExportError, ExportWriter};

use serde::{Deserialize, Serialize};

use super::checkpoint::{Checkpoint, CheckpointError, cosigned_at};
use super::note::{KeyUse, NoteError, SignedNote, Vkey};
use super::side::{Salted, SideTexts};
use super::{array_from_base64, base64};

const FORMAT: &str = "veilbook-record/1";

/// The longest line, newline included, so that a hostile file does not fill the memory.
const MAX_LINE: usize = 16 << 20;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    vkey: String,
    cosigners: Vec<String>,
}

/// One entry.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryLine {
    seq: u64,
    leaf: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    texts: Option<TextsLine>,
}

/// A salt and what it salts.
type Pair = Option<(String, String)>;

#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TextsLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Pair,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Pair,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Pair,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Pair,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_hmac: Pair,
}

/// One checkpoint.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine {
    checkpoint: String,
    proof: Vec<String>,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    entries: u64,
    checkpoints: u64,
}

impl TextsLine {
    fn new(side: &SideTexts) -> Self {
        let text = |salted: Salted<String>| (base64(&salted.salt), salted.what);
        let [before, after, reason, ticket] = side.texts.clone().map(|t| t.map(text));
        let value_hmac = side.value.as_ref().map(|salted| (base64(&salted.salt), base64(&salted.what)));
        Self { before, after, reason, ticket, value_hmac }
    }

    /// The side texts; `None` if a salt or the HMAC is not bytes of its length.
    fn read(self) -> Option<SideTexts> {
        let text = |pair: Pair| match pair {
            Some((salt, what)) => array_from_base64(&salt).map(|salt| Some(Salted { salt, what })),
            None => Some(None),
        };
        let value = match self.value_hmac {
            Some((salt, what)) => Some(Salted { salt: array_from_base64(&salt)?, what: array_from_base64(&what)? }),
            None => None,
        };
        let texts = [text(self.before)?, text(self.after)?, text(self.reason)?, text(self.ticket)?];
        Some(SideTexts { texts, value })
    }
}

/// Whether each key is of the kind that its place demands.
fn fit(key: &Vkey, cosigners: &[Vkey]) -> bool {
    key.purpose() == KeyUse::Note && cosigners.iter().all(|cosigner| cosigner.purpose() == KeyUse::Cosignature)
}

/// The checkpoint in `note` and how many cosigned it, if the record's key signed it first and each further signature is
/// a cosigner's and right.
fn open(note: &SignedNote, key: &Vkey, cosigners: &[Vkey]) -> Result<(Checkpoint, u64), CheckpointError> {
    let checkpoint = Checkpoint::open(note, key)?;
    let (first, others) = note.signatures().split_first().ok_or(NoteError::Unsigned)?;
    if !key.made(first) {
        return Err(NoteError::Malformed.into());
    }
    let mut seen: Vec<&Vkey> = Vec::new();
    for line in others {
        let cosigner = cosigners.iter().find(|vkey| vkey.made(line)).ok_or(NoteError::Unsigned)?;
        if seen.contains(&cosigner) {
            return Err(NoteError::Malformed.into());
        }
        cosigned_at(note, cosigner)?;
        seen.push(cosigner);
    }
    Ok((checkpoint, u64::try_from(others.len()).unwrap_or(u64::MAX)))
}
