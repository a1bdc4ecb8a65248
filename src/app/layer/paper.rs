//! Something to read once: a setup code, a signed checkpoint, an entry of the record.
//!
//! **Invariant:** what it says is zeroized when it goes and is in no notice, draft or `Debug`.

use ratatui::layout::Rect;
use zeroize::Zeroizing;

use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::panel::{Handled, Panel};
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::frame;
use crate::app::widget::list::ListState;

/// The paper.
pub struct Paper {
    title: String,
    lines: Vec<(Zeroizing<String>, Ink)>,
    list: ListState,
}

/// Says the title only.
impl std::fmt::Debug for Paper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Paper({} lines)", self.lines.len())
    }
}

impl Paper {
    /// A paper with a title.
    pub fn new(title: String) -> Self {
        Self { title, lines: Vec::new(), list: ListState::default() }
    }

    /// With one more paragraph; an empty one is an empty line.
    pub fn with(mut self, text: impl Into<Zeroizing<String>>, ink: Ink) -> Self {
        self.lines.push((text.into(), ink));
        self
    }

    fn wrapped(&self, cells: usize) -> Vec<(Zeroizing<String>, Ink)> {
        let mut out = Vec::new();
        for (text, ink) in &self.lines {
            let rows = text_lines(text, cells);
            if rows.is_empty() {
                out.push((Zeroizing::default(), *ink));
            }
            out.extend(rows.into_iter().map(|row| (Zeroizing::new(row), *ink)));
        }
        out
    }

    fn size(env: &Env) -> (u16, usize) {
        let width = env.size.0.min(76);
        (width, usize::from(env.size.1.saturating_sub(6)).max(1))
    }
}

impl Panel for Paper {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Back, Cmd::Down, Cmd::Up]
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if cmd == Cmd::Back {
            env.close();
            return Handled::Yes;
        }
        let (width, height) = Self::size(env);
        let len = self.wrapped(usize::from(width.saturating_sub(4))).len();
        // It is read by whole pages: a cursor in it would say nothing.
        let last = len.saturating_sub(height);
        let at = match cmd {
            Cmd::Up => self.list.cursor().saturating_sub(1),
            Cmd::Down => self.list.cursor() + 1,
            Cmd::PageUp => self.list.cursor().saturating_sub(height),
            Cmd::PageDown => self.list.cursor() + height,
            Cmd::Top => 0,
            Cmd::Bottom => last,
            _ => return Handled::No,
        };
        self.list.go(at.min(last), len, 1);
        Handled::Yes
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let (width, most) = Self::size(env);
        let lines = self.wrapped(usize::from(width.saturating_sub(4)));
        let rows = lines.len().min(most);
        let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2);
        let inside = frame::popup(env, canvas, area, (width, height), &self.title);
        for (at, (line, ink)) in lines.iter().skip(self.list.cursor()).take(usize::from(inside.height)).enumerate() {
            canvas.text(canvas::row(inside, u16::try_from(at).unwrap_or(0)), 0, 0, line, env.theme.style(*ink));
        }
    }
}
