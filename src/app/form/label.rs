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
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::deal::{PipelineChange, StageKind};
use crate::domain::field::Lang;
use crate::domain::id::{PipelineId, StageId};
use crate::domain::label::Label;
use crate::domain::loss::LossReason;
use crate::domain::loss_reasons::LossChange;
use crate::service::Action;
use crate::service::view::DealAction;

/// The probability that a new open stage begins with.
const HALF: u8 = 50;

fn pipeline(change: PipelineChange) -> Action {
    Action::Deal(DealAction::Pipeline(change))
}

/// What is called so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Another reason for being lost.
    NewReason,
    /// A reason for being lost.
    Reason(LossReason),
    /// Another pipeline.
    NewPipeline,
    /// A pipeline.
    Pipeline(PipelineId),
    /// Another stage of a pipeline.
    NewStage(PipelineId),
    /// A stage.
    Stage(StageId),
}

impl Named {
    fn code(self) -> &'static str {
        match self {
            Self::NewReason => "new-reason",
            Self::Reason(_) => "reason",
            Self::NewPipeline => "new-pipeline",
            Self::Pipeline(_) => "pipeline",
            Self::NewStage(_) => "new-stage",
            Self::Stage(_) => "stage",
        }
    }
}

/// The form.
#[derive(Debug)]
pub struct LabelForm {
    of: Named,
    /// One a language, the reader's own first.
    lines: [(Lang, LineInput); 2],
    /// What a new stage means.
    kind: StageKind,
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
        Self { of, lines, kind: StageKind::Open, at: 0, saving: None }
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

    /// How many places there are for the cursor: the two lines, and of a new stage its kind.
    fn places(&self) -> usize {
        self.lines.len() + usize::from(matches!(self.of, Named::NewStage(_)))
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
            Named::NewPipeline => pipeline(PipelineChange::Add(label)),
            Named::Pipeline(id) => pipeline(PipelineChange::Rename(id, label)),
            Named::NewStage(id) => pipeline(PipelineChange::AddStage(id, label, self.kind, HALF)),
            Named::Stage(id) => pipeline(PipelineChange::RenameStage(id, label)),
        })
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.from(self.at, self.places());
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match key.code {
            KeyCode::Enter => self.submit(env),
            KeyCode::Up => self.step(Step::Previous),
            KeyCode::Down => self.step(Step::Next),
            KeyCode::Left if self.at == self.lines.len() => self.kind = Step::Previous.along(StageKind::ALL, self.kind),
            KeyCode::Right | KeyCode::Char(' ') if self.at == self.lines.len() => {
                self.kind = Step::Next.along(StageKind::ALL, self.kind);
            }
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
        let inside = frame::sheet(env, canvas, area, 7, &env.t(&format!("label-ask-{code}")));
        for (at, (row, (lang, input))) in (0..).zip(&self.lines).enumerate() {
            let label = env.t(if *lang == Lang::En { "label-english" } else { "label-chinese" });
            line::draw(env, canvas, (inside, row), &label, input, Focus::on(self.at, at));
        }
        let mut row = 2;
        if matches!(self.of, Named::NewStage(_)) {
            let here = self.at == self.lines.len();
            let kind = wording::code(env, "stage-kind", self.kind.code());
            let line = canvas::row(inside, row);
            canvas.text(line, 0, 0, &env.t("label-kind"), env.theme.style(if here { Ink::Strong } else { Ink::Plain }));
            let ink = if here { Ink::Cursor } else { Ink::Plain };
            canvas.text(line, 0, LABEL, &format!("< {kind} >"), env.theme.style(ink));
            if here {
                canvas.cursor_at(line, 0, LABEL + 2);
            }
            row += 1;
        }
        canvas.text(inside, row, LABEL, &env.t("label-hint"), env.theme.style(Ink::Dim));
    }
}
