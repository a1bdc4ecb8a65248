//! A vault of 10,000 made-up customers with as many people as are wanted, and a server of it: the real program.
//!
//! **Invariant:** passphrases are cheap to derive, since what is measured is everything else; nothing outside a folder of
//! its own is touched.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use tempfile::TempDir;
use veilbook::clock::{OsEntropy, SystemClock};
use veilbook::demo::sample::{PASSPHRASE, Sample, found};
use veilbook::demo::staff;
use veilbook::domain::audit::Origin;
use veilbook::domain::field::Lang;
use veilbook::domain::role::RoleName;
use veilbook::domain::staff::LoginName;
use veilbook::domain::staff_key::StaffKey;
use veilbook::service::{Action, Deps, Done, Gate, KdfChoice, Query, Session, View};
use veilbook::vault::file::disk::{Disk, FileDisk};

/// How many customers.
pub const CUSTOMERS: u64 = 10_000;
/// The owner's name in a sample vault.
pub const OWNER: &str = "Demo Owner";

/// A vault in a folder that goes with it.
pub struct House {
    folder: TempDir,
    pub gate: Gate,
}

impl House {
    /// With so many people of the role support beside the staff of the sample.
    pub fn new(people: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let deps = Deps { clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy), kdf: KdfChoice::Cheap };
        let sample = Sample { seed: 1, count: CUSTOMERS, lang: Lang::En };
        let passphrase = PASSPHRASE.to_owned().into();
        let (gate, owner) = found(folder.path().join("desk.veil"), deps, sample, passphrase, |_| {}).unwrap();
        assert_eq!(staff(Lang::En)[0].name.to_string(), OWNER);
        // What is measured is not how reading in bulk is limited.
        for limit in ["rows_per_hour", "opens_per_hour"] {
            owner.perform(Action::SetPolicy(limit.to_owned(), "100000".to_owned())).unwrap();
        }
        let house = Self { folder, gate };
        for number in 0..people {
            house.add(&owner, &name(number));
        }
        house.confirm(&owner);
        owner.end();
        house
    }

    fn add(&self, owner: &Session, name: &str) {
        let add = Action::AddStaff(LoginName::new(name).unwrap(), RoleName::Support);
        let Ok(Done::SetupCode(_, code)) = owner.perform(add) else { panic!("nobody was added") };
        self.gate.set_up(name, &code, PASSPHRASE, Origin::Screen).unwrap().end();
    }

    /// Hands out the keys that roles need, until nobody waits for one.
    fn confirm(&self, owner: &Session) {
        loop {
            let Ok(View::Today(today)) = owner.query(Query::Today) else { panic!("no day") };
            if today.grants.is_empty() {
                return;
            }
            for (who, _, class) in today.grants {
                owner.perform(Action::ConfirmGrant(who, class)).unwrap();
            }
        }
    }

    /// Registers a key for its owner, as Admin does.
    pub fn register(&self, public: &Path) {
        let key = StaffKey::parse(&std::fs::read_to_string(public).unwrap()).unwrap();
        let owner = self.session(OWNER);
        owner.perform(Action::AddStaffKey(owner.staff(), key)).unwrap();
        owner.end();
    }

    /// The same vault behind another gate, with something between it and its file.
    pub fn over(&mut self, lay: impl Fn(FileDisk) -> Arc<dyn Disk> + Send + Sync + 'static) {
        self.gate.seal();
        let deps = Deps { clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy), kdf: KdfChoice::Cheap };
        self.gate = Gate::over(self.gate.path().to_owned(), deps, lay);
    }

    /// Somebody signed in, in this process.
    pub fn session(&self, name: &str) -> Session {
        self.gate.login(name, PASSPHRASE, Origin::Screen).unwrap()
    }

    /// A path beside the vault.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A server of the vault, which this process does not hold any more.
    pub fn serve(&self, program: &Path) -> Serving {
        self.gate.seal();
        let mut command = Command::new(program);
        command.arg("--vault").arg(self.gate.path()).arg("--socket").arg(self.path("s"));
        command.args(["serve", "--listener-uid", &rustix::process::getuid().as_raw().to_string()]);
        Serving::start(command, self.folder.path(), "serving ")
    }

    /// The SSH listener before that server, which says where it listens.
    pub fn listen(&self, program: &Path) -> Serving {
        let mut command = Command::new(program);
        command.args(["ssh", "--listen", "127.0.0.1:0", "--socket"]).arg(self.path("s"));
        command.arg("--host-key").arg(self.path("host_key")).arg("--keys").arg(self.path("desk.veil.keys"));
        Serving::start(command, self.folder.path(), "listening at ")
    }
}

/// The login name of the `number`th person.
pub fn name(number: usize) -> String {
    format!("agent {number}")
}

/// A process of the program that goes on until this is dropped.
pub struct Serving {
    child: Child,
    /// What it said behind the first words.
    pub said: String,
}

impl Serving {
    fn start(mut command: Command, home: &Path, first: &str) -> Self {
        command.env("XDG_STATE_HOME", home).env("HOME", home).stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
        let said = said.strip_prefix(first).unwrap_or_else(|| panic!("it does not start: {said}")).trim().to_owned();
        Self { child, said }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
