//! A server and those who attach to it, all of them the real program: screens, commands, ends of every kind.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use veilbook::hosts::wire::{FromClient, FromServer, Hello, VERSION, Where, read_frame, write_frame};

use crate::house::{PASSPHRASE, add, set};
use crate::serving::{Serving, Wired, tty};

const PHONE: &str = "13800138000";
/// As a screen shows it once it is revealed.
const SHOWN: &str = "138 0013 8000";

fn serving() -> Serving {
    Serving::of(|_, owner| {
        add(owner, "Ada Smith", vec![set("mobile", PHONE)]);
        add(owner, "李小雨", Vec::new());
    })
}

#[test]
fn two_people_work_in_one_vault_and_what_one_reveals_never_goes_to_the_other() {
    let serving = serving();
    let (mut one, mut other) = (serving.attach(), serving.attach());
    for pty in [&mut one, &mut other] {
        pty.keys("gc").wait_for("Ada Smith").keys("\r").wait_for("Who looked");
    }
    one.keys("r").wait_for("complaint").keys("1").keys("\r").wait_for(SHOWN);
    // The other goes on working, so that it would have been sent by now.
    other.keys("\x1b").wait_for("李小雨").keys("gt").wait_for("[Today]");
    assert!(!String::from_utf8_lossy(other.bytes()).contains(SHOWN));
}

#[test]
fn a_change_by_one_is_seen_by_the_other_without_a_key() {
    let serving = serving();
    let (mut one, mut other) = (serving.attach(), serving.attach());
    other.keys("gc").wait_for("Ada Smith");
    one.keys("gc").wait_for("Ada Smith").keys("n").wait_for("Name").keys("Bertha New").keys("\x13");
    other.wait_for("Bertha New");
}

#[test]
fn who_has_the_same_customer_open_is_on_the_screen_until_they_leave() {
    let serving = serving();
    let (mut one, mut other) = (serving.attach(), serving.attach());
    one.keys("gc").wait_for("Ada Smith").keys("\r").wait_for("Who looked");
    other.keys("gc").wait_for("Ada Smith").keys("\r").wait_for("open too: Olga");
    one.wait_for("open too: Olga");
    other.keys("\x1b").wait_for("李小雨");
    one.wait("nobody beside", |screen| !screen.contents().contains("open too"));
}

#[test]
fn a_vault_is_sealed_by_a_command_which_locks_every_screen_and_the_next_to_sign_in_opens_it() {
    let serving = serving();
    let mut one = serving.attach();
    let seal = serving.house.program().arg("seal").output().unwrap();
    assert!(seal.status.success(), "{}", String::from_utf8_lossy(&seal.stderr));
    one.wait_for("The vault was sealed").wait_for("Passphrase");
    one.keys(PASSPHRASE).keys("\r").wait_for("[Today]");
}

