//! Boxes for what lies over a screen: a popup in the middle, a sheet at the foot.
//!
//! **Invariant:** a box never takes more than the area it is given, and gives the inside of what it took.

use ratatui::layout::Rect;

use super::super::env::Env;
use super::super::theme::Ink;
use super::canvas::Canvas;
use crate::text;

/// A box in the middle of `area`, at most `width` by `height` with its border, with a title. Answers its inside.
pub fn popup(env: &Env, canvas: &mut Canvas<'_>, area: Rect, size: (u16, u16), title: &str) -> Rect {
    let width = size.0.min(area.width);
    let height = size.1.min(area.height);
    let x = area.x.saturating_add((area.width - width) / 2);
    let y = area.y.saturating_add((area.height - height) / 2);
    boxed(env, canvas, Rect::new(x, y, width, height), title)
}

/// A sheet over the last `height` rows of `area`, so that what is above stays in sight. Answers its inside.
pub fn sheet(env: &Env, canvas: &mut Canvas<'_>, area: Rect, height: u16, title: &str) -> Rect {
    let height = height.min(area.height);
    let y = area.bottom().saturating_sub(height);
    boxed(env, canvas, Rect::new(area.x, y, area.width, height), title)
}

/// A border with a title round `area`, blank within. Answers its inside.
pub fn boxed(env: &Env, canvas: &mut Canvas<'_>, area: Rect, title: &str) -> Rect {
    canvas.clear(area);
    if area.width < 4 || area.height < 3 {
        return area;
    }
    let line = env.theme.style(Ink::Line);
    let wide = usize::from(area.width.saturating_sub(2));
    let bar = "─".repeat(wide);
    canvas.text(area, 0, 0, &format!("┌{bar}┐"), line);
    for row in 1..area.height.saturating_sub(1) {
        canvas.text(area, row, 0, "│", line);
        canvas.text(area, row, area.width.saturating_sub(1), "│", line);
    }
    canvas.text(area, area.height.saturating_sub(1), 0, &format!("└{bar}┘"), line);
    if !title.is_empty() {
        let title = format!(" {} ", text::cut(title, wide.saturating_sub(4)));
        canvas.text(area, 0, 2, &title, env.theme.style(Ink::Strong));
    }
    Rect::new(area.x + 2, area.y + 1, area.width.saturating_sub(4), area.height.saturating_sub(2))
}
