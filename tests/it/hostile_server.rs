//! What hostile or careless hands do to a server: other accounts, other things where its socket should be, words of a shell,
//! everybody at once.
//!
//! **Invariant:** whatever they do, the server says what is wrong or asks for a passphrase, and goes on for the others.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::house::{House, PASSPHRASE, add};
use crate::pty::Pty;
use crate::serving::{Serving, Wired, greet, tty};

const SOCKET: &str = "VEILBOOK_OTHER_SOCKET";
/// An account that owns nothing, on every system that has it under this number.
const NOBODY: u32 = 65_534;

/// What another account does: this very program, running this one test with the socket named in its surroundings.
#[test]
#[ignore = "run by the test below, as a process of another account"]
fn the_peer_of_another_account() {
    let Ok(socket) = std::env::var(SOCKET) else { return };
    let stream = match UnixStream::connect(&socket) {
        Ok(stream) => stream,
        Err(error) => return println!("\nrefused {:?}", error.kind()),
    };
    greet(&stream, tty(), Some("Olga"), Some([7; 32]));
    let mut person = Wired::on(stream);
    person.until_the_end();
    println!("\nwith a key: {}", person.end.as_ref().unwrap().1);
    let stream = UnixStream::connect(&socket).unwrap();
    greet(&stream, tty(), Some("Olga"), None);
    let mut person = Wired::on(stream);
    person.wait_for("Passphrase").keys("not the passphrase").keys("\r").wait_for("is wrong");
    println!("\nasked for the passphrase");
}

/// What the other account saw of the server.
fn another_account(serving: &Serving) -> String {
    let folder = serving.house.folder.path();
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o711)).unwrap();
    // Where the tests are built, another account may not be able to look.
    let program = folder.join("other");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let module = module_path!().split_once("::").unwrap().1;
    let ran = Command::new(&program)
        .args(["--exact", &format!("{module}::the_peer_of_another_account"), "--ignored", "--nocapture"])
        .env(SOCKET, serving.socket())
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap();
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn another_account_reaches_nothing_unless_its_group_may_and_then_the_door_and_may_name_no_key() {
    if !rustix::process::getuid().is_root() {
        eprintln!("left out: only root can act as another account");
        return;
    }
    let serving = Serving::of(|_, owner| _ = add(owner, "Ada Smith", Vec::new()));
    let said = another_account(&serving);
    assert!(said.contains("refused PermissionDenied"), "{said}");
    drop(serving);
    // This account is the listener's: another one is not believed although it may connect.
    let group = NOBODY.to_string();
    let more = ["--group", group.as_str(), "--listener-uid", "0"];
    let serving = Serving::with(&more, |_, owner| _ = add(owner, "Ada Smith", Vec::new()));
    let said = another_account(&serving);
    assert!(said.contains("with a key: only the account of the SSH listener"), "{said}");
    assert!(said.contains("asked for the passphrase"), "{said}");
    serving.attach();
}

#[test]
fn a_link_a_file_a_folder_and_a_server_where_the_socket_should_be_are_left_alone_and_named() {
    let serving = Serving::of(|_, owner| _ = add(owner, "Ada Smith", Vec::new()));
    let (other, owner) = House::new();
    owner.end();
    drop(owner);
    other.gate.seal();
    let at = |name: &str| other.folder.path().join(name);
    std::fs::write(at("file"), "kept").unwrap();
    std::fs::create_dir(at("folder")).unwrap();
    // A link to a socket that is in use is no way round, and neither is one to nothing.
    symlink(serving.socket(), at("link")).unwrap();
    symlink(at("nothing"), at("dangling")).unwrap();
    let refused = |socket: &std::path::Path, word: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilbook"));
        command.arg("--vault").arg(other.gate.path()).arg("--socket").arg(socket).arg("serve");
        let ran = command.stdin(Stdio::null()).env("XDG_STATE_HOME", other.folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(1), "{said}");
        assert!(said.contains(word), "{socket:?}: {said}");
    };
    for name in ["file", "folder", "link", "dangling"] {
        refused(&at(name), "that is not a socket of this user's");
    }
    refused(&serving.socket(), "a server listens at");
    assert_eq!(std::fs::read_to_string(at("file")).unwrap(), "kept");
    assert!(at("folder").is_dir() && at("link").is_symlink() && at("dangling").is_symlink() && !at("nothing").exists());
    serving.attach();
}

#[test]
fn what_a_client_of_sshd_asks_to_be_run_is_never_looked_at() {
    let serving = Serving::of(|_, owner| _ = add(owner, "Ada Smith", Vec::new()));
    let proof = serving.house.folder.path().join("proof");
    let socket = serving.socket();
    for words in ["touch PROOF", "$(touch PROOF)", "; touch PROOF #", "`touch PROOF`", "show 1\ntouch PROOF", "--plain"]
    {
        let words = words.replace("PROOF", &proof.display().to_string());
        // As sshd runs what ForceCommand says: through a shell, with the words in the surroundings.
        let mut command = portable_pty::CommandBuilder::new("sh");
        let forced = format!("{} --socket {} attach", env!("CARGO_BIN_EXE_veilbook"), socket.display());
        command.args(["-c", &forced]);
        command.env("SSH_ORIGINAL_COMMAND", &words);
        command.env("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22");
        command.env("TERM", "xterm-256color");
        let mut pty = Pty::spawn(command, 80, 24);
        pty.wait_for("Passphrase").keys("\x11");
        assert!(pty.exit().success());
        // Without a terminal there is nothing to show, and nothing is run either.
        let mut command = Command::new("sh");
        command.args(["-c", &forced]).env("SSH_ORIGINAL_COMMAND", &words).stdin(Stdio::null());
        let ran = command.output().unwrap();
        assert!(!ran.status.success() && ran.stdout.is_empty(), "{words}: {ran:?}");
        assert!(!proof.exists(), "{words}");
    }
}

/// What a process has had in memory at most, in KiB.
fn peak(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// So many sign in at once, and everybody comes in.
fn all_at_once(people: usize) {
    let serving = Serving::of(|_, owner| _ = add(owner, "Ada Smith", Vec::new()));
    let mut all: Vec<Wired> = (0..people).map(|_| serving.wired("Olga")).collect();
    all.iter_mut().for_each(|person| _ = person.wait_for("Passphrase"));
    let at_the_door = peak(serving.child.id());
    all.iter_mut().for_each(|person| _ = person.keys(PASSPHRASE).keys("\r"));
    all.iter_mut().for_each(|person| _ = person.wait_for("[Today]"));
    let in_all = peak(serving.child.id());
    let waited = all.iter().filter(|person| person.screens.iter().any(|screen| screen.contains("signing in"))).count();
    println!("{people} at once: {at_the_door} KiB at the door, {in_all} KiB signed in, {waited} read that they wait");
    assert!(waited > 0, "nobody was told to wait");
    assert!(in_all < 400 * 1024, "{in_all} KiB");
}

#[test]
fn a_hundred_sign_in_at_once_and_whoever_waits_reads_how_many_are_before_them() {
    all_at_once(100);
}

#[test]
#[ignore = "takes a while: cargo test --test it a_thousand_sign_in -- --ignored --nocapture"]
fn a_thousand_sign_in_at_once_and_memory_stays_bounded() {
    all_at_once(1_000);
}
