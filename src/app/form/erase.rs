//! Erasing a customer for good: why, and the customer's number typed once more.
//!
//! **Invariant:** nothing is asked of the door before the number was typed; there is no undo behind it.

use ratatui::layout::Rect;

use super::line::{self, Focus};
use super::{Form, Step};
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::screen::ScreenId;
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::domain::id::CustomerId;
use crate::domain::reason::{Reason, ReasonCode};
use crate::service::Action;
use crate::text::Printable;

/// The form.
pub struct EraseForm {
    customer: CustomerId,
    name: String,
    reason: LineInput,
    number: LineInput,
    at: Line,
    saving: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Reason,
    Number,
}

/// The name may be personal.
impl std::fmt::Debug for EraseForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EraseForm({})", self.customer)
    }
}

impl EraseForm {
    /// For a customer, by number and name as shown.
    pub fn new(customer: CustomerId, name: &str) -> Self {
        let reason = LineInput::default().at_most(500);
        let number = LineInput::default().at_most(20);
        Self { customer, name: name.to_owned(), reason, number, at: Line::Reason, saving: None }
    }
}

impl Form for EraseForm {
    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let text = Printable::line(self.reason.text());
        if text.is_empty() {
            self.at = Line::Reason;
            env.bad(env.t("erase-missing"));
            return None;
        }
        if self.number.text().trim() != self.customer.to_string() {
            self.at = Line::Number;
            env.bad(env.ta("erase-mismatch", &[("id", &self.customer)]));
            return None;
        }
        let reason = Reason { text: Some(text), ..Reason::code(ReasonCode::Other) };
        Some(Action::EraseCustomer(self.customer, reason))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, _step: Step) {
        self.at = if self.at == Line::Reason { Line::Number } else { Line::Reason };
    }

    fn key(&mut self, _env: &mut Env, key: Key) -> Handled {
        match (key.code, self.at) {
            (KeyCode::Enter | KeyCode::Down | KeyCode::Up, _) => {
                self.step(Step::Next);
                Handled::Yes
            }
            (_, Line::Reason) => self.reason.key(key),
            (_, Line::Number) => self.number.key(key),
        }
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        // The number is typed by hand: that is what it is asked for.
        if self.at == Line::Reason {
            self.reason.paste(text);
        }
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        env.good(env.t("erase-done"));
        env.changed();
        env.close();
        env.go(ScreenId::Today);
    }

    fn customer(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let lines = text_lines(&env.t("erase-about"), usize::from(area.width.saturating_sub(4)));
        let rows = u16::try_from(lines.len()).unwrap_or(1);
        let title = env.ta("erase-title", &[("name", &self.name)]);
        let inside = frame::sheet(env, canvas, area, rows + 6, &title);
        for (at, line) in lines.iter().enumerate() {
            canvas.text(inside, u16::try_from(at).unwrap_or(0), 0, line, env.theme.style(Ink::Warn));
        }
        let (reason, number) = (env.t("erase-reason"), env.t("erase-number"));
        line::draw(env, canvas, (inside, rows + 1), &reason, &self.reason, Focus::on(self.at, Line::Reason));
        line::draw(env, canvas, (inside, rows + 2), &number, &self.number, Focus::on(self.at, Line::Number));
        let foot = canvas::row(inside, rows + 3);
        let hint =
            if self.saving.is_some() { env.t("erase-doing") } else { env.ta("erase-hint", &[("id", &self.customer)]) };
        canvas.text(foot, 0, 0, &hint, env.theme.style(Ink::Dim));
    }
}
