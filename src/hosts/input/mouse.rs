//! Mouse reports in SGR form (xterm mode 1006): clicks and the wheel.
//!
//! **Invariant:** releases, movement and buttons beyond the third are nothing.

use crate::app::key::Mods;

use super::sequence;

/// A button of the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseButton {
    /// The first.
    Left,
    /// The second, or the wheel pressed.
    Middle,
    /// The third.
    Right,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// A button went down.
    Click(MouseButton),
    /// The wheel turned away from the hand.
    WheelUp,
    /// The wheel turned towards the hand.
    WheelDown,
}

/// A click or a turn of the wheel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What it did.
    pub kind: MouseKind,
    /// The column, from 0.
    pub column: u16,
    /// The row, from 0.
    pub row: u16,
    /// What was held.
    pub mods: Mods,
}

/// The event in `CSI < button ; column ; row M`; `body` is what stands between `<` and the final byte.
pub(super) fn sgr(body: &str, last: u8) -> Option<Mouse> {
    let mut numbers = body.split(';').map(|n| n.parse::<u16>().ok());
    let button = numbers.next()??;
    let column = numbers.next()??.checked_sub(1)?;
    let row = numbers.next()??.checked_sub(1)?;
    let moved = button & 32 != 0;
    if last != b'M' || moved || numbers.next().is_some() {
        return None;
    }
    let kind = match button & !0b1_1100 {
        0 => MouseKind::Click(MouseButton::Left),
        1 => MouseKind::Click(MouseButton::Middle),
        2 => MouseKind::Click(MouseButton::Right),
        64 => MouseKind::WheelUp,
        65 => MouseKind::WheelDown,
        _ => return None,
    };
    let (mods, _) = sequence::modifiers(u32::from(button >> 2 & 7) + 1);
    Some(Mouse { kind, column, row, mods })
}
