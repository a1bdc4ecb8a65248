//! Checkpoints: the record's size and root at a moment, signed (C2SP tlog-checkpoint) and, by staff who saw it,
//! cosigned with the time (C2SP tlog-cosignature, `cosignature/v1`).
//!
//! **Invariant:** a checkpoint's origin is the name of the key that signs it; one checkpoint has one text.

use super::note::{KeyUse, NoteError, NoteKey, SignedNote, Vkey, is_name};
use super::tree::{Frontier, empty_root};
use super::{Hash, array_from_base64, base64};
use crate::clock::Timestamp;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which record; the name of the key that signs it.
    pub origin: String,
    /// How many entries it covers.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
    /// Further lines, which we never write and whose meaning is their writer's.
    pub extensions: Vec<String>,
}

/// Why a checkpoint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Too few lines, an empty one, or no newline at the end.
    #[error("the checkpoint does not have its three lines")]
    Lines,
    /// The size is not a plain decimal number without leading zeros.
    #[error("the checkpoint's size is not a plain number without leading zeros")]
    Size,
    /// The root is not 32 bytes in Base 64.
    #[error("the checkpoint's root is not a hash")]
    Root,
    /// Size 0 with another root than the empty tree's, or the reverse.
    #[error("the checkpoint's size 0 and its root do not fit together")]
    Empty,
    /// It is of another record.
    #[error("the checkpoint is of another record")]
    Origin,
}

impl Checkpoint {
    /// The present state of the tree.
    pub fn of(origin: &str, frontier: &Frontier) -> Self {
        Self { origin: origin.to_owned(), size: frontier.size(), root: frontier.root(), extensions: Vec::new() }
    }

    /// The text that is signed.
    pub fn body(&self) -> String {
        let mut body = format!("{}\n{}\n{}\n", self.origin, self.size, base64(&self.root));
        for line in &self.extensions {
            body.push_str(line);
            body.push('\n');
        }
        body
    }

    /// The checkpoint that `body` is the text of.
    pub fn parse(body: &str) -> Result<Self, CheckpointError> {
        let mut lines = body.strip_suffix('\n').ok_or(CheckpointError::Lines)?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Lines);
        };
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if !is_name(origin) || extensions.iter().any(String::is_empty) {
            return Err(CheckpointError::Lines);
        }
        let number: u64 = size.parse().map_err(|_| CheckpointError::Size)?;
        if number.to_string() != size {
            return Err(CheckpointError::Size);
        }
        let root = array_from_base64(root).ok_or(CheckpointError::Root)?;
        if (number == 0) != (root == empty_root()) {
            return Err(CheckpointError::Empty);
        }
        Ok(Self { origin: origin.to_owned(), size: number, root, extensions })
    }

    /// Signs it with the record's key, whose name is the origin.
    pub fn sign(&self, key: &NoteKey) -> Result<SignedNote, CheckpointError> {
        if key.vkey().name() != self.origin || Self::parse(&self.body()).as_ref() != Ok(self) {
            return Err(CheckpointError::Origin);
        }
        Ok(SignedNote::sign(self.body(), key)?)
    }

    /// The checkpoint in `note`, if `key` signed it and it is of the record that the key is named after.
    pub fn open(note: &SignedNote, key: &Vkey) -> Result<Self, CheckpointError> {
        note.check(key)?;
        let checkpoint = Self::parse(note.text())?;
        if checkpoint.origin == key.name() { Ok(checkpoint) } else { Err(CheckpointError::Origin) }
    }

    /// The first eight characters of its root, for a status line and for reading out loud.
    pub fn short(&self) -> String {
        base64(&self.root).chars().take(8).collect()
    }
}

/// Adds to `note`, which its caller has opened, that the holder of `key` saw this checkpoint at `time` (whole seconds;
/// before 1970 counts as 0).
pub fn cosign(note: &mut SignedNote, key: &NoteKey, time: Timestamp) -> Result<(), CheckpointError> {
    if key.vkey().purpose() != KeyUse::Cosignature {
        return Err(NoteError::Key.into());
    }
    Checkpoint::parse(note.text())?;
    let seconds = u64::try_from(time.0.div_euclid(1000)).unwrap_or(0);
    let line = key.line(cosigned_text(note.text(), seconds).as_bytes(), &seconds.to_be_bytes());
    note.signatures.retain(|other| !key.vkey().made(other));
    note.signatures.push(line);
    Ok(())
}

/// When the holder of `key` saw the checkpoint in `note`.
pub fn cosigned_at(note: &SignedNote, key: &Vkey) -> Result<Timestamp, CheckpointError> {
    if key.purpose() != KeyUse::Cosignature {
        return Err(NoteError::Key.into());
    }
    Checkpoint::parse(note.text())?;
    let line = note.signatures.iter().find(|line| key.made(line)).ok_or(NoteError::Unsigned)?;
    let (seconds, signature) = line.signature.split_first_chunk::<8>().ok_or(NoteError::Signature)?;
    let seconds = u64::from_be_bytes(*seconds);
    key.check(cosigned_text(note.text(), seconds).as_bytes(), signature)?;
    let seconds = i64::try_from(seconds).map_err(|_| NoteError::Signature)?;
    Ok(Timestamp(seconds.saturating_mul(1000)))
}

