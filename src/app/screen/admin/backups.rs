//! The part of the administration about backups: places with their state, settings, what happened, and what is under way.
//!
//! **Invariant:** that something is late or failed is said in words; what is shown is what the door last answered.

use ratatui::layout::Rect;

use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::form::line::Focus;
use crate::app::form::setting::SettingForm;
use crate::app::layer::confirm::Confirm;
use crate::app::panel::Handled;
use crate::app::screen::frame::text_lines;
use crate::app::screen::task;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::grouped::{Grouped, Line};
use crate::app::wording;
use crate::clock::Timestamp;
use crate::service::Action;
use crate::service::view::{BackupChange, BackupEvent, BackupOrder, BackupsView, PlaceRow, Running};
use crate::text;
use crate::words::backup::{bytes, cause, span};

/// Rows above and below the list: tabs, a gap, three lines about the row, one for what is under way.
const AROUND: usize = 7;

/// The part's state.
#[derive(Debug, Default)]
pub(super) struct Backups {
    view: Option<Box<BackupsView>>,
    list: Grouped,
}

/// What the cursor can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Place(usize),
    Setting(usize),
    Event(usize),
}

impl Backups {
    pub(super) fn take(&mut self, env: &Env, view: BackupsView) {
        self.view = Some(Box::new(view));
        let lines = self.lines(env);
        self.list.settle(&lines, height(env));
    }

    /// Whether something is under way, so that it is asked for again every second.
    pub(super) fn is_running(&self) -> bool {
        self.view.as_ref().is_some_and(|view| view.running.is_some())
    }

    fn lines(&self, env: &Env) -> Vec<Line<Item>> {
        let Some(view) = &self.view else { return Vec::new() };
        let mut lines = vec![Line::Head(head(env))];
        if view.places.is_empty() {
            lines.push(Line::Note(env.t("backups-no-places"), Ink::Warn));
        }
        lines.extend((0..view.places.len()).map(|at| Line::Item(Item::Place(at))));
        lines.extend([Line::Gap, Line::Head(env.t("backups-settings"))]);
        lines.extend((0..view.policy.numbers().len()).map(|at| Line::Item(Item::Setting(at))));
        if !view.history.is_empty() {
            lines.extend([Line::Gap, Line::Head(env.t("backups-history"))]);
            lines.extend((0..view.history.len()).map(|at| Line::Item(Item::Event(at))));
        }
        lines
    }

    fn item(&self, env: &Env) -> Option<Item> {
        self.list.item(&self.lines(env)).copied()
    }

    fn place(&self, env: &Env) -> Option<&PlaceRow> {
        match self.item(env)? {
            Item::Place(at) => self.view.as_ref()?.places.get(at),
            Item::Setting(_) | Item::Event(_) => None,
        }
    }

