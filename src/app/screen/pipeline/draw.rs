//! How the pipeline looks: as many columns as fit, or one line a deal.
//!
//! **Invariant:** that a deal sits too long is said in words, not by colour alone.

use ratatui::layout::Rect;

use super::{Pipeline, Shape};
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::domain::deal::StageKind;
use crate::domain::money::Money;
use crate::service::view::{Column, DealRow, Sits, Whose};
use crate::text;
use crate::words::deal as words;

/// The fewest cells of a column.
const NARROW: u16 = 25;
/// Rows of a card.
const CARD: u16 = 3;
/// Rows above the cards: whose they are, a stage's name, its sum, a line.
const HEAD: u16 = 4;

/// Cards that a column shows on the screen as it is.
pub(super) fn cards(env: &Env) -> usize {
    usize::from(env.size.1.saturating_sub(3 + HEAD) / CARD).max(1)
}

/// Lines that the list shows on the screen as it is.
pub(super) fn lines(env: &Env) -> usize {
    usize::from(env.size.1.saturating_sub(3 + 2)).max(1)
}

/// Draws the screen.
pub(super) fn pipeline(screen: &Pipeline, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    head(screen, env, area, canvas);
    if screen.board.is_none() {
        canvas.text(area, 2, 1, &env.t("loading"), env.theme.style(Ink::Dim));
        return;
    }
    if screen.is_empty() {
        let key = env.keymap.key_of(Cmd::NewDeal, &[Place::Pipeline, Place::Deals]);
        let next = env.keymap.key_of(Cmd::NextPart, &[Place::Pipeline]);
        let key_of_words = if screen.whose == Whose::All { "deals-empty" } else { "deals-empty-mine" };
        let said = env.ta(key_of_words, &[("key", &key), ("next", &next)]);
        for (at, line) in text_lines(&said, usize::from(area.width.saturating_sub(4))).iter().enumerate() {
            canvas.text(canvas::below(area, 2), u16::try_from(at).unwrap_or(0), 2, line, env.theme.style(Ink::Plain));
        }
        return;
    }
    match screen.shape {
        Shape::Board => board(screen, env, area, canvas),
        Shape::List => list(screen, env, area, canvas),
    }
}

fn head(screen: &Pipeline, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let style = |ink| env.theme.style(ink);
    let mut column = 1;
    for whose in Whose::ALL {
        let word = crate::app::wording::code(env, "deals-whose", whose.code());
        let on = *whose == screen.whose;
        let (word, ink) = if on { (format!("[{word}]"), Ink::Chosen) } else { (format!(" {word} "), Ink::Dim) };
        column = canvas.text(area, 0, column, &word, style(ink)) + 1;
    }
    let Some(board) = &screen.board else { return };
    if board.pipelines.len() > 1 {
        let name = board.name.of(env.words.lang);
        column = canvas.text(area, 0, column + 1, &text::cut(name, 20), style(Ink::Strong)) + 1;
    }
    let open = || board.columns.iter().filter(|column| column.stage.kind == StageKind::Open);
    let count: u64 = open().map(|column| column.count).sum();
    let late = open().flat_map(|column| &column.cards).filter(|row| row.sits == Sits::TooLong).count();
    let said = env.ta("deals-count", &[("n", &count), ("late", &late)]);
    let room = usize::from(area.width.saturating_sub(column + 2));
    canvas.text_right(canvas::inset(area, 1), 0, &text::cut(&said, room), style(Ink::Dim));
}

/// The first column in sight and how many fit, with the cursor's among them.
fn in_sight(screen: &Pipeline, width: u16) -> (usize, usize) {
    let all = screen.columns().len().max(1);
    let fit = usize::from(width / NARROW).clamp(1, all);
    // In the middle where there is one, so that a deal can be seen to go either way.
    (screen.column.saturating_sub(fit / 2).min(all - fit), fit)
}

fn board(screen: &Pipeline, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let (first, fit) = in_sight(screen, area.width);
    let all = screen.columns().len();
    let width = area.width / u16::try_from(fit).unwrap_or(1).max(1);
    for (shown, (at, column)) in screen.columns().iter().enumerate().skip(first).take(fit).enumerate() {
        let left = area.x + width * u16::try_from(shown).unwrap_or(0);
        let place = Rect { x: left, width: width.saturating_sub(1), y: area.y, height: area.height };
        let (before, after) = (shown == 0 && first > 0, shown + 1 == fit && first + fit < all);
        let hidden = (before.then_some(first), after.then(|| all - first - fit));
        stage(screen, env, canvas::below(place, 1), (at, column), hidden, canvas);
    }
}

/// How many columns are out of sight on either side of this one.
type Hidden = (Option<usize>, Option<usize>);

