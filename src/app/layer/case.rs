//! One case, opened: what it says, and what was logged and done about it.
//!
//! **Invariant:** it is opened by an action, since that is a look at its customer; what is shown is what the door last
//! answered.

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::screen::case_keys::{self, Doing};
use crate::app::screen::detail::lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::frame::popup;
use crate::app::widget::list::ListState;
use crate::app::wording;
use crate::domain::case::CaseState;
use crate::domain::id::{CaseId, CustomerId};
use crate::domain::when;
use crate::service::view::{CaseAction, CaseDetail, CaseQuery, CaseRow, CaseView};
use crate::service::{Action, Done, Query, View};
use crate::text;

/// Rows above what happened.
const HEAD: u16 = 3;

/// The case that is looked at.
#[derive(Debug)]
pub struct OpenCase {
    id: CaseId,
    detail: Option<Box<CaseDetail>>,
    list: ListState,
    asked: Option<Ticket>,
    doing: Option<Doing>,
}

impl OpenCase {
    /// A look at this case.
    pub fn new(id: CaseId) -> Self {
        Self { id, detail: None, list: ListState::default(), asked: None, doing: None }
    }

    fn row(&self) -> Option<&CaseRow> {
        self.detail.as_ref().map(|detail| &detail.row)
    }

    fn len(&self) -> usize {
        self.detail.as_ref().map_or(0, |detail| detail.timeline.len())
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(HEAD + 7)).max(1)
    }

    fn took(&mut self, env: &Env, detail: Box<CaseDetail>) {
        self.detail = Some(detail);
        self.list.go(self.list.cursor(), self.len(), Self::height(env));
    }

    fn head(env: &Env, shown: &CaseRow) -> String {
        let case = &shown.case;
        let state = wording::code(env, "case-state", case.state.code());
        let holder = shown.holder.clone().unwrap_or_else(|| env.t("cases-nobody"));
        let due = match case.due {
            Some(due) => when::show_full(due, env.offset, env.words.lang),
            None => env.t("case-no-due"),
        };
        env.ta("case-head", &[("state", &state), ("due", &due), ("who", &holder), ("name", &shown.customer.text())])
    }
}

impl Panel for OpenCase {
    fn places(&self) -> Vec<Place> {
        vec![Place::Cases, Place::List]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::TakeCase, Cmd::LogContact, Cmd::CloseCase, Cmd::HandCase, Cmd::Open, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        self.asked = Some(env.perform(Action::Case(CaseAction::Look(self.id))));
    }

    fn unavailable(&self, _env: &Env, cmd: Cmd) -> Option<&'static str> {
        match cmd {
            Cmd::Search | Cmd::Mark => Some("why-not-here"),
            Cmd::Open | Cmd::LogContact | Cmd::NewCase if self.detail.is_none() => Some("why-no-case"),
            _ => case_keys::unavailable(cmd, self.row()),
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if cmd == Cmd::Back {
            env.close();
            return Handled::Yes;
        }
        if self.list.run(cmd, self.len(), Self::height(env)) == Handled::Yes {
            return Handled::Yes;
        }
        let Some(shown) = self.row().cloned() else { return Handled::No };
        match cmd {
            Cmd::Open => env.show_customer(shown.case.customer),
            _ if case_keys::OF_ONE.contains(&cmd) => self.doing = case_keys::run(env, cmd, &shown),
            _ => return case_keys::beside(env, cmd, &shown),
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
            Ok(Answer::Done(Done::CaseOpened(detail)) | Answer::View(View::Cases(CaseView::Again(detail)))) => {
                self.took(env, detail);
            }
            Ok(_) => {}
            Err(refusal) => {
                // An undo may have taken the case away; what is left of it is not shown.
                env.refuse(&refusal);
                env.close();
            }
        }
    }

    fn changed(&mut self, env: &mut Env) {
        if self.detail.is_some() {
            self.asked = Some(env.ask(Query::Cases(CaseQuery::Again(self.id))));
        }
    }

    fn customer(&self) -> Option<CustomerId> {
        self.row().map(|shown| shown.case.customer)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let rows = self.len().clamp(1, Self::height(env));
        let height = u16::try_from(rows).unwrap_or(1) + HEAD + 2;
        let title = self.row().map_or_else(|| env.t("loading"), |shown| shown.case.ticket.as_str().to_owned());
        let inside = popup(env, canvas, area, (78, height), &title);
        let Some(detail) = &self.detail else { return };
        let cells = usize::from(inside.width);
        let subject = text::cut(detail.row.case.subject.as_str(), cells);
        canvas.text(inside, 0, 0, &subject, style(Ink::Strong));
        let late = detail.row.case.due.is_some_and(|due| due <= env.now) && detail.row.case.state != CaseState::Closed;
        let head = Self::head(env, &detail.row);
        canvas.text(inside, 1, 0, &text::cut(&head, cells), style(if late { Ink::Warn } else { Ink::Dim }));
        if detail.timeline.is_empty() {
            canvas.text(inside, HEAD, 0, &env.t("case-nothing"), style(Ink::Dim));
        }
        let window = self.list.window(self.len(), usize::from(inside.height.saturating_sub(HEAD)));
        for (at, number) in window.enumerate() {
            let line = row(inside, u16::try_from(at).unwrap_or(u16::MAX).saturating_add(HEAD));
            let said = detail.timeline.get(number).map(|item| lines::happening(env, item)).unwrap_or_default();
            canvas.text(line, 0, 0, &text::cut(&said, cells), style(Ink::Plain));
            if number == self.list.cursor() {
                canvas.style(line, style(Ink::Cursor));
            }
        }
    }
}
