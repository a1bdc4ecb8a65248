//! Backups that are killed at any moment: the vault has all that was acknowledged, no part of a backup is taken for a
//! whole one, and the next one is made and read back.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use veilbook::clock::{Entropy, FixedClock, SeededEntropy};
use veilbook::domain::audit::Origin;
use veilbook::domain::customer::Basis;
use veilbook::domain::id::CustomerId;
use veilbook::service::backups::Kind;
use veilbook::service::view::{BackupChange, BackupOrder, ChainCheck};
use veilbook::service::{Action, Change, Done, Gate, ImportRecord, OnDuplicate, Session};

use crate::house::{House, NOON, PASSPHRASE, add, deps, open};
use crate::kill::{SEED, VAULT, acknowledge, killed};

/// Rows that make a vault whose whole backup takes a while.
const ROWS: u64 = 8_000;

/// The process that is killed: this very program, changing a vault while another thread backs it up all the time.
#[test]
#[ignore = "run by a test below, as a process of its own"]
fn the_writer_that_is_killed_while_it_backs_up() {
    let (Ok(path), Ok(seed)) = (std::env::var(VAULT), std::env::var(SEED)) else { return };
    let seed: u64 = seed.parse().unwrap();
    let clock = Arc::new(FixedClock::new(NOON));
    let gate = Gate::new(path.into(), deps(&clock, seed));
    let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    let by_hand = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in seed.. {
                let kind = if n % 3 == 0 { Kind::Full } else { Kind::Incremental };
                let order = BackupOrder::Make(None, Some(kind));
                by_hand.back_up(order, &mut |_| ControlFlow::Continue(())).unwrap();
            }
        });
        let mut out = std::io::stdout();
        for n in 0..100_000 {
            acknowledge(&owner, &format!("Customer {seed} {n}"), &mut out);
        }
    });
}

/// A vault with a place for backups.
struct Kept {
    house: House,
    known: Vec<(CustomerId, String)>,
    read_back: BTreeSet<String>,
}

impl Kept {
    fn new() -> Self {
        let (house, owner) = House::new();
        let (source, basis, duplicates) = ("test".into(), Basis::Consent, OnDuplicate::Keep);
        let begin = Action::BeginImport { file: "list.csv".into(), source, basis, duplicates };
        let Ok(Done::ImportBegun(job)) = owner.perform(begin) else { panic!("not begun") };
        let row = |row: u64| {
            let changes = vec![Change::Name(format!("Row {row}").as_str().into())];
            ImportRecord { row, owner: None, created: None, consents: vec![], changes }
        };
        owner.perform(Action::ImportRows(job, (0..ROWS).map(row).collect())).unwrap();
        owner.perform(Action::FinishImport(job)).unwrap();
        let place = house.folder.path().join("place").to_string_lossy().into_owned();
        owner.perform(Action::SetBackups(BackupChange::AddPlace(place))).unwrap();
        owner.end();
        drop(owner);
        house.gate.seal();
        Self { house, known: Vec::new(), read_back: BTreeSet::new() }
    }

    fn login(&self, seed: u64) -> (Gate, Session) {
        let gate = Gate::new(self.house.gate.path().to_owned(), deps(&self.house.clock, seed));
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        (gate, owner)
    }

    fn place(&self) -> String {
        self.house.folder.path().join("place").to_string_lossy().into_owned()
    }

