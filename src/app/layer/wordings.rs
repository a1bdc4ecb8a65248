//! The purposes of consents with the wording of each, which whoever may writes anew.
//!
//! **Invariant:** every version that ever was can be read here; none can be removed.

use ratatui::layout::Rect;

use super::paper::Paper;
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::wording::WordingForm;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::screen::consent_keys;
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::frame::popup;
use crate::app::widget::list::ListState;
use crate::app::wording;
use crate::service::view::PurposeRow;
use crate::service::{Query, View};
use crate::text::{self, half_width};

/// The purposes that are looked at.
#[derive(Debug, Default)]
pub struct Wordings {
    rows: Option<Vec<PurposeRow>>,
    list: ListState,
    asked: Option<Ticket>,
}

/// Rows below the list: the wording of the one under the cursor, and the keys.
const FOOT: u16 = 7;

impl Wordings {
    fn rows(&self) -> &[PurposeRow] {
        self.rows.as_deref().unwrap_or_default()
    }

    fn current(&self) -> Option<&PurposeRow> {
        self.rows().get(self.list.cursor())
    }

    fn change(&self, env: &mut Env) {
        if let Some((row, now)) = self.current().and_then(|row| Some((row, row.current()?))) {
            let form = WordingForm::new(row.purpose, now);
            env.open(Box::new(form));
        }
    }

    fn show_all(&self, env: &mut Env) {
        let Some(kept) = self.current() else { return };
        let mut paper = Paper::new(wording::code(env, "consent-purpose", kept.purpose.code()));
        for (version, by) in kept.wordings.iter().zip(&kept.by).rev() {
            let since = version.since.map(|at| wording::moment(env, at)).unwrap_or_else(|| env.t("wording-shipped"));
            let head = env.ta("wording-version", &[("version", &version.version), ("since", &since), ("by", by)]);
            paper = paper.with(head, Ink::Strong);
            for text in version.texts.iter().filter(|text| !text.is_empty()) {
                paper = paper.with(text.as_str().to_owned(), Ink::Plain);
            }
            paper = paper.with(String::new(), Ink::Plain);
        }
        env.open(Box::new(paper));
    }
}

impl Panel for Wordings {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Up, Cmd::Down, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::Purposes));
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match cmd {
            Cmd::Back => env.close(),
            _ => return self.list.run(cmd, self.rows().len(), self.rows().len().max(1)),
        }
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match (key.code, key.typed().map(half_width)) {
            (KeyCode::Enter, _) | (_, Some('e')) => self.change(env),
            (_, Some('v')) => self.show_all(env),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        match reply {
            Ok(Answer::View(View::Purposes(rows))) => self.rows = Some(rows),
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::Purposes));
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let rows = self.rows();
        let height = u16::try_from(rows.len().max(1)).unwrap_or(1) + FOOT + 2;
        let inside = popup(env, canvas, area, (76, height), &env.t("wordings-title"));
        if self.rows.is_none() {
            canvas.text(inside, 0, 0, &env.t("loading"), style(Ink::Plain));
        }
        for (number, kept) in rows.iter().enumerate() {
            let line = row(inside, u16::try_from(number).unwrap_or(u16::MAX));
            let purpose = wording::code(env, "consent-purpose", kept.purpose.code());
            canvas.text(line, 0, 1, &text::pad(&purpose, 26), style(Ink::Strong));
            let version = kept.current().map_or(1, |now| now.version);
            canvas.text(line, 0, 28, &format!("v{version}"), style(Ink::Plain));
            canvas.text(line, 0, 34, &consent_keys::asking(env, kept.purpose), style(Ink::Dim));
            if number == self.list.cursor() {
                canvas.text(line, 0, 0, ">", style(Ink::Key));
                canvas.style(line, style(Ink::Cursor));
            }
        }
        let foot = inside.height.saturating_sub(FOOT);
        if let Some(now) = self.current().and_then(PurposeRow::current) {
            let lines = text_lines(consent_keys::text_of(env, now), usize::from(inside.width));
            for (at, line) in (1..FOOT - 1).zip(&lines) {
                canvas.text(inside, foot + at, 0, line, style(Ink::Dim));
            }
        }
        canvas.text(inside, inside.height.saturating_sub(1), 0, &env.t("wordings-hint"), style(Ink::Dim));
    }
}