fn cosigned_text(body: &str, seconds: u64) -> String {
    format!("cosignature/v1\ntime {seconds}\n{body}")
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use proptest::prelude::*;

    use super::*;

    const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    const EMPTY: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    fn key(name: &str, purpose: KeyUse, seed: u8) -> NoteKey {
        NoteKey::new(name, purpose, SigningKey::from_bytes(&[seed; 32])).unwrap()
    }

    fn signed() -> SignedNote {
        let checkpoint = Checkpoint::parse(&format!("example.com/log\n20852163\n{ROOT}\n")).unwrap();
        checkpoint.sign(&key("example.com/log", KeyUse::Note, 1)).unwrap()
    }

    #[test]
    fn the_specification_s_example_parses_with_its_cosignature() {
        let note = format!(
            "example.com/behind-the-sofa\n20852163\n{ROOT}\n\n— example.com/behind-the-sofa \
             Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
             — witness.example.com/w1 \
             jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
        );
        let parsed = SignedNote::parse(&note).unwrap();
        assert_eq!(parsed.to_string(), note);
        assert_eq!(Checkpoint::parse(parsed.text()).unwrap().size, 20_852_163);
        assert_eq!(parsed.signatures()[1].signature[..8], 1_679_315_147_u64.to_be_bytes());
    }

    #[test]
    fn a_signed_checkpoint_opens_with_its_key_and_no_other() {
        let (good, other) = (key("example.com/log", KeyUse::Note, 1), key("example.com/log", KeyUse::Note, 2));
        assert_eq!(Checkpoint::open(&signed(), good.vkey()).unwrap().short(), "CsUYapGG");
        assert_eq!(Checkpoint::open(&signed(), other.vkey()), Err(NoteError::Unsigned.into()));
        let checkpoint = Checkpoint::parse(signed().text()).unwrap();
        assert_eq!(checkpoint.sign(&key("elsewhere", KeyUse::Note, 1)), Err(CheckpointError::Origin));
    }

    #[test]
    fn a_checkpoint_of_size_0_or_with_a_leading_zero_is_refused() {
        let check = |size: &str, root: &str, want| {
            let read = Checkpoint::parse(&format!("o\n{size}\n{root}\n")).map(|c| c.size);
            assert_eq!(read, want, "{size}");
        };
        check("0", EMPTY, Ok(0));
        check("0", ROOT, Err(CheckpointError::Empty));
        check("5", EMPTY, Err(CheckpointError::Empty));
        for size in ["00", "05", "+5", "-5", "5 ", "", "５", "18446744073709551616"] {
            check(size, ROOT, Err(CheckpointError::Size));
        }
        check("5", &ROOT[1..], Err(CheckpointError::Root));
        check("5", &ROOT.replace("2I=", "2J="), Err(CheckpointError::Root));
        check("5", &format!("{ROOT}\n"), Err(CheckpointError::Lines));
    }

    #[test]
    fn a_cosignature_says_when_and_breaks_with_the_text_or_the_time() {
        let staff = key("example.com/log/staff/7", KeyUse::Cosignature, 3);
        let mut note = signed();
        cosign(&mut note, &staff, Timestamp(1_795_000_000_999)).unwrap();
        note = SignedNote::parse(&note.to_string()).unwrap();
        assert_eq!(cosigned_at(&note, staff.vkey()), Ok(Timestamp(1_795_000_000_000)));
        assert_eq!(note.check(key("example.com/log", KeyUse::Note, 1).vkey()), Ok(()));
        let mut later = note.clone();
        later.signatures[1].signature[7] ^= 1;
        assert_eq!(cosigned_at(&later, staff.vkey()), Err(NoteError::Signature.into()));
        let mut other = note;
        other.text = other.text.replace("20852163", "20852164");
        assert_eq!(cosigned_at(&other, staff.vkey()), Err(NoteError::Signature.into()));
    }

    #[test]
    fn a_key_signs_only_what_it_is_for() {
        let staff = key("example.com/log", KeyUse::Cosignature, 1);
        let log = key("example.com/log", KeyUse::Note, 1);
        let checkpoint = Checkpoint::parse(signed().text()).unwrap();
        assert_eq!(checkpoint.sign(&staff), Err(NoteError::Key.into()));
        assert_eq!(cosign(&mut signed(), &log, Timestamp(0)), Err(NoteError::Key.into()));
        assert_eq!(cosigned_at(&signed(), log.vkey()), Err(NoteError::Key.into()));
        assert_eq!(signed().check(staff.vkey()), Err(NoteError::Key));
    }

    proptest! {
        #[test]
        fn text_from_anywhere_never_panics_and_has_one_meaning(text in any::<String>(), size in "[0-9+]{0,21}") {
            for body in [text, format!("o\n{size}\n{ROOT}\n")] {
                if let Ok(read) = Checkpoint::parse(&body) {
                    prop_assert_eq!(read.body(), body);
                }
            }
        }
    }
}
