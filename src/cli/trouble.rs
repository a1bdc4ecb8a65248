//! What went wrong, said once at the edge: cause and remedy, and the exit code that scripts read.
//!
//! **Invariant:** no personal value stands in it; what comes from file names is made printable first.

use std::io;
use std::path::Path;

use super::Exit;
use crate::domain::field::Lang;
use crate::domain::schema::shipped;
use crate::service::Refusal;
use crate::service::backups::BackupFault;
use crate::service::backups::policy::BackupPolicyFault;
use crate::service::gate::GateError;
use crate::service::refusal::FactorProblem;
use crate::text::Printable;
use crate::words::Words;
use crate::words::refusal as said;

/// Why a command stopped.
#[derive(Debug)]
pub struct Trouble {
    /// What was not possible, and why.
    pub cause: String,
    /// What to do about it; empty where nothing helps.
    pub remedy: String,
    /// The exit code.
    pub exit: Exit,
    /// Both in Chinese, where the program's texts have it.
    pub in_chinese: Option<String>,
}

impl Trouble {
    /// Refused or failed.
    pub fn failed(cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { cause: cause.into(), remedy: remedy.into(), exit: Exit::Failed, in_chinese: None }
    }

    /// Used wrongly.
    pub fn usage(cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::failed(cause, remedy) }
    }

    /// Nobody signed in.
    pub fn not_authenticated(cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { exit: Exit::NotAuthenticated, ..Self::failed(cause, remedy) }
    }

    /// A file that the system did not let be read or written.
    pub fn file(what: &str, path: &Path, error: &io::Error) -> Self {
        let remedy = match error.kind() {
            io::ErrorKind::NotFound => "Check the path",
            io::ErrorKind::PermissionDenied => "Check who may read and write it",
            io::ErrorKind::AlreadyExists => "Give another name, or move that file away",
            io::ErrorKind::StorageFull => "Make room on the disk",
            _ => "",
        };
        Self::failed(format!("cannot {what} {}: {}", shown(path), plain(error)), remedy)
    }

    /// The door said no to `what`, which completes "cannot".
    pub fn refused(what: &str, refusal: &Refusal) -> Self {
        if let Refusal::Backup(fault) = refusal {
            return Self::backup(what, fault);
        }
        let exit = match refusal {
            Refusal::Damaged(_) => Exit::Damaged,
            refusal if refusal.ends_the_session() => Exit::NotAuthenticated,
            Refusal::Factor(FactorProblem::Wrong { .. } | FactorProblem::Used) => Exit::NotAuthenticated,
            _ => Exit::Failed,
        };
        let remedy = match refusal {
            Refusal::Factor(FactorProblem::Owed) => "Run \"veilbook factor enrol\"",
            Refusal::OutOfScope => "Check the number, or ask its owner or a lead",
            Refusal::Reason(_) => "Give another --reason, --text or --ticket",
            Refusal::Conflict(_) => "Look at it again and repeat what you want",
            Refusal::NameTaken => "Choose another name",
            Refusal::NoFreeSlot => "Disable somebody who has left",
            Refusal::Restricted => "Ask the privacy officer",
            Refusal::FieldEmpty => "Nothing is stored that could be shown",
            Refusal::NotMasked => "\"veilbook show\" shows it",
            Refusal::RecordUnavailable(_) | Refusal::Storage(_) => "Check the disk, then run \"veilbook doctor\"",
            Refusal::QuotaShort { .. } => "Name fewer fields with --values, or ask whoever sets the policy",
            Refusal::ReadingLimit { .. } => "Narrow the query down, or ask whoever sets the policy",
            Refusal::Damaged(_) => "Put back a backup, or run \"veilbook doctor\" to see how far it goes",
            _ => "",
        };
        let in_chinese = Some(said::refusal(&Words::new(Lang::ZhCn), &shipped(), refusal));
        Self { exit, in_chinese, ..Self::failed(format!("cannot {what}: {refusal}"), remedy) }
    }

    /// Something about backups was not done.
    pub fn backup(what: &str, fault: &BackupFault) -> Self {
        let remedy = match fault {
            BackupFault::Full(_) => {
                "Make room there, or let fewer backups be kept: \"veilbook backup setup --set KEY=NUMBER\""
            }
            BackupFault::Gone(_) => {
                "Mount it. If they were deleted or the disk is another one, begin anew there: \"veilbook backup setup --remove PLACE --add PLACE\""
            }
            BackupFault::Policy(BackupPolicyFault::UnknownKey) => "\"veilbook backup setup\" shows the settings' names",
            BackupFault::Place(..) => "Check that the disk is mounted or the store answers, and who may write there",
            BackupFault::Busy { .. } => "Whoever has it open makes the backups; else stop that process, or wait",
            BackupFault::WrongNameOrPassphrase => "Use what the owner signed in with when the backup was made",
            BackupFault::Exists => "Name another file with --to",
            BackupFault::Nothing(_) | BackupFault::NoSuch(_) => "\"veilbook backup list PLACE\" shows what is there",
            BackupFault::Damaged(_) | BackupFault::Drill(_) => "Use another backup or another place",
            _ => "",
        };
        let in_chinese = Some(crate::words::backup::fault(&Words::new(Lang::ZhCn), fault));
        Self { exit: exit_of(fault), in_chinese, ..Self::failed(format!("cannot {what}: {fault}"), remedy) }
    }

    /// The gate said no, at `path`.
    pub fn gate(what: &str, path: &Path, error: &GateError) -> Self {
        let at = shown(path);
        let (cause, remedy, exit) = match error {
            GateError::Missing => (
                format!("there is none at {at}"),
                "Make one with \"veilbook init --owner NAME\", or name another with --vault".to_owned(),
                Exit::Failed,
            ),
            GateError::Exists => {
                (format!("one is at {at} already"), "Name another file with --vault".to_owned(), Exit::Failed)
            }
            GateError::Busy { pid } => {
                let holder = pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default();
                (format!("another process holds it{holder}"), "Stop that process or wait".to_owned(), Exit::Busy)
            }
            GateError::WrongNameOrPassphrase { wait_seconds } => {
                let remedy = match wait_seconds {
                    0 => "Try again".to_owned(),
                    seconds => format!("Try again in {seconds} s"),
                };
                ("the name or the passphrase is wrong".to_owned(), remedy, Exit::NotAuthenticated)
            }
            GateError::SetupNeeded => (
                "this name has a setup code and no passphrase yet".to_owned(),
                "Run \"veilbook setup NAME\" with the code".to_owned(),
                Exit::NotAuthenticated,
            ),
            GateError::Passphrase(why) => {
                (why.to_string(), "Choose another passphrase, of 12 characters or more".to_owned(), Exit::Failed)
            }
            GateError::CodeNeeded => (
                "a code of the second factor is needed".to_owned(),
                "Give --factor-fd N or --factor-file FILE, or answer at a terminal".to_owned(),
                Exit::NotAuthenticated,
            ),
            GateError::CodeLate => {
                ("the code came too late".to_owned(), "Sign in again".to_owned(), Exit::NotAuthenticated)
            }
            GateError::Factor(problem) => (problem.to_string(), String::new(), Exit::NotAuthenticated),
            GateError::Recovery(fault) => (fault.to_string(), "Look at what you wrote down".to_owned(), Exit::Failed),
            GateError::Keys(problem) => (problem.to_string(), String::new(), Exit::Failed),
            GateError::Name => {
                ("a name has 1 to 64 printable characters".to_owned(), "Choose another name".to_owned(), Exit::Usage)
            }
            GateError::Damaged(why) => (format!("it is damaged: {why}"), "Put back a backup".to_owned(), Exit::Damaged),
            GateError::Disk(why) => (
                format!("its file cannot be used: {why}"),
                "Check the path, the disk, and who may read and write the file".to_owned(),
                Exit::Failed,
            ),
        };
        let in_chinese = Some(gate_in_chinese(&at, error));
        Self { cause: format!("cannot {what}: {cause}"), remedy, exit, in_chinese }
    }

    /// The words for people who read this language; English where there are no others.
    pub fn said(&self, lang: Lang) -> String {
        let translated = self.in_chinese.clone().filter(|_| lang == Lang::ZhCn);
        translated.unwrap_or_else(|| self.to_string())
    }
}

