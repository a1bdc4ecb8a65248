//! A question before something that cannot be undone.
//!
//! **Invariant:** only `y` does it; every other key but those that move leaves things as they are.

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::leaving::confirms;
use crate::app::key::Key;
use crate::app::msg::{Reply, Ticket};
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::frame;
use crate::service::Action;

/// The question.
#[derive(Debug)]
pub struct Confirm {
    title: String,
    question: String,
    done: String,
    action: Option<Action>,
    doing: Option<Ticket>,
}

impl Confirm {
    /// Asks `question`; `y` performs `action` and then says `done`.
    pub fn new(title: String, question: String, done: String, action: Action) -> Self {
        Self { title, question, done, action: Some(action), doing: None }
    }
}

impl Panel for Confirm {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn typing(&self) -> Typing {
        Typing::Text
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Back]
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if cmd == Cmd::Back {
            env.close();
        }
        // The letters and arrows of a popup that is read have nothing to move here.
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if confirms(key) {
            if let Some(action) = self.action.take() {
                self.doing = Some(env.perform(action));
            }
        } else if self.doing.is_none() {
            env.close();
        }
        Handled::Yes
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.doing != Some(ticket) {
            return;
        }
        match reply {
            Ok(_) => env.good(std::mem::take(&mut self.done)),
            Err(refusal) => env.refuse(&refusal),
        }
        env.changed();
        env.close();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let width = area.width.min(64);
        let lines = text_lines(&self.question, usize::from(width.saturating_sub(4)));
        let height = u16::try_from(lines.len()).unwrap_or(8) + 4;
        let inside = frame::popup(env, canvas, area, (width, height), &self.title);
        for (at, line) in lines.iter().enumerate() {
            canvas.text(canvas::row(inside, u16::try_from(at).unwrap_or(0)), 0, 0, line, env.theme.style(Ink::Plain));
        }
        let foot = canvas::row(inside, inside.height.saturating_sub(1));
        canvas.text(foot, 0, 0, &env.t("confirm-keys"), env.theme.style(Ink::Key));
    }
}
