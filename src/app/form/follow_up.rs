//! Setting a reminder, writing one anew, and finishing one with the next: when, what and how often, read back while it is
//! typed.
//!
//! **Invariant:** what is kept is what was read back; a due time that was not touched stays, even one that is over.

use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::leaving::{self, Leaving};
use super::line::{self, Focus, LABEL};
use super::reading::{Reading, due, fault_words};
use super::{Form, Step, stays};
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::{Draft, Handled};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::clock::Timestamp;
use crate::domain::follow_up::FollowUp;
use crate::domain::id::{CustomerId, FollowUpId};
use crate::domain::recurrence::{Recurrence, RecurrenceFault};
use crate::service::refusal::Refusal;
use crate::service::view::FollowUpRow;
use crate::service::{Action, Done, FollowUpChange, NextStep};
use crate::text::Printable;

/// The form's name among drafts.
pub(super) const NAME: &str = "follow-up";

/// The form.
#[derive(Debug)]
pub struct FollowUpForm {
    customer: CustomerId,
    name: Printable,
    purpose: Purpose,
    when: LineInput,
    what: LineInput,
    again: LineInput,
    at: Line,
    leaving: Leaving,
    saving: Option<Ticket>,
    said: Option<String>,
}

#[derive(Debug)]
enum Purpose {
    Add,
    Finish { id: FollowUpId, version: u64, text: Printable },
    Edit(Box<Standing>),
}

/// A reminder as it stands, with what its lines were filled with.
#[derive(Debug)]
struct Standing {
    task: FollowUp,
    when: String,
    again: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    When,
    What,
    Again,
}

impl Line {
    const ALL: [Self; 3] = [Self::When, Self::What, Self::Again];
}

#[derive(Serialize, Deserialize)]
struct Kept {
    customer: u64,
    name: String,
    when: String,
    what: String,
    #[serde(default)]
    again: String,
}

impl FollowUpForm {
    /// A form for a new reminder about a customer, shown by this name.
    pub fn add(customer: CustomerId, name: &str) -> Self {
        Self {
            customer,
            name: Printable::line(name),
            purpose: Purpose::Add,
            when: LineInput::default().at_most(200),
            what: LineInput::default(),
            again: LineInput::default().at_most(200),
            at: Line::When,
            leaving: Leaving::No,
            saving: None,
            said: None,
        }
    }

    /// A form that finishes a reminder, with the next one if one is written.
    pub fn finish(row: &FollowUpRow) -> Self {
        let task = &row.follow_up;
        Self {
            purpose: Purpose::Finish { id: task.id, version: task.version, text: task.text.clone() },
            ..Self::add(task.customer, row.customer.text())
        }
    }

    /// A form that writes a reminder anew.
    pub fn edit(env: &Env, row: &FollowUpRow) -> Self {
        let task = row.follow_up.clone();
        let mut form = Self::add(task.customer, row.customer.text());
        let when = task.due.at(env.offset).format("%Y-%m-%d %H:%M").to_string();
        let again = task.repeats.as_ref().map(|repeats| repeats.words(env.words.lang)).unwrap_or_default();
        form.when.set(&when);
        form.what.set(task.text.as_str());
        form.again.set(&again);
        form.purpose = Purpose::Edit(Box::new(Standing { task, when, again }));
        form
    }

    /// The form as a draft left it. A reminder to be finished is not kept: it may be finished by then.
    pub fn restore(content: &[u8]) -> Option<Self> {
        let kept: Kept = serde_json::from_slice(content).ok()?;
        let mut form = Self::add(CustomerId(kept.customer), &kept.name);
        form.when.set(&kept.when);
        form.what.set(&kept.what);
        form.again.set(&kept.again);
        Some(form)
    }

