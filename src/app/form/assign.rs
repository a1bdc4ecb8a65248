//! Handing a reminder, a case or a deal on: a few letters of a name, and the colleagues whom they fit.
//!
//! **Invariant:** whoever is shown at the cursor is whom it is given to.

use ratatui::layout::Rect;

use super::line::{self, Focus, LABEL};
use super::{Form, Step};
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::domain::id::{CaseId, CustomerId, DealId, FollowUpId, StaffId};
use crate::domain::staff::LoginName;
use crate::service::Action;
use crate::service::refusal::Refusal;
use crate::service::view::{CaseAction, CaseRow, DealAction, DealRow, FollowUpRow};
use crate::text::{Printable, folded};

/// Colleagues shown at once.
const ROWS: usize = 6;

/// What is handed on, at the version that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handed {
    FollowUp(FollowUpId, u64),
    Case(CaseId, u64),
    Deal(DealId, u64),
}

/// The form.
#[derive(Debug)]
pub struct AssignForm {
    what: Handed,
    customer: CustomerId,
    holder: Option<StaffId>,
    name: Printable,
    typed: LineInput,
    at: usize,
    given: Option<LoginName>,
    saving: Option<Ticket>,
}

impl AssignForm {
    /// A form about a reminder.
    pub fn follow_up(row: &FollowUpRow) -> Self {
        let task = &row.follow_up;
        let name = Printable::line(row.customer.text());
        Self::about(Handed::FollowUp(task.id, task.version), task.customer, Some(task.assignee), name)
    }

    /// A form about a case.
    pub fn case(row: &CaseRow) -> Self {
        let case = &row.case;
        Self::about(Handed::Case(case.id, case.version), case.customer, case.holder, case.ticket.clone())
    }

    /// A form about a deal.
    pub fn deal(row: &DealRow) -> Self {
        let deal = &row.deal;
        Self::about(Handed::Deal(deal.id, deal.version), deal.customer, Some(deal.owner), deal.title.clone())
    }

    fn about(what: Handed, customer: CustomerId, holder: Option<StaffId>, name: Printable) -> Self {
        let typed = LineInput::default().at_most(64);
        Self { what, customer, holder, name, typed, at: 0, given: None, saving: None }
    }

    /// Those whose name has the letters, whose it is not already.
    fn fitting<'e>(&self, env: &'e Env) -> Vec<&'e (StaffId, LoginName)> {
        let letters = folded(self.typed.text());
        let everybody = env.me.iter().flat_map(|me| &me.colleagues);
        everybody
            .filter(|(id, name)| Some(*id) != self.holder && folded(name.as_str()).contains(letters.trim()))
            .collect()
    }
}

impl Form for AssignForm {
    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let Some((who, name)) = self.fitting(env).get(self.at).copied().cloned() else {
            env.bad(env.t("assign-nobody"));
            return None;
        };
        self.given = Some(name);
        Some(match self.what {
            Handed::FollowUp(id, version) => Action::AssignFollowUp(id, version, who),
            Handed::Case(id, version) => Action::Case(CaseAction::Hand(id, version, who)),
            Handed::Deal(id, version) => Action::Deal(DealAction::Give(id, version, who)),
        })
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        let count = self.fitting(env).len();
        match key.code {
            KeyCode::Enter => self.submit(env),
            KeyCode::Down => self.at = Step::Next.from(self.at, count),
            KeyCode::Up => self.at = Step::Previous.from(self.at, count),
            _ => {
                self.at = 0;
                return self.typed.key(key);
            }
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        self.at = 0;
        self.typed.paste(text);
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        if let Some(name) = &self.given {
            env.good(env.ta("assigned", &[("what", &self.name), ("name", name)]));
        }
        env.changed();
        env.close();
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        super::stays(env, refusal);
    }

    fn customer(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let title = env.ta("assign-title", &[("name", &self.name)]);
        let fitting = self.fitting(env);
        let inside = frame::sheet(env, canvas, area, 9, &title);
        line::draw(env, canvas, (inside, 0), &env.t("assign-to"), &self.typed, Focus::Here);
        let first = (self.at + 1).saturating_sub(ROWS);
        for (row, (at, (_, name))) in fitting.iter().enumerate().skip(first).take(ROWS).enumerate() {
            let ink = if at == self.at { Ink::Cursor } else { Ink::Plain };
            let line = canvas::row(inside, u16::try_from(row).unwrap_or(0) + 1);
            canvas.text(line, 0, LABEL, name.as_str(), env.theme.style(ink));
        }
        if fitting.is_empty() {
            canvas.text(canvas::row(inside, 1), 0, LABEL, &env.t("assign-nobody"), env.theme.style(Ink::Warn));
        }
    }
}
