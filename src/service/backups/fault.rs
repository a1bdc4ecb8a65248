//! Why a backup was not made, read back, drilled or restored.
//!
//! **Invariant:** no personal value stands in a fault; places, numbers and what the system says do.

use super::cause::Cause;
use super::policy::BackupPolicyFault;
use crate::service::refusal::{RecoveryFault, Refusal};
use crate::vault::OpenError;
use crate::vault::backup::{BackupError, OpenerError, PlaceError};
use crate::vault::file::disk::DiskError;
use crate::vault::store::StoreError;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    /// The policy's file.
    #[error("the backup settings will not do: {0}")]
    Policy(#[from] BackupPolicyFault),
    /// No place is set.
    #[error("no place for backups is set: \"veilbook backup setup --add PLACE\" or Admin sets one")]
    NoPlaces,
    /// The place cannot be used.
    #[error("{0}: {1}")]
    Place(String, Cause),
    /// Backups were made there, and none is there any more.
    #[error("the backups that were made at {0} are not there: its disk may not be mounted")]
    Gone(String),
    /// The place has no room.
    #[error("{0} is full")]
    Full(String),
    /// Nothing is there.
    #[error("there is no backup at {0}")]
    Nothing(String),
    /// Not this one.
    #[error("there is no backup {0} there")]
    NoSuch(String),
    /// Backups of several vaults are there.
    #[error("backups of {0} vaults are at this place: name one of them by its id")]
    Several(usize),
    /// Another process has the file.
    #[error("another process holds the vault{}", .pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default())]
    Busy {
        /// Which, if the system tells.
        pid: Option<u32>,
    },
    /// Nobody could open a backup yet.
    #[error("nobody's public key is known yet: sign in once, so that the backup can be made for somebody")]
    NoKeys,
    /// The name and passphrase open no backup.
    #[error("the name or the passphrase is wrong, or not that of an owner when the backup was made")]
    WrongNameOrPassphrase,
    /// What was typed is no recovery key.
    #[error("{0}")]
    Recovery(RecoveryFault),
    /// Something else is under way.
    #[error("a backup, a check or a drill is under way: wait until it ends, or stop it")]
    UnderWay,
    /// It was stopped.
    #[error("stopped")]
    Stopped,
    /// A file is in the way.
    #[error("a file is already there: a backup is never restored over one")]
    Exists,
    /// What came back is not what went in.
    #[error("the drill failed: {0}")]
    Drill(Cause),
    /// The engine, the file or the system.
    #[error("{0}")]
    Failed(Cause),
    /// What was read back is damaged.
    #[error("{0}")]
    Damaged(Cause),
}

impl BackupFault {
    /// What the engine said of a backup at a place.
    pub(super) fn engine(place: &str, error: BackupError) -> Self {
        use BackupError as E;
        match error {
            E::Cancelled => Self::Stopped,
            E::Vault(DiskError::Busy { pid }) => Self::Busy { pid },
            E::NoRecipients => Self::NoKeys,
            E::NoSuch(id) => Self::NoSuch(id.to_string()),
            E::Exists => Self::Exists,
            E::Place(error) => Self::place(place, &error),
            error @ (E::Vault(_) | E::Io { .. } | E::WrongKey(_) | E::Later(_) | E::Needed(..) | E::Held(..)) => {
                Self::Failed(error.into())
            }
            other => Self::Damaged(other.into()),
        }
    }

    /// The same as data, which is what the history keeps.
    pub fn cause(&self) -> Cause {
        let cause = |key: &str| Cause::new(key, self.to_string());
        match self {
            Self::Policy(why) => cause("refused-backup-policy").with("why", why),
            Self::NoPlaces => cause("refused-backup-places"),
            Self::Place(place, why) => cause("refused-backup-place").with("place", place).because("why", why.clone()),
            Self::Gone(place) => cause("refused-backup-gone").with("place", place),
            Self::Full(place) => cause("refused-backup-full").with("place", place),
            Self::Nothing(place) => cause("refused-backup-nothing").with("place", place),
            Self::NoSuch(id) => cause("refused-backup-no-such").with("id", id),
            Self::Several(count) => cause("refused-backup-several").with("n", count),
            Self::Busy { .. } => cause("refused-backup-busy"),
            Self::NoKeys => cause("refused-backup-keys"),
            Self::WrongNameOrPassphrase => cause("refused-backup-wrong"),
            Self::Recovery(why) => cause("refused-backup-failed").with("why", why),
            Self::UnderWay => cause("refused-backup-under-way"),
            Self::Stopped => cause("refused-backup-stopped"),
            Self::Exists => cause("refused-backup-exists"),
            Self::Drill(why) => cause("refused-backup-drill").because("why", why.clone()),
            Self::Failed(why) => cause("refused-backup-failed").because("why", why.clone()),
            Self::Damaged(why) => cause("refused-backup-damaged").because("why", why.clone()),
        }
    }

    /// What a place said.
    pub(super) fn place(place: &str, error: &PlaceError) -> Self {
        match error {
            PlaceError::Full => Self::Full(place.to_owned()),
            error => Self::Place(place.to_owned(), error.into()),
        }
    }
}

impl From<StoreError> for BackupFault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Disk(text) => Self::Failed(text.into()),
            StoreError::Damaged(text) => Self::Damaged(text.into()),
        }
    }
}

impl From<OpenError> for BackupFault {
    fn from(error: OpenError) -> Self {
        Self::Damaged(error.to_string().into())
    }
}

impl From<std::io::Error> for BackupFault {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<OpenerError> for BackupFault {
    fn from(error: OpenerError) -> Self {
        match error {
            OpenerError::WrongNameOrPassphrase => Self::WrongNameOrPassphrase,
            other => Self::Damaged(other.to_string().into()),
        }
    }
}

impl From<Refusal> for BackupFault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Backup(fault) => *fault,
            Refusal::Damaged(text) => Self::Damaged(text.into()),
            other => Self::Failed(other.to_string().into()),
        }
    }
}
