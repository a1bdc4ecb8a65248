//! The template part of a contact being logged: the list to choose from, and what was filled in.
//!
//! **Invariant:** what is masked stands in braces in the line, and as its mask in what is logged.

use ratatui::layout::Rect;

use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::frame::popup;
use crate::app::widget::list::ListState;
use crate::app::{commands::Cmd, wording};
use crate::domain::field::FieldKey;
use crate::domain::id::CustomerId;
use crate::domain::template::{Place, fill, words};
use crate::privacy::class::FieldClass;
use crate::service::view::{Filled, TemplateQuery, TemplateRow, TemplateView};
use crate::service::{Query, View};
use crate::text::{self, Printable};

/// See the head of this file.
#[derive(Debug, Default)]
pub struct Message {
    rows: Option<Vec<TemplateRow>>,
    list: ListState,
    choosing: Choosing,
    asked: Option<Ticket>,
    filling: Option<Ticket>,
    filled: Option<Kept>,
}

/// Whether the list is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Choosing {
    Yes,
    #[default]
    No,
}

#[derive(Debug)]
struct Kept {
    /// The text in one line, as it was put into the field.
    line: String,
    filled: Filled,
}

/// The most templates in sight.
const HEIGHT: usize = 10;

impl Message {
    /// Shows the list.
    pub fn choose(&mut self, env: &mut Env) {
        self.choosing = Choosing::Yes;
        self.asked = Some(env.ask(Query::Templates(TemplateQuery::List)));
    }

    /// Whether the list is shown.
    pub fn is_choosing(&self) -> bool {
        self.choosing == Choosing::Yes
    }

    /// Takes the list away.
    pub fn close(&mut self) {
        self.choosing = Choosing::No;
    }

    fn rows(&self) -> &[TemplateRow] {
        self.rows.as_deref().unwrap_or_default()
    }

    /// A key in the list.
    pub fn key(&mut self, env: &mut Env, customer: CustomerId, key: Key) -> Handled {
        let len = self.rows().len();
        match key.code {
            KeyCode::Up => _ = self.list.run(Cmd::Up, len, HEIGHT),
            KeyCode::Down => _ = self.list.run(Cmd::Down, len, HEIGHT),
            KeyCode::Enter => {
                if let Some(row) = self.rows().get(self.list.cursor()) {
                    let query = TemplateQuery::Filled(row.template.id, customer);
                    self.filling = Some(env.ask(Query::Templates(query)));
                }
                self.choosing = Choosing::No;
            }
            _ => {}
        }
        Handled::Yes
    }

    /// An answer; gives what is to be put into the field.
    pub fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) -> Option<Filled> {
        let mine = self.asked.take_if(|t| *t == ticket).or_else(|| self.filling.take_if(|t| *t == ticket));
        mine?;
        match reply {
            Ok(Answer::View(View::Templates(TemplateView::Rows(rows)))) => {
                self.list.go(self.list.cursor(), rows.len(), HEIGHT);
                self.rows = Some(rows);
                None
            }
            Ok(Answer::View(View::Templates(TemplateView::Filled(filled)))) => Some(filled),
            Ok(_) => None,
            Err(refusal) => {
                self.choosing = Choosing::No;
                env.refuse(&refusal);
                None
            }
        }
    }

    /// Remembers what was filled in, and how it stands in the line.
    pub fn take(&mut self, line: &str, filled: Filled) {
        self.filled = Some(Kept { line: line.trim().to_owned(), filled });
    }

    /// What was said with its line breaks, where it is still as it was filled in.
    pub fn whole(&self, said: &str) -> Printable {
        match &self.filled {
            Some(kept) if kept.line == said.trim() => kept.filled.text.clone(),
            _ => Printable::line(said),
        }
    }

    fn mask(&self, word: &str) -> Option<&str> {
        let masked = self.filled.as_ref().map(|kept| kept.filled.masked.as_slice()).unwrap_or_default();
        masked.iter().find(|(known, ..)| known == word).map(|(.., mask)| mask.as_str())
    }

    /// What is logged: masks in the place of what is masked, everything else as it was typed.
    pub fn logged(&self, said: &str) -> Printable {
        let text = self.whole(said);
        if !words(text.as_str()).iter().any(|word| self.mask(word).is_some()) {
            return text;
        }
        let as_typed = |word: &str| format!("{{{word}}}");
        let filled =
            fill(text.as_str(), &mut |word| Some(self.mask(word).map_or_else(|| as_typed(word), str::to_owned).into()));
        Printable::lines(&filled)
    }

    /// The fields of a class that a text asks for, each once.
    pub fn sealed(env: &Env, text: &str) -> Vec<FieldKey> {
        let mut out = Vec::new();
        for word in words(text) {
            let Some(Place::Field(key)) = Place::of(word) else { continue };
            let sealed = env.schema.on().any(|def| def.key == key && def.class != FieldClass::Open);
            if sealed && !out.contains(&key) {
                out.push(key);
            }
        }
        out
    }

    /// What the places that still stand in braces look like.
    pub fn hint(&self, said: &str) -> Option<String> {
        let said = words(said);
        let shown = said.iter().filter_map(|word| Some(format!("{{{word}}} = {}", self.mask(word)?)));
        let shown: Vec<String> = shown.collect();
        (!shown.is_empty()).then(|| shown.join(" · "))
    }

    /// Draws the list over the form.
    pub fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        if self.choosing == Choosing::No {
            return;
        }
        let style = |ink| env.theme.style(ink);
        let rows = self.rows();
        let height = u16::try_from(rows.len().clamp(1, HEIGHT)).unwrap_or(1) + 3;
        let inside = popup(env, canvas, area, (76, height), &env.t("template-choose"));
        if rows.is_empty() {
            let key = if self.rows.is_some() { "template-none" } else { "loading" };
            canvas.text(inside, 0, 0, &env.t(key), style(Ink::Plain));
        }
        let window = self.list.window(rows.len(), usize::from(inside.height.saturating_sub(1)));
        for (at, (number, kept)) in rows.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
            let line = row(inside, u16::try_from(at).unwrap_or(u16::MAX));
            let kind = wording::code(env, "interaction", kept.template.kind.code());
            canvas.text(line, 0, 1, &text::pad(kept.template.name.as_str(), 24), style(Ink::Strong));
            canvas.text(line, 0, 26, &text::pad(&kind, 8), style(Ink::Dim));
            let body = Printable::line(kept.template.text.as_str());
            canvas.text(line, 0, 35, &text::cut(body.as_str(), 36), style(Ink::Plain));
            if number == self.list.cursor() {
                canvas.text(line, 0, 0, ">", style(Ink::Key));
                canvas.style(line, style(Ink::Cursor));
            }
        }
        let last = inside.height.saturating_sub(1);
        canvas.text(inside, last, 0, &env.t("template-choose-hint"), style(Ink::Dim));
    }
}
