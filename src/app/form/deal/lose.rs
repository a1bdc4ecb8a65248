//! Asks why a deal is lost.
//!
//! **Invariant:** without a reason nothing is lost.

use ratatui::layout::Rect;

use crate::app::env::Env;
use crate::app::form::line::{self, Focus};
use crate::app::form::{Form, stays};
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::domain::id::{CustomerId, DealId};
use crate::service::Action;
use crate::service::refusal::Refusal;
use crate::service::view::{DealAction, DealRow};
use crate::text::Printable;

/// The popup.
#[derive(Debug)]
pub struct LoseForm {
    id: DealId,
    version: u64,
    customer: CustomerId,
    title: Printable,
    why: LineInput,
    saving: Option<Ticket>,
}

impl LoseForm {
    /// A popup about a deal.
    pub fn new(row: &DealRow) -> Self {
        Self {
            id: row.deal.id,
            version: row.deal.version,
            customer: row.deal.customer,
            title: row.deal.title.clone(),
            why: LineInput::default().at_most(500),
            saving: None,
        }
    }
}

impl Form for LoseForm {
    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let why = Printable::line(self.why.text().trim());
        if why.is_empty() {
            env.bad(env.t("deals-why-missing"));
            return None;
        }
        Some(Action::Deal(DealAction::Lose(self.id, self.version, why)))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.saving.is_some() || self.why.key(key) == Handled::Yes {
            return Handled::Yes;
        }
        if key.code == KeyCode::Enter {
            self.submit(env);
            return Handled::Yes;
        }
        Handled::No
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        self.why.paste(text);
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        env.good(env.ta("deals-lost", &[("title", &self.title)]));
        env.changed();
        env.close();
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        stays(env, refusal);
    }

    fn customer(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let inside = frame::sheet(env, canvas, area, 5, &env.t("deals-lose-title"));
        canvas.text(inside, 0, 0, self.title.as_str(), env.theme.style(Ink::Plain));
        line::draw(env, canvas, (inside, 1), &env.t("deals-why"), &self.why, Focus::Here);
        canvas.text(inside, 2, line::LABEL, &env.t("deals-why-hint"), env.theme.style(Ink::Dim));
    }
}
