//! One's own second factor: a phone takes the secret in and proves it by a code; recovery codes are shown once; later
//! they are made anew, the phone is replaced, or the factor is removed.
//!
//! **Invariant:** secret and codes are on the screen until the next step and never again; they are zeroized with the
//! form, and stand in no notice, draft or `Debug`.

use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use zeroize::Zeroizing;

use super::Form;
use super::leaving::confirms;
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::screen::frame::text_lines;
use crate::app::theme::{Ink, Theme};
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::service::refusal::Refusal;
use crate::service::view::FactorOffer;
use crate::service::{Action, Done};
use crate::words::qr;

/// The form.
pub struct FactorForm {
    stage: Stage,
    code: LineInput,
    doing: Option<Ticket>,
    fault: Option<String>,
}

enum Stage {
    /// What there is, and what can be done about it.
    Standing,
    /// Whether to remove it.
    Removing,
    /// A secret to be taken in, and its picture.
    Offer(FactorOffer, Vec<Zeroizing<String>>),
    /// The recovery codes.
    Codes(Vec<Zeroizing<String>>),
}

/// Says nothing of secret and codes.
impl std::fmt::Debug for FactorForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactorForm(..)")
    }
}

impl Default for FactorForm {
    fn default() -> Self {
        Self { stage: Stage::Standing, code: LineInput::default().at_most(12), doing: None, fault: None }
    }
}

fn enrolled(env: &Env) -> bool {
    env.me.as_ref().is_some_and(|me| me.factor.since.is_some())
}

fn owed(env: &Env) -> bool {
    env.me.as_ref().is_some_and(|me| me.factor.owed())
}

impl FactorForm {
    fn ask(&mut self, env: &mut Env, action: Action) {
        if self.doing.is_none() {
            self.fault = None;
            self.doing = Some(env.perform(action));
        }
    }

    /// Beside the picture where there is room for both, else in its place.
    fn draw_offer(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let Stage::Offer(offer, picture) = &self.stage else { return };
        canvas.clear(area);
        let wide = picture.first().map_or(0, |line| u16::try_from(line.chars().count()).unwrap_or(u16::MAX));
        let high = u16::try_from(picture.len()).unwrap_or(u16::MAX);
        let shown = !picture.is_empty() && area.width >= wide.saturating_add(36) && area.height >= high;
        let words = if shown {
            let plain = env.theme.style(Ink::Plain);
            let style = if env.theme == Theme::Mono { plain } else { Style::new().fg(Color::White).bg(Color::Black) };
            for (at, line) in (0_u16..).zip(picture) {
                canvas.text(area, at, 0, line, style);
            }
            let left = wide + 2;
            Rect::new(area.x + left, area.y, area.width.saturating_sub(left + 1), area.height)
        } else {
            canvas::inset(area, 1)
        };
        let mut at = 0;
        let mut say = |text: &str, ink: Ink, canvas: &mut Canvas<'_>| {
            for part in text_lines(text, usize::from(words.width)) {
                canvas.text(words, at, 0, &part, env.theme.style(ink));
                at += 1;
            }
            at
        };
        say(&env.t("factor-title"), Ink::Strong, canvas);
        say(&env.t(if shown { "factor-scan" } else { "factor-type" }), Ink::Plain, canvas);
        let groups = Zeroizing::new(in_groups(&offer.secret));
        say(&groups, Ink::Strong, canvas);
        say(&offer.uri, Ink::Dim, canvas);
        let row = say(&env.t("factor-prove"), Ink::Plain, canvas);
        let field = canvas::row(words, row);
        let field = Rect::new(field.x, field.y, field.width.min(14), field.height);
        self.code.draw(canvas, field, env.theme.style(Ink::Field));
        if self.doing.is_none() {
            self.code.place_cursor(canvas, field);
        }
        at = row + 1;
        let fault = self.fault.clone().map(|fault| (fault, Ink::Bad));
        let hint = env.t(if owed(env) { "factor-keys-owed" } else { "factor-keys-offer" });
        let (text, ink) = fault.unwrap_or((hint, Ink::Key));
        for part in text_lines(&text, usize::from(words.width)) {
            canvas.text(words, at, 0, &part, env.theme.style(ink));
            at += 1;
        }
    }
}

/// In groups of four, so that a person keeps their place.
fn in_groups(secret: &str) -> String {
    let mut out = String::with_capacity(secret.len() * 5 / 4 + 1);
    for (at, char) in secret.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            out.push(' ');
        }
        out.push(char);
    }
    out
}

