//! Keeping a query under a name, or changing one that is kept.
//!
//! **Invariant:** what is kept is the query as it is written, with the columns that its list has; the door reads it once more before it keeps it.

use ratatui::layout::Rect;

use super::line::{self, Focus, LABEL};
use super::{Form, Step};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::columns::Columns;
use crate::domain::id::SavedViewId;
use crate::service::view::{Sharing, Sort};
use crate::service::{Action, ViewDraft};
use crate::text::Printable;

/// The form.
#[derive(Debug)]
pub struct ViewForm {
    id: Option<SavedViewId>,
    name: LineInput,
    query: LineInput,
    sort: Sort,
    sharing: Sharing,
    columns: Columns,
    at: Line,
    saving: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Name,
    Query,
}

impl ViewForm {
    /// For a query with the columns of its list, or for a view that is kept already.
    pub fn new(
        kept: Option<(SavedViewId, Sharing)>,
        name: &str,
        query: &str,
        (sort, columns): (Sort, Columns),
    ) -> Self {
        let (id, sharing) = kept.map_or((None, Sharing::Own), |(id, sharing)| (Some(id), sharing));
        let name = LineInput::new(name).at_most(40);
        Self { id, name, query: LineInput::new(query), sort, sharing, columns, at: Line::Name, saving: None }
    }

    fn line(&mut self) -> &mut LineInput {
        match self.at {
            Line::Name => &mut self.name,
            Line::Query => &mut self.query,
        }
    }
}

impl Form for ViewForm {
    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::ContactKind, Cmd::NextField, Cmd::Back]
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let name = Printable::line(self.name.text());
        if name.is_empty() {
            self.at = Line::Name;
            env.bad(env.t("fault-missing"));
            return None;
        }
        let query = Printable::line(self.query.text());
        let (id, sort, sharing, columns) = (self.id, self.sort, self.sharing, self.columns.clone());
        Some(Action::SaveView(ViewDraft { id, name, query, sort, sharing, columns }))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, _step: Step) {
        self.at = if self.at == Line::Name { Line::Query } else { Line::Name };
    }

    fn own(&mut self, _env: &mut Env, cmd: Cmd) -> Handled {
        if cmd != Cmd::ContactKind {
            return Handled::No;
        }
        self.sharing = if self.sharing == Sharing::Own { Sharing::Shared } else { Sharing::Own };
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match key.code {
            KeyCode::Enter => self.submit(env),
            KeyCode::Up | KeyCode::Down => self.step(Step::Next),
            _ => return self.line().key(key),
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        self.line().paste(text);
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        env.good(env.t("view-saved"));
        env.changed();
        env.close();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let title = env.t(if self.id.is_some() { "view-change" } else { "view-title" });
        let inside = frame::sheet(env, canvas, area, 7, &title);
        line::draw(env, canvas, (inside, 0), &env.t("view-name"), &self.name, Focus::on(self.at, Line::Name));
        line::draw(env, canvas, (inside, 1), &env.t("view-query"), &self.query, Focus::on(self.at, Line::Query));
        let row = canvas::row(inside, 2);
        canvas.text(row, 0, 0, &env.t("view-sharing"), style(Ink::Plain));
        let sharing = wording::code(env, "view-sharing", self.sharing.code());
        canvas.text(row, 0, LABEL, &format!("< {sharing} >"), style(Ink::Plain));
        let hint = if self.saving.is_some() { "form-saving" } else { "view-hint" };
        canvas.text(canvas::row(inside, 4), 0, 0, &env.t(hint), style(Ink::Dim));
    }
}
