//! The list of customers as columns that fit.
//!
//! **Invariant:** only the rows in sight are built; a column is shown whole or not at all.

use ratatui::layout::Rect;

use crate::app::env::Env;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::wording;
use crate::domain::columns::{self, Chosen, Column, Columns, Part};
use crate::domain::field::FieldState;
use crate::domain::id::CustomerId;
use crate::privacy::class::FieldClass;
use crate::service::view::{CustomerRow, Shown, days_left};
use crate::text::{self, Printable};
use crate::words::pool as words;

/// The standard columns' least and most widths, in their order. Most begin at a tab stop: to get there is one byte on the
/// line.
const WIDTHS: [(u16, u16); 7] = [(15, 15), (15, 15), (15, 15), (11, 11), (8, 16), (22, 30), (16, 40)];

/// How far apart tab stops are.
const STOPS: u16 = 8;

/// The least and most cells of the name.
const NAME: (u16, u16) = (16, 29);

/// Cells before the name: the mark and the sign of whose customer it is.
const MARGIN: u16 = 2;

/// The cells of the name, and the columns that fit with theirs.
type Fitted = (u16, Vec<(Part, u16)>);

fn fit(env: &Env, columns: &Columns, width: u16) -> Fitted {
    match columns {
        Columns::Standard => fit_standard(env, width),
        Columns::Chosen(chosen) => fit_chosen(env, chosen, width),
    }
}

fn fit_standard(env: &Env, width: u16) -> Fitted {
    let mut left = width.saturating_sub(MARGIN + NAME.0);
    let mut columns = Vec::new();
    for (part, (least, most)) in columns::standard().zip(WIDTHS).filter(|(part, _)| is_in_use(env, part)) {
        if left < least + 1 {
            break;
        }
        left -= least + 1;
        columns.push((part, least, most));
    }
    let name = (NAME.0 + left).min(NAME.1);
    let beyond = (MARGIN + name + 1) % STOPS;
    let name = if name < NAME.0 + beyond { name } else { name - beyond };
    left = (NAME.0 + left).saturating_sub(name);
    let widened = columns.into_iter().map(|(part, least, most)| {
        let more = left.min(most - least);
        left -= more;
        (part, least + more)
    });
    let columns = widened.collect();
    (name.min(width.saturating_sub(MARGIN)), columns)
}

/// What does not fit is left out from the right; the name never is.
fn fit_chosen(env: &Env, chosen: &Chosen, width: u16) -> Fitted {
    let name = chosen.name().min(width.saturating_sub(MARGIN));
    let mut left = width.saturating_sub(MARGIN + name);
    let mut columns = Vec::new();
    for Column { part, width } in chosen.columns().iter().filter(|column| is_in_use(env, &column.part)) {
        if left < width + 1 {
            break;
        }
        left -= width + 1;
        columns.push((part.clone(), *width));
    }
    (name, columns)
}

/// Whether there is something to show: a field may have been retired since, and a pool that takes nobody counts no days.
fn is_in_use(env: &Env, part: &Part) -> bool {
    match part {
        Part::Field(key) => env.schema.get(key.as_str()).is_some_and(|def| def.state == FieldState::On),
        Part::Pool => wording::pool_takes(env),
        _ => true,
    }
}

/// Draws the columns' names.
pub fn head(env: &Env, columns: &Columns, area: Rect, canvas: &mut Canvas<'_>) {
    let (name, columns) = fit(env, columns, area.width);
    let dim = env.theme.style(Ink::Dim);
    canvas.text(area, 0, MARGIN, &text::pad(&env.t("column-name"), usize::from(name)), dim);
    let mut at = MARGIN + name + 1;
    for (part, cells) in columns {
        canvas.text(area, 0, at, &text::pad(&wording::column(env, &part), usize::from(cells)), dim);
        at += cells + 1;
    }
}

