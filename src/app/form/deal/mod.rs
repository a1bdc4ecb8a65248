//! A deal, written or changed: with whom, what it is about, how much, by when, how probable.
//!
//! **Invariant:** the amount and the day that are kept are those that were read back.

mod draw;
pub mod lose;

use chrono::NaiveDate;
use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::leaving::Leaving;
use super::{Form, Step, stays};
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Draft, Handled};
use crate::app::widget::canvas::Canvas;
use crate::app::widget::field::Field;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::deal::DealDraft;
use crate::domain::id::{CustomerId, DealId, PipelineId, StaffId, StageId};
use crate::domain::money::{Currency, Money};
use crate::domain::staff::LoginName;
use crate::domain::when;
use crate::service::refusal::Refusal;
use crate::service::view::{DealAction, DealRow, ListRequest};
use crate::service::{Action, Done, Query, View};
use crate::text::{Printable, folded, half_width};

/// The form's name among drafts.
pub(super) const NAME: &str = "deal";

/// Matches of a name that are asked for.
const MATCHES: u16 = 5;

/// The form.
#[derive(Debug)]
pub struct DealForm {
    purpose: Purpose,
    /// With whom, once that is known.
    customer: Option<(CustomerId, Printable)>,
    who: LineInput,
    found: Vec<(CustomerId, Printable)>,
    asked: Option<Ticket>,
    title: LineInput,
    amount: LineInput,
    close: LineInput,
    probability: LineInput,
    owner: LineInput,
    /// The owner's name as it stands, which is no change.
    was: String,
    usual: Currency,
    at: Line,
    leaving: Leaving,
    saving: Option<Ticket>,
}

#[derive(Clone, Copy, Debug)]
enum Purpose {
    Add { stage: Option<StageId>, finding: Finding },
    Edit { id: DealId, version: u64 },
}

/// Whether the customer is still to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Who,
    Title,
    Amount,
    Close,
    Probability,
    Owner,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    customer: u64,
    name: String,
    title: String,
    amount: String,
    close: String,
    probability: String,
}

/// A day as typed: none where nothing is.
fn day(env: &Env, typed: &str) -> Result<Option<NaiveDate>, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    // A day that is past stays as it is in a deal that is changed.
    if let Ok(day) = NaiveDate::parse_from_str(typed, "%Y-%m-%d") {
        return Ok(Some(day));
    }
    let read = when::parse(typed, env.now, env.offset);
    read.map(|at| Some(at.at(env.offset).date_naive())).map_err(|fault| super::reading::fault_words(env, fault))
}

/// A percentage as typed: none where nothing is.
fn percent(env: &Env, typed: &str) -> Result<Option<u8>, String> {
    let plain: String = typed.chars().map(half_width).collect();
    let plain = plain.trim().trim_end_matches('%').trim().to_owned();
    if plain.is_empty() {
        return Ok(None);
    }
    plain.parse().ok().filter(|p| *p <= 100).map(Some).ok_or_else(|| env.t("pipeline-fault-probability"))
}

impl DealForm {
    fn blank(env: &Env, purpose: Purpose) -> Self {
        let region = env.me.as_ref().map(|me| me.policy.default_region.clone()).unwrap_or_default();
        Self {
            purpose,
            customer: None,
            who: LineInput::default().at_most(200),
            found: Vec::new(),
            asked: None,
            title: LineInput::default().at_most(200),
            amount: LineInput::default().at_most(40),
            close: LineInput::default().at_most(60),
            probability: LineInput::default().at_most(5),
            owner: LineInput::default().at_most(64),
            was: String::new(),
            usual: Currency::of_region(&region),
            at: Line::Title,
            leaving: Leaving::No,
            saving: None,
        }
    }

    /// A form for a new deal with a customer, shown by this name.
    pub fn add(env: &Env, customer: CustomerId, name: &str) -> Self {
        let mut form = Self::blank(env, Purpose::Add { stage: None, finding: Finding::No });
        form.customer = Some((customer, Printable::line(name)));
        form
    }

