//! What a customer says about the use of their data: how they said it, who, and when.
//!
//! **Invariant:** withdrawing takes no more keys than giving: the form is one, and Enter saves it wherever the cursor is.

use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::leaving::{self, Leaving};
use super::line::{self, Focus, LABEL};
use super::{Form, Step};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::{Draft, Handled};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::clock::Timestamp;
use crate::domain::consent::{Asking, ConsentDraft, ConsentHow, ConsentState, LONGEST_NOTE, Purpose, Speaker, said_on};
use crate::domain::id::CustomerId;
use crate::service::view::ConsentAction;
use crate::service::{Action, Done};
use crate::text::{self, Printable};

/// The form's name among drafts.
pub(super) const NAME: &str = "consent";

/// The form.
#[derive(Debug)]
pub struct ConsentForm {
    customer: CustomerId,
    name: Printable,
    purpose: Purpose,
    state: ConsentState,
    how: ConsentHow,
    speaker: Speaker,
    on: LineInput,
    note: LineInput,
    at: Line,
    leaving: Leaving,
    saving: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    How,
    Speaker,
    On,
    Note,
}

const LINES: [Line; 4] = [Line::How, Line::Speaker, Line::On, Line::Note];

#[derive(Serialize, Deserialize)]
struct Kept {
    customer: u64,
    name: String,
    purpose: String,
    state: String,
    how: String,
    speaker: String,
    on: String,
    note: String,
}

impl ConsentForm {
    /// A form about a customer, shown by this name, who says this of a purpose.
    pub fn new(customer: CustomerId, name: &str, (purpose, state): (Purpose, ConsentState)) -> Self {
        Self {
            customer,
            name: Printable::line(name),
            purpose,
            state,
            how: ConsentHow::default(),
            speaker: Speaker::default(),
            on: LineInput::default().at_most(40),
            note: LineInput::default().at_most(LONGEST_NOTE),
            at: Line::How,
            leaving: Leaving::No,
            saving: None,
        }
    }

    /// The form as a draft left it.
    pub fn restore(content: &[u8]) -> Option<Self> {
        let kept: Kept = serde_json::from_slice(content).ok()?;
        let said = (Purpose::from_code(&kept.purpose)?, ConsentState::from_code(&kept.state)?);
        let mut form = Self::new(CustomerId(kept.customer), &kept.name, said);
        form.how = ConsentHow::from_code(&kept.how).unwrap_or_default();
        form.speaker = Speaker::from_code(&kept.speaker).unwrap_or_default();
        form.on.set(&kept.on);
        form.note.set(&kept.note);
        Some(form)
    }

    /// When it was said, as typed; nothing for now.
    fn on(&self, env: &Env) -> Result<Option<Timestamp>, ()> {
        match self.on.text().trim() {
            "" => Ok(None),
            typed => said_on(typed, env.now, env.offset).map(Some).ok_or(()),
        }
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        match self.at {
            Line::On => Some(&mut self.on),
            Line::Note => Some(&mut self.note),
            Line::How | Line::Speaker => None,
        }
    }

    fn choose(&mut self, step: Step) {
        match self.at {
            Line::How => self.how = step.along(ConsentHow::CHOICES, self.how),
            _ => self.speaker = step.along(Speaker::ALL, self.speaker),
        }
    }
}

