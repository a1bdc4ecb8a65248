//! A rule: added, or written anew.
//!
//! **Invariant:** what cannot be a rule is said at the line that it is about, before anything is asked of the door.

use ratatui::layout::Rect;

use super::line::{self, Focus, LABEL};
use super::{Form, Step};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::customer::Stage;
use crate::domain::id::{RuleId, StaffId};
use crate::domain::loss::LossReason;
use crate::domain::rule::{
    BIRTHDAY_DAYS, DUE_DAYS, LONGEST, LONGEST_NAME, Outcome, OutcomeKind, Rule, RuleText, SILENT_DAYS, Trigger,
    TriggerKind,
};
use crate::service::Action;
use crate::service::view::RuleAction;
use crate::text::{self, Printable};

/// The form.
#[derive(Debug)]
pub struct RuleForm {
    /// The rule that is written anew, at the version shown; none where one is added.
    old: Option<(RuleId, u64)>,
    name: LineInput,
    trigger: TriggerKind,
    stage: Stage,
    tag: LineInput,
    days: LineInput,
    outcome: OutcomeKind,
    what: LineInput,
    due: LineInput,
    who: Option<StaffId>,
    only_tag: LineInput,
    only_stage: Option<Stage>,
    only_lost: Option<LossReason>,
    at: Line,
    saving: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Name,
    Trigger,
    Stage,
    Tag,
    Days,
    Outcome,
    What,
    Due,
    Who,
    OnlyTag,
    OnlyStage,
    OnlyLost,
}

/// Why it cannot be saved: the line, and the words.
type Wrong = (Line, String);

impl RuleForm {
    /// A form for a new rule.
    pub fn add() -> Self {
        Self {
            old: None,
            name: LineInput::default().at_most(LONGEST_NAME),
            trigger: TriggerKind::StageBecomes,
            stage: Stage::Customer,
            tag: LineInput::default().at_most(40),
            days: LineInput::default().at_most(4),
            outcome: OutcomeKind::FollowUp,
            what: LineInput::default().at_most(LONGEST),
            due: LineInput::default().at_most(4),
            who: None,
            only_tag: LineInput::default().at_most(40),
            only_stage: None,
            only_lost: None,
            at: Line::Name,
            saving: None,
        }
    }

    /// A form that writes one anew.
    pub fn change(rule: &Rule) -> Self {
        let mut form = Self { old: Some((rule.id, rule.version)), ..Self::add() };
        let text = &rule.text;
        form.name.set(text.name.as_str());
        form.trigger = text.trigger.kind();
        match &text.trigger {
            Trigger::StageBecomes(stage) => form.stage = *stage,
            Trigger::TagAdded(tag) => form.tag.set(tag.as_str()),
            Trigger::NoContact(days) | Trigger::BirthdayNear(days) => form.days.set(&days.to_string()),
        }
        form.outcome = text.outcome.kind();
        match &text.outcome {
            Outcome::FollowUp { text, days, .. } => {
                form.what.set(text.as_str());
                form.due.set(&days.to_string());
            }
            Outcome::Tag(tag) => form.what.set(tag.as_str()),
            Outcome::Assign(_) => {}
        }
        form.who = text.person();
        form.only_tag.set(text.tag.as_ref().map_or("", |tag| tag.as_str()));
        form.only_stage = text.stage;
        form.only_lost = text.lost;
        form
    }

    fn lines(&self) -> Vec<Line> {
        let value = match self.trigger {
            TriggerKind::StageBecomes => Line::Stage,
            TriggerKind::TagAdded => Line::Tag,
            TriggerKind::NoContact | TriggerKind::BirthdayNear => Line::Days,
        };
        let what: &[Line] = match self.outcome {
            OutcomeKind::FollowUp => &[Line::What, Line::Due, Line::Who],
            OutcomeKind::Tag => &[Line::What],
            OutcomeKind::Assign => &[Line::Who],
        };
        let before = [Line::Name, Line::Trigger, value, Line::Outcome];
        let about_lost = self.trigger == TriggerKind::StageBecomes && self.stage == Stage::Lost
            || self.only_stage == Some(Stage::Lost);
        let lost = (about_lost || self.only_lost.is_some()).then_some(Line::OnlyLost);
        let only = [Line::OnlyTag, Line::OnlyStage].into_iter().chain(lost);
        before.into_iter().chain(what.iter().copied()).chain(only).collect()
    }

    fn input(&self, line: Line) -> Option<&LineInput> {
        match line {
            Line::Name => Some(&self.name),
            Line::Tag => Some(&self.tag),
            Line::Days => Some(&self.days),
            Line::What => Some(&self.what),
            Line::Due => Some(&self.due),
            Line::OnlyTag => Some(&self.only_tag),
            Line::Trigger | Line::Stage | Line::Outcome | Line::Who | Line::OnlyStage | Line::OnlyLost => None,
        }
    }

