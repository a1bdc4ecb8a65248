//! A dry run of the pool: after how many days, and whom it would take.
//!
//! **Invariant:** nothing is done by it but that it was tried, which is on record.

use ratatui::layout::Rect;

use super::Form;
use super::line::{self, Focus, LABEL};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::layer::paper::Paper;
use crate::app::msg::{Answer, Ticket};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::service::view::{PoolAction, PoolTakes};
use crate::service::{Action, Done};
use crate::text::{self, Printable};
use crate::words::pool as words;

/// What is tried where the pool takes nobody yet.
const PROPOSED: u32 = 30;
/// The most days that a policy can say.
const MOST: u32 = 3_650;

/// The form.
#[derive(Debug)]
pub struct PoolDays {
    days: LineInput,
    trying: Option<Ticket>,
}

impl PoolDays {
    /// With the days that the policy says.
    pub fn new(env: &Env) -> Self {
        let now = env.me.as_ref().map_or(0, |me| me.policy.pool_days);
        let proposed = if now == 0 { PROPOSED } else { now };
        Self { days: LineInput::new(&proposed.to_string()).at_most(4), trying: None }
    }

    fn written(&self) -> Option<u32> {
        let plain: String = self.days.text().trim().chars().map(text::half_width).collect();
        plain.parse().ok().filter(|days| (1..=MOST).contains(days))
    }

    fn said(&self, env: &Env) -> (String, Ink) {
        match self.written() {
            Some(_) => (env.t("pool-dry-hint"), Ink::Dim),
            None => (env.ta("policy-bounds", &[("least", &1), ("most", &MOST)]), Ink::Warn),
        }
    }
}

/// Says whom the pool would take.
fn tell(env: &mut Env, takes: &PoolTakes) {
    let mut paper = Paper::new(env.t("pool-dry-title"));
    paper = paper.with(words::how_many(&env.words, takes), Ink::Strong);
    for taken in &takes.owners {
        paper = paper.with(format!("  {}", words::of_owner(&env.words, takes, taken)), Ink::Plain);
    }
    if !takes.whom.is_empty() {
        paper = paper.with(env.t("pool-dry-among"), Ink::Dim);
    }
    for (id, name, owner) in &takes.whom {
        paper = paper.with(format!("  #{id}  {} · {owner}", Printable::line(name.text())), Ink::Plain);
    }
    paper = paper.with(env.ta("pool-dry-nothing", &[("n", &takes.warn)]), Ink::Dim);
    env.open(Box::new(paper));
}

impl Form for PoolDays {
    fn on_enter(&self) -> Option<Cmd> {
        Some(Cmd::Save)
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::Back]
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        let Some(days) = self.written() else {
            let (words, _) = self.said(env);
            env.bad(words);
            return None;
        };
        Some(Action::Pool(PoolAction::DryRun(Some(days))))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.trying
    }

    fn line(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.days)
    }

    fn done(&mut self, env: &mut Env, answer: Answer) {
        env.close();
        if let Answer::Done(Done::PoolTakes(takes)) = answer {
            tell(env, &takes);
        }
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let inside = frame::sheet(env, canvas, area, 5, &env.t("pool-dry-title"));
        line::draw(env, canvas, (inside, 0), &env.t("rule-label-days"), &self.days, Focus::Here);
        let (said, ink) = self.said(env);
        let foot = canvas::row(inside, 1);
        let cut = text::cut(&said, usize::from(foot.width.saturating_sub(LABEL)));
        canvas.text(foot, 0, LABEL, &cut, env.theme.style(ink));
    }
}
