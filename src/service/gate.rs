//! The gate: making a vault, signing in, and shutting it again.
//!
//! **Invariant:** the file's lock is held from before its first byte is read until nothing of it is open any more; no
//! passphrase is kept.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use zeroize::Zeroizing;

use super::actor::Keys;
use super::backoff::{Backoff, Source};
use super::backups::{Backups, Leaving, Surroundings};
use super::desk::{Desk, Shared};
use super::keeper::Keeper;
use super::present::Stay;
use super::refusal::KeysProblem;
use super::seen::{self, Watch};
use super::session::{Memory, Session};
use super::{establish, examine, found, import, sign_in};
use crate::clock::{Clock, Entropy};
use crate::domain::audit::Origin;
use crate::domain::field::Schema;
use crate::domain::id::SessionId;
use crate::domain::staff::{LoginName, Staff};
use crate::domain::staff_key::Fingerprint;
use crate::vault::book::{staff, staff_keys};
use crate::vault::file::disk::{Disk, FileDisk};
use crate::vault::file::{Latch, Tap};
use crate::vault::keyring::{KdfParams, Passphrase, RecoveryKey};
use crate::vault::opening;
use crate::vault::superblock::{Secret, Superblock, UnlockError, Unlocked};

pub use super::gate_error::GateError;
pub use crate::vault::opening::Cache;

/// What the gate works with.
#[derive(Clone)]
pub struct Deps {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives randomness.
    pub entropy: Arc<dyn Entropy>,
    /// What a passphrase costs in a new vault.
    pub kdf: KdfChoice,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deps").field("kdf", &self.kdf).finish_non_exhaustive()
    }
}

/// Who is at the gate, as far as it shows before they have signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// What they use, as it stands on record.
    pub origin: Origin,
    /// Where their tries are counted.
    pub source: Source,
    /// The machine they come from, as the SSH listener tells it.
    pub address: Option<IpAddr>,
}

/// Somebody at this process's own terminal or command line.
impl From<Origin> for Caller {
    fn from(origin: Origin) -> Self {
        Self { origin, source: Source::Here, address: None }
    }
}

/// What a passphrase costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KdfChoice {
    /// About a second on this machine, and never less than the floor.
    Calibrated,
    /// Next to nothing: for tests and for vaults that are thrown away.
    Cheap,
}

/// A vault to be made.
pub struct NewVault {
    /// Its owner.
    pub owner: LoginName,
    /// The owner's passphrase.
    pub passphrase: Zeroizing<String>,
    /// The country of phone numbers without a country code.
    pub region: String,
    /// Its fields.
    pub schema: Schema,
    /// What it is for.
    pub purpose: Purpose,
}

/// Shows what it is for, not the passphrase.
impl std::fmt::Debug for NewVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewVault").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

/// What a vault is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Work.
    Work,
    /// Looking round: made-up customers with made-up history.
    Sample,
}

/// Whether a vault is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Nothing is.
    Missing,
    /// Something is.
    Present,
}

/// Parameters of about a second on this machine.
pub(super) fn calibrated() -> KdfParams {
    KdfParams::calibrate(|params| {
        let start = Instant::now();
        // A machine that cannot run the trial counts as too slow for these parameters.
        params.trial().map_or(std::time::Duration::MAX, |()| start.elapsed())
    })
}

/// The way into one vault.
#[derive(Debug)]
pub struct Gate {
    ground: Ground,
    deps: Deps,
    seen: Option<PathBuf>,
    cache: Cache,
    state: Mutex<State>,
    backups: Arc<Backups>,
    pub(super) backoff: Arc<Backoff>,
    opening: Mutex<()>,
}

/// Where a vault lies, and what passphrases in it are to cost.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    pub(super) path: PathBuf,
    pub(super) kdf: KdfChoice,
    lay: Lay,
}

impl Ground {
    /// The disk of an opened file, with a tap always in place, so that a backup can hold a moment still whenever it is
    /// asked for.
    pub(super) fn lay(&self, file: FileDisk) -> Arc<dyn Disk> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let tap = Tap::new((self.lay.0)(file), folder.unwrap_or(Path::new(".")).to_owned());
        Arc::new(Latch::new(Arc::new(tap)))
    }

    /// The vault's name, without folder and ending.
    pub(super) fn name(&self) -> String {
        self.path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The file itself, where the path is a link to it: it is what a copy takes the place of.
    pub(super) fn file(&self) -> PathBuf {
        std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone())
    }

    /// Where a copy under new keys is made: beside the file.
    pub(super) fn unfinished(&self) -> PathBuf {
        let mut name = self.file().into_os_string();
        name.push(".rotating");
        PathBuf::from(name)
    }
}

