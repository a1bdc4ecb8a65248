//! How a sequence of keys that has begun can go on.

use ratatui::layout::Rect;

use crate::app::commands::Place;
use crate::app::env::Env;
use crate::app::key::Key;
use crate::app::keymap::written;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::frame::sheet;
use crate::text;

/// Draws the continuations at the foot of `area`.
pub fn draw(env: &Env, places: &[Place], begun: &[Key], area: Rect, canvas: &mut Canvas<'_>) {
    let mut rows: Vec<(String, String)> = Vec::new();
    for binding in env.keymap.continuations(places, begun) {
        let command = binding.cmd.row();
        if command.allowed(env).is_ok() {
            let rest = binding.keys.get(begun.len()..).unwrap_or_default();
            rows.push((written(rest), command.text(env)));
        }
    }
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inside = sheet(env, canvas, area, height, &written(begun));
    for (at, (keys, what)) in rows.iter().enumerate() {
        let line = row(inside, u16::try_from(at).unwrap_or(u16::MAX));
        canvas.text(line, 0, 0, &text::pad(keys, 8), env.theme.style(Ink::Key));
        canvas.text(line, 0, 9, what, env.theme.style(Ink::Plain));
    }
}
