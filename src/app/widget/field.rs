//! What a line of text and a secret have in common, and how either stands behind its label.
//!
//! **Invariant:** the real cursor stands in the field that takes keys and nowhere else.

use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use super::super::env::Env;
use super::super::key::Key;
use super::super::panel::Handled;
use super::super::theme::Ink;
use super::canvas::Canvas;
use crate::text;

/// Something to type one line into.
pub trait Field {
    /// Takes a key: characters, and the keys that edit.
    fn key(&mut self, key: Key) -> Handled;

    /// Takes pasted text, as one line.
    fn paste(&mut self, text: &str);

    /// Draws what may be seen of it.
    fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, style: Style);

    /// Puts the real cursor where text goes.
    fn place_cursor(&self, canvas: &mut Canvas<'_>, area: Rect);
}

/// From which byte on a line is drawn in so many cells so that the cursor behind `before` is in sight, and the cursor's
/// column then.
pub fn stretch(before: &str, cells: u16) -> (usize, u16) {
    let room = usize::from(cells.saturating_sub(1));
    let mut start = 0;
    let mut width = text::width(before);
    for (at, grapheme) in before.grapheme_indices(true) {
        if width <= room {
            break;
        }
        width -= text::width(grapheme).min(width);
        start = at + grapheme.len();
    }
    (start, u16::try_from(width).unwrap_or(u16::MAX))
}

/// How a field stands to the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It takes them.
    Typed,
    /// It is the one that would take them, but something is under way.
    Held,
    /// Another takes them.
    Other,
}

impl Turn {
    /// `own` for the field that the keys are on, [`Turn::Other`] for the rest.
    pub fn of(field: usize, keys: usize, own: Self) -> Self {
        if field == keys { own } else { Self::Other }
    }
}

/// Where fields stand: the column at which they begin, at most half the width, and the most cells that one takes.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// Where fields begin.
    pub from: u16,
    /// The most cells.
    pub most: u16,
}

/// Draws a field into the row `here`, behind its label.
pub fn draw(
    env: &Env,
    canvas: &mut Canvas<'_>,
    (here, columns): (Rect, Columns),
    label: &str,
    field: &dyn Field,
    turn: Turn,
) {
    let ink = if turn == Turn::Other { Ink::Plain } else { Ink::Strong };
    canvas.text(here, 0, 0, label, env.theme.style(ink));
    let column = columns.from.min(here.width / 2);
    let room = here.width.saturating_sub(column).min(columns.most);
    let place = Rect::new(here.x + column, here.y, room, here.height);
    field.draw(canvas, place, env.theme.style(Ink::Field));
    if turn == Turn::Typed {
        field.place_cursor(canvas, place);
    }
}
