//! The form for a customer, new or changed, made from the schema.
//!
//! Values are judged while they are typed, duplicates are asked for once a value is whole and the cursor leaves it or
//! rests, and a masked value can be typed over without being seen.
//! **Invariant:** only parts that were changed are written; what somebody else wrote meanwhile is never overwritten
//! unseen: a conflict shows it and waits for another save.

mod draft;
mod draw;
mod loss;
mod outline;
mod part;
mod save;

use ratatui::layout::Rect;

use self::outline::parts;
use self::part::{Editor, Input, Judged, Known, Mark, Part, PartId, Whole};
use super::area::Went;
use super::leaving::{Leaving, confirms};
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Draft, Handled, Panel, Typing};
use crate::app::widget::canvas::Canvas;
use crate::app::widget::field::Field;
use crate::clock::Timestamp;
use crate::domain::id::CustomerId;
use crate::service::view::CustomerDetail;
use crate::service::{Action, Done};

pub(super) use self::draft::NAME;
pub(super) use self::loss::step_text;

/// How long a cursor rests in a complete value before duplicates are asked for, in milliseconds.
const REST: i64 = 1_500;

/// The form.
#[derive(Debug)]
pub struct CustomerForm {
    subject: Subject,
    parts: Vec<Part>,
    at: usize,
    leaving: Leaving,
    saving: Option<Ticket>,
    /// Which part each question for duplicates is about.
    duplicates: Vec<(Ticket, usize)>,
    /// When a key last came.
    touched: Timestamp,
    /// Whose parts somebody else changed meanwhile.
    conflict: Vec<PartId>,
    /// What is to be put in once the customer is open.
    kept: Option<draft::Kept>,
}

/// Whom it is about.
#[derive(Debug)]
enum Subject {
    New,
    /// The customer as it was when the form was opened or last met a conflict.
    Edited(Box<CustomerDetail>),
    /// A customer whom a draft was about, being opened.
    Opening(CustomerId, Option<Ticket>),
}

impl CustomerForm {
    /// A form for a new customer.
    pub fn add(env: &Env) -> Self {
        let parts = parts(env, None);
        let at = parts.iter().position(|p| p.id == PartId::Name).unwrap_or(0);
        Self::on(Subject::New, parts, at, env)
    }

    /// A form for a customer who is open.
    pub fn edit(env: &Env, detail: &CustomerDetail) -> Self {
        let parts = parts(env, Some(detail));
        let at = parts.iter().position(|p| p.id == PartId::Name).unwrap_or(0);
        Self::on(Subject::Edited(Box::new(detail.clone())), parts, at, env)
    }

    fn on(subject: Subject, parts: Vec<Part>, at: usize, env: &Env) -> Self {
        Self {
            subject,
            parts,
            at,
            leaving: Leaving::No,
            saving: None,
            duplicates: Vec::new(),
            touched: env.now,
            conflict: Vec::new(),
            kept: None,
        }
    }

    /// Puts the cursor on the part with this word, such as `mobile`.
    pub fn focus(&mut self, code: &str) {
        if let Some(at) = self.parts.iter().position(|p| p.id.code() == code) {
            self.at = at;
        }
    }

    fn whole(&self) -> Whole {
        match self.subject {
            Subject::New => Whole::New,
            Subject::Edited(_) | Subject::Opening(..) => Whole::Edited,
        }
    }

    fn is_dirty(&self) -> bool {
        self.parts.iter().any(|part| match (&part.input, &self.subject) {
            // A new customer's choices stand at their defaults; only what was typed would be lost.
            (Input::Choice(_), Subject::New) => false,
            _ => part.is_changed(),
        })
    }

    fn part(&self) -> Option<&Part> {
        self.parts.get(self.at)
    }

    /// Leaves the present part for the next one that can be changed.
    fn step(&mut self, env: &mut Env, step: isize) {
        self.leave(env);
        let count = self.parts.len().max(1);
        let mut at = self.at;
        for _ in 0..count {
            at = at.checked_add_signed(step).unwrap_or(count - 1) % count;
            if self.parts.get(at).is_some_and(|p| !matches!(p.input, Input::Fixed(_))) {
                break;
            }
        }
        self.at = at;
    }

