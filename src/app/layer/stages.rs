//! The pipelines and their stages: added, named, put in order, weighed, and taken out of use.
//!
//! **Invariant:** every change here can be taken back, until somebody else changed the pipelines or a deal came into a
//! stage that would go.

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::label::{LabelForm, Named};
use crate::app::form::stage::{Asked, StageForm};
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::frame::popup;
use crate::app::widget::list::ListState;
use crate::app::wording;
use crate::domain::deal::{Pipeline, PipelineChange, Pipelines, Stage, StageKind, StageState};
use crate::domain::label::Label;
use crate::service::view::{DealAction, DealQuery, DealView};
use crate::service::{Action, Query, View};
use crate::text::{self, half_width};
use crate::words::deal as words;

/// Cells of a stage's name.
const NAME: usize = 26;
/// Cells of what it means.
const KIND: usize = 6;

/// The pipelines that are looked at.
#[derive(Debug, Default)]
pub struct Stages {
    pipelines: Option<Pipelines>,
    list: ListState,
    asked: Option<Ticket>,
    doing: Option<Ticket>,
}

/// A row: a pipeline, or one of its stages.
#[derive(Clone, Copy)]
enum Line<'p> {
    Pipeline(&'p Pipeline),
    Stage(&'p Pipeline, &'p Stage),
}

impl Stages {
    fn lines(&self) -> Vec<Line<'_>> {
        let all = self.pipelines.iter().flat_map(Pipelines::all);
        let of = |p| std::iter::once(Line::Pipeline(p)).chain(p.stages.iter().map(move |stage| Line::Stage(p, stage)));
        all.flat_map(of).collect()
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(10)).max(1)
    }

    fn act(&mut self, env: &mut Env, change: PipelineChange) {
        self.doing = Some(env.perform(Action::Deal(DealAction::Pipeline(change))));
    }

    /// A letter in the list.
    fn letter(&mut self, env: &mut Env, letter: char) -> Handled {
        let lines = self.lines();
        let Some(line) = lines.get(self.list.cursor()).copied() else { return Handled::No };
        let (pipeline, stage) = match line {
            Line::Pipeline(pipeline) => (pipeline, None),
            Line::Stage(pipeline, stage) => (pipeline, Some(stage)),
        };
        let change = match (letter, stage) {
            ('n', _) => call(env, Named::NewStage(pipeline.id), &Label::default()),
            ('N', _) => call(env, Named::NewPipeline, &Label::default()),
            ('e', None) => call(env, Named::Pipeline(pipeline.id), &pipeline.name),
            ('e', Some(stage)) => call(env, Named::Stage(stage.id), &stage.name),
            ('p', Some(stage)) => ask(env, Asked::Probability(stage.id), u32::from(stage.probability)),
            ('d', Some(stage)) => ask(env, Asked::Sits(stage.id), u32::from(stage.sits_days)),
            ('K', Some(stage)) => Some((PipelineChange::Earlier(stage.id), -1)),
            ('J', Some(stage)) => Some((PipelineChange::Later(stage.id), 1)),
            ('x', Some(stage)) if stage.state == StageState::InUse => Some((PipelineChange::Retire(stage.id), 0)),
            ('x', Some(stage)) => Some((PipelineChange::Revive(stage.id), 0)),
            _ => return Handled::No,
        };
        if let Some((change, step)) = change {
            let at = self.list.cursor().checked_add_signed(step).unwrap_or(0);
            let len = lines.len();
            self.list.go(at, len, Self::height(env));
            self.act(env, change);
        }
        Handled::Yes
    }

    fn said(env: &Env, line: Line<'_>) -> (String, Ink) {
        match line {
            Line::Pipeline(p) => (p.name.of(env.words.lang).to_owned(), Ink::Strong),
            Line::Stage(_, stage) => {
                let name = text::pad(&text::cut(&words::stage(&env.words, stage), NAME), NAME);
                let kind = text::pad(&wording::code(env, "stage-kind", stage.kind.code()), KIND);
                let mut said = format!("  {name} {kind} {:>4} %", stage.probability);
                if stage.kind == StageKind::Open {
                    let sits = match stage.sits_days {
                        0 => env.t("stages-never"),
                        days => env.ta("stages-sits", &[("n", &days)]),
                    };
                    said = format!("{said}   {sits}");
                }
                if stage.state == StageState::Retired {
                    let retired = wording::code(env, "stage-state", stage.state.code());
                    return (format!("{said}   {retired}"), Ink::Dim);
                }
                (said, Ink::Plain)
            }
        }
    }
}

/// Asks what something is called.
fn call(env: &mut Env, of: Named, now: &Label) -> Option<(PipelineChange, isize)> {
    let form = LabelForm::new(env, of).with(now);
    env.open(Box::new(form));
    None
}

/// Asks for a number.
fn ask(env: &mut Env, asked: Asked, now: u32) -> Option<(PipelineChange, isize)> {
    env.open(Box::new(StageForm::new(asked, &now.to_string())));
    None
}

impl Panel for Stages {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Up, Cmd::Down, Cmd::Undo, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::Deals(DealQuery::Pipelines)));
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if cmd == Cmd::Back {
            env.close();
            return Handled::Yes;
        }
        let len = self.lines().len();
        self.list.run(cmd, len, Self::height(env))
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match key.code {
            KeyCode::Enter => self.letter(env, 'e'),
            KeyCode::Delete => self.letter(env, 'x'),
            _ => key.typed().map_or(Handled::No, |c| self.letter(env, half_width(c))),
        }
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.doing.take_if(|doing| *doing == ticket).is_some() {
            match reply {
                Ok(_) => env.good(env.t("stages-saved")),
                Err(refusal) => env.refuse(&refusal),
            }
            return env.changed();
        }
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        match reply {
            Ok(Answer::View(View::Deals(DealView::Pipelines(pipelines)))) => {
                self.pipelines = Some(pipelines);
                let len = self.lines().len();
                self.list.go(self.list.cursor(), len, Self::height(env));
            }
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::Deals(DealQuery::Pipelines)));
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let lines = self.lines();
        let height = u16::try_from(lines.len().clamp(1, Self::height(env))).unwrap_or(1) + 5;
        let inside = popup(env, canvas, area, (78, height), &env.t("stages-title"));
        if lines.is_empty() {
            canvas.text(inside, 0, 0, &env.t("loading"), style(Ink::Plain));
        }
        let window = self.list.window(lines.len(), usize::from(inside.height.saturating_sub(3)));
        for (at, (number, shown)) in lines.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
            let line = row(inside, u16::try_from(at).unwrap_or(u16::MAX));
            let (said, ink) = Self::said(env, *shown);
            canvas.text(line, 0, 2, &said, style(ink));
            if number == self.list.cursor() {
                canvas.text(line, 0, 0, ">", style(Ink::Key));
                canvas.style(line, style(Ink::Cursor));
            }
        }
        let last = inside.height.saturating_sub(1);
        for (up, key) in [(1, "stages-keys"), (0, "stages-more-keys")] {
            let said = env.t(key);
            let cut = text::cut(&said, usize::from(inside.width));
            canvas.text(inside, last.saturating_sub(up), 0, &cut, style(Ink::Dim));
        }
    }
}
