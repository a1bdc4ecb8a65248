//! Customers: the list with its query bar, and a customer's detail beside it or in its place.
//!
//! **Invariant:** a detail is held only while its customer is open here; whatever leads away drops it, and with it
//! any value that was let out.

mod columns;
mod commands;
mod draw;
mod marks;
mod query;
mod rows;
mod table;

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::key::Key;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::widget::canvas::Canvas;
use crate::app::widget::list::ListState;
use crate::domain::columns::Columns;
use crate::domain::field::FieldKey;
use crate::domain::id::CustomerId;
use crate::domain::identifier::{Identifier, IdentifierKind, name_of_words, recognise_in};
use crate::domain::role::Permission;
use crate::service::refusal::Refusal;
use crate::service::view::{CustomerRow, Page, PoolAction, Sort, Total, ViewRow};
use crate::service::{Action, Done, View};

use super::ScreenId;
use super::detail::Detail;
use columns::Look;
use marks::Marks;
use query::QueryBar;
use rows::Rows;

/// From how many columns on the detail stands beside the list.
pub const WIDE: u16 = 120;

/// What has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Focus {
    Query,
    #[default]
    List,
    Detail,
}

/// The screen's state.
#[derive(Debug, Default)]
pub struct Customers {
    focus: Focus,
    query: QueryBar,
    sort: Sort,
    rows: Rows,
    marks: Marks,
    /// Whom a search by an identifier found, instead of the list.
    found: Option<Found>,
    detail: Option<Detail>,
    opening: Option<Ticket>,
    /// The one that is open is being given back to the pool.
    releasing: Option<Ticket>,
    finding: Option<(Ticket, IdentifierKind)>,
    /// The number of the saved view that is to be shown.
    choosing: Option<(Ticket, usize)>,
    /// The columns of the list, and whose they are.
    look: Look,
    /// Enter was pressed before the list of the query was there.
    open_first: bool,
    /// The customer that is being opened is to be edited.
    then_edit: bool,
    /// The field that the cursor goes to in the customer that is being opened.
    then_on: Option<FieldKey>,
    came_from: Option<ScreenId>,
}

#[derive(Debug)]
struct Found {
    kind: IdentifierKind,
    rows: Vec<CustomerRow>,
    list: ListState,
}

impl Customers {
    /// Shows a customer; leaving goes back to `from`.
    pub fn show(&mut self, env: &mut Env, customer: CustomerId, from: ScreenId) {
        self.came_from = (from != ScreenId::Customers).then_some(from);
        self.open(env, customer);
        if self.rows.generation() == 0 {
            self.look.own(env);
            self.rows.begin(env, self.query.text(), self.sort);
        }
    }

    /// Shows the customers that `query` finds, in an order if one is named.
    pub fn find(&mut self, env: &mut Env, query: &str, sort: Option<Sort>) {
        self.detail = None;
        self.opening = None;
        self.focus = Focus::List;
        self.sort = sort.unwrap_or(self.sort);
        self.query.set(query);
        self.look.own(env);
        self.typed(env);
    }

    /// Shows what a saved view finds, in its order and with its columns.
    pub fn show_view(&mut self, env: &mut Env, row: &ViewRow) {
        self.find(env, row.view.query.as_str(), Some(row.view.sort));
        self.look.view(row);
        let text = env.ta("view-shown", &[("name", &row.view.name)]);
        env.say(text);
    }

    /// Gives the list these columns, and keeps them with the view that it shows, or for the person.
    pub fn keep_columns(&mut self, env: &mut Env, columns: Columns) {
        self.look.keep(env, columns);
        self.fetch_again(env);
    }

    fn fetch_again(&mut self, env: &mut Env) {
        // Rows that an identifier found are not asked for again: that would be another search on the record, or a list
        // that nobody asked for. They are held whole.
        if self.found.is_none() {
            self.rows.again(env, self.query.text(), self.sort);
        }
    }

    /// Goes out of sight: nothing that was let out stays.
    pub fn leave(&mut self) {
        if let Some(detail) = &mut self.detail {
            detail.hide();
            detail.close_prompt();
        }
        self.came_from = None;
    }

    fn open(&mut self, env: &mut Env, customer: CustomerId) {
        if let Some(detail) = &mut self.detail {
            detail.hide();
            detail.close_prompt();
        }
        self.then_edit = false;
        self.then_on = None;
        self.opening = Some(env.perform(Action::OpenCustomer(customer)));
    }

    /// Puts the cursor on a field of the customer that is being opened.
    pub fn then_on(&mut self, field: Option<FieldKey>) {
        self.then_on = field;
    }

    /// The customer that is open, whether the cursor is in it or in the list.
    pub fn opened(&self) -> Option<CustomerId> {
        self.detail.as_ref().map(Detail::id)
    }

    fn close_detail(&mut self, env: &mut Env) {
        self.detail = None;
        self.opening = None;
        self.focus = Focus::List;
        if let Some(from) = self.came_from.take() {
            env.go(from);
        }
    }

