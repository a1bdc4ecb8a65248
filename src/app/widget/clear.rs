//! A line for a personal value that is read while it is typed: what a caller says, a new value.
//!
//! **Invariant:** the text lies in one piece of memory that never moves and is zeroized when it goes; no history is
//! kept, and `Debug` says how long it is and nothing else.

use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use zeroize::Zeroizing;

use super::super::key::{Key, KeyCode};
use super::super::panel::Handled;
use super::canvas::Canvas;
use super::field;
use crate::text::Printable;

/// The longest value taken, in bytes; longer pastes are cut.
const MOST: usize = 8 * 1024;

/// A value being typed.
pub struct ClearInput {
    text: Zeroizing<String>,
    at: usize,
}

impl Default for ClearInput {
    fn default() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(MOST)), at: 0 }
    }
}

impl std::fmt::Debug for ClearInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClearInput({} bytes)", self.text.len())
    }
}

impl ClearInput {
    /// The value as it stands.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// A copy to send behind the door, as careful as this one.
    pub fn copy(&self) -> Zeroizing<String> {
        Zeroizing::new(self.text.as_str().to_owned())
    }

    /// Takes a key: characters, and the editing keys of a shell.
    pub fn key(&mut self, key: Key) -> Handled {
        if let Some(c) = key.typed() {
            self.insert(c);
            return Handled::Yes;
        }
        let ctrl = |c: char| key == Key::ctrl(c);
        match key.code {
            KeyCode::Left => self.at = self.before(),
            _ if ctrl('b') => self.at = self.before(),
            KeyCode::Right => self.at = self.after(),
            _ if ctrl('f') => self.at = self.after(),
            KeyCode::Home => self.at = 0,
            _ if ctrl('a') => self.at = 0,
            KeyCode::End => self.at = self.text.len(),
            _ if ctrl('e') => self.at = self.text.len(),
            KeyCode::Backspace => self.cut(self.before(), self.at),
            _ if ctrl('h') => self.cut(self.before(), self.at),
            KeyCode::Delete => self.cut(self.at, self.after()),
            _ if ctrl('d') => self.cut(self.at, self.after()),
            _ if ctrl('u') => self.cut(0, self.at),
            _ if ctrl('k') => self.cut(self.at, self.text.len()),
            _ if ctrl('w') => {
                let head = self.text.get(..self.at).unwrap_or_default().trim_end_matches(' ');
                let from = head.rfind(' ').map_or(0, |space| space + 1);
                self.cut(from, self.at);
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    /// Takes pasted text, folded to one line.
    pub fn paste(&mut self, pasted: &str) {
        let line = Zeroizing::new(Printable::line(pasted).into_string());
        for c in line.chars() {
            self.insert(c);
        }
    }

    /// Forgets what was typed.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn insert(&mut self, c: char) {
        if !c.is_control() && self.text.len() + c.len_utf8() <= MOST && self.text.is_char_boundary(self.at) {
            self.text.insert(self.at, c);
            self.at += c.len_utf8();
        }
    }

    fn before(&self) -> usize {
        let head = self.text.get(..self.at).unwrap_or_default();
        head.grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let tail = self.text.get(self.at..).unwrap_or_default();
        self.at + tail.graphemes(true).next().map_or(0, str::len)
    }

    /// Takes a stretch out without a copy of what is left: the rest moves within the same memory.
    fn cut(&mut self, from: usize, to: usize) {
        if from < to && self.text.get(from..to).is_some() {
            self.text.drain(from..to);
            self.at = from;
        }
    }

    /// Draws the stretch that holds the cursor, with the real cursor in it.
    pub fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, style: Style) {
        canvas.fill(area, style);
        let before = self.text.get(..self.at).unwrap_or_default();
        let (start, column) = field::stretch(before, area.width);
        canvas.text(area, 0, 0, self.text.get(start..).unwrap_or_default(), style);
        canvas.cursor_at(area, 0, column);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_edited_as_in_a_shell_and_its_memory_never_moves() {
        let mut line = ClearInput::default();
        let memory = line.text.as_ptr();
        line.paste("138 0000\n1234");
        assert_eq!(line.text(), "138 0000 1234");
        line.key(Key::ctrl('w'));
        line.key(Key::char('9'));
        assert_eq!(line.text(), "138 0000 9");
        line.key(KeyCode::Home.into());
        line.key(KeyCode::Delete.into());
        assert_eq!(line.text(), "38 0000 9");
        line.paste(&"张".repeat(MOST));
        assert!(line.text().len() <= MOST);
        assert_eq!(line.text.as_ptr(), memory);
        line.key(Key::ctrl('e'));
        line.key(Key::ctrl('u'));
        assert_eq!(line.text(), "");
        assert_eq!(line.key(Key::from(KeyCode::Enter)), Handled::No);
    }
}
