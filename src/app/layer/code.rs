//! A small prompt for a fresh code of the second factor; what was asked for then goes on.
//!
//! **Invariant:** the action that waits is done once the code was right, or never; whoever asked for it gets its answer
//! as if nothing had been between.

use ratatui::layout::Rect;

use crate::app::commands::Cmd;
use crate::app::env::{Env, Held};
use crate::app::form::Form;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::secret::SecretInput;
use crate::app::wording;
use crate::service::Action;
use crate::service::refusal::Refusal;

/// The prompt.
#[derive(Debug)]
pub struct CodePrompt {
    held: Option<Held>,
    code: SecretInput,
    doing: Option<Ticket>,
    fault: Option<String>,
}

impl CodePrompt {
    /// A prompt before this is done.
    pub fn new(held: Held) -> Self {
        Self { held: Some(held), code: SecretInput::new(), doing: None, fault: None }
    }
}

impl Form for CodePrompt {
    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::Back]
    }

    fn on_enter(&self) -> Option<Cmd> {
        Some(Cmd::Save)
    }

    fn save(&mut self, _env: &mut Env) -> Option<Action> {
        if self.code.is_empty() {
            return None;
        }
        self.fault = None;
        Some(Action::GiveCode(self.code.take()))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.doing
    }

    fn done(&mut self, env: &mut Env, _: Answer) {
        if let Some(held) = self.held.take() {
            env.go_on(held);
        }
        env.close();
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        self.fault = Some(wording::refusal(env, refusal));
    }

    fn back(&mut self, env: &mut Env) {
        if let Some(held) = self.held.take() {
            env.give_up(held);
        }
        env.close();
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if key.code == KeyCode::Enter {
            self.submit(env);
            return Handled::Yes;
        }
        self.code.key(key)
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        self.code.paste(text);
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let about = text_lines(&env.t("code-about"), usize::from(area.width.min(64).saturating_sub(4)));
        let rows = u16::try_from(about.len()).unwrap_or(2);
        let inside = frame::popup(env, canvas, area, (64, rows + 6), &env.t("code-title"));
        for (at, part) in (0_u16..).zip(&about) {
            canvas.text(inside, at, 0, part, env.theme.style(Ink::Dim));
        }
        let here = canvas::row(inside, rows + 1);
        canvas.text(here, 0, 0, &env.t("entry-field-factor"), env.theme.style(Ink::Strong));
        let column = 22.min(here.width / 2);
        let field = Rect::new(here.x + column, here.y, here.width.saturating_sub(column), here.height);
        self.code.draw(canvas, field, env.theme.style(Ink::Field));
        if self.doing.is_none() {
            self.code.place_cursor(canvas, field);
        }
        if let Some(fault) = &self.fault {
            for (at, part) in (rows + 2..).zip(text_lines(fault, usize::from(inside.width))) {
                canvas.text(inside, at, 0, &part, env.theme.style(Ink::Bad));
            }
        }
    }
}
