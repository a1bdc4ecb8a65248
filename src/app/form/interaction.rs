//! Logging a contact in one line, in the middle of it: how, what was said, what follows when.
//!
//! It lies at the foot of the screen, so that a value that was let out above it stays in sight.
//! **Invariant:** the next step that is kept is the one that was read back; a date that cannot be read is never
//! dropped in silence.

use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::leaving::{self, Leaving};
use super::line::{self, Focus, LABEL};
use super::message::Message;
use super::reading::{Reading, due};
use super::{Form, Step};
use crate::app::commands::Cmd;
use crate::app::effect::Effect;
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::layer::copy_message::CopyMessage;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Draft, Handled};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::case::Case;
use crate::domain::id::{CaseId, CustomerId};
use crate::domain::interaction::{Direction, InteractionKind};
use crate::domain::value::{Suspected, scan_for_identifiers};
use crate::domain::when;
use crate::service::view::TemplateAction;
use crate::service::{Action, Contact, Done};
use crate::text::{self, Printable};

/// The form's name among drafts.
pub(super) const NAME: &str = "interaction";

/// The form.
#[derive(Debug)]
pub struct InteractionForm {
    customer: CustomerId,
    name: Printable,
    kind: InteractionKind,
    text: LineInput,
    ticket: LineInput,
    case: Option<CaseId>,
    direction: Option<Direction>,
    minutes: LineInput,
    at: Line,
    leaving: Leaving,
    saving: Option<Ticket>,
    next_said: Option<String>,
    message: Message,
    copying: Option<Ticket>,
    /// What whoever writes should know before they do.
    warning: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Text,
    Ticket,
    Minutes,
}

impl Line {
    const ALL: [Self; 3] = [Self::Text, Self::Ticket, Self::Minutes];
}

#[derive(Serialize, Deserialize)]
struct Kept {
    customer: u64,
    name: String,
    kind: String,
    text: String,
    ticket: String,
    #[serde(default)]
    direction: Option<String>,
    #[serde(default)]
    minutes: String,
}

/// Characters of a contact with its next step: a little more than the door takes, so that it says what is too long.
const MOST: usize = 11_000;

impl InteractionForm {
    /// A form about a customer, shown by this name.
    pub fn new(customer: CustomerId, name: &str) -> Self {
        Self {
            customer,
            name: Printable::line(name),
            kind: InteractionKind::Call,
            text: LineInput::default().at_most(MOST),
            ticket: LineInput::default().at_most(64),
            case: None,
            direction: None,
            minutes: LineInput::default().at_most(4),
            at: Line::Text,
            leaving: Leaving::No,
            saving: None,
            next_said: None,
            message: Message::default(),
            copying: None,
            warning: None,
        }
    }

    /// The same, about one of the customer's cases.
    pub fn of_case(self, case: &Case) -> Self {
        Self { case: Some(case.id), ..self.about(Some(&case.ticket)) }
    }

    /// The same, with what whoever writes should know before they do.
    pub fn warning(self, warning: Option<String>) -> Self {
        Self { warning, ..self }
    }

    /// The same, with the ticket of the matter at hand.
    pub fn about(mut self, ticket: Option<&Printable>) -> Self {
        if let Some(ticket) = ticket {
            self.ticket.set(ticket.as_str());
        }
        self
    }

    /// The form as a draft left it.
    pub fn restore(content: &[u8]) -> Option<Self> {
        let kept: Kept = serde_json::from_slice(content).ok()?;
        let mut form = Self::new(CustomerId(kept.customer), &kept.name);
        form.kind = InteractionKind::from_code(&kept.kind)?;
        form.text.set(&kept.text);
        form.ticket.set(&kept.ticket);
        form.direction = kept.direction.as_deref().and_then(Direction::from_code);
        form.minutes.set(&kept.minutes);
        Some(form)
    }

    fn reading(&self, env: &Env) -> (String, Option<Reading>) {
        let (said, next) = when::split_next(self.text.text());
        (said, next.map(|next| Reading::of(env, &next)))
    }

    fn next_kind(&mut self) {
        let at = InteractionKind::ALL.iter().position(|k| *k == self.kind).unwrap_or(0);
        self.kind = InteractionKind::ALL.get(at + 1).copied().unwrap_or_default();
    }

    fn next_direction(&mut self) {
        self.direction = match self.direction {
            None => Some(Direction::In),
            Some(Direction::In) => Some(Direction::Out),
            Some(Direction::Out) => None,
        };
    }

