//! What the commands of the list and of its query bar do.
//!
//! **Invariant:** nothing here asks whether somebody may; a command's row was asked before, and the door is asked again.

use super::super::duplicates::Duplicates;
use super::super::flaws::Flaws;
use super::{Customers, Focus};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::form::bulk::BulkForm;
use crate::app::form::customer::CustomerForm;
use crate::app::form::follow_up::FollowUpForm;
use crate::app::form::interaction::InteractionForm;
use crate::app::form::saved_view::ViewForm;
use crate::app::layer::cadences::Cadences;
use crate::app::layer::losses::Losses;
use crate::app::layer::pool::Pool;
use crate::app::layer::rules::Rules;
use crate::app::layer::tags::Tags;
use crate::app::layer::views::Views;
use crate::app::layer::wordings::Wordings;
use crate::app::panel::{Handled, Panel};
use crate::domain::id::CustomerId;
use crate::service::Query;
use crate::service::view::{Sort, ViewRow};

impl Customers {
    fn toggle_mark(&mut self, env: &mut Env) {
        let Some(id) = self.current().map(|row| row.id) else { return };
        if self.marks.is_everybody() {
            // To leave one out of all that a query finds is a condition's work; to mark that one alone was not meant.
            let text = env.t("marks-whole-query");
            return env.bad(text);
        }
        self.marks.toggle(id);
        self.moves(env, Cmd::Down);
    }

    fn mark_range(&mut self, env: &mut Env) {
        let shown: Vec<CustomerId> = match &self.found {
            Some(found) => found.rows.iter().map(|row| row.id).collect(),
            None => self.rows.held().iter().map(|row| row.id).collect(),
        };
        let Some(id) = self.current().map(|row| row.id) else { return };
        if self.marks.range(&shown, id) == Handled::No {
            let text = env.t("mark-range-from");
            env.say(text);
        }
    }

    pub(super) fn list_command(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match cmd {
            Cmd::Open => self.open_current(env),
            Cmd::Back => self.step_back(env),
            Cmd::Search => self.ask_query(env),
            Cmd::Quality => env.open(Box::new(Flaws::default())),
            Cmd::LossReasons => env.open(Box::new(Losses::default())),
            Cmd::Tags => env.open(Box::new(Tags::default())),
            Cmd::Pool => env.open(Box::new(Pool::default())),
            Cmd::Rules => env.open(Box::new(Rules::default())),
            Cmd::Wordings => env.open(Box::new(Wordings::default())),
            Cmd::Duplicates => env.open(Box::new(Duplicates::default())),
            Cmd::Views => env.open(Box::new(Views::default())),
            Cmd::SaveView => {
                let form = ViewForm::new(None, "", self.query.text(), (self.sort, self.look.columns().clone()));
                env.open(Box::new(form));
            }
            Cmd::Columns => self.look.open(env),
            cmd if cmd.view_number().is_some() => self.ask_view(env, cmd),
            Cmd::Mark => self.toggle_mark(env),
            Cmd::MarkRange => self.mark_range(env),
            Cmd::MarkAll => self.marks.everybody(),
            Cmd::Bulk => {
                if let Some(target) = self.marks.target(self.query.text()) {
                    env.open(Box::new(BulkForm::new(target, self.look.parts())));
                }
            }
            Cmd::NewCustomer => {
                let form = CustomerForm::add(env);
                env.open(Box::new(form));
            }
            Cmd::Edit => {
                self.open_current(env);
                self.then_edit = true;
            }
            Cmd::LogContact | Cmd::AddFollowUp | Cmd::PutCadence => {
                let Some(row) = self.current() else { return Handled::Yes };
                let form: Box<dyn Panel> = match cmd {
                    Cmd::PutCadence => Box::new(Cadences::of(row.id, row.name.text())),
                    Cmd::LogContact => Box::new(InteractionForm::new(row.id, row.name.text())),
                    _ => Box::new(FollowUpForm::add(row.id, row.name.text())),
                };
                env.open(form);
            }
            Cmd::Sort => {
                self.sort = if self.sort == Sort::Name { Sort::Recent } else { Sort::Name };
                self.found = None;
                self.rows.begin(env, self.query.text(), self.sort);
                let text = if self.sort == Sort::Name { env.t("sorted-name") } else { env.t("sorted-recent") };
                env.say(text);
            }
            _ => return self.moves(env, cmd),
        }
        Handled::Yes
    }

    pub(super) fn ask_query(&mut self, env: &mut Env) {
        // Whoever was found by an identifier was another caller.
        if self.found.is_some() {
            self.step_back(env);
        }
        self.focus = Focus::Query;
        self.query.enter(env);
    }

    /// Shows the saved view of a number, once it is known which that is.
    fn ask_view(&mut self, env: &mut Env, cmd: Cmd) {
        self.choosing = cmd.view_number().map(|number| (env.ask(Query::SavedViews), number));
    }

    pub(super) fn chosen(&mut self, env: &mut Env, number: usize, views: &[ViewRow]) {
        match views.get(number.saturating_sub(1)) {
            Some(row) => self.show_view(env, row),
            None => {
                let text = env.ta("view-none", &[("n", &number)]);
                env.say(text);
            }
        }
    }

    pub(super) fn query_command(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        let (handled, changed) = self.query.run(env, cmd);
        if changed {
            self.typed(env);
        }
        if handled == Handled::Yes {
            return handled;
        }
        match cmd {
            Cmd::Submit => self.submit(env),
            Cmd::Back => self.focus = Focus::List,
            Cmd::Up | Cmd::Down | Cmd::PageUp | Cmd::PageDown => return self.moves(env, cmd),
            _ => return Handled::No,
        }
        Handled::Yes
    }
}
