//! The stretch of the list that is held: a window that slides over however many customers there are.
//!
//! **Invariant:** rows are held in the list's order without gaps; no more than [`MOST`] are held at once.

use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::msg::Ticket;
use crate::app::panel::Handled;
use crate::domain::id::CustomerId;
use crate::service::Query;
use crate::service::view::{Anchor, Cursor, CustomerRow, ListRequest, Page, Sort, Total};

/// Rows asked for at once on an ordinary screen; a high one asks for two screens full.
const STRETCH: u16 = 48;

/// The most rows that the door gives at once.
const LARGEST: u16 = 200;

/// The most rows that are held; beyond, those farthest from the cursor are let go.
const MOST: usize = 600;

/// The window and its cursor.
#[derive(Debug, Default)]
pub struct Rows {
    rows: Vec<CustomerRow>,
    /// The number of the first row held, counted from where the list was last begun.
    first: i64,
    /// Counts the times that the list was begun anew.
    generation: u64,
    cursor: usize,
    top: usize,
    before: bool,
    after: bool,
    /// How many there are, once known.
    pub total: Option<Total>,
    pending: Option<(Ticket, Fetch)>,
    /// From where to go on below, and above, where a page was cut short.
    further: (Option<Cursor>, Option<Cursor>),
}

/// What an answer on its way is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fetch {
    /// The list anew, from the top.
    Top,
    /// The list anew, from the bottom.
    Bottom,
    /// The same rows as they are now.
    Again,
    /// Rows behind the last one held, then so many rows down.
    Below(usize),
    /// Rows before the first one held, then so many rows up.
    Above(usize),
}

impl Rows {
    /// Begins the list anew for a query.
    pub fn begin(&mut self, env: &mut Env, text: &str, sort: Sort) {
        self.fetch(env, text, sort, Anchor::Top, Fetch::Top);
    }

    /// Asks for the same rows again, since something was changed.
    pub fn again(&mut self, env: &mut Env, text: &str, sort: Sort) {
        let anchor = match self.top.checked_sub(1).and_then(|above| self.rows.get(above)) {
            Some(above) if self.before || self.top > 40 => Anchor::After(above.cursor.clone()),
            _ if self.before => self.rows.first().map_or(Anchor::Top, |row| Anchor::After(row.cursor.clone())),
            _ => Anchor::Top,
        };
        self.fetch(env, text, sort, anchor, Fetch::Again);
    }

    fn fetch(&mut self, env: &mut Env, text: &str, sort: Sort, anchor: Anchor, fetch: Fetch) {
        let limit = STRETCH.max(env.size.1.saturating_mul(2)).min(LARGEST);
        let request = ListRequest { text: text.to_owned(), sort, anchor, limit };
        self.pending = Some((env.ask(Query::Customers(request)), fetch));
    }

    /// Whether this ticket is the one that is waited for.
    pub fn awaits(&self, ticket: Ticket) -> bool {
        self.pending.as_ref().is_some_and(|(waited, _)| *waited == ticket)
    }

    /// Whether the list is being begun anew, so that what is held is of an older query.
    pub fn is_beginning(&self) -> bool {
        matches!(self.pending, Some((_, Fetch::Top)))
    }

    /// The answer that was waited for does not come.
    pub fn give_up(&mut self) {
        self.pending = None;
    }

    /// Takes the answer that was waited for.
    pub fn take(&mut self, page: Page, height: usize) {
        let Some((_, fetch)) = self.pending.take() else { return };
        // A list that goes on says how many rows it has by now.
        let more = matches!(fetch, Fetch::Below(_) | Fetch::Above(_)) && matches!(page.total, Total::AtLeast(_));
        self.total = Some(page.total);
        let mut page = page;
        match fetch {
            Fetch::Bottom | Fetch::Above(_) => self.further.1 = page.resume.take(),
            Fetch::Top | Fetch::Again | Fetch::Below(_) => self.further.0 = page.resume.take(),
        }
        match fetch {
            Fetch::Top | Fetch::Bottom => {
                self.replace(page);
                self.cursor = if fetch == Fetch::Bottom { self.rows.len().saturating_sub(1) } else { 0 };
                self.top = 0;
            }
            Fetch::Again => {
                let here = self.current().map(|row| row.id);
                let was = self.cursor;
                self.replace(page);
                let found = here.and_then(|id| self.rows.iter().position(|row| row.id == id));
                self.cursor = found.unwrap_or(was).min(self.rows.len().saturating_sub(1));
            }
            Fetch::Below(steps) => {
                self.after = page.after;
                self.rows.extend(page.rows);
                self.cursor = self.cursor.saturating_add(steps).min(self.rows.len().saturating_sub(1));
                self.let_go_above();
            }
            Fetch::Above(steps) => {
                self.before = page.before;
                let came = page.rows.len();
                self.rows.splice(0..0, page.rows);
                self.first -= i64::try_from(came).unwrap_or(0);
                self.top += came;
                self.cursor = (self.cursor + came).saturating_sub(steps);
                if self.rows.len() > MOST {
                    self.rows.truncate(MOST);
                    self.after = true;
                }
            }
        }
        if more {
            self.total = Some(Total::AtLeast(self.rows.len() as u64));
        }
        self.settle(height);
    }

