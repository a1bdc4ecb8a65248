//! Control strings: OSC, DCS, APC, PM and SOS, which only a terminal sends, as answers.
//!
//! **Invariant:** nothing inside a string ever becomes a key; of its content at most [`MAX_SEQUENCE`] bytes are kept.

use super::{MAX_SEQUENCE, TerminalReply, reply};

/// A string under way.
pub(super) struct ControlString {
    introducer: u8,
    kept: Vec<u8>,
    escape: bool,
}

/// What a byte did to the string.
pub(super) enum Step {
    /// It goes on.
    More,
    /// It is over.
    Done,
    /// An escape inside it was not its end: the string is dropped and the byte follows an `ESC`.
    Broken,
}

impl ControlString {
    /// A string begun by `ESC` and `introducer`, one of `P X ] ^ _`.
    pub(super) fn new(introducer: u8) -> Self {
        Self { introducer, kept: Vec::new(), escape: false }
    }

    /// Takes the next byte.
    pub(super) fn byte(&mut self, byte: u8) -> Step {
        if self.escape {
            return if byte == b'\\' { Step::Done } else { Step::Broken };
        }
        match byte {
            0x1B => self.escape = true,
            // BEL ends an OSC string (xterm). Were it taken as content elsewhere, a lost ST would swallow the keyboard.
            0x07 | 0x18 | 0x1A => return Step::Done,
            _ if self.kept.len() < MAX_SEQUENCE => self.kept.push(byte),
            _ => {}
        }
        Step::More
    }

    /// What the finished string says, where that is of use.
    pub(super) fn reply(&self) -> Option<TerminalReply> {
        if self.introducer == b']' { reply::osc(&self.kept) } else { None }
    }
}
