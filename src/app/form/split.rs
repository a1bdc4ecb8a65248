//! Splitting the recovery key: its words typed in, how many shares, and how many of them are needed.
//!
//! **Invariant:** the shares that come back are shown on a paper that zeroizes them, and stand in no notice.

use ratatui::layout::Rect;

use super::{Form, Step};
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::layer::paper::Paper;
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::{self, Columns, Field, Turn};
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::widget::secret::SecretInput;
use crate::service::refusal::Refusal;
use crate::service::{Action, Done};

/// The form.
#[derive(Debug)]
pub struct SplitForm {
    words: SecretInput,
    needed: LineInput,
    count: LineInput,
    at: usize,
    saving: Option<Ticket>,
}

impl Default for SplitForm {
    fn default() -> Self {
        let number = |text| LineInput::new(text).at_most(2);
        Self { words: SecretInput::new(), needed: number("2"), count: number("3"), at: 0, saving: None }
    }
}

impl SplitForm {
    fn field(&self, at: usize) -> &dyn Field {
        match at {
            0 => &self.words,
            1 => &self.needed,
            _ => &self.count,
        }
    }

    /// The field that has the keys.
    fn typed(&mut self) -> &mut dyn Field {
        match self.at {
            0 => &mut self.words,
            1 => &mut self.needed,
            _ => &mut self.count,
        }
    }
}

impl Form for SplitForm {
    fn save(&mut self, _env: &mut Env) -> Option<Action> {
        self.at = 2;
        let number = |input: &LineInput| input.text().trim().parse().unwrap_or(0);
        let (threshold, count) = (number(&self.needed), number(&self.count));
        Some(Action::SplitRecovery { typed: self.words.take(), threshold, count })
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.from(self.at, 3);
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if key.code != KeyCode::Enter {
            return self.typed().key(key);
        }
        if self.at == 2 {
            self.submit(env);
        } else if self.saving.is_none() {
            self.at += 1;
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        match self.at {
            // Copied words may stand in several lines.
            0 => self.words.paste(&zeroize::Zeroizing::new(text.replace(['\r', '\n'], " "))),
            _ => self.typed().paste(text),
        }
    }

    fn done(&mut self, env: &mut Env, answer: Answer) {
        let Answer::Done(Done::Shares(shares)) = answer else { return };
        let args: [(&str, &dyn std::fmt::Display); 1] = [("need", &self.needed.text().trim())];
        let mut paper = Paper::new(env.t("split-title")).with(env.ta("split-shares", &args), Ink::Plain);
        for (number, share) in (1_usize..).zip(shares) {
            paper = paper.with(String::new(), Ink::Plain);
            paper = paper.with(env.ta("split-share", &[("n", &number)]), Ink::Plain).with(share, Ink::Strong);
        }
        env.changed();
        env.close();
        env.open(Box::new(paper));
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        self.at = 0;
        env.refuse(refusal);
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let about = text_lines(&env.t("split-about"), usize::from(area.width.min(76).saturating_sub(4)));
        let rows = u16::try_from(about.len()).unwrap_or(2);
        let inside = frame::popup(env, canvas, area, (76, rows + 7), &env.t("split-title"));
        for (at, part) in (0_u16..).zip(&about) {
            canvas.text(inside, at, 0, part, env.theme.style(Ink::Dim));
        }
        for (at, key) in ["split-words", "split-needed", "split-count"].iter().enumerate() {
            let here = canvas::row(inside, rows + 1 + u16::try_from(at).unwrap_or(0));
            let columns = Columns { from: 24, most: if at == 0 { u16::MAX } else { 4 } };
            let turn = Turn::of(at, self.at, Turn::Typed);
            field::draw(env, canvas, (here, columns), &env.t(key), self.field(at), turn);
        }
        if self.saving.is_some() {
            let foot = canvas::row(inside, inside.height.saturating_sub(1));
            canvas.text(foot, 0, 0, &env.t("form-saving"), env.theme.style(Ink::Dim));
        }
    }
}
