//! A key as the program understands it, whatever bytes a terminal sent for it, and its name in a keymap.
//!
//! **Invariant:** one keystroke has one [`Key`]: Shift is folded into a letter that it changes, Shift-Tab is always
//! [`KeyCode::BackTab`], and every `Key` made by [`Key::new`] reads back from its own name.

use std::fmt;
use std::ops::BitOr;
use std::str::FromStr;

/// Which key was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyCode {
    /// A key that types a character; the space bar is `Char(' ')`.
    Char(char),
    /// Enter, on the main block or the keypad.
    Enter,
    /// Escape.
    Esc,
    /// Tab without Shift.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete forward.
    Delete,
    /// Insert.
    Insert,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// A function key, from 1.
    F(u8),
}

/// The modifiers held with a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mods(u8);

impl Mods {
    /// No modifier.
    pub const NONE: Self = Self(0);
    /// Shift, where it is not already in the character.
    pub const SHIFT: Self = Self(1);
    /// Alt, Option or Meta.
    pub const ALT: Self = Self(2);
    /// Control.
    pub const CTRL: Self = Self(4);

    /// Whether every modifier of `other` is held.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These modifiers without those of `other`.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether no modifier is held.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Mods {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// What was held with it.
    pub mods: Mods,
}

impl Key {
    /// The key in its one form, however a terminal put it.
    pub fn new(code: KeyCode, mods: Mods) -> Self {
        match code {
            KeyCode::Tab | KeyCode::BackTab if code == KeyCode::BackTab || mods.has(Mods::SHIFT) => {
                Self { code: KeyCode::BackTab, mods: mods.without(Mods::SHIFT) }
            }
            // Control erases the case of a letter on most terminals, so Shift is kept beside it where it is known.
            KeyCode::Char(c) if mods.has(Mods::CTRL) => Self { code: KeyCode::Char(lower(c)), mods },
            KeyCode::Char(c) if mods.has(Mods::SHIFT) && c != ' ' => {
                let upper = upper(c);
                let cased = upper != c || c.is_uppercase();
                let kept = if cased || mods == Mods::SHIFT { mods.without(Mods::SHIFT) } else { mods };
                Self { code: KeyCode::Char(upper), mods: kept }
            }
            _ => Self { code, mods },
        }
    }

    /// A character without modifiers.
    pub fn char(c: char) -> Self {
        Self::new(KeyCode::Char(c), Mods::NONE)
    }

    /// A letter with Control.
    pub fn ctrl(c: char) -> Self {
        Self::new(KeyCode::Char(c), Mods::CTRL)
    }

    /// The character that this key types into a text field, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.mods.without(Mods::SHIFT).is_empty() => Some(c),
            _ => None,
        }
    }
}

impl From<KeyCode> for Key {
    fn from(code: KeyCode) -> Self {
        Self::new(code, Mods::NONE)
    }
}

fn upper(c: char) -> char {
    let mut forms = c.to_uppercase();
    match (forms.next(), forms.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn lower(c: char) -> char {
    let mut forms = c.to_lowercase();
    match (forms.next(), forms.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// The named keys, in the notation of a keymap.
const NAMES: [(&str, KeyCode); 17] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("space", KeyCode::Char(' ')),
    ("minus", KeyCode::Char('-')),
];

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in [(Mods::CTRL, "ctrl-"), (Mods::ALT, "alt-"), (Mods::SHIFT, "shift-")] {
            if self.mods.has(modifier) {
                f.write_str(name)?;
            }
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::F(n) => write!(f, "f{n}"),
            KeyCode::Char(c) => write!(f, "{c}"),
            // Every other code stands in the table above.
            _ => Ok(()),
        }
    }
}

/// Why a text does not name a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyNameError {
    /// Nothing stands after the modifiers.
    #[error("no key is named")]
    Empty,
    /// The name is neither one character nor one of the known names.
    #[error("no key has the name \"{0}\"")]
    Unknown(String),
}

impl FromStr for Key {
    type Err = KeyNameError;

    fn from_str(text: &str) -> Result<Self, KeyNameError> {
        let mut rest = text;
        let mut mods = Mods::NONE;
        loop {
            let stripped = [("ctrl-", Mods::CTRL), ("alt-", Mods::ALT), ("shift-", Mods::SHIFT)]
                .into_iter()
                .find_map(|(name, modifier)| rest.strip_prefix(name).map(|after| (after, modifier)));
            match stripped {
                Some((after, modifier)) => {
                    rest = after;
                    mods = mods | modifier;
                }
                None => break,
            }
        }
        let mut chars = rest.chars();
        let code = match (chars.next(), chars.next()) {
            (None, _) => return Err(KeyNameError::Empty),
            (Some(c), None) if !c.is_control() => KeyCode::Char(c),
            _ => named(rest).ok_or_else(|| KeyNameError::Unknown(rest.chars().take(40).collect()))?,
        };
        Ok(Self::new(code, mods))
    }
}

fn named(name: &str) -> Option<KeyCode> {
    if let Some((_, code)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*code);
    }
    let number = name.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then_some(KeyCode::F(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_reads_back_from_its_name() {
        for name in [
            "ctrl-p",
            "g",
            "G",
            "f2",
            "f12",
            "alt-enter",
            "esc",
            "space",
            "?",
            "shift-tab",
            "ctrl-alt-x",
            "minus",
            "ctrl-minus",
            "alt-G",
            "ctrl-shift-a",
            "shift-up",
            "ctrl-space",
            "alt-shift-tab",
            "张",
            "shift-space",
            "[",
            "ctrl-shift-left",
            ":",
        ] {
            let key: Key = name.parse().unwrap();
            let again: Key = key.to_string().parse().unwrap();
            assert_eq!(again, key, "{name}");
        }
        assert_eq!("ctrl-p".parse(), Ok(Key::ctrl('p')));
        assert_eq!(Key::char('-').to_string(), "minus");
        assert_eq!("-".parse(), Ok(Key::char('-')));
    }

    #[test]
    fn one_keystroke_has_one_form() {
        assert_eq!(Key::new(KeyCode::Tab, Mods::SHIFT), Key::from(KeyCode::BackTab));
        assert_eq!(Key::new(KeyCode::Char('a'), Mods::SHIFT), Key::char('A'));
        assert_eq!(Key::new(KeyCode::Char('a'), Mods::SHIFT | Mods::ALT), Key::new(KeyCode::Char('A'), Mods::ALT));
        assert_eq!(Key::new(KeyCode::Char('P'), Mods::CTRL), Key::ctrl('p'));
        assert_eq!("shift-tab".parse::<Key>().unwrap().to_string(), "shift-tab");
    }

    #[test]
    fn what_names_no_key_is_refused() {
        assert_eq!("".parse::<Key>(), Err(KeyNameError::Empty));
        assert_eq!("ctrl-".parse::<Key>(), Err(KeyNameError::Empty));
        for bad in ["f0", "f25", "ctrl-nope", "enterr", "\u{1b}"] {
            assert!(matches!(bad.parse::<Key>(), Err(KeyNameError::Unknown(_))), "{bad:?}");
        }
    }

    #[test]
    fn only_plain_characters_type() {
        assert_eq!(Key::char('x').typed(), Some('x'));
        assert_eq!(Key::ctrl('x').typed(), None);
        assert_eq!(Key::from(KeyCode::Enter).typed(), None);
    }
}
