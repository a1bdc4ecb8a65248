//! Bytes from a terminal into keys: an ECMA-48 tokenizer that is the same in every host.
//!
//! A sequence may be split at any byte. What is not a key (replies, reports, strings, unknown sequences) is swallowed
//! whole, so that it never arrives as typed letters. Sources: ECMA-48, xterm's ctlseqs, the kitty keyboard protocol.
//! **Invariant:** no byte makes it panic; it holds at most [`MAX_SEQUENCE`] bytes of a sequence and [`MAX_PASTE`] of a
//! paste; a call looks at no more than [`STEP`] bytes; nothing here reads the clock; a lone Esc becomes a key only when
//! the caller says that the time is up and no bytes wait, and no part of a longer sequence ever does.

mod mouse;
mod reply;
mod sequence;
mod string;
#[cfg(test)]
mod tests;

use std::fmt;

use zeroize::Zeroizing;

use crate::app::key::{Key, KeyCode, Mods};
use crate::clock::Timestamp;
use crate::text::Printable;

pub use mouse::{Mouse, MouseButton, MouseKind};
pub use reply::TerminalReply;

/// The longest control sequence that is looked at; longer ones are swallowed.
pub const MAX_SEQUENCE: usize = 64;
/// The most bytes of one paste that are kept; what follows is swallowed up to its end.
pub const MAX_PASTE: usize = 256 * 1024;
/// The most bytes that one call of [`Tokenizer::feed`] takes.
pub const STEP: usize = 4096;

/// How long after an `ESC` byte its meaning may still change, in milliseconds.
const ESC_MS: i64 = 40;
/// How long an unfinished sequence or string waits for its next byte before it is dropped.
const SEQUENCE_MS: i64 = 1000;
/// How long an unfinished paste waits for its next byte before it counts as finished.
const PASTE_MS: i64 = 3000;
/// What ends a bracketed paste.
const PASTE_END: &[u8] = b"\x1b[201~";

/// Something a terminal sent that the program may care about.
#[derive(Clone, PartialEq, Eq)]
pub enum InputEvent {
    /// A key was pressed or repeats.
    Key(Key),
    /// Text was pasted: cleaned, with `\n` between its lines.
    Paste(String),
    /// The mouse was clicked or its wheel turned.
    Mouse(Mouse),
    /// The terminal answered a question.
    Reply(TerminalReply),
}

/// A paste may be personal or a passphrase: `Debug` says how long it is and nothing else.
impl fmt::Debug for InputEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "Key({key})"),
            Self::Paste(text) => write!(f, "Paste({} bytes)", text.len()),
            Self::Mouse(mouse) => mouse.fmt(f),
            Self::Reply(reply) => reply.fmt(f),
        }
    }
}

/// Whether clicks and the wheel are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseUse {
    /// They become events.
    On,
    /// They are swallowed.
    Off,
}

/// What the bytes so far are the beginning of.
enum State {
    Ground,
    Esc,
    Utf8 {
        bytes: [u8; 4],
        len: usize,
        want: usize,
        mods: Mods,
    },
    Csi {
        body: Vec<u8>,
        overlong: bool,
    },
    /// `ESC [ [`, which the Linux console sends before a letter for F1 to F5.
    ConsoleFunction,
    Ss3 {
        modifier: u8,
    },
    /// Bytes of an old mouse report still to come; they may be any byte at all.
    OldMouse {
        left: u8,
    },
    Text(string::ControlString),
    Paste {
        kept: Zeroizing<Vec<u8>>,
        matched: usize,
    },
}

/// Turns bytes into events. One for each terminal.
pub struct Tokenizer {
    state: State,
    last: Timestamp,
    mouse: MouseUse,
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer").field("mouse", &self.mouse).finish_non_exhaustive()
    }
}

impl Tokenizer {
    /// A tokenizer at the start of a stream.
    pub fn new(mouse: MouseUse) -> Self {
        Self { state: State::Ground, last: Timestamp::default(), mouse }
    }

    /// Switches clicks and the wheel on or off.
    pub fn set_mouse(&mut self, mouse: MouseUse) {
        self.mouse = mouse;
    }

    /// Takes up to [`STEP`] of `bytes`, appends the events they complete, and says how many bytes it took.
    pub fn feed(&mut self, bytes: &[u8], now: Timestamp, events: &mut Vec<InputEvent>) -> usize {
        let taken = bytes.len().min(STEP);
        for byte in bytes.iter().take(taken) {
            self.byte(*byte, events);
        }
        if taken > 0 {
            self.last = now;
        }
        taken
    }