    /// A form for a new deal in which the customer is said first.
    pub fn for_somebody(env: &Env, stage: Option<StageId>, _pipeline: Option<PipelineId>) -> Self {
        let mut form = Self::blank(env, Purpose::Add { stage, finding: Finding::Yes });
        form.at = Line::Who;
        form
    }

    /// A form that changes a deal.
    pub fn edit(env: &Env, row: &DealRow) -> Self {
        let deal = &row.deal;
        let mut form = Self::blank(env, Purpose::Edit { id: deal.id, version: deal.version });
        form.customer = Some((deal.customer, Printable::line(row.customer.text())));
        form.title.set(deal.title.as_str());
        form.amount.set(&deal.amount.to_string());
        form.close.set(&deal.expected.map(|day| day.to_string()).unwrap_or_default());
        form.probability.set(&deal.probability.map(|p| p.to_string()).unwrap_or_default());
        form.owner.set(&row.owner);
        form.was.clone_from(&row.owner);
        form
    }

    /// The form as a draft left it. A deal that was being changed is not kept: it may have changed by then.
    pub fn restore(env: &Env, content: &[u8]) -> Option<Self> {
        let kept: Kept = serde_json::from_slice(content).ok()?;
        let mut form = Self::add(env, CustomerId(kept.customer), &kept.name);
        form.title.set(&kept.title);
        form.amount.set(&kept.amount);
        form.close.set(&kept.close);
        form.probability.set(&kept.probability);
        Some(form)
    }

    fn finds(&self) -> bool {
        matches!(self.purpose, Purpose::Add { finding: Finding::Yes, .. })
    }

    fn lines(&self) -> &'static [Line] {
        const ALL: [Line; 6] = [Line::Who, Line::Title, Line::Amount, Line::Close, Line::Probability, Line::Owner];
        if self.finds() { &ALL } else { ALL.get(1..).unwrap_or(&ALL) }
    }

    fn field(&mut self) -> &mut LineInput {
        match self.at {
            Line::Who => &mut self.who,
            Line::Title => &mut self.title,
            Line::Amount => &mut self.amount,
            Line::Close => &mut self.close,
            Line::Probability => &mut self.probability,
            Line::Owner => &mut self.owner,
        }
    }

    /// The amount as read; nothing typed is nothing.
    fn money(&self, env: &Env) -> Result<Money, String> {
        if self.amount.text().trim().is_empty() {
            return Ok(Money { minor: 0, currency: self.usual });
        }
        Money::parse(self.amount.text(), self.usual).map_err(|fault| wording::code(env, "deals-amount", fault.code()))
    }

    /// Whose it is to be: whoever is called as typed, or alone begins so. Nothing typed, or no change, leaves it.
    fn owner(&self, env: &Env) -> Result<Option<(StaffId, LoginName)>, String> {
        let typed = folded(self.owner.text().trim());
        if typed.is_empty() || typed == folded(&self.was) {
            return Ok(None);
        }
        let everybody = || env.me.iter().flat_map(|me| &me.everybody);
        let exact = everybody().find(|(_, name)| folded(name.as_str()) == typed);
        let mut begin = everybody().filter(|(_, name)| folded(name.as_str()).starts_with(&typed));
        let alone = match (begin.next(), begin.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        };
        exact.or(alone).cloned().map(Some).ok_or_else(|| env.t("assign-nobody"))
    }

    fn written(&self, env: &Env) -> Result<DealDraft, (Line, String)> {
        let title = Printable::line(self.title.text().trim());
        if title.is_empty() {
            return Err((Line::Title, env.t("deals-title-missing")));
        }
        let stage = if let Purpose::Add { stage, .. } = self.purpose { stage } else { None };
        Ok(DealDraft {
            title,
            amount: self.money(env).map_err(|why| (Line::Amount, why))?,
            expected: day(env, self.close.text()).map_err(|why| (Line::Close, why))?,
            probability: percent(env, self.probability.text()).map_err(|why| (Line::Probability, why))?,
            owner: self.owner(env).map_err(|why| (Line::Owner, why))?.map(|(id, _)| id),
            stage,
        })
    }

    /// Looks for whom was typed.
    fn find(&mut self, env: &mut Env) {
        self.customer = None;
        let text = self.who.text().trim().to_owned();
        if text.is_empty() {
            self.found.clear();
            self.asked = None;
            return;
        }
        let request = ListRequest { text, limit: MATCHES, ..ListRequest::default() };
        self.asked = Some(env.ask(Query::Customers(request)));
    }

    /// Takes the best match as the customer.
    fn choose(&mut self, env: &mut Env) -> bool {
        if self.customer.is_none() {
            self.customer = self.found.first().cloned();
        }
        if self.customer.is_none() {
            self.at = Line::Who;
            env.bad(env.t("deals-who-missing"));
        }
        self.customer.is_some()
    }
}

