//! A small disk that fills up while the real program works: it says so, loses nothing acknowledged, and goes on when
//! there is room again.
//!
//! The disk is a tmpfs of 64 MiB in a mount namespace of a process of its own, so that it goes away with that process
//! whatever happens. Where the system lets nobody make one, the tests say so and prove nothing.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use veilbook::clock::FixedClock;
use veilbook::domain::audit::Origin;
use veilbook::domain::id::CustomerId;
use veilbook::domain::schema;
use veilbook::service::view::{BackupChange, BackupOrder};
use veilbook::service::{Action, Done, Gate, Session};

use crate::house::{NOON, PASSPHRASE, add, deps, named, new_vault, open};

const DISK: &str = "VEILBOOK_SMALL_DISK";
const WHAT: &str = "VEILBOOK_SMALL_DISK_WORK";
const SIZE_MIB: u64 = 64;

/// A name and what fills the disk.
type Work = (&'static str, fn(&Small));

/// What fills the disk.
const WORKS: [Work; 5] = [
    ("import", import),
    ("single changes", changes),
    ("rotation", rotation),
    ("place of backups", place_of_backups),
    ("changes during backups", changes_during_backups),
];

/// A vault on a small disk.
struct Small {
    disk: PathBuf,
    beside: PathBuf,
    clock: Arc<FixedClock>,
    known: Vec<CustomerId>,
}

/// Runs one kind of work in a process that has a small disk of its own.
fn on_a_small_disk(work: &str) {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mut command = Command::new("unshare");
    command.args(["-rm", "--"]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "tamper_disk::the_work_on_a_small_disk", "--ignored", "--nocapture"]);
    let ran = command.env(DISK, &disk).env(WHAT, work).output();
    let Ok(ran) = ran else { return println!("skipped: there is no unshare(1)") };
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    if said.contains("no small disk") || said.contains("unshare: ") {
        return println!("skipped: {said}");
    }
    assert!(ran.status.success() && said.contains("small disk: all is well"), "{said}");
}

#[test]
#[ignore = "run by the tests below, as a process of its own"]
fn the_work_on_a_small_disk() {
    let (Some(disk), Ok(what)) = (std::env::var_os(DISK), std::env::var(WHAT)) else { return };
    let disk = PathBuf::from(disk);
    let size = format!("size={SIZE_MIB}m");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&disk).output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        return println!("no small disk: tmpfs cannot be mounted here");
    }
    let (_, work) = WORKS.iter().find(|(name, _)| *name == what).unwrap();
    let small = Small::new(disk);
    work(&small);
    println!("small disk: all is well");
}

#[test]
fn a_disk_that_fills_up_during_an_import_loses_nothing_acknowledged() {
    on_a_small_disk("import");
}

#[test]
fn a_disk_that_fills_up_during_single_changes_loses_nothing_acknowledged() {
    on_a_small_disk("single changes");
}

#[test]
fn a_disk_that_fills_up_during_a_rotation_leaves_the_vault_as_it_was_and_the_next_one_ends_it() {
    on_a_small_disk("rotation");
}

#[test]
fn a_place_of_backups_that_fills_up_keeps_the_backups_it_has_and_takes_new_ones_when_there_is_room() {
    on_a_small_disk("place of backups");
}

#[test]
fn a_disk_that_fills_up_under_the_vault_during_backups_loses_nothing_acknowledged() {
    on_a_small_disk("changes during backups");
}

