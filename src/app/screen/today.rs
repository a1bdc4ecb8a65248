//! Today: what is overdue, what is due, what comes next, and what waits for this person's hand.
//!
//! **Invariant:** what it shows is what the door last answered; due times are measured against the present moment at
//! each drawing.

use ratatui::layout::Rect;

use super::case_keys;
use super::follow_up_keys;
use super::frame::text_lines;
use super::task;
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::customer::CustomerForm;
use crate::app::form::interaction::InteractionForm;
use crate::app::form::line::Focus;
use crate::app::layer::case::OpenCase;
use crate::app::layer::confirm::Confirm;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::grouped::{Grouped, Line};
use crate::app::wording;
use crate::clock::Timestamp;
use crate::domain::field::FieldKey;
use crate::domain::role::{Permission, RoleName};
use crate::privacy::class::FieldClass;
use crate::privacy::mask::MaskKind;
use crate::service::fields::FieldAction;
use crate::service::view::{self, AlertRow, BackupHealth, CaseRow, FollowUpRow, Total};
use crate::service::{Action, Query, View};
use crate::text;
use crate::words::backup::span;

/// How often it asks anew by itself, in milliseconds: a reminder comes due without anybody doing anything.
const AGAIN: i64 = 60_000;

/// The query that finds the customers whose legal basis nobody has noted.
const WITHOUT_BASIS: &str = "basis:not_known_yet";

/// The screen's state.
#[derive(Debug, Default)]
pub struct Today {
    view: Option<view::Today>,
    list: Grouped,
    asked: Option<Ticket>,
    at: Timestamp,
    /// The case that the cursor is on, whose keys work then.
    case: Option<CaseRow>,
    casing: Option<case_keys::Doing>,
}

/// What the cursor can be on: the number of a row within its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Overdue(usize),
    Due(usize),
    Next(usize),
    Case(usize),
    Alert(usize),
    Grant(usize),
    Field(usize),
    Basis,
    Pool,
}

impl Today {
    fn ask(&mut self, env: &mut Env) {
        self.at = env.now;
        self.asked = Some(env.ask(Query::Today));
    }

    fn lines(&self, env: &Env) -> Vec<Line<Item>> {
        let Some(view) = &self.view else { return Vec::new() };
        let mut lines = Vec::new();
        let group = |lines: &mut Vec<Line<Item>>, head: &str, count: usize, item: fn(usize) -> Item| {
            if count > 0 {
                lines.push(Line::Head(env.ta(head, &[("n", &count)])));
                lines.extend((0..count).map(|at| Line::Item(item(at))));
                lines.push(Line::Gap);
            }
        };
        // A colleague waits for these, and can work with nothing masked until then.
        group(&mut lines, "today-grants", view.grants.len(), Item::Grant);
        // One line, before whatever else is long: whom it is about is lost unless somebody looks.
        group(&mut lines, "today-pool", usize::from(!view.pool.is_empty()), |_| Item::Pool);
        group(&mut lines, "today-fields", view.fields.len(), Item::Field);
        group(&mut lines, "today-overdue", view.overdue.len(), Item::Overdue);
        group(&mut lines, "today-today", view.today.len(), Item::Due);
        if view.overdue.is_empty() && view.today.is_empty() && env.may(Permission::FollowUps) {
            lines.push(Line::Note(env.t("today-nothing-due"), Ink::Good));
            lines.push(Line::Gap);
        }
        group(&mut lines, "today-cases", view.cases.len(), Item::Case);
        group(&mut lines, "today-alerts", view.alerts.len(), Item::Alert);
        group(&mut lines, "today-to-clear", usize::from(view.without_basis > 0), |_| Item::Basis);
        group(&mut lines, "today-next", view.next.len(), Item::Next);
        if !lines.iter().any(|line| matches!(line, Line::Item(_))) {
            lines.clear();
            let cells = usize::from(env.size.0.saturating_sub(6));
            lines.extend(text_lines(&env.t("today-empty"), cells).into_iter().map(|line| Line::Note(line, Ink::Plain)));
            lines.push(Line::Gap);
        }
        self.notes(env, view, &mut lines);
        lines
    }

