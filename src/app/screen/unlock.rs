//! Unlock: a name and a passphrase, or a setup code and the passphrase to be, or the recovery key.
//!
//! **Invariant:** which of name and passphrase was wrong is never said.

use ratatui::layout::Rect;
use zeroize::Zeroizing;

use crate::app::commands::{Cmd, Place};
use crate::app::effect::Effect;
use crate::app::env::Env;
use crate::app::key::Key;
use crate::app::model::VaultKind;
use crate::app::msg::{EntryFault, Queued};
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::field::{self, Columns, Field, Turn};
use crate::app::widget::frame::popup;
use crate::app::widget::input::LineInput;
use crate::app::widget::secret::SecretInput;
use crate::app::wording;
use crate::clock::Timestamp;
use crate::service::refusal::FactorProblem;

use super::first_run::{rules, rules_hold};
use super::frame::text_lines;

/// The way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Passphrase,
    SetupCode,
    Recovery,
    /// The passphrase was right; a code of the second factor is still to come.
    Code,
}

/// What is being typed at the door.
#[derive(Debug)]
pub struct Unlock {
    way: Way,
    name: LineInput,
    code: SecretInput,
    passphrase: SecretInput,
    again: SecretInput,
    at: usize,
    waiting: bool,
    queued: Option<Queued>,
    fault: Option<String>,
    until: Option<Timestamp>,
    vault: VaultKind,
}

impl Unlock {
    /// The same door, of this vault.
    pub fn of(mut self, vault: VaultKind) -> Self {
        self.vault = vault;
        self
    }

    /// The door, with a name to begin with.
    pub fn new(name: &str) -> Self {
        Self {
            way: Way::Passphrase,
            name: LineInput::new(name).at_most(64),
            code: SecretInput::new(),
            passphrase: SecretInput::new(),
            again: SecretInput::new(),
            at: usize::from(!name.is_empty()),
            waiting: false,
            queued: None,
            fault: None,
            until: None,
            vault: VaultKind::Work,
        }
    }

    /// Where whoever waits stands in the line; nothing when their turn has come.
    pub fn queued(&mut self, queued: Option<Queued>) {
        self.queued = queued;
    }

    /// Nobody was let in.
    pub fn refused(&mut self, env: &mut Env, fault: EntryFault) {
        self.waiting = false;
        self.queued = None;
        self.passphrase.take();
        self.again.take();
        self.way = match fault {
            EntryFault::CodeNeeded | EntryFault::Factor(_) => Way::Code,
            _ if self.way == Way::Code => Way::Passphrase,
            _ => self.way,
        };
        self.at = usize::from(self.way != Way::Code);
        self.until = match fault {
            EntryFault::WrongNameOrPassphrase(wait)
            | EntryFault::Factor(FactorProblem::Wrong { wait_seconds: wait })
                if wait > 0 =>
            {
                Some(env.now.plus_seconds(i64::from(wait)))
            }
            _ => None,
        };
        if fault == EntryFault::CodeNeeded {
            self.code.take();
            self.fault = None;
            return;
        }
        if fault == EntryFault::SetupNeeded {
            self.way = Way::SetupCode;
        }
        self.fault = Some(wording::entry(env, &fault));
    }

    fn fields(&self) -> &'static [&'static str] {
        match self.way {
            Way::Passphrase => &["entry-field-name", "entry-field-passphrase"],
            Way::Code => &["entry-field-factor"],
            Way::SetupCode => &["entry-field-name", "entry-field-code", "entry-field-new", "entry-field-again"],
            Way::Recovery => &["entry-field-name", "entry-field-recovery", "entry-field-new", "entry-field-again"],
        }
    }

    fn field(&self, at: usize) -> &dyn Field {
        match (self.way, at) {
            (Way::Passphrase, 1) | (_, 2) => &self.passphrase,
            (_, 1) | (Way::Code, _) => &self.code,
            (_, 3) => &self.again,
            _ => &self.name,
        }
    }

    /// The field that has the keys.
    fn typed(&mut self) -> &mut dyn Field {
        match (self.way, self.at) {
            (Way::Passphrase, 1) | (_, 2) => &mut self.passphrase,
            (_, 1) | (Way::Code, _) => &mut self.code,
            (_, 3) => &mut self.again,
            _ => &mut self.name,
        }
    }

    fn submit(&mut self, env: &mut Env) {
        if self.until.is_some_and(|until| env.now < until) {
            return;
        }
        if self.way == Way::Code {
            if !self.code.is_empty() {
                self.fault = None;
                self.waiting = true;
                env.effect(Effect::Code(self.code.take()));
            }
            return;
        }
        if self.at + 1 < self.fields().len() {
            self.at += 1;
            return;
        }
        if self.name.is_empty() || self.passphrase.is_empty() {
            self.at = usize::from(!self.name.is_empty());
            self.fault = Some(env.t("entry-both"));
            return;
        }
        let name = self.name.text().to_owned();
        let effect = match self.way {
            Way::Passphrase | Way::Code => Effect::SignIn { name, passphrase: self.passphrase.take() },
            Way::SetupCode | Way::Recovery => {
                if !rules_hold(self.passphrase.peek(), self.again.peek()) {
                    let differ = rules_hold(self.passphrase.peek(), self.passphrase.peek());
                    self.fault = Some(env.t(if differ { "passphrase-differ" } else { "passphrase-rules" }));
                    self.at = if differ { 3 } else { 2 };
                    self.again.take();
                    return;
                }
                self.again.take();
                let passphrase = self.passphrase.take();
                if self.way == Way::Recovery {
                    // It stays in its field: a share that is missing can be typed behind the others.
                    let typed = Zeroizing::new(self.code.peek().to_owned());
                    Effect::Recover { name, typed, passphrase }
                } else {
                    Effect::SetUp { name, code: self.code.take(), passphrase }
                }
            }
        };
        self.fault = None;
        self.waiting = true;
        env.effect(effect);
    }
}

