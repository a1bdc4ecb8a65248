//! Why nobody came in at the gate, and what the faults of what lies below it are there.
//!
//! **Invariant:** a name that is not known and a passphrase that is wrong are one and the same.

use super::refusal::{FactorProblem, KeysProblem, PassphraseProblem, RecoveryFault, Refusal};
use crate::vault::OpenError;
use crate::vault::file::FileError;
use crate::vault::file::disk::DiskError;
use crate::vault::keyring::PassphraseFault;
use crate::vault::store::StoreError;

/// Why nobody came in.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// There is no vault.
    #[error("there is no vault at this place: make one with \"veilbook init\", or name another with --vault")]
    Missing,
    /// There is one already.
    #[error("there is a file at this place already: a vault is never made over one")]
    Exists,
    /// Another process has it.
    #[error("another process holds the vault{}: stop that process or wait until it ends", pid_text(.pid))]
    Busy {
        /// Which, if the system tells.
        pid: Option<u32>,
    },
    /// Not said which.
    #[error("the name or the passphrase is wrong{}", wait_text(.wait_seconds))]
    WrongNameOrPassphrase {
        /// Seconds before the next try is heard; 0 for at once.
        wait_seconds: u32,
    },
    /// A setup code was given for a passphrase.
    #[error("this is a setup code: choose a passphrase with \"veilbook setup NAME\" or at the sign-in screen")]
    SetupNeeded,
    /// The passphrase will not do.
    #[error("{0}")]
    Passphrase(PassphraseProblem),
    /// A code of the second factor is needed.
    #[error("a code of the second factor is needed")]
    CodeNeeded,
    /// The code came too late.
    #[error("the code came too late: sign in again")]
    CodeLate,
    /// The code does not count.
    #[error("{0}")]
    Factor(FactorProblem),
    /// What was typed gives no recovery key.
    #[error("{0}")]
    Recovery(RecoveryFault),
    /// The keys do not stand so that this could be done.
    #[error("{0}")]
    Keys(KeysProblem),
    /// The name will not do.
    #[error("a name has 1 to 64 printable characters")]
    Name,
    /// The file is damaged.
    #[error("the vault is damaged: {0}")]
    Damaged(String),
    /// The file cannot be used.
    #[error("cannot use the vault's file: {0}")]
    Disk(String),
}

fn pid_text(pid: &Option<u32>) -> String {
    pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
}

fn wait_text(seconds: &u32) -> String {
    if *seconds == 0 { String::new() } else { format!("; the next try is heard in {seconds} s") }
}

impl From<DiskError> for GateError {
    fn from(error: DiskError) -> Self {
        match error {
            DiskError::Missing => Self::Missing,
            DiskError::Exists => Self::Exists,
            DiskError::Busy { pid } => Self::Busy { pid },
            DiskError::Empty => Self::Damaged("the file is empty".into()),
            other => Self::Disk(other.to_string()),
        }
    }
}

impl From<OpenError> for GateError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::File(FileError::Io { .. }) | OpenError::Store(StoreError::Disk(_)) => {
                Self::Disk(error.to_string())
            }
            _ => Self::Damaged(error.to_string()),
        }
    }
}

impl From<Refusal> for GateError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Damaged(text) => Self::Damaged(text),
            Refusal::Passphrase(problem) => Self::Passphrase(problem),
            Refusal::Keys(problem) => Self::Keys(problem),
            Refusal::Factor(problem) => Self::Factor(problem),
            other => Self::Disk(other.to_string()),
        }
    }
}

impl From<PassphraseFault> for GateError {
    fn from(fault: PassphraseFault) -> Self {
        Self::Passphrase(fault.into())
    }
}
