//! Backups above the engine: where they go, when they are due, what became of them, restoring and drilling.
//!
//! `cause` and `fault` (why not), `policy` (the file beside the vault), `history` (what happened), `schedule` (what is due), `run` (doing it), `sample`
//! (what a drill compares), `drill`, `restore`, `erased` (who must not come back), `door` (what is asked and done
//! through the door), `view` (what it answers), `clouds` (where a live vault does not belong).
//! **Invariant:** nothing here needs a passphrase to make a backup; opening one takes a name and its passphrase, or
//! the recovery words, or the vault's own open keys in a drill.

mod cause;
pub mod clouds;
pub mod door;
mod drill;
pub mod erased;
mod fault;
pub mod history;
pub mod policy;
pub mod restore;
mod run;
mod sample;
pub mod schedule;
pub mod view;

use std::io::Write;
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::desk::{Desk, Shared};
use crate::clock::{Clock, Entropy, Timestamp};
use crate::domain::role::RoleName;
use crate::domain::staff::StaffState;
use crate::vault::backup::{self as engine, Hold, HoldMode, Owner, Place, PlaceError, Recipient, Recipients, Store};
use crate::vault::book::{keys, staff};
use crate::vault::records::RecoveryNote;
use crate::vault::store::StoreError;

pub use crate::vault::backup::Phase;
pub use cause::{Cause, Part as CausePart};
pub use fault::BackupFault;
pub use run::{By, EachPlace, Report};
pub use schedule::{Kind, Task};

use policy::{BackupPolicy, BackupPolicyFault};
use view::Running;

/// How far something has come; says whether to go on.
pub type Watch<'w> = &'w mut dyn FnMut(Running) -> ControlFlow<()>;

/// What the program knows of where it runs that backups need.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// The user's state folder of this program.
    pub state: Option<PathBuf>,
    /// The user's home folder, which a place may begin with as `~/`.
    pub home: Option<PathBuf>,
    /// The `AWS_…` variables, for places that are buckets.
    pub variables: Vec<(String, String)>,
}

/// The variables may be secret, so `Debug` does not show them.
impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").field("state", &self.state).finish_non_exhaustive()
    }
}

/// The names of the variables that a bucket's credentials and address come from.
pub const VARIABLES: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT",
    "AWS_ENDPOINT_URL",
    "AWS_ALLOW_HTTP",
];

/// How often the schedule is looked at, in milliseconds.
const LOOK: i64 = 20_000;

/// The backups of one vault, open or sealed.
#[derive(Debug)]
pub struct Backups {
    vault: PathBuf,
    around: Surroundings,
    clock: Shared<dyn Clock>,
    entropy: Shared<dyn Entropy>,
    at_work: Mutex<AtWork>,
    stop: AtomicBool,
}

/// What is under way.
#[derive(Debug, Default)]
struct AtWork {
    running: Option<Running>,
    thread: Option<(JoinHandle<()>, Holder)>,
    looked: Option<Timestamp>,
}

/// Who has the file while something is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    /// The open vault.
    Vault,
    /// The backup itself.
    Backup,
}

impl Backups {
    /// The backups of the vault at `vault`. Nothing is touched yet.
    pub(super) fn new(vault: PathBuf, around: Surroundings, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let (at_work, stop) = (Mutex::default(), AtomicBool::new(false));
        Self { vault, around, clock: Shared(clock), entropy: Shared(entropy), at_work, stop }
    }

    fn at_work(&self) -> MutexGuard<'_, AtWork> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The policy; as shipped, with no places, where there is no file.
    pub fn policy(&self) -> Result<BackupPolicy, BackupPolicyFault> {
        match std::fs::read_to_string(BackupPolicy::path_for(&self.vault)) {
            Ok(text) => {
                let mut policy = BackupPolicy::parse(&text)?;
                policy.places.iter_mut().for_each(|place| *place = self.at_home(place));
                Ok(policy)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BackupPolicy::default()),
            Err(error) => Err(BackupPolicyFault::File(error.to_string())),
        }
    }

    /// A place with the home folder in full where it begins with `~/`.
    fn at_home(&self, place: &str) -> String {
        let below = place.trim().strip_prefix("~/").zip(self.around.home.as_ref());
        below.map_or_else(|| place.to_owned(), |(rest, home)| home.join(rest).display().to_string())
    }

    fn keep_policy(&self, policy: &BackupPolicy) -> Result<(), BackupPolicyFault> {
        let path = BackupPolicy::path_for(&self.vault);
        write_private(&path, &policy.text()).map_err(|error| BackupPolicyFault::File(error.to_string()))
    }

    /// What happened, the oldest first.
    pub fn history(&self) -> Vec<history::Event> {
        history::read(&history::path_for(&self.vault))
    }

    /// What is under way.
    pub fn running(&self) -> Option<Running> {
        self.at_work().running.clone()
    }