#[test]
fn every_command_works_while_a_server_holds_the_vault_with_files_that_the_client_opens() {
    let serving = serving();
    let list = serving.house.program().args(["customers", "--json"]).output().unwrap();
    assert!(list.status.success(), "{}", String::from_utf8_lossy(&list.stderr));
    assert!(String::from_utf8_lossy(&list.stdout).contains("Ada Smith"));
    let table = serving.house.folder.path().join("more.csv");
    std::fs::write(&table, "name,phone\nCarl Import,13900139000\n").unwrap();
    let import = ["import", table.to_str().unwrap(), "--source", "test", "--basis", "consent", "--duplicates", "keep"];
    let import = serving.house.program().args(import).output().unwrap();
    assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
    let record = serving.house.folder.path().join("record");
    let export = serving.house.program().args(["audit", "export"]).arg(&record).output().unwrap();
    assert!(export.status.success(), "{}", String::from_utf8_lossy(&export.stderr));
    let check = Command::new(env!("CARGO_BIN_EXE_veilbook")).args(["audit", "verify"]).arg(&record).output().unwrap();
    assert!(check.status.success());
    let wrong = serving.house.program().args(["show", "4711"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(1));
    let mut verify = serving.house.program();
    let mut verify =
        verify.args(["verify", "1", "mobile"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(verify.stdin.take().unwrap(), "{PHONE}").unwrap();
    assert!(verify.wait_with_output().unwrap().status.success());
}

#[test]
fn a_server_that_is_asked_to_stop_gives_every_terminal_back_and_frees_the_vault() {
    let mut serving = serving();
    let mut pty = serving.attach();
    serving.signal("-TERM");
    assert!(pty.exit().success());
    assert!(!pty.screen().alternate_screen());
    assert!(!pty.screen().hide_cursor());
    assert!(serving.child.wait().unwrap().success());
    assert!(!serving.socket().exists());
    serving.house.again().end();
}

#[test]
fn a_server_that_is_killed_is_said_to_be_gone_and_the_next_one_is_found() {
    let mut serving = serving();
    let mut pty = serving.attach();
    serving.kill();
    pty.wait_for("The server is gone");
    serving.again();
    pty.wait_for("Passphrase").keys(PASSPHRASE).keys("\r").wait_for("[Today]");
}

#[test]
fn a_terminal_that_goes_away_ends_its_session_and_no_other() {
    let serving = serving();
    let (one, mut other) = (serving.attach(), serving.attach());
    drop(one);
    other.keys("gc").wait_for("Ada Smith");
}

#[test]
fn a_client_that_sends_much_and_reads_nothing_harms_nobody() {
    let serving = serving();
    let mut flood = serving.hello(tty());
    flood.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let keys = FromClient::Keys(vec![b'j'; 1000].into()).bytes();
    // It writes until the server takes no more, or five megabytes.
    for _ in 0..5_000 {
        if flood.write_all(&keys).is_err() {
            break;
        }
    }
    let started = Instant::now();
    serving.attach().keys("gc").wait_for("Ada Smith");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_terminal_that_does_not_read_gets_the_newest_screen_and_no_more_than_a_few_older_ones() {
    let serving = serving();
    let mut other = serving.attach();
    other.keys("gc").wait_for("Ada Smith");
    let mut slow = serving.hello(tty());
    let keys = |keys: &str| FromClient::Keys(keys.as_bytes().to_vec().into()).bytes();
    slow.write_all(&keys(&format!("olga\t{PASSPHRASE}\r"))).unwrap();
    let mut screen = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
    while !screen.screen().contents().contains("[Today]") {
        let (FromServer::Screen(bytes), _) = read_frame(&slow).unwrap() else { panic!("another frame") };
        screen.process(&bytes);
    }
    // Two hundred times another screen, and then something that the other sees once all of it was taken in.
    slow.write_all(&keys(&format!("{}gcnBertha New\x13", "gcgt".repeat(100)))).unwrap();
    other.wait_for("Bertha New");
    slow.set_nonblocking(true).unwrap();
    let mut waited = Vec::new();
    let _ = slow.read_to_end(&mut waited);
    assert!(waited.len() < 16 * 1024, "{} bytes waited", waited.len());
}

#[test]
fn another_version_and_what_is_no_frame_are_told_so_or_let_go() {
    let serving = serving();
    let stream = UnixStream::connect(serving.socket()).unwrap();
    let hello = Hello { version: 99, mode: tty(), name: None, variables: Vec::new(), place: Where::default() };
    write_frame(&stream, &FromClient::Hello(Box::new(hello)).bytes(), None).unwrap();
    let (FromServer::End(1, words), _) = read_frame(&stream).unwrap() else { panic!("another frame") };
    assert!(words.contains("versions"));
    let mut odd = UnixStream::connect(serving.socket()).unwrap();
    odd.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(odd.read(&mut [0; 16]).unwrap_or(0), 0);
    serving.attach();
}

#[test]
fn nobody_but_the_listener_may_name_a_key() {
    let serving = serving();
    let stream = UnixStream::connect(serving.socket()).unwrap();
    let place = Where { address: None, fingerprint: Some([7; 32].into()) };
    let hello = Hello { version: VERSION, mode: tty(), name: None, variables: Vec::new(), place };
    write_frame(&stream, &FromClient::Hello(Box::new(hello)).bytes(), None).unwrap();
    let (FromServer::End(1, words), _) = read_frame(&stream).unwrap() else { panic!("another frame") };
    assert!(words.contains("listener"));
}

#[test]
fn a_hundred_that_hang_up_at_once_hold_nothing_that_others_need() {
    let serving = serving();
    serving.attach();
    for at in ["the door", "their sign-in"] {
        let mut people: Vec<Wired> = (0..100).map(|_| serving.wired("Olga")).collect();
        for person in &mut people {
            person.wait_for("Passphrase");
        }
        if at == "their sign-in" {
            people.iter_mut().for_each(|person| _ = person.keys(PASSPHRASE).keys("\r"));
        }
        drop(people);
        serving.attach().keys("gc").wait_for("Ada Smith");
    }
}

#[test]
fn what_is_typed_while_the_server_is_gone_is_nobodys_and_giving_up_ends_it() {
    let mut serving = serving();
    let (mut patient, mut other) = (serving.attach(), serving.attach());
    serving.kill();
    for pty in [&mut patient, &mut other] {
        pty.wait_for("The server is gone").keys("typed for nobody").wait_for("typed for nobody");
    }
    // At the head of a line, as in a shell, it is the end of the input.
    other.keys("\r\x04");
    assert_eq!(other.exit().exit_code(), 1);
    serving.again();
    patient.wait_for("Passphrase").keys(PASSPHRASE).keys("\r").wait_for("[Today]");
}