fn exit_of(fault: &BackupFault) -> Exit {
    match fault {
        BackupFault::Busy { .. } => Exit::Busy,
        BackupFault::WrongNameOrPassphrase | BackupFault::Recovery(_) => Exit::NotAuthenticated,
        BackupFault::Damaged(_) => Exit::Damaged,
        _ => Exit::Failed,
    }
}

/// Why nobody got through the gate, in Chinese.
fn gate_in_chinese(at: &str, error: &GateError) -> String {
    let words = Words::new(Lang::ZhCn);
    match error {
        GateError::Missing => words.ta("gate-missing", &[("path", &at)]),
        GateError::Exists => words.ta("gate-exists", &[("path", &at)]),
        GateError::Busy { pid: Some(pid) } => words.ta("entry-busy-pid", &[("pid", pid)]),
        GateError::Busy { pid: None } => words.t("entry-busy"),
        GateError::WrongNameOrPassphrase { wait_seconds: 0 } => words.t("entry-wrong"),
        GateError::WrongNameOrPassphrase { wait_seconds } => words.ta("entry-wrong-wait", &[("wait", wait_seconds)]),
        GateError::SetupNeeded => words.t("gate-setup"),
        GateError::Passphrase(problem) => said::code(&words, "passphrase", problem.code()),
        GateError::CodeNeeded => words.t("entry-code"),
        GateError::CodeLate => words.t("entry-code-late"),
        GateError::Factor(problem) => said::factor_problem(&words, *problem),
        GateError::Recovery(fault) => said::recovery_fault(&words, *fault),
        GateError::Keys(problem) => said::code(&words, "keys-problem", problem.code()),
        GateError::Name => words.t("entry-name"),
        GateError::Damaged(why) => words.ta("entry-damaged", &[("why", why)]),
        GateError::Disk(why) => words.ta("entry-disk", &[("why", why)]),
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.cause)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, ". {}", self.remedy) }
    }
}

/// Output that could not be written.
impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        let trouble = Self::failed(format!("cannot write the output: {}", plain(&error)), "");
        // A reader that has had enough, as `head` does, is no failure.
        if error.kind() == io::ErrorKind::BrokenPipe { Self { exit: Exit::Done, ..trouble } } else { trouble }
    }
}

/// A path as it can be printed.
pub fn shown(path: &Path) -> String {
    Printable::line(&path.to_string_lossy()).into_string()
}

/// The system's words without its number.
fn plain(error: &io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or_default().to_lowercase()
}
