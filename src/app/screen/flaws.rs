//! What is missing, invalid or contradictory in the data: how much first, then where, with the fix one key away.
//!
//! **Invariant:** counts go on as long as there is more to look at, stretch by stretch; until then they are said to be the
//! least.

use ratatui::layout::Rect;

use super::frame::text_lines;
use super::task;
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::customer::CustomerForm;
use crate::app::form::follow_up::FollowUpForm;
use crate::app::form::line::Focus;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::list::ListState;
use crate::app::wording;
use crate::domain::field::FieldKey;
use crate::domain::id::CustomerId;
use crate::service::view::{Cursor, FlawKind, FlawRow, FlawWhy, QualityQuery, QualityView};
use crate::service::{Action, Change, Done, Query, View};
use crate::text;

/// What is wrong, as far as it is known.
#[derive(Debug, Default)]
pub struct Flaws {
    counts: Vec<(FlawKind, u64)>,
    looked: u64,
    counting: Option<Ticket>,
    kinds: ListState,
    /// Of which kind the list is looked at.
    shown: Option<FlawKind>,
    rows: Vec<FlawRow>,
    list: ListState,
    resume: Option<Cursor>,
    listing: Option<Ticket>,
    /// Who is opened to be mended, and where.
    mending: Option<(Ticket, String, FlawWhy)>,
    /// Whose value is taken out.
    clearing: Option<Ticket>,
}

impl Flaws {
    fn count(&mut self, env: &mut Env, from: Option<Cursor>) {
        if from.is_none() {
            self.counts = FlawKind::ALL.iter().map(|kind| (*kind, 0)).collect();
            self.looked = 0;
        }
        self.counting = Some(env.ask(Query::Quality(QualityQuery::Counts(from))));
    }

    fn ask(&mut self, env: &mut Env, kind: FlawKind, from: Option<Cursor>) {
        if from.is_none() {
            self.rows.clear();
            self.resume = None;
        }
        self.shown = Some(kind);
        self.listing = Some(env.ask(Query::Quality(QualityQuery::List(kind, from))));
    }

    fn height(env: &Env) -> usize {
        task::height(env).saturating_sub(4).max(1)
    }

    fn current(&self) -> Option<&FlawRow> {
        self.shown.and_then(|_| self.rows.get(self.list.cursor()))
    }

    fn open(&mut self, env: &mut Env) {
        match self.shown {
            None => {
                if let Some((kind, _)) = self.counts.get(self.kinds.cursor()).copied() {
                    self.list = ListState::default();
                    self.ask(env, kind, None);
                }
            }
            Some(_) => {
                if let Some(row) = self.current() {
                    match FieldKey::new(&row.part).filter(|key| env.schema.get(key.as_str()).is_some()) {
                        Some(field) => env.show_field(row.customer, field),
                        None => env.show_customer(row.customer),
                    }
                }
            }
        }
    }

    /// Opens what mends the flaw under the cursor.
    fn mend(&mut self, env: &mut Env) {
        let Some(row) = self.current() else { return };
        match row.why {
            FlawWhy::NoNextStep => {
                let form = FollowUpForm::add(row.customer, row.name.text());
                env.open(Box::new(form));
            }
            FlawWhy::ShutOut | FlawWhy::OpenDeal => env.show_customer(row.customer),
            _ => {
                let (part, why) = (row.part.clone(), row.why);
                self.mending = Some((env.perform(Action::OpenCustomer(row.customer)), part, why));
            }
        }
    }