/// What makes a disk of an opened file.
#[derive(Clone)]
struct Lay(Arc<dyn Fn(FileDisk) -> Arc<dyn Disk> + Send + Sync>);

impl std::fmt::Debug for Lay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lay")
    }
}

#[derive(Debug, Default)]
struct State {
    desk: Weak<Desk>,
    kept: Option<Arc<Desk>>,
    refused: u32,
}

impl Gate {
    /// The gate of the vault at `path`. Nothing is touched yet.
    pub fn new(path: PathBuf, deps: Deps) -> Self {
        Self::over(path, deps, |file| Arc::new(file))
    }

    /// As [`Self::new`], with something between the vault and its file, such as a disk that fails.
    pub fn over(path: PathBuf, deps: Deps, lay: impl Fn(FileDisk) -> Arc<dyn Disk> + Send + Sync + 'static) -> Self {
        let (clock, entropy) = (Arc::clone(&deps.clock), Arc::clone(&deps.entropy));
        let backups = Arc::new(Backups::new(path.clone(), Surroundings::default(), clock, entropy));
        let ground = Ground { path, kdf: deps.kdf, lay: Lay(Arc::new(lay)) };
        let backoff = Arc::new(Backoff::new(Arc::clone(&deps.clock), &*deps.entropy));
        Self {
            ground,
            deps,
            seen: None,
            cache: Cache::default(),
            state: Mutex::default(),
            backups,
            backoff,
            opening: Mutex::default(),
        }
    }

    /// Keeps what was last seen of the vault in this folder, outside its file, and compares at each opening.
    pub fn remembering(self, folder: Option<PathBuf>) -> Self {
        Self { seen: folder, ..self }
    }

    /// The same gate, which knows where it runs; to be called before anybody comes in.
    pub fn within(mut self, around: Surroundings) -> Self {
        let (clock, entropy) = (Arc::clone(&self.deps.clock), Arc::clone(&self.deps.entropy));
        self.backups = Arc::new(Backups::new(self.ground.path.clone(), around, clock, entropy));
        self
    }

    /// The vault's backups.
    pub fn backups(&self) -> &Arc<Backups> {
        &self.backups
    }

    /// For quiet moments: begins, in the background, whatever backup is due, whether the vault is open or sealed.
    pub fn look_at_backups(&self) {
        let open = self.state().kept.clone();
        self.backups.look(open);
    }

    /// Waits for what is under way with backups to stop; for the end of the program.
    pub fn end_backups(&self) {
        self.backups.make_way(Leaving::Program);
    }