    fn leave(&mut self, env: &mut Env) {
        if let Some(part) = self.parts.get_mut(self.at) {
            part.judge(env, Judged::Left);
        }
        self.ask_duplicates(env);
    }

    fn ask_duplicates(&mut self, env: &mut Env) {
        let at = self.at;
        let Some(part) = self.parts.get_mut(at) else { return };
        if let Some((key, text)) = part.to_ask(env) {
            part.asked.clone_from(&text);
            let ticket = env.perform(Action::CheckDuplicate(key, text));
            self.duplicates.push((ticket, at));
        }
    }

    fn name(&self, env: &Env) -> String {
        let typed = self.parts.iter().find(|p| p.id == PartId::Name).map(|part| match &part.input {
            Input::Text(text) if !text.editor.text().trim().is_empty() => text.editor.text().trim().to_owned(),
            Input::Text(text) => text.stored.text().to_owned(),
            Input::Choice(_) | Input::Fixed(_) => String::new(),
        });
        typed.filter(|name| !name.is_empty()).unwrap_or_else(|| env.t("form-nameless"))
    }

    /// A key in a text part; the width of its editor is that of the last-drawn form at this size.
    fn type_key(&mut self, env: &mut Env, key: Key) -> Handled {
        let cells = draw::value_cells(env.size.0);
        let Some(part) = self.parts.get_mut(self.at) else { return Handled::No };
        let Input::Text(text) = &mut part.input else { return Handled::No };
        let takes_out = matches!(key.code, KeyCode::Backspace | KeyCode::Delete);
        if takes_out && text.is_kept_mask() {
            text.mark = Mark::Cleared;
            return Handled::Yes;
        }
        if text.mark != Mark::Typed && (takes_out || key.typed().is_some()) {
            text.mark = Mark::Typed;
            if takes_out {
                return Handled::Yes;
            }
        }
        let went = match &mut text.editor {
            Editor::Line(line) => match line.key(key) {
                Handled::Yes => Went::Within,
                Handled::No => Went::Nowhere,
            },
            Editor::Area(area) => area.key(key, cells),
        };
        match went {
            Went::Within => {
                part.known = None;
                part.judge(env, Judged::Typing);
                Handled::Yes
            }
            Went::Above => {
                self.step(env, -1);
                Handled::Yes
            }
            Went::Below => {
                self.step(env, 1);
                Handled::Yes
            }
            Went::Nowhere => Handled::No,
        }
    }

    fn choose_key(&mut self, env: &Env, key: Key) -> Handled {
        let Some(Part { input: Input::Choice(choice), .. }) = self.parts.get_mut(self.at) else { return Handled::No };
        match key.code {
            KeyCode::Left => choice.step(-1),
            KeyCode::Right | KeyCode::Char(' ' | '\u{3000}') => choice.step(1),
            _ => match key.typed() {
                Some(letter) => choice.jump(env, letter),
                None => return Handled::No,
            },
        }
        Handled::Yes
    }

    fn decline(&mut self) -> Handled {
        let Some(part) = self.parts.get_mut(self.at) else { return Handled::No };
        if let (PartId::Field(_), Input::Text(text)) = (&part.id, &mut part.input) {
            text.mark = if text.mark == Mark::Declined { Mark::Typed } else { Mark::Declined };
            part.fault = None;
        }
        Handled::Yes
    }
}

impl Panel for CustomerForm {
    fn places(&self) -> Vec<Place> {
        vec![Place::Form]
    }

