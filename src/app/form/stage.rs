//! One number about a stage: its probability, or after how many days a deal sits there too long.
//!
//! **Invariant:** what cannot be kept is said by the door, and what was typed stays.

use ratatui::layout::Rect;

use super::Form;
use super::line::{self, Focus, LABEL};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::msg::{Answer, Ticket};
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::domain::deal::PipelineChange;
use crate::domain::id::StageId;
use crate::service::Action;
use crate::service::view::DealAction;
use crate::text::half_width;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// How probable a deal in a stage is to be won.
    Probability(StageId),
    /// After how many days a deal sits in a stage too long.
    Sits(StageId),
}

impl Asked {
    fn code(self) -> &'static str {
        match self {
            Self::Probability(_) => "probability",
            Self::Sits(_) => "sits",
        }
    }
}

/// The form.
#[derive(Debug)]
pub struct StageForm {
    asked: Asked,
    line: LineInput,
    saving: Option<Ticket>,
}

impl StageForm {
    /// A form that begins with what stands there now.
    pub fn new(asked: Asked, now: &str) -> Self {
        Self { asked, line: LineInput::new(now).at_most(60), saving: None }
    }

    /// The change that is typed; nothing where a number is needed and none is there.
    fn change(&self) -> Option<PipelineChange> {
        let plain: String = self.line.text().chars().map(half_width).filter(|c| !matches!(c, '%' | ' ')).collect();
        Some(match self.asked {
            Asked::Probability(id) => PipelineChange::Probability(id, plain.parse().ok()?),
            Asked::Sits(id) => PipelineChange::Sits(id, if plain.is_empty() { 0 } else { plain.parse().ok()? }),
        })
    }
}

impl Form for StageForm {
    fn on_enter(&self) -> Option<Cmd> {
        Some(Cmd::Save)
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::Back]
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let change = self.change();
        if change.is_none() {
            env.bad(env.t(&format!("stages-wrong-{}", self.asked.code())));
        }
        change.map(|change| Action::Deal(DealAction::Pipeline(change)))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn line(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.line)
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        env.good(env.t("stages-saved"));
        env.changed();
        env.close();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let code = self.asked.code();
        let inside = frame::sheet(env, canvas, area, 5, &env.t(&format!("stages-ask-{code}")));
        line::draw(env, canvas, (inside, 0), &env.t(&format!("stages-label-{code}")), &self.line, Focus::Here);
        let hint = env.t(&format!("stages-hint-{code}"));
        canvas.text(inside, 1, LABEL, &hint, env.theme.style(Ink::Dim));
    }
}
