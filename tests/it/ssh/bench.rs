//! A listener with its keys, a server's stand-in that speaks the protocol, and the clients that people have.
//!
//! **Invariant:** nothing outside a folder of its own is read or written: no client's own configuration, no agent.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use tempfile::TempDir;
use veilbook::domain::staff_key::{KnownKeys, StaffKey};
use veilbook::hosts::wire::{Bytes, FromClient, FromServer, Hello, read_frame, write_frame};

/// How long anything is waited for.
const DEADLINE: Duration = Duration::from_secs(30);

/// Whether a program is on this machine; a test that needs it says so and passes over it.
pub fn has(tool: &str) -> bool {
    let there = std::env::var_os("PATH")
        .is_some_and(|paths| std::env::split_paths(&paths).any(|folder| folder.join(tool).is_file()));
    if !there {
        eprintln!("left out: there is no {tool} here");
    }
    there
}

/// A running `veilbook ssh`.
pub struct Listener {
    child: Child,
    pub address: String,
    pub print: String,
}

impl Listener {
    pub fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it, and waits until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and waits for it.
    pub fn stop(&mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder with a host key, a registered key, one that is not, and a socket.
pub struct Bench {
    folder: TempDir,
}

impl Bench {
    /// None where there is no `ssh-keygen`.
    pub fn new() -> Option<Self> {
        if !has("ssh") || !has("ssh-keygen") {
            return None;
        }
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        for name in ["known", "unknown"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
                .arg(bench.path(name))
                .status();
            assert!(made.unwrap().success());
        }
        bench.register("known.pub");
        Some(bench)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the list as a server does, with this one key.
    pub fn register(&self, public: &str) {
        let line = std::fs::read_to_string(self.path(public)).unwrap();
        let keys: KnownKeys = [StaffKey::parse(&line).unwrap().fingerprint()].into_iter().collect();
        std::fs::write(self.path("keys"), keys.text()).unwrap();
        std::fs::set_permissions(self.path("keys"), std::fs::Permissions::from_mode(0o640)).unwrap();
    }

    pub fn listener(&self, more: &[&str]) -> Listener {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilbook"));
        command.args(["ssh", "--listen", "127.0.0.1:0", "--socket"]).arg(self.path("s"));
        command.arg("--host-key").arg(self.path("host_key")).arg("--keys").arg(self.path("keys")).args(more);
        command.env("HOME", self.folder.path()).stderr(Stdio::piped()).stdin(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
        let (address, print) = said.trim().strip_prefix("listening at ").unwrap().split_once(", host key ").unwrap();
        let (address, print) = (address.to_owned(), print.to_owned());
        std::fs::write(
            self.path("known_hosts"),
            format!("[127.0.0.1]:{} {}", address.rsplit(':').next().unwrap(), public(&self.path("host_key"))),
        )
        .unwrap();
        Listener { child, address, print }
    }

    /// The options that every OpenSSH client here has.
    pub fn options(&self, listener: &Listener, key: &str) -> Vec<String> {
        let options = [
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "BatchMode=yes",
            "ExitOnForwardFailure=no",
            "LogLevel=INFO",
            "ConnectTimeout=20",
        ];
        let hosts = format!("UserKnownHostsFile={}", self.path("known_hosts").display());
        let mut out = vec!["-F".into(), "none".into(), "-p".into(), listener.port().to_owned()];
        out.extend(["-i".into(), self.path(key).display().to_string(), "-o".into(), hosts]);
        out.extend(options.iter().flat_map(|option| ["-o".to_owned(), (*option).to_owned()]));
        out
    }

    /// `ssh` for a terminal of a test's.
    pub fn ssh(&self, listener: &Listener, key: &str, more: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::new("ssh");
        command.args(self.options(listener, key));
        command.args(more);
        command.arg("wang@127.0.0.1");
        command.env("TERM", "xterm-256color");
        command.env("HOME", self.folder.path());
        command
    }

    /// A client that is run to its end without a terminal.
    pub fn run(&self, tool: &str, listener: &Listener, key: &str, more: &[&str], after: &[&str]) -> Output {
        let mut command = Command::new(tool);
        let options = self.options(listener, key);
        if tool == "sftp" {
            command.args(options.iter().map(|option| if option == "-p" { "-P" } else { option }));
        } else {
            command.args(options);
        }
        command.args(more).arg("wang@127.0.0.1").args(after);
        command.env("HOME", self.folder.path()).stdin(Stdio::null());
        finished(command)
    }
}

/// Runs to the end, or fails the test: a client that hangs was not answered.
pub fn finished(mut command: Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let (ended, end) = mpsc::channel();
    thread::spawn(move || {
        let _ = ended.send(child.wait_with_output());
    });
    match end.recv_timeout(DEADLINE) {
        Ok(output) => output.unwrap(),
        Err(_) => {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            panic!("the client hangs: {command:?}");
        }
    }
}

fn public(key: &Path) -> String {
    let output = Command::new("ssh-keygen").arg("-y").arg("-f").arg(key).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// What a stand-in saw.
#[derive(Debug)]
pub enum Seen {
    Came(Box<Hello>),
    Typed(usize),
    HungUp,
}

/// A server's stand-in: it greets, tells sizes and keys back, and ends as the keys say. `q` ends it with a word and
/// status 7, `k` cuts it off without one, `f` sends 5 MB.
pub struct StandIn {
    pub seen: Receiver<Seen>,
}

impl StandIn {
    pub fn new(bench: &Bench) -> Self {
        let listener = UnixListener::bind(bench.path("s")).unwrap();
        let (told, seen) = mpsc::channel();
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let told = told.clone();
                thread::spawn(move || attend(&stream, &told));
            }
        });
        Self { seen }
    }

    pub fn next(&self) -> Seen {
        self.seen.recv_timeout(DEADLINE).expect("the server saw nothing")
    }

    /// The next thing that is no keys.
    pub fn next_but_keys(&self) -> Seen {
        let started = Instant::now();
        loop {
            match self.next() {
                Seen::Typed(_) if started.elapsed() < DEADLINE => {}
                other => return other,
            }
        }
    }
}

fn attend(stream: &UnixStream, told: &Sender<Seen>) {
    let say = |frame: FromServer| write_frame(stream, &frame.bytes(), None);
    let screen = |text: String| say(FromServer::Screen(Bytes::new(text.into_bytes())));
    while let Ok((frame, _)) = read_frame::<FromClient>(stream) {
        let done = match frame {
            FromClient::Hello(hello) => {
                let _ = told.send(Seen::Came(hello));
                screen("\x1b[?1049h\x1b[2Jwelcome\r\n".into())
            }
            FromClient::Size(columns, rows) => screen(format!("now {columns} by {rows}\r\n")),
            FromClient::Keys(keys) => {
                let _ = told.send(Seen::Typed(keys.len()));
                if keys.contains(&b'k') {
                    return;
                }
                if keys.contains(&b'q') {
                    let _ = screen("\x1b[?1049l".into());
                    let _ = say(FromServer::End(7, "until tomorrow".into()));
                    return;
                }
                if keys.contains(&b'f') {
                    (0..80).try_for_each(|_| say(FromServer::Screen(Bytes::new(vec![b'.'; 1 << 16]))))
                } else if keys.len() < 100 {
                    screen(format!("typed {}\r\n", String::from_utf8_lossy(&keys)))
                } else {
                    Ok(())
                }
            }
            _ => Ok(()),
        };
        if done.is_err() {
            break;
        }
    }
    let _ = told.send(Seen::HungUp);
}