impl Form for FactorForm {
    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::Back]
    }

    fn on_enter(&self) -> Option<Cmd> {
        Some(Cmd::Save)
    }

    fn enter(&mut self, env: &mut Env) {
        if owed(env) {
            self.ask(env, Action::OfferFactor);
        }
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        match &self.stage {
            Stage::Standing if enrolled(env) => env.close(),
            Stage::Standing => return Some(Action::OfferFactor),
            Stage::Offer(..) if self.code.is_empty() => self.fault = Some(env.t("factor-code-missing")),
            Stage::Offer(..) => {
                self.fault = None;
                let typed = Zeroizing::new(self.code.text().to_owned());
                self.code.set("");
                return Some(Action::ConfirmFactor(typed));
            }
            Stage::Codes(_) => {
                env.good(env.t("factor-on"));
                env.changed();
                env.close();
            }
            Stage::Removing => {}
        }
        None
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.doing
    }

    fn done(&mut self, env: &mut Env, answer: Answer) {
        let now = env.now;
        match answer {
            Answer::Done(Done::FactorOffer(offer)) => {
                let picture = qr::picture(&offer.uri);
                self.stage = Stage::Offer(offer, picture);
            }
            Answer::Done(Done::FactorCodes(codes)) => {
                if let Some(me) = &mut env.me {
                    me.factor.since = me.factor.since.or(Some(now));
                    me.factor.codes_left = u8::try_from(codes.len()).unwrap_or(u8::MAX);
                }
                self.stage = Stage::Codes(codes);
            }
            _ => {
                if let Some(me) = &mut env.me {
                    me.factor.since = None;
                }
                env.good(env.t("factor-off"));
                env.close();
            }
        }
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        if matches!(self.stage, Stage::Removing) {
            self.stage = Stage::Standing;
        }
        self.fault = Some(wording::refusal(env, refusal));
    }

    fn back(&mut self, env: &mut Env) {
        match self.stage {
            // Nothing else can be done before it is enrolled.
            _ if owed(env) => env.run(Cmd::Lock),
            Stage::Removing => self.stage = Stage::Standing,
            // They are shown once: Esc must not lose them.
            Stage::Codes(_) => self.fault = Some(env.t("factor-codes-enter")),
            Stage::Standing | Stage::Offer(..) => env.close(),
        }
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.doing.is_some() {
            return Handled::Yes;
        }
        if key.code == KeyCode::Enter {
            self.submit(env);
            return Handled::Yes;
        }
        match self.stage {
            Stage::Offer(..) => return self.code.key(key),
            Stage::Removing if confirms(key) => self.ask(env, Action::RemoveFactor),
            Stage::Removing => self.stage = Stage::Standing,
            Stage::Standing if enrolled(env) => match key.typed() {
                Some('c') => self.ask(env, Action::RenewFactorCodes),
                Some('p') => self.ask(env, Action::OfferFactor),
                Some('x') => self.stage = Stage::Removing,
                _ => {}
            },
            Stage::Standing | Stage::Codes(_) => {}
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        if matches!(self.stage, Stage::Offer(..)) {
            self.code.paste(text);
        }
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        if matches!(self.stage, Stage::Offer(..)) {
            return self.draw_offer(env, area, canvas);
        }
        let about = match (&self.stage, env.me.as_ref().map(|me| me.factor)) {
            (Stage::Removing, _) => env.t("factor-remove-question"),
            (Stage::Codes(_), _) => env.t("factor-codes-about"),
            (_, Some(factor)) if let Some(since) = factor.since => {
                let when = wording::moment(env, since);
                env.ta("factor-standing", &[("when", &when), ("n", &factor.codes_left)])
            }
            _ => env.t("factor-about"),
        };
        let lines = text_lines(&about, usize::from(area.width.min(68).saturating_sub(4)));
        let codes: &[Zeroizing<String>] = if let Stage::Codes(codes) = &self.stage { codes } else { &[] };
        let rows = u16::try_from(lines.len() + codes.len().div_ceil(2)).unwrap_or(u16::MAX);
        let inside = frame::popup(env, canvas, area, (68, rows.saturating_add(7)), &env.t("factor-title"));
        let mut at = 0;
        for line in &lines {
            canvas.text(inside, at, 0, line, env.theme.style(Ink::Plain));
            at += 1;
        }
        at += 1;
        for pair in codes.chunks(2) {
            for (column, code) in [2, 30].into_iter().zip(pair) {
                canvas.text(inside, at, column, code, env.theme.style(Ink::Strong));
            }
            at += 1;
        }
        if let Some(fault) = &self.fault {
            for part in text_lines(fault, usize::from(inside.width)) {
                canvas.text(inside, at, 0, &part, env.theme.style(Ink::Bad));
                at += 1;
            }
        }
        let key = match &self.stage {
            _ if self.doing.is_some() => "form-saving",
            Stage::Removing => "confirm-keys",
            Stage::Codes(_) => "factor-keys-codes",
            _ if enrolled(env) => "factor-keys-standing",
            _ => "factor-keys-about",
        };
        let foot = canvas::row(inside, inside.height.saturating_sub(1));
        canvas.text(foot, 0, 0, &env.t(key), env.theme.style(Ink::Key));
    }
}
