//! A field for a passphrase or a code: dots on the screen, no history, zeroized when it goes.
//!
//! **Invariant:** what was typed leaves only through [`SecretInput::take`], and nothing here prints it.

use ratatui::layout::Rect;
use ratatui::style::Style;
use zeroize::Zeroizing;

use super::super::key::{Key, KeyCode};
use super::super::panel::Handled;
use super::canvas::Canvas;
use super::field::Field;

/// The longest passphrase taken, in bytes.
const MOST: usize = 1024;

/// A passphrase being typed.
#[derive(Default)]
pub struct SecretInput {
    text: Zeroizing<String>,
}

impl std::fmt::Debug for SecretInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretInput(..)")
    }
}

impl SecretInput {
    /// An empty field. Its memory is taken at once, so that growing leaves no copies behind.
    pub fn new() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(MOST)) }
    }

    /// What was typed; the field is empty afterwards.
    pub fn take(&mut self) -> Zeroizing<String> {
        std::mem::replace(&mut self.text, Zeroizing::new(String::with_capacity(MOST)))
    }

    /// What was typed, for rules that are checked while typing.
    pub fn peek(&self) -> &str {
        &self.text
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    fn push(&mut self, c: char) {
        if !c.is_control() && self.text.len() + c.len_utf8() <= MOST {
            self.text.push(c);
        }
    }
}

impl Field for SecretInput {
    /// Takes a key.
    fn key(&mut self, key: Key) -> Handled {
        match key.code {
            _ if key.typed().is_some() => {
                if let Some(c) = key.typed() {
                    self.push(c);
                }
            }
            KeyCode::Backspace => {
                self.text.pop();
            }
            KeyCode::Char('h') if key == Key::ctrl('h') => {
                self.text.pop();
            }
            KeyCode::Char('u') if key == Key::ctrl('u') => {
                self.take();
            }
            KeyCode::Char('w') if key == Key::ctrl('w') => {
                while self.text.ends_with(' ') {
                    self.text.pop();
                }
                while self.text.chars().next_back().is_some_and(|c| c != ' ') {
                    self.text.pop();
                }
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    /// Takes pasted text: its first line.
    fn paste(&mut self, text: &str) {
        for c in text.lines().next().unwrap_or_default().chars() {
            self.push(c);
        }
    }

    /// Draws dots, as many as characters, and puts the cursor behind them.
    fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, style: Style) {
        let room = usize::from(area.width.saturating_sub(1));
        let dots = self.text.chars().count().min(room);
        canvas.fill(area, style);
        canvas.text(area, 0, 0, &"●".repeat(dots), style);
    }

    /// Puts the real cursor behind the dots.
    fn place_cursor(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let column = u16::try_from(self.text.chars().count()).unwrap_or(u16::MAX);
        canvas.cursor_at(area, 0, column);
    }
}