    fn field(&mut self) -> Option<&mut LineInput> {
        match self.at {
            Line::Name => Some(&mut self.name),
            Line::Tag => Some(&mut self.tag),
            Line::Days => Some(&mut self.days),
            Line::What => Some(&mut self.what),
            Line::Due => Some(&mut self.due),
            Line::OnlyTag => Some(&mut self.only_tag),
            Line::Trigger | Line::Stage | Line::Outcome | Line::Who | Line::OnlyStage | Line::OnlyLost => None,
        }
    }

    /// Who can be chosen: where it is a follow-up, first whoever owns the customer.
    fn people(&self, env: &Env) -> Vec<Option<StaffId>> {
        let owner = (self.outcome == OutcomeKind::FollowUp).then_some(None);
        let everybody = env.me.iter().flat_map(|me| &me.everybody).map(|(id, _)| Some(*id));
        owner.into_iter().chain(everybody).collect()
    }

    fn choose(&mut self, env: &Env, step: Step) {
        match self.at {
            Line::Trigger => self.trigger = step.along(TriggerKind::ALL, self.trigger),
            Line::Stage => self.stage = step.along(Stage::ALL, self.stage),
            Line::Outcome => {
                self.outcome = step.along(OutcomeKind::ALL, self.outcome);
                let people = self.people(env);
                if !people.contains(&self.who) {
                    self.who = people.first().copied().flatten();
                }
            }
            Line::Who => self.who = step.along(&self.people(env), self.who),
            Line::OnlyStage => {
                let all: Vec<Option<Stage>> =
                    std::iter::once(None).chain(Stage::ALL.iter().copied().map(Some)).collect();
                self.only_stage = step.along(&all, self.only_stage);
            }
            Line::OnlyLost => {
                let all: Vec<Option<LossReason>> = std::iter::once(None)
                    .chain(wording::losses_to_choose(env, self.only_lost).into_iter().map(Some))
                    .collect();
                self.only_lost = step.along(&all, self.only_lost);
            }
            _ => {}
        }
    }

    fn pick(&self, env: &Env, line: Line) -> Option<String> {
        let stage = |stage: Stage| wording::code(env, "stage", stage.code());
        match line {
            Line::Trigger => Some(wording::code(env, "rule-trigger", self.trigger.code())),
            Line::Stage => Some(stage(self.stage)),
            Line::Outcome => Some(wording::code(env, "rule-outcome", self.outcome.code())),
            Line::Who => {
                let named = |id| env.me.as_ref()?.everybody.iter().find(|(who, _)| *who == id);
                let name = self.who.map(|id| named(id).map_or_else(|| format!("#{id}"), |(_, name)| name.to_string()));
                Some(name.unwrap_or_else(|| env.t("rule-owner")))
            }
            Line::OnlyStage => Some(self.only_stage.map_or_else(|| env.t("rule-any-stage"), stage)),
            Line::OnlyLost => {
                let said = |why: LossReason| wording::loss_reason(env, why);
                Some(self.only_lost.map_or_else(|| env.t("rule-any-reason"), said))
            }
            _ => None,
        }
    }

    fn written(&self, env: &Env) -> Result<RuleText, Wrong> {
        let needed = |line: Line, input: &LineInput| {
            let text = Printable::line(input.text().trim());
            if text.is_empty() { Err((line, env.t("rule-missing"))) } else { Ok(text) }
        };
        let number = |line: Line, input: &LineInput, bounds: std::ops::RangeInclusive<u32>| {
            let plain: String = input.text().trim().chars().map(text::half_width).collect();
            let within = plain.parse().ok().filter(|n| bounds.contains(n));
            within.ok_or_else(|| (line, env.ta("policy-bounds", &[("least", bounds.start()), ("most", bounds.end())])))
        };
        let name = needed(Line::Name, &self.name)?;
        let trigger = match self.trigger {
            TriggerKind::StageBecomes => Trigger::StageBecomes(self.stage),
            TriggerKind::TagAdded => Trigger::TagAdded(needed(Line::Tag, &self.tag)?),
            TriggerKind::NoContact => Trigger::NoContact(number(Line::Days, &self.days, SILENT_DAYS)?),
            TriggerKind::BirthdayNear => Trigger::BirthdayNear(number(Line::Days, &self.days, BIRTHDAY_DAYS)?),
        };
        let outcome = match self.outcome {
            OutcomeKind::FollowUp => Outcome::FollowUp {
                text: needed(Line::What, &self.what)?,
                days: if self.due.text().trim().is_empty() { 0 } else { number(Line::Due, &self.due, DUE_DAYS)? },
                who: self.who,
            },
            OutcomeKind::Tag => Outcome::Tag(needed(Line::What, &self.what)?),
            OutcomeKind::Assign => Outcome::Assign(self.who.ok_or_else(|| (Line::Who, env.t("rule-missing")))?),
        };
        let tag = Printable::line(self.only_tag.text().trim());
        let tag = (!tag.is_empty()).then_some(tag);
        Ok(RuleText { name, trigger, outcome, tag, stage: self.only_stage, lost: self.only_lost })
    }

