//! A server to test with, the real program, and two kinds of people at it: in a terminal of their own, and on the bare socket.
//!
//! **Invariant:** nothing here waits for a time to pass; a server that a test leaves behind is killed with it.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use veilbook::hosts::wire::{FromClient, FromServer, Hello, Mode, Terminal, VERSION, Where, read_frame, write_frame};
use veilbook::service::Session;

use crate::house::{House, PASSPHRASE};
use crate::pty::Pty;

/// How long anything is waited for.
const DEADLINE: Duration = Duration::from_secs(60);

/// A server, killed when the test ends.
pub struct Serving {
    pub house: House,
    pub child: Child,
    more: Vec<String>,
}

impl Serving {
    /// A server of a new vault that `fill` has put something into.
    pub fn of(fill: impl FnOnce(&House, &Session)) -> Self {
        Self::with(&[], fill)
    }

    /// The same, with more arguments.
    pub fn with(more: &[&str], fill: impl FnOnce(&House, &Session)) -> Self {
        let (house, owner) = House::new();
        fill(&house, &owner);
        owner.end();
        drop(owner);
        house.gate.seal();
        let more: Vec<String> = more.iter().map(|&word| word.to_owned()).collect();
        let child = start(&house, &more);
        Self { house, child, more }
    }

    pub fn socket(&self) -> PathBuf {
        self.house.folder.path().join("book.veil.sock")
    }

    /// Somebody's terminal, attached and signed in.
    pub fn attach(&self) -> Pty {
        let mut pty = self.door();
        pty.keys(PASSPHRASE).keys("\r").wait_for("[Today]");
        pty
    }

    /// A terminal at the door.
    pub fn door(&self) -> Pty {
        let mut pty = Pty::spawn(self.client(), 80, 24);
        pty.wait_for("Passphrase");
        pty
    }

    /// What attaches a terminal.
    pub fn client(&self) -> CommandBuilder {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_veilbook"));
        command.args(["--as", "Olga", "--lang", "en", "--vault"]);
        command.arg(self.house.gate.path());
        command.env("TERM", "xterm-256color");
        command.env("XDG_STATE_HOME", self.house.folder.path());
        command
    }

    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Kills the server, and waits until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts the next one.
    pub fn again(&mut self) {
        self.child = start(&self.house, &self.more);
    }

    /// A connection that has said what it wants.
    pub fn hello(&self, mode: Mode) -> UnixStream {
        let stream = UnixStream::connect(self.socket()).unwrap();
        greet(&stream, mode, None, None);
        stream
    }

    /// Somebody on the bare socket, at the door.
    pub fn wired(&self, name: &str) -> Wired {
        let stream = UnixStream::connect(self.socket()).unwrap();
        greet(&stream, tty(), Some(name), None);
        Wired::on(stream)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a server and waits until it says where it listens.
fn start(house: &House, more: &[String]) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_veilbook"))
        .arg("serve")
        .arg("--vault")
        .arg(house.gate.path())
        .args(more)
        // What was last seen of the vault is this test's own.
        .env("XDG_STATE_HOME", house.folder.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = [0; 8];
    child.stderr.as_mut().unwrap().read_exact(&mut said).unwrap();
    assert_eq!(&said, b"serving ");
    child
}

/// A terminal of 80 by 24.
pub fn tty() -> Mode {
    Mode::Tty(Terminal { columns: 80, rows: 24, ..Terminal::default() })
}

/// Says who comes and what for.
pub fn greet(stream: &UnixStream, mode: Mode, name: Option<&str>, fingerprint: Option<[u8; 32]>) {
    let variables = vec![("TERM".to_owned(), "xterm-256color".to_owned())];
    let place = Where { address: None, fingerprint: fingerprint.map(Into::into) };
    let hello = Hello { version: VERSION, mode, name: name.map(str::to_owned), variables, place };
    write_frame(stream, &FromClient::Hello(Box::new(hello)).bytes(), None).unwrap();
}

/// A person on the bare socket: every byte that the server sent them, and what their screen showed after each frame.
pub struct Wired {
    stream: UnixStream,
    frames: Receiver<FromServer>,
    terminal: vt100::Parser,
    /// Every byte of every screen, as it came.
    pub bytes: Vec<u8>,
    /// The screen's text after each frame.
    pub screens: Vec<String>,
    /// What the server said at the end.
    pub end: Option<(u8, String)>,
}

impl Wired {
    pub fn on(stream: UnixStream) -> Self {
        let (sender, frames) = mpsc::channel();
        let from = stream.try_clone().unwrap();
        thread::spawn(move || {
            while let Ok((frame, _)) = read_frame::<FromServer>(&from) {
                if sender.send(frame).is_err() {
                    return;
                }
            }
        });
        let terminal = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
        Self { stream, frames, terminal, bytes: Vec::new(), screens: Vec::new(), end: None }
    }

    /// Sends bytes as a terminal would.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        let frame = FromClient::Keys(keys.as_bytes().to_vec().into()).bytes();
        (&self.stream).write_all(&frame).unwrap();
        self
    }

    /// Signs in, with the name that the door has already.
    pub fn sign_in(&mut self) -> &mut Self {
        self.wait_for("Passphrase").keys(PASSPHRASE).keys("\r")
    }

    pub fn wait_for(&mut self, text: &str) -> &mut Self {
        self.wait(text, |screen| screen.contains(text))
    }

    pub fn wait_until_gone(&mut self, text: &str) -> &mut Self {
        self.wait(&format!("itself without {text}"), |screen| !screen.contains(text))
    }

    /// Waits until the screen's text is as wanted.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> &mut Self {
        let started = Instant::now();
        while !wanted(&self.screen()) {
            let left = DEADLINE.saturating_sub(started.elapsed());
            let Ok(frame) = self.frames.recv_timeout(left) else {
                panic!("the screen never showed {what}; it shows:\n{}\n{:?}", self.screen(), self.end);
            };
            self.take(frame);
        }
        self
    }

    pub fn screen(&self) -> String {
        self.terminal.screen().contents()
    }

    /// Takes in what is still to come until the server ends it.
    pub fn until_the_end(&mut self) -> &mut Self {
        while let Ok(frame) = self.frames.recv_timeout(DEADLINE) {
            self.take(frame);
        }
        self
    }

    fn take(&mut self, frame: FromServer) {
        match frame {
            FromServer::Screen(bytes) => {
                self.terminal.process(&bytes);
                self.bytes.extend_from_slice(&bytes);
                self.screens.push(self.screen());
            }
            FromServer::End(code, words) => self.end = Some((code, words)),
            other => panic!("the server sent {other:?}"),
        }
    }
}

impl Drop for Wired {
    fn drop(&mut self) {
        // The thread that reads holds the line too.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}
