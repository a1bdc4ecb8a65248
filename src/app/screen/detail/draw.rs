//! How a customer's detail looks.

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, below, inset, row};
use crate::app::wording;
use crate::domain::customer::{CustomerKind, Stage};
use crate::service::view::{FieldShown, Shown, days_left};
use crate::text::{self, Printable};
use crate::words::pool as words;

use crate::app::screen::{case_keys, consent_keys};

use super::{Detail, LOWER, Part, lines};

/// Cells of a field's label.
const LABEL: u16 = 14;

/// Rows above the fields: who it is, what is next.
const HEAD: u16 = 2;

/// How many rows fields and lower part have, on the screen as it is.
pub fn heights(detail: &Detail, env: &Env) -> (usize, usize) {
    let (fields, lower) = shares(detail, env.size.1.saturating_sub(3));
    (usize::from(fields).max(1), usize::from(lower).max(1))
}

fn shares(detail: &Detail, height: u16) -> (u16, u16) {
    let room = height.saturating_sub(HEAD + 1);
    let wanted = u16::try_from(detail.customer.fields.len()).unwrap_or(u16::MAX);
    let fields = wanted.min(room * 3 / 5);
    (fields, room - fields)
}

/// Draws the detail.
pub fn detail(detail: &Detail, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    head(detail, env, area, canvas);
    let (fields_height, _) = shares(detail, area.height);
    let fields_area = Rect { height: fields_height, ..below(area, HEAD) };
    let at = fields(detail, env, inset(fields_area, 1), canvas);
    tabs(detail, env, row(area, HEAD + fields_height), canvas);
    lower(detail, env, inset(below(area, HEAD + fields_height + 1), 1), canvas);
    if let Some(prompt) = &detail.prompt {
        prompt.draw(env, area, HEAD + at, detail.customer.name.text(), canvas);
    }
}

fn head(detail: &Detail, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let customer = &detail.customer;
    let profile = &customer.profile;
    // A very long name leaves room for what the customer is.
    let most = usize::from(area.width.saturating_sub(2)) * 3 / 5;
    let column = canvas.text(area, 0, 1, &text::cut(customer.name.text(), most), env.theme.style(Ink::Strong));
    let owner = match &customer.owner {
        _ if customer.mine => env.t("owner-me"),
        Some(owner) => owner.as_str().to_owned(),
        None => env.t("owner-nobody"),
    };
    let is = [
        wording::code(env, "kind", profile.kind.code()),
        stage_words(detail, env),
        env.ta("owned-by", &[("who", &owner)]),
    ];
    let mut column = canvas.text(area, 0, column.saturating_add(2), &is.join(" · "), env.theme.style(Ink::Dim));
    if let Some(goes) = customer.goes {
        let said = words::goes(&env.words, days_left(env.now, goes));
        column = canvas.text(area, 0, column, " · ", env.theme.style(Ink::Dim));
        column = canvas.text(area, 0, column, &said, env.theme.style(wording::pool_ink(env, goes)));
    }
    let mut parts = Vec::new();
    if !profile.tags.is_empty() {
        parts.push(profile.tags.join(" "));
    }
    if profile.restricted {
        parts.push(env.t("restricted"));
    }
    let said = parts.iter().map(|part| format!(" · {part}")).collect::<String>();
    canvas.text(area, 0, column, &said, env.theme.style(Ink::Dim));
    let (next, ink) = match customer.follow_ups.first() {
        Some(row) => {
            let due = wording::due(env, row.follow_up.due);
            let late = row.follow_up.due <= env.now;
            let text = row.follow_up.said();
            (env.ta("next-step", &[("due", &due), ("text", &text)]), if late { Ink::Warn } else { Ink::Plain })
        }
        None => (env.t("next-none"), Ink::Dim),
    };
    let mut column = 1;
    if let Some(no) = consent_keys::no_marketing(env, &customer.consents) {
        column = canvas.text(area, 1, column, &no, env.theme.style(Ink::Bad));
        column = canvas.text(area, 1, column, " · ", env.theme.style(Ink::Dim));
    }
    let mut column = canvas.text(area, 1, column, &next, env.theme.style(ink));
    if let Some(days) = customer.touch {
        let said = env.ta("touch-every", &[("n", &days)]);
        column = canvas.text(area, 1, column, &format!(" · {said}"), env.theme.style(Ink::Dim));
    }
    if !customer.beside.is_empty() {
        let room = usize::from(area.width.saturating_sub(column + 2));
        let names = customer.beside.join(&env.t("form-list"));
        let said = env.ta("detail-beside", &[("names", &names)]);
        let cut = text::cut(&said, room.max(usize::from(area.width) / 3));
        canvas.text_right(area, 1, &cut, env.theme.style(Ink::Warn));
    }
}

