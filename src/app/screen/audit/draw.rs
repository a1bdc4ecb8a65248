//! How the record of actions looks: the question with its fault, the state of the chain, the entries in columns.
//!
//! **Invariant:** what a check of the chain found stands before everything that can be cut.

use ratatui::layout::Rect;

use super::{Audit, Where, object, verb};
use crate::app::env::Env;
use crate::app::form::line::Focus;
use crate::app::screen::frame::text_lines;
use crate::app::screen::task;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::wording;
use crate::domain::audit::{Entry, Outcome};
use crate::domain::audit_query::QueryFaultKind;
use crate::service::view::{AuditRow, ChainCheck};
use crate::text;

/// Draws the question, the state of the chain and the entries.
pub(super) fn screen(screen: &Audit, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let style = |ink| env.theme.style(ink);
    screen.draw_query(env, area, canvas);
    screen.draw_chain(env, canvas::row(area, 2), canvas);
    let columns = Columns::of(area.width);
    let body = canvas::below(area, 4);
    columns.head(env, canvas::row(area, 3), canvas);
    if screen.rows.is_empty() {
        let key = match (&screen.asked, screen.query.is_empty()) {
            (Some(_), _) => "loading",
            (None, true) => "audit-empty",
            (None, false) => "audit-none",
        };
        for (at, line) in text_lines(&env.t(key), usize::from(area.width.saturating_sub(4))).iter().enumerate() {
            canvas.text(body, u16::try_from(at).unwrap_or(0) + 1, 2, line, style(Ink::Plain));
        }
        return;
    }
    for (shown, at) in screen.list.window(screen.rows.len(), usize::from(body.height)).enumerate() {
        let place = canvas::row(body, u16::try_from(shown).unwrap_or(u16::MAX));
        if let Some(row) = screen.rows.get(at) {
            columns.row(env, place, row, canvas);
        }
        let here = screen.typing == Where::List && at == screen.list.cursor();
        task::mark(env, canvas, place, Focus::on(here, true));
    }
}

impl Audit {
    fn draw_query(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let row = canvas::row(area, 0);
        let column = canvas.text(row, 0, 1, "/ ", style(Ink::Key));
        let place = Rect::new(row.x + column.min(row.width), row.y, row.width.saturating_sub(column + 1), row.height);
        let under = canvas::row(area, 1);
        if self.typing == Where::List && self.query.is_empty() {
            canvas.text(place, 0, 0, &env.t("audit-hint"), style(Ink::Dim));
            return;
        }
        self.query.draw(canvas, place, style(if self.typing == Where::Query { Ink::Field } else { Ink::Plain }));
        if self.typing == Where::Query {
            self.query.place_cursor(canvas, place);
        }
        match &self.fault {
            Some(fault) => {
                let before: String = self.query.text().chars().take(fault.at.start).collect();
                let wrong: String = self.query.text().chars().skip(fault.at.start).take(fault.at.len()).collect();
                let start = u16::try_from(text::width(&before)).unwrap_or(u16::MAX).saturating_add(column);
                let carets = "^".repeat(text::width(&wrong).max(1));
                let words = match fault.kind {
                    QueryFaultKind::UnknownActor => env.ta("query-unknown-actor", &[("names", &names(env))]),
                    kind => fault_words(env, kind),
                };
                let line = format!("{carets} {words}");
                // Near the right edge the words would be cut: there they stand before the carets.
                let room = usize::from(under.width.saturating_sub(start));
                if text::width(&line) <= room {
                    canvas.text(under, 0, start, &line, style(Ink::Bad));
                } else {
                    canvas.text(under, 0, start, &carets, style(Ink::Bad));
                    let cells = usize::from(start.saturating_sub(column + 1));
                    if text::width(&words) <= cells {
                        canvas.text(under, 0, column, &words, style(Ink::Bad));
                    } else {
                        canvas.text(under, 0, column, &text::cut(&words, usize::from(under.width)), style(Ink::Bad));
                    }
                }
            }
            None if self.typing == Where::Query => {
                let hint = env.ta("audit-hint-parts", &[("names", &names(env))]);
                canvas.text(under, 0, column, &hint, style(Ink::Dim));
            }
            None => {}
        }
    }

