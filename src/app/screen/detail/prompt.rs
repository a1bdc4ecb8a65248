//! The prompt in place: reveal, copy, verify, replace.
//!
//! **Invariant:** the key that opened a prompt never confirms it; a prompt that is left forgets what was typed.

use ratatui::layout::Rect;

use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::Key;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::clear::ClearInput;
use crate::app::widget::frame::boxed;
use crate::app::wording;
use crate::domain::field::FieldKey;
use crate::domain::id::CustomerId;
use crate::domain::value;
use crate::privacy::reveal::Revealed;
use crate::service::view::{CustomerDetail, Match, Shown};
use crate::service::{Action, Change, Done, Query, Refusal, View};
use crate::text::Printable;

use super::grant::{Aim, Grant};

/// A prompt about one field.
#[derive(Debug)]
pub struct Prompt {
    /// Which field.
    pub field: FieldKey,
    kind: Kind,
    fault: Option<String>,
    waiting: Option<Ticket>,
    /// The version that somebody else has changed since: until the customer is read anew, nothing is saved over it.
    outdated: Option<u64>,
    /// The ticket that was given with the last reason.
    ticket: Option<Printable>,
}

#[derive(Debug)]
enum Kind {
    Grant(Box<Grant>),
    Verify(ClearInput),
    Replace(ClearInput),
}

/// What came of an answer.
#[derive(Debug)]
pub enum Came {
    /// The prompt stays.
    Nothing,
    /// The prompt stays, and what is known of the customer is out of date.
    Stale,
    /// The prompt has done its work, or cannot.
    Closed,
    /// A value to show.
    Revealed(Revealed),
    /// A value for the clipboard.
    Copied(Revealed),
    /// The new value is saved.
    Saved,
}

impl Prompt {
    /// Asks for a reason to see the field.
    pub fn reveal(env: &mut Env, customer: CustomerId, field: FieldKey) -> Self {
        Self::grant(env, customer, field, Aim::Reveal)
    }

    /// Asks for a reason to copy the field.
    pub fn copy(env: &mut Env, customer: CustomerId, field: FieldKey) -> Self {
        Self::grant(env, customer, field, Aim::Copy)
    }

    fn grant(env: &mut Env, customer: CustomerId, field: FieldKey, aim: Aim) -> Self {
        let asked = env.ask(Query::RevealPrompt(customer, field.clone()));
        Self {
            field,
            kind: Kind::Grant(Box::new(Grant::new(aim, asked))),
            fault: None,
            waiting: None,
            outdated: None,
            ticket: None,
        }
    }

    /// Asks what the caller says.
    pub fn verify(field: FieldKey) -> Self {
        Self {
            field,
            kind: Kind::Verify(ClearInput::default()),
            fault: None,
            waiting: None,
            outdated: None,
            ticket: None,
        }
    }

    /// Asks for the new value.
    pub fn replace(field: FieldKey) -> Self {
        Self {
            field,
            kind: Kind::Replace(ClearInput::default()),
            fault: None,
            waiting: None,
            outdated: None,
            ticket: None,
        }
    }

    /// Carries a command out.
    pub fn run(&mut self, env: &mut Env, customer: &CustomerDetail, cmd: Cmd) -> Handled {
        match (cmd, &mut self.kind) {
            (Cmd::Submit, _) => self.confirm(env, customer),
            (Cmd::NextField, Kind::Grant(grant)) => grant.next_field(),
            (Cmd::PreviousField, Kind::Grant(grant)) => grant.previous_field(),
            (Cmd::NextField | Cmd::PreviousField, _) => {}
            _ => return Handled::No,
        }
        Handled::Yes
    }

    /// A key that is no command.
    pub fn key(&mut self, env: &Env, _customer: &CustomerDetail, key: Key) -> Handled {
        if self.waiting.is_some() {
            return Handled::Yes;
        }
        match &mut self.kind {
            Kind::Grant(grant) => {
                self.fault = None;
                grant.key(key)
            }
            Kind::Verify(line) => {
                self.fault = None;
                line.key(key)
            }
            Kind::Replace(line) => {
                let handled = line.key(key);
                self.fault = fault_while_typing(env, &self.field, line.text());
                handled
            }
        }
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        match &mut self.kind {
            _ if self.waiting.is_some() => {}
            Kind::Grant(grant) => grant.paste(text),
            Kind::Verify(line) | Kind::Replace(line) => line.paste(text),
        }
    }

    fn confirm(&mut self, env: &mut Env, customer: &CustomerDetail) {
        if self.waiting.is_some() || self.outdated == Some(customer.profile.version) {
            return;
        }
        let id = customer.profile.id;
        let field = self.field.clone();
        let action = match &mut self.kind {
            Kind::Grant(grant) if grant.says.is_none() => {
                grant.confirm_when_known = true;
                return;
            }
            Kind::Grant(grant) => match (grant.reason(env), grant.aim) {
                (Ok(reason), aim) => {
                    self.ticket.clone_from(&reason.ticket);
                    match aim {
                        Aim::Reveal => Action::Reveal(id, field, reason),
                        Aim::Copy => Action::Copy(id, field, reason),
                    }
                }
                (Err(fault), _) => {
                    self.fault = Some(fault);
                    return;
                }
            },
            Kind::Verify(line) | Kind::Replace(line) if line.is_empty() => {
                self.fault = Some(env.t("prompt-empty"));
                return;
            }
            Kind::Verify(line) => Action::Verify(id, field, line.copy()),
            Kind::Replace(line) => {
                let change = Change::Set(field, line.copy());
                Action::EditCustomer(id, customer.profile.version, vec![change])
            }
        };
        self.fault = None;
        self.waiting = Some(env.perform(action));
    }

