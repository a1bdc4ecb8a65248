//! One entry of the record with all that it says.
//!
//! **Invariant:** it shows what the entry holds, masked as it was committed, and nothing looked up afterwards but names.

use ratatui::layout::Rect;

use super::{place_of, verb};
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::frame;
use crate::app::wording;
use crate::domain::audit::Object;
use crate::domain::id::CustomerId;
use crate::domain::role::Permission;
use crate::service::view::AuditRow;
use crate::service::{Query, View};

/// Cells of the labels.
const LABELS: u16 = 14;

/// The entry that is read.
#[derive(Debug)]
pub(super) struct EntryPaper {
    row: AuditRow,
    asked: Option<Ticket>,
}

impl EntryPaper {
    pub(super) fn new(row: AuditRow) -> Self {
        Self { row, asked: None }
    }

    fn about(&self) -> Option<CustomerId> {
        match self.row.entry.what.object {
            Object::Customer(id) => Some(CustomerId(id)),
            _ => None,
        }
    }

    fn lines(&self, env: &Env) -> Vec<(String, String)> {
        let entry = &self.row.entry;
        let what = &entry.what;
        let time = what.time.at(env.offset).format("%Y-%m-%d %H:%M:%S %:z").to_string();
        let nobody = env.t("entry-nobody");
        let actor = if self.row.actor.is_empty() { nobody } else { self.row.actor.clone() };
        let mut lines = vec![
            (env.t("audit-time"), time),
            (env.t("audit-actor"), actor),
            (env.t("audit-action"), format!("{} ({})", verb(env, &what.action), what.action)),
            (env.t("entry-outcome"), wording::code(env, "outcome", what.outcome.code())),
            (env.t("entry-origin"), wording::code(env, "origin", what.origin.code())),
            (env.t("entry-session"), what.session.to_string()),
        ];
        let mut add = |key: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                lines.push((env.t(key), value));
            }
        };
        let number = (what.object != Object::None).then(|| what.object.number());
        add("audit-object", number.map(|number| format!("{} (#{number})", super::object(env, &self.row))));
        add("audit-field", what.field.as_ref().map(|key| wording::field_key(env, key)));
        add("audit-reason", what.reason.map(|code| wording::code(env, "reason", code.code())));
        add("entry-count", what.count.map(|count| count.to_string()));
        if entry.erased {
            add("entry-texts", Some(env.t("entry-erased")));
        } else {
            add("entry-reason-text", what.texts.reason.clone());
            add("entry-ticket", what.texts.ticket.clone());
            add("entry-before", what.texts.before.clone());
            // What an undo took back stands there as a verb.
            let after = what.texts.after.clone();
            add(
                "entry-after",
                after.map(|text| if what.action == "undo" { wording::code(env, "verb", &text) } else { text }),
            );
        }
        add("entry-value", what.value_hmac.map(|_| env.t("entry-value-committed")));
        lines
    }
}

impl Panel for EntryPaper {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::AuditEntry(self.row.entry.seq)));
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if cmd != Cmd::Back {
            return Handled::No;
        }
        env.close();
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: crate::app::key::Key) -> Handled {
        let Some(customer) = self.about().filter(|_| env.may(Permission::ViewCustomers)) else { return Handled::No };
        if key.code != crate::app::key::KeyCode::Enter {
            return Handled::No;
        }
        env.show_customer(customer);
        Handled::Yes
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.asked != Some(ticket) {
            return;
        }
        match reply {
            Ok(Answer::View(View::AuditEntry(row))) => self.row = *row,
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let lines = self.lines(env);
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
        let title = env.ta("entry-title", &[("seq", &place_of(self.row.entry.seq))]);
        let inside = frame::popup(env, canvas, area, (76, height), &title);
        for (at, (label, value)) in lines.iter().enumerate() {
            let row = canvas::row(inside, u16::try_from(at).unwrap_or(u16::MAX));
            canvas.text(row, 0, 0, label, env.theme.style(Ink::Dim));
            canvas.text(row, 0, LABELS, value, env.theme.style(Ink::Plain));
        }
        let foot = canvas::row(inside, inside.height.saturating_sub(1));
        let hint = if self.about().is_some() && env.may(Permission::ViewCustomers) {
            env.t("entry-hint-customer")
        } else {
            env.t("entry-hint-export")
        };
        canvas.text(foot, 0, 0, &hint, env.theme.style(Ink::Dim));
    }
}
