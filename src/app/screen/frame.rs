//! The picture as a whole: tabs above, the screen and its layers, a status line and the footer.
//!
//! **Invariant:** drawing is total for every size; below 40×10 it is one sentence.

use ratatui::layout::Rect;

use crate::app::commands::Cmd;
use crate::app::env::{Env, Tone};
use crate::app::keymap::written;
use crate::app::layer::which_key;
use crate::app::model::{Model, Phase, Signed, VaultKind};
use crate::app::panel::Panel;
use crate::app::theme::Ink;
use crate::app::update;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::wording;
use crate::service::view::{BackupHealth, FollowUpRow};
use crate::text;
use crate::words::backup::span;

use super::ScreenId;

pub use crate::text::text_lines;

/// The least columns and rows that the program is drawn in.
pub const LEAST: (u16, u16) = (40, 10);

/// Draws everything.
pub fn draw(model: &Model, canvas: &mut Canvas<'_>) {
    let area = canvas.area();
    canvas.clear(area);
    if is_small((area.width, area.height)) {
        small(model, area, canvas);
        return;
    }
    let body = Rect::new(0, 1, area.width, area.height.saturating_sub(3));
    match &model.phase {
        Phase::Locked(unlock) => unlock.draw(&model.env, body, canvas),
        Phase::FirstRun(first_run) => first_run.draw(&model.env, body, canvas),
        Phase::SignedIn(signed) => {
            tabs(model, signed, row(area, 0), canvas);
            signed.screens.get(signed.at).draw(&model.env, body, canvas);
            for layer in &signed.layers {
                canvas.cursor = None;
                layer.panel.draw(&model.env, body, canvas);
            }
        }
    }
    if !model.pending.is_empty() && model.env.now.since(model.pending_since) >= update::WHICH_KEY_MS {
        which_key::draw(&model.env, &update::places(model), &model.pending, body, canvas);
    }
    status(model, row(area, area.height.saturating_sub(2)), canvas);
    footer(model, row(area, area.height.saturating_sub(1)), canvas);
}

/// Whether a screen has no room for anything but the sentence that says so.
pub fn is_small((width, height): (u16, u16)) -> bool {
    width < LEAST.0 || height < LEAST.1
}

/// One clear sentence, folded into whatever room there is.
fn small(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let sentence = model.env.ta("too-small", &[("width", &LEAST.0), ("height", &LEAST.1)]);
    let style = model.env.theme.style(Ink::Plain);
    for (at, line) in text_lines(&sentence, usize::from(area.width)).iter().enumerate() {
        canvas.text(area, u16::try_from(at).unwrap_or(u16::MAX), 0, line, style);
    }
}

fn tabs(model: &Model, signed: &Signed, area: Rect, canvas: &mut Canvas<'_>) {
    let env = &model.env;
    let mut column = canvas.text(area, 0, 1, "veilbook", env.theme.style(Ink::Strong)).saturating_add(2);
    for id in ScreenId::ALL {
        if id.command().row().allowed(env).is_err() {
            continue;
        }
        let name = wording::code(env, "screen", id.code());
        let shown = if *id == signed.at { format!("[{name}]") } else { format!(" {name} ") };
        let ink = if *id == signed.at { Ink::Strong } else { Ink::Dim };
        column = canvas.text(area, 0, column, &shown, env.theme.style(ink)).saturating_add(1);
    }
}

fn status(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let env = &model.env;
    if let Some(notice) = &env.notice {
        let (mark, ink) = match notice.tone {
            Tone::Good => (env.t("tone-good"), Ink::Good),
            Tone::Plain => (String::new(), Ink::Plain),
            Tone::Bad => (env.t("tone-bad"), Ink::Bad),
        };
        let at = canvas.text(area, 0, 1, &mark, env.theme.style(ink));
        canvas.text(area, 0, at, &notice.text, env.theme.style(ink));
        return;
    }
    if !model.pending.is_empty() {
        canvas.text(area, 0, 1, &format!("{} …", written(&model.pending)), env.theme.style(Ink::Key));
        return;
    }
    let Some(me) = &env.me else { return };
    if let Some(row) = model.reminding.shown() {
        return reminder(model, row, area, canvas);
    }
    let vault = match model.vault {
        VaultKind::Work => me.vault.clone(),
        VaultKind::Sample => env.t("vault-sample"),
    };
    let mut parts = vec![me.name.as_str().to_owned(), wording::code(env, "role", me.role.name.code()), vault];
    if let Some(checkpoint) = &model.checkpoint {
        parts.push(env.ta("status-record", &[("root", checkpoint)]));
    }
    let column = canvas.text(area, 0, 1, &parts.join(" · "), env.theme.style(Ink::Dim));
    if let Some((said, ink)) = model.backups.as_ref().and_then(|health| backups(env, health)) {
        let room = usize::from(area.width.saturating_sub(column + 2));
        canvas.text_right(area, 0, &text::cut(&said, room), env.theme.style(ink));
    }
}

