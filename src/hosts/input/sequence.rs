//! What a complete control sequence means: keys in every form that terminals in use send.
//!
//! Sources: xterm's ctlseqs (PC-style function keys, modifyOtherKeys), the kitty keyboard protocol with flag 1, rxvt
//! and the Linux console where they differ.
//! **Invariant:** a sequence that is not in these tables is nothing; a key's release is nothing.

use crate::app::key::{Key, KeyCode, Mods};

use super::{InputEvent, MouseUse, mouse, reply};

/// The event of `CSI body last`, if it has one.
pub(super) fn csi(body: &[u8], last: u8, mouse: MouseUse) -> Option<InputEvent> {
    let text = std::str::from_utf8(body).ok()?;
    if let Some(report) = text.strip_prefix('<') {
        return match mouse {
            MouseUse::On => mouse::sgr(report, last).map(InputEvent::Mouse),
            MouseUse::Off => None,
        };
    }
    if let Some(answer) = reply::csi(body, last) {
        return Some(InputEvent::Reply(answer));
    }
    if !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b';' | b':')) {
        return None;
    }
    key(&Numbers::read(text), last).map(InputEvent::Key)
}

/// The key of `SS3 last`, with the modifier that some old terminals put between.
pub(super) fn ss3(last: u8, modifier: u8) -> Option<InputEvent> {
    let (mods, _) = modifiers(u32::from(modifier.max(1)));
    let code = match last {
        b'M' => KeyCode::Enter,
        b'I' => KeyCode::Tab,
        b'X' => KeyCode::Char('='),
        b' ' => KeyCode::Char(' '),
        b'j'..=b'y' => KeyCode::Char(char::from(last - 0x40)),
        b'a'..=b'd' => return Some(InputEvent::Key(Key::new(letter(last - 0x20)?, mods | Mods::CTRL))),
        _ => letter(last)?,
    };
    Some(InputEvent::Key(Key::new(code, mods)))
}

/// The parameters that keys use: the first, and the second with its sub-parameter.
struct Numbers {
    count: usize,
    first: u32,
    second: u32,
    event: u32,
    third: u32,
}

impl Numbers {
    fn read(text: &str) -> Self {
        let mut parts = text.split(';');
        let head = |part: Option<&str>| -> Vec<u32> {
            part.unwrap_or_default().split(':').take(2).map(|n| n.parse().unwrap_or(0)).collect()
        };
        let (first, second, third) = (head(parts.next()), head(parts.next()), head(parts.next()));
        let at = |numbers: &[u32], n: usize| numbers.get(n).copied().unwrap_or(0);
        Self {
            count: if text.is_empty() { 0 } else { text.split(';').count() },
            first: at(&first, 0),
            second: at(&second, 0),
            event: at(&second, 1),
            third: at(&third, 0),
        }
    }
}

/// The modifiers in a parameter (1 plus their bits), and whether keys of the window system are among them, which are
/// not ours to act on.
pub(super) fn modifiers(parameter: u32) -> (Mods, bool) {
    let bits = parameter.saturating_sub(1);
    let mut mods = Mods::NONE;
    for (bit, modifier) in [(1, Mods::SHIFT), (2, Mods::ALT), (4, Mods::CTRL), (32, Mods::ALT)] {
        if bits & bit != 0 {
            mods = mods | modifier;
        }
    }
    (mods, bits & 0b1_1000 != 0)
}

fn key(numbers: &Numbers, last: u8) -> Option<Key> {
    const RELEASE: u32 = 3;
    let (mods, foreign) = modifiers(numbers.second);
    if foreign || numbers.event == RELEASE {
        return None;
    }
    match last {
        b'u' => code_point(numbers.first, mods),
        b'~' if numbers.first == 27 && numbers.count >= 3 => code_point(numbers.third, mods),
        b'~' => Some(Key::new(numbered(numbers.first)?, mods)),
        // rxvt: `^` for Control, `@` for Control and Shift.
        b'^' => Some(Key::new(numbered(numbers.first)?, Mods::CTRL)),
        b'@' => Some(Key::new(numbered(numbers.first)?, Mods::CTRL | Mods::SHIFT)),
        b'a'..=b'd' if numbers.count == 0 => Some(Key::new(letter(last - 0x20)?, Mods::SHIFT)),
        b'Z' => Some(Key::new(KeyCode::BackTab, mods)),
        // `CSI row ; column R` tells where the cursor is; only what cannot be told from it is F3.
        b'R' if numbers.count > 0 && (numbers.first != 1 || !(2..=16).contains(&numbers.second)) => None,
        // `CSI O` without numbers says that the window lost the focus, `CSI I` that it has it.
        b'A'..=b'D' | b'F' | b'H' | b'P'..=b'S' if numbers.first <= 1 => Some(Key::new(letter(last)?, mods)),
        _ => None,
    }
}

fn letter(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number as u8 - 10),
        17..=21 => KeyCode::F(number as u8 - 11),
        23..=26 => KeyCode::F(number as u8 - 12),
        28..=29 => KeyCode::F(number as u8 - 13),
        31..=34 => KeyCode::F(number as u8 - 14),
        _ => return None,
    })
}

/// A key told by its code point, as kitty and modifyOtherKeys do.
fn code_point(code: u32, mods: Mods) -> Option<Key> {
    let plain = match code {
        27 => KeyCode::Esc,
        13 | 57414 => KeyCode::Enter,
        9 => KeyCode::Tab,
        8 | 127 => KeyCode::Backspace,
        57399..=57408 => KeyCode::Char(char::from_digit(code - 57399, 10)?),
        57409 => KeyCode::Char('.'),
        57410 => KeyCode::Char('/'),
        57411 => KeyCode::Char('*'),
        57412 => KeyCode::Char('-'),
        57413 => KeyCode::Char('+'),
        57415 => KeyCode::Char('='),
        57416 => KeyCode::Char(','),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        57376..=57387 => KeyCode::F((code - 57376) as u8 + 13),
        // The rest of the private range is modifiers, locks and media keys.
        0xE000..=0xF8FF => return None,
        _ => KeyCode::Char(char::from_u32(code).filter(|c| !c.is_control())?),
    };
    Some(Key::new(plain, mods))
}
