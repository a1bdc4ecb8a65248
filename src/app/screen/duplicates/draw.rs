//! How the pairs look, and two customers side by side.
//!
//! **Invariant:** whose part is kept is said by a mark, never by colour alone.

use ratatui::layout::Rect;

use super::Duplicates;
use super::pair::{Cell, Keeps, Line, Pair, Side};
use crate::app::env::Env;
use crate::app::msg::Progress;
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::wording;
use crate::service::view::{DuplicatePair, Evidence, Level};
use crate::text;

/// Cells of a part's label.
const LABEL: u16 = 13;

/// Draws what is looked at.
pub fn screen(all: &Duplicates, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    match (&all.open, all.searching) {
        (Some(pair), _) => side_by_side(all, pair, env, area, canvas),
        (None, Some(_)) => searching(all, env, area, canvas),
        (None, None) => list(all, env, area, canvas),
    }
}

fn title(env: &Env, area: Rect, canvas: &mut Canvas<'_>, right: &str) {
    canvas.text(area, 0, 1, &env.t("dup-title"), env.theme.style(Ink::Strong));
    canvas.text_right(canvas::inset(area, 1), 0, right, env.theme.style(Ink::Dim));
}

fn paragraph(env: &Env, area: Rect, canvas: &mut Canvas<'_>, words: &str) {
    for (at, line) in text_lines(words, usize::from(area.width.saturating_sub(4))).iter().enumerate() {
        canvas.text(area, 2 + u16::try_from(at).unwrap_or(0), 2, line, env.theme.style(Ink::Plain));
    }
}

fn searching(all: &Duplicates, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let seconds = u64::try_from(env.now.since(all.began) / 1000).unwrap_or(0);
    title(env, area, canvas, &env.ta("dup-seconds", &[("seconds", &seconds)]));
    let Progress { done, total } = all.progress;
    let key = if total > 0 && done * 2 >= total { "dup-comparing" } else { "dup-reading" };
    canvas.text(area, 2, 2, &env.t(key), env.theme.style(Ink::Plain));
    let cells = u64::from(area.width.saturating_sub(6).min(60));
    let full = (cells.saturating_mul(done) / total.max(1)).min(cells);
    let run = |of: &str, count: u64| of.repeat(usize::try_from(count).unwrap_or(0));
    let bar = format!("[{}{}]", run("#", full), run(".", cells - full));
    canvas.text(area, 4, 2, &bar, env.theme.style(Ink::Strong));
    canvas.text(area, 6, 2, &env.t("dup-esc-stops"), env.theme.style(Ink::Dim));
}

/// How sure a pair is, in a word.
fn sure(env: &Env, pair: &DuplicatePair) -> String {
    env.t(match pair.bits {
        _ if pair.other.is_none() => "dup-some",
        bits if bits >= 10.0 => "dup-sure",
        bits if bits >= 6.0 => "dup-likely",
        _ => "dup-maybe",
    })
}

