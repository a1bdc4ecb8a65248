//! Erasing a customer for good: why, and the customer's number typed once more.
//!
//! **Invariant:** nothing is asked of the door before the number was typed; there is no undo behind it.

use ratatui::layout::Rect;

use super::line::{self, Focus};
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Reply, Ticket};
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::screen::ScreenId;
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
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

    fn save(&mut self, env: &mut Env) {
        if self.saving.is_some() {
            return;
        }
        let text = Printable::line(self.reason.text());
        if text.is_empty() {
            self.at = Line::Reason;
            return env.bad(env.t("erase-missing"));
        }
        if self.number.text().trim() != self.customer.to_string() {
            self.at = Line::Number;
            return env.bad(env.ta("erase-mismatch", &[("id", &self.customer)]));
        }
        let reason = Reason { text: Some(text), ..Reason::code(ReasonCode::Other) };
        self.saving = Some(env.perform(Action::EraseCustomer(self.customer, reason)));
    }

    fn other(&mut self) {
        self.at = if self.at == Line::Reason { Line::Number } else { Line::Reason };
    }
}

impl Panel for EraseForm {
    fn places(&self) -> Vec<Place> {
        vec![Place::Form]
    }

    fn typing(&self) -> Typing {
        Typing::Text
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::NextField, Cmd::Back]
    }

    fn unavailable(&self, _env: &Env, cmd: Cmd) -> Option<&'static str> {
        match cmd {
            Cmd::Decline => Some("why-not-a-field"),
            Cmd::ContactKind => Some("why-not-a-contact"),
            _ => None,
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match cmd {
            Cmd::Back => env.close(),
            Cmd::Save => self.save(env),
            Cmd::NextField | Cmd::PreviousField => self.other(),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn key(&mut self, _env: &mut Env, key: Key) -> Handled {
        match (key.code, self.at) {
            (KeyCode::Enter | KeyCode::Down | KeyCode::Up, _) => {
                self.other();
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

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.saving.take_if(|saving| *saving == ticket).is_none() {
            return;
        }
        match reply {
            Ok(_) => {
                env.good(env.t("erase-done"));
                env.changed();
                env.close();
                env.go(ScreenId::Today);
            }
            Err(refusal) => env.refuse(&refusal),
        }
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