fn stage(
    screen: &Pipeline,
    env: &Env,
    area: Rect,
    (at, column): (usize, &Column),
    hidden: Hidden,
    canvas: &mut Canvas<'_>,
) {
    let style = |ink| env.theme.style(ink);
    let here = at == screen.column;
    let name = words::stage(&env.words, &column.stage);
    let before = hidden.0.map(|n| format!("‹{n} ")).unwrap_or_default();
    let after = hidden.1.map(|n| format!(" {n}›")).unwrap_or_default();
    let count = format!(" {}", column.count);
    let taken = text::width(&before) + text::width(&after) + text::width(&count) + 2;
    let name = text::cut(&name, usize::from(area.width).saturating_sub(taken)).into_owned();
    let end = canvas.text(area, 0, 1, &before, style(Ink::Dim));
    let title = if here { format!("[{name}{count}]") } else { format!("{name}{count}") };
    let end = canvas.text(area, 0, end, &title, style(if here { Ink::Chosen } else { Ink::Strong }));
    canvas.text(area, 0, end, &after, style(Ink::Dim));
    let sum = sums(&column.sums, usize::from(area.width.saturating_sub(2)));
    canvas.text(area, 1, 1, &sum, style(Ink::Dim));
    canvas.text(area, 2, 0, &"─".repeat(usize::from(area.width)), style(Ink::Line));
    let body = canvas::below(area, HEAD - 1);
    let Some(list) = screen.rows.get(at) else { return };
    let height = usize::from(body.height / CARD).max(1);
    let window = list.window(column.cards.len(), height);
    let (last, shown) = (window.end, window.len());
    for (row, number) in window.enumerate() {
        let Some(deal) = column.cards.get(number) else { continue };
        let top = u16::try_from(row).unwrap_or(0) * CARD;
        let place = Rect { height: CARD.min(body.height.saturating_sub(top)), ..canvas::below(body, top) };
        card(env, place, deal, canvas);
        if here && number == list.cursor() {
            canvas.text(place, 0, 0, ">", style(Ink::Key));
            canvas.style(place, style(Ink::Cursor));
        }
    }
    let more = column.count.saturating_sub(last as u64);
    let free = body.height.saturating_sub(u16::try_from(shown).unwrap_or(0) * CARD);
    if more > 0 && free > 0 {
        let said = env.ta("deals-more", &[("n", &more)]);
        canvas.text(body, body.height.saturating_sub(1), 1, &said, style(Ink::Dim));
    }
}

fn card(env: &Env, area: Rect, row: &DealRow, canvas: &mut Canvas<'_>) {
    let style = |ink| env.theme.style(ink);
    let room = usize::from(area.width.saturating_sub(2));
    canvas.text(area, 0, 1, &text::cut(row.deal.title.as_str(), room), style(Ink::Strong));
    let (said, ink) = age(env, row);
    // The age is what must not be cut off.
    let name = text::cut(row.customer.text(), room.saturating_sub(text::width(&said) + 1));
    canvas.text(area, 1, 1, &name, style(Ink::Plain));
    canvas.text_right(area, 1, &said, style(ink));
    canvas.text(area, 2, 1, &text::cut(&row.deal.amount.to_string(), room), style(Ink::Plain));
}

/// How long a deal stands where it stands.
fn age(env: &Env, row: &DealRow) -> (String, Ink) {
    match row.sits {
        Sits::TooLong => (env.ta("deals-sits-short", &[("days", &row.days)]), Ink::Warn),
        Sits::Well => (env.ta("deals-days", &[("days", &row.days)]), Ink::Dim),
    }
}

/// The sums of a stage, as many as there is room for.
fn sums(sums: &[Money], room: usize) -> String {
    let Some(first) = sums.first() else { return "-".to_owned() };
    let mut out = first.to_string();
    for (at, money) in sums.iter().enumerate().skip(1) {
        let longer = format!("{out} + {money}");
        let rest = sums.len() - at;
        if text::width(&longer) + if rest > 1 { 3 } else { 0 } > room {
            return format!("{out} +{rest}");
        }
        out = longer;
    }
    out
}

fn list(screen: &Pipeline, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let body = canvas::below(area, 2);
    let all: Vec<&DealRow> = screen.all().collect();
    let window = screen.list.window(all.len(), usize::from(body.height));
    for (shown, number) in window.enumerate() {
        let Some(row) = all.get(number) else { continue };
        let line = canvas::row(body, u16::try_from(shown).unwrap_or(u16::MAX));
        let here = number == screen.list.cursor();
        one_line(env, line, row, canvas);
        if here {
            canvas.text(line, 0, 0, ">", env.theme.style(Ink::Key));
            canvas.style(line, env.theme.style(Ink::Cursor));
        }
    }
}

fn one_line(env: &Env, line: Rect, row: &DealRow, canvas: &mut Canvas<'_>) {
    let style = |ink| env.theme.style(ink);
    let fitted = |said: &str, cells: usize| text::pad(&text::cut(said, cells), cells);
    let wide = usize::from(line.width);
    let rest = wide.saturating_sub(1 + 12 + 1 + 17 + 1 + 1 + 1 + 12);
    let (title, name) = (rest * 3 / 5, rest - rest * 3 / 5);
    let amount = text::cut(&row.deal.amount.to_string(), 17).into_owned();
    let amount = format!("{}{amount}", " ".repeat(17_usize.saturating_sub(text::width(&amount))));
    let said = format!(
        "{} {amount} {} {}",
        fitted(&words::stage(&env.words, &row.stage), 12),
        fitted(row.deal.title.as_str(), title),
        fitted(row.customer.text(), name)
    );
    let end = canvas.text(line, 0, 1, &said, style(Ink::Plain));
    let (said, ink) = age(env, row);
    canvas.text(line, 0, end + 1, &text::cut(&said, 12), style(ink));
}
