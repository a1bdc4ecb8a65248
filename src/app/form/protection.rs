//! How a field is protected: its class and its mask, and what will come of changing them.
//!
//! **Invariant:** what is stricter is said to be so at once, what is looser to wait; the form itself changes one thing after
//! the other, each with its own entry.

use ratatui::layout::Rect;

use super::line::{Focus, LABEL};
use super::{Form, Step};
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::frame;
use crate::app::wording;
use crate::domain::field::{FieldDef, FieldKey};
use crate::privacy::class::FieldClass;
use crate::privacy::mask::MaskKind;
use crate::service::Action;
use crate::service::fields::FieldAction;
use crate::service::view::FieldProgress;

/// Lines that the explanation may take.
const SAID: u16 = 4;

/// The form.
#[derive(Debug)]
pub struct ProtectionForm {
    key: FieldKey,
    /// How it is protected now.
    now: (FieldClass, MaskKind),
    /// What waits or, where nothing does, what is.
    asked: (FieldClass, MaskKind),
    class: FieldClass,
    mask: MaskKind,
    at: Line,
    saving: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Class,
    Mask,
}

/// What comes of a choice.
enum Comes {
    Nothing,
    Stricter,
    Looser,
}

impl ProtectionForm {
    /// For a field; `progress` says what of it is being changed already.
    pub fn new(def: &FieldDef, progress: Option<&FieldProgress>) -> Self {
        let now = (def.class, def.mask);
        let wanted = progress.and_then(|progress| progress.wanted.as_ref());
        let asked = wanted.map_or(now, |(class, mask, ..)| (*class, *mask));
        let (class, mask) = asked;
        Self { key: def.key.clone(), now, asked, class, mask, at: Line::Class, saving: None }
    }

    fn choose(&mut self, step: Step) {
        match self.at {
            Line::Class => self.class = step.along(FieldClass::ALL, self.class),
            Line::Mask => self.mask = step.along(MaskKind::ALL, self.mask),
        }
    }

    fn comes(&self) -> Comes {
        let of_class = match () {
            () if self.class == self.asked.0 => Comes::Nothing,
            () if self.class > self.now.0 => Comes::Stricter,
            () if self.class < self.now.0 => Comes::Looser,
            () => Comes::Nothing,
        };
        let masked = self.now.0 != FieldClass::Open;
        match of_class {
            Comes::Looser => Comes::Looser,
            other if self.mask == self.asked.1 || !masked => other,
            _ if self.mask.shows_no_more_than(self.now.1) => Comes::Stricter,
            _ => Comes::Looser,
        }
    }

    fn said(&self, env: &Env) -> String {
        let class = wording::code(env, "class", self.now.0.code());
        match self.comes() {
            Comes::Stricter => env.t("protect-stricter"),
            Comes::Looser => env.ta("protect-looser", &[("class", &class)]),
            Comes::Nothing if (self.class, self.mask) != self.now => env.ta("protect-waits", &[("class", &class)]),
            Comes::Nothing if self.class == FieldClass::Open => env.t("protect-open"),
            Comes::Nothing => env.t("protect-same"),
        }
    }
}

impl Form for ProtectionForm {
    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let action = match () {
            () if self.class != self.asked.0 => FieldAction::Classify(self.key.clone(), self.class),
            () if self.mask != self.asked.1 => FieldAction::Mask(self.key.clone(), self.mask),
            () => {
                env.close();
                return None;
            }
        };
        Some(Action::Field(action))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, _step: Step) {
        self.at = if self.at == Line::Class { Line::Mask } else { Line::Class };
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match key.code {
            _ if self.saving.is_some() => {}
            KeyCode::Enter if self.at == Line::Mask => self.submit(env),
            KeyCode::Enter | KeyCode::Down | KeyCode::Up => self.step(Step::Next),
            KeyCode::Left => self.choose(Step::Previous),
            KeyCode::Right | KeyCode::Char(' ') => self.choose(Step::Next),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        let says = match self.comes() {
            Comes::Looser => "protect-saved-looser",
            Comes::Stricter | Comes::Nothing => "protect-saved",
        };
        // The class went first; the mask, where it is another too, has its own turn.
        if self.class != self.asked.0 {
            self.asked.0 = self.class;
            self.now.0 = self.now.0.max(self.class);
            if self.mask != self.asked.1 {
                return self.submit(env);
            }
        }
        env.good(env.t(says));
        env.changed();
        env.close();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let title = env.ta("protect-title", &[("name", &wording::field_key(env, &self.key))]);
        let inside = frame::sheet(env, canvas, area, SAID + 5, &title);
        let class = wording::code(env, "class", self.class.code());
        let mask = wording::code(env, "mask-kind", self.mask.code());
        for (row, at, label, pick) in [(0, Line::Class, "field-class", class), (1, Line::Mask, "protect-mask", mask)] {
            let place = canvas::row(inside, row);
            let here = Focus::on(at, self.at) == Focus::Here;
            canvas.text(place, 0, 0, &env.t(label), style(if here { Ink::Strong } else { Ink::Plain }));
            canvas.text(place, 0, LABEL, &format!("< {pick} >"), style(if here { Ink::Cursor } else { Ink::Plain }));
            if here {
                canvas.cursor_at(place, 0, LABEL + 2);
            }
        }
        let said = if self.saving.is_some() { env.t("form-saving") } else { self.said(env) };
        let lines = text_lines(&said, usize::from(inside.width));
        for (row, line) in (3_u16..).zip(lines.iter().take(usize::from(SAID))) {
            canvas.text(canvas::row(inside, row), 0, 0, line, style(Ink::Dim));
        }
    }
}
