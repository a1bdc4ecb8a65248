//! Replacing the vault's keys: the question, the bar, and the question whether to stop.
//!
//! **Invariant:** only `y` begins and only `y` stops; the key that asked does neither.

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::effect::Effect;
use crate::app::env::Env;
use crate::app::form::leaving::confirms;
use crate::app::key::Key;
use crate::app::msg::{Progress, Reply, Ticket};
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::frame;
use crate::clock::Timestamp;
use crate::service::Action;

/// The layer.
#[derive(Debug, Default)]
pub struct Rotating {
    stage: Stage,
    doing: Option<Ticket>,
    began: Timestamp,
    progress: Progress,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Whether to begin.
    #[default]
    Asking,
    /// It runs.
    Running,
    /// It runs, and somebody may want to stop it.
    AskingToStop,
    /// It is about to stop.
    Stopping,
}

impl Panel for Rotating {
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
            match self.stage {
                Stage::Asking => env.close(),
                Stage::Running => self.stage = Stage::AskingToStop,
                Stage::AskingToStop => self.stage = Stage::Running,
                Stage::Stopping => {}
            }
        }
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match (self.stage, confirms(key)) {
            (Stage::Asking, true) => {
                self.stage = Stage::Running;
                self.began = env.now;
                self.doing = Some(env.perform(Action::RotateKeys));
            }
            (Stage::Asking, false) => env.close(),
            (Stage::AskingToStop, true) => {
                self.stage = Stage::Stopping;
                env.effect(Effect::Stop);
            }
            (Stage::AskingToStop, false) => self.stage = Stage::Running,
            (Stage::Running | Stage::Stopping, _) => {}
        }
        Handled::Yes
    }

    fn progress(&mut self, _env: &mut Env, ticket: Ticket, progress: Progress) {
        if self.doing == Some(ticket) {
            self.progress = progress;
        }
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.doing != Some(ticket) {
            return;
        }
        // Where it was done, the frame locks: everybody signs in anew.
        if let Err(refusal) = reply {
            env.refuse(&refusal);
            env.changed();
        }
        env.close();
    }

    fn counts_down(&self) -> bool {
        self.stage != Stage::Asking
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let key = if self.stage == Stage::Asking { "rotate-question" } else { "rotate-running" };
        let width = area.width.min(70);
        let lines = text_lines(&env.t(key), usize::from(width.saturating_sub(4)));
        let height = u16::try_from(lines.len()).unwrap_or(8) + 6;
        let inside = frame::popup(env, canvas, area, (width, height), &env.t("rotate-title"));
        let mut at = 0;
        for line in &lines {
            canvas.text(canvas::row(inside, at), 0, 0, line, env.theme.style(Ink::Plain));
            at += 1;
        }
        if self.stage != Stage::Asking {
            let Progress { done, total } = self.progress;
            let cells = u64::from(inside.width.saturating_sub(2));
            let full = (cells.saturating_mul(done) / total.max(1)).min(cells);
            let run = |of: &str, count: u64| of.repeat(usize::try_from(count).unwrap_or(0));
            let bar = format!("[{}{}]", run("#", full), run(".", cells - full));
            canvas.text(canvas::row(inside, at + 1), 0, 0, &bar, env.theme.style(Ink::Strong));
            let seconds = u64::try_from(env.now.since(self.began) / 1000).unwrap_or(0).max(1);
            let args: [(&str, &dyn std::fmt::Display); 4] = [
                ("done", &done),
                ("total", &total),
                ("rate", &(done / seconds)),
                ("left", &(total.saturating_sub(done).saturating_mul(seconds) / done.max(1))),
            ];
            let words = env.ta("rotate-progress", &args);
            canvas.text(canvas::row(inside, at + 2), 0, 0, &words, env.theme.style(Ink::Plain));
        }
        let foot = canvas::row(inside, inside.height.saturating_sub(1));
        let key = match self.stage {
            Stage::Asking => "confirm-keys",
            Stage::Running => "rotate-keys-running",
            Stage::AskingToStop => "rotate-keys-stop",
            Stage::Stopping => "rotate-stopping",
        };
        canvas.text(foot, 0, 0, &env.t(key), env.theme.style(Ink::Key));
    }
}