    /// The date as it reads; one that was not touched is the one that stands.
    fn reading(&self, env: &Env) -> Reading {
        match &self.purpose {
            Purpose::Edit(was) if self.when.text() == was.when => Reading::Step(was.task.due, Printable::line("")),
            _ => Reading::of(env, self.when.text()),
        }
    }

    /// How often it comes, first at `due`.
    fn repeats(&self, env: &Env, due: Timestamp) -> Result<Option<Recurrence>, RecurrenceFault> {
        let text = self.again.text().trim();
        match &self.purpose {
            _ if text.is_empty() => Ok(None),
            Purpose::Edit(was) if text == was.again && due == was.task.due => Ok(was.task.repeats.clone()),
            _ => Recurrence::read(text, due.at(env.offset).naive_local()).map(Some),
        }
    }

    /// The step as written; `Err` says what is wrong with it.
    fn written(&self, env: &Env) -> Result<Option<NextStep>, String> {
        let typed = self.what.text().trim();
        match (self.reading(env), &self.purpose) {
            (Reading::Fault(fault), _) => Err(fault_words(env, fault)),
            (Reading::Nothing, Purpose::Finish { .. }) if typed.is_empty() => Ok(None),
            (Reading::Nothing, _) => Err(env.t("when-empty")),
            (Reading::Step(due, said), purpose) => {
                let same = match purpose {
                    Purpose::Finish { text, .. } => text.as_str(),
                    Purpose::Add | Purpose::Edit(_) => "",
                };
                let words = [typed, said.as_str(), same].into_iter().find(|words| !words.is_empty());
                let words = words.ok_or_else(|| env.t("follow-up-what-missing"))?;
                let repeats = self.repeats(env, due).map_err(|fault| env.t(fault_key(fault)))?;
                Ok(Some(NextStep { repeats, ..NextStep::once(due, Printable::line(words)) }))
            }
        }
    }

    /// How often it comes, in words.
    fn said_again(&self, env: &Env, reading: &Reading) -> (String, Ink) {
        let due = if let Reading::Step(due, _) = reading { *due } else { env.now };
        match self.repeats(env, due) {
            Ok(None) => (env.t("follow-up-hint-again"), Ink::Dim),
            Ok(Some(repeats)) => (repeats.words(env.words.lang), Ink::Good),
            Err(fault) => (format!("! {}", env.t(fault_key(fault))), Ink::Bad),
        }
    }

    fn field(&mut self) -> &mut LineInput {
        match self.at {
            Line::When => &mut self.when,
            Line::What => &mut self.what,
            Line::Again => &mut self.again,
        }
    }
}

