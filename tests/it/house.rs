//! A vault to test with: cheap passphrases, a clock that stands still, known randomness, staff of every role.
//!
//! **Invariant:** nothing here goes round the door; what a test sees is what a caller sees.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;
use veilbook::clock::{FixedClock, SeededEntropy, Timestamp};
use veilbook::domain::audit::Origin;
use veilbook::domain::field::{FieldKey, Schema};
use veilbook::domain::id::CustomerId;
use veilbook::domain::reason::{Reason, ReasonCode};
use veilbook::domain::role::RoleName;
use veilbook::domain::schema;
use veilbook::domain::staff::LoginName;
use veilbook::service::view::CustomerDetail;
use veilbook::service::{Action, Change, Deps, Done, Gate, KdfChoice, NewVault, Purpose, Query, Session, View};
use zeroize::Zeroizing;

/// 2026-11-21T12:00:00Z, a Saturday.
pub const NOON: Timestamp = Timestamp(1_795_262_400_000);
pub const PASSPHRASE: &str = "a quiet lake at dawn";

pub struct House {
    pub folder: TempDir,
    pub clock: Arc<FixedClock>,
    pub gate: Gate,
}

pub fn deps(clock: &Arc<FixedClock>, seed: u64) -> Deps {
    Deps { clock: clock.clone(), entropy: Arc::new(SeededEntropy::new(seed)), kdf: KdfChoice::Cheap }
}

pub fn new_vault(schema: Schema) -> NewVault {
    NewVault {
        owner: LoginName::new("Olga").unwrap(),
        passphrase: Zeroizing::new(PASSPHRASE.into()),
        region: "CN".into(),
        schema,
        purpose: Purpose::Work,
    }
}

impl House {
    /// A new vault with every field in use, and its owner signed in.
    pub fn new() -> (Self, Session) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::new(NOON));
        let gate = Gate::new(folder.path().join("book.veil"), deps(&clock, 7));
        let owner = gate.create(new_vault(schema::sample()), Origin::Screen).unwrap();
        (Self { folder, clock, gate }, owner)
    }

    pub fn again(&self) -> Session {
        self.gate.login("olga", PASSPHRASE, Origin::Screen).unwrap()
    }

    /// The program on this vault as its owner, whose passphrase it reads from a file that nobody else may read.
    pub fn program(&self) -> Command {
        let secret = self.folder.path().join("pass");
        std::fs::write(&secret, PASSPHRASE).unwrap();
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilbook"));
        command.arg("--vault").arg(self.gate.path()).args(["--as", "Olga", "--passphrase-file"]).arg(&secret);
        command
    }

    /// Somebody of the role, with a passphrase of their own and every key that the role needs.
    pub fn staff(&self, owner: &Session, role: RoleName) -> Session {
        let name = format!("{} person", role.code());
        let Done::SetupCode(id, code) = owner.perform(Action::AddStaff(LoginName::new(&name).unwrap(), role)).unwrap()
        else {
            panic!("no setup code");
        };
        let first = self.gate.set_up(&name, &code, PASSPHRASE, Origin::Screen).unwrap();
        first.end();
        let View::Today(today) = owner.query(Query::Today).unwrap() else { panic!("no today") };
        for (who, _, class) in today.grants.into_iter().filter(|(who, ..)| *who == id) {
            owner.perform(Action::ConfirmGrant(who, class)).unwrap();
        }
        self.gate.login(&name, PASSPHRASE, Origin::Screen).unwrap()
    }
}

pub fn key(name: &str) -> FieldKey {
    FieldKey::new(name).unwrap()
}

pub fn set(field: &str, value: &str) -> Change {
    Change::Set(key(field), Zeroizing::new(value.into()))
}

pub fn named(name: &str, rest: Vec<Change>) -> Action {
    Action::AddCustomer(std::iter::once(Change::Name(name.into())).chain(rest).collect())
}

pub fn add(session: &Session, name: &str, rest: Vec<Change>) -> CustomerId {
    match session.perform(named(name, rest)) {
        Ok(Done::Saved(id, _)) => id,
        other => panic!("not added: {other:?}"),
    }
}

pub fn open(session: &Session, id: CustomerId) -> CustomerDetail {
    match session.perform(Action::OpenCustomer(id)) {
        Ok(Done::Customer(detail)) => *detail,
        other => panic!("not opened: {other:?}"),
    }
}

pub fn callback() -> Reason {
    Reason::code(ReasonCode::Callback)
}

/// The verbs of the record, oldest first.
pub fn verbs(session: &Session) -> Vec<String> {
    let request = veilbook::service::AuditRequest { limit: 500, ..Default::default() };
    let View::Audit(page) = session.query(Query::Audit(request)).unwrap() else { panic!("no audit") };
    page.rows.iter().rev().map(|row| row.entry.what.action.clone()).collect()
}