    fn typing(&self) -> Typing {
        Typing::Text
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::NextField, Cmd::Decline, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        if let Subject::Opening(id, ticket @ None) = &mut self.subject {
            *ticket = Some(env.perform(Action::OpenCustomer(*id)));
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        self.touched = env.now;
        match cmd {
            Cmd::Back if self.leaving == Leaving::Asked => self.leaving = Leaving::No,
            Cmd::Back if self.is_dirty() => self.leaving = Leaving::Asked,
            Cmd::Back => env.close(),
            Cmd::Save => {
                self.leaving = Leaving::No;
                self.leave(env);
                self.save(env);
            }
            Cmd::NextField => self.step(env, 1),
            Cmd::PreviousField => self.step(env, -1),
            Cmd::Decline => return self.decline(),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn unavailable(&self, _env: &Env, cmd: Cmd) -> Option<&'static str> {
        let field = self.part().is_some_and(|p| matches!(p.id, PartId::Field(_)));
        (cmd == Cmd::Decline && !field).then_some("why-not-a-field")
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        self.touched = env.now;
        if self.leaving == Leaving::Asked {
            self.leaving = Leaving::No;
            if confirms(key) {
                env.say(env.t("form-discarded"));
                env.close();
            }
            return Handled::Yes;
        }
        if self.saving.is_some() {
            return Handled::Yes;
        }
        if self.type_key(env, key) == Handled::Yes {
            return Handled::Yes;
        }
        if self.choose_key(env, key) == Handled::Yes {
            self.ask_why_lost(env);
            return Handled::Yes;
        }
        match key.code {
            KeyCode::Enter if self.at + 1 == self.parts.len() => {
                self.leave(env);
                self.save(env);
            }
            KeyCode::Enter | KeyCode::Down => self.step(env, 1),
            KeyCode::Up => self.step(env, -1),
            KeyCode::PageDown => (0..8).for_each(|_| self.step(env, 1)),
            KeyCode::PageUp => (0..8).for_each(|_| self.step(env, -1)),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn paste(&mut self, env: &mut Env, text: &str) {
        self.touched = env.now;
        if let Some(Part { input: Input::Text(part), .. }) = self.parts.get_mut(self.at) {
            part.mark = Mark::Typed;
            part.editor.paste(text);
        }
        if let Some(part) = self.parts.get_mut(self.at) {
            part.judge(env, Judged::Typing);
        }
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.saving == Some(ticket) {
            return self.saved(env, reply);
        }
        if let Some(place) = self.duplicates.iter().position(|(asked, _)| *asked == ticket) {
            let (_, at) = self.duplicates.swap_remove(place);
            return self.take_duplicates(env, at, reply);
        }
        match (&self.subject, reply) {
            (Subject::Opening(_, Some(asked)), Ok(Answer::Done(Done::Customer(detail)))) if *asked == ticket => {
                let kept = self.kept.take();
                *self = Self::edit(env, &detail);
                if let Some(kept) = kept {
                    self.put_in(env, &kept);
                }
            }
            (Subject::Opening(_, Some(asked)), Err(refusal)) if *asked == ticket => {
                env.refuse(&refusal);
                env.close();
            }
            _ => {}
        }
    }

    fn tick(&mut self, env: &mut Env) {
        if env.now.since(self.touched) >= REST {
            self.ask_duplicates(env);
        }
    }

    fn draft(&self) -> Option<Draft> {
        self.is_dirty().then(|| self.keep())
    }

    fn customer(&self) -> Option<CustomerId> {
        match &self.subject {
            Subject::New => None,
            Subject::Edited(detail) => Some(detail.profile.id),
            Subject::Opening(id, _) => Some(*id),
        }
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        draw::form(self, env, area, canvas);
    }
}

impl CustomerForm {
    fn take_duplicates(&mut self, env: &Env, at: usize, reply: Reply) {
        let own = self.customer();
        let Some(part) = self.parts.get_mut(at) else { return };
        // A refusal is no fault of the value; the save will say what is to be said.
        let Ok(Answer::Done(Done::Duplicates { within, beyond })) = reply else { return };
        let others: Vec<_> = within.iter().filter(|row| Some(row.id) != own).collect();
        let who = others.first().map(|row| match &row.owner {
            Some(owner) => env.ta("form-known-owner", &[("name", &row.name.text()), ("id", &row.id), ("owner", owner)]),
            None => env.ta("form-known-pool", &[("name", &row.name.text()), ("id", &row.id)]),
        });
        let more = beyond + u64::try_from(others.len().saturating_sub(1)).unwrap_or(0);
        part.known = (who.is_some() || more > 0).then_some(Known { who, more });
    }
}
