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
use crate::service::view::BackupHealth;
use crate::text;
use crate::words::backup::span;

use super::ScreenId;

/// The least columns and rows that the program is drawn in.
pub const LEAST: (u16, u16) = (40, 10);

/// Draws everything.
pub fn draw(model: &Model, canvas: &mut Canvas<'_>) {
    let area = canvas.area();
    canvas.clear(area);
    if area.width < LEAST.0 || area.height < LEAST.1 {
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

/// One clear sentence, folded into whatever room there is.
fn small(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let sentence = model.env.ta("too-small", &[("width", &LEAST.0), ("height", &LEAST.1)]);
    let style = model.env.theme.style(Ink::Plain);
    for (at, line) in text_lines(&sentence, usize::from(area.width)).iter().enumerate() {
        canvas.text(area, u16::try_from(at).unwrap_or(u16::MAX), 0, line, style);
    }
}

/// `line` broken into lines of at most `width` cells: at spaces and between Chinese characters, never before a mark
/// that closes; a word that is wider than a line is broken where the line ends.
pub fn text_lines(line: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in pieces(line) {
        for part in fitting(piece, width) {
            let bare = part.trim_end();
            let fits = |line: &String| text::width(line) + text::width(bare) <= width;
            if !lines.last().is_some_and(fits) {
                lines.push(String::new());
            }
            if let Some(last) = lines.last_mut()
                && (!last.is_empty() || !bare.is_empty())
            {
                last.push_str(part);
            }
        }
    }
    let trimmed = lines.iter().map(|line| line.trim_end().to_owned());
    trimmed.filter(|line| !line.is_empty()).collect()
}

/// The pieces of a line that stay together, each with the spaces behind it.
fn pieces(line: &str) -> Vec<&str> {
    let wide = |c: char| text::width(c.encode_utf8(&mut [0; 4])) > 1;
    let closes = |c: char| "，。；：！？、）》”’」』】〉…,.;:!?)]}".contains(c);
    let opens = |c: char| "（《“‘「『【〈([{".contains(c);
    let mut out = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in line.char_indices() {
        let breaks = before
            .is_some_and(|b| (b == ' ' && c != ' ') || (c != ' ' && (wide(b) || wide(c)) && !closes(c) && !opens(b)));
        if breaks {
            out.extend(line.get(start..at));
            start = at;
        }
        before = Some(c);
    }
    out.extend(line.get(start..).filter(|rest| !rest.is_empty()));
    out
}

/// A piece cut into stretches that fit into `width` cells.
fn fitting(piece: &str, width: usize) -> Vec<&str> {
    use unicode_segmentation::UnicodeSegmentation;
    if text::width(piece.trim_end()) <= width {
        return vec![piece];
    }
    let mut out = Vec::new();
    let (mut start, mut cells) = (0, 0);
    for (at, grapheme) in piece.grapheme_indices(true) {
        let more = text::width(grapheme);
        if cells + more > width && at > start {
            out.extend(piece.get(start..at));
            (start, cells) = (at, 0);
        }
        cells += more;
    }
    out.extend(piece.get(start..));
    out
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
        let (key, word) = piece(cmd);
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

#[cfg(test)]
mod tests {
    use super::text_lines;

    #[test]
    fn lines_break_at_spaces_and_between_chinese_characters_never_before_a_closing_mark() {
        assert_eq!(text_lines("searched by name instead.", 24), ["searched by name", "instead."]);
        assert_eq!(text_lines("写成 name@example.com 的形式。", 16), ["写成", "name@example.com", "的形式。"]);
        assert_eq!(text_lines("姓名或口令不对。请", 14), ["姓名或口令不", "对。请"]);
        assert_eq!(text_lines("abcdefgh", 3), ["abc", "def", "gh"]);
    }
}
