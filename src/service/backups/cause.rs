//! Why something failed, as data: the key of its text and what stands in it, so that it can be kept in the history and
//! said later in any language.
//!
//! **Invariant:** a cause names places, numbers and parts of backups, never a person; one that a later version wrote is
//! still said, in English.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::vault::backup::{BackupError, HeadError, PlaceError};
use crate::vault::file::disk::DiskError;

/// A cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The key of its text among the words; empty where there is none.
    #[serde(default)]
    pub key: String,
    /// What stands in the text, by name.
    #[serde(default)]
    pub parts: BTreeMap<String, Part>,
    /// The same in English, for logs and for versions that do not know the key.
    pub plain: String,
}

/// What stands in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Part {
    /// Said as it is: a place, a number, an id.
    Text(String),
    /// A cause of its own.
    Cause(Box<Cause>),
    /// A turn of phrase of this program or of the system: said in the person's language where the words have it.
    Phrase {
        /// In English.
        phrase: String,
    },
}

impl Cause {
    /// A cause with its key and its English words.
    pub fn new(key: &str, plain: impl Into<String>) -> Self {
        Self { key: key.to_owned(), parts: BTreeMap::new(), plain: plain.into() }
    }

    /// With a text in it.
    pub fn with(mut self, name: &str, text: impl fmt::Display) -> Self {
        self.parts.insert(name.to_owned(), Part::Text(text.to_string()));
        self
    }

    /// With a phrase in it.
    pub fn phrase(mut self, name: &str, phrase: &str) -> Self {
        self.parts.insert(name.to_owned(), Part::Phrase { phrase: phrase.to_owned() });
        self
    }

    /// With a cause in it.
    pub fn because(mut self, name: &str, cause: Self) -> Self {
        self.parts.insert(name.to_owned(), Part::Cause(Box::new(cause)));
        self
    }
}

/// In English.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain)
    }
}

/// Words that nobody has translated.
impl From<&str> for Cause {
    fn from(plain: &str) -> Self {
        Self::new("", plain)
    }
}

/// Words that nobody has translated.
impl From<String> for Cause {
    fn from(plain: String) -> Self {
        Self::new("", plain)
    }
}

/// What the system said.
impl From<std::io::Error> for Cause {
    fn from(error: std::io::Error) -> Self {
        let plain = error.to_string();
        let words = plain.split(" (os error").next().unwrap_or_default().to_lowercase();
        Self::new("cause-system", plain).phrase("why", &words)
    }
}

impl From<&PlaceError> for Cause {
    fn from(error: &PlaceError) -> Self {
        let cause = |key: &str| Self::new(key, error.to_string());
        match error {
            PlaceError::Form(why) => cause("cause-place-form").phrase("why", why),
            PlaceError::Missing => cause("cause-place-missing"),
            PlaceError::TooLong(bytes) => cause("cause-place-too-long").with("bytes", bytes),
            PlaceError::Full => cause("cause-place-full"),
            PlaceError::Refused(why) => cause("cause-place-refused").phrase("why", why),
            PlaceError::Failed(why) => cause("cause-place-failed").phrase("why", why),
        }
    }
}

impl From<&DiskError> for Cause {
    fn from(error: &DiskError) -> Self {
        Self::new("cause-vault", error.to_string()).phrase("why", &error.to_string())
    }
}

impl From<BackupError> for Cause {
    fn from(error: BackupError) -> Self {
        use BackupError as E;
        let cause = |key: &str| Self::new(key, error.to_string());
        match &error {
            E::Place(place) => Self::from(place),
            E::Vault(disk) => cause("cause-vault").phrase("why", &disk.to_string()),
            E::Superblock(fault) => cause("cause-vault").phrase("why", &fault.to_string()),
            E::File(fault) => cause("cause-vault").phrase("why", &fault.to_string()),
            E::Io { doing, source } => {
                let words = source.to_string();
                let words = words.split(" (os error").next().unwrap_or_default().to_lowercase();
                cause("cause-doing").phrase("doing", doing).phrase("why", &words)
            }
            E::NoRecipients => cause("refused-backup-keys"),
            E::NoSuch(id) => cause("refused-backup-no-such").with("id", id),
            E::Head(id, HeadError::Broken) => cause("cause-head").with("id", id),
            E::Head(id, HeadError::UnknownFormat(_)) | E::Later(id) => cause("cause-later").with("id", id),
            E::ParentGone(id, parent) => cause("cause-parent-gone").with("id", id).with("parent", parent),
            E::WrongKey(id) => cause("cause-wrong-key").with("id", id),
            E::Missing(id, part) => cause("cause-missing").with("id", id).with("part", part),
            E::Changed(id, part) => cause("cause-changed").with("id", id).with("part", part),
            E::Disagrees(id, why) => cause("cause-disagrees").with("id", id).phrase("why", why),
            E::Exists => cause("refused-backup-exists"),
            E::NotWhole(id, why) => cause("cause-not-whole").with("id", id).phrase("why", why),
            E::Needed(id, by) => cause("cause-needed").with("id", id).with("by", by),
            E::Held(id, until) => cause("cause-held").with("id", id).with("until", until),
            E::Cancelled => cause("refused-backup-stopped"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_read_back_as_it_was_kept_and_plain_words_are_one_too() {
        let inner = Cause::from(&PlaceError::Refused("permission denied".into()));
        let cause = Cause::new("refused-backup-place", "/mnt/a: no").with("place", "/mnt/a").because("why", inner);
        let kept = serde_json::to_string(&cause).expect("text");
        assert_eq!(serde_json::from_str::<Cause>(&kept).expect("a cause"), cause);
        assert_eq!(Cause::from("it broke").to_string(), "it broke");
    }
}
