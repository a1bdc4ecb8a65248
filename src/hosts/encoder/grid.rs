//! The cells of a screen in sixteen bytes each: what a frame shows, and what was last sent.
//!
//! **Invariant:** every glyph is printable, whatever a frame's cells hold; every further cell of a wide glyph
//! is a [`Glyph::TAIL`] and nothing else is, so a difference between two grids never touches half of one unnoticed; a
//! grid is wiped when it goes.

use std::collections::HashMap;

use ratatui::buffer::{Buffer, Cell, CellWidth};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;
use zeroize::Zeroize;

use super::paint::{Depth, Paint};
use crate::text::Printable;

/// The most distinct long clusters remembered; with more the grid is built anew.
const MAX_CLUSTERS: usize = 4096;
/// The widest cluster shown; scripts that join letters make some of three or four cells.
const MAX_CELLS: u16 = 4;
/// The marker, in the top byte of a glyph's text, of a cluster kept in [`Clusters`].
const LONG: u8 = 0xFE;

/// One cell: up to seven bytes of text within, or the number of a longer cluster, and its paint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    text: u64,
    pub(super) paint: Paint,
}

impl Glyph {
    /// A cell without ink in the terminal's own colours.
    pub(super) const BLANK: Self = Self { text: 1 << 56 | 0x20, paint: Paint::PLAIN };
    /// A further cell of a wide glyph.
    pub(super) const TAIL: Self = Self { text: u64::MAX, paint: Paint::PLAIN };

    fn short(text: &str, paint: Paint) -> Option<Self> {
        let mut bytes = [0; 8];
        let len = u8::try_from(text.len()).ok().filter(|len| *len < 8)?;
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        bytes[7] = len;
        Some(Self { text: u64::from_le_bytes(bytes), paint })
    }

    /// Whether it looks as it should when it is printed in this paint: a blank shows nothing of the foreground.
    pub(super) fn is_drawn_by(self, paint: Paint) -> bool {
        self.paint == paint || (self.text == Self::BLANK.text && self.paint == paint.on_blank())
    }

    fn blank(paint: Paint) -> Self {
        Self { text: Self::BLANK.text, paint: paint.on_blank() }
    }
}

/// How far a terminal moves its cursor after a glyph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advance {
    /// As far as the glyph is wide, on every terminal.
    Sure,
    /// Terminals differ; where each character counts for itself, it takes this many cells.
    Doubtful {
        /// The widths of its characters together.
        apart: u16,
    },
}

/// The texts of glyphs that are longer than seven bytes.
#[derive(Default)]
pub(super) struct Clusters {
    list: Vec<Box<str>>,
    index: HashMap<Box<str>, u32>,
}

impl Clusters {
    fn glyph(&mut self, text: &str, paint: Paint) -> Glyph {
        if let Some(short) = Glyph::short(text, paint) {
            return short;
        }
        let number = match self.index.get(text) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
                self.list.push(text.into());
                self.index.insert(text.into(), number);
                number
            }
        };
        Glyph { text: u64::from(LONG) << 56 | u64::from(number), paint }
    }

    /// Whether so many are remembered that it is time to forget them.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() > MAX_CLUSTERS
    }

    /// Hands `use_text` the text of a glyph; a tail has none.
    pub(super) fn with_text<T>(&self, glyph: Glyph, use_text: impl FnOnce(&str) -> T) -> T {
        let bytes = glyph.text.to_le_bytes();
        match bytes[7] {
            LONG => {
                let number = usize::try_from(glyph.text & 0xFFFF_FFFF).unwrap_or(usize::MAX);
                use_text(self.list.get(number).map_or("", |text| text))
            }
            len => use_text(std::str::from_utf8(bytes.get(..usize::from(len)).unwrap_or_default()).unwrap_or("")),
        }
    }

    /// How the cursor moves after `glyph`, where box drawing is as wide as the frame thinks or is not.
    pub(super) fn advance(&self, glyph: Glyph, boxes: Boxes) -> Advance {
        self.with_text(glyph, |text| {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(' '..='~'), None) => Advance::Sure,
                (Some('\u{2500}'..='\u{257F}'), None) if boxes == Boxes::Narrow => Advance::Sure,
                (Some(c), None) if boxes == Boxes::Narrow && is_plain_letter(c) => Advance::Sure,
                (Some(c), None) if is_plain_cjk(c) => Advance::Sure,
                _ => {
                    let apart: usize = text.chars().filter_map(UnicodeWidthChar::width).sum();
                    Advance::Doubtful { apart: u16::try_from(apart).unwrap_or(u16::MAX) }
                }
            }
        })
    }
}