    fn program(&self, signed_in: SignedIn, arguments: &[&str]) -> Command {
        let mut command = match signed_in {
            SignedIn::Olga => self.house.program(),
            SignedIn::Nobody => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_veilbook"));
                command.arg("--vault").arg(self.house.gate.path());
                command
            }
        };
        command.env("XDG_STATE_HOME", self.house.folder.path().join("state"));
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn succeeds(&self, signed_in: SignedIn, arguments: &[&str]) {
        let ran = self.program(signed_in, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    }

    /// The vault opens, has what was acknowledged lately, its record holds, and every backup at the place that passes
    /// for one can be read back.
    fn is_whole(&mut self, round: u64) {
        let (gate, owner) = self.login(600_000 + round);
        let Ok(Done::Verdict(state)) = owner.perform(Action::VerifyRecord) else { panic!("no verdict") };
        assert_eq!(state.check, Some(ChainCheck::Sound), "round {round}");
        // So that opening is not stopped by the reading limit.
        self.house.clock.advance(3_601);
        for (id, name) in self.known.iter().rev().take(100) {
            assert_eq!(open(&owner, *id).name.text(), name, "round {round}");
        }
        assert_eq!(owner.size().unwrap().min(ROWS + self.known.len() as u64), ROWS + self.known.len() as u64);
        let listed =
            if Path::new(&self.place()).exists() { gate.backups().list(&self.place()).unwrap() } else { vec![] };
        for row in listed {
            match row.fault.as_deref() {
                Some(fault) => assert_eq!(fault, "interrupted", "round {round}"),
                None if self.read_back.insert(row.id.clone()) => {
                    let read = owner.verify_backup(&row.id, None, &mut |_| ControlFlow::Continue(()));
                    assert!(read.is_ok(), "round {round}: {read:?}");
                }
                None => {}
            }
        }
        owner.end();
        drop(owner);
        gate.seal();
    }

    /// After all of that the next backup is made, read back, restored and compared.
    fn goes_on(&self) {
        self.succeeds(SignedIn::Nobody, &["backup"]);
        self.succeeds(SignedIn::Olga, &["backup"]);
        self.succeeds(SignedIn::Olga, &["backup", "verify"]);
        self.succeeds(SignedIn::Olga, &["drill"]);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SignedIn {
    Olga,
    Nobody,
}

/// Kills the program at a random moment of a backup, so many times; a change was acknowledged before each.
fn kills_of_the_program(times: u64) {
    let mut kept = Kept::new();
    let dice: &dyn Entropy = &SeededEntropy::new(77);
    let began = Instant::now();
    kept.succeeds(SignedIn::Olga, &["backup", "--full"]);
    let whole = began.elapsed();
    let mut cut_off = 0;
    for round in 0..times {
        let (gate, owner) = kept.login(300_000 + round);
        let name = format!("Customer {round}");
        kept.known.push((add(&owner, &name, vec![]), name));
        owner.end();
        drop(owner);
        gate.seal();
        let who = if round % 3 == 0 { SignedIn::Nobody } else { SignedIn::Olga };
        let kind: &[&str] = if round % 4 == 3 { &["backup"] } else { &["backup", "--full"] };
        let mut child = kept.program(who, kind).spawn().unwrap();
        // Nothing is ever sent: the channel only keeps the time until the kill, anywhere in the backup.
        let (_keep, never) = channel::<()>();
        let after = whole.as_micros() * u128::from(u16::from_le_bytes(dice.bytes())) / u128::from(u16::MAX);
        let _ = never.recv_timeout(Duration::from_micros(u64::try_from(after).unwrap()));
        child.kill().unwrap();
        cut_off += u64::from(!child.wait().unwrap().success());
        kept.is_whole(round);
    }
    println!("{times} backups, {cut_off} of them cut off, {} whole, nothing lost", kept.read_back.len());
    assert!(cut_off > 0);
    kept.goes_on();
}

/// Kills a process that changes a vault and backs it up at the same time.
fn kills_of_a_writer(times: u64) {
    let mut kept = Kept::new();
    for round in 0..times {
        let test = "kill_backup::the_writer_that_is_killed_while_it_backs_up";
        kept.known.extend(killed(test, kept.house.gate.path(), 1_000 + round, 120));
        kept.is_whole(round);
    }
    println!("{times} kills, {} acknowledged, {} backups whole", kept.known.len(), kept.read_back.len());
    assert!(kept.known.len() as u64 > times);
    kept.goes_on();
}

#[test]
fn the_program_killed_while_it_backs_up_loses_nothing_and_no_part_of_a_backup_counts() {
    kills_of_the_program(8);
}

#[test]
fn a_process_killed_while_it_writes_and_backs_up_loses_nothing_acknowledged() {
    kills_of_a_writer(6);
}

#[test]
#[ignore = "two hundred kills take some minutes: cargo test --test it kills_during_backups -- --ignored --nocapture"]
fn two_hundred_kills_during_backups_lose_nothing_acknowledged() {
    kills_of_the_program(120);
    kills_of_a_writer(80);
}
