//! A client at the server's socket, without a terminal: frames of keys out, frames of screens in.
//!
//! **Invariant:** never blocks; what is not written yet waits here, and is little but for those who flood.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use veilbook::hosts::wire::{Decoder, FromClient, FromServer, Hello, Mode, Terminal, VERSION, Where};

use crate::terminal::{Answers, Screen, Size, screen};

/// Asked at the end of a frame, and answered.
const ASKED: &[u8] = b"\x1b[5n";
const READY: &[u8] = b"\x1b[0n";
/// The most that is read at once.
const PIECE: usize = 16 * 1024;

/// One connection.
pub struct Wire {
    pub stream: UnixStream,
    decoder: Decoder,
    out: Vec<u8>,
    answers: Answers,
    /// What the terminal would show, where somebody looks.
    pub screen: Option<Box<Screen>>,
    /// How many bytes for the screen came.
    pub bytes: u64,
}

impl Wire {
    /// Somebody who comes to the door with their name filled in.
    pub fn new(socket: &Path, name: &str, size: Size, answers: Answers) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_nonblocking(true).unwrap();
        let (columns, rows) = size;
        let terminal = Terminal { columns, rows, lang: Some("en".into()), ..Terminal::default() };
        let hello = Hello {
            version: VERSION,
            mode: Mode::Tty(terminal),
            name: Some(name.to_owned()),
            variables: vec![("TERM".into(), "xterm-256color".into())],
            place: Where::default(),
        };
        let out = FromClient::Hello(Box::new(hello)).bytes().to_vec();
        let screen = Some(Box::new(screen(size, Answers::None)));
        let mut wire = Self { stream, decoder: Decoder::default(), out, answers, screen, bytes: 0 };
        wire.flush();
        wire
    }

    /// Presses keys.
    pub fn send(&mut self, keys: &[u8]) {
        self.out.extend_from_slice(&FromClient::Keys(keys.to_vec().into()).bytes());
        self.flush();
    }

    /// Puts bytes on the line as they are, as much as it takes.
    pub fn flood(&mut self, frames: &[u8]) {
        if self.out.is_empty() {
            self.out.extend_from_slice(frames);
        }
        self.flush();
    }

    /// Whether something waits to be written.
    pub fn waits(&self) -> bool {
        !self.out.is_empty()
    }

    /// Writes what the line takes.
    pub fn flush(&mut self) {
        while !self.out.is_empty() {
            match self.stream.write(&self.out) {
                Ok(count) => drop(self.out.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("the server is gone: {error}"),
            }
        }
    }

    /// Takes in what has come, at most `most` bytes; how many bytes of it were for the screen.
    pub fn read(&mut self, most: usize) -> Got {
        let mut piece = [0; PIECE];
        let count = match self.stream.read(&mut piece[..most.min(PIECE)]) {
            Ok(0) => panic!("the server ended a session"),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Got::default(),
            Err(error) => panic!("the server is gone: {error}"),
        };
        self.decoder.feed(&piece[..count]);
        let before = self.bytes;
        while let Some(frame) = self.decoder.server().unwrap() {
            let FromServer::Screen(bytes) = frame else { panic!("the server said {frame:?}") };
            self.bytes += bytes.len() as u64;
            if let Some(screen) = &mut self.screen {
                screen.process(&bytes);
            }
            if self.answers != Answers::None && bytes.windows(ASKED.len()).any(|window| window == ASKED) {
                self.send(READY);
            }
        }
        Got { taken: count, shown: self.bytes - before }
    }

    /// Whether the screen shows these words.
    pub fn shows(&self, words: &str) -> bool {
        self.screen.as_ref().is_some_and(|screen| screen.screen().contents().contains(words))
    }
}

/// What one reading brought.
#[derive(Clone, Copy, Default)]
pub struct Got {
    /// Bytes off the line.
    pub taken: usize,
    /// Bytes for the screen that they completed.
    pub shown: u64,
}
