//! First run: make a vault, or look round the sample one.
//!
//! **Invariant:** the rules that a new passphrase is held to are shown while it is typed, and the door checks again.

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::effect::Effect;
use crate::app::env::Env;
use crate::app::key::Key;
use crate::app::msg::EntryFault;
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::field::{self, Columns, Field, Turn};
use crate::app::widget::frame::popup;
use crate::app::widget::input::LineInput;
use crate::app::widget::secret::SecretInput;
use crate::app::wording;
use crate::domain::staff::LoginName;
use crate::service::view::BackupPolicy;
use crate::words::backup::policy as policy_fault;

use super::frame::text_lines;

/// The last field: name, passphrase, again, country, two places.
const LAST: usize = 5;

/// The least characters of a passphrase.
const LEAST: usize = 12;

/// What is being typed about the vault to be.
#[derive(Debug)]
pub struct FirstRun {
    name: LineInput,
    passphrase: SecretInput,
    again: SecretInput,
    region: LineInput,
    places: [LineInput; 2],
    at: usize,
    waiting: bool,
    fault: Option<String>,
}

impl Default for FirstRun {
    fn default() -> Self {
        Self::new()
    }
}

impl FirstRun {
    /// Nothing typed yet.
    pub fn new() -> Self {
        Self {
            name: LineInput::default().at_most(64),
            passphrase: SecretInput::new(),
            again: SecretInput::new(),
            region: LineInput::new("CN").at_most(2),
            places: [LineInput::default().at_most(500), LineInput::default().at_most(500)],
            at: 0,
            waiting: false,
            fault: None,
        }
    }

    /// The vault was not made.
    pub fn refused(&mut self, env: &mut Env, fault: EntryFault) {
        self.waiting = false;
        self.at = match fault {
            EntryFault::Name => 0,
            _ => 1,
        };
        self.fault = Some(wording::entry(env, &fault));
    }

    fn field(&self, at: usize) -> &dyn Field {
        let [first, second] = &self.places;
        match at {
            0 => &self.name,
            1 => &self.passphrase,
            2 => &self.again,
            3 => &self.region,
            LAST => second,
            _ => first,
        }
    }

    /// The field that has the keys.
    fn typed(&mut self) -> &mut dyn Field {
        let [first, second] = &mut self.places;
        match self.at {
            0 => &mut self.name,
            1 => &mut self.passphrase,
            2 => &mut self.again,
            3 => &mut self.region,
            LAST => second,
            _ => first,
        }
    }

    fn submit(&mut self, env: &mut Env) {
        if self.at < LAST {
            self.at += 1;
            return;
        }
        let Some(owner) = LoginName::new(self.name.text()) else {
            self.at = 0;
            self.fault = Some(env.t("entry-name"));
            return;
        };
        if !rules_hold(self.passphrase.peek(), self.again.peek()) {
            self.at = 1;
            self.fault = Some(env.t("passphrase-rules"));
            return;
        }
        let region = self.region.text().to_ascii_uppercase();
        if region.len() != 2 || !region.bytes().all(|b| b.is_ascii_uppercase()) {
            self.at = 3;
            self.fault = Some(env.t("first-run-region"));
            return;
        }
        let mut policy = BackupPolicy::default();
        for (at, place) in self.places.iter().enumerate() {
            let typed = place.text().trim();
            if !typed.is_empty()
                && let Err(fault) = policy.add_place(typed)
            {
                self.at = 4 + at;
                self.fault = Some(policy_fault(&env.words, &fault));
                return;
            }
        }
        self.again.take();
        self.fault = None;
        self.waiting = true;
        env.effect(Effect::Create { owner, passphrase: self.passphrase.take(), region, places: policy.places });
    }
}

/// Whether a new passphrase keeps the rules that can be checked while typing.
pub fn rules_hold(passphrase: &str, again: &str) -> bool {
    long(passphrase) && varied(passphrase) && passphrase == again
}

fn long(passphrase: &str) -> bool {
    passphrase.chars().count() >= LEAST
}

