//! The reasons for which customers are lost: added, called something else, put in order, retired and offered again.
//!
//! **Invariant:** how many customers and rules have a reason stands beside it, before anything is done with it.

use ratatui::layout::Rect;

use super::kept::{Frame, Kept};
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::label::{LabelForm, Named};
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
use crate::app::wording;
use crate::domain::loss_reasons::{LossChange, ReasonState};
use crate::service::view::{LossRow, Total};
use crate::service::{Action, Query, View};
use crate::text::{self, half_width};
use crate::words::loss;

/// Rows below the list: a blank one, what the row under the cursor is called in the other language and by scripts, and
/// the keys.
const FOOT: u16 = 5;
/// Cells of a reason's label.
const LABEL: usize = 40;

/// The reasons that are looked at.
#[derive(Debug)]
pub struct Losses {
    kept: Kept<LossRow>,
    doing: Option<Ticket>,
}

impl Default for Losses {
    fn default() -> Self {
        Self { kept: Kept::new(FOOT), doing: None }
    }
}

impl Losses {
    fn act(&mut self, env: &mut Env, change: LossChange) {
        if self.doing.is_none() {
            self.doing = Some(env.perform(Action::LossReason(change)));
        }
    }

    /// A letter in the list.
    fn letter(&mut self, env: &mut Env, letter: char) -> Handled {
        if letter == 'n' || letter == 'a' {
            let form = LabelForm::new(env, Named::NewReason);
            env.open(Box::new(form));
            return Handled::Yes;
        }
        let Some(def) = self.kept.current().map(|row| row.def.clone()) else { return Handled::No };
        match letter {
            'e' => {
                let form = LabelForm::new(env, Named::Reason(def.id)).with(&def.label);
                env.open(Box::new(form));
            }
            'x' if def.state == ReasonState::Offered => self.act(env, LossChange::Retire(def.id)),
            'x' => self.act(env, LossChange::Restore(def.id)),
            'K' => {
                self.act(env, LossChange::Earlier(def.id));
                self.kept.step(env, -1);
            }
            'J' => {
                self.act(env, LossChange::Later(def.id));
                self.kept.step(env, 1);
            }
            'f' => {
                let query = format!("lost:{}", def.key);
                env.close();
                env.find(&query);
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    /// How many have a reason.
    fn count(env: &Env, row: &LossRow) -> String {
        let customers = loss::count(&env.words, row.customers.unwrap_or(Total::Exactly(0)));
        match row.rules.unwrap_or(0) {
            0 => env.ta("losses-count", &[("n", &customers)]),
            rules => env.ta("losses-count-rules", &[("n", &customers), ("rules", &rules)]),
        }
    }
}

impl Panel for Losses {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Up, Cmd::Down, Cmd::Undo, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        self.kept.ask(env, Query::LossReasons);
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        self.kept.run(env, cmd)
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match key.code {
            KeyCode::Enter => self.letter(env, 'e'),
            KeyCode::Insert => self.letter(env, 'n'),
            KeyCode::Delete => self.letter(env, 'x'),
            _ => key.typed().map_or(Handled::No, |c| self.letter(env, half_width(c))),
        }
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.doing.take_if(|doing| *doing == ticket).is_some() {
            match reply {
                Ok(_) => env.good(env.t("losses-saved")),
                Err(refusal) => env.refuse(&refusal),
            }
            return env.changed();
        }
        if !self.kept.answers(ticket) {
            return;
        }
        match reply {
            Ok(Answer::View(View::LossReasons(rows))) => self.kept.fill(env, rows),
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.kept.ask(env, Query::LossReasons);
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let (title, keys, more) = (env.t("losses-title"), env.t("losses-keys"), env.t("losses-more-keys"));
        let frame = Frame { title: &title, none: "losses-none", hints: &[&keys, &more] };
        let foot = self.kept.draw(env, (area, &mut *canvas), &frame, |row, line, canvas| {
            let retired = row.def.state == ReasonState::Retired;
            let ink = if retired { Ink::Dim } else { Ink::Strong };
            let label = row.def.label.of(env.words.lang);
            canvas.text(line, 0, 2, &text::pad(&text::cut(label, LABEL), LABEL), style(ink));
            canvas.text(line, 0, 44, &Self::count(env, row), style(Ink::Plain));
            if retired {
                let said = wording::code(env, "loss-state", row.def.state.code());
                canvas.text_right(line, 0, &said, style(Ink::Dim));
            }
        });
        if let Some(row) = self.kept.current() {
            let said = env.ta("losses-called", &[("both", &row.def.label.said()), ("key", &row.def.key)]);
            canvas.text(foot, 1, 0, &text::cut(&said, usize::from(foot.width)), style(Ink::Dim));
        }
    }
}
