//! Text of several lines, edited and wrapped.
//!
//! **Invariant:** the cursor stands between graphemes; where it is shown and what is shown come from one wrapping, so
//! that they cannot disagree.

use unicode_segmentation::UnicodeSegmentation;
use zeroize::Zeroizing;

use crate::app::key::{Key, KeyCode, Mods};
use crate::text::{MAX_BYTES, Printable, width};

/// A text and a cursor in it.
#[derive(Clone, Default)]
pub struct Area {
    text: Zeroizing<String>,
    at: usize,
}

/// Notes may be personal: `Debug` says how long they are.
impl std::fmt::Debug for Area {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Area({} bytes)", self.text.len())
    }
}

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// It was taken.
    Within,
    /// The cursor would leave at the top.
    Above,
    /// The cursor would leave at the bottom.
    Below,
    /// It means nothing here.
    Nowhere,
}

impl Area {
    /// A text with the cursor behind it.
    pub fn new(text: &str) -> Self {
        let text = Zeroizing::new(Printable::lines(text).into_string());
        Self { at: text.len(), text }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Puts text in at the cursor.
    pub fn insert(&mut self, text: &str) {
        let room = MAX_BYTES.saturating_sub(self.text.len());
        let clean: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        if clean.len() <= room && self.text.is_char_boundary(self.at) {
            self.text.insert_str(self.at, &clean);
            self.at += clean.len();
        }
    }

    /// A key; `cells` is how wide the lines are shown.
    pub fn key(&mut self, key: Key, cells: usize) -> Went {
        if let Some(c) = key.typed() {
            self.insert(c.encode_utf8(&mut [0; 4]));
            return Went::Within;
        }
        match (key.code, key.mods) {
            (KeyCode::Enter, mods) if mods.has(Mods::ALT) => self.insert("\n"),
            (KeyCode::Char('j'), Mods::CTRL) => self.insert("\n"),
            (KeyCode::Left, _) | (KeyCode::Char('b'), Mods::CTRL) => self.at = self.before(self.at),
            (KeyCode::Right, _) | (KeyCode::Char('f'), Mods::CTRL) => self.at = self.after(self.at),
            (KeyCode::Home, _) | (KeyCode::Char('a'), Mods::CTRL) => self.at = self.line_start(),
            (KeyCode::End, _) | (KeyCode::Char('e'), Mods::CTRL) => self.at = self.line_end(),
            (KeyCode::Backspace, _) | (KeyCode::Char('h'), Mods::CTRL) => {
                let from = self.before(self.at);
                self.cut(from, self.at);
            }
            (KeyCode::Delete, _) => self.cut(self.at, self.after(self.at)),
            (KeyCode::Char('u'), Mods::CTRL) => {
                let from = self.line_start();
                self.cut(from, self.at);
            }
            (KeyCode::Char('k'), Mods::CTRL) => self.cut(self.at, self.line_end()),
            (KeyCode::Char('w'), Mods::CTRL) => {
                let from = self.word_start();
                self.cut(from, self.at);
            }
            (KeyCode::Up, _) => return self.vertical(cells, Went::Above),
            (KeyCode::Down, _) => return self.vertical(cells, Went::Below),
            _ => return Went::Nowhere,
        }
        Went::Within
    }

    /// The rows as shown, none wider than `cells`.
    pub fn rows(&self, cells: usize) -> Vec<String> {
        let rows = self.wrapped(cells);
        rows.iter().map(|(from, to)| self.text.get(*from..*to).unwrap_or_default().to_owned()).collect()
    }

    /// The row and column of the cursor, as shown.
    pub fn cursor(&self, cells: usize) -> (usize, usize) {
        let rows = self.wrapped(cells);
        let row = rows.iter().rposition(|(from, _)| *from <= self.at).unwrap_or(0);
        let from = rows.get(row).map_or(0, |(from, _)| *from);
        (row, width(self.text.get(from..self.at).unwrap_or_default()).min(cells.saturating_sub(1)))
    }

    fn vertical(&mut self, cells: usize, edge: Went) -> Went {
        let rows = self.wrapped(cells);
        let (row, column) = self.cursor(cells);
        let next = if edge == Went::Above { row.checked_sub(1) } else { Some(row + 1) };
        let Some((from, to)) = next.and_then(|next| rows.get(next)) else { return edge };
        let mut at = *from;
        for grapheme in self.text.get(*from..*to).unwrap_or_default().graphemes(true) {
            if width(self.text.get(*from..at + grapheme.len()).unwrap_or_default()) > column {
                break;
            }
            at += grapheme.len();
        }
        self.at = at;
        Went::Within
    }

    /// Where each shown row begins and ends, in bytes.
    fn wrapped(&self, cells: usize) -> Vec<(usize, usize)> {
        let cells = cells.max(2);
        let mut rows = Vec::new();
        let mut start = 0;
        let mut used = 0;
        for (at, grapheme) in self.text.grapheme_indices(true) {
            if grapheme == "\n" {
                rows.push((start, at));
                (start, used) = (at + 1, 0);
                continue;
            }
            let wide = width(grapheme);
            if used + wide >= cells {
                rows.push((start, at));
                (start, used) = (at, 0);
            }
            used += wide;
        }
        rows.push((start, self.text.len()));
        rows
    }

    fn before(&self, at: usize) -> usize {
        let head = self.text.get(..at).unwrap_or_default();
        head.grapheme_indices(true).next_back().map_or(0, |(start, _)| start)
    }

    fn after(&self, at: usize) -> usize {
        self.text.get(at..).and_then(|tail| tail.graphemes(true).next()).map_or(at, |g| at + g.len())
    }

    fn line_start(&self) -> usize {
        self.text.get(..self.at).and_then(|head| head.rfind('\n')).map_or(0, |line| line + 1)
    }

    fn line_end(&self) -> usize {
        self.text.get(self.at..).and_then(|tail| tail.find('\n')).map_or(self.text.len(), |line| self.at + line)
    }

    fn word_start(&self) -> usize {
        let head = self.text.get(..self.at).unwrap_or_default();
        let bare = head.trim_end_matches(' ');
        bare.rfind([' ', '\n']).map_or(0, |space| space + 1)
    }

    fn cut(&mut self, from: usize, to: usize) {
        if from < to && self.text.get(from..to).is_some() {
            self.text.replace_range(from..to, "");
            self.at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_wrap_at_the_width_and_the_cursor_follows() {
        let mut area = Area::new("客户要报价，下周回电\nsecond");
        assert_eq!(area.rows(10), ["客户要报", "价，下周", "回电", "second"]);
        assert_eq!(area.cursor(10), (3, 6));
        assert_eq!(area.key(KeyCode::Up.into(), 10), Went::Within);
        assert_eq!(area.cursor(10), (2, 4));
        assert_eq!(area.key(KeyCode::Down.into(), 10), Went::Within);
        assert_eq!(area.key(KeyCode::Down.into(), 10), Went::Below);
        for _ in 0..3 {
            assert_eq!(area.key(KeyCode::Up.into(), 10), Went::Within);
        }
        assert_eq!(area.key(KeyCode::Up.into(), 10), Went::Above);
    }

    #[test]
    fn editing_goes_by_graphemes_and_lines() {
        let mut area = Area::new("ab 👩\u{200d}💻");
        area.key(KeyCode::Backspace.into(), 20);
        assert_eq!(area.text(), "ab ");
        area.key(Key::ctrl('w'), 20);
        assert_eq!(area.text(), "");
        for c in "x y".chars() {
            area.key(Key::char(c), 20);
        }
        area.key(Key::ctrl('j'), 20);
        area.key(Key::char('z'), 20);
        area.key(KeyCode::Home.into(), 20);
        area.key(KeyCode::Backspace.into(), 20);
        assert_eq!(area.text(), "x yz");
        area.insert("\u{1b}[2J\n");
        assert_eq!(area.text(), "x y[2J\nz");
    }
}
