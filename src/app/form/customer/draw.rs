//! How the customer form looks.
//!
//! **Invariant:** the part with the cursor and what is said of it are in sight at any size that has room for them.

use ratatui::layout::Rect;

use super::part::{Editor, Input, Mark, Part, TextPart};
use super::{CustomerForm, Subject};
use crate::app::env::Env;
use crate::app::form::interaction::suspected;
use crate::app::form::leaving::Leaving;
use crate::app::form::reading::Reading;
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::wording;
use crate::domain::field::Need;
use crate::service::view::Shown;
use crate::text;
use crate::words::refusal::purpose;

/// Cells of the marker and the labels.
const LABELS: u16 = 20;
/// Rows that a text of several lines takes at most.
const MOST_ROWS: usize = 4;

/// How wide values are on a screen of so many columns.
pub(super) fn value_cells(columns: u16) -> usize {
    // The border and its margin take two cells at either side.
    usize::from(columns.saturating_sub(4).saturating_sub(LABELS))
}

/// Draws the whole form.
pub(super) fn form(form: &CustomerForm, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let title = match &form.subject {
        Subject::New => env.t("form-title-new"),
        Subject::Edited(detail) => {
            env.ta("form-title-edit", &[("name", &detail.name.text()), ("id", &detail.profile.id)])
        }
        Subject::Opening(..) => env.t("form-title-opening"),
    };
    let inside = frame::boxed(env, canvas, area, &title);
    if matches!(form.subject, Subject::Opening(..)) {
        return;
    }
    head(form, env, canvas::row(inside, 0), canvas);
    let body = canvas::below(inside, 1);
    let blocks: Vec<(usize, u16)> =
        form.parts.iter().enumerate().map(|(at, part)| (at, height(form, env, at, part))).collect();
    let before: u16 = blocks.iter().take(form.at).map(|(_, rows)| rows).sum();
    let own = blocks.get(form.at).map_or(1, |(_, rows)| *rows);
    let total: u16 = blocks.iter().map(|(_, rows)| rows).sum();
    let top = (before + own).saturating_sub(body.height.saturating_sub(body.height / 4));
    let top = top.min(before).min(total.saturating_sub(body.height));
    let mut row = 0_i32;
    for (at, rows) in blocks {
        if let Some(part) = form.parts.get(at) {
            line(form, env, (at, part), Strip { body, row: row - i32::from(top) }, canvas);
        }
        row += i32::from(rows);
    }
    let hidden = total.saturating_sub(top).saturating_sub(body.height);
    if hidden > 0 {
        let more = env.ta("form-more", &[("n", &hidden)]);
        let foot = canvas::inset(canvas::row(area, area.height.saturating_sub(1)), 2);
        canvas.text_right(foot, 0, &format!(" {more} "), env.theme.style(Ink::Dim));
    }
}

/// The rows of the body that a part is drawn into, from a row that may lie above it.
#[derive(Clone, Copy)]
struct Strip {
    body: Rect,
    row: i32,
}

impl Strip {
    fn at(self, ahead: usize) -> Option<Rect> {
        let row = self.row + i32::try_from(ahead).ok()?;
        let row = u16::try_from(row).ok()?;
        (row < self.body.height).then(|| canvas::row(self.body, row))
    }
}

fn head(form: &CustomerForm, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let style = |ink| env.theme.style(ink);
    if form.leaving == Leaving::Asked {
        canvas.text(area, 0, 0, &env.t("form-ask-leave"), style(Ink::Warn));
        return;
    }
    if form.saving.is_some() {
        canvas.text(area, 0, 0, &env.t("form-saving"), style(Ink::Dim));
        return;
    }
    let missing = form.parts.iter().filter(|p| p.need == Need::Required && is_missing(p)).count();
    let faults = form.parts.iter().filter(|p| p.fault.is_some()).count();
    let (said, ink) = if !form.conflict.is_empty() {
        (env.t("form-head-conflict"), Ink::Warn)
    } else if faults > 0 {
        (env.ta("form-head-faults", &[("n", &faults)]), Ink::Bad)
    } else if missing > 0 {
        (env.ta("form-head-missing", &[("n", &missing)]), Ink::Dim)
    } else if form.is_dirty() {
        (env.t("form-head-ready"), Ink::Good)
    } else {
        (env.t("form-head-start"), Ink::Dim)
    };
    canvas.text(area, 0, 0, &said, style(ink));
}

