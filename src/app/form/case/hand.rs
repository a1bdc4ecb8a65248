//! Hands a case on to a colleague, by the first letters of their name.
//!
//! **Invariant:** it goes to the one who is shown.

use ratatui::layout::Rect;

use crate::app::env::Env;
use crate::app::form::Form;
use crate::app::form::line::{self, Focus};
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::domain::id::{CaseId, CustomerId, StaffId};
use crate::service::Action;
use crate::service::refusal::Refusal;
use crate::service::view::{CaseAction, CaseRow};
use crate::text::{Printable, folded};

/// The popup.
#[derive(Debug)]
pub struct HandForm {
    id: CaseId,
    version: u64,
    customer: CustomerId,
    ticket: Printable,
    who: LineInput,
    saving: Option<Ticket>,
}

impl HandForm {
    /// A popup about a case.
    pub fn new(row: &CaseRow) -> Self {
        let who = LineInput::default().at_most(60);
        let (id, version, customer) = (row.case.id, row.case.version, row.case.customer);
        Self { id, version, customer, ticket: row.case.ticket.clone(), who, saving: None }
    }

    /// The first colleague whose name begins with what is typed, else one in whose name it stands.
    fn found(&self, env: &Env) -> Option<(StaffId, String)> {
        let typed = folded(self.who.text());
        let all = || env.me.iter().flat_map(|me| &me.everybody).map(|(id, name)| (*id, name.as_str().to_owned()));
        if typed.is_empty() {
            return None;
        }
        let begins = all().find(|(_, name)| folded(name).starts_with(&typed));
        begins.or_else(|| all().find(|(_, name)| folded(name).contains(&typed)))
    }
}

impl Form for HandForm {
    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let Some((to, _)) = self.found(env) else {
            env.bad(env.t("cases-hand-missing"));
            return None;
        };
        Some(Action::Case(CaseAction::Hand(self.id, self.version, to)))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.saving.is_some() || self.who.key(key) == Handled::Yes {
            return Handled::Yes;
        }
        if key.code == KeyCode::Enter {
            self.submit(env);
            return Handled::Yes;
        }
        Handled::No
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        self.who.paste(text);
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        let who = self.found(env).map(|(_, name)| name).unwrap_or_default();
        env.good(env.ta("cases-handed", &[("ticket", &self.ticket), ("who", &who)]));
        env.changed();
        env.close();
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        super::refused(env, refusal);
    }

    fn customer(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let inside = frame::sheet(env, canvas, area, 4, &env.ta("cases-hand-title", &[("ticket", &self.ticket)]));
        line::draw(env, canvas, (inside, 0), &env.t("cases-hand-who"), &self.who, Focus::Here);
        let (said, ink) = match self.found(env) {
            Some((_, name)) => (format!("→ {name}"), Ink::Good),
            None => (env.t("cases-hand-hint"), Ink::Dim),
        };
        canvas.text(inside, 1, line::LABEL, &said, env.theme.style(ink));
    }
}
