//! Answers that a terminal gives to questions the host asked.
//!
//! **Invariant:** an answer that is not understood is `None` and goes nowhere.

/// An answer of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalReply {
    /// Everything sent before `CSI 5 n` has been taken in.
    Ready,
    /// The terminal told what it is (`CSI ? … c`).
    Attributes,
    /// Whether a private mode exists and can be set (DECRPM).
    Mode {
        /// The mode's number, such as 2026.
        mode: u16,
        /// Whether the terminal knows it and lets it be changed.
        known: bool,
    },
    /// Where the cursor is, in a row after the first: the answer to `CSI 6 n`.
    Column(u16),
    /// The flags of the kitty keyboard protocol in force.
    Keyboard(u16),
    /// The colour of the background, eight bits a channel.
    Background {
        /// Red.
        red: u8,
        /// Green.
        green: u8,
        /// Blue.
        blue: u8,
    },
}

impl TerminalReply {
    /// For a background, whether dark text is meant to stand on it (ITU-R BT.601 luma above the middle).
    pub fn is_light(self) -> Option<bool> {
        match self {
            Self::Background { red, green, blue } => {
                let luma = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
                Some(luma > 127_500)
            }
            _ => None,
        }
    }
}

/// The answer in a private control sequence: its body without `ESC [` and its final byte.
pub(super) fn csi(body: &[u8], last: u8) -> Option<TerminalReply> {
    let text = std::str::from_utf8(body).ok()?;
    match last {
        b'n' if text == "0" => Some(TerminalReply::Ready),
        // In the first row it could not be told from F3.
        b'R' => match text.split_once(';')? {
            (row, column) if row.parse::<u16>().ok()? > 1 => Some(TerminalReply::Column(column.parse().ok()?)),
            _ => None,
        },
        b'c' if text.starts_with('?') => Some(TerminalReply::Attributes),
        b'u' => Some(TerminalReply::Keyboard(text.strip_prefix('?')?.parse().ok()?)),
        b'y' => {
            let (mode, setting) = text.strip_prefix('?')?.strip_suffix('$')?.split_once(';')?;
            Some(TerminalReply::Mode { mode: mode.parse().ok()?, known: matches!(setting, "1" | "2") })
        }
        _ => None,
    }
}

/// The answer in an OSC string: `11;rgb:RRRR/GGGG/BBBB`, one to four hexadecimal digits a channel.
pub(super) fn osc(body: &[u8]) -> Option<TerminalReply> {
    let colour = std::str::from_utf8(body).ok()?.strip_prefix("11;")?;
    let channels = colour.strip_prefix("rgb:").or_else(|| colour.strip_prefix("rgba:"))?;
    let mut parts = channels.split('/').map(channel);
    Some(TerminalReply::Background { red: parts.next()??, green: parts.next()??, blue: parts.next()?? })
}

fn channel(digits: &str) -> Option<u8> {
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    let full = (1u32 << (4 * digits.len() as u32)) - 1;
    u8::try_from(value * 255 / full).ok()
}