fn is_missing(part: &Part) -> bool {
    match &part.input {
        Input::Text(text) => text.mark == Mark::Typed && text.editor.text().trim().is_empty() && !text.is_kept_mask(),
        Input::Fixed(_) | Input::Choice(_) => false,
    }
}

fn height(form: &CustomerForm, env: &Env, at: usize, part: &Part) -> u16 {
    let rows = match &part.input {
        Input::Text(TextPart { editor: Editor::Area(area), .. }) => {
            area.rows(value_cells(env.size.0)).len().clamp(1, MOST_ROWS)
        }
        _ => 1,
    };
    let said = said(form, env, at, part).map_or(0, |(said, _)| wrapped(env, &said).len());
    u16::try_from(rows + said).unwrap_or(1)
}

/// What stands under a part, in rows that fit beside its label.
fn wrapped(env: &Env, said: &str) -> Vec<String> {
    let mut rows = text_lines(said, value_cells(env.size.0).max(8));
    rows.truncate(2);
    rows
}

/// What stands under a part: what is wrong first, then what is worth knowing.
fn said(form: &CustomerForm, env: &Env, at: usize, part: &Part) -> Option<(String, Ink)> {
    if let Some(fault) = &part.fault {
        return Some((format!("! {}", wording::fault_alone(env, fault)), Ink::Bad));
    }
    if let Some(theirs) = &part.theirs {
        let key = if part.is_changed() { "form-theirs-kept" } else { "form-theirs-taken" };
        let theirs = if theirs.is_empty() { env.t("form-nothing") } else { theirs.clone() };
        return Some((env.ta(key, &[("value", &theirs)]), Ink::Warn));
    }
    if let Some(known) = &part.known {
        let text = match &known.who {
            Some(who) if known.more > 0 => env.ta("form-known-more", &[("who", who), ("n", &known.more)]),
            Some(who) => env.ta("form-known", &[("who", who)]),
            None => env.ta("form-known-beyond", &[("n", &known.more)]),
        };
        return Some((text, Ink::Warn));
    }
    if let Some(kind) = part.suspected() {
        let what = suspected(env, kind);
        return Some((env.ta("form-suspect", &[("what", &what)]), Ink::Warn));
    }
    if let (super::PartId::WinBack, Input::Text(text)) = (&part.id, &part.input)
        && (at == form.at || !text.editor.text().trim().is_empty())
    {
        return Some(Reading::of(env, text.editor.text()).words(env, &env.t("lost-win-back-hint")));
    }
    if at != form.at {
        return None;
    }
    let hint = match &part.input {
        Input::Fixed(_) => return None,
        Input::Choice(_) => env.t("form-hint-choice"),
        Input::Text(text) if text.is_kept_mask() => env.t("form-hint-masked"),
        Input::Text(text) if text.mark == Mark::Cleared => env.t("form-hint-cleared"),
        Input::Text(text) if text.mark == Mark::Declined => env.t("form-hint-declined"),
        Input::Text(TextPart { editor: Editor::Area(_), .. }) => env.t("form-hint-lines"),
        Input::Text(_) if part.id == super::PartId::Tags => env.t("form-hint-tags"),
        Input::Text(_) if part.id == super::PartId::Source => env.t("form-hint-source"),
        Input::Text(_) if !part.purpose.is_empty() => {
            let said = match &part.id {
                super::PartId::Field(key) => purpose(&env.words, key, &part.purpose),
                _ => part.purpose.clone(),
            };
            env.ta("form-hint-purpose", &[("purpose", &said)])
        }
        Input::Text(_) => return None,
    };
    Some((hint, Ink::Dim))
}