    /// What the keepers of the vault should know.
    fn notes(&self, env: &Env, view: &view::Today, lines: &mut Vec<Line<Item>>) {
        let keeper = env.me.as_ref().is_some_and(|me| {
            matches!(me.role.name, RoleName::Owner | RoleName::Administrator | RoleName::PrivacyOfficer)
        });
        if !keeper {
            return;
        }
        lines.push(Line::Head(env.t("today-vault")));
        lines.push(match view.checkpoint {
            Some(at) => Line::Note(env.ta("today-checkpoint", &[("when", &wording::moment(env, at))]), Ink::Plain),
            None => Line::Note(env.t("today-no-checkpoint"), Ink::Warn),
        });
        if view.keys_due.recovery {
            lines.push(Line::Note(env.t("today-no-recovery"), Ink::Warn));
        }
        if let Some(since) = view.keys_due.rotation {
            let words = env.ta("today-rotation", &[("when", &wording::moment(env, since))]);
            lines.push(Line::Note(words, Ink::Warn));
        }
        lines.extend(backups(env, &view.backups));
    }

    fn item(&self, env: &Env) -> Option<Item> {
        self.list.item(&self.lines(env)).copied()
    }

    /// Notes which case the cursor is on.
    fn settle(&mut self, env: &Env) {
        let item = self.item(env);
        self.case = match (item, &self.view) {
            (Some(Item::Case(at)), Some(view)) => view.cases.get(at).cloned(),
            _ => None,
        };
    }

    fn task(&self, item: Item) -> Option<&FollowUpRow> {
        let view = self.view.as_ref()?;
        match item {
            Item::Overdue(at) => view.overdue.get(at),
            Item::Due(at) => view.today.get(at),
            Item::Next(at) => view.next.get(at),
            Item::Case(_) | Item::Alert(_) | Item::Grant(_) | Item::Field(_) | Item::Basis | Item::Pool => None,
        }
    }

    fn open(&self, env: &mut Env, item: Item) {
        let Some(view) = &self.view else { return };
        match item {
            Item::Overdue(_) | Item::Due(_) | Item::Next(_) => {
                if let Some(row) = self.task(item) {
                    env.show_customer(row.follow_up.customer);
                }
            }
            Item::Case(at) => {
                if let Some(row) = view.cases.get(at) {
                    env.open(Box::new(OpenCase::new(row.case.id)));
                }
            }
            Item::Alert(at) => {
                let Some(alert) = view.alerts.get(at) else { return };
                let question = env.ta("alert-question", &[("what", &alert_words(env, alert))]);
                let action = Action::SettleAlert(alert.id);
                env.open(Box::new(Confirm::new(env.t("alert-title"), question, env.t("alert-settled"), action)));
            }
            Item::Grant(at) => {
                let Some((id, name, class)) = view.grants.get(at) else { return };
                let class_name = wording::code(env, "class", class.code());
                let args: [(&str, &dyn std::fmt::Display); 2] = [("name", name), ("class", &class_name)];
                let confirm = Confirm::new(
                    env.t("grant-title"),
                    env.ta("grant-question", &args),
                    env.ta("grant-done", &args),
                    Action::ConfirmGrant(*id, *class),
                );
                env.open(Box::new(confirm));
            }
            Item::Pool => {
                env.find(&format!("owner:me pool<={}d", view.pool.days));
                env.say(env.t("today-pool-hint"));
            }
            Item::Field(at) => {
                let Some((key, class, mask)) = view.fields.get(at) else { return };
                let [name, class, mask] = field_words(env, key, *class, *mask);
                let args: [(&str, &dyn std::fmt::Display); 3] = [("name", &name), ("class", &class), ("mask", &mask)];
                let confirm = Confirm::new(
                    env.t("today-field-title"),
                    env.ta("today-field-question", &args),
                    env.ta("today-field-done", &args),
                    Action::Field(FieldAction::Confirm(key.clone())),
                );
                env.open(Box::new(confirm));
            }
            Item::Basis => {
                env.find(WITHOUT_BASIS);
                env.say(env.t("today-basis-hint"));
            }
        }
    }