impl Panel for Unlock {
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
            Cmd::NextField => self.at = (self.at + 1) % self.fields().len(),
            Cmd::PreviousField => self.at = (self.at + self.fields().len() - 1) % self.fields().len(),
            // A recovery code goes into the same field.
            Cmd::OtherWay if self.way == Way::Code => {}
            Cmd::OtherWay => {
                self.way = match self.way {
                    Way::Passphrase => Way::SetupCode,
                    Way::SetupCode => Way::Recovery,
                    Way::Recovery | Way::Code => Way::Passphrase,
                };
                self.code.take();
                self.at = usize::from(!self.name.is_empty());
                self.fault = None;
            }
            Cmd::Back => {
                if self.way == Way::Code {
                    // What the passphrase unlocked is let go of.
                    env.effect(Effect::Lock);
                    self.fault = None;
                    self.until = None;
                }
                self.way = Way::Passphrase;
                self.at = 0;
                self.passphrase.take();
                self.again.take();
                self.code.take();
            }
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
        self.typed().key(key)
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        if self.waiting {
            return;
        }
        if (self.way, self.at) == (Way::Recovery, 1) {
            // Copied words and shares may stand in several lines.
            return self.code.paste(&Zeroizing::new(text.replace(['\r', '\n'], " ")));
        }
        self.typed().paste(text);
    }

    fn tick(&mut self, env: &mut Env) {
        if self.until.is_some_and(|until| env.now >= until) {
            self.until = None;
            self.fault = None;
        }
    }

    fn counts_down(&self) -> bool {
        self.until.is_some()
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let title = match self.way {
            Way::Passphrase => env.t("unlock-title"),
            Way::SetupCode => env.t("unlock-setup-title"),
            Way::Recovery => env.t("unlock-recovery-title"),
            Way::Code => env.t("unlock-code-title"),
        };
        let height = if matches!(self.way, Way::SetupCode | Way::Recovery) { 16 } else { 13 };
        let inside = popup(env, canvas, area, (64, height), &title);
        // Where it is low, the lines stand close, so that what is wrong stays in sight.
        let low = inside.height < 11;
        let mut line = u16::from(!low);
        let own = if self.waiting { Turn::Held } else { Turn::Typed };
        let columns = Columns { from: 22, most: u16::MAX };
        for (at, key) in self.fields().iter().enumerate() {
            let turn = Turn::of(at, self.at, own);
            field::draw(env, canvas, (row(inside, line), columns), &env.t(key), self.field(at), turn);
            line += if low || matches!(self.way, Way::SetupCode | Way::Recovery) { 1 } else { 2 };
        }
        if matches!(self.way, Way::SetupCode | Way::Recovery) {
            line = rules(env, canvas, inside, line, self.passphrase.peek(), self.again.peek());
        }
        line += u16::from(!low);
        let say = match (self.waiting, self.until) {
            (true, _) => Some((waiting(env, self.queued), Ink::Plain)),
            (_, Some(until)) => {
                let left = (until.since(env.now).max(0) + 999) / 1000;
                let key = if self.way == Way::Code { "factor-problem-wait" } else { "entry-wrong-wait" };
                Some((env.ta(key, &[("wait", &left)]), Ink::Bad))
            }
            _ => self.fault.clone().map(|fault| (fault, Ink::Bad)),
        };
        let say = match (say, self.vault) {
            (None, _) if self.way == Way::Recovery => Some((env.t("unlock-recovery-about"), Ink::Dim)),
            (None, _) if self.way == Way::Code => Some((env.t("unlock-code-about"), Ink::Dim)),
            (None, VaultKind::Sample) => Some((env.t("unlock-sample"), Ink::Dim)),
            (say, _) => say,
        };
        if let Some((say, ink)) = say {
            for part in text_lines(&say, usize::from(inside.width)) {
                canvas.text(inside, line, 0, &part, env.theme.style(ink));
                line += 1;
            }
        }
    }
}

/// What somebody reads who waits to be let in.
fn waiting(env: &Env, queued: Option<Queued>) -> String {
    let Some(Queued { before, seconds }) = queued else { return env.t("entry-waiting") };
    match seconds {
        None => env.ta("entry-queue", &[("before", &before)]),
        Some(seconds) if seconds < 120 => env.ta("entry-queue-seconds", &[("before", &before), ("wait", &seconds)]),
        Some(seconds) => env.ta("entry-queue-minutes", &[("before", &before), ("wait", &seconds.div_ceil(60))]),
    }
}