/// A few letters over and over are as easily guessed as one.
fn varied(passphrase: &str) -> bool {
    let mut seen: Vec<char> = passphrase.chars().collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() >= 5
}

/// Draws the rules with what is kept of them, from row `line` of `area`. Answers the row behind them.
pub fn rules(env: &Env, canvas: &mut Canvas<'_>, area: Rect, line: u16, passphrase: &str, again: &str) -> u16 {
    let mut line = line;
    let kept = [
        (env.ta("rule-long", &[("least", &LEAST)]), long(passphrase)),
        (env.t("rule-varied"), varied(passphrase)),
        (env.t("rule-same"), !passphrase.is_empty() && passphrase == again),
    ];
    for (text, holds) in kept {
        let (mark, ink) = if holds { ("[x] ", Ink::Good) } else { ("[ ] ", Ink::Dim) };
        let column = canvas.text(area, line, 0, mark, env.theme.style(ink));
        canvas.text(area, line, column, &text, env.theme.style(ink));
        line += 1;
    }
    line
}

impl Panel for FirstRun {
    fn places(&self) -> Vec<Place> {
        vec![Place::Entrance]
    }

    fn typing(&self) -> Typing {
        Typing::Text
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Submit, Cmd::NextField, Cmd::OtherWay, Cmd::Language, Cmd::Quit]
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if self.waiting && cmd != Cmd::Quit {
            return Handled::Yes;
        }
        match cmd {
            Cmd::Submit => self.submit(env),
            Cmd::NextField => self.at = (self.at + 1) % (LAST + 1),
            Cmd::PreviousField => self.at = (self.at + LAST) % (LAST + 1),
            Cmd::OtherWay => {
                self.waiting = true;
                env.effect(Effect::LookRound);
            }
            Cmd::Back => self.at = self.at.saturating_sub(1),
            Cmd::Help => {
                let text = env.t("entrance-help");
                env.say(text);
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn key(&mut self, _env: &mut Env, key: Key) -> Handled {
        if self.waiting {
            return Handled::Yes;
        }
        self.fault = None;
        self.typed().key(key)
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        if !self.waiting {
            self.typed().paste(text);
        }
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let inside = popup(env, canvas, area, (72, 20), &env.t("first-run-title"));
        let (say, ink) = match (&self.fault, self.waiting) {
            (_, true) => (env.t("first-run-waiting"), Ink::Plain),
            (Some(fault), _) => (fault.clone(), Ink::Bad),
            (None, _) if self.at > 3 => (env.t("first-run-places"), Ink::Plain),
            (None, _) => (env.t("first-run-warning"), Ink::Warn),
        };
        let about = text_lines(&env.t("first-run-about"), usize::from(inside.width));
        let say = text_lines(&say, usize::from(inside.width));
        // Where it is low, what this is makes room for what is wrong.
        let needed = about.len() + say.len() + 12;
        let low = needed > usize::from(inside.height);
        let mut line = 0;
        for part in about.iter().filter(|_| !low) {
            canvas.text(inside, line, 0, part, env.theme.style(Ink::Plain));
            line += 1;
        }
        let gap = u16::from(!low);
        line += gap;
        let labels = [
            "first-run-name",
            "entry-field-new",
            "entry-field-again",
            "first-run-field-region",
            "first-run-field-place",
            "first-run-field-second",
        ];
        let own = if self.waiting { Turn::Held } else { Turn::Typed };
        for (at, key) in labels.iter().enumerate() {
            let columns = Columns { from: 26, most: if at == 3 { 4 } else { u16::MAX } };
            let turn = Turn::of(at, self.at, own);
            field::draw(env, canvas, (row(inside, line), columns), &env.t(key), self.field(at), turn);
            line += 1;
        }
        line = rules(env, canvas, inside, line + gap, self.passphrase.peek(), self.again.peek()) + gap;
        for part in &say {
            canvas.text(inside, line, 0, part, env.theme.style(ink));
            line += 1;
        }
    }
}
