//! One line of text being typed, edited as in a shell, with the real cursor where the text goes.
//!
//! **Invariant:** no undo history is kept, and no secret is typed here: that is [`super::secret`]'s.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Style;
use tui_textarea::{CursorMove, Input, TextArea};

use super::super::key::{Key, KeyCode, Mods};
use super::super::panel::Handled;
use super::canvas::Canvas;
use super::field::{self, Field};
use crate::text::{Printable, width};

/// The longest line taken, in characters; longer pastes are cut.
const MOST: usize = 4_000;

/// A line being typed.
pub struct LineInput {
    area: TextArea<'static>,
    most: usize,
}

/// What is typed may be personal: says how long it is and nothing else.
impl std::fmt::Debug for LineInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LineInput({} bytes)", self.text().len())
    }
}

impl Default for LineInput {
    fn default() -> Self {
        Self::new("")
    }
}

impl LineInput {
    /// A line with this text, the cursor behind it.
    pub fn new(initial: &str) -> Self {
        let mut area = TextArea::new(vec![Printable::line(initial).into_string()]);
        area.set_max_histories(0);
        area.move_cursor(CursorMove::End);
        Self { area, most: MOST }
    }

    /// The same, taking at most so many characters.
    pub fn at_most(mut self, characters: usize) -> Self {
        self.most = characters;
        self
    }

    /// The text as it stands.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text().is_empty()
    }

    /// How many characters stand before the cursor.
    pub fn cursor(&self) -> usize {
        self.area.cursor().1
    }

    /// Writes `text` in the place of some characters, the cursor behind it.
    pub fn replace(&mut self, place: Range<usize>, text: &str) {
        let column = u16::try_from(place.start).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(0, column));
        self.area.delete_str(place.len());
        for c in text.chars() {
            if self.text().chars().count() < self.most {
                self.area.insert_char(c);
            }
        }
    }

    /// Gives the cells of some characters a style, as far as they are in sight.
    pub fn mark(&self, canvas: &mut Canvas<'_>, area: Rect, place: Range<usize>, style: Style) {
        let (start, _) = self.stretch(area);
        let hidden = self.text().get(..start).unwrap_or_default().chars().count();
        let before = |count: usize| {
            let seen: String = self.text().chars().skip(hidden).take(count.saturating_sub(hidden)).collect();
            u16::try_from(width(&seen)).unwrap_or(u16::MAX)
        };
        let (from, to) = (before(place.start).min(area.width), before(place.end).min(area.width));
        canvas.style(Rect::new(area.x + from, area.y, to - from, area.height), style);
    }

    /// Puts another text in, the cursor behind it.
    pub fn set(&mut self, text: &str) {
        *self = Self { most: self.most, ..Self::new(text) };
    }

    /// From which byte to draw so that the cursor is in sight, and its column then.
    fn stretch(&self, area: Rect) -> (usize, u16) {
        let line = self.text();
        let at = line.char_indices().nth(self.area.cursor().1).map_or(line.len(), |(i, _)| i);
        field::stretch(line.get(..at).unwrap_or_default(), area.width)
    }
}

impl Field for LineInput {
    /// Takes a key: characters, and the editing keys of a shell.
    fn key(&mut self, key: Key) -> Handled {
        if let Some(c) = key.typed() {
            if self.text().chars().count() < self.most {
                self.area.insert_char(c);
            }
            return Handled::Yes;
        }
        let ctrl = key.mods == Mods::CTRL;
        let alt = key.mods == Mods::ALT;
        let edits = match key.code {
            KeyCode::Char(c) if ctrl => "abefhkuwd".contains(c),
            KeyCode::Char(c) if alt => "bfd".contains(c),
            KeyCode::Backspace | KeyCode::Delete | KeyCode::Left | KeyCode::Right | KeyCode::Home | KeyCode::End => {
                true
            }
            _ => false,
        };
        if !edits {
            return Handled::No;
        }
        match key.code {
            // The rest of the crate's bindings are a shell's; these two are not.
            KeyCode::Char('u') if ctrl => {
                self.area.delete_line_by_head();
            }
            KeyCode::Char('k') if ctrl => {
                self.area.delete_line_by_end();
            }
            _ => {
                self.area.input(translated(key));
            }
        }
        Handled::Yes
    }

    /// Takes pasted text, folded to one line.
    fn paste(&mut self, pasted: &str) {
        let room = self.most.saturating_sub(self.text().chars().count());
        let line: String = Printable::line(pasted).as_str().chars().take(room).collect();
        self.area.insert_str(line);
    }

    /// Draws the stretch that holds the cursor and, if it has the keys, the cursor.
    fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, style: Style) {
        canvas.fill(area, style);
        let (start, _) = self.stretch(area);
        let shown = self.text().get(start..).unwrap_or_default();
        canvas.text(area, 0, 0, shown, style);
    }

    /// Puts the real cursor where text goes.
    fn place_cursor(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let (_, column) = self.stretch(area);
        canvas.cursor_at(area, 0, column);
    }
}

fn translated(key: Key) -> Input {
    use tui_textarea::Key as Theirs;
    let code = match key.code {
        KeyCode::Char(c) => Theirs::Char(c),
        KeyCode::Backspace => Theirs::Backspace,
        KeyCode::Delete => Theirs::Delete,
        KeyCode::Left => Theirs::Left,
        KeyCode::Right => Theirs::Right,
        KeyCode::Home => Theirs::Home,
        KeyCode::End => Theirs::End,
        _ => Theirs::Null,
    };
    Input { key: code, ctrl: key.mods.has(Mods::CTRL), alt: key.mods.has(Mods::ALT), shift: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::buffer::Buffer;

    fn typed(keys: &[Key]) -> LineInput {
        let mut line = LineInput::default();
        for key in keys {
            line.key(*key);
        }
        line
    }

    #[test]
    fn editing_is_a_shells() {
        let mut line = LineInput::new("one two");
        line.key(Key::ctrl('w'));
        assert_eq!(line.text(), "one ");
        line.key(Key::ctrl('a'));
        line.key(Key::char('x'));
        assert_eq!(line.text(), "xone ");
        line.key(Key::ctrl('u'));
        assert_eq!(line.text(), "one ");
        line.key(Key::ctrl('k'));
        assert_eq!(line.text(), "");
        assert_eq!(line.key(Key::from(KeyCode::Enter)), Handled::No);
        assert_eq!(line.key(Key::ctrl('p')), Handled::No);
    }

    #[test]
    fn the_cursor_stands_behind_wide_characters_and_stays_in_sight() {
        let line = typed(&"张三丰李四".chars().map(Key::char).collect::<Vec<_>>());
        let mut buffer = Buffer::empty(Rect::new(0, 0, 7, 1));
        let mut canvas = Canvas::new(&mut buffer);
        let area = canvas.area();
        line.draw(&mut canvas, area, Style::new());
        line.place_cursor(&mut canvas, area);
        assert_eq!(canvas.cursor.map(|p| p.x), Some(6));
        assert_eq!(buffer.cell((0, 0)).map(|c| c.symbol()), Some("丰"));
    }

    #[test]
    fn a_paste_becomes_one_clean_line() {
        let mut line = LineInput::new("").at_most(5);
        line.paste("a\nb\u{1b}[2Jcdefgh");
        assert_eq!(line.text(), "a b[2");
    }
}
