//! Writing a template: its name, for which kind of contact, and its text of several lines.
//!
//! **Invariant:** what the door will not know is said when it is saved, by the door.

use ratatui::layout::Rect;

use super::area::{Area, Went};
use super::leaving::Leaving;
use super::line::{self, Focus, LABEL};
use super::{Form, Step};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::layer::templates::braced;
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::id::TemplateId;
use crate::domain::interaction::InteractionKind;
use crate::domain::template::{LONGEST_NAME, Template, TemplateDraft};
use crate::service::view::TemplateAction;
use crate::service::{Action, Done};
use crate::text::Printable;

/// The form.
#[derive(Debug)]
pub struct TemplateForm {
    old: Option<(TemplateId, u64)>,
    name: LineInput,
    kind: InteractionKind,
    text: Area,
    at: Line,
    touched: bool,
    leaving: Leaving,
    saving: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Name,
    Text,
}

/// Rows of text in sight.
const ROWS: u16 = 7;

impl TemplateForm {
    /// A form for a new one.
    pub fn add() -> Self {
        Self {
            old: None,
            name: LineInput::default().at_most(LONGEST_NAME),
            kind: InteractionKind::Call,
            text: Area::default(),
            at: Line::Name,
            touched: false,
            leaving: Leaving::No,
            saving: None,
        }
    }

    /// A form that writes one anew.
    pub fn change(template: &Template) -> Self {
        let mut form = Self { kind: template.kind, text: Area::new(template.text.as_str()), ..Self::add() };
        form.name.set(template.name.as_str());
        form.old = Some((template.id, template.version));
        form
    }

    fn cells(env: &Env) -> usize {
        usize::from(env.size.0.saturating_sub(LABEL + 5)).max(8)
    }
}

impl Form for TemplateForm {
    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::ContactKind, Cmd::NextField, Cmd::Back]
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let draft = TemplateDraft {
            name: Printable::line(self.name.text().trim()),
            kind: self.kind,
            text: Printable::lines(self.text.text()),
        };
        if draft.name.is_empty() || draft.text.is_empty() {
            self.at = if draft.name.is_empty() { Line::Name } else { Line::Text };
            env.bad(env.t("template-missing"));
            return None;
        }
        Some(Action::Template(match self.old {
            Some((id, version)) => TemplateAction::Change(id, version, draft),
            None => TemplateAction::Add(draft),
        }))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, _step: Step) {
        self.at = if self.at == Line::Name { Line::Text } else { Line::Name };
    }

    fn is_dirty(&self) -> bool {
        self.touched
    }

    fn leaving(&mut self) -> Option<&mut Leaving> {
        Some(&mut self.leaving)
    }

    fn own(&mut self, _env: &mut Env, cmd: Cmd) -> Handled {
        if cmd != Cmd::ContactKind {
            return Handled::No;
        }
        let at = InteractionKind::ALL.iter().position(|kind| *kind == self.kind).unwrap_or(0);
        self.kind = InteractionKind::ALL.get(at + 1).copied().unwrap_or_default();
        self.touched = true;
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.saving.is_some() {
            return Handled::Yes;
        }
        self.touched |= key.typed().is_some() || matches!(key.code, KeyCode::Backspace | KeyCode::Delete);
        match (self.at, key.code) {
            (Line::Name, KeyCode::Enter | KeyCode::Up | KeyCode::Down) => self.at = Line::Text,
            (Line::Name, _) => return self.name.key(key),
            (Line::Text, KeyCode::Enter) => self.text.insert("\n"),
            (Line::Text, _) => match self.text.key(key, Self::cells(env)) {
                Went::Nowhere => return Handled::No,
                Went::Above => self.at = Line::Name,
                Went::Within | Went::Below => {}
            },
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        self.touched = true;
        match self.at {
            Line::Name => self.name.paste(text),
            Line::Text => self.text.insert(Printable::lines(text).as_str()),
        }
    }

    fn done(&mut self, env: &mut Env, answer: Answer) {
        if let Answer::Done(Done::Template(_, unknown)) = answer {
            if unknown.is_empty() {
                env.good(env.t("template-saved"));
            } else {
                env.bad(env.ta("template-saved-unknown", &[("words", &braced(env, &unknown))]));
            }
        }
        env.changed();
        env.close();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let title = env.t(if self.old.is_some() { "template-title-change" } else { "template-title-add" });
        let inside = frame::sheet(env, canvas, area, ROWS + 6, &title);
        line::draw(env, canvas, (inside, 0), &env.t("template-name"), &self.name, Focus::on(self.at, Line::Name));
        canvas.text(inside, 1, 0, &env.t("contact-how"), style(Ink::Plain));
        let kind = wording::code(env, "interaction", self.kind.code());
        canvas.text(inside, 1, LABEL, &format!("< {kind} >"), style(Ink::Plain));
        let here = self.at == Line::Text;
        canvas.text(inside, 2, 0, &env.t("template-text"), style(if here { Ink::Strong } else { Ink::Plain }));
        let cells = Self::cells(env);
        let (cursor, column) = self.text.cursor(cells);
        let top = cursor.saturating_sub(usize::from(ROWS) - 1);
        for (at, line) in (2..2 + ROWS).zip(self.text.rows(cells).iter().skip(top)) {
            canvas.text(inside, at, LABEL, line, style(if here { Ink::Field } else { Ink::Plain }));
        }
        if here {
            let at = u16::try_from(cursor - top).unwrap_or(0) + 2;
            canvas.cursor_at(canvas::row(inside, at), 0, LABEL + u16::try_from(column).unwrap_or(0));
        }
        let foot = ROWS + 2;
        let (hint, ink) = match (self.leaving, self.saving) {
            (Leaving::Asked, _) => ("form-ask-leave", Ink::Warn),
            (_, Some(_)) => ("form-saving", Ink::Dim),
            _ => ("template-hint", Ink::Dim),
        };
        for (at, line) in
            (foot..foot + 2).zip(&crate::app::screen::frame::text_lines(&env.t(hint), usize::from(inside.width)))
        {
            canvas.text(inside, at, 0, line, style(ink));
        }
    }
}
