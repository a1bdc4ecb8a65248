//! Which columns the list has: those of the view that is shown, or the person's own.
//!
//! **Invariant:** columns are kept in a view only by whoever saved it, and over the view as it is then, so that what was
//! changed of it meanwhile stays.

use crate::app::env::Env;
use crate::app::layer::columns::ColumnsLayer;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::domain::columns::{Columns, Part};
use crate::domain::id::SavedViewId;
use crate::service::view::ViewRow;
use crate::service::{Action, Query, View, ViewDraft};
use crate::text::Printable;

/// The view that the list shows.
#[derive(Debug)]
struct Shown {
    id: SavedViewId,
    name: Printable,
    whose: Whose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Mine,
    Anothers,
}

/// What the list looks like.
#[derive(Debug, Default)]
pub(super) struct Look {
    columns: Columns,
    view: Option<Shown>,
    /// The views were asked for, to keep these columns in one of them.
    asked: Option<(Ticket, SavedViewId, Columns)>,
    keeping: Option<Ticket>,
}

impl Look {
    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// What the columns show, where somebody chose them.
    pub(super) fn parts(&self) -> Option<Vec<Part>> {
        let Columns::Chosen(chosen) = &self.columns else { return None };
        Some(chosen.columns().iter().map(|column| column.part.clone()).collect())
    }

    /// The list shows no view: it has the person's own columns.
    pub(super) fn own(&mut self, env: &Env) {
        self.view = None;
        self.columns = env.me.as_ref().map_or(Columns::Standard, |me| me.preferences.columns.clone());
    }

    /// Whether the list shows a view.
    pub(super) fn shows_view(&self) -> bool {
        self.view.is_some()
    }

    /// The list shows this view.
    pub(super) fn view(&mut self, row: &ViewRow) {
        let whose = if row.mine { Whose::Mine } else { Whose::Anothers };
        self.view = Some(Shown { id: row.view.id, name: row.view.name.clone(), whose });
        self.columns = row.view.columns.clone();
    }

    /// Opens the choice of columns.
    pub(super) fn open(&self, env: &mut Env) {
        let about = match &self.view {
            None => env.t("columns-of-list"),
            Some(Shown { name, whose: Whose::Mine, .. }) => env.ta("columns-of-view", &[("name", name)]),
            Some(Shown { name, whose: Whose::Anothers, .. }) => env.ta("columns-of-anothers", &[("name", name)]),
        };
        let layer = ColumnsLayer::new(env, &self.columns, about);
        env.open(Box::new(layer));
    }

    /// Takes other columns, and keeps them where they belong.
    pub(super) fn keep(&mut self, env: &mut Env, columns: Columns) {
        self.columns = columns.clone();
        match &self.view {
            Some(Shown { id, whose: Whose::Mine, .. }) => {
                self.asked = Some((env.ask(Query::SavedViews), *id, columns));
            }
            Some(Shown { name, .. }) => {
                let text = env.ta("columns-for-now", &[("name", name)]);
                env.say(text);
            }
            None => {
                let Some(me) = &mut env.me else { return };
                me.preferences.columns = columns;
                let preferences = me.preferences.clone();
                self.keeping = Some(env.perform(Action::SetPreferences(preferences)));
            }
        }
    }

    /// Whether this ticket is of keeping columns.
    pub(super) fn awaits(&self, ticket: Ticket) -> bool {
        self.keeping == Some(ticket) || self.asked.as_ref().is_some_and(|(asked, ..)| *asked == ticket)
    }

    /// Takes what came of it.
    pub(super) fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        let asked = self.asked.take_if(|(asked, ..)| *asked == ticket);
        match (reply, asked) {
            (Ok(Answer::View(View::SavedViews(rows))), Some((_, id, columns))) => {
                let Some(row) = rows.into_iter().find(|row| row.view.id == id && row.mine) else {
                    return env.bad(env.t("columns-view-gone"));
                };
                let view = row.view;
                let (id, sort, sharing) = (Some(id), view.sort, view.sharing);
                let draft = ViewDraft { id, name: view.name, query: view.query, sort, sharing, columns };
                self.keeping = Some(env.perform(Action::SaveView(draft)));
            }
            (Ok(_), _) => {
                self.keeping = None;
                env.good(env.t("columns-kept"));
            }
            (Err(refusal), _) => {
                self.keeping = None;
                env.refuse(&refusal);
            }
        }
    }
}
