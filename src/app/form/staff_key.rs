//! Registering the public key that somebody comes with over SSH: the line of their `.pub` file, pasted.
//!
//! **Invariant:** a private key that was pasted by mistake is emptied out at once and goes nowhere.

use ratatui::layout::Rect;

use super::Form;
use super::line::{self, Focus};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::msg::{Answer, Ticket};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::domain::id::StaffId;
use crate::domain::staff::LoginName;
use crate::domain::staff_key::{KeyFault, StaffKey};
use crate::service::Action;

/// The form.
#[derive(Debug)]
pub struct StaffKeyForm {
    who: StaffId,
    name: LoginName,
    key: LineInput,
    saving: Option<Ticket>,
}

impl StaffKeyForm {
    /// For this person.
    pub fn new(who: StaffId, name: LoginName) -> Self {
        Self { who, name, key: LineInput::default().at_most(1_000), saving: None }
    }
}

impl Form for StaffKeyForm {
    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::Back]
    }

    fn on_enter(&self) -> Option<Cmd> {
        Some(Cmd::Save)
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        match StaffKey::parse(self.key.text()) {
            Ok(key) => Some(Action::AddStaffKey(self.who, key)),
            Err(fault) => {
                let said = match fault {
                    KeyFault::NotAKey => env.t("staff-key-none"),
                    KeyFault::Kind => env.t("staff-key-kind"),
                    KeyFault::Private => env.t("staff-key-private"),
                };
                if fault == KeyFault::Private {
                    self.key.set("");
                }
                env.bad(said);
                None
            }
        }
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn line(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.key)
    }

    fn done(&mut self, env: &mut Env, _: Answer) {
        env.good(env.ta("staff-key-added", &[("name", &self.name)]));
        env.changed();
        env.close();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let title = env.ta("staff-key-title", &[("name", &self.name)]);
        let inside = frame::sheet(env, canvas, area, 5, &title);
        line::draw(env, canvas, (inside, 0), &env.t("staff-key-line"), &self.key, Focus::Here);
        let key = if self.saving.is_some() { "form-saving" } else { "staff-key-hint" };
        canvas.text(canvas::row(inside, 2), 0, 0, &env.t(key), env.theme.style(Ink::Dim));
    }
}
