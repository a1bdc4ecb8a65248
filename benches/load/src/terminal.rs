//! A terminal: a program run in a pseudo-terminal, its screen, its keys, and every byte that came counted.
//!
//! **Invariant:** a count ends when the screen shows what was waited for and nothing more comes, never after a time alone.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::slow::Throttle;

/// How long anything is waited for.
const DEADLINE: Duration = Duration::from_secs(60);
/// With nothing coming for so long, what a key did is done.
const QUIET: Duration = Duration::from_millis(150);

/// Columns and rows.
pub type Size = (u16, u16);

/// Which questions a terminal answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// None: frames are paced by what could be written.
    None,
    /// Status and what it is, as every terminal does.
    Status,
    /// These, and that it knows synchronized updates.
    Synchronized,
}

/// Collects the answers to what is asked within the output.
pub struct Answering {
    answers: Answers,
    pub due: Vec<u8>,
}

impl vt100::Callbacks for Answering {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        mark: Option<u8>,
        second: Option<u8>,
        params: &[&[u16]],
        last: char,
    ) {
        let first = params.first().and_then(|param| param.first()).copied().unwrap_or(0);
        let (row, column) = screen.cursor_position();
        let place = format!("\x1b[{};{}R", row + 1, column + 1);
        let answer: &[u8] = match (mark, second, first, last) {
            _ if self.answers == Answers::None => b"",
            (None, _, 5, 'n') => b"\x1b[0n",
            (None, _, 6, 'n') => place.as_bytes(),
            (None, _, 0, 'c') => b"\x1b[?62;22c",
            (Some(b'>'), _, 0, 'c') => b"\x1b[>41;354;0c",
            (Some(b'?'), Some(b'$'), 2026, 'p') if self.answers == Answers::Synchronized => b"\x1b[?2026;2$y",
            (Some(b'?'), Some(b'$'), 2026, 'p') => b"\x1b[?2026;0$y",
            _ => b"",
        };
        self.due.extend_from_slice(answer);
    }
}

/// What a terminal shows.
pub type Screen = vt100::Parser<Answering>;

/// An empty one.
pub fn screen((columns, rows): Size, answers: Answers) -> Screen {
    let nonzero = |size: u16| NonZeroU16::new(size).unwrap();
    vt100::Parser::new_with_callbacks(nonzero(rows), nonzero(columns), 0, Answering { answers, due: Vec::new() })
}

/// A program in a terminal of its own.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: Screen,
    /// How many bytes came.
    pub bytes: u64,
    /// When the last of them came.
    pub last: Instant,
}

impl Terminal {
    /// Runs `command` in a terminal that takes in what comes as fast as `throttle` lets it.
    pub fn new(command: CommandBuilder, size: Size, answers: Answers, throttle: Arc<Throttle>) -> Self {
        let (cols, rows) = size;
        let pair = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let writer = pair.master.take_writer().unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut piece = [0; 4096];
            loop {
                let most = throttle.piece(piece.len());
                let Ok(count @ 1..) = reader.read(&mut piece[..most]) else { return };
                throttle.pass(count);
                if sender.send(piece[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let (screen, last) = (screen(size, answers), Instant::now());
        Self { child, _master: pair.master, writer, output, screen, bytes: 0, last }
    }

    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap_or(0)
    }

    pub fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    pub fn send(&mut self, keys: &[u8]) {
        self.writer.write_all(keys).and_then(|()| self.writer.flush()).unwrap();
    }

    /// Waits until the screen is as wanted.
    pub fn until(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let started = Instant::now();
        while !wanted(self.screen()) {
            let left = DEADLINE.saturating_sub(started.elapsed());
            assert!(self.next(left).is_ok(), "the screen never showed {what}:\n{}", self.screen().contents());
        }
    }

    /// Waits until nothing more comes.
    pub fn rest(&mut self) {
        while self.next(QUIET).is_ok() {}
    }

    /// Takes in what comes for so long.
    pub fn watch(&mut self, time: Duration) {
        let started = Instant::now();
        while let Some(left) = time.checked_sub(started.elapsed()) {
            if self.next(left) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    }

    /// How many bytes come between a key and the rest after what it is to show.
    pub fn count(&mut self, key: &[u8], what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> u64 {
        let before = self.bytes;
        self.send(key);
        self.until(what, wanted);
        self.rest();
        self.bytes - before
    }

    /// How many bytes come after a key that changes the rows from `from` on, its own last ones left out.
    pub fn changed(&mut self, key: &[u8], from: usize) -> u64 {
        let rows = |screen: &vt100::Screen| text(screen).into_iter().skip(from).collect::<Vec<_>>();
        let before = rows(self.screen());
        self.count(key, "a change", |screen| rows(screen) != before)
    }

    fn next(&mut self, wait: Duration) -> Result<(), RecvTimeoutError> {
        let bytes = self.output.recv_timeout(wait)?;
        self.bytes += bytes.len() as u64;
        self.last = Instant::now();
        self.screen.process(&bytes);
        let due = std::mem::take(&mut self.screen.callbacks_mut().due);
        if !due.is_empty() {
            self.send(&due);
        }
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The rows of a screen.
pub fn text(screen: &vt100::Screen) -> Vec<String> {
    let (_, columns) = screen.size();
    screen.rows(0, columns.get()).collect()
}

/// A command for a terminal, with a home of its own and nothing of this process's surroundings.
pub fn command(program: &Path, home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("HOME", home);
    command.env("XDG_STATE_HOME", home);
    command.cwd(home);
    command
}
