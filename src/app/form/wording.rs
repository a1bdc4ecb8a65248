//! The wording that customers agree to, in English and in Chinese.
//!
//! **Invariant:** what is written becomes a new version; the one before it stays for those who agreed to it.

use ratatui::layout::Rect;

use super::area::{Area, Went};
use super::leaving::{self, Leaving};
use super::line::LABEL;
use super::{Form, Step, stays};
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::frame;
use crate::app::wording;
use crate::domain::consent::{Purpose, Wording};
use crate::domain::field::Lang;
use crate::service::Action;
use crate::service::refusal::Refusal;
use crate::service::view::ConsentAction;
use crate::text::Printable;

/// The form.
#[derive(Debug)]
pub struct WordingForm {
    purpose: Purpose,
    version: u32,
    texts: [Area; 2],
    at: Lang,
    touched: bool,
    leaving: Leaving,
    saving: Option<Ticket>,
}

/// Rows of each text in sight.
const ROWS: u16 = 4;

impl WordingForm {
    /// A form that begins with the version in force.
    pub fn new(purpose: Purpose, now: &Wording) -> Self {
        let [english, chinese] = &now.texts;
        let texts = [Area::new(english.as_str()), Area::new(chinese.as_str())];
        let (at, leaving) = (Lang::En, Leaving::No);
        Self { purpose, version: now.version, texts, at, touched: false, leaving, saving: None }
    }

    fn area(&mut self) -> &mut Area {
        let [english, chinese] = &mut self.texts;
        if self.at == Lang::En { english } else { chinese }
    }

    fn cells(env: &Env) -> usize {
        usize::from(env.size.0.saturating_sub(LABEL + 5)).max(8)
    }
}

impl Form for WordingForm {
    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let [english, chinese] = &self.texts;
        let texts = [english, chinese].map(|area| Printable::lines(area.text()));
        if texts.iter().all(Printable::is_empty) {
            env.bad(env.t("wording-missing"));
            return None;
        }
        Some(Action::Consent(ConsentAction::Word(self.purpose, self.version, texts)))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, _step: Step) {
        self.at = if self.at == Lang::En { Lang::ZhCn } else { Lang::En };
    }

    fn is_dirty(&self) -> bool {
        self.touched
    }

    fn leaving(&mut self) -> Option<&mut Leaving> {
        Some(&mut self.leaving)
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.saving.is_some() {
            return Handled::Yes;
        }
        self.touched |= key.typed().is_some() || matches!(key.code, KeyCode::Backspace | KeyCode::Delete);
        if key.code == KeyCode::Enter {
            self.area().insert("\n");
            return Handled::Yes;
        }
        match self.area().key(key, Self::cells(env)) {
            Went::Nowhere => return Handled::No,
            Went::Above | Went::Below => self.step(Step::Next),
            Went::Within => {}
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        self.touched = true;
        self.area().insert(Printable::lines(text).as_str());
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        env.good(env.t("wording-saved"));
        env.changed();
        env.close();
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        stays(env, refusal);
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let purpose = wording::code(env, "consent-purpose", self.purpose.code());
        let title = env.ta("wording-title", &[("purpose", &purpose), ("version", &(self.version + 1))]);
        let inside = frame::sheet(env, canvas, area, 2 * ROWS + 5, &title);
        let cells = Self::cells(env);
        for (first, (lang, text)) in [0, ROWS + 1].into_iter().zip([Lang::En, Lang::ZhCn].into_iter().zip(&self.texts))
        {
            let here = self.at == lang;
            let label = env.t(if lang == Lang::En { "wording-en" } else { "wording-zh" });
            canvas.text(inside, first, 0, &label, style(if here { Ink::Strong } else { Ink::Plain }));
            let (cursor, column) = text.cursor(cells);
            let top = cursor.saturating_sub(usize::from(ROWS) - 1);
            for (at, line) in (first..first + ROWS).zip(text.rows(cells).iter().skip(top)) {
                canvas.text(inside, at, LABEL, line, style(if here { Ink::Field } else { Ink::Plain }));
            }
            if here {
                let at = first + u16::try_from(cursor - top).unwrap_or(0);
                canvas.cursor_at(canvas::row(inside, at), 0, LABEL + u16::try_from(column).unwrap_or(0));
            }
        }
        let foot = canvas::row(inside, 2 * ROWS + 2);
        if !leaving::foot(env, canvas, (foot, 0), self.leaving, &self.saving) {
            canvas.text(foot, 0, 0, &env.t("wording-hint"), style(Ink::Dim));
        }
    }
}