    /// How long it took; `Err` where that is no number of minutes.
    fn minutes(&self) -> Result<Option<u16>, std::num::ParseIntError> {
        let text: String = self.minutes.text().trim().chars().map(text::half_width).collect();
        if text.is_empty() { Ok(None) } else { text.parse().map(Some) }
    }

    /// Puts what was said on the clipboard. Where values of a class belong to it, a reason is asked for first.
    fn copy(&mut self, env: &mut Env) {
        let (said, _) = self.reading(env);
        if said.is_empty() {
            return env.bad(env.t("contact-nothing"));
        }
        let text = self.message.whole(&said);
        let fields = Message::sealed(env, text.as_str());
        match CopyMessage::new(self.customer, text.clone(), fields) {
            Some(layer) => env.open(Box::new(layer)),
            None => {
                let action = TemplateAction::Copy(self.customer, text, None);
                self.copying = Some(env.perform(Action::Template(action)));
            }
        }
    }

    fn field(&mut self) -> &mut LineInput {
        match self.at {
            Line::Text => &mut self.text,
            Line::Ticket => &mut self.ticket,
            Line::Minutes => &mut self.minutes,
        }
    }
}

impl Form for InteractionForm {
    fn on_enter(&self) -> Option<Cmd> {
        Some(Cmd::Save)
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::ContactKind, Cmd::ChooseTemplate, Cmd::CopyMessage, Cmd::NextField, Cmd::Back]
    }

    fn commands(&self) -> &[Cmd] {
        &[Cmd::ContactDirection]
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let (said, reading) = self.reading(env);
        if said.is_empty() {
            env.bad(env.t("contact-nothing"));
            return None;
        }
        let next = match &reading {
            None => None,
            Some(Reading::Step(..)) => reading.as_ref().and_then(|r| r.step(&said)),
            Some(Reading::Nothing) => {
                env.bad(env.t("contact-no-date"));
                return None;
            }
            Some(Reading::Fault(fault)) => {
                env.bad(super::reading::fault_words(env, *fault));
                return None;
            }
        };
        let Ok(minutes) = self.minutes() else {
            self.at = Line::Minutes;
            env.bad(env.t("contact-no-minutes"));
            return None;
        };
        self.next_said = next.as_ref().map(|next| due(env, next.due));
        let ticket = Printable::line(self.ticket.text());
        Some(Action::LogInteraction(
            self.customer,
            Contact {
                kind: self.kind,
                text: self.message.logged(&said),
                // Which of several with this ticket; with another ticket it belongs to none of them.
                case: self.case,
                ticket: (!ticket.is_empty()).then_some(ticket),
                next,
                direction: self.direction,
                minutes,
            },
        ))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.along(&Line::ALL, self.at);
    }

    fn is_dirty(&self) -> bool {
        !self.text.text().trim().is_empty()
    }

    fn leaving(&mut self) -> Option<&mut Leaving> {
        Some(&mut self.leaving)
    }

    fn own(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match cmd {
            Cmd::ContactKind => self.next_kind(),
            Cmd::ContactDirection => self.next_direction(),
            Cmd::ChooseTemplate => self.message.choose(env),
            Cmd::CopyMessage => self.copy(env),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.message.is_choosing() {
            return self.message.key(env, self.customer, key);
        }
        if self.saving.is_some() || self.field().key(key) == Handled::Yes {
            return Handled::Yes;
        }
        match key.code {
            KeyCode::Enter => self.submit(env),
            KeyCode::Down => self.step(Step::Next),
            KeyCode::Up => self.step(Step::Previous),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn paste(&mut self, env: &mut Env, text: &str) {
        // Nothing is cut unsaid: what somebody wrote elsewhere stays there until it fits.
        if text.chars().count() > MOST {
            let text = env.ta("contact-paste-long", &[("most", &MOST)]);
            return env.bad(text);
        }
        self.field().paste(text);
    }

    fn back(&mut self, env: &mut Env) {
        if self.message.is_choosing() {
            return self.message.close();
        }
        match self.leaving {
            Leaving::Asked => self.leaving = Leaving::No,
            Leaving::No if self.is_dirty() => self.leaving = Leaving::Asked,
            Leaving::No => env.close(),
        }
    }

    fn other(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.copying.take_if(|copying| *copying == ticket).is_some() {
            match reply {
                Ok(Answer::Done(Done::Revealed(value))) => env.effect(Effect::Clipboard(value)),
                Ok(_) => {}
                Err(refusal) => env.refuse(&refusal),
            }
            return;
        }
        if let Some(filled) = self.message.reply(env, ticket, reply) {
            let before = self.text.text().trim().to_owned();
            let line = Printable::line(filled.text.as_str());
            self.text.set(format!("{before} {line}").trim());
            self.kind = filled.kind;
            if let Some(state) = filled.no_marketing {
                let state = wording::code(env, "consent-state", state.code());
                self.warning = Some(env.ta("consent-no-marketing", &[("state", &state)]));
            }
            self.at = Line::Text;
            let said = self.text.text().to_owned();
            if before.is_empty() {
                self.message.take(&said, filled);
            } else {
                // Its line breaks are lost within a line that was begun.
                self.message.take("", filled);
            }
        }
    }

    fn done(&mut self, env: &mut Env, answer: Answer) {
        if !matches!(answer, Answer::Done(Done::Logged | Done::Done)) {
            return;
        }
        env.good(match &self.next_said {
            Some(next) => env.ta("contact-logged-next", &[("when", next)]),
            None => env.t("contact-logged"),
        });
        env.changed();
        env.close();
    }

    fn draft(&self) -> Option<Draft> {
        let kept = Kept {
            customer: self.customer.0,
            name: self.name.as_str().to_owned(),
            kind: self.kind.code().to_owned(),
            text: self.text.text().to_owned(),
            ticket: self.ticket.text().to_owned(),
            direction: self.direction.map(|direction| direction.code().to_owned()),
            minutes: self.minutes.text().to_owned(),
        };
        let content = Zeroizing::new(serde_json::to_vec(&kept).ok()?);
        (!self.text.is_empty()).then_some(Draft { form: NAME, content })
    }

    fn customer(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let mut title = env.ta("contact-title", &[("name", &self.name)]);
        if let Some(warning) = &self.warning {
            title = format!("{warning} · {title}");
        }
        let inside = frame::sheet(env, canvas, area, 8, &title);
        let style = |ink| env.theme.style(ink);
        canvas.text(inside, 0, 0, &env.t("contact-how"), style(Ink::Plain));
        let mut column = LABEL;
        for kind in InteractionKind::ALL {
            let word = wording::code(env, "interaction", kind.code());
            let (word, ink) =
                if *kind == self.kind { (format!("[{word}]"), Ink::Chosen) } else { (format!(" {word} "), Ink::Dim) };
            column = canvas.text(inside, 0, column, &word, style(ink)) + 1;
        }
        let direction =
            self.direction.map_or_else(|| "-".to_owned(), |way| wording::code(env, "direction", way.code()));
        canvas.text(inside, 0, column + 2, &format!("< {direction} >"), style(Ink::Plain));
        line::draw(env, canvas, (inside, 1), &env.t("contact-said"), &self.text, Focus::on(self.at, Line::Text));
        let (said, reading) = self.reading(env);
        let (words, ink) = match (&reading, self.message.hint(&said)) {
            (Some(reading), _) => reading.words(env, &env.t("contact-no-date")),
            (None, Some(masked)) => (masked, Ink::Dim),
            (None, None) => (env.t("contact-hint-next"), Ink::Dim),
        };
        canvas.text(canvas::row(inside, 2), 0, LABEL, &words, style(ink));
        line::draw(env, canvas, (inside, 3), &env.t("contact-ticket"), &self.ticket, Focus::on(self.at, Line::Ticket));
        let minutes = env.t("contact-minutes");
        line::draw(env, canvas, (inside, 4), &minutes, &self.minutes, Focus::on(self.at, Line::Minutes));
        let foot = canvas::row(inside, 5);
        if leaving::foot(env, canvas, (foot, 0), self.leaving, &self.saving) {
            return;
        }
        if let Some(found) = scan_for_identifiers(&said).first() {
            let what = suspected(env, found.kind);
            canvas.text(foot, 0, LABEL, &env.ta("form-suspect", &[("what", &what)]), style(Ink::Warn));
        }
        self.message.draw(env, area, canvas);
    }
}

/// What a number in free text looks like, in words.
pub(super) fn suspected(env: &Env, kind: Suspected) -> String {
    match kind {
        Suspected::ResidentId => env.t("suspect-resident-id"),
        Suspected::BankCard => env.t("suspect-bank-card"),
        Suspected::Phone => env.t("suspect-phone"),
    }
}
