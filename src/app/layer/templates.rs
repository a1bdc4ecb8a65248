//! The templates: added, written anew, removed.
//!
//! **Invariant:** a place that nothing can be filled into is named where its template is under the cursor.

use ratatui::layout::Rect;

use super::confirm::Confirm;
use super::kept::{Frame, Kept};
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::template::TemplateForm;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
use crate::app::wording;
use crate::service::view::{TemplateAction, TemplateQuery, TemplateRow, TemplateView};
use crate::service::{Action, Query, View};
use crate::text::{self, half_width};

/// The templates that are looked at.
#[derive(Debug)]
pub struct Templates {
    kept: Kept<TemplateRow>,
}

impl Default for Templates {
    fn default() -> Self {
        Self { kept: Kept::new(FOOT) }
    }
}

/// Rows below the list: the text of the one under the cursor, what is wrong with it, and the keys.
const FOOT: u16 = 5;

impl Templates {
    fn change(&self, env: &mut Env) {
        if let Some(row) = self.kept.current() {
            let form = TemplateForm::change(&row.template);
            env.open(Box::new(form));
        }
    }

    fn remove(&self, env: &mut Env) {
        let Some(row) = self.kept.current() else { return };
        let template = &row.template;
        let question = env.ta("template-remove-ask", &[("name", &template.name)]);
        let action = Action::Template(TemplateAction::Remove(template.id, template.version));
        env.open(Box::new(Confirm::new(env.t("template-remove-title"), question, env.t("template-removed"), action)));
    }
}

impl Panel for Templates {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Up, Cmd::Down, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        self.kept.ask(env, Query::Templates(TemplateQuery::List));
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        self.kept.run(env, cmd)
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match (key.code, key.typed().map(half_width)) {
            (KeyCode::Enter, _) | (_, Some('e')) => self.change(env),
            (KeyCode::Insert, _) | (_, Some('a' | 'n')) => env.open(Box::new(TemplateForm::add())),
            (KeyCode::Delete, _) | (_, Some('x')) => self.remove(env),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if !self.kept.answers(ticket) {
            return;
        }
        match reply {
            Ok(Answer::View(View::Templates(TemplateView::Rows(rows)))) => self.kept.fill(env, rows),
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.kept.ask(env, Query::Templates(TemplateQuery::List));
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let (title, keys) = (env.t("templates-title"), env.t("templates-hint"));
        let frame = Frame { title: &title, none: "templates-none", hints: &[&keys] };
        let foot = self.kept.draw(env, (area, &mut *canvas), &frame, |kept, line, canvas| {
            let kind = wording::code(env, "interaction", kept.template.kind.code());
            canvas.text(line, 0, 1, &text::pad(kept.template.name.as_str(), 40), style(Ink::Strong));
            canvas.text(line, 0, 42, &text::pad(&kind, 8), style(Ink::Plain));
            if !kept.unknown.is_empty() {
                let many = env.ta("template-unknown-count", &[("n", &kept.unknown.len())]);
                canvas.text(line, 0, 52, &many, style(Ink::Warn));
            }
        });
        if let Some(kept) = self.kept.current() {
            let cells = usize::from(foot.width);
            let text = kept.template.text.as_str();
            let lines: Vec<String> = text.split('\n').flat_map(|line| text_lines(line, cells)).collect();
            for (at, line) in (1..FOOT - 2).zip(&lines) {
                canvas.text(foot, at, 0, line, style(Ink::Dim));
            }
            if !kept.unknown.is_empty() {
                let words = env.ta("template-unknown", &[("words", &braced(env, &kept.unknown))]);
                canvas.text(foot, FOOT - 2, 0, &words, style(Ink::Warn));
            }
        }
    }
}

/// Words as they stand in a text.
pub fn braced(env: &Env, words: &[String]) -> String {
    words.iter().map(|word| format!("{{{word}}}")).collect::<Vec<_>>().join(&env.t("form-list"))
}
