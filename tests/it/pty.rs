//! A terminal for tests: a program run in a pty, its screen, and keys sent to it.
//!
//! **Invariant:** waiting is always for something the screen shows or the program does, with a deadline, never for a time
//! to pass.

use std::io::{Read, Write};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How long anything is waited for.
const DEADLINE: Duration = Duration::from_secs(20);

/// A program running in a terminal of its own.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    terminal: vt100::Parser,
    seen: Vec<u8>,
}

impl Pty {
    /// Runs `command` in a terminal of `columns` by `rows`.
    pub fn spawn(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let writer = pair.master.take_writer().unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut piece = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut piece) {
                if sender.send(piece[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let terminal = vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0);
        Self { child, master: pair.master, writer, output, terminal, seen: Vec::new() }
    }

    /// Sends bytes as a terminal would: `"\r"` is Enter, `"\x1b[B"` the down arrow.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
        self
    }

    /// Waits until the screen is as `wanted`; fails the test with the screen's text if it does not become so.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> &mut Self {
        let started = Instant::now();
        while !wanted(self.terminal.screen()) {
            let left = DEADLINE.saturating_sub(started.elapsed());
            let Ok(bytes) = self.output.recv_timeout(left) else {
                panic!("the screen never showed {what}; it shows:\n{}", self.screen_text());
            };
            self.take(&bytes);
        }
        self
    }

    /// As [`Pty::wait`], repeating `prompt` for as long as nothing comes, for what may be asked for too early.
    pub fn wait_prompting(
        &mut self,
        what: &str,
        wanted: impl Fn(&vt100::Screen) -> bool,
        prompt: impl Fn(&Self),
    ) -> &mut Self {
        let started = Instant::now();
        while !wanted(self.terminal.screen()) {
            assert!(started.elapsed() < DEADLINE, "the screen never showed {what}; it shows:\n{}", self.screen_text());
            match self.output.recv_timeout(Duration::from_millis(100)) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => prompt(self),
            }
        }
        self
    }

    /// Waits until `text` stands somewhere on the screen.
    pub fn wait_for(&mut self, text: &str) -> &mut Self {
        self.wait(text, |screen| screen.contents().contains(text))
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.terminal.screen_mut().set_size(rows.try_into().unwrap(), columns.try_into().unwrap());
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        self
    }

    /// The process's number.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// What the screen shows.
    pub fn screen_text(&self) -> String {
        self.terminal.screen().contents()
    }

    /// The screen with its styles and modes.
    pub fn screen(&self) -> &vt100::Screen {
        self.terminal.screen()
    }

    /// Every byte that came out so far.
    pub fn bytes(&self) -> &[u8] {
        &self.seen
    }

    /// Waits until the program has given the terminal back.
    pub fn wait_given_back(&mut self) -> &mut Self {
        let started = Instant::now();
        while !self.echoes() || self.terminal.screen().alternate_screen() {
            assert!(
                started.elapsed() < DEADLINE,
                "the terminal is never given back; it shows:\n{}",
                self.screen_text()
            );
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.take(&bytes);
            }
        }
        self
    }

    /// Whether the terminal itself shows what is typed, as it does where no program has taken it over.
    pub fn echoes(&self) -> bool {
        // ECHO has this bit on Linux, macOS and the BSDs.
        self.master.get_termios().unwrap().local_flags.bits() & 0o10 != 0
    }

    /// Kills the program, and takes in what it wrote until then.
    pub fn kill(&mut self) {
        let pid = rustix::process::Pid::from_raw(self.pid().try_into().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        self.exit();
    }

    /// Waits for the program's end, takes in what it wrote until then, and returns its status.
    pub fn exit(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            match self.output.recv_timeout(Duration::from_millis(20)) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => {
                    if let Some(status) = self.child.try_wait().unwrap() {
                        // The channel closes once all that was written has been read.
                        while let Ok(bytes) = self.output.recv_timeout(Duration::from_secs(5)) {
                            self.take(&bytes);
                        }
                        return status;
                    }
                }
            }
            assert!(started.elapsed() < DEADLINE, "the program never ended; it shows:\n{}", self.screen_text());
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.terminal.process(bytes);
        self.seen.extend_from_slice(bytes);
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