    fn current(&self) -> Option<&CustomerRow> {
        match &self.found {
            Some(found) => found.rows.get(found.list.cursor()),
            None => self.rows.current(),
        }
    }

    fn identifier(&self, env: &Env) -> Option<Identifier> {
        if !env.may(Permission::SearchIdentifier) {
            return None;
        }
        let region = env.me.as_ref().map_or("", |me| me.policy.default_region.as_str());
        let text = self.query.text();
        // Words find companies and tags as well: a masked name is looked for once they find nobody.
        let nobody = self.rows.total == Some(Total::Exactly(0));
        recognise_in(text, region, &env.schema).or_else(|| nobody.then(|| name_of_words(text, &env.schema)).flatten())
    }

    fn typed(&mut self, env: &mut Env) {
        self.found = None;
        self.open_first = false;
        self.query.typed(env);
        self.marks.query_changed();
        self.rows.begin(env, self.query.text(), self.sort);
    }

    /// Enter in the query bar: an identifier is searched for, else the row that the cursor is on is opened.
    fn submit(&mut self, env: &mut Env) {
        if let Some(identifier) = self.identifier(env) {
            let kind = identifier.kind;
            self.finding = Some((env.perform(Action::FindByIdentifier(identifier)), kind));
        } else if self.rows.is_beginning() {
            self.open_first = true;
        } else if !self.query.is_wrong() {
            // Under a query that cannot be read stand the rows of the one before.
            self.open_current(env);
        }
    }

    fn open_current(&mut self, env: &mut Env) {
        match self.current().map(|row| row.id) {
            Some(id) => self.open(env, id),
            None => self.focus = Focus::List,
        }
    }

    fn moves(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        let height = draw::list_height(env);
        match &mut self.found {
            Some(found) => found.list.run(cmd, found.rows.len(), height),
            None => self.rows.run(env, cmd, (self.query.text(), self.sort), height),
        }
    }

    /// Esc on the list: first what a search found, then the query, then nothing.
    fn step_back(&mut self, env: &mut Env) {
        if self.found.is_some() || !self.query.is_empty() || self.look.shows_view() {
            self.query.set("");
            self.look.own(env);
            self.typed(env);
        } else {
            self.marks.clear();
        }
    }

    fn neighbour(&mut self, env: &mut Env, cmd: Cmd) {
        let was = self.current().map(|row| row.id);
        self.moves(env, if cmd == Cmd::Next { Cmd::Down } else { Cmd::Up });
        let is = self.current().map(|row| row.id);
        match is {
            Some(id) if is != was => self.open(env, id),
            _ => {
                let text = env.t("no-neighbour");
                env.say(text);
            }
        }
    }
}

impl Panel for Customers {
    fn places(&self) -> Vec<Place> {
        match (self.focus, &self.detail) {
            (Focus::Query, _) => vec![Place::Search],
            (Focus::Detail, Some(detail)) => detail.places(),
            _ => vec![Place::Customers, Place::List],
        }
    }

    fn typing(&self) -> Typing {
        match (self.focus, &self.detail) {
            (Focus::Query, _) => Typing::Text,
            (Focus::Detail, Some(detail)) => detail.typing(),
            _ => Typing::Keys,
        }
    }

    fn footer(&self) -> Vec<Cmd> {
        match (self.focus, &self.detail) {
            (Focus::Query, _) => vec![Cmd::Submit, Cmd::Down, Cmd::Back],
            (Focus::Detail, Some(detail)) => detail.footer(),
            _ => vec![Cmd::Open, Cmd::Search, Cmd::NewCustomer, Cmd::Sort, Cmd::Lock],
        }
    }

    fn enter(&mut self, env: &mut Env) {
        if self.rows.generation() == 0 {
            self.look.own(env);
            self.rows.begin(env, self.query.text(), self.sort);
        } else {
            self.rows.again(env, self.query.text(), self.sort);
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if self.focus == Focus::Detail
            && let Some(detail) = &mut self.detail
        {
            match cmd {
                Cmd::Previous | Cmd::Next => {
                    self.neighbour(env, cmd);
                    return Handled::Yes;
                }
                Cmd::Back if detail.backs_out() => {
                    self.close_detail(env);
                    return Handled::Yes;
                }
                Cmd::ReleaseCustomer if self.releasing.is_none() => {
                    let version = detail.version();
                    self.releasing = Some(env.perform(Action::Pool(PoolAction::Release(detail.id(), version))));
                    return Handled::Yes;
                }
                Cmd::Search => {
                    self.came_from = None;
                    self.close_detail(env);
                    self.ask_query(env);
                    return Handled::Yes;
                }
                _ => return detail.run(env, cmd),
            }
        }
        // The palette and a role's first screen ask for the search whatever has the keys.
        if cmd == Cmd::Search {
            self.ask_query(env);
            return Handled::Yes;
        }
        match self.focus {
            Focus::Query => self.query_command(env, cmd),
            _ => self.list_command(env, cmd),
        }
    }

    fn unavailable(&self, env: &Env, cmd: Cmd) -> Option<&'static str> {
        match (self.focus, &self.detail, cmd) {
            (Focus::Detail, Some(detail), _) => detail.unavailable(env, cmd),
            (_, _, Cmd::Edit | Cmd::LogContact | Cmd::AddFollowUp | Cmd::PutCadence | Cmd::Open)
                if self.current().is_none() =>
            {
                Some("why-no-customer")
            }
            (_, _, Cmd::Bulk) if self.marks.is_empty() => Some("why-nothing-marked"),
            (_, _, Cmd::Reveal | Cmd::Verify | Cmd::Copy | Cmd::Replace) => Some("why-open-first"),
            _ => None,
        }
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match (self.focus, &mut self.detail) {
            (Focus::Query, _) => {
                let (handled, changed) = self.query.key(key);
                if changed {
                    self.typed(env);
                }
                handled
            }
            (Focus::Detail, Some(detail)) => detail.key(env, key),
            _ => Handled::No,
        }
    }

