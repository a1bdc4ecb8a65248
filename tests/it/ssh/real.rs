//! The whole way with a real server: through `veilbook ssh`, and through a real sshd with the snippet that is shipped.
//!
//! **Invariant:** sshd runs on the loopback interface alone, with a configuration, keys and a folder of its own.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use portable_pty::CommandBuilder;
use veilbook::domain::staff_key::StaffKey;
use veilbook::service::Action;

use super::bench::{Bench, finished, has};
use crate::house::{House, PASSPHRASE, add, set};
use crate::pty::Pty;

const PHONE: &str = "13800138000";

pub(super) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server of the house's vault at the bench's socket, which believes a listener of this account.
pub(super) fn serve(house: &House, bench: &Bench) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veilbook"));
    command.arg("--vault").arg(house.gate.path()).arg("--socket").arg(bench.path("s"));
    command.args(["serve", "--listener-uid", &rustix::process::getuid().as_raw().to_string()]);
    command.env("XDG_STATE_HOME", bench.path("")).env("HOME", bench.path(""));
    let mut child = command.stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.starts_with("serving"), "{said}");
    Process(child)
}

pub(super) fn house(bench: &Bench) -> House {
    let (house, owner) = House::new();
    add(&owner, "Ada Smith", vec![set("phone", PHONE)]);
    let key = StaffKey::parse(&std::fs::read_to_string(bench.path("known.pub")).unwrap()).unwrap();
    owner.perform(Action::AddStaffKey(owner.staff(), key)).unwrap();
    owner.end();
    house.gate.seal();
    std::fs::copy(format!("{}.keys", house.gate.path().display()), bench.path("keys")).unwrap();
    house
}

#[test]
fn a_key_leads_to_the_door_and_the_passphrase_through_it() {
    let Some(bench) = Bench::new() else { return };
    let house = house(&bench);
    let (_server, listener) = (serve(&house, &bench), bench.listener(&[]));
    let mut first = Pty::spawn(bench.ssh(&listener, "known", &["-tt", "-l", "olga"]), 80, 24);
    // Sealed, the server cannot tell whose key it is, and takes the name that was said.
    first.wait_for("Passphrase").keys(PASSPHRASE).keys("\r").wait_for("[Today]");
    first.keys("gc").wait_for("Ada Smith");
    // Open, it can.
    let mut second = Pty::spawn(bench.ssh(&listener, "known", &["-tt", "-l", "somebody"]), 100, 30);
    second.wait_for("Olga").keys(PASSPHRASE).keys("\r").wait_for("[Today]");
    assert!(!String::from_utf8_lossy(first.bytes()).contains(PHONE));
    first.keys("\x11").wait("the old screen", |screen| !screen.alternate_screen());
    assert_eq!(first.exit().exit_code(), 0);
    second.keys("\x11");
    assert_eq!(second.exit().exit_code(), 0);
}

/// An sshd with the shipped snippet, for this account instead of a group, and its port.
fn sshd(bench: &Bench) -> Option<(Process, u16)> {
    let program =
        ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].into_iter().find(|path| std::fs::exists(path).is_ok_and(|is| is));
    let Some(program) = program else {
        eprintln!("left out: there is no sshd here");
        return None;
    };
    if rustix::process::getuid().is_root() {
        // Where no service manager has made it yet.
        std::fs::create_dir_all("/run/sshd").unwrap();
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let me = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let snippet = include_str!("../../../contrib/sshd_config.d/veilbook.conf")
        .replace("Match Group veilbook", &format!("Match User {}", me.trim()))
        .replace("/usr/bin/veilbook", env!("CARGO_BIN_EXE_veilbook"))
        .replace("/run/veilbook/socket", &bench.path("s").display().to_string());
    let line = std::fs::read_to_string(bench.path("known.pub")).unwrap();
    std::fs::write(bench.path("authorized_keys"), format!("restrict,pty {line}")).unwrap();
    let at = |name: &str| bench.path(name).display().to_string();
    let config = format!(
        "ListenAddress 127.0.0.1:{port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\n\
         PermitRootLogin yes\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
         Subsystem sftp internal-sftp\n{snippet}",
        at("unknown"),
        at("authorized_keys"),
    );
    std::fs::write(bench.path("sshd_config"), config).unwrap();
    std::fs::set_permissions(bench.path("sshd_config"), PermissionsExt::from_mode(0o600)).unwrap();
    let mut command = Command::new(program);
    command.args(["-D", "-e", "-f", &at("sshd_config")]).stderr(Stdio::piped()).stdin(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let listening = log.by_ref().map_while(Result::ok).any(|line| line.contains("Server listening"));
    assert!(listening, "sshd does not start");
    // What it says later goes nowhere; a full pipe would stop it.
    std::thread::spawn(move || log.for_each(drop));
    Some((Process(child), port))
}

#[test]
fn a_real_sshd_with_the_shipped_snippet_shows_the_screens_and_nothing_else() {
    let Some(bench) = Bench::new() else { return };
    let house = house(&bench);
    let Some((_sshd, port)) = sshd(&bench) else { return };
    let _server = serve(&house, &bench);
    let hosts = format!("UserKnownHostsFile={}", bench.path("known_hosts").display());
    let options = |command: &mut CommandBuilder| {
        command.args(["-F", "none", "-p", &port.to_string(), "-i", &bench.path("known").display().to_string()]);
        command.args(["-o", &hosts, "-o", "StrictHostKeyChecking=no", "-o", "IdentityAgent=none"]);
        command.args(["-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"]);
        command.env("TERM", "xterm-256color");
    };
    let mut command = CommandBuilder::new("ssh");
    options(&mut command);
    command.args(["-tt", "127.0.0.1"]);
    let mut terminal = Pty::spawn(command, 80, 24);
    terminal.wait_for("Passphrase");
    terminal.resize(100, 30);
    terminal.keys("\x11");
    terminal.exit();
    assert!(!terminal.screen().alternate_screen());
    for (more, after) in [(&["-T"][..], "id -u; echo $((6*7))"), (&["-T", "-s"], "sftp"), (&["-W", "127.0.0.1:1"], "")]
    {
        if !has("ssh") {
            return;
        }
        let mut command = Command::new("ssh");
        command.args(["-F", "none", "-p", &port.to_string(), "-i"]).arg(bench.path("known"));
        command.args(["-o", &hosts, "-o", "StrictHostKeyChecking=no", "-o", "IdentityAgent=none"]);
        command.args(["-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"]).args(more).arg("127.0.0.1");
        if !after.is_empty() {
            command.arg(after);
        }
        command.stdin(Stdio::null());
        let output = finished(command);
        assert!(!output.status.success(), "{more:?}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("42"), "{more:?}: {output:?}");
    }
}