/// Draws these rows, one a line. `cursor` is the place of the cursor among them, `ink` how it looks.
pub fn rows(
    (env, columns): (&Env, &Columns),
    area: Rect,
    canvas: &mut Canvas<'_>,
    rows: &[CustomerRow],
    marked: &[CustomerId],
    cursor: (Option<usize>, Ink),
) {
    let (name_cells, columns) = fit(env, columns, area.width);
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
            let (shown, ink) = cell(env, customer, column);
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

/// Lets go of what no column shows: a list is held for as long as somebody sits before it.
pub fn slim(env: &Env, columns: &Columns, mut customer: CustomerRow) -> CustomerRow {
    let shows = |wanted: &Part| match columns {
        Columns::Standard => columns::standard().any(|part| part == *wanted),
        Columns::Chosen(chosen) => chosen.columns().iter().any(|column| column.part == *wanted),
    };
    let reach = if shows(&Part::Reach) { reach(env, &customer) } else { None };
    let mut at = 0..customer.fields.len();
    customer.fields.retain(|(key, _)| at.next() == reach || shows(&Part::Field(key.clone())));
    customer.fields.shrink_to_fit();
    if !shows(&Part::Source) {
        customer.source = String::new();
    }
    if !shows(&Part::Tags) {
        customer.tags = Vec::new();
    }
    customer
}

/// The place of the first field of class `contact` that has a value.
fn reach(env: &Env, customer: &CustomerRow) -> Option<usize> {
    customer.fields.iter().position(|(key, shown)| {
        let contact = env.schema.get(key.as_str()).is_some_and(|def| def.class == FieldClass::Contact);
        contact && !shown.text().is_empty()
    })
}

fn cell(env: &Env, customer: &CustomerRow, part: &Part) -> (String, Ink) {
    match part {
        Part::Reach => {
            let reach = reach(env, customer).and_then(|at| customer.fields.get(at));
            (reach.map_or(String::new(), |(_, shown)| shown.text().to_owned()), Ink::Plain)
        }
        Part::Next => match customer.next_follow_up {
            Some(at) if at <= env.now => (wording::due(env, at), Ink::Warn),
            Some(at) => (wording::due(env, at), Ink::Plain),
            None => (String::new(), Ink::Plain),
        },
        Part::Stage if customer.restricted => (env.t("restricted"), Ink::Warn),
        Part::Stage => (wording::code(env, "stage", customer.stage.code()), Ink::Plain),
        Part::Pool => match customer.goes {
            Some(goes) => (words::left(&env.words, days_left(env.now, goes)), wording::pool_ink(env, goes)),
            None if customer.owner.is_none() => (env.t("pool-is-in"), Ink::Dim),
            None => (String::new(), Ink::Dim),
        },
        Part::Owner if customer.mine => (env.t("owner-me"), Ink::Plain),
        Part::Owner => match &customer.owner {
            Some(owner) => (owner.as_str().to_owned(), Ink::Plain),
            None => (env.t("owner-nobody"), Ink::Dim),
        },
        Part::Tags => (customer.tags.join(" "), Ink::Plain),
        Part::Last => (customer.last_contact.map(|at| wording::day(env, at)).unwrap_or_default(), Ink::Plain),
        Part::Created => (wording::day(env, customer.created), Ink::Plain),
        Part::Updated => (wording::moment(env, customer.updated), Ink::Plain),
        Part::Source => (Printable::line(&customer.source).into_string(), Ink::Plain),
        Part::Kind => (wording::code(env, "kind", customer.kind.code()), Ink::Plain),
        Part::Number => (customer.id.to_string(), Ink::Plain),
        Part::Field(key) => {
            let value = customer.fields.iter().find(|(known, _)| known == key);
            let text = match value {
                Some((_, Shown::Declined)) => env.t("declined"),
                // A value of several lines is one line here.
                Some((_, shown)) => Printable::line(shown.text()).into_string(),
                None => String::new(),
            };
            (text, Ink::Plain)
        }
    }
}