    /// An answer to what was asked here.
    pub fn reply(&mut self, env: &mut Env, customer: &CustomerDetail, ticket: Ticket, reply: Reply) -> Came {
        if let Kind::Grant(grant) = &mut self.kind
            && grant.asked == ticket
        {
            return match reply {
                Ok(Answer::View(View::RevealPrompt(says))) => {
                    grant.learn(says);
                    if grant.confirm_when_known {
                        self.confirm(env, customer);
                    }
                    Came::Nothing
                }
                Ok(_) => Came::Closed,
                Err(refusal) => {
                    env.refuse(&refusal);
                    Came::Closed
                }
            };
        }
        if self.waiting != Some(ticket) {
            return Came::Nothing;
        }
        self.waiting = None;
        match (reply, &mut self.kind) {
            (Ok(Answer::Done(Done::Revealed(value))), Kind::Grant(grant)) => match grant.aim {
                Aim::Reveal => Came::Revealed(value),
                Aim::Copy => Came::Copied(value),
            },
            (Ok(Answer::Done(Done::Saved(..))), Kind::Replace(_)) => Came::Saved,
            (Ok(Answer::Done(Done::Verified(verdict))), Kind::Verify(line)) => {
                let name = wording::field_key(env, &self.field);
                match verdict.matched {
                    Match::Yes => {
                        let text = env.ta("verify-yes", &[("field", &name)]);
                        env.good(text);
                        Came::Closed
                    }
                    Match::No => {
                        line.clear();
                        self.fault = Some(env.ta("verify-no", &[("n", &verdict.tries_left)]));
                        Came::Nothing
                    }
                }
            }
            (Ok(_), _) => Came::Closed,
            (Err(refusal), _) => {
                if let Refusal::Conflict(_) = refusal {
                    self.outdated = Some(customer.profile.version);
                    self.fault = Some(env.t("replace-conflict-reading"));
                    return Came::Stale;
                }
                self.fault = Some(wording::refusal(env, &refusal));
                Came::Nothing
            }
        }
    }

    /// The customer was read anew: after a conflict, what stands there now is said before anything is saved over it.
    pub fn refreshed(&mut self, env: &Env, customer: &CustomerDetail) {
        if self.outdated.take_if(|version| *version != customer.profile.version).is_none() {
            return;
        }
        let shown = customer.fields.iter().find(|field| field.key == self.field).map(|field| &field.shown);
        let now = match shown {
            Some(Shown::Masked(mask)) => mask.as_str().to_owned(),
            _ => env.t("nothing"),
        };
        self.fault = Some(env.ta("replace-conflict", &[("now", &now)]));
    }

    /// The ticket that was given with the reason.
    pub fn ticket(&self) -> Option<Printable> {
        self.ticket.clone()
    }

    /// Whether Tab leads anywhere: a reason has several parts, a value is one line.
    pub fn has_parts(&self) -> bool {
        matches!(self.kind, Kind::Grant(_))
    }

    /// Draws it under row `at` of `area`, or above where there is no room.
    pub fn draw(&self, env: &Env, area: Rect, at: u16, name: &str, canvas: &mut Canvas<'_>) {
        let field = wording::field_key(env, &self.field);
        let args: [(&str, &dyn std::fmt::Display); 2] = [("field", &field), ("name", &name)];
        let (title, rows) = match &self.kind {
            Kind::Grant(grant) => {
                let title = match grant.aim {
                    Aim::Reveal => env.ta("prompt-reveal", &args),
                    Aim::Copy => env.ta("prompt-copy", &args),
                };
                let quota = grant.quota(env);
                let title = if quota.is_empty() { title } else { format!("{title} · {quota}") };
                (title, grant.height(env, area.width.saturating_sub(4)))
            }
            Kind::Verify(_) => (env.ta("prompt-verify", &args), 2),
            Kind::Replace(_) => (env.ta("prompt-replace", &args), 2),
        };
        let height = (rows + 2).min(area.height);
        let below = area.height.saturating_sub(at + 1);
        let top = if below >= height { at + 1 } else { at.saturating_sub(height) };
        let inside = boxed(env, canvas, Rect::new(area.x, area.y + top, area.width, height), &title);
        let waiting = self.waiting.map(|_| env.t("prompt-waiting"));
        let fault = waiting.or_else(|| self.fault.clone());
        match &self.kind {
            Kind::Grant(grant) => grant.draw(env, inside, canvas, fault.as_deref()),
            Kind::Verify(line) | Kind::Replace(line) => {
                line.draw(canvas, row(inside, 0), env.theme.style(Ink::Field));
                let hint = match &self.kind {
                    Kind::Verify(_) => env.t("verify-hint"),
                    _ => env.t("replace-hint"),
                };
                let (say, ink) = fault.map_or((hint, Ink::Dim), |fault| (fault, Ink::Bad));
                canvas.text(inside, 1, 0, &say, env.theme.style(ink));
            }
        }
    }
}

/// What is certainly wrong with a value that is still being typed.
fn fault_while_typing(env: &Env, field: &FieldKey, typed: &str) -> Option<String> {
    let def = env.schema.get(field.as_str())?;
    let region = env.me.as_ref().map_or("", |me| me.policy.default_region.as_str());
    match value::progress(def.kind, typed, region, env.now.at(env.offset).date_naive()) {
        value::Progress::Bad(fault) if !typed.is_empty() => {
            Some(wording::fault_alone(env, &crate::service::refusal::Fault::Value(fault)))
        }
        _ => None,
    }
}