    /// Asks what is under way to stop.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    fn connect(&self, place: &str, policy: &BackupPolicy, aim: Aim) -> Result<Arc<dyn Store>, BackupFault> {
        let place = Place::parse(place).map_err(|error| BackupFault::place(place, &error))?;
        let missing = matches!(&place, Place::Folder(path) if !path.is_dir());
        match aim {
            Aim::Reading if missing => return Err(BackupFault::place(&place.to_string(), &PlaceError::Missing)),
            Aim::Writing if missing && engine::was_made(&self.vault, &place) => {
                return Err(BackupFault::Gone(place.to_string()));
            }
            Aim::Reading | Aim::Writing => {}
        }
        let days = i64::from(policy.lock_days);
        let until = self.clock.now().plus_seconds(days * 86_400);
        let hold = (days > 0).then_some(Hold { mode: HoldMode::Governance, until });
        let store = place.connect(hold, &self.around.variables);
        let store = store.map_err(|error| BackupFault::place(&place.to_string(), &error))?;
        if aim == Aim::Writing
            && let Some(vault) = &policy.vault
            && engine::is_gone(&self.vault, vault, &*store)
                .map_err(|error| BackupFault::place(store.place(), &error))?
        {
            return Err(BackupFault::Gone(place.to_string()));
        }
        Ok(store)
    }

    /// Brings the file's public keys up to date with the staff. A vault without places has no such file.
    pub(super) fn refresh_keys(&self, desk: &Desk) -> Result<(), BackupFault> {
        let policy = self.policy()?;
        if policy.places.is_empty() {
            return Ok(());
        }
        let fresh = BackupPolicy { vault: Some(desk.tables.id()), recipients: recipients(desk)?, ..policy.clone() };
        if fresh != policy {
            self.keep_policy(&fresh)?;
        }
        Ok(())
    }

    /// Looks at the schedule, and begins in the background what is due. To be called every few seconds; most calls do
    /// nothing. A sample vault makes no backups.
    pub(super) fn look(self: &Arc<Self>, open: Option<Arc<Desk>>) {
        let now = self.clock.now();
        {
            let mut at_work = self.at_work();
            // A clock that was set back is looked at again at once.
            if at_work.looked.is_some_and(|last| (0..LOOK).contains(&now.since(last))) || at_work.is_busy() {
                return;
            }
            at_work.looked = Some(now);
        }
        let Ok(policy) = self.policy() else { return };
        if policy.places.is_empty() || (open.is_none() && !self.vault.exists()) {
            return;
        }
        let mut tasks = schedule::due(now, &self.history(), &policy);
        // Reading back takes keys.
        tasks.retain(|task| open.is_some() || matches!(task, Task::Backup { .. }));
        self.begin(open, By::program(), tasks);
    }

    /// Does tasks in the background, one after the other. Nothing happens where something is under way already.
    fn begin(self: &Arc<Self>, open: Option<Arc<Desk>>, by: By, tasks: Vec<Task>) -> bool {
        let Some(first) = tasks.first() else { return false };
        let mut at_work = self.at_work();
        if at_work.is_busy() {
            return false;
        }
        self.stop.store(false, Ordering::SeqCst);
        let began = self.clock.now();
        let place = first.place().to_owned();
        let (what, phase) = (first.what(), Phase::Copying);
        at_work.running = Some(Running { what, place, phase, done: 0, total: 0, began });
        let holder = if open.is_some() { Holder::Vault } else { Holder::Backup };
        let own = Arc::clone(self);
        let thread = thread::spawn(move || {
            for task in tasks {
                if own.stop.load(Ordering::SeqCst) {
                    break;
                }
                // What came of it stands in the history, and in the record where the vault is open.
                let _ = own.carry_out(open.as_ref(), &by, &task, &mut |_| ControlFlow::Continue(()));
            }
            own.at_work().running = None;
        });
        at_work.thread = Some((thread, holder));
        true
    }

    /// Waits for what is under way to stop: all of it, at the end of the program, or what holds the file of a sealed
    /// vault, before somebody signs in.
    pub(super) fn make_way(&self, whole: Leaving) {
        let thread = {
            let mut at_work = self.at_work();
            match (&at_work.thread, whole) {
                (Some((_, Holder::Vault)), Leaving::File) | (None, _) => None,
                _ => at_work.thread.take(),
            }
        };
        if let Some((thread, _)) = thread {
            self.stop();
            // A thread that panicked has let go of everything, too.
            let _ = thread.join();
            self.at_work().running = None;
        }
    }
}

impl AtWork {
    fn is_busy(&self) -> bool {
        self.running.is_some() || self.thread.as_ref().is_some_and(|(thread, _)| !thread.is_finished())
    }
}

/// What a place is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aim {
    /// Nothing is made there.
    Reading,
    /// A folder is made where there is none. Where backups were before, there have to be some still: else a disk that
    /// is not mounted would be taken for an empty one, and the backups would go to the disk below.
    Writing,
}

/// What is to be left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    /// The file of a sealed vault.
    File,
    /// Everything.
    Program,
}

/// Whom backups are made for: every owner who has set a passphrase, the recovery key where there is one, and ROOT.
fn recipients(desk: &Desk) -> Result<Recipients, StoreError> {
    let from = desk.tables.read()?;
    let mut owners = Vec::new();
    for who in staff::all(&from)?.into_iter().filter(|s| s.role == RoleName::Owner && s.state == StaffState::Active) {
        if let Some(keys) = staff::keys(&from, who.id)? {
            owners.push(Owner { slot: keys.slot, key: Recipient::from_kem(keys.kem) });
        }
    }
    // A key that did its work, or was not asked back, opens nothing any more.
    let made = matches!(keys::note(&from)?.recovery, RecoveryNote::Made(_));
    let recovery = if made { staff::keys(&from, keys::RECOVERY)? } else { None };
    let recovery = recovery.map(|keys| Recipient::from_kem(keys.kem));
    Ok(Recipients { owners, recovery, root: Some(desk.keeper.recipient(&desk.tables.id())) })
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let unfinished = Path::new(&name);
    // What a crash left there is nobody's.
    let _ = std::fs::remove_file(unfinished);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(unfinished, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}
