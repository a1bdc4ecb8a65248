//! A label with a line to type in, as the short forms have it.
//!
//! **Invariant:** the real cursor stands in the line that has the keys and nowhere else.

use ratatui::layout::Rect;

use crate::app::env::Env;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::input::LineInput;

/// Cells that a label takes.
pub const LABEL: u16 = 10;

/// Whether a line has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// It has.
    Here,
    /// Another has.
    Elsewhere,
}

impl Focus {
    /// [`Focus::Here`] if the two are the same.
    pub fn on<T: PartialEq>(one: T, other: T) -> Self {
        if one == other { Self::Here } else { Self::Elsewhere }
    }
}

/// Draws a labelled line into row `row` of `area`.
pub fn draw(
    env: &Env,
    canvas: &mut Canvas<'_>,
    (area, row): (Rect, u16),
    label: &str,
    input: &LineInput,
    focus: Focus,
) {
    let line = canvas::row(area, row);
    let label_ink = if focus == Focus::Here { Ink::Strong } else { Ink::Plain };
    canvas.text(line, 0, 0, label, env.theme.style(label_ink));
    let shift = LABEL.min(line.width);
    let place = Rect::new(line.x + shift, line.y, line.width - shift, line.height);
    let ink = if focus == Focus::Here { Ink::Field } else { Ink::Plain };
    input.draw(canvas, place, env.theme.style(ink));
    if focus == Focus::Here {
        input.place_cursor(canvas, place);
    }
}