    /// The same, keeping so much of an opened vault in memory.
    pub fn with_cache(self, cache: Cache) -> Self {
        Self { cache, ..self }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the vault is.
    pub fn path(&self) -> &Path {
        &self.ground.path
    }

    /// Whether a vault is there.
    pub fn presence(&self) -> Presence {
        // A link that leads nowhere counts as present: a vault made there would appear somewhere else.
        if std::fs::symlink_metadata(&self.ground.path).is_ok() { Presence::Present } else { Presence::Missing }
    }

    /// Makes a vault and signs its owner in.
    pub fn create(&self, new: NewVault, caller: impl Into<Caller>) -> Result<Session, GateError> {
        if self.presence() == Presence::Present {
            return Err(GateError::Exists);
        }
        let passphrase = Passphrase::new(&new.passphrase)?;
        let kdf = match self.deps.kdf {
            KdfChoice::Cheap => KdfParams::cheap_for_tests(),
            KdfChoice::Calibrated => calibrated(),
        };
        let unlocked =
            found::vault(&self.ground.path, kdf, &new, &passphrase, &self.deps, &|file| self.ground.lay(file))?;
        let (disk, superblock) = self.head()?;
        let desk = self.open(disk, superblock, &unlocked)?;
        self.begin(desk, new.owner.as_str(), unlocked, caller.into())
    }

    /// Unlocks with a name and passphrase, which have to wait where others were refused before.
    pub(super) fn let_in(
        &self,
        name: &str,
        passphrase: &str,
        caller: Caller,
    ) -> Result<(Arc<Desk>, Unlocked), GateError> {
        let passphrase = Passphrase::attempt(passphrase)?;
        self.tried(Some(name), caller.source, || self.unlock(name, &passphrase))
    }

    /// Establishes an owner anew with the recovery key, typed as words or as shares, and signs them in. The key has done
    /// its work then: another is to be made.
    pub fn recover(&self, typed: &str, name: &str, new: &str, caller: impl Into<Caller>) -> Result<Session, GateError> {
        let caller = caller.into();
        let key = RecoveryKey::parse(typed).map_err(GateError::Recovery)?;
        let name = LoginName::new(name).ok_or(GateError::Name)?;
        let passphrase = Passphrase::new(new)?;
        let waits = self.backoff.wait(None, caller.source);
        let opened = self.tried(None, caller.source, || self.unlock_by(|superblock| superblock.unlock_recovery(&key)));
        let (desk, recovered) = opened.map_err(|error| match error {
            GateError::WrongNameOrPassphrase { .. } if waits == 0 => GateError::Keys(KeysProblem::NotTheRecoveryKey),
            other => other,
        })?;
        let unlocked = establish::owner(&desk, &recovered, &name, &passphrase, caller.origin)?;
        self.begin(desk, name.as_str(), unlocked, caller)
    }

    /// Turns a setup code into a passphrase and signs its person in.
    pub fn set_up(&self, name: &str, code: &str, new: &str, caller: impl Into<Caller>) -> Result<Session, GateError> {
        let caller = caller.into();
        let code = Passphrase::attempt(code)?;
        let next = Passphrase::new(new)?;
        let (desk, _) = self.tried(Some(name), caller.source, || self.unlock(name, &code))?;
        sign_in::invited(&desk, name)?;
        let entropy = &*self.deps.entropy;
        let unlocked = desk.keeper.change_passphrase(name, &code, &next, Secret::Renewed, entropy)?;
        sign_in::accept(&desk, name, &unlocked, caller.origin)?;
        self.begin(desk, name, unlocked, caller)
    }

    /// Whose SSH key this is, as far as the vault is open and says so.
    pub fn named_by(&self, key: Fingerprint) -> Option<LoginName> {
        let desk = self.state().kept.clone()?;
        let from = desk.tables.read().ok()?;
        let who = staff_keys::holder(&from, key).ok()??;
        staff::get(&from, who).ok()?.map(|who| who.name)
    }

    /// Shuts the vault and frees its file, once no session is left.
    pub fn seal(&self) {
        self.state().kept = None;
    }

    /// Lets a try at the gate through once its name and its source have waited, and counts it where it is refused.
    fn tried<T>(
        &self,
        name: Option<&str>,
        source: Source,
        unlock: impl FnOnce() -> Result<T, GateError>,
    ) -> Result<T, GateError> {
        let account = name.map(|name| self.backoff.account(name));
        let wait_seconds = self.backoff.wait(account.as_ref(), source);
        if wait_seconds > 0 {
            return Err(GateError::WrongNameOrPassphrase { wait_seconds });
        }
        unlock().map_err(|error| match error {
            GateError::WrongNameOrPassphrase { .. } => {
                let mut state = self.state();
                state.refused = state.refused.saturating_add(1);
                GateError::WrongNameOrPassphrase { wait_seconds: self.backoff.refused(account.as_ref(), source) }
            }
            other => other,
        })
    }

    fn head(&self) -> Result<(Arc<dyn Disk>, Superblock), GateError> {
        self.backups.make_way(Leaving::File);
        let disk = self.ground.lay(FileDisk::open(&self.ground.path)?);
        let (superblock, _) = Superblock::read(&*disk).map_err(|error| GateError::Damaged(error.to_string()))?;
        Ok((disk, superblock))
    }

    fn unlock(&self, name: &str, passphrase: &Passphrase) -> Result<(Arc<Desk>, Unlocked), GateError> {
        self.unlock_by(|superblock| superblock.unlock(name, passphrase))
    }

    fn unlock_by(
        &self,
        unlock: impl Fn(&Superblock) -> Result<Unlocked, UnlockError>,
    ) -> Result<(Arc<Desk>, Unlocked), GateError> {
        let wrong = |error: UnlockError| match error {
            UnlockError::WrongNameOrPassphrase => GateError::WrongNameOrPassphrase { wait_seconds: 0 },
            other => GateError::Damaged(other.to_string()),
        };
        if let Some(desk) = self.open_desk() {
            let unlocked = unlock(&desk.keeper.superblock()).map_err(wrong)?;
            return Ok((desk, unlocked));
        }
        // Two who come at once must not both open the file: the second finds what the first has opened.
        let _opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(desk) = self.open_desk() {
            let unlocked = unlock(&desk.keeper.superblock()).map_err(wrong)?;
            return Ok((desk, unlocked));
        }
        let (disk, mut superblock) = self.head()?;
        let unlocked = unlock(&superblock).map_err(wrong)?;
        if let Some(mended) = &unlocked.mended {
            superblock = (**mended).clone();
        }
        // Both copies are the same again from here on, whatever a crash or damage left.
        let written = superblock.write(&*disk, &unlocked.root);
        written.map_err(|error| GateError::Disk(error.to_string()))?;
        let desk = self.open(disk, superblock, &unlocked)?;
        // Not kept open by this: a code may still be to come.
        self.state().desk = Arc::downgrade(&desk);
        Ok((desk, unlocked))
    }

    fn open_desk(&self) -> Option<Arc<Desk>> {
        // A desk whose keys were replaced has lost its file.
        self.state().desk.upgrade().filter(|desk| !desk.retired.load(Ordering::Acquire))
    }

    fn open(&self, disk: Arc<dyn Disk>, superblock: Superblock, unlocked: &Unlocked) -> Result<Arc<Desk>, GateError> {
        let tables = opening::open_with(&disk, &superblock, &unlocked.root, &self.deps.entropy, self.cache)?;
        let keeper = Keeper::new(disk, superblock, unlocked.root.share(), unlocked.log_verify_key);
        let (clock, entropy) = (Shared(Arc::clone(&self.deps.clock)), Shared(Arc::clone(&self.deps.entropy)));
        let (watch, backups) = (Watch::new(self.seen.clone()), Arc::clone(&self.backups));
        let desk = Arc::new(Desk::new(tables, keeper, self.ground.clone(), watch, backups, clock, entropy)?);
        seen::compare(&desk);
        desk.watch.examined(examine::at_open(&desk));
        import::hide_unfinished(&desk).map_err(super::refusal::Refusal::from)?;
        // Whoever comes over SSH is let in by the list as it was until the next change tells that it cannot be written.
        let _ = super::staff_keys::publish(&desk);
        Ok(desk)
    }

    pub(super) fn begin(
        &self,
        desk: Arc<Desk>,
        name: &str,
        mut unlocked: Unlocked,
        caller: Caller,
    ) -> Result<Session, GateError> {
        let who: Staff = sign_in::known(&desk, name, &unlocked)?;
        if let Some(renewal) = &unlocked.renewal {
            unlocked.generation = desk.keeper.renew(unlocked.slot, renewal, &*self.deps.entropy)?;
        }
        let keys: Keys = sign_in::keys(&desk, &who, unlocked.user)?;
        let id = SessionId(u64::from_be_bytes(desk.entropy.bytes()) >> 16);
        let refused = std::mem::take(&mut self.state().refused);
        let session = Session {
            desk: Arc::clone(&desk),
            keys: Arc::new(keys),
            who: who.id,
            stay: Arc::new(Stay::new(id, who.id, caller, self.deps.clock.now())),
            account: self.backoff.account(name),
            backoff: Arc::clone(&self.backoff),
            memory: Mutex::new(Memory::default()),
        };
        let recorded = sign_in::record(&session, refused, unlocked.slot, unlocked.generation);
        let mut state = self.state();
        if recorded.is_err() {
            // Those tries are still to be put on record.
            state.refused = state.refused.saturating_add(refused);
        }
        recorded?;
        desk.present.enter(&session.stay);
        seen::keep(&desk);
        // Keys that cannot be written down are said by the next backup.
        let _ = self.backups.refresh_keys(&desk);
        self.backoff.admitted(&self.backoff.account(name), caller.source);
        state.desk = Arc::downgrade(&desk);
        state.kept = Some(desk);
        Ok(session)
    }
}
