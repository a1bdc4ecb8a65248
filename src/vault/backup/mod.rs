//! Backups: the vault's own ciphertext, in objects that owners, the recovery key and ROOT's holder open, in a folder or an
//! S3-compatible store.
//!
//! ```text
//! PLACE/veilbook-VAULT/ID/   000000.pack …   changed pages, each object encrypted with age
//!                            manifest.age    what belongs to it, sealed
//!                            head.json       the clear part, written last
//! ```
//! Reading order: `place` and `store` (where), `id`, `head`, `recipient`, `container` (age), `manifest`, `pack`, `index`
//! (what the last backup held), `changes`, `make`; `list` and `retention`; `chain`, `rebuild`, `restore`.
//!
//! **Invariant:** the vault's file is only read here. A backup counts only once its head is written, and nothing of it is
//! believed that its sealed manifest does not say. No restore ever writes over a file.

mod chain;
mod changes;
mod container;
mod head;
mod id;
mod index;
mod list;
mod make;
mod manifest;
mod pack;
mod place;
mod rebuild;
mod recipient;
mod restore;
pub mod retention;
mod store;

pub use head::{Head, HeadError, Kind, Object};
pub use id::Id;
pub use list::{Broken, Fault, Listed, list, remove};
pub use make::{Made, Source, Task, Want, forget_all_but, is_gone, make, was_made};
pub use manifest::{Basis, Manifest, ManifestError, Parent, decode_manifest};
pub use place::{Bucket, Hold, HoldMode, Place, PlaceError, Store, Stored};
pub use recipient::{NotARecipient, Opener, OpenerError, Owner, Recipient, Recipients};
pub use restore::{Part, Restored, Verified, restore, verify};

use std::ops::ControlFlow;

use crate::vault::file::{DiskError, FileError};
use crate::vault::superblock::SuperblockError;

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading the vault and writing what changed.
    Copying,
    /// Reading a backup back.
    Checking,
    /// Writing the restored file.
    Restoring,
    /// Reading the restored file again.
    Comparing,
}

/// How far it has come, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// How much of it is done.
    pub done: u64,
    /// How much there is.
    pub total: u64,
}

/// Is told of progress and can break off.
pub type Watch<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// Why a backup was not made, checked, restored or removed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The place.
    #[error("{0}")]
    Place(#[from] PlaceError),
    /// The vault's file cannot be had; another process holds it, most often.
    #[error("the vault cannot be read: {0}")]
    Vault(#[from] DiskError),
    /// Its head cannot be read.
    #[error("the vault cannot be read: {0}")]
    Superblock(#[from] SuperblockError),
    /// Its encrypted part.
    #[error("the vault cannot be read: {0}")]
    File(#[from] FileError),
    /// Reading the vault or writing the restored file failed.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done, as the beginning of a sentence.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nobody to encrypt to, or a public key that is none.
    #[error("nobody could open this backup: there is no owner, recovery key or ROOT to make it for")]
    NoRecipients,
    /// There is no such backup.
    #[error("there is no backup {0} at this place")]
    NoSuch(Id),
    /// Its head.
    #[error("backup {0}: {1}")]
    Head(Id, HeadError),
    /// An incremental's parent is not there.
    #[error("backup {0} needs backup {1}, which is gone from this place")]
    ParentGone(Id, Id),
    /// The key is not one of those that it was made for.
    #[error("this key does not open backup {0}: it was made for others")]
    WrongKey(Id),
    /// An object is missing.
    #[error("backup {0} is damaged: its {1} is missing")]
    Missing(Id, String),
    /// An object is not what the sealed manifest says.
    #[error("backup {0} is damaged: its {1} is cut off, changed or another's")]
    Changed(Id, String),
    /// What stands in it does not fit together.
    #[error("backup {0} is not what it says: {1}")]
    Disagrees(Id, &'static str),
    /// Written by a later version.
    #[error("backup {0} was made by a later version of this program")]
    Later(Id),
    /// A file is at the place to restore to.
    #[error("a file is already there: a backup is never restored over one")]
    Exists,
    /// What was restored is no whole vault.
    #[error("what backup {0} holds is not a whole vault: {1}")]
    NotWhole(Id, &'static str),
    /// An incremental one needs it.
    #[error("backup {0} is needed by backup {1}")]
    Needed(Id, Id),
    /// The store was asked to keep it.
    #[error("backup {0} is held by the store until {1}")]
    Held(Id, String),
    /// The caller broke off.
    #[error("it was broken off")]
    Cancelled,
}

/// Tells `watch`, and ends where it says so.
fn tell(watch: &mut dyn FnMut(Progress) -> ControlFlow<()>, progress: Progress) -> Result<(), BackupError> {
    match watch(progress) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(BackupError::Cancelled),
    }
}

/// The folder of a vault's backups.
fn vault_folder(vault: &[u8; 16]) -> String {
    format!("{FOLDER}{}", id::hex(vault))
}

/// What the folders of backups begin with.
const FOLDER: &str = "veilbook-";

/// The name of an object.
fn object_name(vault: &[u8; 16], id: &Id, name: &str) -> String {
    format!("{}/{id}/{name}", vault_folder(vault))
}