/// What speaks for a pair and against it.
fn speaks(env: &Env, evidence: &[Evidence]) -> String {
    let said = |key: &str, fits: &dyn Fn(Level) -> bool| {
        let mut names: Vec<String> = Vec::new();
        for e in evidence.iter().filter(|e| fits(e.level)) {
            let name = wording::code(env, "trait", e.of.code());
            if !names.contains(&name) {
                names.push(name);
            }
        }
        (!names.is_empty()).then(|| env.ta(key, &[("what", &names.join(&env.t("form-list")))]))
    };
    let same = said("dup-same", &|level| level == Level::Same);
    let close = said("dup-close", &|level| matches!(level, Level::Close | Level::Akin));
    let against = said("dup-against", &|level| level == Level::Different);
    [same, close, against].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn list(all: &Duplicates, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let style = |ink| env.theme.style(ink);
    let pairs = all.pairs();
    title(env, area, canvas, &env.ta("dup-count", &[("n", &pairs.len())]));
    if pairs.is_empty() {
        return paragraph(env, area, canvas, &env.t("dup-none"));
    }
    let body = canvas::below(area, 2);
    let names = usize::from(if area.width >= 110 { 28_u16 } else { 18 });
    let height = Duplicates::height(env).min(usize::from(body.height.saturating_sub(2)));
    for (shown, at) in all.list.window(pairs.len(), height).enumerate() {
        let Some(pair) = pairs.get(at) else { continue };
        let row = canvas::row(body, u16::try_from(shown).unwrap_or(u16::MAX));
        let column = canvas.text(row, 0, 3, &text::pad(&sure(env, pair), 8), style(Ink::Strong));
        let column = canvas.text(row, 0, column, &text::pad(pair.keep.name.text(), names), style(Ink::Plain));
        let column = match &pair.other {
            Some(other) => canvas.text(row, 0, column + 1, &text::pad(other.name.text(), names), style(Ink::Plain)),
            None => canvas.text(row, 0, column + 1, &env.t("duplicates-with-another"), style(Ink::Warn)),
        };
        canvas.text(row, 0, column + 1, &speaks(env, &pair.evidence), style(Ink::Dim));
        if at == all.list.cursor() {
            canvas.text(row, 0, 1, ">", style(Ink::Strong));
            canvas.style(row, style(Ink::Cursor));
        }
    }
    let foot = canvas::row(area, area.height.saturating_sub(1));
    if let Some(pair) = all.current() {
        let line = match &pair.other {
            Some(other) => format!("#{} · #{} · {}", pair.keep.id, other.id, speaks(env, &pair.evidence)),
            None => env.t("dup-nothing-more"),
        };
        canvas.text(foot, 0, 1, &line, style(Ink::Dim));
    }
}

fn side_by_side(all: &Duplicates, pair: &Pair, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let style = |ink| env.theme.style(ink);
    let place = all.list.cursor() + 1;
    title(env, area, canvas, &env.ta("dup-place", &[("at", &place), ("n", &all.pairs().len())]));
    if let Some(pair) = all.current() {
        let why = format!("{}: {}", sure(env, pair), speaks(env, &pair.evidence));
        canvas.text(area, 1, 1, &why, style(Ink::Dim));
    }
    let (left, right, kept) = pair.heads();
    let wide = area.width.saturating_sub(LABEL + 2) / 2;
    let head = canvas::row(area, 3);
    for (side, id, column) in [(Side::Left, left, LABEL), (Side::Right, right, LABEL + wide)] {
        let key = if side == kept { "dup-kept" } else { "dup-gone" };
        let ink = if side == kept { Ink::Strong } else { Ink::Plain };
        canvas.text(head, 0, column, &env.ta(key, &[("id", &id)]), style(ink));
    }
    let lines = pair.lines(env);
    if lines.is_empty() {
        canvas.text(area, 5, 1, &env.t("loading"), style(Ink::Dim));
        return;
    }
    let body = canvas::below(area, 4);
    let height = usize::from(body.height.saturating_sub(2)).max(1);
    for (shown, at) in pair.list().window(lines.len(), height).enumerate() {
        let Some(line) = lines.get(at) else { continue };
        let row = canvas::row(body, u16::try_from(shown).unwrap_or(u16::MAX));
        part(env, line, row, wide, canvas);
        if at == pair.list().cursor() {
            canvas.text(row, 0, 0, ">", style(Ink::Key));
            canvas.style(Rect { width: LABEL.min(row.width), ..row }, style(Ink::Cursor));
        }
    }
    let foot = canvas::row(area, area.height.saturating_sub(1));
    if pair.asks() {
        let (keep, gone) = pair.keep();
        let question = env.ta("dup-ask", &[("gone", &gone), ("keep", &keep)]);
        canvas.text(foot, 0, 1, &question, style(Ink::Warn));
    } else {
        canvas.text(foot, 0, 1, &env.t("dup-legend"), style(Ink::Dim));
    }
}

fn part(env: &Env, line: &Line, row: Rect, wide: u16, canvas: &mut Canvas<'_>) {
    let style = |ink| env.theme.style(ink);
    let label = text::pad(&line.label, usize::from(LABEL.saturating_sub(2)));
    canvas.text(row, 0, 1, &label, style(Ink::Dim));
    let cells: [(Side, &Cell, u16); 2] = [(Side::Left, &line.left, LABEL), (Side::Right, &line.right, LABEL + wide)];
    for (side, cell, column) in cells {
        let kept = line.keeps == Keeps::Both || line.keeps == Keeps::One(side);
        let ink = match (kept, cell.masked) {
            (true, true) => Ink::Masked,
            (true, false) => Ink::Plain,
            (false, _) => Ink::Dim,
        };
        let mark = if kept { "*" } else { " " };
        canvas.text(row, 0, column, mark, style(Ink::Key));
        let room = usize::from(wide.saturating_sub(3));
        canvas.text(row, 0, column + 2, &text::cut(&cell.text, room), style(ink));
    }
}