impl Form for FollowUpForm {
    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let step = match self.written(env) {
            Ok(step) => step,
            Err(why) => {
                self.at = match self.reading(env) {
                    Reading::Step(due, _) if self.repeats(env, due).is_err() => Line::Again,
                    Reading::Step(..) => Line::What,
                    Reading::Nothing | Reading::Fault(_) => Line::When,
                };
                env.bad(why);
                return None;
            }
        };
        self.said = step.as_ref().map(|step| due(env, step.due));
        match (&self.purpose, step) {
            (Purpose::Finish { id, version, .. }, step) => Some(Action::FinishFollowUp(*id, *version, step)),
            (Purpose::Add, step) => Some(Action::AddFollowUp(self.customer, step?)),
            (Purpose::Edit(was), step) => {
                let NextStep { due, text, repeats } = step?;
                let new = FollowUpChange { due, text, repeats };
                Some(Action::EditFollowUp(was.task.id, was.task.version, new))
            }
        }
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.along(&Line::ALL, self.at);
    }

    fn is_dirty(&self) -> bool {
        match &self.purpose {
            Purpose::Edit(was) => {
                let same = self.what.text() == was.task.text.as_str();
                !same || self.when.text() != was.when || self.again.text() != was.again
            }
            Purpose::Add | Purpose::Finish { .. } => {
                [&self.when, &self.what, &self.again].iter().any(|line| !line.is_empty())
            }
        }
    }

    fn leaving(&mut self) -> Option<&mut Leaving> {
        Some(&mut self.leaving)
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.saving.is_some() || self.field().key(key) == Handled::Yes {
            return Handled::Yes;
        }
        match (key.code, self.at) {
            // With a date that says what is to be done, or none where none is needed, Enter is all.
            (KeyCode::Enter, Line::When) => match self.written(env) {
                Ok(_) => self.submit(env),
                Err(why) if matches!(self.reading(env), Reading::Step(..)) => {
                    env.say(why);
                    self.at = Line::What;
                }
                Err(why) => env.bad(why),
            },
            (KeyCode::Enter, Line::What | Line::Again) => self.submit(env),
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
        if !matches!(answer, Answer::Done(Done::Logged | Done::Done)) {
            return;
        }
        env.good(match (&self.purpose, &self.said) {
            (Purpose::Edit(_), _) => env.t("follow-up-changed"),
            (Purpose::Add, Some(when)) => env.ta("follow-up-set", &[("when", when)]),
            (Purpose::Finish { .. }, Some(when)) => env.ta("follow-up-done-next", &[("when", when)]),
            (_, None) => env.t("follow-up-done"),
        });
        env.changed();
        env.close();
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        stays(env, refusal);
    }

    fn draft(&self) -> Option<Draft> {
        if !self.is_dirty() || !matches!(self.purpose, Purpose::Add) {
            return None;
        }
        let kept = Kept {
            customer: self.customer.0,
            name: self.name.as_str().to_owned(),
            when: self.when.text().to_owned(),
            what: self.what.text().to_owned(),
            again: self.again.text().to_owned(),
        };
        let content = Zeroizing::new(serde_json::to_vec(&kept).ok()?);
        Some(Draft { form: NAME, content })
    }

    fn customer(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let (title, first, nothing) = match &self.purpose {
            Purpose::Add => (env.ta("follow-up-title", &[("name", &self.name)]), None, env.t("follow-up-hint-when")),
            Purpose::Finish { text, .. } => (
                env.ta("follow-up-title-done", &[("name", &self.name)]),
                Some(env.ta("follow-up-finishing", &[("text", text)])),
                env.t("follow-up-hint-next"),
            ),
            Purpose::Edit(_) => {
                (env.ta("follow-up-title-edit", &[("name", &self.name)]), None, env.t("follow-up-hint-when"))
            }
        };
        let inside = frame::sheet(env, canvas, area, 8 + u16::from(first.is_some()), &title);
        let mut row = 0;
        if let Some(first) = first {
            canvas.text(inside, 0, 0, &first, style(Ink::Plain));
            row = 1;
        }
        line::draw(env, canvas, (inside, row), &env.t("follow-up-when"), &self.when, Focus::on(self.at, Line::When));
        let reading = self.reading(env);
        let (words, ink) = reading.words(env, &nothing);
        canvas.text(canvas::row(inside, row + 1), 0, LABEL, &words, style(ink));
        line::draw(
            env,
            canvas,
            (inside, row + 2),
            &env.t("follow-up-what"),
            &self.what,
            Focus::on(self.at, Line::What),
        );
        let again = env.t("follow-up-again");
        line::draw(env, canvas, (inside, row + 3), &again, &self.again, Focus::on(self.at, Line::Again));
        let (words, ink) = self.said_again(env, &reading);
        canvas.text(canvas::row(inside, row + 4), 0, LABEL, &words, style(ink));
        let foot = canvas::row(inside, row + 5);
        leaving::foot(env, canvas, (foot, 0), self.leaving, &self.saving);
    }
}

fn fault_key(fault: RecurrenceFault) -> &'static str {
    match fault {
        RecurrenceFault::Unread => "again-unread",
        RecurrenceFault::TooOften => "again-too-often",
        RecurrenceFault::Never => "again-never",
    }
}