    /// When [`Tokenizer::expire`] should be called if no byte arrives before.
    pub fn deadline(&self) -> Option<Timestamp> {
        let wait = match &self.state {
            // An unfinished character is harmless: the next byte completes it or starts anew.
            State::Ground | State::Utf8 { .. } => return None,
            State::Esc => ESC_MS,
            State::Paste { .. } => PASTE_MS,
            State::Csi { .. }
            | State::ConsoleFunction
            | State::Ss3 { .. }
            | State::OldMouse { .. }
            | State::Text(_) => SEQUENCE_MS,
        };
        Some(Timestamp(self.last.0.saturating_add(wait)))
    }

    /// Settles what has waited past its deadline. To be called only when no bytes are waiting to be fed: bytes that
    /// arrived in time but were read late still belong to the sequence.
    pub fn expire(&mut self, now: Timestamp, events: &mut Vec<InputEvent>) {
        if self.deadline().is_none_or(|due| now < due) {
            return;
        }
        match std::mem::replace(&mut self.state, State::Ground) {
            State::Esc => events.push(InputEvent::Key(KeyCode::Esc.into())),
            State::Paste { kept, .. } => events.push(paste(&kept)),
            // The rest of a broken sequence is not typing.
            _ => {}
        }
    }

    fn byte(&mut self, byte: u8, events: &mut Vec<InputEvent>) {
        match std::mem::replace(&mut self.state, State::Ground) {
            State::Ground => self.ground(byte, Mods::NONE, events),
            State::Esc => self.escaped(byte, events),
            State::Utf8 { mut bytes, len, want, mods } => {
                if byte & 0xC0 != 0x80 {
                    // The character was cut short: it is dropped, and this byte starts anew.
                    return self.ground(byte, Mods::NONE, events);
                }
                if let Some(slot) = bytes.get_mut(len) {
                    *slot = byte;
                }
                if len + 1 < want {
                    self.state = State::Utf8 { bytes, len: len + 1, want, mods };
                } else if let Some(c) = decode(bytes.get(..want).unwrap_or_default()) {
                    self.character(c, mods, events);
                }
            }
            State::Csi { body, overlong } => self.csi(byte, body, overlong, events),
            State::ConsoleFunction => {
                if let n @ 1..=5 = byte.wrapping_sub(b'@') {
                    events.push(InputEvent::Key(KeyCode::F(n).into()));
                }
            }
            State::Ss3 { modifier } => self.ss3(byte, modifier, events),
            State::OldMouse { left } => {
                if left > 1 {
                    self.state = State::OldMouse { left: left - 1 };
                }
            }
            State::Text(mut text) => match text.byte(byte) {
                string::Step::More => self.state = State::Text(text),
                string::Step::Done => events.extend(text.reply().map(InputEvent::Reply)),
                string::Step::Broken => self.escaped(byte, events),
            },
            State::Paste { mut kept, matched } => {
                if PASTE_END.get(matched) == Some(&byte) {
                    if matched + 1 == PASTE_END.len() {
                        events.push(paste(&kept));
                        return;
                    }
                    self.state = State::Paste { kept, matched: matched + 1 };
                    return;
                }
                // What looked like the end was text: it is kept, but for the ESC, which cleaning would drop anyway.
                keep(&mut kept, PASTE_END.get(1..matched).unwrap_or_default());
                let matched = usize::from(byte == 0x1B);
                if matched == 0 {
                    keep(&mut kept, &[byte]);
                }
                self.state = State::Paste { kept, matched };
            }
        }
    }

    fn ground(&mut self, byte: u8, mods: Mods, events: &mut Vec<InputEvent>) {
        let want = match byte {
            0x1B => {
                self.state = State::Esc;
                return;
            }
            0x00..=0x1F | 0x7F => {
                let key = control_key(byte);
                events.push(InputEvent::Key(Key::new(key.code, key.mods | mods)));
                return;
            }
            0x20..=0x7E => {
                events.push(InputEvent::Key(Key::new(KeyCode::Char(char::from(byte)), mods)));
                return;
            }
            0x80..=0x9F => return self.c1(byte),
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return,
        };
        self.state = State::Utf8 { bytes: [byte, 0, 0, 0], len: 1, want, mods };
    }

