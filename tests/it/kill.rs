//! A process that writes is killed at any moment: what it had acknowledged is there, the vault opens, the chain holds.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use veilbook::clock::{Entropy, FixedClock, SeededEntropy};
use veilbook::domain::audit::Origin;
use veilbook::domain::customer::Basis;
use veilbook::domain::id::CustomerId;
use veilbook::service::view::ChainCheck;
use veilbook::service::{Action, Change, Done, Gate, ImportRecord, OnDuplicate, Session};

use crate::house::{House, NOON, PASSPHRASE, add, deps, open};

pub const VAULT: &str = "VEILBOOK_KILL_VAULT";
pub const SEED: &str = "VEILBOOK_KILL_SEED";

/// The process that is killed: this very program, running this one test with the vault named in its surroundings.
#[test]
#[ignore = "run by the tests below, as a process of its own"]
fn the_writer_that_is_killed() {
    let (Ok(path), Ok(seed)) = (std::env::var(VAULT), std::env::var(SEED)) else { return };
    let clock = Arc::new(FixedClock::new(NOON));
    let gate = Gate::new(path.into(), deps(&clock, seed.parse().unwrap()));
    let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    let mut out = std::io::stdout();
    for n in 0..100_000 {
        acknowledge(&owner, &format!("Customer {seed} {n}"), &mut out);
        if n % 7 == 6 {
            import(&owner, n);
        }
    }
}

