//! One customer, opened: fields with their masks, next step, timeline, follow-ups, deals, and who looked.
//!
//! **Invariant:** at most one value is in sight, in one [`RevealedField`]; it goes on the first Esc, when its time is
//! over, and with the detail itself.

mod draw;
pub mod grant;
pub mod lines;
mod prompt;
mod strand;

use ratatui::layout::Rect;

use super::case_keys;
use super::consent_keys;
use super::deal_keys::{self, Doing};
use super::follow_up_keys;
use crate::app::commands::{Cmd, Place};
use crate::app::effect::Effect;
use crate::app::env::Env;
use crate::app::form::case::CaseForm;
use crate::app::form::customer::CustomerForm;
use crate::app::form::deal::DealForm;
use crate::app::form::erase::EraseForm;
use crate::app::form::follow_up::FollowUpForm;
use crate::app::form::interaction::InteractionForm;
use crate::app::form::link::LinkForm;
use crate::app::form::touch::TouchForm;
use crate::app::key::Key;
use crate::app::layer::cadences::Cadences;
use crate::app::layer::case::OpenCase;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Typing};
use crate::app::widget::canvas::Canvas;
use crate::app::widget::list::ListState;
use crate::app::widget::revealed::RevealedField;
use crate::app::wording;
use crate::domain::case::CaseState;
use crate::domain::field::FieldKey;
use crate::domain::id::CustomerId;
use crate::service::view::{
    CaseRow, ConsentRow, CustomerDetail, DealRow, FieldShown, FollowUpRow, LinkAction, LinkedRow, Shown, TimelineItem,
    When,
};
use crate::service::{Action, Query, View};
use crate::text::Printable;

use prompt::{Came, Prompt};
use strand::Strand;

/// The parts that a cursor can be in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Fields,
    Timeline,
    FollowUps,
    Deals,
    Cases,
    Consents,
    People,
    Looks,
}

/// The parts below the fields, of which one is in sight.
const LOWER: [Part; 7] =
    [Part::Timeline, Part::FollowUps, Part::Cases, Part::Deals, Part::Consents, Part::People, Part::Looks];

/// A customer that is open.
#[derive(Debug)]
pub struct Detail {
    customer: Box<CustomerDetail>,
    part: Part,
    lower: Part,
    strand: Strand,
    fields: ListState,
    list: ListState,
    revealed: RevealedField,
    prompt: Option<Prompt>,
    refreshing: Option<Ticket>,
    doing: Option<Doing>,
    casing: Option<case_keys::Doing>,
    parting: Option<Ticket>,
    dropping: Option<Ticket>,
    /// The ticket of the matter at hand: the last one given with a reason here.
    ticket: Option<Printable>,
}

impl Detail {
    /// A customer as the door answered.
    pub fn new(customer: Box<CustomerDetail>) -> Self {
        Self {
            customer,
            part: Part::Fields,
            lower: Part::Timeline,
            strand: Strand::All,
            fields: ListState::default(),
            list: ListState::default(),
            revealed: RevealedField::default(),
            prompt: None,
            refreshing: None,
            doing: None,
            casing: None,
            parting: None,
            dropping: None,
            ticket: None,
        }
    }

    /// Another customer with the cursor where it was; nothing that was let out goes along.
    pub fn turned_to(self, customer: Box<CustomerDetail>) -> Self {
        Self { lower: self.lower, strand: self.strand, fields: self.fields, ..Self::new(customer) }
    }

    /// Puts the cursor on a field, if it is shown.
    pub fn go_to(&mut self, env: &Env, field: &FieldKey) {
        if let Some(at) = self.customer.fields.iter().position(|shown| shown.key == *field) {
            let height = draw::heights(self, env).0;
            self.part = Part::Fields;
            self.fields.go(at, self.customer.fields.len(), height);
        }
    }

    /// Who it is.
    pub fn id(&self) -> CustomerId {
        self.customer.profile.id
    }

    /// The version that it shows.
    pub fn version(&self) -> u64 {
        self.customer.profile.version
    }

    /// The customer as the door answered last.
    pub fn customer(&self) -> &CustomerDetail {
        &self.customer
    }

