//! One person at an opened vault: the session, the screens, and how long things take.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use veilbook::clock::{OsEntropy, SystemClock};
use veilbook::domain::audit::Origin;
use veilbook::domain::field::FieldKey;
use veilbook::domain::reason::{Reason, ReasonCode};
use veilbook::domain::staff::LoginName;
use veilbook::service::view::ListRequest;
use veilbook::service::{Action, Deps, Gate, KdfChoice, NewVault, Purpose, Query, Session, View};
use zeroize::Zeroizing;

use crate::person::Desk;
use crate::{memory, middle};

/// The vault's owner, and the passphrase of vaults that are thrown away.
pub const OWNER: &str = "bench";
pub const PASSPHRASE: &str = "seven quiet rivers";

fn gate(vault: &Path) -> Gate {
    // A cheap KDF, since what is measured is unlocking without it.
    let deps = Deps { clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy), kdf: KdfChoice::Cheap };
    Gate::new(vault.to_owned(), deps)
}

/// Makes an empty vault.
pub fn create(vault: &Path) {
    let gate = gate(vault);
    let new = NewVault {
        owner: LoginName::new(OWNER).unwrap(),
        passphrase: Zeroizing::new(PASSPHRASE.to_owned()),
        region: "CN".to_owned(),
        schema: veilbook::domain::schema::shipped(),
        purpose: Purpose::Work,
    };
    gate.create(new, Origin::CommandLine).unwrap().end();
    gate.seal();
}

/// What was measured of an opened vault.
pub struct Opened {
    pub unlock: Duration,
    pub first: Duration,
    pub key: Duration,
    pub slowest: Duration,
    pub letter: Duration,
    pub reveal: Duration,
    /// In KiB.
    pub idle: u64,
}

impl Opened {
    /// Reads back what [`measure`] wrote: times in nanoseconds, memory in KiB.
    pub fn parse(line: &str) -> Self {
        let figures: Vec<u64> = line.split_whitespace().map(|f| f.parse().unwrap()).collect();
        let [unlock, first, key, slowest, letter, reveal, idle] = *figures.as_slice() else {
            panic!("seven figures were expected: {line}")
        };
        let time = Duration::from_nanos;
        Self {
            unlock: time(unlock),
            first: time(first),
            key: time(key),
            slowest: time(slowest),
            letter: time(letter),
            reveal: time(reveal),
            idle,
        }
    }
}

/// Opens the vault and measures; one line of figures for [`Opened::parse`].
pub fn measure(vault: &Path) -> String {
    let unlock = middle((0..5).map(|_| unlocked(vault)).collect());
    let gate = gate(vault);
    let session = gate.login(OWNER, PASSPHRASE, Origin::Screen).unwrap();
    let started = Instant::now();
    let mut desk = Desk::new(&session);
    let first = started.elapsed();
    desk.press("g c");
    let idle = memory(std::process::id(), "VmRSS:");
    desk.press("G g g");
    let keys: Vec<Duration> = (0..200).map(|_| desk.press("down")).collect();
    let slowest = keys.chunks(20).map(|some| some.iter().max().copied().unwrap_or_default()).max().unwrap_or_default();
    desk.press("/");
    let letters: Vec<Duration> = "c h e n w e i".split(' ').map(|letter| desk.press(letter)).collect();
    let reveal = reveals(&session);
    let figures = [unlock, first, middle(keys), slowest, middle(letters), reveal].map(|t| t.as_nanos().to_string());
    format!("{} {idle}", figures.join(" "))
}

/// How long a sign-in takes from the closed file on.
fn unlocked(vault: &Path) -> Duration {
    let gate = gate(vault);
    let started = Instant::now();
    let session = gate.login(OWNER, PASSPHRASE, Origin::Screen).unwrap();
    let took = started.elapsed();
    session.end();
    drop(session);
    gate.seal();
    took
}

/// The middle of twenty reveals, each with its durable entry.
fn reveals(session: &Session) -> Duration {
    let request = ListRequest { limit: 20, ..ListRequest::default() };
    let Ok(View::Customers(page)) = session.query(Query::Customers(request)) else { panic!("no list") };
    let mobile = FieldKey::new("mobile").unwrap();
    let one = |row: veilbook::service::view::CustomerRow| {
        session.perform(Action::OpenCustomer(row.id)).unwrap();
        let reveal = Action::Reveal(row.id, mobile.clone(), Reason::code(ReasonCode::Callback));
        let started = Instant::now();
        session.perform(reveal).unwrap();
        started.elapsed()
    };
    middle(page.rows.into_iter().map(one).collect())
}