    fn label(&self, line: Line) -> &'static str {
        match (line, self.trigger, self.outcome) {
            (Line::Name, ..) => "rule-label-name",
            (Line::Trigger, ..) => "rule-label-when",
            (Line::Stage, ..) => "rule-label-stage",
            (Line::Tag, ..) => "rule-label-tag",
            (Line::Days, ..) => "rule-label-days",
            (Line::Outcome, ..) => "rule-label-then",
            (Line::What, _, OutcomeKind::Tag) => "rule-label-tag",
            (Line::What, ..) => "rule-label-text",
            (Line::Due, ..) => "rule-label-due",
            (Line::Who, ..) => "rule-label-who",
            (Line::OnlyTag, ..) => "rule-label-only-tag",
            (Line::OnlyStage, ..) => "rule-label-only-stage",
            (Line::OnlyLost, ..) => "rule-label-only-lost",
        }
    }

    fn hint(&self, env: &Env) -> String {
        match self.at {
            Line::Name => env.t("rule-hint-name"),
            Line::Trigger => wording::code(env, "rule-hint-trigger", self.trigger.code()),
            Line::Outcome | Line::Stage => env.t("rule-hint-choose"),
            Line::Tag => env.t("rule-hint-tag"),
            Line::Days if self.trigger == TriggerKind::BirthdayNear => env.t("rule-hint-birthday"),
            Line::Days => env.t("rule-hint-silent"),
            Line::What => env.t("rule-hint-what"),
            Line::Due => env.t("rule-hint-due"),
            Line::Who => env.t("rule-hint-who"),
            Line::OnlyTag | Line::OnlyStage | Line::OnlyLost => env.t("rule-hint-only"),
        }
    }
}

impl Form for RuleForm {
    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::NextField, Cmd::Back]
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        match self.written(env) {
            Ok(text) => Some(Action::Rule(match self.old {
                Some((id, version)) => RuleAction::Change(id, version, text),
                None => RuleAction::Add(text),
            })),
            Err((line, words)) => {
                self.at = line;
                env.bad(words);
                None
            }
        }
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.along(&self.lines(), self.at);
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.saving.is_some() || self.field().is_some_and(|field| field.key(key) == Handled::Yes) {
            return Handled::Yes;
        }
        match key.code {
            KeyCode::Enter if self.lines().last() == Some(&self.at) => self.submit(env),
            KeyCode::Enter | KeyCode::Down => self.step(Step::Next),
            KeyCode::Up => self.step(Step::Previous),
            KeyCode::Left => self.choose(env, Step::Previous),
            KeyCode::Right | KeyCode::Char(' ') => self.choose(env, Step::Next),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        if let Some(field) = self.field() {
            field.paste(text);
        }
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        let waits = matches!(self.trigger, TriggerKind::NoContact | TriggerKind::BirthdayNear);
        env.good(env.t(if waits && self.old.is_none() { "rule-saved-off" } else { "rule-saved" }));
        env.changed();
        env.close();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let title = env.t(if self.old.is_some() { "rule-title-change" } else { "rule-title-add" });
        let lines = self.lines();
        let height = u16::try_from(lines.len()).unwrap_or(0);
        let inside = frame::sheet(env, canvas, area, height + 4, &title);
        for (row, at) in (0_u16..).zip(&lines) {
            let (label, focus) = (env.t(self.label(*at)), Focus::on(*at, self.at));
            if let Some(input) = self.input(*at) {
                line::draw(env, canvas, (inside, row), &label, input, focus);
                continue;
            }
            let place = canvas::row(inside, row);
            let here = focus == Focus::Here;
            canvas.text(place, 0, 0, &label, style(if here { Ink::Strong } else { Ink::Plain }));
            let pick = self.pick(env, *at).unwrap_or_default();
            canvas.text(place, 0, LABEL, &format!("< {pick} >"), style(if here { Ink::Cursor } else { Ink::Plain }));
            if here {
                canvas.cursor_at(place, 0, LABEL + 2);
            }
        }
        let foot = canvas::row(inside, height + 1);
        let hint = if self.saving.is_some() { env.t("form-saving") } else { self.hint(env) };
        canvas.text(foot, 0, LABEL, &text::cut(&hint, usize::from(foot.width.saturating_sub(LABEL))), style(Ink::Dim));
    }
}
