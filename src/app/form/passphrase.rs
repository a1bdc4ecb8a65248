//! Changing one's own passphrase: the present one, the new one twice.
//!
//! **Invariant:** the rules that the new one is held to are shown while it is typed, and the door checks again; what was
//! typed leaves only with the action and is zeroized with the form.

use ratatui::layout::Rect;

use super::{Form, Step};
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::screen::first_run::{rules, rules_hold};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::{self, Columns, Field, Turn};
use crate::app::widget::frame;
use crate::app::widget::secret::SecretInput;
use crate::service::Action;
use crate::service::refusal::{PassphraseProblem, Refusal};

const LABELS: [&str; 3] = ["entry-field-present", "entry-field-new", "entry-field-again"];

/// The form.
#[derive(Debug)]
pub struct PassphraseForm {
    fields: [SecretInput; 3],
    at: usize,
    saving: Option<Ticket>,
}

impl Default for PassphraseForm {
    fn default() -> Self {
        Self { fields: std::array::from_fn(|_| SecretInput::new()), at: 0, saving: None }
    }
}

impl Form for PassphraseForm {
    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let [present, new, again] = &mut self.fields;
        if present.is_empty() {
            self.at = 0;
            env.bad(env.t("passphrase-present-missing"));
            return None;
        }
        if !rules_hold(new.peek(), again.peek()) {
            self.at = 1;
            env.bad(env.t("passphrase-rules"));
            return None;
        }
        again.take();
        Some(Action::ChangePassphrase(present.take(), new.take()))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.from(self.at, self.fields.len());
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match key.code {
            _ if self.saving.is_some() => Handled::Yes,
            KeyCode::Enter if self.at < 2 => {
                self.at += 1;
                Handled::Yes
            }
            KeyCode::Enter => {
                self.submit(env);
                Handled::Yes
            }
            _ => self.fields.get_mut(self.at).map_or(Handled::No, |field| field.key(key)),
        }
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        if let Some(field) = self.fields.get_mut(self.at) {
            field.paste(text);
        }
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        env.good(env.t("passphrase-changed"));
        env.close();
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        self.at = usize::from(!matches!(refusal, Refusal::Passphrase(PassphraseProblem::Present)));
        env.refuse(refusal);
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let inside = frame::popup(env, canvas, area, (64, 11), &env.t("passphrase-title"));
        let [_, new, again] = &self.fields;
        let mut line = 0;
        let own = if self.saving.is_some() { Turn::Held } else { Turn::Typed };
        let columns = Columns { from: 22, most: u16::MAX };
        for (at, (field, label)) in self.fields.iter().zip(LABELS).enumerate() {
            let turn = Turn::of(at, self.at, own);
            field::draw(env, canvas, (canvas::row(inside, line), columns), &env.t(label), field, turn);
            line += 1;
        }
        line = rules(env, canvas, inside, line + 1, new.peek(), again.peek());
        if self.saving.is_some() {
            canvas.text(inside, line + 1, 0, &env.t("entry-waiting"), env.theme.style(Ink::Plain));
        }
    }
}