    fn character(&mut self, c: char, mods: Mods, events: &mut Vec<InputEvent>) {
        match u32::from(c) {
            code @ 0x80..=0x9F => self.c1(code as u8),
            _ => events.push(InputEvent::Key(Key::new(KeyCode::Char(c), mods))),
        }
    }

    /// The eight-bit controls begin what their two-byte forms begin; the others mean nothing as input.
    fn c1(&mut self, byte: u8) {
        self.state = match byte {
            0x9B => State::Csi { body: Vec::new(), overlong: false },
            0x8F => State::Ss3 { modifier: 0 },
            0x90 | 0x98 | 0x9D | 0x9E | 0x9F => State::Text(string::ControlString::new(byte.wrapping_sub(0x40))),
            _ => State::Ground,
        };
    }

    fn escaped(&mut self, byte: u8, events: &mut Vec<InputEvent>) {
        match byte {
            0x1B => {
                events.push(InputEvent::Key(KeyCode::Esc.into()));
                self.state = State::Esc;
            }
            b'[' => self.state = State::Csi { body: Vec::new(), overlong: false },
            b'O' => self.state = State::Ss3 { modifier: 0 },
            b'P' | b'X' | b']' | b'^' | b'_' => self.state = State::Text(string::ControlString::new(byte)),
            // The end of a string that is already over.
            b'\\' => {}
            0x80..=0x9F => self.c1(byte),
            _ => self.ground(byte, Mods::ALT, events),
        }
    }

    fn csi(&mut self, byte: u8, mut body: Vec<u8>, overlong: bool, events: &mut Vec<InputEvent>) {
        match byte {
            b'[' if body.is_empty() && !overlong => self.state = State::ConsoleFunction,
            0x20..=0x3F => {
                let overlong = overlong || body.len() >= MAX_SEQUENCE;
                if !overlong {
                    body.push(byte);
                }
                self.state = State::Csi { body, overlong };
            }
            0x40..=0x7E if overlong => {}
            b'M' if body.is_empty() => self.state = State::OldMouse { left: 3 },
            b'~' if body == b"200" => self.state = State::Paste { kept: Zeroizing::new(Vec::new()), matched: 0 },
            0x40..=0x7E => events.extend(sequence::csi(&body, byte, self.mouse)),
            // CAN and SUB cancel; anything else that cannot stand in a sequence ends it and counts for itself.
            0x18 | 0x1A => {}
            _ => self.ground(byte, Mods::NONE, events),
        }
    }

    fn ss3(&mut self, byte: u8, modifier: u8, events: &mut Vec<InputEvent>) {
        match byte {
            b'0'..=b'9' => {
                self.state = State::Ss3 { modifier: modifier.saturating_mul(10).saturating_add(byte - b'0') };
            }
            0x20..=0x7E => events.extend(sequence::ss3(byte, modifier)),
            0x18 | 0x1A => {}
            _ => self.ground(byte, Mods::NONE, events),
        }
    }
}

fn control_key(byte: u8) -> Key {
    match byte {
        0x00 => Key::ctrl(' '),
        // Whether the erase key sends 0x08 or 0x7F is the terminal's choice; Ctrl-H cannot be told apart.
        0x08 | 0x7F => KeyCode::Backspace.into(),
        0x09 => KeyCode::Tab.into(),
        0x0D => KeyCode::Enter.into(),
        0x01..=0x1A => Key::ctrl(char::from(byte + 0x60)),
        _ => Key::ctrl(char::from(byte | 0x40)),
    }
}

fn decode(bytes: &[u8]) -> Option<char> {
    std::str::from_utf8(bytes).ok()?.chars().next()
}

fn keep(kept: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) {
    let room = MAX_PASTE.saturating_sub(kept.len());
    kept.extend(bytes.iter().take(room));
}

/// The event for a finished paste: invalid bytes dropped, line ends made `\n`, each line cleaned by itself, since
/// [`Printable`] bounds one text and not a whole paste.
fn paste(raw: &[u8]) -> InputEvent {
    let mut text = Zeroizing::new(String::with_capacity(raw.len()));
    for chunk in raw.utf8_chunks() {
        text.push_str(chunk.valid());
    }
    let mut out = String::with_capacity(text.len());
    let unified = Zeroizing::new(text.replace("\r\n", "\n"));
    for (n, line) in unified.split(['\n', '\r']).enumerate() {
        if n > 0 {
            out.push('\n');
        }
        out.push_str(Printable::line(line).as_str());
    }
    InputEvent::Paste(out)
}