    pub(super) fn unavailable(&self, env: &Env, cmd: Cmd) -> Option<&'static str> {
        let running = self.is_running();
        let empty = self.view.as_ref().is_none_or(|view| view.places.is_empty());
        match cmd {
            Cmd::BackUp | Cmd::VerifyBackup | Cmd::DrillBackup if empty => Some("backups-no-places"),
            Cmd::BackUp | Cmd::VerifyBackup | Cmd::DrillBackup if running => Some("refused-backup-under-way"),
            Cmd::StopBackup if !running => Some("why-nothing-under-way"),
            Cmd::RemovePlace if self.place(env).is_none() => Some("why-no-place"),
            Cmd::ChangeBackup if !matches!(self.item(env), Some(Item::Setting(_))) => Some("why-no-setting"),
            _ => None,
        }
    }

    /// The place under the cursor, or all where it is on none.
    fn chosen(&self, env: &Env) -> Option<String> {
        self.place(env).map(|row| row.place.clone())
    }

    pub(super) fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        let lines = self.lines(env);
        if self.list.run(cmd, &lines, height(env)) == Handled::Yes {
            return Handled::Yes;
        }
        let place = self.chosen(env);
        match cmd {
            Cmd::BackUp => order(env, BackupOrder::Make(place, None)),
            Cmd::VerifyBackup => order(env, BackupOrder::Verify(place)),
            Cmd::DrillBackup => order(env, BackupOrder::Drill(place)),
            Cmd::StopBackup => {
                env.perform(Action::OrderBackup(BackupOrder::Stop));
                env.say(env.t("backups-stopping"));
            }
            Cmd::AddPlace => env.open(Box::new(SettingForm::place())),
            Cmd::RemovePlace => {
                let Some(place) = place else { return Handled::Yes };
                let args: [(&str, &dyn std::fmt::Display); 1] = [("place", &place)];
                let (question, done) = (env.ta("remove-place-question", &args), env.ta("remove-place-done", &args));
                let action = Action::SetBackups(BackupChange::RemovePlace(place));
                env.open(Box::new(Confirm::new(env.t("remove-place-title"), question, done, action)));
            }
            Cmd::ChangeBackup => self.change(env),
            Cmd::Open => match self.item(env) {
                Some(Item::Setting(_)) => env.run(Cmd::ChangeBackup),
                _ => return Handled::No,
            },
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn change(&self, env: &mut Env) {
        let (Some(Item::Setting(at)), Some(view)) = (self.item(env), &self.view) else { return };
        if let Some((key, value, _)) = view.policy.numbers().get(at) {
            let form = SettingForm::backup(key, *value, &view.policy);
            env.open(Box::new(form));
        }
    }

    /// Draws the part below the tabs.
    pub(super) fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let Some(view) = &self.view else {
            canvas.text(area, 2, 2, &env.t("loading"), style(Ink::Dim));
            return;
        };
        let lines = self.lines(env);
        let rows = height(env).min(usize::from(area.height.saturating_sub(6)));
        let body = canvas::below(area, 2);
        for (row, at) in self.list.window(lines.len(), rows).enumerate() {
            let place = canvas::row(body, u16::try_from(row).unwrap_or(u16::MAX));
            match lines.get(at) {
                Some(Line::Head(head)) => _ = canvas.text(place, 0, 1, head, style(Ink::Strong)),
                Some(Line::Note(note, ink)) => _ = canvas.text(place, 0, 3, note, style(*ink)),
                Some(Line::Item(item)) => {
                    item_row(env, view, *item, place, canvas);
                    task::mark(env, canvas, place, Focus::on(at, self.list.cursor()));
                }
                Some(Line::Gap) | None => {}
            }
        }
        let foot = canvas::below(area, area.height.saturating_sub(4));
        if let Some(running) = &view.running {
            progress(env, running, canvas::row(foot, 0), canvas);
        }
        let (about, ink) = self.about(env, view);
        let cells = usize::from(area.width.saturating_sub(2));
        for (at, line) in text_lines(&about, cells).iter().take(3).enumerate() {
            canvas.text(foot, u16::try_from(at + 1).unwrap_or(0), 1, line, style(ink));
        }
    }

    fn about(&self, env: &Env, view: &BackupsView) -> (String, Ink) {
        if let Some(why) = &view.fault {
            return (env.ta("refused-backup-policy", &[("why", why)]), Ink::Bad);
        }
        match self.item(env) {
            Some(Item::Place(at)) => {
                let Some(row) = view.places.get(at) else { return (String::new(), Ink::Dim) };
                let (verified, drilled) = (ago(env, row.verified), ago(env, row.drilled));
                let mut parts = vec![row.place.clone()];
                parts.push(env.ta("backups-about-place", &[("verified", &verified), ("drilled", &drilled)]));
                if row.same_disk {
                    parts.push(env.t("backups-same-disk"));
                }
                if let Some((_, why)) = &row.fault {
                    parts.push(env.ta("backups-fault", &[("why", &cause(&env.words, why))]));
                    return (parts.join(" · "), Ink::Bad);
                }
                (parts.join(" · "), if row.same_disk || row.late { Ink::Warn } else { Ink::Dim })
            }
            Some(Item::Event(at)) => {
                let Some(event) = view.history.get(at) else { return (String::new(), Ink::Dim) };
                let why = event.fault.as_ref().map(|why| cause(&env.words, why)).unwrap_or_default();
                (format!("{} {} {why}", event.place, event.id), Ink::Dim)
            }
            Some(Item::Setting(_)) => (env.t("backup-set-about"), Ink::Dim),
            None => (env.t("first-run-places"), Ink::Dim),
        }
    }
}

fn order(env: &mut Env, order: BackupOrder) {
    env.ordered = Some(env.now);
    env.perform(Action::OrderBackup(order));
}

fn height(env: &Env) -> usize {
    task::height(env).saturating_sub(AROUND).max(1)
}

/// The widths of a place's cells behind its address.
const CELLS: [usize; 4] = [12, 9, 12, 11];

