//! Where backups lie: a folder, or a bucket of an S3-compatible store.
//!
//! `/mnt/disk/backups`, or `s3://bucket/prefix?endpoint=http://127.0.0.1:5000&region=us-east-1` (both parameters optional).
//! **Invariant:** a place's text holds no credentials, so it can be shown and stored; they are handed to
//! [`Place::connect`].

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::store;
use crate::clock::Timestamp;

/// Where backups lie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Place {
    /// A folder, by its absolute path.
    Folder(PathBuf),
    /// A bucket.
    Bucket(Bucket),
}

/// A bucket of an S3-compatible store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) endpoint: Option<String>,
    pub(super) region: Option<String>,
}

/// Why a place cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// The text names no place.
    #[error("a place for backups is an absolute path, or s3://BUCKET/PREFIX with ?endpoint=URL where needed: {0}")]
    Form(&'static str),
    /// Nothing has this name there.
    #[error("it is not there")]
    Missing,
    /// More bytes than belong there.
    #[error("it has {0} bytes, which is more than belong there")]
    TooLong(u64),
    /// The place is full.
    #[error("the place is full")]
    Full,
    /// The store or the system does not let us.
    #[error("access is refused: {0}")]
    Refused(String),
    /// Anything else that the system or the store says.
    #[error("the place cannot be used: {0}")]
    Failed(String),
}

impl Place {
    /// The place that `text` names.
    pub fn parse(text: &str) -> Result<Self, PlaceError> {
        if let Some(rest) = text.strip_prefix("s3://") {
            return bucket(rest).map(Self::Bucket);
        }
        if text.contains("://") {
            return Err(PlaceError::Form("only s3:// is known"));
        }
        let path = Path::new(text);
        if !path.is_absolute() {
            return Err(PlaceError::Form("the path is not absolute"));
        }
        Ok(Self::Folder(path.to_owned()))
    }

    /// Opens the place. `environment` holds the `AWS_…` variables with the credentials for a bucket. With `hold`, whatever
    /// is written through this connection cannot be deleted before then; a folder cannot hold, so there it is ignored.
    pub fn connect(&self, hold: Option<Hold>, environment: &[(String, String)]) -> Result<Arc<dyn Store>, PlaceError> {
        store::connect(self, hold, environment)
    }
}

fn bucket(rest: &str) -> Result<Bucket, PlaceError> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (name, prefix) = path.split_once('/').unwrap_or((path, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if name.is_empty() || !name.chars().all(plain) {
        return Err(PlaceError::Form("the name of the bucket is missing or holds what none can (credentials, too)"));
    }
    let prefix = prefix.trim_matches('/');
    if prefix.split('/').any(|part| part == "." || part == "..") || prefix.chars().any(char::is_control) {
        return Err(PlaceError::Form("the prefix is not a plain path"));
    }
    let mut made = Bucket { name: name.to_owned(), prefix: prefix.to_owned(), endpoint: None, region: None };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("endpoint", url)) if is_plain_url(url) => made.endpoint = Some(url.trim_end_matches('/').to_owned()),
            Some(("region", region)) if !region.is_empty() && region.chars().all(plain) => {
                made.region = Some(region.to_owned());
            }
            _ => {
                return Err(PlaceError::Form(
                    "a parameter is neither endpoint=URL without credentials nor region=NAME",
                ));
            }
        }
    }
    Ok(made)
}

/// `http://host:port` or `https://host:port`, without a user in it.
fn is_plain_url(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains('@') && rest.chars().all(|c| c.is_ascii_graphic()))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bucket = match self {
            Self::Folder(path) => return write!(f, "{}", path.display()),
            Self::Bucket(bucket) => bucket,
        };
        write!(f, "s3://{}", bucket.name)?;
        if !bucket.prefix.is_empty() {
            write!(f, "/{}", bucket.prefix)?;
        }
        let parameters = [("endpoint", &bucket.endpoint), ("region", &bucket.region)];
        let given = parameters.into_iter().filter_map(|(name, value)| value.as_ref().map(|value| (name, value)));
        for (mark, (name, value)) in std::iter::once('?').chain(std::iter::repeat('&')).zip(given) {
            write!(f, "{mark}{name}={value}")?;
        }
        Ok(())
    }
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Place {
    type Error = PlaceError;

    fn try_from(text: String) -> Result<Self, PlaceError> {
        Self::parse(&text)
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}

/// Until when the store must keep what is written, and who may shorten that (S3 object lock).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Who may delete before then.
    pub mode: HoldMode,
    /// Until when.
    pub until: Timestamp,
}

/// Who may delete what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HoldMode {
    /// Whom the store has given a special right.
    Governance,
    /// Nobody.
    Compliance,
}

/// What lies directly in a folder of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// A folder.
    Folder(String),
    /// An object.
    Object {
        /// Its name in the folder.
        name: String,
        /// Its length.
        bytes: u64,
        /// When it was written, by the store's clock.
        written: Timestamp,
    },
}

/// A place that is open. Names are paths of plain parts with `/` between them.
pub trait Store: fmt::Debug + Send + Sync {
    /// Which place it is, as [`Place`] shows it.
    fn place(&self) -> &str;
    /// What everything written through this connection is held with.
    fn hold(&self) -> Option<Hold>;
    /// Writes an object, whole or not at all; durable when it returns.
    fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), PlaceError>;
    /// Reads an object of at most `most` bytes.
    fn get(&self, name: &str, most: u64) -> Result<Vec<u8>, PlaceError>;
    /// What lies directly in `folder`; nothing where there is no such folder.
    fn list(&self, folder: &str) -> Result<Vec<Stored>, PlaceError>;
    /// Deletes an object; one that is not there counts as deleted.
    fn delete(&self, name: &str) -> Result<(), PlaceError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_as_it_is_read() {
        for text in [
            "/mnt/disk/backups",
            "s3://bucket",
            "s3://bucket/a/b",
            "s3://bucket/a?endpoint=http://127.0.0.1:5000&region=eu-west-1",
            "s3://bucket?region=eu-west-1",
        ] {
            assert_eq!(Place::parse(text).map(|place| place.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_names_no_place_or_holds_credentials_is_refused() {
        for text in [
            "",
            "relative/path",
            "ftp://host/x",
            "s3://",
            "s3:///prefix",
            "s3://key:secret@bucket/prefix",
            "s3://bucket/../other",
            "s3://bucket?endpoint=http://user:word@host",
            "s3://bucket?endpoint=host",
            "s3://bucket?secret=x",
        ] {
            assert!(matches!(Place::parse(text), Err(PlaceError::Form(_))), "{text}");
        }
    }
}