impl Small {
    /// A vault with ten customers, and little room left beside it.
    fn new(disk: PathBuf) -> Self {
        let beside = disk.parent().unwrap().to_owned();
        let clock = Arc::new(FixedClock::new(NOON));
        std::fs::write(beside.join("pass"), PASSPHRASE).unwrap();
        std::fs::set_permissions(beside.join("pass"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let gate = Gate::new(disk.join("book.veil"), deps(&clock, 1));
        let owner = gate.create(new_vault(schema::sample()), Origin::Screen).unwrap();
        let known = (0..10).map(|n| add(&owner, &format!("Known {n}"), vec![])).collect();
        owner.end();
        drop(owner);
        gate.seal();
        let small = Self { disk, beside, clock, known };
        small.leave(1);
        small
    }

    fn vault(&self) -> PathBuf {
        self.disk.join("book.veil")
    }

    fn ballast(&self) -> PathBuf {
        self.disk.join("ballast")
    }

    /// Fills the disk but for so many MiB.
    fn leave(&self, mib: u64) {
        // What it takes, not how long it is: the part that nobody wrote takes nothing.
        let used = std::os::unix::fs::MetadataExt::blocks(&std::fs::metadata(self.vault()).unwrap()) * 512;
        let room = (SIZE_MIB - mib) * 1024 * 1024 - used;
        std::fs::write(self.ballast(), vec![1; usize::try_from(room).unwrap()]).unwrap();
    }

    fn make_room(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    fn gate(&self, seed: u64) -> Gate {
        Gate::new(self.vault(), deps(&self.clock, seed))
    }

    fn login(&self, seed: u64) -> (Gate, Session) {
        let gate = self.gate(seed);
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        (gate, owner)
    }

    /// Runs the program with a state folder that has room.
    fn program(&self, arguments: &[&str]) -> Output {
        self.program_on(&self.vault(), arguments)
    }

    fn program_on(&self, vault: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilbook"));
        command.env("XDG_STATE_HOME", self.beside.join("state"));
        command.arg("--vault").arg(vault).args(["--as", "Olga", "--passphrase-file"]);
        command.arg(self.beside.join("pass")).args(arguments).output().unwrap()
    }

    /// Fills the disk to the last page.
    fn fill(&self) {
        let mut ballast = std::fs::OpenOptions::new().append(true).create(true).open(self.ballast()).unwrap();
        while std::io::Write::write_all(&mut ballast, &[1; 4_096]).is_ok() {}
    }

    /// All that is known is there, all hangs together.
    fn is_whole(&self, seed: u64, known: &[CustomerId]) {
        let (gate, owner) = self.login(seed);
        for id in known {
            open(&owner, *id);
        }
        let examined = owner.examine(&mut |_| std::ops::ControlFlow::Continue(())).unwrap().unwrap();
        assert!(examined.is_sound(), "{examined:?}");
        owner.end();
        drop(owner);
        gate.seal();
        self.clock.advance(3_601);
    }
}

fn said(ran: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr))
}

fn says_that_the_disk_is_full(said: &str) -> bool {
    said.contains("the disk is full: make room")
}

fn list(path: &Path, rows: u64) {
    let rows: String = (0..rows).map(|n| format!("Row {n},139{n:08}\n")).collect();
    std::fs::write(path, format!("name,mobile\n{rows}")).unwrap();
}

/// The program's import fills the disk; then there is room, and the same import goes through.
fn import(small: &Small) {
    const ROWS: u64 = 10_000;
    let file = small.beside.join("list.csv");
    list(&file, ROWS);
    let text = file.to_string_lossy().into_owned();
    let arguments = ["import", &text, "--source", "test", "--basis", "consent", "--duplicates", "skip"];
    let ran = small.program(&arguments);
    assert!(!ran.status.success() && says_that_the_disk_is_full(&said(&ran)), "{}", said(&ran));
    // Still full: the vault opens for reading what is there.
    let gate = small.gate(50);
    match gate.login("olga", PASSPHRASE, Origin::Screen) {
        Ok(owner) => drop(owner),
        Err(error) => assert!(says_that_the_disk_is_full(&error.to_string()), "{error}"),
    }
    drop(gate);
    small.make_room();
    small.is_whole(51, &small.known);
    let (gate, owner) = small.login(52);
    assert_eq!(owner.size().unwrap(), small.known.len() as u64, "an import that did not end brings nothing in");
    drop(owner);
    gate.seal();
    let ran = small.program(&arguments);
    assert!(ran.status.success(), "{}", said(&ran));
    small.is_whole(53, &small.known);
    let (_gate, owner) = small.login(54);
    assert_eq!(owner.size().unwrap(), small.known.len() as u64 + ROWS);
}

/// One change after the other until the disk is full: each that was answered is there.
fn changes(small: &Small) {
    small.make_room();
    small.leave(1);
    let (gate, owner) = small.login(60);
    let mut acknowledged = small.known.clone();
    let refusal = loop {
        assert!(acknowledged.len() < 20_000, "the disk does not fill");
        match owner.perform(named(&format!("Customer {}", acknowledged.len()), vec![])) {
            Ok(Done::Saved(id, _)) => acknowledged.push(id),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => break refusal.to_string(),
        }
    };
    assert!(says_that_the_disk_is_full(&refusal), "{refusal}");
    let again = owner.perform(Action::OpenCustomer(small.known[0]));
    assert!(again.is_err(), "nothing more is acknowledged until the file was opened anew");
    drop(owner);
    gate.seal();
    small.make_room();
    let (first, last) = (&acknowledged[..20], &acknowledged[acknowledged.len() - 100..]);
    small.is_whole(61, first);
    small.is_whole(62, last);
    let (_gate, owner) = small.login(63);
    assert_eq!(owner.size().unwrap(), acknowledged.len() as u64);
    add(&owner, "Somebody after", vec![]);
}

/// The new file has no room; the vault stays as it was until there is some.
fn rotation(small: &Small) {
    let ran = small.program(&["rotate"]);
    assert!(!ran.status.success() && says_that_the_disk_is_full(&said(&ran)), "{}", said(&ran));
    small.make_room();
    small.is_whole(70, &small.known);
    let ran = small.program(&["rotate"]);
    assert!(ran.status.success(), "{}", said(&ran));
    small.is_whole(71, &small.known);
}

fn succeeds(ran: &Output) {
    assert!(ran.status.success(), "{}", said(ran));
}

/// How many backups `place` holds, each of them read back, and nothing beside them.
fn whole_backups(small: &Small, vault: &Path, place: &str) -> usize {
    let listed = small.program_on(vault, &["backup", "list", place, "--json"]);
    succeeds(&listed);
    let lines = String::from_utf8(listed.stdout).unwrap();
    for line in lines.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(row["fault"].is_null(), "{line}");
        succeeds(&small.program_on(vault, &["backup", "verify", row["id"].as_str().unwrap()]));
    }
    lines.lines().count()
}