/// How wide the terminal draws lines and corners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Boxes {
    /// One cell.
    Narrow,
    /// Perhaps two, as some terminals in East Asian locales do.
    Doubtful,
}

/// Characters that take two cells on every terminal that shows them at all: kana, ideographs, Hangul syllables and
/// full-width forms, without their combining marks.
pub(super) fn is_plain_cjk(c: char) -> bool {
    matches!(u32::from(c),
        0x3000..=0x3029 | 0x3030..=0x303E | 0x3041..=0x3096 | 0x309B..=0x30FF
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7A3 | 0xFF01..=0xFF60)
}

/// Letters, and the ellipsis, that take one cell wherever lines and corners do: of Latin, Greek and Cyrillic script, with
/// what is composed into one character.
fn is_plain_letter(c: char) -> bool {
    matches!(u32::from(c),
        0xC0..=0x24F | 0x386 | 0x388..=0x38A | 0x38C | 0x38E..=0x3A1 | 0x3A3..=0x3FF
        | 0x400..=0x481 | 0x48A..=0x52F | 0x1E00..=0x1EFF | 0x2026)
}

/// The cells of a screen, row by row.
pub(super) struct Grid {
    width: u16,
    height: u16,
    cells: Vec<Glyph>,
}

impl Drop for Grid {
    fn drop(&mut self) {
        // What was on the screen may have been revealed only for a minute.
        for glyph in &mut self.cells {
            glyph.text.zeroize();
        }
    }
}

impl Grid {
    /// A screen just erased.
    pub(super) fn blank(width: u16, height: u16) -> Self {
        Self { width, height, cells: vec![Glyph::BLANK; usize::from(width) * usize::from(height)] }
    }

    /// What `frame` shows on a terminal of `depth`.
    pub(super) fn of(frame: &Buffer, depth: Depth, clusters: &mut Clusters) -> Self {
        let area = frame.area;
        let mut grid = Self::blank(area.width, area.height);
        for y in 0..area.height {
            let cell = |x: u16| {
                if x >= area.width {
                    return None;
                }
                frame.cell((area.x.saturating_add(x), area.y.saturating_add(y)))
            };
            let mut x = 0;
            while let Some(here) = cell(x) {
                let paint = Paint::new(here.fg, here.bg, here.modifier, depth);
                let (glyph, cells) = match shown(here.symbol()) {
                    Shown::Blank => (Glyph::blank(paint), 1),
                    // Something drawn over the second half of a wide glyph takes the first half's ink away.
                    Shown::Text(_, cells) if !(1..cells).all(|n| is_free(cell(x + n))) => (Glyph::blank(paint), 1),
                    Shown::Text(text, cells) => (clusters.glyph(&text, paint), cells),
                };
                grid.set(x, y, glyph);
                for n in 1..cells {
                    grid.set(x + n, y, Glyph::TAIL);
                }
                x += cells;
            }
        }
        grid
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u16, u16) {
        (self.width, self.height)
    }

    /// The glyph at a place; blank outside.
    pub(super) fn get(&self, x: u16, y: u16) -> Glyph {
        if x >= self.width {
            return Glyph::BLANK;
        }
        let index = usize::from(y) * usize::from(self.width) + usize::from(x);
        self.cells.get(index).copied().unwrap_or(Glyph::BLANK)
    }

