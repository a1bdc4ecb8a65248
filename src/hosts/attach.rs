//! A terminal attached to a server: a pipe in raw mode, and nothing more.
//!
//! **Invariant:** whatever ends it, the terminal is given back as it was; nothing that passes through is looked at.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::terminal;
use rustix::termios::{QueueSelector, tcflush};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGSTOP, SIGTERM, SIGWINCH};
use signal_hook::iterator::Signals;
use signal_hook::low_level::raise;
use zeroize::Zeroizing;

use super::encoder;
use super::local::TerminalError;
use super::wire::{FromClient, FromServer, Hello, Mode, read_frame, write_frame};

/// How long a server that is gone is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked for meanwhile.
const AGAIN: Duration = Duration::from_millis(500);
/// The most bytes of input in a frame.
const PIECE: usize = 4096;

/// Why an attached terminal is attached no more.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// The terminal.
    #[error(transparent)]
    Terminal(#[from] TerminalError),
    /// Nobody listens.
    #[error("cannot reach the server at {path}: {source}")]
    Unreachable {
        /// Where.
        path: std::path::PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It went away and did not come back.
    #[error("the server is gone; what it had said was saved is safe")]
    Gone,
    /// It said something odd.
    #[error("the server said what is not understood: {0}")]
    Odd(io::Error),
}

/// How a session at a server ended: the exit code, and words for the person.
#[derive(Debug)]
pub struct Ended {
    /// The exit code.
    pub code: u8,
    /// What to say, if anything.
    pub words: String,
}

/// The line to the server in force, for the threads that write to it.
type Line = Arc<Mutex<Option<UnixStream>>>;

fn tell(line: &Line, frame: &FromClient) -> bool {
    let held = line.lock().unwrap_or_else(PoisonError::into_inner);
    held.as_ref().is_some_and(|stream| write_frame(stream, &frame.bytes(), None).is_ok())
}

/// Attaches this process's terminal to the server at `socket`. A server that goes away is waited for, with a word about it
/// by `gone`, and greeted anew.
pub fn attach(socket: &Path, hello: Hello, mut gone: impl FnMut()) -> Result<Ended, AttachError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(TerminalError::NotATerminal.into());
    }
    let unreachable = |source| AttachError::Unreachable { path: socket.to_owned(), source };
    let mut stream = UnixStream::connect(socket).map_err(unreachable)?;
    let line: Line = Arc::default();
    let mut raw = Raw::enter().map_err(TerminalError::from)?;
    let input = File::from(io::stdin().as_fd().try_clone_to_owned().map_err(TerminalError::from)?);
    forward_keys(input, Arc::clone(&line));
    forward_signals(Arc::clone(&line)).map_err(TerminalError::from)?;
    let mut lost = None;
    loop {
        let shown = match greet(&stream, hello.clone()) {
            Ok(()) => {
                hold(&line, stream.try_clone().ok());
                show(&stream, &line, &mut raw)
            }
            Err(_) => Err(Lost::Unseen),
        };
        hold(&line, None);
        lost = match (shown, lost) {
            (Ok(ended), _) => return Ok(ended),
            (Err(Lost::Odd(error)), _) => return Err(AttachError::Odd(error)),
            // One that takes a line and drops it at once is as good as gone, and is not waited for any longer.
            (Err(Lost::Unseen), Some(since)) => Some(since),
            (Err(Lost::Unseen | Lost::Gone), _) => {
                raw.leave();
                gone();
                Some(Instant::now())
            }
        };
        raw.leave();
        stream = again(socket, lost).ok_or(AttachError::Gone)?;
        raw = Raw::enter().map_err(TerminalError::from)?;
        // What was typed meanwhile was meant for a screen that is gone, and must not end up in a field of this one.
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
    }
}

fn hold(line: &Line, stream: Option<UnixStream>) {
    *line.lock().unwrap_or_else(PoisonError::into_inner) = stream;
}

