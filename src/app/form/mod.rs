//! Forms: layers in which something new is written.
//!
//! **Invariant:** a form that was begun survives a lock: its `draft` says what was typed, [`restore`] makes it anew.

pub mod area;
pub mod assign;
pub mod bulk;
pub mod case;
pub mod consent;
pub mod customer;
pub mod deal;
pub mod erase;
pub mod export;
pub mod factor;
pub mod field;
pub mod follow_up;
pub mod interaction;
pub mod label;
pub mod leaving;
pub mod line;
pub mod link;
pub mod message;
pub mod passphrase;
pub mod pool_days;
pub mod protection;
pub mod reading;
pub mod recovery;
pub mod rule;
pub mod saved_view;
pub mod setting;
pub mod snooze;
pub mod split;
pub mod staff;
pub mod staff_key;
pub mod stage;
pub mod template;
pub mod touch;
pub mod wording;

use std::fmt::Debug;

use ratatui::layout::Rect;

use super::commands::{Cmd, Place};
use super::env::Env;
use super::key::{Key, KeyCode};
use super::msg::{Answer, Reply, Ticket};
use super::panel::{Draft, Handled, Panel, Typing};
use super::widget::canvas::Canvas;
use super::widget::field::Field;
use super::widget::input::LineInput;
use crate::domain::id::CustomerId;
use crate::service::Action;
use crate::service::refusal::Refusal;
use leaving::{Leaving, confirms};

/// A form as it was kept, or nothing if it is none that is known. `name` and `content` are what its `draft` gave.
pub fn restore(env: &Env, name: &str, content: &[u8]) -> Option<Box<dyn Panel>> {
    match name {
        customer::NAME => Some(Box::new(customer::CustomerForm::restore(env, content)?)),
        interaction::NAME => Some(Box::new(interaction::InteractionForm::restore(content)?)),
        follow_up::NAME => Some(Box::new(follow_up::FollowUpForm::restore(content)?)),
        consent::NAME => Some(Box::new(consent::ConsentForm::restore(content)?)),
        case::NAME => Some(Box::new(case::CaseForm::restore(content)?)),
        deal::NAME => Some(Box::new(deal::DealForm::restore(env, content)?)),
        _ => None,
    }
}

/// A short form: what it holds, what it asks of the door on save, and how it looks. The rest of a [`Panel`] is the same
/// for all of them and stands here once.
pub trait Form: Debug + Send {
    /// The commands that the footer shows; those of them that need a part of a form work in this one.
    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::NextField, Cmd::Back]
    }

    /// Further commands that need a part of a form and work in this one.
    fn commands(&self) -> &[Cmd] {
        &[]
    }

    /// What Enter does at once in this form, so that the footer names that key.
    fn on_enter(&self) -> Option<Cmd> {
        None
    }

    /// Becomes visible.
    fn enter(&mut self, _env: &mut Env) {}

    /// What is to be asked of the door; nothing where the form said what is missing, or went on by itself.
    fn save(&mut self, env: &mut Env) -> Option<Action>;

    /// The answer that it waits for, if it waits for one.
    fn saving(&mut self) -> &mut Option<Ticket>;

    /// Saves, unless that is under way.
    fn submit(&mut self, env: &mut Env) {
        if self.saving().is_none()
            && let Some(action) = self.save(env)
        {
            *self.saving() = Some(env.perform(action));
        }
    }

    /// It was done.
    fn done(&mut self, env: &mut Env, answer: Answer);

    /// It was refused.
    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        env.refuse(refusal);
    }

    /// An answer to something else that it asked.
    fn other(&mut self, _env: &mut Env, _ticket: Ticket, _reply: Reply) {}

    /// Another field gets the keys.
    fn step(&mut self, _step: Step) {}

    /// Whether something in it would be lost.
    fn is_dirty(&self) -> bool {
        false
    }

    /// Whether it has asked if it should be left, where it asks that.
    fn leaving(&mut self) -> Option<&mut Leaving> {
        None
    }

    /// Goes back one level; asks first where something would be lost.
    fn back(&mut self, env: &mut Env) {
        let dirty = self.is_dirty();
        match self.leaving() {
            Some(leaving @ Leaving::Asked) => *leaving = Leaving::No,
            Some(leaving) if dirty => *leaving = Leaving::Asked,
            _ => env.close(),
        }
    }

    /// Carries out a command that this form has and others have not.
    fn own(&mut self, _env: &mut Env, _cmd: Cmd) -> Handled {
        Handled::No
    }

    /// The line that is all there is to write, where that is so: Enter saves it.
    fn line(&mut self) -> Option<&mut LineInput> {
        None
    }

    /// A key that is no command.
    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match self.line() {
            None => Handled::No,
            Some(_) if key.code == KeyCode::Enter => {
                self.submit(env);
                Handled::Yes
            }
            Some(line) => line.key(key),
        }
    }

    /// Pasted text.
    fn paste(&mut self, _env: &mut Env, text: &str) {
        if let Some(line) = self.line() {
            line.paste(text);
        }
    }

    /// What of it is worth keeping over a lock.
    fn draft(&self) -> Option<Draft> {
        None
    }

    /// The customer that it is about, if it is about one.
    fn customer(&self) -> Option<CustomerId> {
        None
    }

    /// Draws itself into `area`.
    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>);
}