/// The stage, and of whoever is lost the reason with its words.
fn stage_words(detail: &Detail, env: &Env) -> String {
    let stage = wording::code(env, "stage", detail.customer.profile.stage.code());
    if detail.customer.profile.stage != Stage::Lost {
        return stage;
    }
    let why = match &detail.customer.lost {
        None => env.t("lost-not-said"),
        Some(loss) => {
            let why = wording::loss_reason(env, loss.why);
            if loss.text.is_empty() { why } else { env.ta("said-of", &[("what", &why), ("said", &loss.text)]) }
        }
    };
    env.ta("said-of", &[("what", &stage), ("said", &why)])
}

/// Draws the fields. Answers the row of the one that the cursor is on.
fn fields(detail: &Detail, env: &Env, area: Rect, canvas: &mut Canvas<'_>) -> u16 {
    let all = &detail.customer.fields;
    let window = detail.fields.window(all.len(), usize::from(area.height));
    let mut cursor_row = 0;
    for (at, (number, field)) in all.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
        let at = u16::try_from(at).unwrap_or(u16::MAX);
        let line = row(area, at);
        let chosen = number == detail.fields.cursor();
        if chosen {
            cursor_row = at;
        }
        let label_ink = if chosen && detail.part == Part::Fields { Ink::Cursor } else { Ink::Dim };
        let label = text::pad(&wording::field_key(env, &field.key), usize::from(LABEL));
        // A blank in the ink of keys would be underlined where contrast is high.
        if chosen {
            canvas.text(line, 0, 0, ">", env.theme.style(Ink::Key));
        }
        canvas.text(line, 0, 1, &label, env.theme.style(label_ink));
        let value = Rect::new(
            line.x.saturating_add(LABEL + 2).min(line.right()),
            line.y,
            line.width.saturating_sub(LABEL + 2),
            line.height,
        );
        field_value(detail, env, field, value, canvas);
    }
    cursor_row
}

fn field_value(detail: &Detail, env: &Env, field: &FieldShown, area: Rect, canvas: &mut Canvas<'_>) {
    if detail.revealed.shows(&field.key, env.now) {
        let left = detail.revealed.seconds_left(env.now);
        let say = env.ta("in-sight", &[("seconds", &left)]);
        let room = u16::try_from(text::width(&say)).unwrap_or(0) + 2;
        let value = Rect { width: area.width.saturating_sub(room), ..area };
        let column = detail.revealed.draw(canvas, value, env.theme.style(Ink::Revealed), env.now);
        canvas.text(area, 0, column.saturating_add(2), &say, env.theme.style(Ink::Warn));
        return;
    }
    let (shown, ink) = match &field.shown {
        Shown::Empty => ("-".to_owned(), Ink::Dim),
        Shown::Declined => (env.t("declined"), Ink::Dim),
        Shown::Open(text) => (Printable::line(text.as_str()).into_string(), Ink::Plain),
        Shown::Masked(mask) => (mask.as_str().to_owned(), Ink::Masked),
    };
    canvas.text(area, 0, 0, &shown, env.theme.style(ink));
}

fn name(detail: &Detail, env: &Env, part: Part) -> String {
    match part {
        Part::Fields | Part::Timeline => env.t("part-timeline"),
        Part::FollowUps => env.t("part-follow-ups"),
        Part::Deals => env.t("part-deals"),
        Part::Cases => env.t("part-cases"),
        Part::Consents => env.t("part-consents"),
        Part::People if detail.customer.profile.kind == CustomerKind::Person => env.t("part-companies"),
        Part::People => env.t("part-people"),
        Part::Looks => env.t("part-looks"),
    }
}

