//! A scene played inside a real terminal: every byte of the program goes to that terminal, every reply of the terminal to
//! the program, and the shots are taken of the terminal's window by ImageMagick's `import`.
//!
//! **Invariant:** a shot is taken after the terminal has answered a question that was sent behind the program's last
//! byte, so it has read them all.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use crate::scenes::{Scene, Step};

const DEADLINE: Duration = Duration::from_secs(30);
/// Asks the terminal where its cursor is; the answer ends in `R`.
const QUESTION: &[u8] = b"\x1b[6n";

/// What happens at either side.
enum Event {
    /// The program wrote this.
    Program(Vec<u8>),
    /// The terminal sent this.
    Terminal(Vec<u8>),
}

/// Plays the scene in the terminal that this runs in.
pub fn play(scene: &Scene, command: CommandBuilder, folder: &Path) {
    let stdin = std::io::stdin();
    let mut raw = tcgetattr(&stdin).expect("a terminal");
    raw.make_raw();
    tcsetattr(&stdin, OptionalActions::Now, &raw).expect("raw mode");

    let size = PtySize { rows: scene.rows, cols: scene.columns, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let mut child = pair.slave.spawn_command(command).expect("the program");
    drop(pair.slave);
    let mut program = pair.master.take_writer().expect("the program's input");
    let events = listen(pair.master.try_clone_reader().expect("the program's output"));
    let rows = scene.rows.try_into().expect("a row at least");
    let columns = scene.columns.try_into().expect("a column at least");
    let mut played = Played { events, screen: vt100::Parser::new(rows, columns, 0) };

    for step in &scene.steps {
        match step {
            Step::Wait(text) => played.until(&mut program, |s| s.contents().contains(text)),
            Step::Gone(text) => played.until(&mut program, |s| !s.contents().contains(text)),
            Step::Keys(keys) => {
                program.write_all(keys.as_bytes()).expect("keys");
                program.flush().expect("keys");
            }
            Step::Shot(name) => {
                played.settle(&mut program);
                let window = std::env::var("WINDOWID").expect("a terminal that names its window");
                let file = folder.join(format!("{name}.png"));
                let taken = Command::new("import")
                    .args(["-window", &window, "-strip", "-depth", "8", "-dither", "None", "-colors", "24"])
                    .args(["-define", "png:color-type=3", "-define", "png:compression-level=9"])
                    .arg(&file)
                    .status();
                assert!(taken.expect("import").success(), "no picture of {name}");
            }
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads both sides on threads of their own.
fn listen(mut output: Box<dyn Read + Send>) -> Receiver<Event> {
    let (sender, events) = mpsc::channel();
    let from_terminal = sender.clone();
    std::thread::spawn(move || pump(&mut output, |bytes| sender.send(Event::Program(bytes)).is_ok()));
    std::thread::spawn(move || pump(&mut std::io::stdin(), |b| from_terminal.send(Event::Terminal(b)).is_ok()));
    events
}

fn pump(from: &mut dyn Read, mut give: impl FnMut(Vec<u8>) -> bool) {
    let mut piece = [0; 8192];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        if !give(piece.iter().take(count).copied().collect()) {
            return;
        }
    }
}

struct Played {
    events: Receiver<Event>,
    screen: vt100::Parser,
}

impl Played {
    /// Passes bytes on until the screen is as wanted.
    fn until(&mut self, program: &mut dyn Write, wanted: impl Fn(&vt100::Screen) -> bool) {
        let started = Instant::now();
        while !wanted(self.screen.screen()) {
            let left = DEADLINE.saturating_sub(started.elapsed());
            match self.events.recv_timeout(left) {
                Ok(Event::Program(bytes)) => self.show(&bytes),
                Ok(Event::Terminal(bytes)) => program.write_all(&bytes).expect("a reply"),
                Err(_) => panic!("the screen never came to it; it shows:\r\n{}", self.screen.screen().contents()),
            }
        }
    }

    /// Waits until the program has nothing more to say for a moment and the terminal has read all of it.
    fn settle(&mut self, program: &mut dyn Write) {
        let quiet = Duration::from_millis(300);
        let started = Instant::now();
        while started.elapsed() < DEADLINE {
            match self.events.recv_timeout(quiet) {
                Ok(Event::Program(bytes)) => self.show(&bytes),
                Ok(Event::Terminal(bytes)) => program.write_all(&bytes).expect("a reply"),
                Err(_) => break,
            }
        }
        self.show_raw(QUESTION);
        let mut answer = Vec::new();
        while !answer.ends_with(b"R") && started.elapsed() < DEADLINE {
            match self.events.recv_timeout(quiet) {
                Ok(Event::Program(bytes)) => self.show(&bytes),
                Ok(Event::Terminal(bytes)) => answer.extend(bytes),
                Err(_) => return,
            }
        }
    }

    fn show(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.show_raw(bytes);
    }

    fn show_raw(&self, bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).expect("the terminal");
    }
}
