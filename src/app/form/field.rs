//! A field of the vault's own: adding one, and writing one anew.
//!
//! **Invariant:** what is stored under a field is protected as it was: key, kind and class are chosen when it is added and
//! never here again; who chooses no class gets the strictest.

use ratatui::layout::Rect;

use super::line::{self, Focus, LABEL};
use super::{Form, Step};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::customer::CustomerKind;
use crate::domain::field::{FieldDef, FieldKey, FieldKind, Need};
use crate::privacy::class::FieldClass;
use crate::service::Action;
use crate::service::fields::{FieldAction, FieldText, NewField};
use crate::text::{self, Printable};

/// The form.
#[derive(Debug)]
pub struct FieldForm {
    /// The field that is written anew; none where one is added.
    old: Option<FieldKey>,
    label_en: LineInput,
    label_zh: LineInput,
    key: LineInput,
    kind: FieldKind,
    class: FieldClass,
    of: Option<CustomerKind>,
    need: Need,
    choices: LineInput,
    purpose: LineInput,
    months: LineInput,
    at: Line,
    saving: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    LabelEn,
    LabelZh,
    Key,
    Kind,
    Class,
    Of,
    Need,
    Choices,
    Purpose,
    Months,
}

impl Line {
    const ALL: [Self; 10] = [
        Self::LabelEn,
        Self::LabelZh,
        Self::Key,
        Self::Kind,
        Self::Class,
        Self::Of,
        Self::Need,
        Self::Choices,
        Self::Purpose,
        Self::Months,
    ];
}

impl FieldForm {
    /// A form for a new field.
    pub fn add() -> Self {
        Self {
            old: None,
            label_en: LineInput::default().at_most(60),
            label_zh: LineInput::default().at_most(60),
            key: LineInput::default().at_most(40),
            kind: FieldKind::Text,
            class: FieldClass::Sensitive,
            of: None,
            need: Need::Optional,
            choices: LineInput::default().at_most(2_000),
            purpose: LineInput::default().at_most(500),
            months: LineInput::default().at_most(4),
            at: Line::LabelEn,
            saving: None,
        }
    }

    /// A form that writes a field anew.
    pub fn change(def: &FieldDef) -> Self {
        let mut form = Self { kind: def.kind, class: def.class, of: def.of, need: def.need, ..Self::add() };
        form.old = Some(def.key.clone());
        form.key.set(def.key.as_str());
        form.label_en.set(&def.label_en);
        form.label_zh.set(&def.label_zh);
        form.choices.set(&def.choices.join(" | "));
        form.purpose.set(&def.purpose);
        if let Some(months) = def.keep_months {
            form.months.set(&months.to_string());
        }
        form
    }

    fn lines(&self) -> Vec<Line> {
        let fixed = |line: &Line| matches!(line, Line::Key | Line::Kind | Line::Class) && self.old.is_some();
        let choice = |line: &Line| *line == Line::Choices && self.kind != FieldKind::Choice;
        Line::ALL.into_iter().filter(|line| !fixed(line) && !choice(line)).collect()
    }

    fn field(&mut self) -> Option<&mut LineInput> {
        match self.at {
            Line::LabelEn => Some(&mut self.label_en),
            Line::LabelZh => Some(&mut self.label_zh),
            Line::Key => Some(&mut self.key),
            Line::Choices => Some(&mut self.choices),
            Line::Purpose => Some(&mut self.purpose),
            Line::Months => Some(&mut self.months),
            Line::Kind | Line::Class | Line::Of | Line::Need => None,
        }
    }

    fn choose(&mut self, step: Step) {
        match self.at {
            Line::Kind => self.kind = step.along(FieldKind::ALL, self.kind),
            Line::Class => self.class = step.along(FieldClass::ALL, self.class),
            Line::Of => {
                let all = [None, Some(CustomerKind::Person), Some(CustomerKind::Company)];
                self.of = step.along(&all, self.of);
            }
            Line::Need => self.need = step.along(Need::ALL, self.need),
            _ => {}
        }
    }

    /// The key as typed, or made of the English label.
    fn made_key(&self) -> Option<FieldKey> {
        let typed = self.key.text().trim();
        let from = if typed.is_empty() { self.label_en.text().trim() } else { typed };
        let plain: String =
            text::folded(from).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let short: String = plain.trim_matches('_').chars().take(40).collect();
        FieldKey::new(&short)
    }

