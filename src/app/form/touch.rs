//! How often to be in touch with a customer: a number of days, or nothing.
//!
//! **Invariant:** an empty line takes it away, and says so before it does.

use ratatui::layout::Rect;

use super::Form;
use super::line::{self, Focus, LABEL};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::msg::{Answer, Ticket};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::domain::id::CustomerId;
use crate::domain::rule::SILENT_DAYS;
use crate::service::Action;
use crate::service::view::{CustomerDetail, RuleAction};
use crate::text::{self, Printable};

/// The form.
#[derive(Debug)]
pub struct TouchForm {
    customer: CustomerId,
    name: Printable,
    days: LineInput,
    saving: Option<Ticket>,
}

impl TouchForm {
    /// A form about a customer.
    pub fn new(customer: &CustomerDetail) -> Self {
        let now = customer.touch.map(|days| days.to_string()).unwrap_or_default();
        let name = Printable::line(customer.name.text());
        Self { customer: customer.profile.id, name, days: LineInput::new(&now).at_most(4), saving: None }
    }

    /// How many days, where some are written.
    fn written(&self) -> Result<Option<u32>, ()> {
        let plain: String = self.days.text().trim().chars().map(text::half_width).collect();
        match plain.as_str() {
            "" => Ok(None),
            days => days.parse().ok().filter(|days| SILENT_DAYS.contains(days)).map(Some).ok_or(()),
        }
    }

    fn said(&self, env: &Env) -> (String, Ink) {
        match self.written() {
            Ok(Some(days)) => (env.ta("touch-hint", &[("n", &days)]), Ink::Dim),
            Ok(None) => (env.t("touch-hint-none"), Ink::Dim),
            Err(()) => {
                let (least, most) = (SILENT_DAYS.start(), SILENT_DAYS.end());
                (env.ta("policy-bounds", &[("least", least), ("most", most)]), Ink::Warn)
            }
        }
    }
}

impl Form for TouchForm {
    fn on_enter(&self) -> Option<Cmd> {
        Some(Cmd::Save)
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::Back]
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        match self.written() {
            Ok(days) => Some(Action::Rule(RuleAction::Touch(self.customer, days))),
            Err(()) => {
                let (words, _) = self.said(env);
                env.bad(words);
                None
            }
        }
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn line(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.days)
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        let said = match self.written() {
            Ok(Some(days)) => env.ta("touch-set", &[("n", &days)]),
            _ => env.t("touch-none"),
        };
        env.good(said);
        env.changed();
        env.close();
    }

    fn customer(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let inside = frame::sheet(env, canvas, area, 5, &env.ta("touch-title", &[("name", &self.name)]));
        line::draw(env, canvas, (inside, 0), &env.t("rule-label-days"), &self.days, Focus::Here);
        let (said, ink) = self.said(env);
        let foot = canvas::row(inside, 1);
        let cut = text::cut(&said, usize::from(foot.width.saturating_sub(LABEL)));
        canvas.text(foot, 0, LABEL, &cut, env.theme.style(ink));
    }
}
