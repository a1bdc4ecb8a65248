//! What happened with a customer, one line each.

use crate::app::env::Env;
use crate::app::screen::consent_keys;
use crate::app::wording;
use crate::domain::when;
use crate::service::view::{DealRow, FollowUpRow, Happening, Look, Sits, TimelineItem};
use crate::text::{self, Printable};
use crate::words::{deal as words, loss};

/// Cells of the moment before a line.
const WHEN: usize = 16;

fn dated(env: &Env, at: crate::clock::Timestamp, by: &str, what: &str) -> String {
    format!("{} {} {what}", text::pad(&wording::moment(env, at), WHEN), text::pad(by, 9))
}

/// Something, and what is said of it.
fn said_of(env: &Env, what: &str, said: &str) -> String {
    env.ta("said-of", &[("what", &what), ("said", &said)])
}

/// One thing that happened.
pub fn happening(env: &Env, item: &TimelineItem) -> String {
    let what = match &item.what {
        Happening::Added => env.t("happened-added"),
        Happening::Interaction(contact) => {
            let mut what = wording::code(env, "interaction", contact.kind.code());
            if let Some(direction) = contact.direction {
                what = format!("{what} {}", wording::code(env, "direction", direction.code()));
            }
            if let Some(minutes) = contact.minutes {
                what = format!("{what} {}", env.ta("contact-took", &[("n", &minutes)]));
            }
            if let Some(ticket) = &contact.ticket {
                what = format!("{what} [{}]", Printable::line(ticket));
            }
            said_of(env, &what, Printable::line(contact.text.as_str()).as_str())
        }
        Happening::Changed(part, before, after) => {
            let said = |text: &Option<String>| match text {
                None => env.t("nothing"),
                Some(code) if part == "stage" => wording::code(env, "stage", code),
                Some(said) if part == "loss" => lost(env, said),
                Some(text) => text.clone(),
            };
            let (part, before, after) = (wording::field(env, part), said(before), said(after));
            env.ta("happened-changed", &[("part", &part), ("before", &before), ("after", &after)])
        }
        Happening::Revealed(field, reason) => {
            let reason = reason.map_or(String::new(), |r| wording::code(env, "reason", r.code()));
            env.ta("happened-revealed", &[("field", &wording::field_key(env, field)), ("reason", &reason)])
        }
        Happening::Verified(field, matched) => {
            let field = wording::field_key(env, field);
            let key = if *matched { "happened-verified" } else { "happened-not-verified" };
            env.ta(key, &[("field", &field)])
        }
        Happening::FollowUp(verb, due, what) => {
            let due = when::show_full(*due, env.offset, env.words.lang);
            said_of(env, &wording::code(env, "verb", verb), &format!("{due} · {what}"))
        }
        Happening::Pool(verb, before, after) => {
            let said = |who: &Option<String>| who.clone().unwrap_or_else(|| env.t("owner-nobody"));
            said_of(env, &wording::code(env, "verb", verb), &format!("{} → {}", said(before), said(after)))
        }
        Happening::Case(verb, what) => format!("{}: {what}", wording::code(env, "verb", verb)),
        Happening::Deal(what) => words::happening(&env.words, what),
        Happening::Consent(what) => consent_keys::happened(env, what),
        Happening::Other(verb) => wording::code(env, "verb", verb),
    };
    let what = match &item.with {
        Some(with) => env.ta("happened-with", &[("what", &what), ("name", &with.text())]),
        None => what,
    };
    dated(env, item.at, &item.by, &what)
}

/// Why somebody is lost, as an entry says it: the reason's code, and behind it its words.
fn lost(env: &Env, said: &str) -> String {
    let (code, words) = said.split_once(" · ").unwrap_or((said, ""));
    let why = loss::keyed(&env.words, &wording::loss_reasons(env), code);
    if words.is_empty() { why } else { said_of(env, &why, words) }
}

/// One reminder.
pub fn follow_up(env: &Env, row: &FollowUpRow) -> String {
    let due = text::pad(&wording::due(env, row.follow_up.due), WHEN);
    format!("{due} {} {}", text::pad(row.assignee.as_str(), 9), row.follow_up.said())
}

/// One deal.
pub fn deal(env: &Env, row: &DealRow) -> String {
    let stage = text::pad(&text::cut(&words::stage(&env.words, &row.stage), 12), 12);
    let mut line = format!("{stage} {:>18}  {}", row.deal.amount, row.deal.title);
    if row.sits == Sits::TooLong {
        line = format!("{line} · {}", env.ta("deals-sits", &[("days", &row.days)]));
    }
    if let Some(lost) = &row.deal.lost {
        line = format!("{line} · {lost}");
    }
    line
}

/// One look.
pub fn look(env: &Env, look: &Look) -> String {
    let mut what = wording::code(env, "verb", &look.action);
    if let Some(field) = &look.field {
        what = said_of(env, &what, &wording::field_key(env, field));
    }
    if let Some(reason) = look.reason {
        what = format!("{what} ({})", wording::code(env, "reason", reason.code()));
    }
    dated(env, look.at, &look.by, &what)
}
