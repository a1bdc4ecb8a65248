//! Joining a company and a person: a few letters of the other's name, and those whom they fit.
//!
//! **Invariant:** whoever is shown at the cursor is who is joined; only the other kind is offered.

use ratatui::layout::Rect;

use super::line::{self, Focus, LABEL};
use super::{Form, Step};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::domain::customer::CustomerKind;
use crate::domain::id::CustomerId;
use crate::service::refusal::Refusal;
use crate::service::view::{CustomerDetail, LinkAction, ListRequest};
use crate::service::{Action, Query, View};
use crate::text::Printable;

/// Customers shown at once.
const ROWS: u16 = 6;

/// The form.
#[derive(Debug)]
pub struct LinkForm {
    customer: CustomerId,
    name: Printable,
    /// The kind that is looked for.
    other: CustomerKind,
    typed: LineInput,
    found: Vec<(CustomerId, Printable)>,
    at: usize,
    asked: Option<Ticket>,
    joined: Option<Printable>,
    saving: Option<Ticket>,
}

impl LinkForm {
    /// A form for a customer who is open.
    pub fn of(customer: &CustomerDetail) -> Self {
        let other = match customer.profile.kind {
            CustomerKind::Company => CustomerKind::Person,
            CustomerKind::Person => CustomerKind::Company,
        };
        Self {
            customer: customer.profile.id,
            name: Printable::line(customer.name.text()),
            other,
            typed: LineInput::default().at_most(64),
            found: Vec::new(),
            at: 0,
            asked: None,
            joined: None,
            saving: None,
        }
    }

    fn find(&mut self, env: &mut Env) {
        self.at = 0;
        let typed = self.typed.text().trim();
        if typed.is_empty() {
            self.found.clear();
            self.asked = None;
            return;
        }
        let text = format!("{typed} kind:{}", self.other.code());
        self.asked = Some(env.ask(Query::Customers(ListRequest { text, limit: ROWS, ..ListRequest::default() })));
    }
}

impl Form for LinkForm {
    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let Some((other, name)) = self.found.get(self.at).cloned() else {
            env.bad(env.t("link-nobody"));
            return None;
        };
        self.joined = Some(name);
        Some(Action::Link(LinkAction::Join(self.customer, other)))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn on_enter(&self) -> Option<Cmd> {
        Some(Cmd::Save)
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match key.code {
            KeyCode::Enter => self.submit(env),
            KeyCode::Down => self.at = Step::Next.from(self.at, self.found.len()),
            KeyCode::Up => self.at = Step::Previous.from(self.at, self.found.len()),
            _ => {
                let before = self.typed.text().to_owned();
                let handled = self.typed.key(key);
                if self.typed.text() != before {
                    self.find(env);
                }
                return handled;
            }
        }
        Handled::Yes
    }

    fn paste(&mut self, env: &mut Env, text: &str) {
        self.typed.paste(text);
        self.find(env);
    }

    fn other(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        match reply {
            Ok(Answer::View(View::Customers(page))) => {
                self.found = page.rows.into_iter().map(|row| (row.id, Printable::line(row.name.text()))).collect();
            }
            Ok(_) => {}
            // A query that is half typed cannot be read yet.
            Err(Refusal::Query(_)) => self.found.clear(),
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        if let Some(name) = &self.joined {
            env.good(env.ta("linked", &[("one", &self.name), ("other", name)]));
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
        let (title, label) = match self.other {
            CustomerKind::Person => ("link-title-person", "link-person"),
            CustomerKind::Company => ("link-title-company", "link-company"),
        };
        let inside = frame::sheet(env, canvas, area, ROWS + 3, &env.ta(title, &[("name", &self.name)]));
        line::draw(env, canvas, (inside, 0), &env.t(label), &self.typed, Focus::Here);
        for (row, (_, name)) in (1..).zip(&self.found) {
            let ink = if usize::from(row) == self.at + 1 { Ink::Cursor } else { Ink::Plain };
            canvas.text(canvas::row(inside, row), 0, LABEL, name.as_str(), env.theme.style(ink));
        }
        if self.found.is_empty() && self.asked.is_none() && !self.typed.text().trim().is_empty() {
            canvas.text(canvas::row(inside, 1), 0, LABEL, &env.t("link-nobody"), env.theme.style(Ink::Warn));
        }
    }
}
