//! The cases that are not closed, the earliest due first.
//!
//! **Invariant:** it lists what the door lists: cases of customers within scope, a customer's name as a list shows it.

use ratatui::layout::Rect;

use super::case::OpenCase;
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::screen::case_keys::{self, Doing};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::frame::popup;
use crate::app::widget::list::ListState;
use crate::service::view::{CaseQuery, CaseRow, CaseView, Held, When};
use crate::service::{Query, View};
use crate::text;

/// The most that are listed.
const MOST: u16 = 500;
/// Cells of a customer's name.
const NAME: usize = 16;

/// The cases that are looked at.
#[derive(Debug, Default)]
pub struct OpenCases {
    held: Held,
    rows: Option<Vec<CaseRow>>,
    list: ListState,
    asked: Option<Ticket>,
    doing: Option<Doing>,
}

impl OpenCases {
    /// All cases within scope.
    pub fn all() -> Self {
        Self { held: Held::All, ..Self::default() }
    }

    fn rows(&self) -> &[CaseRow] {
        self.rows.as_deref().unwrap_or_default()
    }

    fn current(&self) -> Option<&CaseRow> {
        self.rows().get(self.list.cursor())
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(9)).max(1)
    }

    fn ask(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::Cases(CaseQuery::Open(self.held, MOST))));
    }
}

impl Panel for OpenCases {
    fn places(&self) -> Vec<Place> {
        vec![Place::Cases, Place::List]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Open, Cmd::TakeCase, Cmd::LogContact, Cmd::CloseCase, Cmd::HandCase, Cmd::NextPart, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        self.ask(env);
    }

    fn unavailable(&self, _env: &Env, cmd: Cmd) -> Option<&'static str> {
        match cmd {
            Cmd::Search | Cmd::Mark => Some("why-not-here"),
            Cmd::Open | Cmd::LogContact | Cmd::NewCase if self.current().is_none() => Some("why-no-case"),
            _ => case_keys::unavailable(cmd, self.current()),
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match cmd {
            Cmd::Back => env.close(),
            Cmd::NextPart => {
                self.held = if self.held == Held::All { Held::MineOrNobodys } else { Held::All };
                self.ask(env);
            }
            _ if self.list.run(cmd, self.rows().len(), Self::height(env)) == Handled::Yes => {}
            _ => {
                let Some(shown) = self.current().cloned() else { return Handled::No };
                match cmd {
                    Cmd::Open => env.open(Box::new(OpenCase::new(shown.case.id))),
                    _ if case_keys::OF_ONE.contains(&cmd) => self.doing = case_keys::run(env, cmd, &shown),
                    _ => return case_keys::beside(env, cmd, &shown),
                }
            }
        }
        Handled::Yes
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if let Some(done) = case_keys::take(&mut self.doing, ticket) {
            case_keys::reply(env, done, reply);
            return;
        }
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        match reply {
            Ok(Answer::View(View::Cases(CaseView::Rows(rows)))) => {
                self.list.go(self.list.cursor(), rows.len(), Self::height(env));
                self.rows = Some(rows);
            }
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
        let height = u16::try_from(rows.len().clamp(1, Self::height(env))).unwrap_or(1) + 2;
        let title = env.t(if self.held == Held::All { "cases-title-all" } else { "cases-title-mine" });
        let inside = popup(env, canvas, area, (78, height), &title);
        if rows.is_empty() {
            let key = if self.rows.is_some() { "cases-none-open" } else { "loading" };
            canvas.text(inside, 0, 0, &env.t(key), style(Ink::Dim));
        }
        let window = self.list.window(rows.len(), usize::from(inside.height));
        for (at, (number, shown)) in rows.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
            let line = row(inside, u16::try_from(at).unwrap_or(u16::MAX));
            let ink = if shown.when == When::Overdue { Ink::Bad } else { Ink::Plain };
            let name = text::pad(&text::cut(shown.customer.text(), NAME), NAME);
            let said = format!("{name} {}", case_keys::line(env, shown));
            canvas.text(line, 0, 0, &text::cut(&said, usize::from(inside.width)), style(ink));
            if number == self.list.cursor() {
                canvas.style(line, style(Ink::Cursor));
            }
        }
    }
}