    fn mended(&mut self, env: &mut Env, reply: Reply, part: &str) {
        match reply {
            Ok(Answer::Done(Done::Customer(customer))) => {
                let mut form = CustomerForm::edit(env, &customer);
                form.focus(part);
                env.open(Box::new(form));
            }
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn moves(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        let height = Self::height(env);
        let Some(kind) = self.shown else { return self.kinds.run(cmd, self.counts.len(), height) };
        let handled = self.list.run(cmd, self.rows.len(), height);
        let near = self.list.cursor() + height >= self.rows.len();
        if near && self.listing.is_none() && self.resume.is_some() {
            let from = self.resume.take();
            self.ask(env, kind, from);
        }
        handled
    }
}

impl Panel for Flaws {
    fn places(&self) -> Vec<Place> {
        vec![Place::Quality, Place::List]
    }

    fn footer(&self) -> Vec<Cmd> {
        match self.shown {
            None => vec![Cmd::Open, Cmd::Back],
            Some(_) => vec![Cmd::Fix, Cmd::Open, Cmd::Back],
        }
    }

    fn enter(&mut self, env: &mut Env) {
        self.count(env, None);
    }

    fn unavailable(&self, _env: &Env, cmd: Cmd) -> Option<&'static str> {
        match cmd {
            Cmd::Fix if self.current().is_none() => Some("why-no-flaw"),
            Cmd::Mark | Cmd::Search => Some("why-not-here"),
            _ => None,
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match (cmd, self.shown) {
            (Cmd::Back, Some(_)) => self.shown = None,
            (Cmd::Back, None) => env.close(),
            (Cmd::Open, _) => self.open(env),
            (Cmd::Fix, _) => self.mend(env),
            _ => return self.moves(env, cmd),
        }
        Handled::Yes
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.clearing.take_if(|asked| *asked == ticket).is_some() {
            match reply {
                Ok(_) => {
                    env.good(env.t("flaws-cleared"));
                    self.changed(env);
                }
                Err(refusal) => env.refuse(&refusal),
            }
            return;
        }
        if let Some((_, part, why)) = self.mending.take_if(|(asked, ..)| *asked == ticket) {
            match (reply, FieldKey::new(&part)) {
                // What is kept for too long goes, and comes back by an undo.
                (Ok(Answer::Done(Done::Customer(customer))), Some(field)) if why == FlawWhy::KeptTooLong => {
                    let (id, version) = (customer.profile.id, customer.profile.version);
                    let clear = Action::EditCustomer(id, version, vec![Change::Clear(field)]);
                    self.clearing = Some(env.perform(clear));
                }
                (reply, _) => self.mended(env, reply, &part),
            }
            return;
        }
        let counted = self.counting.take_if(|asked| *asked == ticket).is_some();
        let listed = self.listing.take_if(|asked| *asked == ticket).is_some();
        match reply {
            Ok(Answer::View(View::Quality(QualityView::Counts(found)))) if counted => {
                for (kind, count) in &mut self.counts {
                    let more = found.counts.iter().find(|(of, _)| of == kind);
                    *count += more.map_or(0, |(_, count)| *count);
                }
                self.looked += found.looked;
                if found.resume.is_some() {
                    self.count(env, found.resume);
                }
            }
            Ok(Answer::View(View::Quality(QualityView::Page(page)))) if listed => {
                self.rows.extend(page.rows);
                self.resume = page.resume;
                self.list.go(self.list.cursor(), self.rows.len(), Self::height(env));
                // A stretch may have nothing of this kind in it.
                if let (true, Some(kind)) = (self.rows.len() < Self::height(env), self.shown)
                    && self.resume.is_some()
                {
                    let from = self.resume.take();
                    self.ask(env, kind, from);
                }
            }
            Err(refusal) if counted || listed => env.refuse(&refusal),
            _ => {}
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.count(env, None);
        if let Some(kind) = self.shown {
            self.ask(env, kind, None);
        }
    }

    fn customer(&self) -> Option<CustomerId> {
        None
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        canvas.clear(area);
        let style = |ink| env.theme.style(ink);
        canvas.text(area, 0, 1, &env.t("flaws-title"), style(Ink::Strong));
        let key = if self.counting.is_some() { "flaws-looking" } else { "flaws-looked" };
        let looked = env.ta(key, &[("n", &self.looked)]);
        canvas.text_right(canvas::inset(area, 1), 0, &looked, style(Ink::Dim));
        let body = canvas::below(area, 2);
        match self.shown {
            None => self.draw_counts(env, body, canvas),
            Some(kind) => self.draw_rows(env, kind, body, canvas),
        }
    }
}

impl Flaws {
    fn draw_counts(&self, env: &Env, body: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        for (at, (kind, count)) in self.counts.iter().enumerate() {
            let row = canvas::row(body, u16::try_from(at).unwrap_or(u16::MAX));
            let more = if self.counting.is_some() { "+" } else { "" };
            canvas.text(row, 0, 3, &text::pad(&wording::code(env, "flaw", kind.code()), 16), style(Ink::Strong));
            canvas.text(row, 0, 20, &format!("{:>9}", format!("{count}{more}")), style(Ink::Plain));
            canvas.text(row, 0, 32, &wording::code(env, "flaw-about", kind.code()), style(Ink::Dim));
            task::mark(env, canvas, row, Focus::on(at, self.kinds.cursor()));
        }
        let below = u16::try_from(self.counts.len()).unwrap_or(3) + 1;
        let nothing = self.counting.is_none() && self.counts.iter().all(|(_, count)| *count == 0);
        let words = env.t(if nothing { "flaws-none" } else { "flaws-hint" });
        for (at, line) in text_lines(&words, usize::from(body.width.saturating_sub(4))).iter().enumerate() {
            canvas.text(body, below + u16::try_from(at).unwrap_or(0), 3, line, style(Ink::Dim));
        }
    }

    fn draw_rows(&self, env: &Env, kind: FlawKind, body: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        canvas.text(body, 0, 1, &wording::code(env, "flaw", kind.code()), style(Ink::Strong));
        let list = canvas::below(body, 1);
        if self.rows.is_empty() {
            let key = if self.listing.is_some() { "loading" } else { "flaws-nothing" };
            canvas.text(list, 1, 3, &env.t(key), style(Ink::Dim));
            return;
        }
        for (shown, at) in self.list.window(self.rows.len(), usize::from(list.height)).enumerate() {
            let Some(flaw) = self.rows.get(at) else { continue };
            let row = canvas::row(list, u16::try_from(shown).unwrap_or(u16::MAX));
            let column = canvas.text(row, 0, 3, &text::pad(flaw.name.text(), 26), style(Ink::Plain));
            let part = if flaw.part == "next" { env.t("flaw-next") } else { wording::field(env, &flaw.part) };
            let column = canvas.text(row, 0, column + 1, &text::pad(&part, 16), style(Ink::Strong));
            canvas.text(row, 0, column + 1, &wording::code(env, "flaw-why", flaw.why.code()), style(Ink::Dim));
            task::mark(env, canvas, row, Focus::on(at, self.list.cursor()));
        }
    }
}