    /// Goes on looking where a page was cut short before there were rows enough for the screen.
    pub fn fill(&mut self, env: &mut Env, (text, sort): (&str, Sort), height: usize) {
        if self.pending.is_some() || self.rows.len() >= height {
            return;
        }
        if let Some(place) = self.further.0.clone() {
            self.fetch(env, text, sort, Anchor::After(place), Fetch::Below(0));
        } else if let Some(place) = self.further.1.clone() {
            self.fetch(env, text, sort, Anchor::Before(place), Fetch::Above(0));
        }
    }

    fn replace(&mut self, page: Page) {
        self.generation += 1;
        self.first = 0;
        self.before = page.before;
        self.after = page.after;
        self.rows = page.rows;
    }

    fn let_go_above(&mut self) {
        let surplus = self.rows.len().saturating_sub(MOST).min(self.top);
        if surplus > 0 {
            self.rows.drain(..surplus);
            self.first += i64::try_from(surplus).unwrap_or(0);
            self.cursor = self.cursor.saturating_sub(surplus);
            self.top -= surplus;
            self.before = true;
        }
    }

    /// Moves by a command, asking for rows that come near.
    pub fn run(&mut self, env: &mut Env, cmd: Cmd, (text, sort): (&str, Sort), height: usize) -> Handled {
        let page = height.saturating_sub(1).max(1);
        let last = self.rows.len().saturating_sub(1);
        let (down, steps) = match cmd {
            Cmd::Down => (true, 1),
            Cmd::PageDown => (true, page),
            Cmd::Up => (false, 1),
            Cmd::PageUp => (false, page),
            Cmd::Top => {
                match self.before {
                    true => self.fetch(env, text, sort, Anchor::Top, Fetch::Top),
                    false => self.cursor = 0,
                }
                self.settle(height);
                return Handled::Yes;
            }
            Cmd::Bottom => {
                match self.after {
                    true => self.fetch(env, text, sort, Anchor::Bottom, Fetch::Bottom),
                    false => self.cursor = last,
                }
                self.settle(height);
                return Handled::Yes;
            }
            _ => return Handled::No,
        };
        let target = if down { self.cursor.saturating_add(steps) } else { self.cursor.saturating_sub(steps) };
        let short = if down { target.saturating_sub(last) } else { steps.saturating_sub(self.cursor) };
        self.cursor = target.min(last);
        if self.pending.is_none() {
            // Rows are asked for when they are about to come into sight, so that reading stays what is read.
            if down && self.after && self.cursor + height > last {
                let last = self.further.0.clone().or_else(|| self.rows.last().map(|row| row.cursor.clone()));
                let anchor = last.map(Anchor::After);
                self.fetch(env, text, sort, anchor.unwrap_or_default(), Fetch::Below(short));
            } else if !down && self.before && self.cursor < height {
                let first = self.further.1.clone().or_else(|| self.rows.first().map(|row| row.cursor.clone()));
                let anchor = first.map(Anchor::Before);
                self.fetch(env, text, sort, anchor.unwrap_or_default(), Fetch::Above(short));
            }
        }
        self.settle(height);
        Handled::Yes
    }

    fn settle(&mut self, height: usize) {
        self.top = self.window(height).start;
    }

    /// Which of the rows held are in sight.
    pub fn window(&self, height: usize) -> std::ops::Range<usize> {
        let height = height.max(1);
        let lowest = self.cursor.saturating_sub(height - 1);
        let top = self.top.clamp(lowest, self.cursor).min(self.rows.len().saturating_sub(height.min(self.rows.len())));
        top..self.rows.len().min(top + height)
    }

    /// The rows held.
    pub fn held(&self) -> &[CustomerRow] {
        &self.rows
    }

    /// The number of a row held, the same for as long as the list is not begun anew.
    pub fn number(&self, held: usize) -> i64 {
        self.first + i64::try_from(held).unwrap_or(0)
    }

    /// Which list this is; changes when it is begun anew.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The row that the cursor is on.
    pub fn current(&self) -> Option<&CustomerRow> {
        self.rows.get(self.cursor)
    }

    /// The place of the cursor among the rows held.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Puts the cursor on a customer, if its row is held.
    pub fn seek(&mut self, id: CustomerId, height: usize) {
        if let Some(at) = self.rows.iter().position(|row| row.id == id) {
            self.cursor = at;
            self.settle(height);
        }
    }
}
