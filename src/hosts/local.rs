//! The person's own terminal: raw mode, its size, its signals, and giving it back whatever happens.
//!
//! **Invariant:** the terminal is restored on quit, error, panic, signal, suspend and hang-up, and the screen blanked
//! before; panic messages are never printed; the environment comes in as [`Environment`] and is read nowhere here.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::panic;
use std::thread;
use std::time::Duration;

use crossterm::terminal;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGSTOP, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::raise;
use zeroize::Zeroizing;

use super::drive::{self, End, Host, Program};
use super::encoder::{self, Capabilities, Depth};
use super::input::MouseUse;
use super::mailbox::{Happening, Mailbox, Outlet, Waker, bring, mailbox};
use crate::clock::Clock;

/// How long the last bytes may take to go out.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the environment says of the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `TERM`.
    pub term: Option<String>,
    /// `COLORTERM`.
    pub colorterm: Option<String>,
    /// `NO_COLOR`: set and not empty means no colours.
    pub no_color: Option<String>,
}

impl Environment {
    /// The environment as `variable` tells it.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        Self { term: variable("TERM"), colorterm: variable("COLORTERM"), no_color: variable("NO_COLOR") }
    }

    /// What a terminal of this environment can do.
    pub fn capabilities(&self, mouse: MouseUse) -> Result<Capabilities, TerminalError> {
        let term = match self.term.as_deref() {
            None | Some("") => return Err(TerminalError::NoTerm),
            Some("dumb" | "unknown") => return Err(TerminalError::Dumb),
            Some(term) => term,
        };
        let deep = matches!(self.colorterm.as_deref(), Some("truecolor" | "24bit")) || term.contains("direct");
        let colours = if self.no_color.as_deref().is_some_and(|value| !value.is_empty()) {
            Depth::None
        } else if deep {
            Depth::True
        } else if term.contains("256color") || term.contains("kitty") {
            Depth::Indexed
        } else if term.starts_with("vt") {
            Depth::None
        } else {
            Depth::Sixteen
        };
        // Whether it draws frames at once, the terminal says itself when it is asked.
        Ok(Capabilities { colours, mouse: mouse == MouseUse::On, ..Capabilities::default() })
    }
}

/// Why the full-screen program cannot run here.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Standard input or output is a file or a pipe.
    #[error("standard input and output are not a terminal")]
    NotATerminal,
    /// `TERM` is not set.
    #[error("TERM is not set, so nothing is known of this terminal")]
    NoTerm,
    /// `TERM` names a terminal without a cursor to move.
    #[error("this terminal cannot move its cursor (TERM is \"dumb\" or unknown)")]
    Dumb,
    /// The system refused.
    #[error("cannot take over the terminal: {0}")]
    Io(#[from] io::Error),
}

/// Runs the program that `start` makes on this process's own terminal. `start` gets what wakes it and what the
/// terminal can do.
pub fn run<P: Program>(
    environment: &Environment,
    mouse: MouseUse,
    clock: &dyn Clock,
    start: impl FnOnce(Waker, Capabilities) -> P,
) -> Result<End, TerminalError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(TerminalError::NotATerminal);
    }
    let capabilities = environment.capabilities(mouse)?;
    let (mailbox, inbox) = mailbox();
    let mut program = start(mailbox.waker(), capabilities);
    let before = panic::take_hook();
    // A panic message can hold what the program was working on.
    panic::set_hook(Box::new(|_| {}));
    let end = LocalTerminal::open(mailbox)
        .map(|mut terminal| drive::run(&mut program, &mut terminal, &inbox, clock, capabilities));
    panic::set_hook(before);
    Ok(end?)
}

/// This process's terminal in raw mode, until it is dropped.
struct LocalTerminal {
    outlet: Outlet,
    signals: Handle,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Held,
    Suspended,
    GivenBack,
}

