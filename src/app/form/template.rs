//! Writing a template (its name, for which kind of contact, its text of several lines) or a cadence (its name, and its
//! steps, one a line).
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
use crate::domain::cadence::{self, Cadence, CadenceDraft, StepFault};
use crate::domain::id::{CadenceId, TemplateId};
use crate::domain::interaction::InteractionKind;
use crate::domain::template::{LONGEST_NAME, Template, TemplateDraft};
use crate::service::view::{CadenceAction, TemplateAction};
use crate::service::{Action, Done};
use crate::text::Printable;

/// The form.
#[derive(Debug)]
pub struct TemplateForm {
    what: What,
    name: LineInput,
    kind: InteractionKind,
    text: Area,
    at: Line,
    touched: bool,
    leaving: Leaving,
    saving: Option<Ticket>,
}

/// What is written, and the one that is written anew with its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Template(Option<(TemplateId, u64)>),
    Cadence(Option<(CadenceId, u64)>),
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
            what: What::Template(None),
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
        form.what = What::Template(Some((template.id, template.version)));
        form
    }

    /// A form for a new cadence.
    pub fn add_cadence() -> Self {
        Self { what: What::Cadence(None), ..Self::add() }
    }

    /// A form that writes a cadence anew.
    pub fn change_cadence(cadence: &Cadence) -> Self {
        let mut form = Self { text: Area::new(&cadence::write(&cadence.steps)), ..Self::add() };
        form.name.set(cadence.name.as_str());
        form.what = What::Cadence(Some((cadence.id, cadence.version)));
        form
    }

    fn is_cadence(&self) -> bool {
        matches!(self.what, What::Cadence(_))
    }

    fn cadence(&mut self, env: &mut Env, name: Printable) -> Option<CadenceAction> {
        let steps = match cadence::read(self.text.text()) {
            Ok(steps) => steps,
            Err(fault) => {
                self.at = Line::Text;
                env.bad(fault_words(env, fault));
                return None;
            }
        };
        let draft = CadenceDraft { name, steps };
        Some(match self.what {
            What::Cadence(Some((id, version))) => CadenceAction::Change(id, version, draft),
            _ => CadenceAction::Add(draft),
        })
    }

    fn cells(env: &Env) -> usize {
        usize::from(env.size.0.saturating_sub(LABEL + 5)).max(8)
    }
}

/// Why steps cannot be read, in words.
fn fault_words(env: &Env, fault: StepFault) -> String {
    let (key, line) = match fault {
        StepFault::None => ("none", 0),
        StepFault::TooMany => ("many", 0),
        StepFault::Day(line) => ("day", line),
        StepFault::Back(line) => ("back", line),
        StepFault::Kind(line) => ("kind", line),
        StepFault::Text(line) => ("text", line),
    };
    env.ta(&format!("cadence-fault-{key}"), &[("line", &line)])
}

impl Form for TemplateForm {
    fn footer(&self) -> Vec<Cmd> {
        if self.is_cadence() {
            return vec![Cmd::Save, Cmd::NextField, Cmd::Back];
        }
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
        if self.is_cadence() {
            return self.cadence(env, draft.name).map(Action::Cadence);
        }
        Some(Action::Template(match self.what {
            What::Template(Some((id, version))) => TemplateAction::Change(id, version, draft),
            _ => TemplateAction::Add(draft),
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
        if cmd != Cmd::ContactKind || self.is_cadence() {
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
        } else {
            env.good(env.t("cadence-saved"));
        }
        env.changed();
        env.close();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let title = env.t(match self.what {
            What::Template(None) => "template-title-add",
            What::Template(Some(_)) => "template-title-change",
            What::Cadence(None) => "cadence-title-add",
            What::Cadence(Some(_)) => "cadence-title-change",
        });
        let inside = frame::sheet(env, canvas, area, ROWS + 6, &title);
        line::draw(env, canvas, (inside, 0), &env.t("template-name"), &self.name, Focus::on(self.at, Line::Name));
        if !self.is_cadence() {
            canvas.text(inside, 1, 0, &env.t("contact-how"), style(Ink::Plain));
            let kind = wording::code(env, "interaction", self.kind.code());
            canvas.text(inside, 1, LABEL, &format!("< {kind} >"), style(Ink::Plain));
        }
        let here = self.at == Line::Text;
        let label = if self.is_cadence() { "cadence-text" } else { "template-text" };
        canvas.text(inside, 2, 0, &env.t(label), style(if here { Ink::Strong } else { Ink::Plain }));
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
            _ if self.is_cadence() => ("cadence-hint", Ink::Dim),
            _ => ("template-hint", Ink::Dim),
        };
        for (at, line) in
            (foot..foot + 2).zip(&crate::app::screen::frame::text_lines(&env.t(hint), usize::from(inside.width)))
        {
            canvas.text(inside, at, 0, line, style(ink));
        }
    }
}