/// Adds a customer and says so. Only a durable commit is acknowledged; the line goes out whole and at once.
pub fn acknowledge(owner: &Session, name: &str, out: &mut dyn Write) {
    let id = add(owner, name, vec![Change::Tags(vec!["vip".into()])]);
    out.write_all(format!("ack {id} {name}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

fn import(owner: &Session, n: u64) {
    let (source, basis, duplicates) = ("test".into(), Basis::Consent, OnDuplicate::Keep);
    let begin = Action::BeginImport { file: "list.csv".into(), source, basis, duplicates };
    let Ok(Done::ImportBegun(job)) = owner.perform(begin) else { panic!("not begun") };
    let row = |row: u64| ImportRecord {
        row,
        owner: None,
        created: None,
        consents: vec![],
        changes: vec![Change::Name(format!("Row {n} {row}").as_str().into())],
    };
    owner.perform(Action::ImportRows(job, (0..30).map(row).collect())).unwrap();
    owner.perform(Action::FinishImport(job)).unwrap();
}

fn writer(test: &str, vault: &Path, seed: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(VAULT, vault)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets a writer work for fewer acknowledgements than `most` and a moment more, kills it, and gives what it
/// acknowledged.
pub fn killed(test: &str, vault: &Path, seed: u64, most: u32) -> Vec<(CustomerId, String)> {
    let dice: &dyn Entropy = &SeededEntropy::new(seed);
    let mut child = writer(test, vault, seed);
    let (told, lines) = channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            if told.send(line).is_err() {
                return;
            }
        }
    });
    let mut acknowledged = Vec::new();
    let mut take = |line: String| {
        // The harness of tests may put a word of its own before the first line.
        let Some((_, rest)) = line.split_once("ack ") else { return false };
        let (id, name) = rest.split_once(' ').unwrap();
        acknowledged.push((CustomerId(id.parse().unwrap()), name.to_owned()));
        true
    };
    let mut wanted = u32::from(dice.bytes::<1>()[0]) % most;
    while wanted > 0 {
        let line = lines.recv_timeout(Duration::from_secs(60)).unwrap();
        wanted -= u32::from(take(line));
    }
    let until = Instant::now() + Duration::from_micros(u64::from(u16::from_le_bytes(dice.bytes())) % 20_000);
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        match lines.recv_timeout(left) {
            Ok(line) => _ = take(line),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    lines.try_iter().for_each(|line| _ = take(line));
    acknowledged
}

fn kills(times: u64) {
    let (house, owner) = House::new();
    owner.end();
    drop(owner);
    house.gate.seal();
    let mut all = Vec::new();
    for round in 0..times {
        let acknowledged = killed("kill::the_writer_that_is_killed", house.gate.path(), 1_000 + round, 12);
        let gate = Gate::new(house.gate.path().to_owned(), deps(&house.clock, 500_000 + round));
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        let Ok(Done::Verdict(state)) = owner.perform(Action::VerifyRecord) else { panic!("no verdict") };
        assert_eq!(state.check, Some(ChainCheck::Sound), "round {round}");
        // So that opening is not stopped by the reading limit.
        house.clock.advance(3_601);
        for (id, name) in &acknowledged {
            assert_eq!(open(&owner, *id).name.text(), name, "round {round}");
        }
        all.extend(acknowledged);
        assert!(owner.size().unwrap() >= all.len() as u64, "round {round}");
        owner.end();
        drop(owner);
        gate.seal();
    }
    println!("{times} kills, {} acknowledged changes, none lost", all.len());
    assert!(all.len() as u64 > times);
}

#[test]
fn a_process_killed_while_it_writes_loses_nothing_acknowledged() {
    kills(15);
}

#[test]
fn the_program_killed_while_it_imports_leaves_all_of_the_list_or_none() {
    let (house, owner) = House::new();
    owner.end();
    drop(owner);
    house.gate.seal();
    let file = |name: &str| house.folder.path().join(name);
    const ROWS: u64 = 1_500;
    let mut published = 0;
    for round in 0..6_u64 {
        let rows: String = (0..ROWS).map(|n| format!("Customer {round} {n},139{:08}\n", round * ROWS + n)).collect();
        std::fs::write(file("list.csv"), format!("name,mobile\n{rows}")).unwrap();
        let mut command = house.program();
        command.arg("import").arg(file("list.csv"));
        command.args(["--source", "test", "--basis", "consent", "--duplicates", "keep"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Nothing is ever sent: the channel only keeps the time until the kill, from early to late in the import.
        let (_keep, never) = channel::<()>();
        let _ = never.recv_timeout(Duration::from_millis(60 + 180 * round));
        child.kill().unwrap();
        let done = child.wait().unwrap().success();
        let gate = Gate::new(house.gate.path().to_owned(), deps(&house.clock, 700_000 + round));
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        let there = owner.size().unwrap();
        assert!(there == published || there == published + ROWS, "round {round}: {there} after {published}");
        assert!(!done || there == published + ROWS, "round {round}: acknowledged and not there");
        published = there;
        let Ok(Done::Verdict(state)) = owner.perform(Action::VerifyRecord) else { panic!("no verdict") };
        assert_eq!(state.check, Some(ChainCheck::Sound), "round {round}");
        owner.end();
        drop(owner);
        gate.seal();
    }
}

#[test]
fn the_program_killed_while_it_replaces_the_keys_leaves_the_vault_and_the_next_run_ends_it() {
    let (house, owner) = House::new();
    for n in 0..200 {
        add(&owner, &format!("Customer {n}"), vec![Change::Tags(vec!["vip".into()])]);
    }
    owner.end();
    drop(owner);
    house.gate.seal();
    let rotate = || house.program().arg("rotate").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let sound = |seed: u64| {
        let gate = Gate::new(house.gate.path().to_owned(), deps(&house.clock, seed));
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        assert_eq!(owner.size().unwrap(), 200, "{seed}");
        let Ok(Done::Verdict(state)) = owner.perform(Action::VerifyRecord) else { panic!("no verdict") };
        assert_eq!(state.check, Some(ChainCheck::Sound), "{seed}");
        owner.end();
        drop(owner);
        gate.seal();
    };
    for round in 0..8_u64 {
        let mut child = rotate();
        // Nothing is ever sent: the channel only keeps the time until the kill, from early to late in the rotation.
        let (_keep, never) = channel::<()>();
        let _ = never.recv_timeout(Duration::from_millis(20 + 45 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        sound(800_000 + round);
    }
    assert!(rotate().wait().unwrap().success());
    assert!(!house.folder.path().join("book.veil.rotating").exists());
    sound(900_000);
}

#[test]
#[ignore = "two hundred kills take a minute: cargo test --test it two_hundred -- --ignored --nocapture"]
fn two_hundred_kills_lose_nothing_acknowledged() {
    kills(200);
}
