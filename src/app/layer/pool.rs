//! The shared pool: who is in it, one key to claim, and a dry run of whom it would take.
//!
//! **Invariant:** nobody is opened from here; a claim is taken back by an undo, so none is asked twice.

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::pool_days::PoolDays;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::frame::popup;
use crate::app::widget::list::ListState;
use crate::app::wording;
use crate::service::view::{PoolAction, PoolPage, PoolQuery, PoolRow};
use crate::service::{Action, Query, View};
use crate::text::{self, Printable, half_width};

/// Cells of a name, and of a stage.
const NAME: usize = 24;
const STAGE: usize = 12;
/// Rows that are asked for at once.
const AT_ONCE: u16 = 100;
/// So near to the end of what is held more is asked for.
const NEAR: usize = 20;

/// The pool that is looked at.
#[derive(Debug, Default)]
pub struct Pool {
    page: Option<PoolPage>,
    list: ListState,
    asked: Option<(Ticket, Fetch)>,
    claiming: Option<(Ticket, Printable)>,
}

/// What an answer on its way is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fetch {
    Anew,
    More,
}

impl Pool {
    fn rows(&self) -> &[PoolRow] {
        self.page.as_ref().map_or(&[], |page| &page.rows)
    }

    fn current(&self) -> Option<&PoolRow> {
        self.rows().get(self.list.cursor())
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(11)).max(1)
    }

    fn ask(&mut self, env: &mut Env) {
        self.asked = Some((env.ask(Query::Pool(PoolQuery::List(None, AT_ONCE))), Fetch::Anew));
    }

    /// Asks for what stands below, once the cursor comes near it.
    fn ask_more(&mut self, env: &mut Env) {
        let Some(page) = self.page.as_ref().filter(|page| page.more && self.asked.is_none()) else { return };
        if self.list.cursor() + NEAR >= page.rows.len() {
            let last = page.rows.last().map(|row| row.cursor.clone());
            self.asked = Some((env.ask(Query::Pool(PoolQuery::List(last, AT_ONCE))), Fetch::More));
        }
    }

    fn letter(&mut self, env: &mut Env, letter: char) -> Handled {
        match (letter, self.current()) {
            ('d', _) => {
                let form = PoolDays::new(env);
                env.open(Box::new(form));
            }
            ('c', Some(row)) if self.claiming.is_none() => {
                let (id, name) = (row.id, Printable::line(&text::cut(row.name.text(), NAME)));
                self.claiming = Some((env.perform(Action::Pool(PoolAction::Claim(id))), name));
            }
            ('c', _) => {}
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn came(&mut self, env: &Env, fetch: Fetch, page: PoolPage) {
        match (&mut self.page, fetch) {
            (Some(held), Fetch::More) => {
                held.rows.extend(page.rows);
                (held.more, held.total, held.claims) = (page.more, page.total, page.claims);
            }
            _ => {
                self.list.go(self.list.cursor(), page.rows.len(), Self::height(env));
                self.page = Some(page);
            }
        }
    }

    /// What there is to say of the row under the cursor.
    fn about(&self, env: &Env) -> (String, Ink) {
        match self.current() {
            Some(row) if row.restricted => (env.t("pool-restricted"), Ink::Warn),
            Some(PoolRow { rests_until: Some(until), .. }) => {
                (env.ta("pool-rests", &[("day", &wording::day(env, *until))]), Ink::Warn)
            }
            Some(row) => (env.ta("pool-since", &[("when", &wording::moment(env, row.since))]), Ink::Plain),
            None => (String::new(), Ink::Dim),
        }
    }

    fn foot(&self, env: &Env) -> String {
        let days = env.me.as_ref().map_or(0, |me| me.policy.pool_days);
        let takes = if days == 0 { env.t("pool-off") } else { env.ta("pool-on", &[("n", &days)]) };
        let Some(page) = &self.page else { return takes };
        let (left, most) = page.claims;
        format!("{} · {takes}", env.ta("pool-claims", &[("left", &left), ("most", &most)]))
    }

    fn draw_row(&self, env: &Env, line: Rect, canvas: &mut Canvas<'_>, shown: &PoolRow) {
        let style = |ink| env.theme.style(ink);
        let rests = shown.restricted || shown.rests_until.is_some();
        let ink = if rests { Ink::Dim } else { Ink::Plain };
        let name = text::pad(&text::cut(shown.name.text(), NAME), NAME);
        let stage = text::pad(&text::cut(&wording::code(env, "stage", shown.stage.code()), STAGE), STAGE);
        canvas.text(line, 0, 1, &name, style(if rests { Ink::Dim } else { Ink::Strong }));
        let column = canvas.text(line, 0, 2 + u16::try_from(NAME).unwrap_or(0), &stage, style(ink)) + 1;
        let since = wording::day(env, shown.since);
        let width = u16::try_from(text::width(&since)).unwrap_or(0);
        let room = usize::from(line.width.saturating_sub(column + width + 2));
        canvas.text(line, 0, column, &text::cut(&shown.tags.join(" "), room), style(ink));
        canvas.text_right(line, 0, &since, style(Ink::Dim));
    }
}

impl Panel for Pool {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Up, Cmd::Down, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        self.ask(env);
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if cmd == Cmd::Back {
            env.close();
            return Handled::Yes;
        }
        let handled = self.list.run(cmd, self.rows().len(), Self::height(env));
        self.ask_more(env);
        handled
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match key.code {
            KeyCode::Enter => self.letter(env, 'c'),
            _ => key.typed().map_or(Handled::No, |c| self.letter(env, half_width(c))),
        }
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if let Some((_, name)) = self.claiming.take_if(|(claiming, _)| *claiming == ticket) {
            match reply {
                Ok(_) => env.good(env.ta("pool-claimed", &[("name", &name)])),
                Err(refusal) => env.refuse(&refusal),
            }
            return env.changed();
        }
        let Some((_, fetch)) = self.asked.take_if(|(asked, _)| *asked == ticket) else { return };
        match reply {
            Ok(Answer::View(View::Pool(page))) => self.came(env, fetch, page),
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.ask(env);
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let rows = self.rows();
        let height = u16::try_from(rows.len().clamp(1, Self::height(env))).unwrap_or(1) + 6;
        let title = match &self.page {
            Some(page) => env.ta("pool-title-of", &[("n", &page.total)]),
            None => env.t("pool-title"),
        };
        let inside = popup(env, canvas, area, (78, height), &title);
        if rows.is_empty() {
            let key = if self.page.is_some() { "pool-nobody" } else { "loading" };
            canvas.text(inside, 0, 0, &env.t(key), style(Ink::Plain));
        }
        let window = self.list.window(rows.len(), usize::from(inside.height.saturating_sub(4)));
        for (at, (number, shown)) in rows.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
            let line = row(inside, u16::try_from(at).unwrap_or(u16::MAX));
            self.draw_row(env, line, canvas, shown);
            if number == self.list.cursor() {
                canvas.text(line, 0, 0, ">", style(Ink::Key));
                canvas.style(line, style(Ink::Cursor));
            }
        }
        let last = inside.height.saturating_sub(1);
        let (about, ink) = self.about(env);
        let cells = usize::from(inside.width);
        canvas.text(inside, last.saturating_sub(2), 0, &text::cut(&about, cells), style(ink));
        canvas.text(inside, last.saturating_sub(1), 0, &text::cut(&self.foot(env), cells), style(Ink::Dim));
        let hint = if rows.is_empty() { "pool-hint-empty" } else { "pool-hint" };
        canvas.text(inside, last, 0, &text::cut(&env.t(hint), cells), style(Ink::Dim));
    }
}