fn tabs(detail: &Detail, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let line = env.theme.style(Ink::Line);
    canvas.text(area, 0, 0, &"─".repeat(usize::from(area.width)), line);
    let parts: Vec<Part> = LOWER.into_iter().filter(|part| detail.parts(env).contains(part)).collect();
    let room = usize::from(area.width);
    let widths = |labels: &[String], gap: usize| labels.iter().map(|label| text::width(label) + gap).sum::<usize>();
    let mut labels: Vec<String> = parts.iter().map(|part| tab(detail, env, *part, Zeros::Shown)).collect();
    let mut gap = 1;
    if widths(&labels, gap) + 1 > room {
        // Where there is no room for all, nothing is counted that is not there.
        labels = parts.iter().map(|part| tab(detail, env, *part, Zeros::Hidden)).collect();
        gap = 0;
    }
    let chosen = parts.iter().position(|part| *part == detail.lower).unwrap_or(0);
    let mut first = 0;
    while first < chosen && widths(labels.get(first..=chosen).unwrap_or_default(), gap) > room {
        first += 1;
    }
    let mut column = u16::from(gap > 0);
    for (part, label) in parts.iter().zip(&labels).skip(first) {
        let ink = match (*part == detail.lower, detail.part == *part) {
            (true, true) => Ink::Chosen,
            (true, false) => Ink::Strong,
            _ => Ink::Dim,
        };
        let gap = u16::try_from(gap).unwrap_or(0);
        column = canvas.text(area, 0, column, label, env.theme.style(ink)) + gap;
    }
}

/// Whether a part of which there is nothing says so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zeros {
    Shown,
    Hidden,
}

/// A part's name with how much there is of it, between brackets where it is in sight.
fn tab(detail: &Detail, env: &Env, part: Part, zeros: Zeros) -> String {
    let count = match part {
        Part::FollowUps => detail.customer.follow_ups.len(),
        Part::Deals => detail.customer.deals.len(),
        Part::Cases => detail.customer.cases.len(),
        // Of purposes that nobody asked about there is nothing to count.
        Part::Consents => detail.customer.consents.iter().filter(|row| row.now.is_some()).count(),
        Part::People => detail.customer.linked.len(),
        Part::Looks => detail.customer.looks.len(),
        Part::Fields | Part::Timeline => detail.timeline().count(),
    };
    let mut label = name(detail, env, part);
    if count > 0 || zeros == Zeros::Shown {
        label = format!("{label} {count}");
    }
    if let (Part::Timeline, Some(strand)) = (part, detail.strand.name()) {
        label = format!("{label} · {}", env.t(strand));
    }
    if part == detail.lower { format!("[{label}]") } else { format!(" {label} ") }
}

fn lower(detail: &Detail, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let customer = &detail.customer;
    let len = detail.lower_len();
    if len == 0 {
        let said = if detail.lower == Part::Cases {
            env.ta("cases-none-here", &[("key", &env.keymap.key_of(Cmd::NewCase, &[Place::Cases, Place::Detail]))])
        } else if detail.lower == Part::Deals {
            env.ta("deals-none-here", &[("key", &env.keymap.key_of(Cmd::NewDeal, &[Place::Deals, Place::Detail]))])
        } else if detail.lower == Part::People {
            env.ta("people-none-here", &[("key", &env.keymap.key_of(Cmd::Link, &[Place::People, Place::Detail]))])
        } else {
            env.t("part-empty")
        };
        canvas.text(area, 0, 1, &said, env.theme.style(Ink::Dim));
        return;
    }
    let window = detail.list.window(len, usize::from(area.height));
    let mut happened = detail.timeline().skip(window.start);
    for (at, number) in window.enumerate() {
        let text = match detail.lower {
            Part::FollowUps => customer.follow_ups.get(number).map(|row| lines::follow_up(env, row)),
            Part::Cases => customer.cases.get(number).map(|row| case_keys::line(env, row)),
            Part::Deals => customer.deals.get(number).map(|row| lines::deal(env, row)),
            Part::Consents => customer.consents.get(number).map(|row| consent_keys::line(env, row)),
            Part::People => customer.linked.get(number).map(|row| row.name.text().to_owned()),
            Part::Looks => customer.looks.get(number).map(|row| lines::look(env, row)),
            Part::Fields | Part::Timeline => happened.next().map(|row| lines::happening(env, row)),
        };
        let line = row(area, u16::try_from(at).unwrap_or(u16::MAX));
        canvas.text(line, 0, 1, &text.unwrap_or_default(), env.theme.style(Ink::Plain));
        if detail.part == detail.lower && number == detail.list.cursor() {
            canvas.style(line, env.theme.style(Ink::Cursor));
        }
    }
}
