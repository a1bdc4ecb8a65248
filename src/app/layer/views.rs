//! The saved views, each with its number: shown, changed, removed.
//!
//! **Invariant:** a view is changed by whoever saved it alone, which the door holds as well.

use ratatui::layout::Rect;

use super::confirm::Confirm;
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::saved_view::ViewForm;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::frame::popup;
use crate::app::widget::list::ListState;
use crate::service::view::{Sharing, ViewRow};
use crate::service::{Action, Query, View};
use crate::text::{self, half_width};

/// The views that are looked at.
#[derive(Debug, Default)]
pub struct Views {
    rows: Option<Vec<ViewRow>>,
    list: ListState,
    asked: Option<Ticket>,
}

impl Views {
    fn rows(&self) -> &[ViewRow] {
        self.rows.as_deref().unwrap_or_default()
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(10)).max(1)
    }

    fn show(&self, env: &mut Env, at: usize) {
        let Some(row) = self.rows().get(at) else {
            let text = env.ta("view-none", &[("n", &(at + 1))]);
            return env.say(text);
        };
        env.close();
        env.show_view(row.clone());
    }

    fn change(&self, env: &mut Env) {
        let Some(row) = self.rows().get(self.list.cursor()) else { return };
        if !row.mine {
            return env.bad(env.t("view-not-yours"));
        }
        let view = &row.view;
        let (kept, list) = (Some((view.id, view.sharing)), (view.sort, view.columns.clone()));
        let form = ViewForm::new(kept, view.name.as_str(), view.query.as_str(), list);
        env.open(Box::new(form));
    }

    fn remove(&self, env: &mut Env) {
        let Some(row) = self.rows().get(self.list.cursor()) else { return };
        let question = env.ta("view-remove-ask", &[("name", &row.view.name)]);
        let (title, done) = (env.t("view-remove-title"), env.t("view-removed"));
        env.open(Box::new(Confirm::new(title, question, done, Action::RemoveView(row.view.id))));
    }
}

impl Panel for Views {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Up, Cmd::Down, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::SavedViews));
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match cmd {
            Cmd::Back => env.close(),
            _ => return self.list.run(cmd, self.rows().len(), Self::height(env)),
        }
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match (key.code, key.typed().map(half_width)) {
            (KeyCode::Enter, _) => self.show(env, self.list.cursor()),
            (KeyCode::Delete, _) | (_, Some('x')) => self.remove(env),
            (_, Some('e')) => self.change(env),
            (_, Some(c @ '1'..='9')) => {
                let number = c.to_digit(10).and_then(|n| usize::try_from(n).ok()).unwrap_or(1);
                self.show(env, number.saturating_sub(1));
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.asked != Some(ticket) {
            return;
        }
        match reply {
            Ok(Answer::View(View::SavedViews(rows))) => {
                self.list.go(self.list.cursor(), rows.len(), Self::height(env));
                self.rows = Some(rows);
            }
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::SavedViews));
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let rows = self.rows();
        let height = u16::try_from(rows.len().clamp(1, Self::height(env))).unwrap_or(1) + 4;
        let inside = popup(env, canvas, area, (74, height), &env.t("views-title"));
        if rows.is_empty() && self.rows.is_some() {
            canvas.text(inside, 0, 0, &env.t("views-none"), style(Ink::Plain));
        }
        let window = self.list.window(rows.len(), usize::from(inside.height.saturating_sub(2)));
        for (at, (number, view)) in rows.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
            let line = row(inside, u16::try_from(at).unwrap_or(u16::MAX));
            let digit = if number < 9 { (number + 1).to_string() } else { String::new() };
            let whose = match (view.mine, view.view.sharing) {
                (false, _) => view.by.clone(),
                (true, Sharing::Shared) => env.t("view-shared"),
                (true, Sharing::Own) => String::new(),
            };
            canvas.text(line, 0, 0, &digit, style(Ink::Key));
            canvas.text(line, 0, 3, &text::pad(view.view.name.as_str(), 20), style(Ink::Strong));
            canvas.text(line, 0, 24, &text::pad(view.view.query.as_str(), 32), style(Ink::Plain));
            canvas.text(line, 0, 58, &whose, style(Ink::Dim));
            if number == self.list.cursor() {
                canvas.style(line, style(Ink::Cursor));
            }
        }
        canvas.text(inside, inside.height.saturating_sub(1), 0, &env.t("views-hint"), style(Ink::Dim));
    }
}