fn line(form: &CustomerForm, env: &Env, (at, part): (usize, &Part), strip: Strip, canvas: &mut Canvas<'_>) {
    let here = at == form.at;
    let style = |ink| env.theme.style(ink);
    if let Some(row) = strip.at(0) {
        let marker = match (here, part.fault.is_some()) {
            (_, true) => "! ",
            (true, false) => "> ",
            (false, false) => "  ",
        };
        let star = if part.need == Need::Required { " *" } else { "" };
        let label = capital(&text::cut(&part.label(env), usize::from(LABELS) - 5));
        let ink = match (part.fault.is_some(), here) {
            (true, _) => Ink::Bad,
            (false, true) => Ink::Strong,
            (false, false) => Ink::Plain,
        };
        canvas.text(row, 0, 0, &format!("{marker}{label}{star}"), style(ink));
    }
    let rows = match &part.input {
        Input::Fixed(pick) => {
            one(strip, canvas, &pick.label(env), style(Ink::Dim));
            1
        }
        Input::Choice(choice) => {
            let label = choice.chosen().map_or_else(String::new, |pick| pick.label(env));
            if here {
                one(strip, canvas, &format!("< {label} >"), style(Ink::Cursor));
                if let Some(area) = strip.at(0) {
                    canvas.cursor_at(area, 0, LABELS + 2);
                }
            } else {
                one(strip, canvas, &label, style(Ink::Plain));
            }
            1
        }
        Input::Text(text) => value(env, text, here, strip, canvas),
    };
    if let Some((said, ink)) = said(form, env, at, part) {
        for (ahead, row) in wrapped(env, &said).iter().enumerate() {
            if let Some(area) = strip.at(rows + ahead) {
                canvas.text(area, 0, LABELS, row, style(ink));
            }
        }
    }
}

/// Labels of built-in parts are words within a sentence elsewhere.
fn capital(label: &str) -> String {
    let mut chars = label.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn one(strip: Strip, canvas: &mut Canvas<'_>, line: &str, style: ratatui::style::Style) {
    if let Some(area) = strip.at(0) {
        canvas.text(area, 0, LABELS, line, style);
    }
}

fn value(env: &Env, part: &TextPart, here: bool, strip: Strip, canvas: &mut Canvas<'_>) -> usize {
    let style = |ink| env.theme.style(ink);
    let stands_for = match (part.mark, &part.stored) {
        (Mark::Declined, _) => Some((env.t("form-declined"), Ink::Dim)),
        (Mark::Cleared, _) => Some((env.t("form-cleared"), Ink::Warn)),
        (Mark::Typed, Shown::Masked(mask)) if part.is_kept_mask() => Some((mask.as_str().to_owned(), Ink::Masked)),
        (Mark::Typed, _) => None,
    };
    if let Some((line, ink)) = stands_for {
        one(strip, canvas, &line, style(ink));
        if let (true, Some(area)) = (here, strip.at(0)) {
            canvas.cursor_at(area, 0, LABELS);
        }
        return 1;
    }
    let inner = |area: Rect| Rect::new(area.x + LABELS.min(area.width), area.y, area.width.saturating_sub(LABELS), 1);
    let ink = if here { Ink::Field } else { Ink::Plain };
    match &part.editor {
        Editor::Line(input) => {
            if let Some(area) = strip.at(0).map(inner) {
                input.draw(canvas, area, style(ink));
                if here {
                    input.place_cursor(canvas, area);
                }
            }
            1
        }
        Editor::Area(text) => {
            let cells = value_cells(env.size.0);
            let rows = text.rows(cells);
            let (row, column) = text.cursor(cells);
            let shown = rows.len().clamp(1, MOST_ROWS);
            let first = if here { (row + 1).saturating_sub(shown) } else { 0 };
            for (ahead, line) in rows.iter().skip(first).take(shown).enumerate() {
                if let Some(area) = strip.at(ahead).map(inner) {
                    canvas.fill(area, style(ink));
                    canvas.text(area, 0, 0, line, style(ink));
                }
            }
            if let (true, Some(area)) = (here, strip.at(row - first).map(inner)) {
                canvas.cursor_at(area, 0, u16::try_from(column).unwrap_or(0));
            }
            shown
        }
    }
}
