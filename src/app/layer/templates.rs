//! The templates: added, written anew, removed.
//!
//! **Invariant:** a place that nothing can be filled into is named where its template is under the cursor.

use ratatui::layout::Rect;

use super::confirm::Confirm;
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::template::TemplateForm;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::frame::popup;
use crate::app::widget::list::ListState;
use crate::app::wording;
use crate::service::view::{TemplateAction, TemplateQuery, TemplateRow, TemplateView};
use crate::service::{Action, Query, View};
use crate::text::{self, half_width};

/// The templates that are looked at.
#[derive(Debug, Default)]
pub struct Templates {
    rows: Option<Vec<TemplateRow>>,
    list: ListState,
    asked: Option<Ticket>,
}

/// Rows below the list: the text of the one under the cursor, what is wrong with it, and the keys.
const FOOT: u16 = 5;

impl Templates {
    fn rows(&self) -> &[TemplateRow] {
        self.rows.as_deref().unwrap_or_default()
    }

    fn current(&self) -> Option<&TemplateRow> {
        self.rows().get(self.list.cursor())
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(13)).max(1)
    }

    fn change(&self, env: &mut Env) {
        if let Some(row) = self.current() {
            let form = TemplateForm::change(&row.template);
            env.open(Box::new(form));
        }
    }

    fn remove(&self, env: &mut Env) {
        let Some(row) = self.current() else { return };
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
        self.asked = Some(env.ask(Query::Templates(TemplateQuery::List)));
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match cmd {
            Cmd::Back => env.close(),
            _ => return self.list.run(cmd, self.rows().len(), Self::height(env)),
        }
        Handled::Yes
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
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        match reply {
            Ok(Answer::View(View::Templates(TemplateView::Rows(rows)))) => {
                self.list.go(self.list.cursor(), rows.len(), Self::height(env));
                self.rows = Some(rows);
            }
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::Templates(TemplateQuery::List)));
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let rows = self.rows();
        let height = u16::try_from(rows.len().clamp(1, Self::height(env))).unwrap_or(1) + FOOT + 2;
        let inside = popup(env, canvas, area, (76, height), &env.t("templates-title"));
        if rows.is_empty() {
            let key = if self.rows.is_some() { "templates-none" } else { "loading" };
            canvas.text(inside, 0, 0, &env.t(key), style(Ink::Plain));
        }
        let window = self.list.window(rows.len(), usize::from(inside.height.saturating_sub(FOOT)));
        for (at, (number, kept)) in rows.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
            let line = row(inside, u16::try_from(at).unwrap_or(u16::MAX));
            let kind = wording::code(env, "interaction", kept.template.kind.code());
            canvas.text(line, 0, 1, &text::pad(kept.template.name.as_str(), 40), style(Ink::Strong));
            canvas.text(line, 0, 42, &text::pad(&kind, 8), style(Ink::Plain));
            if !kept.unknown.is_empty() {
                canvas.text(
                    line,
                    0,
                    52,
                    &env.ta("template-unknown-count", &[("n", &kept.unknown.len())]),
                    style(Ink::Warn),
                );
            }
            if number == self.list.cursor() {
                canvas.text(line, 0, 0, ">", style(Ink::Key));
                canvas.style(line, style(Ink::Cursor));
            }
        }
        let foot = inside.height.saturating_sub(FOOT);
        if let Some(kept) = self.current() {
            let cells = usize::from(inside.width);
            let text = kept.template.text.as_str();
            let lines: Vec<String> = text.split('\n').flat_map(|line| text_lines(line, cells)).collect();
            for (at, line) in (1..FOOT - 2).zip(&lines) {
                canvas.text(inside, foot + at, 0, line, style(Ink::Dim));
            }
            if !kept.unknown.is_empty() {
                let words = env.ta("template-unknown", &[("words", &braced(env, &kept.unknown))]);
                canvas.text(inside, foot + FOOT - 2, 0, &words, style(Ink::Warn));
            }
        }
        canvas.text(inside, inside.height.saturating_sub(1), 0, &env.t("templates-hint"), style(Ink::Dim));
    }
}

/// Words as they stand in a text.
pub fn braced(env: &Env, words: &[String]) -> String {
    words.iter().map(|word| format!("{{{word}}}")).collect::<Vec<_>>().join(&env.t("form-list"))
}
