//! Passphrase, recovery key and rotation from the command line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::*;

fn made() -> Bench {
    let bench = Bench::new();
    bench.owner(&["init", "--owner", "Owner"]).ok();
    bench
}

/// Answers in order; words of a paper are given back by their numbers.
fn typist(answers: &[&str]) -> Typist {
    Typist(Some(answers.iter().map(|a| (*a).to_owned()).collect()), Vec::new())
}

/// A recovery key made at a terminal: its words.
fn recovery(bench: &Bench) -> String {
    let mut typist = typist(&["Owner", PASSPHRASE]);
    let (_, out, err) = bench.outcome(&["recovery", "new"], "", &mut typist);
    assert!(err.contains("counts from now on") && out.is_empty(), "{out}{err}");
    assert_eq!(typist.1.len(), 24);
    typist.1.join(" ")
}

#[test]
fn a_vault_made_at_a_terminal_comes_with_a_recovery_key_and_one_made_by_a_script_says_that_it_has_none() {
    let bench = Bench::new();
    let mut typist = typist(&[PASSPHRASE, PASSPHRASE, "y"]);
    let (_, out, err) = bench.outcome(&["init", "--owner", "Owner"], "", &mut typist);
    assert!(err.contains("counts from now on") && !out.contains(&typist.1[0]), "{out}{err}");
    assert!(bench.owner(&["doctor"]).ok().contains("a key was made at 2026-11-21"));
    let other = Bench::new();
    let made = other.owner(&["init", "--owner", "Owner"]);
    assert!(made.err.contains("veilbook recovery new"), "{}", made.err);
    assert!(other.owner(&["doctor"]).ok().contains("no recovery key"));
    assert!(other.owner(&["keys", "show"]).ok().contains("a forgotten passphrase is final"));
}

#[test]
fn a_person_changes_their_own_passphrase() {
    let bench = made();
    let next = bench.secret("next.pass", "another quiet harbour lantern");
    let change = ["passphrase", "--new-passphrase-file", &next];
    assert!(bench.owner(&change).err.contains("The passphrase is changed"));
    bench.owner(&["staff", "list"]).fails(4, "wrong");
    bench.secret("owner.pass", "another quiet harbour lantern");
    bench.owner(&["staff", "list"]).ok();
    let short = bench.secret("short.pass", "short");
    bench.owner(&["passphrase", "--new-passphrase-file", &short]).fails(1, "fewer than 12");
    bench.owner(&["passphrase"]).fails(4, "--new-passphrase-file");
    let mut typist = typist(&["Owner", "another quiet harbour lantern", PASSPHRASE, PASSPHRASE]);
    let (_, _, err) = bench.outcome(&["passphrase", "--lang", "zh-CN"], "", &mut typist);
    assert!(err.contains("口令已更改"), "{err}");
}

#[test]
fn the_recovery_words_establish_the_owner_once() {
    let bench = made();
    let words = recovery(&bench);
    let next = bench.secret("next.pass", "another quiet harbour lantern");
    let anew = ["recovery", "use", "--owner", "Owner", "--passphrase-file", &next];
    let wrong = words.replacen(words.split(' ').nth(3).unwrap(), "customer", 1);
    bench.run_with(&anew, &wrong).fails(1, "is none of the recovery words");
    bench.run_with(&anew, "hello").fails(1, "neither 24 recovery words nor a share");
    let used = bench.run_with(&anew, &words);
    assert!(used.err.contains("has done its work") && used.err.contains("veilbook recovery new"), "{}", used.err);
    used.ok();
    bench.owner(&["staff", "list"]).fails(4, "wrong");
    bench.secret("owner.pass", "another quiet harbour lantern");
    assert!(bench.owner(&["doctor"]).ok().contains("the key was used"));
    bench.run_with(&anew, &words).fails(1, "not the recovery key of this vault");
    assert!(bench.owner(&["audit", "list"]).ok().contains("recovery.use"));
}

#[test]
fn shares_are_printed_a_line_each_and_enough_of_them_do_what_the_words_do() {
    let bench = made();
    let words = recovery(&bench);
    let split = |k: &str, n: &str| bench.run_as("Owner", &["recovery", "split", "-k", k, "-n", n], &words);
    bench.owner(&["recovery", "split", "-k", "1", "-n", "3"]).fails(2, "-k");
    split("4", "3").fails(1, "2 to 15 shares");
    let shares = split("2", "3").ok();
    let shares: Vec<&str> = shares.lines().collect();
    assert_eq!((shares.len(), shares[0].len()), (3, 71));
    let next = bench.secret("next.pass", "another quiet harbour lantern");
    let anew = ["recovery", "use", "--owner", "Greta", "--passphrase-file", &next];
    bench.run_with(&anew, shares[1]).fails(1, "1 of the 2 shares");
    let other = split("2", "2").ok();
    let mixed = format!("{}\n{}", shares[0], other.lines().next().unwrap());
    bench.run_with(&anew, &mixed).fails(1, "different sets");
    bench.run_with(&anew, &format!("{}\n{}\n", shares[2], shares[0])).ok();
    bench.secret("greta.pass", "another quiet harbour lantern");
    assert!(bench.run_as("Greta", &["staff", "list"], "").ok().contains("Greta"));
}

#[test]
fn keys_are_recalibrated_and_rotated_and_the_doctor_knows() {
    let bench = made();
    assert!(bench.owner(&["keys", "recalibrate"]).err.contains("2 passes"));
    assert!(bench.owner(&["keys", "show"]).ok().contains("nobody"));
    bench.owner(&["rotate", "--discard"]).fails(1, "no such unfinished copy");
    bench.owner(&["staff", "add", "Greta", "--role", "auditor"]).ok();
    bench.owner(&["staff", "disable", "Greta"]).ok();
    assert!(bench.owner(&["doctor"]).ok().contains("veilbook rotate"));
    let before = std::fs::metadata(bench.path("shop.veil")).unwrap();
    let rotated = bench.owner(&["rotate"]);
    assert!(rotated.err.contains("Old copies of the file stay readable"), "{}", rotated.err);
    rotated.ok();
    let after = std::fs::metadata(bench.path("shop.veil")).unwrap();
    let inode = std::os::unix::fs::MetadataExt::ino;
    assert_ne!(inode(&before), inode(&after));
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&after.permissions()) & 0o777, 0o600);
    let doctor = bench.owner(&["doctor"]).ok();
    assert!(!doctor.contains("veilbook rotate"), "{doctor}");
    assert!(bench.owner(&["audit", "verify"]).ok().starts_with("sound: "));
    bench.stop.store(true, Ordering::SeqCst);
    bench.owner(&["rotate"]).fails(1, "stopped");
    assert!(!bench.path("shop.veil.rotating").exists());
}

#[test]
fn a_script_gets_the_words_on_a_pipe_and_gives_all_of_them_back() {
    let bench = made();
    // In a session of its own a process has no terminal to ask at.
    let mut command = Command::new("setsid");
    command.arg("--wait").arg(env!("CARGO_BIN_EXE_veilbook"));
    command.args([
        "--vault",
        &bench.text("shop.veil"),
        "--as",
        "Owner",
        "--passphrase-file",
        &bench.text("owner.pass"),
    ]);
    command.args(["recovery", "new"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return };
    let mut words = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut words).unwrap();
    assert_eq!(words.split_whitespace().count(), 24, "{words}");
    child.stdin.take().unwrap().write_all(words.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(bench.owner(&["doctor"]).ok().contains("a key was made"));
}