    fn set(&mut self, x: u16, y: u16, glyph: Glyph) {
        let index = usize::from(y) * usize::from(self.width) + usize::from(x);
        if let Some(slot) = self.cells.get_mut(index) {
            *slot = glyph;
        }
    }

    /// The first column from which row `y` is blank to its end.
    pub(super) fn blank_from(&self, y: u16) -> u16 {
        (0..self.width).rev().find(|x| self.get(*x, y) != Glyph::BLANK).map_or(0, |x| x + 1)
    }

    /// This grid with rows `top..=bottom` moved up by `lines` (down, if negative) and blank rows after them.
    pub(super) fn scrolled(&self, top: u16, bottom: u16, lines: i16) -> Self {
        let mut moved = Self { width: self.width, height: self.height, cells: self.cells.clone() };
        for y in top..=bottom {
            let from = i32::from(y) + i32::from(lines);
            let from = u16::try_from(from).ok().filter(|from| (top..=bottom).contains(from));
            for x in 0..self.width {
                moved.set(x, y, from.map_or(Glyph::BLANK, |from| self.get(x, from)));
            }
        }
        moved
    }
}

fn is_free(cell: Option<&Cell>) -> bool {
    cell.is_some_and(|cell| matches!(cell.symbol(), " " | ""))
}

/// What a cell's symbol comes to.
enum Shown<'a> {
    Blank,
    Text(std::borrow::Cow<'a, str>, u16),
}

fn shown(symbol: &str) -> Shown<'_> {
    match symbol.as_bytes() {
        [] | [b' '] => return Shown::Blank,
        [b'!'..=b'~'] => return Shown::Text(symbol.into(), 1),
        _ => {}
    }
    let mut chars = symbol.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if is_plain_cjk(c) => return Shown::Text(symbol.into(), 2),
        (Some('\u{2500}'..='\u{257F}'), None) => return Shown::Text(symbol.into(), 1),
        _ => {}
    }
    let clean = Printable::line(symbol);
    if clean.is_empty() && symbol.chars().all(char::is_whitespace) && !symbol.contains(char::is_control) {
        return Shown::Blank;
    }
    let single = clean.as_str().graphemes(true).nth(1).is_none();
    let stands = clean.as_str().chars().next().and_then(UnicodeWidthChar::width).is_some_and(|width| width > 0);
    match clean.as_str().cell_width() {
        width @ 1..=MAX_CELLS if stands && single => Shown::Text(clean.into_string().into(), width),
        // A raw control, a mark without a base, or text that no cell can hold.
        _ => Shown::Text("?".into(), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_sixteen_bytes() {
        assert_eq!(std::mem::size_of::<Glyph>(), 16);
    }

    #[test]
    fn plain_cjk_is_two_cells_wide_without_exception() {
        let plain = ('\u{0}'..='\u{10FFFF}').filter(|c| is_plain_cjk(*c));
        let narrow: Vec<char> = plain.filter(|c| c.width() != Some(2)).collect();
        assert_eq!(narrow, Vec::<char>::new());
    }

    #[test]
    fn plain_letters_are_one_cell_wide_without_exception() {
        let plain = ('\u{0}'..='\u{10FFFF}').filter(|c| is_plain_letter(*c));
        let others: Vec<char> = plain.filter(|c| c.width() != Some(1)).collect();
        assert_eq!(others, Vec::<char>::new());
    }

    #[test]
    fn whatever_a_cell_holds_what_is_sent_is_printable() {
        for raw in ["\u{1b}", "\u{9b}", "\u{1b}[2J", "\u{202e}", "\u{0301}", "\n", "\u{7f}", "abc", "\u{200b}"] {
            assert!(matches!(shown(raw), Shown::Text(text, 1) if text == "?"), "{raw:?}");
        }
        assert!(matches!(shown("\u{a0}"), Shown::Blank));
    }
}