    /// Takes the value that is in sight out of it.
    pub fn hide(&mut self) {
        self.revealed.hide();
    }

    /// Drops the prompt with what was typed into it.
    pub fn close_prompt(&mut self) {
        self.prompt = None;
    }

    /// Whether Esc would leave the customer: nothing is in sight and no prompt is open.
    pub fn backs_out(&self) -> bool {
        self.prompt.is_none() && !self.revealed.is_on()
    }

    /// The places whose keys work here.
    pub fn places(&self) -> Vec<Place> {
        match self.prompt {
            Some(_) => vec![Place::Prompt],
            None if self.part == Part::FollowUps => vec![Place::Reminders, Place::Detail, Place::List],
            None if self.part == Part::Cases => vec![Place::Cases, Place::Detail, Place::List],
            None if self.part == Part::Deals => vec![Place::Deals, Place::Detail, Place::List],
            None if self.part == Part::Consents => vec![Place::Consents, Place::Detail, Place::List],
            None if self.part == Part::People => vec![Place::People, Place::Detail, Place::List],
            None => vec![Place::Detail, Place::List],
        }
    }

    /// Whether text is typed here.
    pub fn typing(&self) -> Typing {
        if self.prompt.is_some() { Typing::Text } else { Typing::Keys }
    }

    /// The commands of the footer.
    pub fn footer(&self) -> Vec<Cmd> {
        match self.prompt {
            Some(_) => vec![Cmd::Submit, Cmd::NextField, Cmd::Back],
            None if self.part == Part::FollowUps => {
                vec![Cmd::Finish, Cmd::Snooze, Cmd::EditFollowUp, Cmd::AddFollowUp, Cmd::NextPart, Cmd::Back]
            }
            None if self.part == Part::Cases => {
                vec![Cmd::NewCase, Cmd::TakeCase, Cmd::LogContact, Cmd::CloseCase, Cmd::Open, Cmd::Back]
            }
            None if self.part == Part::Deals => {
                vec![Cmd::DealOn, Cmd::DealBack, Cmd::NewDeal, Cmd::EditDeal, Cmd::WinDeal, Cmd::LoseDeal, Cmd::Back]
            }
            None if self.part == Part::Consents => {
                vec![Cmd::GiveConsent, Cmd::RefuseConsent, Cmd::WithdrawConsent, Cmd::Open, Cmd::NextPart, Cmd::Back]
            }
            None if self.part == Part::People => vec![Cmd::Open, Cmd::Link, Cmd::Unlink, Cmd::NextPart, Cmd::Back],
            None if self.revealed.is_on() => vec![Cmd::Back, Cmd::LogContact, Cmd::AddFollowUp, Cmd::Next],
            None => {
                let due = self.due().map(|_| Cmd::Finish);
                let usual = [Cmd::Reveal, Cmd::LogContact, Cmd::AddFollowUp, Cmd::Verify, Cmd::NextPart, Cmd::Back];
                due.into_iter().chain(usual).collect()
            }
        }
    }

    /// Whether something must be drawn every second.
    pub fn counts_down(&self) -> bool {
        self.revealed.is_on()
    }

    fn field(&self) -> Option<&FieldShown> {
        self.customer.fields.get(self.fields.cursor())
    }

