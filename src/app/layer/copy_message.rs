//! The reason for copying a message with real values in it, each of which counts as a reveal.
//!
//! **Invariant:** the key that opened it never confirms it; how many values leave is said before they do.

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::effect::Effect;
use crate::app::env::Env;
use crate::app::key::Key;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::screen::detail::grant::{Aim, Grant};
use crate::app::widget::canvas::Canvas;
use crate::app::widget::frame::sheet;
use crate::app::wording;
use crate::domain::field::FieldKey;
use crate::domain::id::CustomerId;
use crate::service::view::TemplateAction;
use crate::service::{Action, Done, Query, View};
use crate::text::Printable;

/// The message that waits for a reason.
#[derive(Debug)]
pub struct CopyMessage {
    customer: CustomerId,
    text: Printable,
    fields: Vec<FieldKey>,
    grant: Grant,
    fault: Option<String>,
    waiting: Option<Ticket>,
}

impl CopyMessage {
    /// Asks for a reason to put `text` on the clipboard with the values of these fields, of which there is one at least.
    pub fn new(customer: CustomerId, text: Printable, fields: Vec<FieldKey>) -> Option<Self> {
        // The ticket of a question is known when it is asked, which is on entering.
        let grant = Grant::new(Aim::Copy, Ticket(0));
        (!fields.is_empty()).then_some(Self { customer, text, fields, grant, fault: None, waiting: None })
    }

    fn confirm(&mut self, env: &mut Env) {
        if self.waiting.is_some() {
            return;
        }
        if self.grant.says.is_none() {
            self.grant.confirm_when_known = true;
            return;
        }
        match self.grant.reason(env) {
            Ok(reason) => {
                self.fault = None;
                let action = TemplateAction::Copy(self.customer, self.text.clone(), Some(reason));
                self.waiting = Some(env.perform(Action::Template(action)));
            }
            Err(fault) => self.fault = Some(fault),
        }
    }
}

impl Panel for CopyMessage {
    fn places(&self) -> Vec<Place> {
        vec![Place::Prompt]
    }

    fn typing(&self) -> Typing {
        Typing::Text
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Submit, Cmd::NextField, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        if let Some(first) = self.fields.first() {
            self.grant.asked = env.ask(Query::RevealPrompt(self.customer, first.clone()));
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match cmd {
            Cmd::Back => env.close(),
            Cmd::Submit => self.confirm(env),
            Cmd::NextField => self.grant.next_field(),
            Cmd::PreviousField => self.grant.previous_field(),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn key(&mut self, _env: &mut Env, key: Key) -> Handled {
        if self.waiting.is_some() {
            return Handled::Yes;
        }
        self.fault = None;
        self.grant.key(key)
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        if self.waiting.is_none() {
            self.grant.paste(text);
        }
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.grant.asked == ticket {
            match reply {
                Ok(Answer::View(View::RevealPrompt(says))) => {
                    self.grant.learn(says);
                    if self.grant.confirm_when_known {
                        self.confirm(env);
                    }
                }
                Ok(_) => env.close(),
                Err(refusal) => {
                    env.refuse(&refusal);
                    env.close();
                }
            }
            return;
        }
        if self.waiting.take_if(|waiting| *waiting == ticket).is_none() {
            return;
        }
        match reply {
            Ok(Answer::Done(Done::Revealed(value))) => {
                env.effect(Effect::Clipboard(value));
                env.changed();
                env.close();
            }
            Ok(_) => env.close(),
            Err(refusal) => self.fault = Some(wording::refusal(env, &refusal)),
        }
    }

    fn customer(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let fields: Vec<String> = self.fields.iter().map(|key| wording::field_key(env, key)).collect();
        let fields = fields.join(&env.t("form-list"));
        let title = env.ta("message-title", &[("n", &self.fields.len()), ("fields", &fields)]);
        let quota = self.grant.quota(env);
        let title = if quota.is_empty() { title } else { format!("{title} · {quota}") };
        let height = self.grant.height(env, area.width.saturating_sub(4)) + 2;
        let inside = sheet(env, canvas, area, height, &title);
        let fault = self.waiting.map(|_| env.t("prompt-waiting")).or_else(|| self.fault.clone());
        self.grant.draw(env, inside, canvas, fault.as_deref());
    }
}