    fn draw_item(&self, env: &Env, canvas: &mut Canvas<'_>, place: Rect, item: Item) {
        let Some(view) = &self.view else { return };
        let (line, ink) = match item {
            Item::Overdue(_) | Item::Due(_) | Item::Next(_) => {
                if let Some(row) = self.task(item) {
                    task::draw(env, canvas, place, row, task::Lead::Due);
                }
                return;
            }
            Item::Case(at) => {
                let Some(row) = view.cases.get(at) else { return };
                let name = text::pad(&text::cut(row.customer.text(), 16), 16);
                let ink = if row.when == view::When::Overdue { Ink::Bad } else { Ink::Plain };
                (format!("{name} {}", case_keys::line(env, row)), ink)
            }
            Item::Alert(at) => {
                let Some(alert) = view.alerts.get(at) else { return };
                (format!("{}  {}", wording::moment(env, alert.at), alert_words(env, alert)), Ink::Warn)
            }
            Item::Grant(at) => {
                let Some((_, name, class)) = view.grants.get(at) else { return };
                let class = wording::code(env, "class", class.code());
                (env.ta("grant-line", &[("name", name), ("class", &class)]), Ink::Plain)
            }
            Item::Pool => {
                let (n, more) = match view.pool.count {
                    Total::Exactly(n) => (n, ""),
                    Total::AtLeast(n) => (n, "+"),
                };
                (env.ta("today-pool-line", &[("n", &n), ("more", &more), ("days", &view.pool.days)]), Ink::Warn)
            }
            Item::Field(at) => {
                let Some((key, class, mask)) = view.fields.get(at) else { return };
                let [name, class, mask] = field_words(env, key, *class, *mask);
                (env.ta("today-field-line", &[("name", &name), ("class", &class), ("mask", &mask)]), Ink::Plain)
            }
            Item::Basis => (env.ta("today-basis", &[("n", &view.without_basis)]), Ink::Warn),
        };
        canvas.text(place, 0, 3, &line, env.theme.style(ink));
    }
}

/// How old backups and drills are, and what to do about it. A sample vault has no reminders.
fn backups(env: &Env, health: &BackupHealth) -> Vec<Line<Item>> {
    if !health.wanted {
        return Vec::new();
    }
    let age = |at: Option<Timestamp>| span(&env.words, env.now.since(at.unwrap_or(env.now)));
    let (last, places, late) = (age(health.last), health.places, health.late);
    let mut lines = Vec::new();
    let mut note = |text: String, ink| lines.push(Line::Note(text, ink));
    if places == 0 {
        note(env.t("today-backup-none"), Ink::Warn);
        return lines;
    }
    match health.last {
        None => note(env.t("today-backup-never"), Ink::Warn),
        Some(_) if late > 0 => {
            note(env.ta("today-backup-late", &[("late", &late), ("places", &places), ("age", &last)]), Ink::Warn);
        }
        Some(_) => note(env.ta("today-backup-good", &[("age", &last), ("places", &places)]), Ink::Plain),
    }
    if places == 1 {
        note(env.t("today-backup-one"), Ink::Plain);
    }
    match health.drilled {
        _ if health.drill_late => note(env.t("today-drill-late"), Ink::Warn),
        None => note(env.t("today-drill-never"), Ink::Plain),
        Some(_) => note(env.ta("today-drill-good", &[("age", &age(health.drilled))]), Ink::Plain),
    }
    lines
}

/// A field that is to be less protected, its class and its mask to be, in words.
fn field_words(env: &Env, key: &FieldKey, class: FieldClass, mask: MaskKind) -> [String; 3] {
    [wording::field_key(env, key), wording::code(env, "class", class.code()), wording::mask_of(env, class, mask)]
}

fn alert_words(env: &Env, alert: &AlertRow) -> String {
    let what = wording::code(env, "alert", alert.kind.code());
    let key = if alert.count > 0 { "alert-line" } else { "alert-line-plain" };
    env.ta(key, &[("about", &alert.about), ("what", &what), ("n", &alert.count)])
}