    fn paste(&mut self, env: &mut Env, text: &str) {
        match (self.focus, &mut self.detail) {
            (Focus::Detail, Some(detail)) => detail.paste(text),
            (Focus::Query, _) => {
                self.query.paste(text);
                self.typed(env);
            }
            _ => {}
        }
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.releasing.take_if(|releasing| *releasing == ticket).is_some() {
            match reply {
                // Whoever sees only their own sees them no more.
                Ok(_) => {
                    self.close_detail(env);
                    env.good(env.t("pool-released"));
                }
                Err(refusal) => env.refuse(&refusal),
            }
            env.changed();
        } else if self.opening == Some(ticket) {
            self.opening = None;
            match reply {
                Ok(Answer::Done(Done::Customer(customer))) => {
                    self.rows.seek(customer.profile.id, draw::list_height(env));
                    let detail = match self.detail.take() {
                        Some(open) => open.turned_to(customer),
                        None => Detail::new(customer),
                    };
                    let mut detail = detail;
                    if let Some(field) = self.then_on.take() {
                        detail.go_to(env, &field);
                    }
                    self.detail = Some(detail);
                    self.focus = Focus::Detail;
                    if std::mem::take(&mut self.then_edit) {
                        env.run(Cmd::Edit);
                    }
                }
                Ok(_) => {}
                Err(refusal) => env.refuse(&refusal),
            }
        } else if self.rows.awaits(ticket) {
            match reply {
                Ok(Answer::View(View::Customers(page))) => {
                    self.query.right();
                    let columns = self.look.columns();
                    let rows = page.rows.into_iter().map(|row| table::slim(env, columns, row)).collect();
                    self.rows.take(Page { rows, ..page }, draw::list_height(env));
                    self.rows.fill(env, (self.query.text(), self.sort), draw::list_height(env));
                }
                Ok(_) => self.rows.give_up(),
                Err(Refusal::Query(fault)) => {
                    self.rows.give_up();
                    self.open_first = false;
                    self.query.wrong(fault);
                }
                Err(refusal) => {
                    self.rows.give_up();
                    env.refuse(&refusal);
                }
            }
            if std::mem::take(&mut self.open_first) {
                self.open_current(env);
            }
        } else if self.query.awaits(ticket) {
            if let Ok(Answer::View(View::Vocabulary(words))) = reply {
                self.query.know(words);
            }
        } else if let Some((waited, number)) = self.choosing
            && waited == ticket
        {
            self.choosing = None;
            match reply {
                Ok(Answer::View(View::SavedViews(views))) => self.chosen(env, number, &views),
                Ok(_) => {}
                Err(refusal) => env.refuse(&refusal),
            }
        } else if self.look.awaits(ticket) {
            self.look.reply(env, ticket, reply);
        } else if let Some((waited, kind)) = self.finding
            && waited == ticket
        {
            self.finding = None;
            match reply {
                Ok(Answer::Done(Done::Matches(rows))) => {
                    self.focus = if rows.is_empty() { Focus::Query } else { Focus::List };
                    self.found = Some(Found { kind, rows, list: ListState::default() });
                }
                Ok(_) => {}
                Err(refusal) => env.refuse(&refusal),
            }
        } else if let Some(detail) = &mut self.detail {
            detail.reply(env, ticket, reply);
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.fetch_again(env);
        if let Some(detail) = &mut self.detail {
            detail.changed(env);
        }
    }

    fn tick(&mut self, env: &mut Env) {
        if let Some(detail) = &mut self.detail {
            detail.tick(env);
        }
    }

    fn counts_down(&self) -> bool {
        self.detail.as_ref().is_some_and(Detail::counts_down)
    }

    fn customer(&self) -> Option<CustomerId> {
        match (self.focus, &self.detail) {
            (Focus::Detail, Some(detail)) => Some(detail.id()),
            _ => self.current().map(|row| row.id),
        }
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        draw::screen(self, env, area, canvas);
    }
}