fn table(first: &str, cells: [&str; 4], width: usize) -> String {
    let room = width.saturating_sub(CELLS.iter().sum::<usize>() + CELLS.len());
    let mut line = text::pad(&text::cut(first, room), room);
    for (cell, cells) in cells.iter().zip(CELLS) {
        line.push(' ');
        line.push_str(&text::pad(&text::cut(cell, cells), cells));
    }
    line
}

fn head(env: &Env) -> String {
    let words = ["last", "size", "next", "state"].map(|word| env.t(&format!("backups-head-{word}")));
    let [a, b, c, d] = &words;
    let width = usize::from(env.size.0.saturating_sub(4));
    format!("{}  ", table(&env.t("backups-places"), [a, b, c, d], width + 2).trim_end())
}

fn ago(env: &Env, at: Option<Timestamp>) -> String {
    at.map_or_else(
        || env.t("backups-never-done"),
        |at| env.ta("backups-ago", &[("age", &span(&env.words, env.now.since(at)))]),
    )
}

fn item_row(env: &Env, view: &BackupsView, item: Item, place: Rect, canvas: &mut Canvas<'_>) {
    let (line, ink) = match item {
        Item::Place(at) => {
            let Some(row) = view.places.get(at) else { return };
            place_row(env, row, usize::from(place.width.saturating_sub(4)))
        }
        Item::Setting(at) => {
            let rows = view.policy.numbers();
            let Some((key, value, _)) = rows.get(at) else { return };
            (format!("{} {value}", text::pad(&wording::code(env, "backup-set", key), 40)), Ink::Plain)
        }
        Item::Event(at) => {
            let Some(event) = view.history.get(at) else { return };
            event_row(env, event)
        }
    };
    canvas.text(place, 0, 3, &line, env.theme.style(ink));
}

fn place_row(env: &Env, row: &PlaceRow, width: usize) -> (String, Ink) {
    let last = ago(env, row.last.as_ref().map(|event| event.at));
    let size = row.last.as_ref().map(|event| bytes(event.bytes)).unwrap_or_default();
    let next = if row.next <= env.now {
        env.t("backups-now")
    } else {
        env.ta("backups-in", &[("time", &span(&env.words, row.next.since(env.now)))])
    };
    let (state, ink) = match (&row.fault, row.late, &row.last) {
        (_, true, Some(_)) => ("backups-late", Ink::Warn),
        (Some(_), ..) => ("backups-failed", Ink::Bad),
        (None, _, None) => ("backups-never", Ink::Warn),
        (None, ..) => ("backups-good", Ink::Plain),
    };
    (table(&row.place, [&last, &size, &next, &env.t(state)], width), ink)
}

fn event_row(env: &Env, event: &BackupEvent) -> (String, Ink) {
    let what = wording::code(env, "backup-what", event.what.code());
    let took = env.ta("backups-took", &[("seconds", &(event.millis / 1000))]);
    let (state, ink) = match &event.fault {
        Some(_) => (env.t("backups-failed"), Ink::Bad),
        None => (env.t("backups-went-well"), Ink::Plain),
    };
    let (what, size) = (text::pad(&text::cut(&what, 17), 17), text::pad(&bytes(event.bytes), 9));
    let line = format!("{}  {what} {size} {} {state}", wording::moment(env, event.at), text::pad(&took, 8));
    (line, ink)
}

/// What is under way: a bar, and in words how far it has come, how fast, and how long it will take.
fn progress(env: &Env, running: &Running, row: Rect, canvas: &mut Canvas<'_>) {
    const BAR: u64 = 10;
    let percent = running.percent();
    let full = usize::try_from(percent * BAR / 100).unwrap_or(0);
    let empty = usize::try_from(BAR).unwrap_or(0).saturating_sub(full);
    let bar = format!("[{}{}] ", "#".repeat(full), ".".repeat(empty));
    let what = wording::code(env, "backup-what", running.what.code());
    let (done, total) = (bytes(running.done), bytes(running.total));
    let args: [(&str, &dyn std::fmt::Display); 4] =
        [("what", &what), ("done", &done), ("total", &total), ("percent", &percent)];
    let mut said = format!("{bar}{}", env.ta("backups-running", &args));
    if let Some(left) = running.seconds_left(env.now) {
        let rate = bytes(running.rate(env.now));
        said = format!("{said}, {}", env.ta("backups-rate", &[("rate", &rate), ("left", &left)]));
    }
    canvas.text(row, 0, 1, &said, env.theme.style(Ink::Good));
}