impl Panel for Today {
    fn places(&self) -> Vec<Place> {
        match self.case {
            Some(_) => vec![Place::Cases, Place::Today, Place::List],
            None => vec![Place::Today, Place::List],
        }
    }

    fn footer(&self) -> Vec<Cmd> {
        if self.case.is_some() {
            return vec![Cmd::Open, Cmd::TakeCase, Cmd::LogContact, Cmd::CloseCase, Cmd::HandCase];
        }
        vec![Cmd::Open, Cmd::Finish, Cmd::Snooze, Cmd::LogContact, Cmd::NewCustomer]
    }

    fn enter(&mut self, env: &mut Env) {
        self.ask(env);
    }

    fn unavailable(&self, env: &Env, cmd: Cmd) -> Option<&'static str> {
        let item = self.item(env);
        let task = item.is_some_and(|item| self.task(item).is_some());
        match cmd {
            Cmd::LogContact if self.case.is_some() => None,
            Cmd::NextPart => Some("why-not-here"),
            _ if case_keys::OF_ONE.contains(&cmd) => case_keys::unavailable(cmd, self.case.as_ref()),
            Cmd::LogContact if !task => Some("why-no-follow-up"),
            _ if follow_up_keys::OF_ONE.contains(&cmd) && !task => Some("why-no-follow-up"),
            Cmd::Open if item.is_none() => Some("why-no-row"),
            Cmd::Mark => Some("why-not-here"),
            _ => None,
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        let lines = self.lines(env);
        if self.list.run(cmd, &lines, task::height(env)) == Handled::Yes {
            self.settle(env);
            return Handled::Yes;
        }
        if let Some(row) = self.case.clone() {
            if case_keys::OF_ONE.contains(&cmd) {
                self.casing = case_keys::run(env, cmd, &row);
                return Handled::Yes;
            }
            if case_keys::beside(env, cmd, &row) == Handled::Yes {
                return Handled::Yes;
            }
        }
        let item = self.list.item(&lines).copied();
        let task = item.and_then(|item| self.task(item));
        match (cmd, task) {
            (Cmd::Open, _) => {
                if let Some(item) = item {
                    self.open(env, item);
                }
            }
            (cmd, Some(row)) if cmd != Cmd::Drop && follow_up_keys::OF_ONE.contains(&cmd) => {
                follow_up_keys::run(env, cmd, row);
            }
            (Cmd::LogContact, Some(row)) => {
                env.open(Box::new(InteractionForm::new(row.follow_up.customer, row.customer.text())));
            }
            (Cmd::NewCustomer, _) => {
                let form = CustomerForm::add(env);
                env.open(Box::new(form));
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if let Some(done) = case_keys::take(&mut self.casing, ticket) {
            case_keys::reply(env, done, reply);
            return;
        }
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        match reply {
            Ok(Answer::View(View::Today(view))) => {
                self.view = Some(view);
                let lines = self.lines(env);
                self.list.settle(&lines, task::height(env));
                self.settle(env);
            }
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.ask(env);
    }

    fn tick(&mut self, env: &mut Env) {
        if env.now.since(self.at) >= AGAIN {
            self.ask(env);
        }
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        if self.view.is_none() {
            canvas.text(area, 0, 1, &env.t("loading"), style(Ink::Dim));
            return;
        }
        let lines = self.lines(env);
        for (row, at) in self.list.window(lines.len(), usize::from(area.height)).enumerate() {
            let place = canvas::row(area, u16::try_from(row).unwrap_or(u16::MAX));
            match lines.get(at) {
                Some(Line::Head(head)) => {
                    canvas.text(place, 0, 1, head, style(Ink::Strong));
                }
                Some(Line::Note(note, ink)) => {
                    canvas.text(place, 0, 3, note, style(*ink));
                }
                Some(Line::Item(item)) => {
                    self.draw_item(env, canvas, place, *item);
                    task::mark(env, canvas, place, Focus::on(at, self.list.cursor()));
                }
                Some(Line::Gap) | None => {}
            }
        }
    }
}