    fn draw_chain(&self, env: &Env, row: Rect, canvas: &mut Canvas<'_>) {
        let Some(chain) = &self.chain else { return };
        let (checked, ink) = match &chain.check {
            None => (env.t("record-unchecked"), Ink::Dim),
            Some(ChainCheck::Sound) => (env.t("record-is-sound"), Ink::Good),
            Some(ChainCheck::Broken(fault)) => (env.ta("record-broken", &[("why", fault)]), Ink::Bad),
        };
        let signed = match &chain.checkpoint {
            Some((size, at)) => env.ta(
                "record-signed",
                &[("when", &wording::moment(env, *at)), ("behind", &chain.size.saturating_sub(*size))],
            ),
            None => env.t("record-unsigned"),
        };
        let root: String = chain.root.chars().take(8).collect();
        let state = env.ta("record-state", &[("n", &chain.size), ("root", &root), ("signed", &signed)]);
        // What was found comes first: at the narrow end it is what must not be cut.
        let column = canvas.text(row, 0, 1, &checked, env.theme.style(ink));
        canvas.text(row, 0, column + 2, &state, env.theme.style(Ink::Dim));
    }
}

/// The columns that fit.
struct Columns {
    actor: usize,
    action: usize,
    object: usize,
    field: usize,
    reason: usize,
}

impl Columns {
    fn of(width: u16) -> Self {
        if width >= 110 {
            Self { actor: 14, action: 20, object: 22, field: 14, reason: 18 }
        } else {
            Self { actor: 8, action: 12, object: 13, field: 8, reason: 9 }
        }
    }

    fn head(&self, env: &Env, place: Rect, canvas: &mut Canvas<'_>) {
        let words = ["audit-time", "audit-actor", "audit-action", "audit-object", "audit-field", "audit-reason"];
        let [time, actor, action, object, field, reason] = words.map(|key| env.t(key));
        self.line(place, [&time, &actor, &action, &object, &field, &reason], canvas, env.theme.style(Ink::Dim));
    }

    fn row(&self, env: &Env, place: Rect, row: &AuditRow, canvas: &mut Canvas<'_>) {
        let Entry { what, .. } = &row.entry;
        let time = short_time(env, what.time);
        let action = verb(env, &what.action);
        let action = match what.count {
            Some(count) => format!("{action} {count}"),
            None => action,
        };
        let field = what.field.as_ref().map_or_else(String::new, |key| wording::field_key(env, key));
        let reason = what.reason.map_or_else(String::new, |code| wording::code(env, "reason", code.code()));
        let (outcome, ink) = match what.outcome {
            Outcome::Done => (String::new(), Ink::Plain),
            Outcome::Matched => (wording::code(env, "outcome", what.outcome.code()), Ink::Good),
            Outcome::Refused | Outcome::Failed => {
                (format!("! {}", wording::code(env, "outcome", what.outcome.code())), Ink::Bad)
            }
            Outcome::Differed => (wording::code(env, "outcome", what.outcome.code()), Ink::Warn),
        };
        let plain = env.theme.style(Ink::Plain);
        let object = object(env, row);
        let end = self.line(place, [&time, &row.actor, &action, &object, &field, &reason], canvas, plain);
        canvas.text(place, 0, end, &outcome, env.theme.style(ink));
    }

    fn line(&self, place: Rect, cells: [&str; 6], canvas: &mut Canvas<'_>, style: ratatui::style::Style) -> u16 {
        let widths = [11, self.actor, self.action, self.object, self.field, self.reason];
        let mut column = 3;
        for (cell, width) in cells.iter().zip(widths) {
            canvas.text(place, 0, column, &text::cut(cell, width), style);
            column += u16::try_from(width).unwrap_or(0) + 1;
        }
        column
    }
}

/// The names that `actor:` can give.
fn names(env: &Env) -> String {
    let names: Vec<&str> = env.me.iter().flat_map(|me| me.everybody.iter().map(|(_, name)| name.as_str())).collect();
    names.join(&env.t("list-or"))
}

fn fault_words(env: &Env, kind: QueryFaultKind) -> String {
    env.t(match kind {
        QueryFaultKind::UnknownPart => "query-unknown-part",
        QueryFaultKind::NoValue => "query-no-value",
        QueryFaultKind::OpenQuote => "query-open-quote",
        QueryFaultKind::Twice => "query-twice",
        QueryFaultKind::UnknownActor => "query-unknown-actor",
        QueryFaultKind::UnknownAction => "query-unknown-action",
        QueryFaultKind::NotANumber => "query-not-a-number",
        QueryFaultKind::NotAField => "query-not-a-field",
        QueryFaultKind::NotAReason => "query-not-a-reason",
        QueryFaultKind::NotAnOutcome => "query-not-an-outcome",
        QueryFaultKind::NotADay => "query-not-a-day",
    })
}

/// `15:04:05` today, `11-20 15:04` before.
fn short_time(env: &Env, at: crate::clock::Timestamp) -> String {
    let (then, now) = (at.at(env.offset), env.now.at(env.offset));
    if then.date_naive() == now.date_naive() {
        return then.format("%H:%M:%S").to_string();
    }
    then.format("%m-%d %H:%M").to_string()
}