impl Form for ConsentForm {
    fn on_enter(&self) -> Option<Cmd> {
        Some(Cmd::Save)
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::ContactKind, Cmd::NextField, Cmd::Back]
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let Ok(at) = self.on(env) else {
            self.at = Line::On;
            env.bad(env.t("consent-on-bad"));
            return None;
        };
        let draft = ConsentDraft {
            purpose: self.purpose,
            state: self.state,
            how: self.how,
            speaker: self.speaker,
            at,
            note: Printable::line(self.note.text().trim()),
        };
        Some(Action::Consent(ConsentAction::Say(self.customer, draft)))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.along(&LINES, self.at);
    }

    fn is_dirty(&self) -> bool {
        !self.on.is_empty() || !self.note.is_empty()
    }

    fn leaving(&mut self) -> Option<&mut Leaving> {
        Some(&mut self.leaving)
    }

    fn own(&mut self, _env: &mut Env, cmd: Cmd) -> Handled {
        if cmd != Cmd::ContactKind {
            return Handled::No;
        }
        self.how = Step::Next.along(ConsentHow::CHOICES, self.how);
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.saving.is_some() {
            return Handled::Yes;
        }
        match key.code {
            KeyCode::Enter => self.submit(env),
            KeyCode::Down => self.step(Step::Next),
            KeyCode::Up => self.step(Step::Previous),
            code => match (self.input(), code) {
                (Some(input), _) => return input.key(key),
                (None, KeyCode::Left) => self.choose(Step::Previous),
                (None, KeyCode::Right | KeyCode::Char(' ')) => self.choose(Step::Next),
                _ => return Handled::No,
            },
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        if let Some(input) = self.input() {
            input.paste(text);
        }
    }

    fn done(&mut self, env: &mut Env, answer: Answer) {
        let purpose = wording::code(env, "consent-purpose", self.purpose.code());
        match answer {
            Answer::Done(Done::Consent(counts)) if counts != self.state => {
                let state = wording::code(env, "consent-state", counts.code());
                env.good(env.ta("consent-said-before", &[("purpose", &purpose), ("state", &state)]));
            }
            _ => env.good(env.ta(&wording::key("consent-said", self.state.code()), &[("purpose", &purpose)])),
        }
        env.changed();
        env.close();
    }

    fn draft(&self) -> Option<Draft> {
        let kept = Kept {
            customer: self.customer.0,
            name: self.name.as_str().to_owned(),
            purpose: self.purpose.code().to_owned(),
            state: self.state.code().to_owned(),
            how: self.how.code().to_owned(),
            speaker: self.speaker.code().to_owned(),
            on: self.on.text().to_owned(),
            note: self.note.text().to_owned(),
        };
        let content = Zeroizing::new(serde_json::to_vec(&kept).ok()?);
        self.is_dirty().then_some(Draft { form: NAME, content })
    }

    fn customer(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let purpose = wording::code(env, "consent-purpose", self.purpose.code());
        let key = wording::key("consent-form", self.state.code());
        let title = env.ta(&key, &[("purpose", &purpose), ("name", &self.name)]);
        let inside = frame::sheet(env, canvas, area, 9, &title);
        let choice = |canvas: &mut Canvas<'_>, row: u16, at: Line, words: &[(String, bool)]| {
            let here = self.at == at;
            let label = env.t(if at == Line::How { "consent-how" } else { "consent-speaker" });
            canvas.text(inside, row, 0, &label, style(if here { Ink::Strong } else { Ink::Plain }));
            let mut column = LABEL;
            for (word, chosen) in words {
                let ink = match (chosen, here) {
                    (true, true) => Ink::Chosen,
                    (true, false) => Ink::Strong,
                    _ => Ink::Dim,
                };
                if *chosen && here {
                    canvas.cursor_at(canvas::row(inside, row), 0, column);
                }
                let word = if *chosen { format!("[{word}]") } else { format!(" {word} ") };
                column = canvas.text(inside, row, column, &word, style(ink)) + 1;
            }
        };
        let word = |family: &str, code: &str| wording::code(env, family, code);
        let hows = ConsentHow::CHOICES.iter().map(|how| (word("consent-how", how.code()), *how == self.how));
        choice(canvas, 0, Line::How, &hows.collect::<Vec<_>>());
        let speakers = Speaker::ALL.iter().map(|who| (word("consent-speaker", who.code()), *who == self.speaker));
        choice(canvas, 1, Line::Speaker, &speakers.collect::<Vec<_>>());
        line::draw(env, canvas, (inside, 2), &env.t("consent-on"), &self.on, Focus::on(self.at, Line::On));
        let (said, ink) = match self.on(env) {
            Ok(None) => (env.t("consent-on-hint"), Ink::Dim),
            Ok(Some(at)) => (wording::day(env, at), Ink::Good),
            Err(()) => (env.t("consent-on-bad"), Ink::Warn),
        };
        canvas.text(inside, 3, LABEL, &said, style(ink));
        line::draw(env, canvas, (inside, 4), &env.t("consent-note"), &self.note, Focus::on(self.at, Line::Note));
        let foot = canvas::row(inside, 6);
        if leaving::foot(env, canvas, (foot, 0), self.leaving, &self.saving) {
            return;
        }
        if let (Asking::Separate(article), ConsentState::Given) = (self.purpose.asking(), self.state) {
            let said = env.ta("consent-separate", &[("article", &article)]);
            canvas.text(foot, 0, 0, &text::cut(&said, usize::from(foot.width)), style(Ink::Warn));
        }
    }
}
