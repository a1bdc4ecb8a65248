//! What is sent beside frames: how a session takes the terminal over and gives it back, and bells, titles and copies.
//!
//! **Invariant:** whatever [`enter`] switches on, [`leave`] switches off, and `leave` may be sent at any moment after it,
//! also in the middle of a frame. Nothing erases what a person had on the screen or in the scrollback before.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::Capabilities;
use crate::text::Printable;

/// Something for the terminal that is not part of the picture.
pub enum OutOfBand {
    /// Ring.
    Bell,
    /// A notification as OSC 9.
    Note9(Printable),
    /// A notification as OSC 777.
    Note777(Printable),
    /// Put this on the clipboard of whoever sits at the terminal (OSC 52).
    Clipboard(Zeroizing<String>),
    /// The title of the window.
    Title(Printable),
}

/// A copy is a revealed value: `Debug` says which kind of thing it is and nothing else.
impl std::fmt::Debug for OutOfBand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bell => "Bell",
            Self::Note9(_) => "Note9",
            Self::Note777(_) => "Note777",
            Self::Clipboard(_) => "Clipboard",
            Self::Title(_) => "Title",
        })
    }
}

/// Alternate screen, no wrapping at the edge, bracketed paste, a bar for a cursor, kitty flag 1, cursor hidden, title
/// kept; then the question whether the terminal knows synchronized updates, and where its cursor is after [`TABS`] tabs
/// and a dot, which says where its tab stops are and how wide the dot is.
const ENTER: &[u8] =
    "\x1b[?1049h\x1b[22;2t\x1b[?7l\x1b[?2004h\x1b[6 q\x1b[>1u\x1b[?25l\x1b[?2026$p\x1b[3H\t\t\t\t·\x1b[6n".as_bytes();
/// How many tabs stand before the dot.
const TABS: u16 = 4;
/// The column behind them, counted from 1, where stops are a fixed way apart.
const STOP: u16 = TABS * super::travel::TAB + 1;

/// What is known of a terminal once it has answered the question of [`enter`] in which column its cursor is.
pub fn measured(column: u16, before: Capabilities) -> Capabilities {
    let (narrow, wide) = (STOP + 1, STOP + 2);
    Capabilities { tabs: (narrow..=wide).contains(&column), ambiguous_wide: [3, wide].contains(&column), ..before }
}

/// Asks the terminal to answer when it has taken in everything before.
pub const ASK_READY: &[u8] = b"\x1b[5n";
/// Clicks and the wheel, in SGR form.
const MOUSE_ON: &[u8] = b"\x1b[?1000;1006h";
/// Ends a string, a synchronized update, a scroll region and a paint that may be under way.
const SETTLE: &[u8] = b"\x1b\\\x1b[?2026l\x1b[r\x1b[m";
const ERASE: &[u8] = b"\x1b[H\x1b[2J";
const LEAVE: &[u8] = b"\x1b[?1006;1000l\x1b[<u\x1b[0 q\x1b[?2004l\x1b[?7h\x1b[23;2t\x1b[?25h\x1b[?1049l";

/// What a session sends before its first frame.
pub fn enter(capabilities: &Capabilities) -> Vec<u8> {
    let mut out = ENTER.to_vec();
    if capabilities.mouse {
        out.extend_from_slice(MOUSE_ON);
    }
    out
}

/// What a session sends last, on every kind of end: the screen blanked, then everything as it was.
pub fn leave() -> Vec<u8> {
    [SETTLE, ERASE, LEAVE].concat()
}

/// An empty screen, at once.
pub(super) fn blank() -> Vec<u8> {
    [SETTLE, ERASE].concat()
}

/// Appends what `message` is on the wire.
pub fn out_of_band(message: &OutOfBand, out: &mut Vec<u8>) {
    match message {
        OutOfBand::Bell => out.push(0x07),
        OutOfBand::Clipboard(text) => {
            let encoded = Zeroizing::new(STANDARD.encode(text.as_bytes()));
            out.extend_from_slice(b"\x1b]52;c;");
            out.extend_from_slice(encoded.as_bytes());
            out.push(0x07);
        }
        OutOfBand::Note9(text) => string(b"9;", text, out),
        // What ends a part of it is no part of a text.
        OutOfBand::Note777(text) => {
            string(b"777;notify;veilbook;", &Printable::line(&text.as_str().replace(';', ",")), out)
        }
        OutOfBand::Title(text) => string(b"2;", text, out),
    }
}

/// An operating system command with a text.
fn string(head: &[u8], text: &Printable, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b]");
    out.extend_from_slice(head);
    out.extend_from_slice(text.as_str().as_bytes());
    out.push(0x07);
}
