//! The cadences: kept by whoever sets the policy, and put on a customer or ended there.
//!
//! **Invariant:** one is not removed before it was said on how many customers it runs.

use ratatui::layout::Rect;

use super::confirm::Confirm;
use super::kept::{Frame, Kept};
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::template::TemplateForm;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
use crate::app::wording;
use crate::domain::cadence::Cadence;
use crate::domain::id::CustomerId;
use crate::service::view::{Bulk, CadenceAction, CadenceQuery, CadenceView, Target};
use crate::service::{Action, Done, Query, View};
use crate::text::{self, Printable, half_width};

/// The cadences that are looked at.
#[derive(Debug)]
pub struct Cadences {
    /// On whom one is put; nobody where they are kept.
    customer: Option<(CustomerId, Printable)>,
    kept: Kept<Cadence>,
    counting: Option<Ticket>,
    doing: Option<(Doing, Ticket)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Begin,
    Stop,
}

/// Rows below the list: the steps of the one under the cursor, and the keys.
const FOOT: u16 = 6;

impl Default for Cadences {
    fn default() -> Self {
        Self { customer: None, kept: Kept::new(FOOT), counting: None, doing: None }
    }
}

impl Cadences {
    /// To put one on a customer, or to end one there.
    pub fn of(customer: CustomerId, name: &str) -> Self {
        Self { customer: Some((customer, Printable::line(name))), ..Self::default() }
    }

    /// A letter where cadences are kept.
    fn keep(&mut self, env: &mut Env, letter: char) -> Handled {
        match (letter, self.kept.current()) {
            ('a' | 'n', _) => env.open(Box::new(TemplateForm::add_cadence())),
            ('e', Some(cadence)) => {
                let form = TemplateForm::change_cadence(cadence);
                env.open(Box::new(form));
            }
            ('x', Some(cadence)) => self.counting = Some(env.ask(Query::Cadences(CadenceQuery::Running(cadence.id)))),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    /// A letter where one is put on a customer.
    fn put(&mut self, env: &mut Env, letter: char) -> Handled {
        let (Some((customer, _)), Some(cadence)) = (&self.customer, self.kept.current()) else { return Handled::No };
        let (doing, action) = match letter {
            'e' => (Doing::Begin, Action::Bulk(Target::Marked(vec![*customer]), Bulk::Cadence(cadence.id))),
            'x' => (Doing::Stop, Action::Cadence(CadenceAction::Stop(cadence.id, *customer))),
            _ => return Handled::No,
        };
        if self.doing.is_none() {
            self.doing = Some((doing, env.perform(action)));
        }
        Handled::Yes
    }

    fn done(&mut self, env: &mut Env, doing: Doing, reply: Reply) {
        match (doing, reply) {
            (Doing::Begin, Ok(Answer::Done(Done::Bulk(report)))) if report.changed > 0 => {
                env.good(env.t("cadence-begun"));
            }
            (Doing::Begin, Ok(Answer::Done(Done::Bulk(report)))) => match report.left.first() {
                Some((why, _)) => {
                    let why = wording::code(env, "bulk-left", why.code());
                    return env.bad(env.ta("cadence-left", &[("why", &why)]));
                }
                None => return env.bad(env.t("cadence-already")),
            },
            (_, Err(crate::service::Refusal::NotFound(_))) if doing == Doing::Stop => {
                return env.bad(env.t("cadence-not-on"));
            }
            (_, Err(refusal)) => return env.refuse(&refusal),
            (Doing::Stop, Ok(_)) => env.good(env.t("cadence-stopped")),
            (Doing::Begin, Ok(_)) => {}
        }
        env.changed();
        env.close();
    }
}

impl Panel for Cadences {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Up, Cmd::Down, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        self.kept.ask(env, Query::Cadences(CadenceQuery::List));
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        self.kept.run(env, cmd)
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        let letter = match (key.code, key.typed().map(half_width)) {
            (KeyCode::Enter, _) => 'e',
            (KeyCode::Delete, _) => 'x',
            (KeyCode::Insert, _) => 'a',
            (_, Some(letter)) => letter,
            _ => return Handled::No,
        };
        if self.customer.is_some() { self.put(env, letter) } else { self.keep(env, letter) }
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if let Some((doing, _)) = self.doing.take_if(|(_, doing)| *doing == ticket) {
            return self.done(env, doing, reply);
        }
        if !self.kept.answers(ticket) && self.counting.take_if(|t| *t == ticket).is_none() {
            return;
        }
        match reply {
            Ok(Answer::View(View::Cadences(CadenceView::Rows(rows)))) => self.kept.fill(env, rows),
            Ok(Answer::View(View::Cadences(CadenceView::Running(id, n)))) => {
                let Some(cadence) = self.kept.rows().iter().find(|cadence| cadence.id == id) else { return };
                let question = env.ta("cadence-remove-ask", &[("name", &cadence.name), ("n", &n)]);
                let action = Action::Cadence(CadenceAction::Remove(id, cadence.version));
                let (title, done) = (env.t("cadence-remove-title"), env.t("cadence-removed"));
                env.open(Box::new(Confirm::new(title, question, done, action)));
            }
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.kept.ask(env, Query::Cadences(CadenceQuery::List));
    }

    fn customer(&self) -> Option<CustomerId> {
        self.customer.as_ref().map(|(id, _)| *id)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let (title, hint, none) = match &self.customer {
            Some((_, name)) => (env.ta("cadence-put-title", &[("name", name)]), "cadence-put-hint", "cadence-put-none"),
            None => (env.t("cadences-title"), "cadences-hint", "cadences-none"),
        };
        let keys = env.t(hint);
        let frame = Frame { title: &title, none, hints: &[&keys] };
        let foot = self.kept.draw(env, (area, &mut *canvas), &frame, |cadence, line, canvas| {
            let days = cadence.steps.last().map_or(0, |step| step.day);
            canvas.text(line, 0, 1, &text::pad(cadence.name.as_str(), 40), style(Ink::Strong));
            let steps = env.ta("cadence-steps", &[("n", &cadence.steps.len()), ("days", &days)]);
            canvas.text(line, 0, 42, &steps, style(Ink::Plain));
        });
        if let Some(cadence) = self.kept.current() {
            let room = usize::from(FOOT - 2);
            for (at, step) in (1..FOOT).zip(cadence.steps.iter().take(room)) {
                let kind = wording::code(env, "interaction", step.kind.code());
                let mut line =
                    env.ta("cadence-step-line", &[("day", &step.day), ("kind", &kind), ("text", &step.text)]);
                if usize::from(at) == room && cadence.steps.len() > room {
                    line = format!("… {}", cadence.steps.len() + 1 - room);
                }
                canvas.text(foot, at, 1, &text::cut(&line, 70), style(Ink::Dim));
            }
        }
    }
}