/// A reminder that came due, in the place of what stands there always, with the key that takes it up.
fn reminder(model: &Model, row: &FollowUpRow, area: Rect, canvas: &mut Canvas<'_>) {
    let env = &model.env;
    let key = env.keymap.key_of(Cmd::TakeReminder, &update::places(model));
    let more = match model.reminding.count().saturating_sub(1) {
        0 => String::new(),
        n => env.ta("reminder-more", &[("n", &n)]),
    };
    let tail = format!("{more}  {key} {}", Cmd::TakeReminder.short(env));
    let room = usize::from(area.width).saturating_sub(text::width(&tail) + 4);
    let due = wording::due(env, row.follow_up.due);
    let said =
        env.ta("reminder-due", &[("due", &due), ("name", &row.customer.text()), ("text", &row.follow_up.said())]);
    canvas.text(area, 0, 1, &text::cut(&said, room), env.theme.style(Ink::Warn));
    canvas.text_right(area, 0, &tail, env.theme.style(Ink::Key));
}

/// The age of the last backup, or what is wrong with backups. A sample vault has none and needs none.
fn backups(env: &Env, health: &BackupHealth) -> Option<(String, Ink)> {
    if !health.wanted {
        return None;
    }
    if let Some(running) = &health.running {
        let what = wording::code(env, "backup-what", running.what.code());
        let said = env.ta("status-backup-running", &[("what", &what), ("percent", &running.percent())]);
        return Some((said, Ink::Dim));
    }
    let age = health.last.map(|at| span(&env.words, env.now.since(at)));
    Some(match age {
        None if health.places == 0 => (env.t("status-backup-none"), Ink::Warn),
        None => (env.t("status-backup-never"), Ink::Warn),
        Some(age) if health.late > 0 => (env.ta("status-backup-late", &[("age", &age)]), Ink::Warn),
        Some(_) if health.drill_late => (env.t("status-drill-late"), Ink::Warn),
        Some(age) => (env.ta("status-backup", &[("age", &age)]), Ink::Dim),
    })
}

/// The few keys that matter here; help is always among them, whatever the width.
fn footer(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let env = &model.env;
    let places = update::places(model);
    let piece = |cmd: Cmd| (env.keymap.key_of(cmd, &places), cmd.short(env));
    let help = piece(Cmd::Help);
    let typing = model.top().typing() == crate::app::panel::Typing::Text;
    // While text is typed, a key that is a letter would be text.
    let help_key = if typing {
        env.keymap.keys_of(Cmd::Help, &places).into_iter().find(|k| text::width(k) > 1).unwrap_or(help.0)
    } else {
        help.0
    };
    let tail = format!("{help_key} {}", help.1);
    let room = area.width.saturating_sub(u16::try_from(text::width(&tail)).unwrap_or(0) + 2);
    let mut column = 1;
    for cmd in model.top().footer() {
        if update::check(model, cmd).is_err() {
            continue;
        }
        let (mut key, word) = piece(cmd);
        if model.top().on_enter() == Some(cmd) {
            // Whatever keymap is in force, this is the key at hand.
            key = "Enter".to_owned();
        }
        let width = u16::try_from(text::width(&key) + text::width(&word) + 4).unwrap_or(u16::MAX);
        if column + width > room {
            break;
        }
        column = canvas.text(area, 0, column, &key, env.theme.style(Ink::Key));
        column = canvas.text(area, 0, column + 1, &word, env.theme.style(Ink::Plain)) + 3;
    }
    let column = canvas.text(area, 0, column, &help_key, env.theme.style(Ink::Key));
    canvas.text(area, 0, column + 1, &env.t("do-help"), env.theme.style(Ink::Plain));
}
