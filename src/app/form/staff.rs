//! Adding somebody to the staff: a name and a role; the setup code that comes back is shown once.
//!
//! **Invariant:** the code is shown on a paper that zeroizes it, and stands in no notice.

use ratatui::layout::Rect;

use super::line::{self, Focus, LABEL};
use super::{Form, Step};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::layer::paper::Paper;
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::role::RoleName;
use crate::domain::staff::LoginName;
use crate::service::{Action, Done};

/// The form.
#[derive(Debug)]
pub struct StaffForm {
    name: LineInput,
    role: usize,
    at: Line,
    saving: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Name,
    Role,
}

impl Default for StaffForm {
    fn default() -> Self {
        let role = RoleName::ALL.iter().position(|r| *r == RoleName::Support).unwrap_or(0);
        Self { name: LineInput::default().at_most(64), role, at: Line::Name, saving: None }
    }
}

impl StaffForm {
    fn chosen(&self) -> RoleName {
        RoleName::ALL.get(self.role).copied().unwrap_or(RoleName::Support)
    }

    fn choose(&mut self, step: isize) {
        let count = RoleName::ALL.len();
        self.role = self.role.checked_add_signed(step).unwrap_or(count - 1) % count;
    }
}

impl Form for StaffForm {
    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::ContactKind, Cmd::NextField, Cmd::Back]
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let name = LoginName::new(self.name.text().trim());
        if name.is_none() {
            self.at = Line::Name;
            env.bad(env.t("entry-name"));
        }
        Some(Action::AddStaff(name?, self.chosen()))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, _step: Step) {
        self.at = if self.at == Line::Name { Line::Role } else { Line::Name };
    }

    fn own(&mut self, _env: &mut Env, cmd: Cmd) -> Handled {
        if cmd != Cmd::ContactKind {
            return Handled::No;
        }
        self.choose(1);
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match (key.code, self.at) {
            (KeyCode::Enter | KeyCode::Down, Line::Name) => self.at = Line::Role,
            (KeyCode::Enter, Line::Role) => self.submit(env),
            (KeyCode::Up, _) => self.at = Line::Name,
            (KeyCode::Left, Line::Role) => self.choose(-1),
            (KeyCode::Right | KeyCode::Char(' '), Line::Role) => self.choose(1),
            (_, Line::Name) => return self.name.key(key),
            (_, Line::Role) => return Handled::No,
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        if self.at == Line::Name {
            self.name.paste(text);
        }
    }

    fn done(&mut self, env: &mut Env, answer: Answer) {
        let Answer::Done(Done::SetupCode(_, code)) = answer else { return };
        let name = self.name.text().trim().to_owned();
        let paper = Paper::new(env.ta("setup-title", &[("name", &name)]))
            .with(env.t("setup-about"), Ink::Plain)
            .with(String::new(), Ink::Plain)
            .with(code, Ink::Strong)
            .with(String::new(), Ink::Plain)
            .with(env.t("setup-once"), Ink::Warn);
        env.changed();
        env.close();
        env.open(Box::new(paper));
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let inside = frame::sheet(env, canvas, area, 7, &env.t("staff-title"));
        line::draw(env, canvas, (inside, 0), &env.t("entry-field-name"), &self.name, Focus::on(self.at, Line::Name));
        let role = self.chosen();
        let here = self.at == Line::Role;
        let row = canvas::row(inside, 1);
        canvas.text(row, 0, 0, &env.t("staff-role"), style(if here { Ink::Strong } else { Ink::Plain }));
        let name = wording::code(env, "role", role.code());
        canvas.text(row, 0, LABEL, &format!("< {name} >"), style(if here { Ink::Cursor } else { Ink::Plain }));
        if here {
            canvas.cursor_at(row, 0, LABEL + 2);
        }
        let about = wording::code(env, "role-about", role.code());
        canvas.text(canvas::row(inside, 2), 0, LABEL, &about, style(Ink::Dim));
        let key = if self.saving.is_some() { "form-saving" } else { "staff-hint" };
        canvas.text(canvas::row(inside, 4), 0, 0, &env.t(key), style(Ink::Dim));
    }
}