/// Which field gets the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The one below, from the last the first.
    Next,
    /// The one above, from the first the last.
    Previous,
}

impl Step {
    /// Where it leads from field `at` of so many.
    pub fn from(self, at: usize, count: usize) -> usize {
        match self {
            Self::Next => (at + 1) % count.max(1),
            Self::Previous => at.checked_sub(1).unwrap_or(count.saturating_sub(1)),
        }
    }

    /// The one that it leads to from `now` in a list, round its ends.
    pub fn along<T: Copy + PartialEq>(self, all: &[T], now: T) -> T {
        let at = all.iter().position(|one| *one == now).unwrap_or(0);
        all.get(self.from(at, all.len())).copied().unwrap_or(now)
    }
}

impl<F: Form> Panel for F {
    fn places(&self) -> Vec<Place> {
        vec![Place::Form]
    }

    fn typing(&self) -> Typing {
        Typing::Text
    }

    fn on_enter(&self) -> Option<Cmd> {
        Form::on_enter(self)
    }

    fn footer(&self) -> Vec<Cmd> {
        Form::footer(self)
    }

    fn enter(&mut self, env: &mut Env) {
        Form::enter(self, env);
    }

    fn unavailable(&self, _env: &Env, cmd: Cmd) -> Option<&'static str> {
        match cmd {
            _ if Form::footer(self).contains(&cmd) || Form::commands(self).contains(&cmd) => None,
            Cmd::Decline => Some("why-not-a-field"),
            Cmd::ContactKind | Cmd::ContactDirection | Cmd::ChooseTemplate | Cmd::CopyMessage => {
                Some("why-not-a-contact")
            }
            _ => None,
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match cmd {
            Cmd::Back => self.back(env),
            Cmd::Save => self.submit(env),
            Cmd::NextField => self.step(Step::Next),
            Cmd::PreviousField => self.step(Step::Previous),
            _ => return self.own(env, cmd),
        }
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if let Some(leaving @ Leaving::Asked) = self.leaving() {
            *leaving = Leaving::No;
            if confirms(key) {
                env.close();
            }
            return Handled::Yes;
        }
        Form::key(self, env, key)
    }

    fn paste(&mut self, env: &mut Env, text: &str) {
        Form::paste(self, env, text);
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.saving().take_if(|saving| *saving == ticket).is_none() {
            return self.other(env, ticket, reply);
        }
        match reply {
            Ok(answer) => self.done(env, answer),
            Err(refusal) => self.refused(env, &refusal),
        }
    }

    fn draft(&self) -> Option<Draft> {
        Form::draft(self)
    }

    fn customer(&self) -> Option<CustomerId> {
        Form::customer(self)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        Form::draw(self, env, area, canvas);
    }
}

/// Says why something stays as it is. Where somebody changed it since, what is behind shows how it stands now.
fn stays(env: &mut Env, refusal: &Refusal) {
    env.refuse(refusal);
    if matches!(refusal, Refusal::Conflict(_) | Refusal::NotFound(_) | Refusal::Deal(_)) {
        env.changed();
        env.close();
    }
}
