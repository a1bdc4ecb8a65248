//! What the running program does so that its secrets stay in its own memory, read back from the system.

use portable_pty::CommandBuilder;

use crate::house::{House, PASSPHRASE};
use crate::pty::Pty;

fn proc_file(pid: u32, name: &str) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap()
}

#[test]
fn the_running_program_dumps_no_core_is_not_dumpable_and_locks_its_keys() {
    let (house, owner) = House::new();
    owner.end();
    drop(owner);
    house.gate.seal();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_veilbook"));
    command.arg("--vault");
    command.arg(house.gate.path());
    command.args(["--as", "Olga", "--lang", "en"]);
    command.env("TERM", "xterm-256color");
    let mut pty = Pty::spawn(command, 80, 24);
    pty.wait_for("Passphrase").keys(PASSPHRASE).keys("\r").wait_for("Olga · owner");
    let pid = pty.pid();
    let limits = proc_file(pid, "limits");
    let core: Vec<&str> = limits.lines().find(|l| l.starts_with("Max core")).unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"], "{core:?}");
    let status = proc_file(pid, "status");
    let locked = status.lines().find(|l| l.starts_with("VmLck:")).unwrap();
    let kib: u64 = locked.split_whitespace().nth(1).unwrap().parse().unwrap();
    // ROOT, the file's keys, the person's own, the class and blind keys; less where the limit is low.
    let limit = limits.lines().find(|l| l.starts_with("Max locked memory")).unwrap();
    assert!(kib >= 16 || !limit.contains("unlimited"), "{locked} under {limit}");
    // What is not dumpable belongs to the superuser in /proc, with no right for others to look at its memory.
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(format!("/proc/{pid}/environ")).unwrap());
    assert_eq!(owner, 0);
    pty.keys("\u{11}");
    assert!(pty.exit().success());
}

#[test]
fn the_doctor_of_the_real_program_reads_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_veilbook"));
    command.arg("--vault").arg(folder.path().join("none.veil")).arg("doctor").stdin(std::process::Stdio::null());
    let out = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(out.contains("no core dumps, memory not readable by others"), "{out}");
}
