//! One reminder as a row, the same on Today and in the agenda.
//!
//! **Invariant:** that something is overdue is said in words, not by colour alone.

use ratatui::layout::Rect;

use crate::app::env::Env;
use crate::app::form::line::Focus;
use crate::app::form::reading::due;
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
use crate::service::view::FollowUpRow;
use crate::text;

/// What a row begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// The day and time, or how long it is overdue.
    Due,
    /// The time alone, where the day stands above.
    Time,
}

/// Rows that a screen's list has: the screen's less tabs, status line and footer.
pub fn height(env: &Env) -> usize {
    usize::from(env.size.1.saturating_sub(3)).max(1)
}

/// Draws a reminder: when, about whom, what, and whose where it is another's.
pub fn draw(env: &Env, canvas: &mut Canvas<'_>, row: Rect, task: &FollowUpRow, lead: Lead) {
    let style = |ink| env.theme.style(ink);
    let at = task.follow_up.due;
    let late = at < env.now;
    let (when, cells) = match lead {
        Lead::Due => (due(env, at), 16),
        Lead::Time if late => (due(env, at), 14),
        Lead::Time => (at.at(env.offset).format("%H:%M").to_string(), 7),
    };
    let ink = if late { Ink::Bad } else { Ink::Plain };
    let column = canvas.text(row, 0, 3, &text::pad(&when, cells), style(ink));
    let names = if row.width >= 110 { 30 } else { 20 };
    let column = canvas.text(row, 0, column + 1, &text::pad(task.customer.text(), names), style(Ink::Strong));
    let mine = env.me.as_ref().is_some_and(|me| me.id == task.follow_up.assignee);
    let whose = if mine { String::new() } else { format!("  {}", text::cut(task.assignee.as_str(), 12)) };
    let room = usize::from(row.width.saturating_sub(column + 2)).saturating_sub(text::width(&whose));
    let f = &task.follow_up;
    let said = f.said();
    // What comes again and what was put off says so where there is room.
    let again = f.repeats.as_ref().map(|again| format!("  ({})", again.words(env.words.lang))).unwrap_or_default();
    let off = if f.put_off > 1 { format!("  {}", env.ta("task-put-off", &[("n", &f.put_off)])) } else { String::new() };
    let beside = format!("{again}{off}");
    let beside = if text::width(said.as_str()) + text::width(&beside) <= room { beside } else { String::new() };
    let end = canvas.text(row, 0, column + 1, &text::cut(said.as_str(), room), style(Ink::Plain));
    canvas.text(row, 0, end, &beside, style(Ink::Dim));
    canvas.text_right(row, 0, &whose, style(Ink::Dim));
}

/// Marks the row that the cursor is on.
pub fn mark(env: &Env, canvas: &mut Canvas<'_>, row: Rect, focus: Focus) {
    if focus == Focus::Here {
        canvas.text(row, 0, 1, ">", env.theme.style(Ink::Strong));
        canvas.style(row, env.theme.style(Ink::Cursor));
    }
}
