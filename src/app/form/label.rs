//! What something of the vault's own is called, in English and in Chinese; of a new stage, what it means as well.
//!
//! **Invariant:** one of the two languages is enough; what cannot be kept is said by the door, and what was typed stays.

use ratatui::layout::Rect;

use super::line::{self, Focus, LABEL};
use super::{Form, Step};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::domain::field::Lang;
use crate::domain::label::Label;
use crate::domain::loss::LossReason;
use crate::domain::loss_reasons::LossChange;
use crate::service::Action;

/// What is called so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Another reason for being lost.
    NewReason,
    /// A reason for being lost.
    Reason(LossReason),
}

impl Named {
    fn code(self) -> &'static str {
        match self {
            Self::NewReason => "new-reason",
            Self::Reason(_) => "reason",
        }
    }
}

/// The form.
#[derive(Debug)]
pub struct LabelForm {
    of: Named,
    /// One a language, the reader's own first.
    lines: [(Lang, LineInput); 2],
    at: usize,
    saving: Option<Ticket>,
}

impl LabelForm {
    /// An empty form.
    pub fn new(env: &Env, of: Named) -> Self {
        let line = |lang| (lang, LineInput::default().at_most(60));
        let lines = match env.words.lang {
            Lang::En => [line(Lang::En), line(Lang::ZhCn)],
            Lang::ZhCn => [line(Lang::ZhCn), line(Lang::En)],
        };
        Self { of, lines, at: 0, saving: None }
    }

    /// The same with what it is called now.
    pub fn with(mut self, now: &Label) -> Self {
        for (lang, line) in &mut self.lines {
            line.set(if *lang == Lang::En { now.en.as_str() } else { now.zh.as_str() });
        }
        self
    }

    fn label(&self) -> Label {
        let of = |wanted| self.lines.iter().find(|(lang, _)| *lang == wanted).map_or("", |(_, line)| line.text());
        Label::new(of(Lang::En), of(Lang::ZhCn))
    }

    fn line_here(&mut self) -> Option<&mut LineInput> {
        self.lines.get_mut(self.at).map(|(_, line)| line)
    }
}

impl Form for LabelForm {
    fn on_enter(&self) -> Option<Cmd> {
        Some(Cmd::Save)
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::NextField, Cmd::Back]
    }

    fn save(&mut self, _env: &mut Env) -> Option<Action> {
        let label = self.label();
        Some(match self.of {
            Named::NewReason => Action::LossReason(LossChange::Add(label)),
            Named::Reason(id) => Action::LossReason(LossChange::Label(id, label)),
        })
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.from(self.at, self.lines.len());
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match key.code {
            KeyCode::Enter => self.submit(env),
            KeyCode::Up => self.step(Step::Previous),
            KeyCode::Down => self.step(Step::Next),
            _ => return self.line_here().map_or(Handled::No, |line| line.key(key)),
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        if let Some(line) = self.line_here() {
            line.paste(text);
        }
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        env.good(env.t(&format!("label-saved-{}", self.of.code())));
        env.changed();
        env.close();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let code = self.of.code();
        let inside = frame::sheet(env, canvas, area, 6, &env.t(&format!("label-ask-{code}")));
        for (at, (row, (lang, input))) in (0..).zip(&self.lines).enumerate() {
            let label = env.t(if *lang == Lang::En { "label-english" } else { "label-chinese" });
            line::draw(env, canvas, (inside, row), &label, input, Focus::on(self.at, at));
        }
        canvas.text(inside, 2, LABEL, &env.t("label-hint"), env.theme.style(Ink::Dim));
    }
}
