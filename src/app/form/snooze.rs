//! Putting a reminder off: an hour, tomorrow, next week, or a date of one's own.
//!
//! **Invariant:** each choice shows the moment that it comes to before it is taken.

use ratatui::layout::Rect;

use super::reading::Reading;
use super::{Form, Step};
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::clock::Timestamp;
use crate::domain::id::{CustomerId, FollowUpId};
use crate::domain::when;
use crate::service::Action;
use crate::service::refusal::Refusal;
use crate::service::view::FollowUpRow;
use crate::text::{self, Printable};

/// The choices: their locale key and the date that they stand for.
const CHOICES: [(&str, &str); 3] =
    [("snooze-hour", "in 1 hour"), ("snooze-tomorrow", "tomorrow"), ("snooze-week", "next week")];

/// Cells of the choices' names.
const NAMES: usize = 22;

/// The popup.
#[derive(Debug)]
pub struct Snooze {
    id: FollowUpId,
    version: u64,
    customer: CustomerId,
    name: Printable,
    text: Printable,
    at: usize,
    own: LineInput,
    saving: Option<Ticket>,
    due: Timestamp,
}

impl Snooze {
    /// A popup about a reminder.
    pub fn new(row: &FollowUpRow) -> Self {
        Self {
            id: row.follow_up.id,
            version: row.follow_up.version,
            customer: row.follow_up.customer,
            name: Printable::line(row.customer.text()),
            text: row.follow_up.text.clone(),
            at: 0,
            own: LineInput::default().at_most(200),
            saving: None,
            due: Timestamp::default(),
        }
    }

    fn is_own(&self) -> bool {
        self.at >= CHOICES.len()
    }
}

impl Form for Snooze {
    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let written = CHOICES.get(self.at).map_or(self.own.text(), |(_, date)| date);
        match when::parse(written, env.now, env.offset) {
            Ok(due) => {
                self.due = due;
                Some(Action::SnoozeFollowUp(self.id, self.version, due))
            }
            Err(fault) => {
                env.bad(super::reading::fault_words(env, fault));
                None
            }
        }
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.from(self.at, CHOICES.len() + 1);
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        let digit = key.typed().map(text::half_width).and_then(|c| c.to_digit(10));
        match (key.code, digit) {
            (KeyCode::Enter, _) => self.submit(env),
            (KeyCode::Down, _) => self.step(Step::Next),
            (KeyCode::Up, _) => self.step(Step::Previous),
            (_, Some(digit @ 1..=4)) if !self.is_own() => {
                self.at = usize::try_from(digit).unwrap_or(1) - 1;
                if !self.is_own() {
                    self.submit(env);
                }
            }
            (_, _) if self.is_own() || key.typed().is_some() => {
                self.at = CHOICES.len();
                return self.own.key(key);
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        self.at = CHOICES.len();
        self.own.paste(text);
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        let when = super::reading::due(env, self.due);
        env.good(env.ta("snoozed", &[("when", &when)]));
        env.changed();
        env.close();
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        super::stays(env, refusal);
    }

    fn customer(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let title = env.ta("snooze-title", &[("name", &self.name)]);
        let inside = frame::sheet(env, canvas, area, 8, &title);
        canvas.text(inside, 0, 0, self.text.as_str(), style(Ink::Dim));
        for (at, (name, date)) in CHOICES.iter().enumerate() {
            let moment = when::parse(date, env.now, env.offset).map_or_else(
                |fault| super::reading::fault_words(env, fault),
                |due| when::show_full(due, env.offset, env.words.lang),
            );
            let line = format!("{}  {}{moment}", at + 1, text::pad(&env.t(name), NAMES));
            let ink = if at == self.at { Ink::Cursor } else { Ink::Plain };
            canvas.text(canvas::row(inside, u16::try_from(at).unwrap_or(0) + 1), 0, 0, &line, style(ink));
        }
        let row = canvas::row(inside, 4);
        let ink = if self.is_own() { Ink::Strong } else { Ink::Plain };
        let column = canvas.text(row, 0, 0, &format!("4  {}", text::pad(&env.t("snooze-own"), NAMES)), style(ink));
        let place = Rect::new(row.x + column.min(row.width), row.y, row.width.saturating_sub(column), row.height);
        let ink = if self.is_own() { Ink::Field } else { Ink::Plain };
        self.own.draw(canvas, place, style(ink));
        if self.is_own() {
            self.own.place_cursor(canvas, place);
            let reading = match Reading::of(env, self.own.text()) {
                Reading::Step(_, what) if !what.is_empty() => {
                    when::parse(self.own.text(), env.now, env.offset).err().map_or(Reading::Nothing, Reading::Fault)
                }
                other => other,
            };
            let (words, ink) = reading.words(env, &env.t("follow-up-hint-when"));
            canvas.text(canvas::row(inside, 5), 0, column, &words, style(ink));
        }
    }
}