impl LocalTerminal {
    fn open(mailbox: Mailbox) -> io::Result<Self> {
        let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let signals = Signals::new([SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT])?;
        terminal::enable_raw_mode()?;
        let handle = signals.handle();
        bring(input, mailbox.clone());
        listen(signals, mailbox.clone());
        Ok(Self { outlet: Outlet::new(output, mailbox), signals: handle, state: State::Held })
    }

    fn give_back(&mut self) {
        self.outlet.send(Zeroizing::new(encoder::leave()));
        self.outlet.drain(PATIENCE);
        // Nothing is left to be done where even this fails: the terminal is gone.
        let _ = terminal::disable_raw_mode();
    }
}

fn listen(mut signals: Signals, mailbox: Mailbox) {
    thread::spawn(move || {
        for signal in signals.forever() {
            let happening = match signal {
                SIGWINCH => Happening::Resized,
                SIGTSTP => Happening::Suspend,
                SIGCONT => Happening::Continued,
                SIGHUP => Happening::Stop(End::HangUp),
                _ => Happening::Stop(End::Terminated),
            };
            if !mailbox.send(happening) {
                return;
            }
        }
    });
}

impl Host for LocalTerminal {
    fn size(&self) -> (u16, u16) {
        terminal::window_size().map_or((0, 0), |size| (size.columns, size.rows))
    }

    fn ready(&self) -> bool {
        self.outlet.ready() && self.state == State::Held
    }

    fn written(&self) -> u64 {
        self.outlet.written()
    }

    fn send(&mut self, bytes: Zeroizing<Vec<u8>>) {
        self.outlet.send(bytes);
    }

    fn suspend(&mut self) {
        self.give_back();
        self.state = State::Suspended;
        // The process stands still here; the signal that continues it arrives as `Happening::Continued`.
        if raise(SIGSTOP).is_err() {
            self.resume();
        }
    }

    fn resume(&mut self) {
        if self.state == State::Held {
            // Stopped from outside without a word: what was switched on is still on, and raw mode may be gone.
            self.give_back();
        }
        if self.state != State::GivenBack {
            self.state = State::Held;
            let _ = terminal::enable_raw_mode();
        }
    }

    fn finish(&mut self) {
        if self.state == State::Held {
            self.give_back();
        }
        self.state = State::GivenBack;
    }
}

impl Drop for LocalTerminal {
    fn drop(&mut self) {
        self.finish();
        self.signals.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(term: &str, colorterm: &str, no_color: &str) -> Environment {
        Environment::read(|name| {
            let value = match name {
                "TERM" => term,
                "COLORTERM" => colorterm,
                _ => no_color,
            };
            (value != "unset").then(|| value.to_owned())
        })
    }

    #[test]
    fn the_depth_of_colour_follows_the_environment() {
        for (term, colorterm, no_color, depth) in [
            ("xterm-256color", "unset", "unset", Depth::Indexed),
            ("xterm-256color", "truecolor", "unset", Depth::True),
            ("xterm-256color", "truecolor", "1", Depth::None),
            ("xterm-256color", "truecolor", "", Depth::True),
            ("xterm-direct", "unset", "unset", Depth::True),
            ("linux", "unset", "unset", Depth::Sixteen),
            ("screen", "unset", "unset", Depth::Sixteen),
            ("vt100", "unset", "unset", Depth::None),
        ] {
            let capabilities = environment(term, colorterm, no_color).capabilities(MouseUse::Off).unwrap();
            assert_eq!(capabilities.colours, depth, "{term} {colorterm} {no_color}");
        }
    }

    #[test]
    fn a_terminal_that_cannot_be_drawn_on_is_refused_with_the_reason() {
        for (term, reason) in
            [("unset", "TERM is not set"), ("", "TERM is not set"), ("dumb", "cannot move its cursor")]
        {
            let refusal = environment(term, "unset", "unset").capabilities(MouseUse::Off).unwrap_err();
            assert!(refusal.to_string().contains(reason), "{refusal}");
        }
    }
}
