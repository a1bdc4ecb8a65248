//! Follow-ups: the agenda by day, what is overdue first, and the month calendar.
//!
//! **Invariant:** what it shows is what the door last answered; a reminder changes only through the door, with the
//! version that is shown.

mod calendar;

use chrono::NaiveDate;
use ratatui::layout::Rect;

use super::follow_up_keys;
use super::frame::text_lines;
use super::task;
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::interaction::InteractionForm;
use crate::app::form::line::Focus;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::grouped::{Grouped, Line};
use crate::domain::role::Scope;
use crate::domain::when;
use crate::service::view::{Due, FollowUpRequest, FollowUpRow, Whose};
use crate::service::{Query, View};

use calendar::{Calendar, Moved};

/// The most rows asked for.
const MOST: u16 = 1_000;

/// The screen's state.
#[derive(Debug, Default)]
pub struct FollowUps {
    due: Due,
    rows: Option<Vec<FollowUpRow>>,
    list: Grouped,
    asked: Option<Ticket>,
    dropping: Option<Ticket>,
    whose: Whose,
    calendar: Option<Calendar>,
    days: Option<Ticket>,
    /// The day to which the cursor goes once the agenda is there.
    seek: Option<NaiveDate>,
}

impl FollowUps {
    fn ask(&mut self, env: &mut Env) {
        let between = self.calendar.as_ref().map(|calendar| calendar.span(env));
        let due = if between.is_some() { Due::All } else { self.due };
        let request = FollowUpRequest { due, whose: self.whose, between, limit: MOST };
        self.asked = Some(env.ask(Query::FollowUps(request)));
    }

    /// From the agenda to the month of the reminder at the cursor, and back to the day at the cursor.
    fn turn(&mut self, env: &mut Env) {
        self.calendar = match self.calendar.take() {
            None => {
                let at = self.row(env).map_or(env.now, |row| row.follow_up.due);
                self.days = Some(env.ask(Query::WorkingDays));
                Some(Calendar::on(at.at(env.offset).date_naive()))
            }
            Some(calendar) => {
                self.due = Due::All;
                self.seek = Some(calendar.day());
                None
            }
        };
        self.ask(env);
    }

    /// Puts the cursor on the first reminder of a day or after it.
    fn seek(&mut self, env: &Env, day: NaiveDate) {
        let due = |row: &FollowUpRow| row.follow_up.due.at(env.offset).date_naive();
        let Some(at) = self.rows.iter().flatten().position(|row| due(row) >= day) else { return };
        let lines = self.lines(env);
        if let Some(line) = lines.iter().position(|line| matches!(line, Line::Item(item) if *item == at)) {
            self.list.go(line, &lines, Self::height(env));
        }
    }

    /// A head is the day of what is under it, or none over what is overdue.
    fn lines(&self, env: &Env) -> Vec<Line<usize, Option<NaiveDate>>> {
        let mut lines = Vec::new();
        let mut group = None;
        for (at, row) in self.rows.iter().flatten().enumerate() {
            let due = row.follow_up.due;
            let day = (due >= env.now).then(|| due.at(env.offset).date_naive());
            if group != Some(day) {
                if group.is_some() {
                    lines.push(Line::Gap);
                }
                lines.push(Line::Head(day));
                group = Some(day);
            }
            lines.push(Line::Item(at));
        }
        lines
    }

    fn row(&self, env: &Env) -> Option<&FollowUpRow> {
        if self.calendar.is_some() {
            return None;
        }
        let lines = self.lines(env);
        self.rows.as_ref()?.get(*self.list.item(&lines)?)
    }

    fn height(env: &Env) -> usize {
        task::height(env).saturating_sub(2).max(1)
    }
}

/// The words over a day.
fn head(env: &Env, day: Option<NaiveDate>) -> String {
    let Some(day) = day else { return env.t("agenda-overdue") };
    let full = when::show_day(day, env.words.lang);
    match (day - env.now.at(env.offset).date_naive()).num_days() {
        0 => env.ta("agenda-today", &[("day", &full)]),
        1 => env.ta("agenda-tomorrow", &[("day", &full)]),
        _ => full,
    }
}

impl Panel for FollowUps {
    fn places(&self) -> Vec<Place> {
        match self.calendar {
            Some(_) => vec![Place::Calendar, Place::FollowUps, Place::List],
            None => vec![Place::FollowUps, Place::List],
        }
    }

    fn footer(&self) -> Vec<Cmd> {
        match self.calendar {
            Some(_) => vec![Cmd::DayBack, Cmd::DayOn, Cmd::PageDown, Cmd::Open, Cmd::Calendar],
            None => vec![Cmd::Open, Cmd::Finish, Cmd::Snooze, Cmd::EditFollowUp, Cmd::Calendar, Cmd::NextPart],
        }
    }

    fn enter(&mut self, env: &mut Env) {
        self.ask(env);
    }

