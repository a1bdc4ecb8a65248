//! How the Customers screen looks.

use ratatui::layout::Rect;

use crate::app::env::Env;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, ListPlace, below, row};
use crate::app::wording;
use crate::service::view::{Sort, Total};
use crate::text;

use super::query::Focused;
use super::{Customers, Focus, WIDE, table};

/// Rows of the screen that are not rows of the list: tabs, query bar, hint, columns' names, status, footer.
const AROUND: u16 = 6;

/// How many rows of the list are in sight.
pub fn list_height(env: &Env) -> usize {
    usize::from(env.size.1.saturating_sub(AROUND)).max(1)
}

/// Draws the screen.
pub fn screen(screen: &Customers, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    match &screen.detail {
        Some(detail) if area.width >= WIDE => {
            let left = area.width * 2 / 5;
            list(screen, env, Rect { width: left, ..area }, canvas);
            let line = env.theme.style(Ink::Line);
            for at in 0..area.height {
                canvas.text(area, at, left, "│", line);
            }
            let beside = Rect::new(area.x + left + 2, area.y, area.width - left - 2, area.height);
            detail.draw(env, beside, canvas);
        }
        // A search that was begun from the detail shows the list.
        Some(detail) if screen.focus != Focus::Query => detail.draw(env, area, canvas),
        _ => list(screen, env, area, canvas),
    }
}

fn list(screen: &Customers, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    query_bar(screen, env, row(area, 0), canvas);
    hint(screen, env, row(area, 1), canvas);
    table::head(env, screen.look.columns(), row(area, 2), canvas);
    let body = below(area, 3);
    rows_of(screen, env, body, canvas);
    if screen.focus == Focus::Query {
        screen.query.draw_offers(env, canvas, below(crate::app::widget::canvas::inset(area, 1), 2));
    }
}

fn rows_of(screen: &Customers, env: &Env, body: Rect, canvas: &mut Canvas<'_>) {
    let ink = if screen.focus == Focus::Detail { Ink::CursorAway } else { Ink::Cursor };
    let height = usize::from(body.height);
    if let Some(found) = &screen.found {
        let window = found.list.window(found.rows.len(), height);
        let at = found.list.cursor().checked_sub(window.start);
        table::rows(
            (env, screen.look.columns()),
            body,
            canvas,
            found.rows.get(window.clone()).unwrap_or_default(),
            &screen.marks.among(found.rows.get(window).unwrap_or_default()),
            (at, ink),
        );
        return;
    }
    let rows = &screen.rows;
    if rows.held().is_empty() {
        empty(screen, env, body, canvas);
        return;
    }
    let window = rows.window(height);
    let at = rows.cursor().checked_sub(window.start);
    canvas.list = Some(ListPlace {
        identity: rows.generation(),
        top: body.y,
        height: body.height,
        first: rows.number(window.start),
    });
    table::rows(
        (env, screen.look.columns()),
        body,
        canvas,
        rows.held().get(window.clone()).unwrap_or_default(),
        &screen.marks.among(rows.held().get(window).unwrap_or_default()),
        (at, ink),
    );
}

fn query_bar(screen: &Customers, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let total = match screen.rows.total {
        _ if screen.found.is_some() || screen.query.is_wrong() => String::new(),
        Some(Total::Exactly(n)) => env.ta("customers-total", &[("n", &n)]),
        Some(Total::AtLeast(n)) => env.ta("customers-at-least", &[("n", &n)]),
        None => env.t("customers-asking"),
    };
    let right = u16::try_from(text::width(&total)).unwrap_or(0) + 1;
    let label = if screen.focus == Focus::Query { Ink::Strong } else { Ink::Dim };
    let column = canvas.text(area, 0, 1, &env.t("query-label"), env.theme.style(label)) + 1;
    let width = area.width.saturating_sub(column + right + 1);
    let field = Rect::new(area.x + column.min(area.width), area.y, width, area.height);
    screen.query.draw(env, canvas, field, focused(screen));
    canvas.text_right(Rect { width: area.width.saturating_sub(1), ..area }, 0, &total, env.theme.style(Ink::Dim));
}

fn focused(screen: &Customers) -> Focused {
    if screen.focus == Focus::Query { Focused::Yes } else { Focused::No }
}

fn hint(screen: &Customers, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let name = |kind: crate::domain::identifier::IdentifierKind| wording::code(env, "identifier", kind.code());
    let (text, ink) = if let Some(found) = &screen.found {
        let count = found.rows.len();
        (env.ta("found-by", &[("n", &count), ("what", &name(found.kind))]), Ink::Strong)
    } else if let Some(identifier) = screen.identifier(env).filter(|_| screen.focus == Focus::Query) {
        (env.ta("hint-identifier", &[("what", &name(identifier.kind))]), Ink::Key)
    } else if let Some(hint) = screen.query.hint(env, focused(screen)) {
        hint
    } else if screen.focus == Focus::Query && !screen.query.is_empty() && env.schema.masks_names() {
        (env.t("hint-names-masked"), Ink::Dim)
    } else if let Some(text) = screen.marks.text(env) {
        (text, Ink::Strong)
    } else if screen.sort == Sort::Recent && screen.query.is_empty() {
        (env.t("sorted-recent"), Ink::Dim)
    } else {
        return;
    };
    canvas.text(area, 0, 1, &text, env.theme.style(ink));
}

fn empty(screen: &Customers, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    if screen.rows.total.is_none() {
        return;
    }
    let lines = if let Some(identifier) = screen.identifier(env) {
        let what = wording::code(env, "identifier", identifier.kind.code());
        let none = if env.schema.masks_names() { "empty-no-words-masked" } else { "empty-no-words" };
        [env.t(none), env.ta("empty-identifier", &[("what", &what)])]
    } else if screen.query.is_empty() {
        [env.t("empty-nobody"), env.t("empty-nobody-what")]
    } else {
        [env.t("empty-no-match"), env.t("empty-no-match-what")]
    };
    let mut line = 1;
    for text in lines {
        for part in crate::app::screen::frame::text_lines(&text, usize::from(area.width.saturating_sub(3))) {
            canvas.text(area, line, MARGIN, &part, env.theme.style(Ink::Plain));
            line += 1;
        }
    }
}

/// Cells before the text of an empty list.
const MARGIN: u16 = 2;