impl Form for DealForm {
    fn save(&mut self, env: &mut Env) -> Option<Action> {
        if !self.choose(env) {
            return None;
        }
        let customer = self.customer.as_ref().map(|(id, _)| *id)?;
        match (self.written(env), self.purpose) {
            (Ok(draft), Purpose::Add { .. }) => Some(Action::Deal(DealAction::Add(customer, draft))),
            (Ok(draft), Purpose::Edit { id, version }) => Some(Action::Deal(DealAction::Edit(id, version, draft))),
            (Err((line, why)), _) => {
                self.at = line;
                env.bad(why);
                None
            }
        }
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.along(self.lines(), self.at);
    }

    fn is_dirty(&self) -> bool {
        let typed = [&self.title, &self.amount, &self.close, &self.probability];
        matches!(self.purpose, Purpose::Add { .. }) && typed.iter().any(|line| !line.is_empty())
    }

    fn leaving(&mut self) -> Option<&mut Leaving> {
        Some(&mut self.leaving)
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.saving.is_some() {
            return Handled::Yes;
        }
        let before = self.who.text().to_owned();
        if self.field().key(key) == Handled::Yes {
            if self.at == Line::Who && self.who.text() != before {
                self.find(env);
            }
            return Handled::Yes;
        }
        match (key.code, self.at) {
            (KeyCode::Enter, Line::Who) => {
                if self.choose(env) {
                    self.at = Line::Title;
                }
            }
            (KeyCode::Enter, Line::Title) => self.at = Line::Amount,
            // What it is about and how much is enough; the rest can be left out.
            (KeyCode::Enter, _) => self.submit(env),
            (KeyCode::Down, _) => self.step(Step::Next),
            (KeyCode::Up, _) => self.step(Step::Previous),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn paste(&mut self, env: &mut Env, text: &str) {
        self.field().paste(text);
        if self.at == Line::Who {
            self.find(env);
        }
    }

    fn other(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        match reply {
            Ok(Answer::View(View::Customers(page))) => {
                let rows = page.rows.into_iter().take(usize::from(MATCHES));
                self.found = rows.map(|row| (row.id, Printable::line(row.name.text()))).collect();
            }
            Ok(_) => {}
            // A query that is half typed cannot be read yet.
            Err(Refusal::Query(_)) => self.found.clear(),
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn done(&mut self, env: &mut Env, answer: Answer) {
        if !matches!(answer, Answer::Done(Done::Deal(..))) {
            return;
        }
        let key = if matches!(self.purpose, Purpose::Add { .. }) { "deals-added" } else { "deals-changed" };
        env.good(env.ta(key, &[("title", &self.title.text().trim())]));
        env.changed();
        env.close();
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        stays(env, refusal);
    }

    fn draft(&self) -> Option<Draft> {
        let (customer, name) = self.customer.as_ref()?;
        if !self.is_dirty() {
            return None;
        }
        let kept = Kept {
            customer: customer.0,
            name: name.as_str().to_owned(),
            title: self.title.text().to_owned(),
            amount: self.amount.text().to_owned(),
            close: self.close.text().to_owned(),
            probability: self.probability.text().to_owned(),
        };
        let content = Zeroizing::new(serde_json::to_vec(&kept).ok()?);
        Some(Draft { form: NAME, content })
    }

    fn customer(&self) -> Option<CustomerId> {
        if self.finds() { None } else { self.customer.as_ref().map(|(id, _)| *id) }
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        draw::form(self, env, area, canvas);
    }
}
