//! A popup with a list of what a vault keeps: what templates, cadences, wordings and the reasons of loss have in common.
//!
//! **Invariant:** the row under the cursor is marked by a sign as well as by colour, and no row is built that is not in
//! sight.

use ratatui::layout::Rect;

use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::msg::Ticket;
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::frame::popup;
use crate::app::widget::list::ListState;
use crate::service::Query;
use crate::text;

/// Cells of such a popup.
const WIDTH: u16 = 76;
/// Rows of the screen that are neither list nor foot: the popup's edges, and what stays in sight round it.
const AROUND: u16 = 8;

/// The rows, once they were answered, and where the cursor is.
#[derive(Debug)]
pub struct Kept<T> {
    rows: Option<Vec<T>>,
    list: ListState,
    asked: Option<Ticket>,
    /// Rows below the list, the keys among them.
    foot: u16,
}

/// What stands round the rows.
#[derive(Debug)]
pub struct Frame<'a> {
    /// Over them.
    pub title: &'a str,
    /// The key of what is said where there are none.
    pub none: &'static str,
    /// The last line, or lines.
    pub hints: &'a [&'a str],
}

impl<T> Kept<T> {
    /// Nothing yet, with so many rows below the list.
    pub fn new(foot: u16) -> Self {
        Self { rows: None, list: ListState::default(), asked: None, foot }
    }

    /// All rows.
    pub fn rows(&self) -> &[T] {
        self.rows.as_deref().unwrap_or_default()
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&T> {
        self.rows().get(self.list.cursor())
    }

    /// Asks for the rows.
    pub fn ask(&mut self, env: &mut Env, query: Query) {
        self.asked = Some(env.ask(query));
    }

    /// Whether this is the answer that was waited for.
    pub fn answers(&mut self, ticket: Ticket) -> bool {
        self.asked.take_if(|asked| *asked == ticket).is_some()
    }

    /// Takes the rows that were answered; the cursor stays where it was.
    pub fn fill(&mut self, env: &Env, rows: Vec<T>) {
        self.list.go(self.list.cursor(), rows.len(), self.height(env));
        self.rows = Some(rows);
    }

    /// Puts the cursor so many rows further on.
    pub fn step(&mut self, env: &Env, by: isize) {
        let at = self.list.cursor().checked_add_signed(by).unwrap_or(0);
        self.list.go(at, self.rows().len(), self.height(env));
    }

    /// Moves the cursor, or closes the popup.
    pub fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if cmd == Cmd::Back {
            env.close();
            return Handled::Yes;
        }
        self.list.run(cmd, self.rows().len(), self.height(env))
    }

    fn height(&self, env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(self.foot + AROUND)).max(1)
    }

    /// Draws the popup with each row in sight by `row`. Answers the place below the list, down to the hints.
    pub fn draw(
        &self,
        env: &Env,
        (area, canvas): (Rect, &mut Canvas<'_>),
        frame: &Frame<'_>,
        row: impl Fn(&T, Rect, &mut Canvas<'_>),
    ) -> Rect {
        let style = |ink| env.theme.style(ink);
        let rows = self.rows();
        let height = u16::try_from(rows.len().clamp(1, self.height(env))).unwrap_or(1) + self.foot + 2;
        let inside = popup(env, canvas, area, (WIDTH, height), frame.title);
        if rows.is_empty() {
            let key = if self.rows.is_some() { frame.none } else { "loading" };
            canvas.text(inside, 0, 0, &env.t(key), style(Ink::Plain));
        }
        let window = self.list.window(rows.len(), usize::from(inside.height.saturating_sub(self.foot)));
        for (at, (number, kept)) in rows.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
            let line = canvas::row(inside, u16::try_from(at).unwrap_or(u16::MAX));
            row(kept, line, canvas);
            if number == self.list.cursor() {
                canvas.text(line, 0, 0, ">", style(Ink::Key));
                canvas.style(line, style(Ink::Cursor));
            }
        }
        let hints = u16::try_from(frame.hints.len()).unwrap_or(1);
        for (at, hint) in (inside.height.saturating_sub(hints)..).zip(frame.hints) {
            let cut = text::cut(hint, usize::from(inside.width));
            canvas.text(inside, at, 0, &cut, style(Ink::Dim));
        }
        let top = inside.height.saturating_sub(self.foot);
        Rect { y: inside.y + top, height: self.foot.min(inside.height).saturating_sub(hints), ..inside }
    }
}
