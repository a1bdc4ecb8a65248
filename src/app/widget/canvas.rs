//! Where everything is drawn: a grid of cells with the real cursor's place and what the list scrolled.
//!
//! **Invariant:** nothing outside the given area is touched; a wide character is drawn whole or not at all, and one
//! that is covered by half is blanked.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::text;

/// A picture in the making.
#[derive(Debug)]
pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    /// Where text goes, if a field has the keys.
    pub cursor: Option<Position>,
    /// Which stretch of which list is where, for hosts that scroll.
    pub list: Option<ListPlace>,
}

/// Where a list's rows stand, so that two pictures can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListPlace {
    /// Which list; another number is another list or other content.
    pub identity: u64,
    /// The first row of cells.
    pub top: u16,
    /// How many rows of cells.
    pub height: u16,
    /// Which row of the list stands first.
    pub first: i64,
}

impl<'a> Canvas<'a> {
    /// A picture on this grid.
    pub fn new(buffer: &'a mut Buffer) -> Self {
        Self { buffer, cursor: None, list: None }
    }

    /// The whole grid.
    pub fn area(&self) -> Rect {
        self.buffer.area
    }

    /// Writes `line` into row `row` of `area` from column `column`, cut with `…` at the area's edge. Answers the
    /// column behind it.
    pub fn text(&mut self, area: Rect, row: u16, column: u16, line: &str, style: Style) -> u16 {
        let area = area.intersection(self.buffer.area);
        if row >= area.height || column >= area.width {
            return column;
        }
        let y = area.y.saturating_add(row);
        let mut x = area.x.saturating_add(column);
        let shown = text::cut(line, usize::from(area.width.saturating_sub(column)));
        for grapheme in text::graphemes(&shown) {
            let width = u16::try_from(text::width(grapheme)).unwrap_or(0);
            if width == 0 || grapheme.chars().any(char::is_control) || x.saturating_add(width) > area.right() {
                continue;
            }
            self.put(x, y, grapheme, width, style);
            x = x.saturating_add(width);
        }
        x.saturating_sub(area.x)
    }

    /// Writes `line` so that it ends at the right edge of `area`.
    pub fn text_right(&mut self, area: Rect, row: u16, line: &str, style: Style) {
        let width = u16::try_from(text::width(line)).unwrap_or(u16::MAX).min(area.width);
        self.text(area, row, area.width.saturating_sub(width), line, style);
    }

    /// Writes one grapheme and mends what it covers by half.
    fn put(&mut self, x: u16, y: u16, grapheme: &str, width: u16, style: Style) {
        self.part(x, y);
        let Some(cell) = self.buffer.cell_mut((x, y)) else { return };
        cell.set_symbol(grapheme).set_style(Style::reset()).set_style(style);
        for trailing in 1..width {
            if let Some(cell) = self.buffer.cell_mut((x.saturating_add(trailing), y)) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }

    /// Blanks a wide character that begins left of this cell and would be covered by half.
    fn part(&mut self, x: u16, y: u16) {
        let left = x.checked_sub(1).and_then(|left| self.buffer.cell_mut((left, y)));
        if let Some(cell) = left.filter(|cell| text::width(cell.symbol()) > 1) {
            cell.set_symbol(" ");
        }
    }

    /// Blanks `area`.
    pub fn clear(&mut self, area: Rect) {
        self.fill(area, Style::reset());
    }

    /// Blanks `area` in a style.
    pub fn fill(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            self.part(area.left(), y);
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
        }
    }

    /// Gives the cells of `area` a style and leaves what is in them.
    pub fn style(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Puts the real cursor at a column of a row of `area`.
    pub fn cursor_at(&mut self, area: Rect, row: u16, column: u16) {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() {
            return;
        }
        let x = area.x.saturating_add(column.min(area.width.saturating_sub(1)));
        let y = area.y.saturating_add(row.min(area.height.saturating_sub(1)));
        self.cursor = Some(Position::new(x, y));
    }
}

/// One row of `area`.
pub fn row(area: Rect, at: u16) -> Rect {
    if at >= area.height {
        return Rect::new(area.x, area.bottom(), area.width, 0);
    }
    Rect::new(area.x, area.y.saturating_add(at), area.width, 1)
}

/// `area` without its first `rows`.
pub fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect::new(area.x, area.y.saturating_add(rows), area.width, area.height.saturating_sub(rows))
}

/// `area` without `cells` at either side.
pub fn inset(area: Rect, cells: u16) -> Rect {
    let cells = cells.min(area.width / 2);
    Rect::new(area.x.saturating_add(cells), area.y, area.width.saturating_sub(cells.saturating_mul(2)), area.height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_over_half_a_wide_character_blanks_the_other_half() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 1));
        let mut canvas = Canvas::new(&mut buffer);
        let area = canvas.area();
        canvas.text(area, 0, 0, "张三丰", Style::new());
        canvas.text(area, 0, 3, "|", Style::new());
        let row: Vec<&str> = (0..6).filter_map(|x| buffer.cell((x, 0)).map(|c| c.symbol())).collect();
        assert_eq!(row, ["张", " ", " ", "|", "丰", " "]);
    }

    #[test]
    fn nothing_is_drawn_outside() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
        let mut canvas = Canvas::new(&mut buffer);
        canvas.text(Rect::new(0, 0, 40, 9), 5, 0, "x", Style::new());
        canvas.text(Rect::new(2, 0, 40, 1), 0, 0, "张", Style::new());
        canvas.fill(Rect::new(1, 0, 500, 500), Style::new());
        canvas.cursor_at(Rect::new(9, 9, 0, 0), 0, 0);
        assert_eq!(canvas.cursor, None);
    }
}
