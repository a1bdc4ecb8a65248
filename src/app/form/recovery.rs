//! Making a recovery key: what it is for, its 24 words, shown once, and some of them asked back.
//!
//! **Invariant:** the words are on the screen until Enter and never again; they are zeroized with the form, and stand in
//! no notice, draft or `Debug`.

use ratatui::layout::Rect;

use super::{Form, Step};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::{self, Columns, Field, Turn};
use crate::app::widget::frame;
use crate::app::widget::secret::SecretInput;
use crate::service::key_state::RecoveryOffer;
use crate::service::refusal::Refusal;
use crate::service::{Action, Done};

/// Columns in which the words stand, read downwards.
const COLUMNS: u16 = 4;
const ROWS: u16 = 6;
const WIDTH: u16 = 72;

/// The form.
#[derive(Debug, Default)]
pub struct RecoveryForm {
    stage: Stage,
    offer: Option<RecoveryOffer>,
    answers: Vec<SecretInput>,
    at: usize,
    saving: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// What it is for.
    #[default]
    About,
    /// The words.
    Words,
    /// Some of them asked back.
    Back,
}

impl RecoveryForm {
    fn draw_words(&self, env: &Env, inside: Rect, line: u16, canvas: &mut Canvas<'_>) {
        let Some(offer) = &self.offer else { return };
        for (at, word) in (0_u16..).zip(offer.words.split(' ')) {
            let place = canvas::row(inside, line + at % ROWS);
            let column = at / ROWS * (WIDTH / COLUMNS);
            canvas.text(place, 0, column, &format!("{:>2} {word}", at + 1), env.theme.style(Ink::Strong));
        }
    }

    fn draw_back(&self, env: &Env, inside: Rect, line: u16, canvas: &mut Canvas<'_>) {
        let Some(offer) = &self.offer else { return };
        let own = if self.saving.is_some() { Turn::Held } else { Turn::Typed };
        let columns = Columns { from: 14, most: 24 };
        for (at, (number, answer)) in offer.ask.iter().zip(&self.answers).enumerate() {
            let here = canvas::row(inside, line + u16::try_from(at).unwrap_or(0));
            let label = env.ta("recovery-word", &[("n", number)]);
            field::draw(env, canvas, (here, columns), &label, answer, Turn::of(at, self.at, own));
        }
    }
}

impl Form for RecoveryForm {
    fn save(&mut self, _env: &mut Env) -> Option<Action> {
        match self.stage {
            Stage::About => Some(Action::OfferRecovery),
            Stage::Words => {
                let asked = self.offer.as_ref().map_or(0, |offer| offer.ask.len());
                self.answers = (0..asked).map(|_| SecretInput::new()).collect();
                self.at = 0;
                self.stage = Stage::Back;
                None
            }
            Stage::Back if self.at + 1 < self.answers.len() => {
                self.at += 1;
                None
            }
            Stage::Back => {
                let asked = self.offer.as_ref()?.ask.iter().copied();
                let answers = asked.zip(self.answers.iter_mut().map(SecretInput::take)).collect();
                Some(Action::ConfirmRecovery(answers))
            }
        }
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::Back]
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.from(self.at, self.answers.len());
    }

    fn back(&mut self, env: &mut Env) {
        env.say(env.t("recovery-later"));
        env.close();
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if key.code == KeyCode::Enter {
            self.submit(env);
            return Handled::Yes;
        }
        match self.answers.get_mut(self.at) {
            Some(answer) if self.stage == Stage::Back && self.saving.is_none() => answer.key(key),
            _ => Handled::Yes,
        }
    }

    fn done(&mut self, env: &mut Env, answer: Answer) {
        if let Answer::Done(Done::Recovery(offer)) = answer {
            self.offer = Some(offer);
            self.stage = Stage::Words;
            return;
        }
        env.good(env.t("recovery-made"));
        env.changed();
        env.close();
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        self.at = 0;
        env.refuse(refusal);
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let key = match self.stage {
            Stage::About => "recovery-about",
            Stage::Words => "recovery-write-down",
            Stage::Back => "recovery-ask-back",
        };
        let about = text_lines(&env.t(key), usize::from(WIDTH.min(area.width).saturating_sub(4)));
        let rows = match self.stage {
            Stage::About => 0,
            Stage::Words => ROWS + 1,
            Stage::Back => u16::try_from(self.answers.len()).unwrap_or(0) + 1,
        };
        let height = u16::try_from(about.len()).unwrap_or(0) + rows + 4;
        let inside = frame::popup(env, canvas, area, (WIDTH + 4, height), &env.t("recovery-title"));
        let mut line = 0;
        for part in &about {
            canvas.text(inside, line, 0, part, env.theme.style(Ink::Plain));
            line += 1;
        }
        line += 1;
        match self.stage {
            Stage::About => {}
            Stage::Words => self.draw_words(env, inside, line, canvas),
            Stage::Back => self.draw_back(env, inside, line, canvas),
        }
        let foot = canvas::row(inside, inside.height.saturating_sub(1));
        let key = match self.stage {
            _ if self.saving.is_some() => "form-saving",
            Stage::About => "recovery-keys-about",
            Stage::Words => "recovery-keys-words",
            Stage::Back => "recovery-keys-back",
        };
        canvas.text(foot, 0, 0, &env.t(key), env.theme.style(Ink::Key));
    }
}
