//! The purposes of consents with the wording of each, which whoever may writes anew.
//!
//! **Invariant:** every version that ever was can be read here; none can be removed.

use ratatui::layout::Rect;

use super::kept::{Frame, Kept};
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
use crate::app::widget::canvas::Canvas;
use crate::app::wording;
use crate::service::view::PurposeRow;
use crate::service::{Query, View};
use crate::text::{self, half_width};

/// The purposes that are looked at.
#[derive(Debug)]
pub struct Wordings {
    kept: Kept<PurposeRow>,
}

impl Default for Wordings {
    fn default() -> Self {
        Self { kept: Kept::new(FOOT) }
    }
}

/// Rows below the list: the wording of the one under the cursor, and the keys.
const FOOT: u16 = 7;

impl Wordings {
    fn change(&self, env: &mut Env) {
        if let Some((row, now)) = self.kept.current().and_then(|row| Some((row, row.current()?))) {
            let form = WordingForm::new(row.purpose, now);
            env.open(Box::new(form));
        }
    }

    fn show_all(&self, env: &mut Env) {
        let Some(kept) = self.kept.current() else { return };
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
        self.kept.ask(env, Query::Purposes);
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        self.kept.run(env, cmd)
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
        if !self.kept.answers(ticket) {
            return;
        }
        match reply {
            Ok(Answer::View(View::Purposes(rows))) => self.kept.fill(env, rows),
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.kept.ask(env, Query::Purposes);
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let (title, keys) = (env.t("wordings-title"), env.t("wordings-hint"));
        let frame = Frame { title: &title, none: "loading", hints: &[&keys] };
        let foot = self.kept.draw(env, (area, &mut *canvas), &frame, |kept, line, canvas| {
            let purpose = wording::code(env, "consent-purpose", kept.purpose.code());
            canvas.text(line, 0, 1, &text::pad(&purpose, 26), style(Ink::Strong));
            let version = kept.current().map_or(1, |now| now.version);
            canvas.text(line, 0, 28, &format!("v{version}"), style(Ink::Plain));
            canvas.text(line, 0, 34, &consent_keys::asking(env, kept.purpose), style(Ink::Dim));
        });
        if let Some(now) = self.kept.current().and_then(PurposeRow::current) {
            let lines = text_lines(consent_keys::text_of(env, now), usize::from(foot.width));
            for (at, line) in (1..foot.height).zip(&lines) {
                canvas.text(foot, at, 0, line, style(Ink::Dim));
            }
        }
    }
}
