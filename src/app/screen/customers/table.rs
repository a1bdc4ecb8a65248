//! The list of customers as columns that fit.
//!
//! **Invariant:** only the rows in sight are built; a column is shown whole or not at all.

use ratatui::layout::Rect;

use crate::app::env::Env;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::wording;
use crate::domain::field::FieldKey;
use crate::domain::id::CustomerId;
use crate::privacy::class::FieldClass;
use crate::service::view::{CustomerRow, Shown, days_left};
use crate::text;
use crate::words::pool as words;

/// A column besides the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Reach,
    Next,
    Stage,
    Pool,
    Owner,
    Company,
    Tags,
}

/// The columns in order of worth, with their least and most widths. Most begin at a tab stop: to get there is one byte on
/// the line.
const COLUMNS: [(Column, u16, u16); 7] = [
    (Column::Reach, 15, 15),
    (Column::Next, 15, 15),
    (Column::Stage, 15, 15),
    (Column::Pool, 11, 11),
    (Column::Owner, 8, 16),
    (Column::Company, 22, 30),
    (Column::Tags, 16, 40),
];

/// How far apart tab stops are.
const STOPS: u16 = 8;

/// The least and most cells of the name.
const NAME: (u16, u16) = (16, 29);

/// Cells before the name: the mark and the sign of whose customer it is.
const MARGIN: u16 = 2;

fn fit(env: &Env, width: u16) -> (u16, Vec<(Column, u16)>) {
    let mut left = width.saturating_sub(MARGIN + NAME.0);
    let mut columns = Vec::new();
    // Where the pool takes nobody its days are no column.
    let shown = |(column, ..): &(Column, u16, u16)| *column != Column::Pool || wording::pool_takes(env);
    for (column, least, most) in COLUMNS.into_iter().filter(shown) {
        if left < least + 1 {
            break;
        }
        left -= least + 1;
        columns.push((column, least, most));
    }
    let name = (NAME.0 + left).min(NAME.1);
    let beyond = (MARGIN + name + 1) % STOPS;
    let name = if name < NAME.0 + beyond { name } else { name - beyond };
    left = (NAME.0 + left).saturating_sub(name);
    let widened = columns.into_iter().map(|(column, least, most)| {
        let more = left.min(most - least);
        left -= more;
        (column, least + more)
    });
    let columns = widened.collect();
    (name.min(width.saturating_sub(MARGIN)), columns)
}

/// Draws the columns' names.
pub fn head(env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let (name, columns) = fit(env, area.width);
    let dim = env.theme.style(Ink::Dim);
    canvas.text(area, 0, MARGIN, &text::pad(&env.t("column-name"), usize::from(name)), dim);
    let mut at = MARGIN + name + 1;
    for (column, cells) in columns {
        let title = match column {
            Column::Reach => env.t("column-reach"),
            Column::Next => env.t("column-next"),
            Column::Stage => env.t("column-stage"),
            Column::Pool => env.t("column-pool"),
            Column::Owner => env.t("column-owner"),
            Column::Company => wording::field(env, "company"),
            Column::Tags => env.t("column-tags"),
        };
        canvas.text(area, 0, at, &text::pad(&title, usize::from(cells)), dim);
        at += cells + 1;
    }
}

/// Draws these rows, one a line. `cursor` is the place of the cursor among them, `ink` how it looks.
pub fn rows(
    env: &Env,
    area: Rect,
    canvas: &mut Canvas<'_>,
    rows: &[CustomerRow],
    marked: &[CustomerId],
    cursor: (Option<usize>, Ink),
) {
    let (name_cells, columns) = fit(env, area.width);
    for (at, customer) in rows.iter().enumerate().take(usize::from(area.height)) {
        let line = row(area, u16::try_from(at).unwrap_or(u16::MAX));
        let plain = env.theme.style(Ink::Plain);
        if marked.contains(&customer.id) {
            canvas.text(line, 0, 0, "+", env.theme.style(Ink::Key));
        }
        canvas.text(line, 0, MARGIN, &text::pad(customer.name.text(), usize::from(name_cells)), plain);
        let mut column_at = MARGIN + name_cells + 1;
        let mut end = column_at;
        for (column, cells) in &columns {
            let (shown, ink) = cell(env, customer, *column);
            if !shown.is_empty() {
                end = column_at.saturating_add(u16::try_from(text::width(&shown)).unwrap_or(*cells).min(*cells));
            }
            canvas.text(line, 0, column_at, &text::pad(&shown, usize::from(*cells)), env.theme.style(ink));
            column_at += cells + 1;
        }
        if cursor.0 == Some(at) {
            canvas.text(line, 0, 1, ">", plain);
            // The bar ends with the text: every further cell of it would be a byte on the line with each key.
            canvas.style(Rect { width: end.saturating_add(1).min(line.width), ..line }, env.theme.style(cursor.1));
        }
    }
}

/// Lets go of the fields that no column shows: a list is held for as long as somebody sits before it.
pub fn slim(env: &Env, mut customer: CustomerRow) -> CustomerRow {
    let reach = customer.fields.iter().position(|value| is_reach(env, value));
    let mut at = 0..customer.fields.len();
    customer.fields.retain(|value| at.next() == reach || is_company(value));
    customer.fields.shrink_to_fit();
    customer
}

fn is_reach(env: &Env, (key, shown): &(FieldKey, Shown)) -> bool {
    let contact = env.schema.get(key.as_str()).is_some_and(|def| def.class == FieldClass::Contact);
    contact && !shown.text().is_empty()
}

fn is_company((key, _): &(FieldKey, Shown)) -> bool {
    key.as_str() == "company"
}

fn cell(env: &Env, customer: &CustomerRow, column: Column) -> (String, Ink) {
    match column {
        Column::Reach => {
            let reach = customer.fields.iter().find(|value| is_reach(env, value));
            (reach.map_or(String::new(), |(_, shown)| shown.text().to_owned()), Ink::Plain)
        }
        Column::Next => match customer.next_follow_up {
            Some(at) if at <= env.now => (wording::due(env, at), Ink::Warn),
            Some(at) => (wording::due(env, at), Ink::Plain),
            None => (String::new(), Ink::Plain),
        },
        Column::Stage if customer.restricted => (env.t("restricted"), Ink::Warn),
        Column::Stage => (wording::code(env, "stage", customer.stage.code()), Ink::Plain),
        Column::Pool => match customer.goes {
            Some(goes) => (words::left(&env.words, days_left(env.now, goes)), wording::pool_ink(env, goes)),
            None if customer.owner.is_none() => (env.t("pool-is-in"), Ink::Dim),
            None => (String::new(), Ink::Dim),
        },
        Column::Owner if customer.mine => (env.t("owner-me"), Ink::Plain),
        Column::Owner => match &customer.owner {
            Some(owner) => (owner.as_str().to_owned(), Ink::Plain),
            None => (env.t("owner-nobody"), Ink::Dim),
        },
        Column::Company => {
            let company = customer.fields.iter().find(|value| is_company(value));
            (company.map_or("", |(_, shown)| shown.text()).to_owned(), Ink::Plain)
        }
        Column::Tags => (customer.tags.join(" "), Ink::Plain),
    }
}
