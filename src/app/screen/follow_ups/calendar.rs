//! The month calendar: how much is due each day, and what is due on the day of the cursor.
//!
//! **Invariant:** the cursor is on a day of the month that is shown; weeks begin on Monday.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};
use ratatui::layout::Rect;

use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::panel::Handled;
use crate::app::screen::task;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::clock::Timestamp;
use crate::domain::when;
use crate::domain::working_days::WorkingDays;
use crate::service::view::FollowUpRow;
use crate::text;

/// Rows that a month of six weeks takes, the days' names included.
const WEEKS: u16 = 6;

/// The calendar's state.
#[derive(Debug)]
pub struct Calendar {
    day: NaiveDate,
    rows: Vec<FollowUpRow>,
    special: WorkingDays,
}

/// What comes of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// To a day of the same month.
    Within,
    /// To another month, whose reminders are to be asked for.
    Month,
    /// Nowhere: it was another command.
    No,
}

impl Calendar {
    /// The calendar with its cursor on a day.
    pub fn on(day: NaiveDate) -> Self {
        Self { day, rows: Vec::new(), special: WorkingDays::default() }
    }

    /// The day of the cursor.
    pub fn day(&self) -> NaiveDate {
        self.day
    }

    /// Takes the reminders of the month in.
    pub fn fill(&mut self, rows: Vec<FollowUpRow>) {
        self.rows = rows;
    }

    /// Takes in which days are not as their weekday says.
    pub fn mark(&mut self, special: WorkingDays) {
        self.special = special;
    }

    /// The first moment of the month and of the one after it.
    pub fn span(&self, env: &Env) -> (Timestamp, Timestamp) {
        let first = self.day.with_day(1).unwrap_or(self.day);
        let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
        let moment = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_local_timezone(env.offset).single();
        (moment(first).map_or(env.now, Into::into), moment(next).map_or(env.now, Into::into))
    }

    /// Moves the cursor.
    pub fn run(&mut self, env: &Env, cmd: Cmd) -> Moved {
        let to = match cmd {
            Cmd::DayBack => self.day.checked_sub_days(Days::new(1)),
            Cmd::DayOn => self.day.checked_add_days(Days::new(1)),
            Cmd::Up => self.day.checked_sub_days(Days::new(7)),
            Cmd::Down => self.day.checked_add_days(Days::new(7)),
            Cmd::PageUp => self.day.checked_sub_months(Months::new(1)),
            Cmd::PageDown => self.day.checked_add_months(Months::new(1)),
            Cmd::Top => Some(env.now.at(env.offset).date_naive()),
            _ => return Moved::No,
        };
        let before = self.day;
        self.day = to.filter(|day| (1970..=9_000).contains(&day.year())).unwrap_or(before);
        let same = (before.year(), before.month()) == (self.day.year(), self.day.month());
        if same { Moved::Within } else { Moved::Month }
    }

    /// What is due on a day, the earliest first.
    pub fn due<'a>(&'a self, env: &'a Env, day: NaiveDate) -> impl Iterator<Item = &'a FollowUpRow> {
        self.rows.iter().filter(move |row| row.follow_up.due.at(env.offset).date_naive() == day)
    }

    /// Draws the month and the day.
    pub fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let cell = (area.width.saturating_sub(2) / 7).clamp(1, 16);
        let month = env.ta("calendar-month", &[("year", &self.day.year()), ("month", &self.day.month())]);
        canvas.text(area, 0, 1, &month, style(Ink::Strong));
        let first = self.day.with_day(1).unwrap_or(self.day);
        let lead = u64::from(first.weekday().num_days_from_monday());
        let monday = first.checked_sub_days(Days::new(lead)).unwrap_or(first);
        let today = env.now.at(env.offset).date_naive();
        for column in 0..7_u16 {
            let day = monday.checked_add_days(Days::new(u64::from(column))).unwrap_or(monday);
            let name = when::show_weekday(day, env.words.lang);
            canvas.text(area, 1, 1 + column * cell, name, style(Ink::Dim));
        }
        for at in 0..u64::from(WEEKS * 7) {
            let Some(day) = monday.checked_add_days(Days::new(at)) else { continue };
            if day.month() != self.day.month() {
                continue;
            }
            let (week, column) = (u16::try_from(at / 7).unwrap_or(0), u16::try_from(at % 7).unwrap_or(0));
            let row = canvas::row(area, 2 + week);
            let (count, late) = self
                .due(env, day)
                .fold((0, 0), |(count, late), row| (count + 1, late + usize::from(row.follow_up.due < env.now)));
            let much = match (count, late) {
                (0, _) => String::new(),
                (count, 0) => format!(" {count}"),
                (count, _) => format!(" {count}!"),
            };
            let mark = if day == today { "·" } else { "" };
            let line = text::pad(&format!("{:>2}{mark}{much}", day.day()), usize::from(cell.saturating_sub(1)));
            let ink = match (day == self.day, late > 0, self.special.is_working(day)) {
                (true, ..) => Ink::Chosen,
                (_, true, _) => Ink::Bad,
                (_, _, false) => Ink::Dim,
                _ if count > 0 => Ink::Strong,
                _ => Ink::Plain,
            };
            canvas.text(row, 0, 1 + column * cell, &line, style(ink));
        }
        self.draw_day(env, canvas::below(area, 3 + WEEKS), canvas);
    }

    fn draw_day(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let day = when::show_day(self.day, env.words.lang);
        let name = self.special.about(self.day).map(|special| special.name.as_str()).unwrap_or_default();
        let head = if name.is_empty() { day } else { format!("{day} · {name}") };
        canvas.text(area, 0, 1, &head, style(Ink::Strong));
        let mut shown = 0_u16;
        let room = area.height.saturating_sub(1);
        let count = self.due(env, self.day).count();
        for row in self.due(env, self.day).take(usize::from(room)) {
            shown += 1;
            // The last row says how many there are beyond.
            if shown == room && count > usize::from(room) {
                let more = env.ta("calendar-more", &[("n", &(count + 1 - usize::from(room)))]);
                canvas.text(canvas::row(area, shown), 0, 3, &more, style(Ink::Dim));
                break;
            }
            task::draw(env, canvas, canvas::row(area, shown), row, task::Lead::Time);
        }
        if count == 0 {
            canvas.text(area, 1, 3, &env.t("calendar-nothing"), style(Ink::Dim));
        }
    }
}

/// Whether a command is the calendar's.
pub fn handled(moved: Moved) -> Handled {
    if moved == Moved::No { Handled::No } else { Handled::Yes }
}