    fn written(&self) -> Result<FieldText, &'static str> {
        let months: String = self.months.text().trim().chars().map(text::half_width).collect();
        let keep_months = match months.as_str() {
            "" => None,
            months => Some(months.parse().ok().filter(|n| *n > 0).ok_or("field-months-bad")?),
        };
        let line = |input: &LineInput| Printable::line(input.text().trim());
        Ok(FieldText {
            label_en: line(&self.label_en),
            label_zh: line(&self.label_zh),
            purpose: line(&self.purpose),
            need: self.need,
            of: self.of,
            choices: self.choices.text().split(['|', '｜', '\n']).map(|one| Printable::line(one.trim())).collect(),
            keep_months,
        })
    }

    fn pick(&self, env: &Env, line: Line) -> Option<String> {
        match line {
            Line::Kind => Some(wording::code(env, "field-kind", self.kind.code())),
            Line::Class => Some(wording::code(env, "class", self.class.code())),
            Line::Of => Some(self.of.map_or_else(|| env.t("field-of-all"), |of| wording::code(env, "kind", of.code()))),
            Line::Need => Some(wording::code(env, "need", self.need.code())),
            _ => None,
        }
    }

    fn hint(&self, env: &Env) -> String {
        match self.at {
            Line::LabelEn => env.t("field-hint-label"),
            Line::LabelZh => env.t("field-hint-label-zh"),
            Line::Key => {
                let key = self.made_key().map_or_else(|| "?".to_owned(), |key| key.to_string());
                env.ta("field-hint-key", &[("key", &key)])
            }
            Line::Kind => env.t("field-hint-kind"),
            Line::Class => wording::code(env, "field-hint-class", self.class.code()),
            Line::Of => env.t("field-hint-of"),
            Line::Need => env.t("field-hint-need"),
            Line::Choices => env.t("field-hint-choices"),
            Line::Purpose => env.t("field-hint-purpose"),
            Line::Months => env.t("field-hint-months"),
        }
    }
}

impl Form for FieldForm {
    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::NextField, Cmd::Back]
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let text = match self.written() {
            Ok(text) => text,
            Err(key) => {
                self.at = Line::Months;
                env.bad(env.t(key));
                return None;
            }
        };
        if text.label_en.is_empty() {
            self.at = Line::LabelEn;
            env.bad(env.t("field-label-missing"));
            return None;
        }
        if self.kind == FieldKind::Choice && text.choices.iter().all(|choice| choice.is_empty()) {
            self.at = Line::Choices;
            env.bad(env.t("field-choices-missing"));
            return None;
        }
        if text.purpose.as_str().chars().count() < 3 {
            self.at = Line::Purpose;
            env.bad(env.t("field-purpose-missing"));
            return None;
        }
        Some(Action::Field(match &self.old {
            Some(key) => FieldAction::Change(key.clone(), text),
            None => {
                let Some(key) = self.made_key() else {
                    self.at = Line::Key;
                    env.bad(env.t("field-key-bad"));
                    return None;
                };
                FieldAction::Add(NewField { key, kind: self.kind, class: Some(self.class), text })
            }
        }))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.along(&self.lines(), self.at);
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.saving.is_some() || self.field().is_some_and(|field| field.key(key) == Handled::Yes) {
            return Handled::Yes;
        }
        match key.code {
            KeyCode::Enter if self.at == Line::Months => self.submit(env),
            KeyCode::Enter | KeyCode::Down => self.step(Step::Next),
            KeyCode::Up => self.step(Step::Previous),
            KeyCode::Left => self.choose(Step::Previous),
            KeyCode::Right | KeyCode::Char(' ') => self.choose(Step::Next),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        if let Some(field) = self.field() {
            field.paste(text);
        }
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        env.good(env.t("setting-saved"));
        env.changed();
        env.close();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let title = match &self.old {
            Some(key) => env.ta("field-title-change", &[("name", &wording::field_key(env, key))]),
            None => env.t("field-title-add"),
        };
        let lines = self.lines();
        let height = u16::try_from(lines.len()).unwrap_or(0);
        let inside = frame::sheet(env, canvas, area, height + 4, &title);
        for (row, at) in (0_u16..).zip(&lines) {
            let (label, input) = match at {
                Line::LabelEn => ("field-label-en", Some(&self.label_en)),
                Line::LabelZh => ("field-label-zh", Some(&self.label_zh)),
                Line::Key => ("field-key", Some(&self.key)),
                Line::Kind => ("field-kind", None),
                Line::Class => ("field-class", None),
                Line::Of => ("field-of", None),
                Line::Need => ("field-need", None),
                Line::Choices => ("field-choices", Some(&self.choices)),
                Line::Purpose => ("field-purpose", Some(&self.purpose)),
                Line::Months => ("field-months", Some(&self.months)),
            };
            let focus = Focus::on(*at, self.at);
            if let Some(input) = input {
                line::draw(env, canvas, (inside, row), &env.t(label), input, focus);
                continue;
            }
            let place = canvas::row(inside, row);
            let here = focus == Focus::Here;
            canvas.text(place, 0, 0, &env.t(label), style(if here { Ink::Strong } else { Ink::Plain }));
            let pick = self.pick(env, *at).unwrap_or_default();
            canvas.text(place, 0, LABEL, &format!("< {pick} >"), style(if here { Ink::Cursor } else { Ink::Plain }));
            if here {
                canvas.cursor_at(place, 0, LABEL + 2);
            }
        }
        let foot = canvas::row(inside, height + 1);
        let hint = if self.saving.is_some() { env.t("form-saving") } else { self.hint(env) };
        canvas.text(foot, 0, LABEL, &text::cut(&hint, usize::from(foot.width.saturating_sub(LABEL))), style(Ink::Dim));
    }
}
