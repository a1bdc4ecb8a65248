//! What a person gives for a value: a reason, a ticket, a few words.
//!
//! **Invariant:** what is sent is what stands in the prompt; the door judges it again.

use ratatui::layout::Rect;

use crate::app::env::Env;
use crate::app::key::Key;
use crate::app::msg::Ticket;
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::field::Field;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::reason::{Reason, ReasonCode};
use crate::service::view::{Effort, RevealPrompt, TicketRule};
use crate::text::{self, Printable, half_width};

/// What the value is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// To see it.
    Reveal,
    /// To put it on the clipboard.
    Copy,
}

/// Where the keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Focus {
    Codes,
    Ticket,
    Words,
}

/// The reason being given.
#[derive(Debug)]
pub struct Grant {
    /// What for.
    pub aim: Aim,
    /// The ticket of the question what to ask.
    pub asked: Ticket,
    /// What the door says of the field, once it has.
    pub says: Option<RevealPrompt>,
    /// Enter was pressed before the door had said it.
    pub confirm_when_known: bool,
    code: Option<ReasonCode>,
    ticket: LineInput,
    words: LineInput,
    focus: Focus,
}

impl Grant {
    /// Nothing given yet.
    pub fn new(aim: Aim, asked: Ticket) -> Self {
        Self {
            aim,
            asked,
            says: None,
            confirm_when_known: false,
            code: None,
            ticket: LineInput::default().at_most(64),
            words: LineInput::default().at_most(500),
            focus: Focus::Codes,
        }
    }

    /// The door has said what it needs.
    pub fn learn(&mut self, says: RevealPrompt) {
        if let (true, Some(ticket)) = (self.ticket.is_empty(), &says.ticket) {
            self.ticket.set(ticket.as_str());
        }
        self.says = Some(says);
    }

    /// The next place for keys.
    pub fn next_field(&mut self) {
        self.focus = match self.focus {
            Focus::Codes => Focus::Ticket,
            Focus::Ticket => Focus::Words,
            Focus::Words => Focus::Codes,
        };
    }

    /// The place before.
    pub fn previous_field(&mut self) {
        self.next_field();
        self.next_field();
    }

    /// A key: a digit chooses a reason, or text.
    pub fn key(&mut self, key: Key) -> Handled {
        match self.focus {
            Focus::Ticket => self.ticket.key(key),
            Focus::Words => self.words.key(key),
            Focus::Codes => {
                let digit = key.typed().map(half_width).and_then(|c| c.to_digit(10));
                let code = digit.and_then(|d| u8::try_from(d).ok()).and_then(ReasonCode::from_digit);
                if let Some(code) = code {
                    self.code = Some(code);
                    if code == ReasonCode::Other {
                        self.focus = Focus::Words;
                    }
                }
                if key.typed().is_some() { Handled::Yes } else { Handled::No }
            }
        }
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        match self.focus {
            Focus::Codes => {}
            Focus::Ticket => self.ticket.paste(text),
            Focus::Words => self.words.paste(text),
        }
    }

    /// The reason as it stands, or what is missing in words.
    pub fn reason(&mut self, env: &Env) -> Result<Reason, String> {
        let effort = self.says.as_ref().map_or(&Effort::Reason, |says| &says.effort);
        let line = |input: &LineInput| (!input.is_empty()).then(|| Printable::line(input.text()));
        let reason = match (self.code, effort) {
            (None, Effort::Again(reason)) => reason.clone(),
            (None, Effort::Reason) => return Err(env.t("grant-choose")),
            (code, _) => Reason {
                code: code.unwrap_or(ReasonCode::Callback),
                text: line(&self.words),
                ticket: line(&self.ticket),
            },
        };
        let needs_ticket = self.says.as_ref().is_some_and(|says| says.ticket_required == TicketRule::Required);
        if needs_ticket && reason.ticket.is_none() {
            self.focus = Focus::Ticket;
            return Err(env.t("reason-ticket-missing"));
        }
        if let Err(fault) = reason.check(&[]) {
            self.focus = Focus::Words;
            return Err(wording::reason_fault(env, fault));
        }
        Ok(reason)
    }

    /// How much of the quota is used, in words.
    pub fn quota(&self, env: &Env) -> String {
        match &self.says {
            Some(says) => env.ta("grant-quota", &[("used", &says.used), ("quota", &says.quota)]),
            None => String::new(),
        }
    }

    /// How many rows it takes in `width` cells.
    pub fn height(&self, env: &Env, width: u16) -> u16 {
        u16::try_from(reasons(env, self.code, width).len()).unwrap_or(2) + 3
    }

    /// Draws it; the last row is for what is wrong or what Enter does.
    pub fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>, fault: Option<&str>) {
        let mut line = 0;
        let mut last = None;
        for words in reasons(env, self.code, area.width) {
            let mut column = 0;
            for (code, word) in words {
                let ink = if self.code == Some(code) { Ink::Chosen } else { Ink::Plain };
                column = canvas.text(area, line, column, &word, env.theme.style(ink)) + 2;
            }
            line += 1;
            last = Some(line);
        }
        let mut line = last.unwrap_or(0);
        for (focus, label, input) in
            [(Focus::Ticket, env.t("grant-ticket"), &self.ticket), (Focus::Words, env.t("grant-words"), &self.words)]
        {
            let here = row(area, line);
            let ink = if self.focus == focus { Ink::Strong } else { Ink::Plain };
            canvas.text(here, 0, 0, &label, env.theme.style(ink));
            let column = 10.min(here.width / 2);
            let field = Rect::new(here.x + column, here.y, here.width.saturating_sub(column), here.height);
            input.draw(canvas, field, env.theme.style(Ink::Field));
            if self.focus == focus {
                input.place_cursor(canvas, field);
            }
            line += 1;
        }
        let (say, ink) = match fault {
            Some(fault) => (fault.to_owned(), Ink::Bad),
            None => self.hint(env),
        };
        canvas.text(area, line, 0, &say, env.theme.style(ink));
    }

    fn hint(&self, env: &Env) -> (String, Ink) {
        let effort = self.says.as_ref().map(|says| &says.effort);
        match (self.aim, effort, self.code) {
            (Aim::Copy, ..) => (env.t("grant-copy"), Ink::Warn),
            (_, Some(Effort::Light), None) => (env.t("grant-light"), Ink::Dim),
            (_, Some(Effort::Again(reason)), None) => {
                let reason = wording::code(env, "reason", reason.code.code());
                (env.ta("grant-again", &[("reason", &reason)]), Ink::Dim)
            }
            _ => (env.t("grant-hint"), Ink::Dim),
        }
    }
}

/// The reasons with their digits, broken into lines of at most `width` cells.
fn reasons(env: &Env, chosen: Option<ReasonCode>, width: u16) -> Vec<Vec<(ReasonCode, String)>> {
    let mut lines: Vec<Vec<(ReasonCode, String)>> = vec![Vec::new()];
    let mut used = 0;
    for (at, code) in ReasonCode::ALL.iter().enumerate() {
        let word = wording::code(env, "reason", code.code());
        let digit = at + 1;
        let word = if chosen == Some(*code) { format!("[{digit} {word}]") } else { format!("{digit} {word}") };
        let cells = text::width(&word) + 2;
        if used + cells > usize::from(width) + 2 && used > 0 {
            lines.push(Vec::new());
            used = 0;
        }
        used += cells;
        if let Some(line) = lines.last_mut() {
            line.push((*code, word));
        }
    }
    lines
}
