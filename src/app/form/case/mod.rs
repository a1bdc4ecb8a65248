//! A case, opened or changed: what it is about, by when, and its ticket.
//!
//! **Invariant:** the due time that is kept is the one that was read back.

use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::leaving::{self, Leaving};
use super::line::{self, Focus, LABEL};
use super::{Form, Step, stays};
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::{Draft, Handled};
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::clock::Timestamp;
use crate::domain::case::CaseDraft;
use crate::domain::id::{CaseId, CustomerId};
use crate::domain::when;
use crate::service::refusal::Refusal;
use crate::service::view::{CaseAction, CaseRow};
use crate::service::{Action, Done};
use crate::text::Printable;

/// The form's name among drafts.
pub(super) const NAME: &str = "case";

/// The form.
#[derive(Debug)]
pub struct CaseForm {
    customer: CustomerId,
    name: Printable,
    /// The case that is changed, its version, and the due time that it has.
    of: Option<(CaseId, u64, Option<Timestamp>)>,
    subject: LineInput,
    due: LineInput,
    ticket: LineInput,
    at: Line,
    leaving: Leaving,
    saving: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Subject,
    Due,
    Ticket,
}

const LINES: [Line; 3] = [Line::Subject, Line::Due, Line::Ticket];

#[derive(Serialize, Deserialize)]
struct Kept {
    customer: u64,
    name: String,
    subject: String,
    due: String,
    ticket: String,
}

impl CaseForm {
    /// A form for a new case of a customer, shown by this name.
    pub fn add(customer: CustomerId, name: &str) -> Self {
        Self {
            customer,
            name: Printable::line(name),
            of: None,
            subject: LineInput::default().at_most(200),
            due: LineInput::default().at_most(60),
            ticket: LineInput::default().at_most(64),
            at: Line::Subject,
            leaving: Leaving::No,
            saving: None,
        }
    }

    /// A form that changes a case.
    pub fn edit(env: &Env, row: &CaseRow) -> Self {
        let case = &row.case;
        let mut form = Self::add(case.customer, row.customer.text());
        form.of = Some((case.id, case.version, case.due));
        form.subject.set(case.subject.as_str());
        form.due.set(&case.due.map(|due| written(env, due)).unwrap_or_default());
        form.ticket.set(case.ticket.as_str());
        form
    }

    /// The form as a draft left it. A case that was being changed is not kept: it may have changed by then.
    pub fn restore(content: &[u8]) -> Option<Self> {
        let kept: Kept = serde_json::from_slice(content).ok()?;
        let mut form = Self::add(CustomerId(kept.customer), &kept.name);
        form.subject.set(&kept.subject);
        form.due.set(&kept.due);
        form.ticket.set(&kept.ticket);
        Some(form)
    }

    /// The due time as typed; one that was not touched stays, past or not.
    fn due(&self, env: &Env) -> Result<Option<Timestamp>, String> {
        let typed = self.due.text().trim();
        if typed.is_empty() {
            return Ok(None);
        }
        if let Some((_, _, Some(due))) = self.of
            && typed == written(env, due)
        {
            return Ok(Some(due));
        }
        when::parse(typed, env.now, env.offset).map(Some).map_err(|fault| super::reading::fault_words(env, fault))
    }

    fn input(&self, line: Line) -> &LineInput {
        match line {
            Line::Subject => &self.subject,
            Line::Due => &self.due,
            Line::Ticket => &self.ticket,
        }
    }

    fn field(&mut self) -> &mut LineInput {
        match self.at {
            Line::Subject => &mut self.subject,
            Line::Due => &mut self.due,
            Line::Ticket => &mut self.ticket,
        }
    }
}

/// A moment as it can be read again.
fn written(env: &Env, at: Timestamp) -> String {
    at.at(env.offset).format("%Y-%m-%d %H:%M").to_string()
}

impl Form for CaseForm {
    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let subject = Printable::line(self.subject.text().trim());
        if subject.is_empty() {
            self.at = Line::Subject;
            env.bad(env.t("cases-subject-missing"));
            return None;
        }
        let due = match self.due(env) {
            Ok(due) => due,
            Err(why) => {
                self.at = Line::Due;
                env.bad(why);
                return None;
            }
        };
        let draft = CaseDraft { subject, ticket: Printable::line(self.ticket.text().trim()), due };
        Some(Action::Case(match self.of {
            Some((id, version, _)) => CaseAction::Edit(id, version, draft),
            None => CaseAction::Open(self.customer, draft),
        }))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.along(&LINES, self.at);
    }

    fn is_dirty(&self) -> bool {
        self.of.is_none() && [&self.subject, &self.due, &self.ticket].iter().any(|line| !line.is_empty())
    }

    fn leaving(&mut self) -> Option<&mut Leaving> {
        Some(&mut self.leaving)
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.saving.is_some() || self.field().key(key) == Handled::Yes {
            return Handled::Yes;
        }
        match (key.code, self.at) {
            (KeyCode::Enter, Line::Subject) => self.at = Line::Due,
            (KeyCode::Enter, _) => self.submit(env),
            (KeyCode::Down, _) => self.step(Step::Next),
            (KeyCode::Up, _) => self.step(Step::Previous),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        self.field().paste(text);
    }

    fn done(&mut self, env: &mut Env, answer: Answer) {
        let Answer::Done(Done::Case(_, _, ticket)) = answer else { return };
        let key = if self.of.is_some() { "cases-changed" } else { "cases-opened" };
        env.good(env.ta(key, &[("ticket", &ticket)]));
        env.changed();
        env.close();
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        stays(env, refusal);
    }

    fn draft(&self) -> Option<Draft> {
        if !self.is_dirty() {
            return None;
        }
        let kept = Kept {
            customer: self.customer.0,
            name: self.name.as_str().to_owned(),
            subject: self.subject.text().to_owned(),
            due: self.due.text().to_owned(),
            ticket: self.ticket.text().to_owned(),
        };
        let content = Zeroizing::new(serde_json::to_vec(&kept).ok()?);
        Some(Draft { form: NAME, content })
    }

    fn customer(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let key = if self.of.is_some() { "cases-form-edit" } else { "cases-form-new" };
        let inside = frame::sheet(env, canvas, area, 8, &env.ta(key, &[("name", &self.name)]));
        for (row, (one, label)) in (0_u16..).zip(LINES.into_iter().zip(["subject", "due", "ticket"])) {
            let row = row.saturating_mul(2);
            let label = env.t(&format!("cases-label-{label}"));
            line::draw(env, canvas, (inside, row), &label, self.input(one), Focus::on(self.at, one));
            let (said, ink) = match one {
                Line::Subject => (String::new(), Ink::Plain),
                Line::Ticket => (env.t("cases-ticket-hint"), Ink::Dim),
                Line::Due => match self.due(env) {
                    Ok(None) => (env.t("cases-due-hint"), Ink::Dim),
                    Ok(Some(due)) => (when::show_full(due, env.offset, env.words.lang), Ink::Good),
                    Err(why) => (why, Ink::Warn),
                },
            };
            canvas.text(inside, row.saturating_add(1), LABEL, &said, env.theme.style(ink));
        }
        leaving::foot(env, canvas, (inside, 1), self.leaving, &self.saving);
    }
}