    fn unavailable(&self, env: &Env, cmd: Cmd) -> Option<&'static str> {
        match cmd {
            Cmd::Open | Cmd::Back if self.calendar.is_some() => None,
            Cmd::Open | Cmd::LogContact if self.row(env).is_none() => Some("why-no-follow-up"),
            _ if follow_up_keys::OF_ONE.contains(&cmd) && self.row(env).is_none() => Some("why-no-follow-up"),
            Cmd::NextPart if self.calendar.is_some() => Some("why-not-here"),
            Cmd::Everybody if env.me.as_ref().is_none_or(|me| matches!(me.role.scope, Scope::Own | Scope::None)) => {
                Some("why-own-only")
            }
            Cmd::Mark => Some("why-not-here"),
            _ => None,
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match (cmd, &mut self.calendar) {
            (Cmd::Calendar, _) | (Cmd::Open | Cmd::Back, Some(_)) => {
                self.turn(env);
                return Handled::Yes;
            }
            (Cmd::Everybody, _) => {
                self.whose = if self.whose == Whose::Mine { Whose::All } else { Whose::Mine };
                self.ask(env);
                return Handled::Yes;
            }
            (cmd, Some(calendar)) => {
                let moved = calendar.run(env, cmd);
                if moved == Moved::Month {
                    self.ask(env);
                }
                return calendar::handled(moved);
            }
            (_, None) => {}
        }
        let lines = self.lines(env);
        if self.list.run(cmd, &lines, Self::height(env)) == Handled::Yes {
            return Handled::Yes;
        }
        if cmd == Cmd::NextPart {
            let at = Due::ALL.iter().position(|due| *due == self.due).unwrap_or(0);
            self.due = Due::ALL.get((at + 1) % Due::ALL.len()).copied().unwrap_or_default();
            self.ask(env);
            return Handled::Yes;
        }
        let Some(row) = self.row(env).cloned() else { return Handled::No };
        match cmd {
            Cmd::Open => env.show_customer(row.follow_up.customer),
            Cmd::LogContact => {
                env.open(Box::new(InteractionForm::new(row.follow_up.customer, row.customer.text())));
            }
            cmd if follow_up_keys::OF_ONE.contains(&cmd) => self.dropping = follow_up_keys::run(env, cmd, &row),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.dropping.take_if(|dropping| *dropping == ticket).is_some() {
            follow_up_keys::reply(env, reply);
            return;
        }
        if self.days.take_if(|days| *days == ticket).is_some() {
            if let (Some(calendar), Ok(Answer::View(View::WorkingDays(days)))) = (&mut self.calendar, reply) {
                calendar.mark(days);
            }
            return;
        }
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        match (reply, &mut self.calendar) {
            (Ok(Answer::View(View::FollowUps(rows))), Some(calendar)) => calendar.fill(rows),
            (Ok(Answer::View(View::FollowUps(rows))), None) => {
                self.rows = Some(rows);
                if let Some(day) = self.seek.take() {
                    self.seek(env, day);
                }
                let lines = self.lines(env);
                self.list.settle(&lines, Self::height(env));
            }
            (Ok(_), _) => {}
            (Err(refusal), _) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.ask(env);
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        if let Some(calendar) = &self.calendar {
            if self.whose == Whose::All {
                canvas.text_right(canvas::inset(area, 1), 0, &env.t("agenda-everybody"), style(Ink::Dim));
            }
            return calendar.draw(env, area, canvas);
        }
        let mut column = 1;
        for due in [Due::All, Due::Overdue, Due::Today, Due::Week, Due::Slipped] {
            let word = env.t(match due {
                Due::All => "due-all",
                Due::Overdue => "due-overdue",
                Due::Today => "due-today",
                Due::Week => "due-week",
                Due::Slipped => "due-slipped",
            });
            let (word, ink) =
                if due == self.due { (format!("[{word}]"), Ink::Chosen) } else { (format!(" {word} "), Ink::Dim) };
            column = canvas.text(area, 0, column, &word, style(ink)) + 1;
        }
        let Some(rows) = &self.rows else {
            canvas.text(area, 2, 1, &env.t("loading"), style(Ink::Dim));
            return;
        };
        let late = rows.iter().filter(|row| row.follow_up.due < env.now).count();
        let mut count = env.ta("agenda-count", &[("n", &rows.len()), ("late", &late)]);
        if self.whose == Whose::All {
            count = format!("{} · {count}", env.t("agenda-everybody"));
        }
        canvas.text_right(canvas::inset(area, 1), 0, &count, style(Ink::Dim));
        let body = canvas::below(area, 2);
        if rows.is_empty() {
            let key = if self.due == Due::All { "agenda-empty" } else { "agenda-empty-part" };
            for (at, line) in text_lines(&env.t(key), usize::from(area.width.saturating_sub(4))).iter().enumerate() {
                canvas.text(body, u16::try_from(at).unwrap_or(0), 2, line, style(Ink::Plain));
            }
            return;
        }
        let lines = self.lines(env);
        for (shown, at) in self.list.window(lines.len(), usize::from(body.height)).enumerate() {
            let place = canvas::row(body, u16::try_from(shown).unwrap_or(u16::MAX));
            match lines.get(at) {
                Some(Line::Head(day)) => {
                    canvas.text(place, 0, 1, &head(env, *day), style(Ink::Strong));
                }
                Some(Line::Item(row)) => {
                    if let Some(row) = rows.get(*row) {
                        task::draw(env, canvas, place, row, task::Lead::Time);
                    }
                    task::mark(env, canvas, place, Focus::on(at, self.list.cursor()));
                }
                Some(Line::Note(..) | Line::Gap) | None => {}
            }
        }
    }
}