    /// Why a command about the field under the cursor is not available.
    pub fn unavailable(&self, env: &Env, cmd: Cmd) -> Option<&'static str> {
        let needs_mask = matches!(cmd, Cmd::Reveal | Cmd::Verify | Cmd::Copy);
        let restricted = self.customer.profile.restricted;
        if let Some(prompt) = &self.prompt {
            let leads = prompt.has_parts() || !matches!(cmd, Cmd::NextField | Cmd::PreviousField);
            return (!leads).then_some("why-one-line");
        }
        match cmd {
            Cmd::ReleaseCustomer if self.customer.owner.is_none() => Some("why-in-the-pool"),
            Cmd::ReleaseCustomer if !self.customer.mine && !env.may(crate::domain::role::Permission::Reassign) => {
                Some("why-not-yours")
            }
            Cmd::ReleaseCustomer
            | Cmd::NewDeal
            | Cmd::NewCase
            | Cmd::PutCadence
            | Cmd::Touch
            | Cmd::Link
            | Cmd::Unlink
                if restricted =>
            {
                Some("why-restricted")
            }
            _ if restricted && consent_keys::OF_ONE.contains(&cmd) => Some("why-restricted"),
            Cmd::Reveal | Cmd::Verify | Cmd::Copy | Cmd::Replace | Cmd::Edit if restricted => Some("why-restricted"),
            Cmd::Reveal | Cmd::Verify | Cmd::Copy | Cmd::Replace if self.part != Part::Fields => Some("why-no-field"),
            Cmd::Unlink if self.linked().is_none() => Some("why-nobody-linked"),
            Cmd::Finish => self.to_finish().is_none().then_some("why-nothing-due"),
            _ if follow_up_keys::OF_ONE.contains(&cmd) => self.follow_up().is_none().then_some("why-no-follow-up"),
            _ if case_keys::OF_ONE.contains(&cmd) => case_keys::unavailable(cmd, self.case()),
            _ if consent_keys::OF_ONE.contains(&cmd) => consent_keys::unavailable(cmd, self.consent()),
            _ if deal_keys::OF_ONE.contains(&cmd) => deal_keys::unavailable(cmd, self.deal()),
            _ if needs_mask => match self.field().map(|field| &field.shown) {
                Some(Shown::Masked(_)) => None,
                Some(Shown::Open(_)) => Some("why-not-masked"),
                _ => Some("why-empty"),
            },
            _ => None,
        }
    }

    /// The follow-up that the cursor is on.
    fn follow_up(&self) -> Option<&FollowUpRow> {
        if self.part == Part::FollowUps { self.customer.follow_ups.get(self.list.cursor()) } else { None }
    }

    /// What is due with this customer first, by the end of the day.
    fn due(&self) -> Option<&FollowUpRow> {
        let due = self.customer.follow_ups.iter().filter(|row| matches!(row.when, When::Overdue | When::Today));
        due.min_by_key(|row| row.follow_up.due)
    }

    /// What is done with a key from anywhere here: the follow-up under the cursor, else the one that is due.
    fn to_finish(&self) -> Option<&FollowUpRow> {
        self.follow_up().or_else(|| self.due())
    }

    /// The case that the cursor is on.
    fn case(&self) -> Option<&CaseRow> {
        if self.part == Part::Cases { self.customer.cases.get(self.list.cursor()) } else { None }
    }

    /// The purpose that the cursor is on.
    fn consent(&self) -> Option<&ConsentRow> {
        if self.part == Part::Consents { self.customer.consents.get(self.list.cursor()) } else { None }
    }

    /// Who belongs to the customer and has the cursor.
    fn linked(&self) -> Option<&LinkedRow> {
        if self.part == Part::People { self.customer.linked.get(self.list.cursor()) } else { None }
    }

    /// The deal that the cursor is on.
    fn deal(&self) -> Option<&DealRow> {
        if self.part == Part::Deals { self.customer.deals.get(self.list.cursor()) } else { None }
    }

    fn parts(&self, env: &Env) -> Vec<Part> {
        let deals = env.may(crate::domain::role::Permission::Deals);
        let cases = env.may(crate::domain::role::Permission::LogInteractions);
        let consents = env.may(crate::domain::role::Permission::Consents);
        let lower = LOWER.into_iter().filter(|part| match part {
            Part::Deals => deals,
            Part::Cases => cases,
            Part::Consents => consents,
            _ => true,
        });
        std::iter::once(Part::Fields).chain(lower).collect()
    }

    fn next_part(&mut self, env: &Env) {
        let parts = self.parts(env);
        let at = parts.iter().position(|part| *part == self.part).unwrap_or(0);
        self.part = parts.get(at + 1).copied().unwrap_or_default();
        if self.part != Part::Fields {
            self.lower = self.part;
            self.list = ListState::default();
        }
    }

    /// Carries a command out.
    pub fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if let Some(prompt) = &mut self.prompt {
            return match cmd {
                Cmd::Back => {
                    self.prompt = None;
                    Handled::Yes
                }
                _ => prompt.run(env, &self.customer, cmd),
            };
        }
        let field = self.field().map(|field| field.key.clone());
        match (cmd, field) {
            (Cmd::Back, _) => self.hide(),
            (Cmd::NextPart, _) => self.next_part(env),
            (Cmd::TimelineKind, _) => {
                (self.part, self.lower, self.strand) = (Part::Timeline, Part::Timeline, self.strand.next());
                self.list = ListState::default();
            }
            (Cmd::Reveal, Some(field)) => self.prompt = Some(Prompt::reveal(env, self.id(), field)),
            (Cmd::Copy, Some(field)) => self.prompt = Some(Prompt::copy(env, self.id(), field)),
            (Cmd::Verify, Some(field)) => self.prompt = Some(Prompt::verify(field)),
            (Cmd::EraseCustomer, _) => {
                let form = EraseForm::new(self.id(), self.customer.name.text());
                env.open(Box::new(form));
            }
            (Cmd::Edit, _) => {
                let form = CustomerForm::edit(env, &self.customer);
                env.open(Box::new(form));
            }
            (Cmd::LogContact, _) => {
                let form = InteractionForm::new(self.id(), self.customer.name.text());
                let chosen = self.case().filter(|row| row.case.state != CaseState::Closed);
                let no_marketing = consent_keys::no_marketing(env, &self.customer.consents);
                let form = match chosen {
                    Some(row) => form.of_case(&row.case),
                    None => form.about(self.ticket.as_ref()),
                };
                env.open(Box::new(form.warning(no_marketing)));
            }
            (Cmd::AddFollowUp, _) => env.open(Box::new(FollowUpForm::add(self.id(), self.customer.name.text()))),
            (Cmd::PutCadence, _) => {
                let layer = Cadences::of(self.id(), self.customer.name.text());
                env.open(Box::new(layer));
            }
            (Cmd::Touch, _) => {
                let form = TouchForm::new(&self.customer);
                env.open(Box::new(form));
            }
            (Cmd::Link, _) => env.open(Box::new(LinkForm::of(&self.customer))),
            (Cmd::Unlink, _) => {
                let Some(other) = self.linked().map(|row| row.id) else { return Handled::No };
                self.parting = Some(env.perform(Action::Link(LinkAction::Part(self.id(), other))));
            }
            (Cmd::Open, _) if self.part == Part::Cases => {
                let Some(row) = self.case() else { return Handled::No };
                env.open(Box::new(OpenCase::new(row.case.id)));
            }
            (Cmd::Open, _) if self.part == Part::People => {
                let Some(other) = self.linked().map(|row| row.id) else { return Handled::No };
                env.show_customer(other);
            }
            (Cmd::NewCase, _) => env.open(Box::new(CaseForm::add(self.id(), self.customer.name.text()))),
            (Cmd::Finish, _) => {
                let Some(row) = self.to_finish().cloned() else { return Handled::No };
                follow_up_keys::run(env, cmd, &row);
            }
            (cmd, _) if follow_up_keys::OF_ONE.contains(&cmd) => {
                let Some(row) = self.follow_up().cloned() else { return Handled::No };
                self.dropping = follow_up_keys::run(env, cmd, &row);
            }
            (cmd, _) if case_keys::OF_ONE.contains(&cmd) => {
                let Some(row) = self.case().cloned() else { return Handled::No };
                if cmd == Cmd::TakeCase {
                    self.ticket = Some(row.case.ticket.clone());
                }
                self.casing = case_keys::run(env, cmd, &row);
            }
            (cmd, _) if consent_keys::OF_ONE.contains(&cmd) => {
                let Some(row) = self.consent() else { return Handled::No };
                consent_keys::run(env, cmd, &self.customer, row);
            }
            (Cmd::Open, _) if self.part == Part::Consents => {
                let Some(row) = self.consent() else { return Handled::No };
                consent_keys::show(env, row);
            }
            (Cmd::NewDeal, _) => {
                let form = DealForm::add(env, self.id(), self.customer.name.text());
                env.open(Box::new(form));
            }
            (cmd, _) if deal_keys::OF_ONE.contains(&cmd) => {
                let Some(row) = self.deal().cloned() else { return Handled::No };
                self.doing = deal_keys::run(env, cmd, &row);
            }
            (Cmd::Replace, Some(field)) => self.prompt = Some(Prompt::replace(field)),
            _ => {
                let (fields, lower) = draw::heights(self, env);
                return match self.part {
                    Part::Fields => self.fields.run(cmd, self.customer.fields.len(), fields),
                    _ => self.list.run(cmd, self.lower_len(), lower),
                };
            }
        }
        Handled::Yes
    }

    fn lower_len(&self) -> usize {
        match self.lower {
            Part::FollowUps => self.customer.follow_ups.len(),
            Part::Deals => self.customer.deals.len(),
            Part::Cases => self.customer.cases.len(),
            Part::Consents => self.customer.consents.len(),
            Part::People => self.customer.linked.len(),
            Part::Looks => self.customer.looks.len(),
            Part::Fields | Part::Timeline => self.timeline().count(),
        }
    }

    /// What of the timeline is in sight.
    fn timeline(&self) -> impl Iterator<Item = &TimelineItem> {
        self.customer.timeline.iter().filter(|item| self.strand.shows(&item.what))
    }

    /// A key that is no command.
    pub fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match &mut self.prompt {
            Some(prompt) => prompt.key(env, &self.customer, key),
            None => Handled::No,
        }
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        if let Some(prompt) = &mut self.prompt {
            prompt.paste(text);
        }
    }

    /// An answer to what was asked here.
    pub fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if let Some(done) = case_keys::take(&mut self.casing, ticket) {
            case_keys::reply(env, done, reply);
            return;
        }
        if self.dropping.take_if(|dropping| *dropping == ticket).is_some() {
            follow_up_keys::reply(env, reply);
            return;
        }
        if self.parting.take_if(|parting| *parting == ticket).is_some() {
            match reply {
                Ok(_) => env.good(env.t("unlinked")),
                Err(refusal) => env.refuse(&refusal),
            }
            env.changed();
            return;
        }
        if let Some(done) = deal_keys::take(&mut self.doing, ticket) {
            deal_keys::reply(env, done, reply);
            return;
        }
        if self.refreshing == Some(ticket) {
            self.refreshing = None;
            match reply {
                Ok(Answer::View(View::Customer(customer))) if customer.profile.id == self.id() => {
                    self.customer = customer;
                    let (len, height) = (self.lower_len(), draw::heights(self, env).1);
                    self.list.go(self.list.cursor(), len, height);
                    if let Some(prompt) = &mut self.prompt {
                        prompt.refreshed(env, &self.customer);
                    }
                }
                Ok(_) => {}
                Err(refusal) => env.refuse(&refusal),
            }
            return;
        }
        // An answer to a prompt that was left meanwhile is dropped here, a value that was let out with it.
        let Some(prompt) = &mut self.prompt else { return };
        match prompt.reply(env, &self.customer, ticket, reply) {
            Came::Nothing => {}
            Came::Stale => self.changed(env),
            Came::Closed => self.prompt = None,
            Came::Revealed(value) => {
                let field = prompt.field.clone();
                self.ticket = prompt.ticket().or(self.ticket.take());
                self.prompt = None;
                self.revealed.show(field, value);
                self.changed(env);
            }
            Came::Copied(value) => {
                self.ticket = prompt.ticket().or(self.ticket.take());
                self.prompt = None;
                env.effect(Effect::Clipboard(value));
                self.changed(env);
            }
            Came::Saved => {
                let text = env.ta("replaced", &[("field", &wording::field_key(env, &prompt.field))]);
                self.prompt = None;
                self.hide();
                env.good(text);
                self.changed(env);
            }
        }
    }

    /// Something was changed: asks for the customer anew.
    pub fn changed(&mut self, env: &mut Env) {
        self.refreshing = Some(env.ask(Query::Refresh(self.id())));
    }

    /// Time went by.
    pub fn tick(&mut self, env: &mut Env) {
        self.revealed.expire(env.now);
    }

    /// Draws it.
    pub fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        draw::detail(self, env, area, canvas);
    }
}