fn again(socket: &Path, lost: Option<Instant>) -> Option<UnixStream> {
    while lost.is_some_and(|lost| lost.elapsed() < PATIENCE) {
        thread::sleep(AGAIN);
        if let Ok(stream) = UnixStream::connect(socket) {
            return Some(stream);
        }
    }
    None
}

fn greet(stream: &UnixStream, mut hello: Hello) -> io::Result<()> {
    if let Mode::Tty(terminal) = &mut hello.mode {
        let size = terminal::window_size().ok();
        (terminal.columns, terminal.rows) = size.map_or((0, 0), |size| (size.columns, size.rows));
    }
    write_frame(stream, &FromClient::Hello(Box::new(hello)).bytes(), None)
}

enum Lost {
    /// Before it showed anything.
    Unseen,
    /// In the midst of it.
    Gone,
    Odd(io::Error),
}

/// Shows what the server sends until it says that it is over.
fn show(stream: &UnixStream, line: &Line, raw: &mut Raw) -> Result<Ended, Lost> {
    let mut output = io::stdout().lock();
    let mut lost = Lost::Unseen;
    loop {
        match read_frame::<FromServer>(stream) {
            Ok((FromServer::Screen(bytes), _)) => {
                output.write_all(&bytes).and_then(|()| output.flush()).map_err(Lost::Odd)?;
                lost = Lost::Gone;
            }
            Ok((FromServer::Suspend, _)) => {
                raw.leave();
                // The process stands still here until it is continued.
                let _ = raise(SIGSTOP);
                *raw = Raw::enter().map_err(Lost::Odd)?;
                tell(line, &size());
                tell(line, &FromClient::Continued);
            }
            Ok((FromServer::End(code, words), _)) => {
                raw.leave();
                return Ok(Ended { code, words });
            }
            Ok(_) => return Err(Lost::Odd(io::ErrorKind::InvalidData.into())),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(Lost::Odd(error)),
            Err(_) => return Err(lost),
        }
    }
}

fn size() -> FromClient {
    let size = terminal::window_size().ok();
    let (columns, rows) = size.map_or((0, 0), |size| (size.columns, size.rows));
    FromClient::Size(columns, rows)
}

fn forward_keys(mut input: File, line: Line) {
    thread::spawn(move || {
        let mut piece = Zeroizing::new([0; PIECE]);
        loop {
            match input.read(piece.as_mut_slice()) {
                Ok(0) => break,
                Ok(count) => {
                    let bytes = Zeroizing::new(piece.iter().take(count).copied().collect::<Vec<u8>>());
                    // While the server is gone, what is typed is nobody's.
                    tell(&line, &FromClient::Keys(bytes));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        hang_up(&line);
    });
}

fn hang_up(line: &Line) {
    match line.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
        // A line that is shut already is as good.
        Some(stream) => _ = stream.shutdown(std::net::Shutdown::Write),
        // The person gives up while the server is gone; nobody would hear another key.
        None => std::process::exit(1),
    }
}

fn forward_signals(line: Line) -> io::Result<()> {
    let mut signals = Signals::new([SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            if signal == SIGWINCH {
                tell(&line, &size());
            } else if !tell(&line, &FromClient::Stop) {
                // There is no server to end it in order.
                std::process::exit(1);
            }
        }
    });
    Ok(())
}

/// The terminal in raw mode, until it is dropped.
struct Raw(State);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Held,
    GivenBack,
}

impl Raw {
    fn enter() -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        Ok(Self(State::Held))
    }

    /// Gives the terminal back, with everything off that a server may have switched on.
    fn leave(&mut self) {
        if self.0 == State::Held {
            self.0 = State::GivenBack;
            let mut output = io::stdout().lock();
            // Nothing is left to be done where even this fails: the terminal is gone.
            let _ = output.write_all(&encoder::leave()).and_then(|()| output.flush());
            let _ = terminal::disable_raw_mode();
        }
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.leave();
    }
}