/// Backups go to the small disk, from a vault that has room.
fn place_of_backups(small: &Small) {
    let (vault, place) = (small.beside.join("book.veil"), small.disk.join("place"));
    std::fs::copy(small.vault(), &vault).unwrap();
    let list_of = small.beside.join("list.csv");
    list(&list_of, 4_000);
    let text = list_of.to_string_lossy().into_owned();
    let import = ["import", &text, "--source", "test", "--basis", "consent", "--duplicates", "keep"];
    succeeds(&small.program_on(&vault, &import));
    let place = place.to_string_lossy().into_owned();
    succeeds(&small.program_on(&vault, &["backup", "setup", "--add", &place]));
    let fails = |arguments: &[&str]| {
        let ran = small.program_on(&vault, arguments);
        let said = said(&ran);
        let cause = said.contains(&format!("{place} is full"));
        assert!(!ran.status.success() && cause && said.contains("Make room there"), "{said}");
    };
    small.fill();
    fails(&["backup"]);
    small.make_room();
    succeeds(&small.program_on(&vault, &["backup"]));
    assert_eq!(whole_backups(small, &vault, &place), 1);
    small.fill();
    // Room for some of it only.
    let ballast = std::fs::OpenOptions::new().write(true).open(small.ballast()).unwrap();
    ballast.set_len(ballast.metadata().unwrap().len() - 2 * 1024 * 1024).unwrap();
    fails(&["backup", "--full"]);
    assert_eq!(whole_backups(small, &vault, &place), 1, "the one before is as it was, and there is no part of one");
    small.make_room();
    succeeds(&small.program_on(&vault, &["backup"]));
    assert_eq!(whole_backups(small, &vault, &place), 2);
    succeeds(&small.program_on(&vault, &["drill"]));
    let gate = Gate::new(vault, deps(&small.clock, 80));
    let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    assert_eq!(owner.size().unwrap(), small.known.len() as u64 + 4_000);
    let examined = owner.examine(&mut |_| std::ops::ControlFlow::Continue(())).unwrap().unwrap();
    assert!(examined.is_sound(), "{examined:?}");
}

/// The vault's disk fills up while it is changed and backed up, one backup after the other.
fn changes_during_backups(small: &Small) {
    small.make_room();
    small.leave(3);
    let place = small.beside.join("place").to_string_lossy().into_owned();
    let (gate, owner) = small.login(90);
    owner.perform(Action::SetBackups(BackupChange::AddPlace(place.clone()))).unwrap();
    let by_hand = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    let mut acknowledged = small.known.clone();
    let full = AtomicBool::new(false);
    let refusal = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !full.load(Ordering::SeqCst) {
                // From the moment when the disk is full each of them may fail.
                let _ = by_hand.back_up(BackupOrder::Make(None, None), &mut |_| ControlFlow::Continue(()));
            }
        });
        let refusal = loop {
            assert!(acknowledged.len() < 20_000, "the disk does not fill");
            match owner.perform(named(&format!("Customer {}", acknowledged.len()), vec![])) {
                Ok(Done::Saved(id, _)) => acknowledged.push(id),
                Ok(other) => panic!("{other:?}"),
                Err(refusal) => break refusal.to_string(),
            }
        };
        full.store(true, Ordering::SeqCst);
        refusal
    });
    assert!(refusal.contains("disk is full") || refusal.contains("opened"), "{refusal}");
    drop((owner, by_hand));
    gate.seal();
    small.fill();
    // With nobody signed in the backup needs no room beside the vault, and says what it did.
    let mut sealed = Command::new(env!("CARGO_BIN_EXE_veilbook"));
    sealed.env("XDG_STATE_HOME", small.beside.join("state")).arg("--vault").arg(small.vault()).arg("backup");
    succeeds(&sealed.output().unwrap());
    let ran = small.program(&["backup"]);
    assert!(ran.status.success() || says_that_the_disk_is_full(&said(&ran)), "{}", said(&ran));
    small.make_room();
    let (first, last) = (&acknowledged[..20], &acknowledged[acknowledged.len() - 100..]);
    small.is_whole(91, first);
    small.is_whole(92, last);
    succeeds(&small.program(&["backup", "--full"]));
    assert!(whole_backups(small, &small.vault(), &place) >= 2);
    succeeds(&small.program(&["drill"]));
    let (_gate, owner) = small.login(93);
    assert_eq!(owner.size().unwrap(), acknowledged.len() as u64);
}
