//! `veilbook show ID`: one customer, masked.
//!
//! **Invariant:** opening is an action with its entry; nothing is shown that the screens would mask.

use super::args::Show;
use super::json::{Customer, when_word};
use super::sign_in::unexpected;
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::field::Schema;
use crate::service::view::{CustomerDetail, Happening, Shown};
use crate::service::{Action, Done, Query, View};

/// How many things that happened are listed.
const LAST: usize = 10;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Show) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = format!("show customer {}", args.id);
        let refused = |refusal| Trouble::refused(&what, &refusal);
        let Done::Customer(detail) = signed.session().perform(Action::OpenCustomer(args.id)).map_err(refused)? else {
            return Err(unexpected(&what));
        };
        if args.json {
            let me = signed.me()?;
            let now = desk.env.deps.clock.now();
            desk.print_json(&Customer::detail(&detail, &me.losses, now))?;
            return Ok(Exit::Done);
        }
        let View::Schema(schema) = signed.session().query(Query::Schema).map_err(refused)? else {
            return Err(unexpected(&what));
        };
        print(desk, &detail, &schema)?;
        Ok(Exit::Done)
    })
}

fn print(desk: &mut Desk<'_, '_>, detail: &CustomerDetail, schema: &Schema) -> Result<(), Trouble> {
    let profile = &detail.profile;
    let mut parts = Table::new(&desk.words, &["col-field", "col-value"]);
    let (pool, declined) = (desk.words.t("cli-pool"), desk.words.t("cli-declined"));
    let mut part = |label: &str, value: &str| parts.row(vec![label.to_owned(), value.replace('\n', "; ")]);
    part(&desk.code("part", "id"), &profile.id.to_string());
    part(&desk.code("part", "name"), detail.name.text());
    part(&desk.code("part", "kind"), &desk.code("kind", profile.kind.code()));
    part(&desk.code("part", "owner"), detail.owner.as_ref().map_or(&pool, |owner| owner.as_str()));
    part(&desk.code("part", "stage"), &desk.code("stage", profile.stage.code()));
    part(&desk.code("part", "tags"), &profile.tags.join(" "));
    part(&desk.code("part", "source"), &profile.provenance.source);
    part(&desk.code("part", "basis"), &desk.code("basis", profile.provenance.basis.code()));
    part(&desk.code("part", "created"), &desk.moment(profile.created));
    part(&desk.code("part", "updated"), &desk.moment(profile.updated));
    for field in &detail.fields {
        let label = schema.get(field.key.as_str()).map_or(field.key.as_str(), |def| def.label(desk.lang));
        match &field.shown {
            Shown::Empty => {}
            Shown::Declined => part(label, &declined),
            shown => part(label, shown.text()),
        }
    }
    desk.print_table(&parts)?;
    if !detail.follow_ups.is_empty() {
        desk.print("")?;
        let mut table = Table::new(&desk.words, &["col-follow-up", "col-due", "col-when", "col-who", "col-text"]);
        for row in &detail.follow_ups {
            let due = desk.moment(row.follow_up.due);
            let (id, text) = (row.follow_up.id.to_string(), row.follow_up.said().to_string());
            table.row(vec![id, due, when_word(row.when).to_owned(), row.assignee.to_string(), text]);
        }
        desk.print_table(&table)?;
    }
    if !detail.timeline.is_empty() {
        desk.print("")?;
        let mut table = Table::new(&desk.words, &["col-time", "col-who", "col-what"]);
        for item in detail.timeline.iter().take(LAST) {
            table.row(vec![desk.moment(item.at), item.by.clone(), happening(&item.what)]);
        }
        desk.print_table(&table)?;
    }
    Ok(())
}

fn happening(what: &Happening) -> String {
    match what {
        Happening::Added => "added".to_owned(),
        Happening::Interaction(contact) => {
            let direction = contact.direction.map(|way| format!(" {}", way.code())).unwrap_or_default();
            let minutes = contact.minutes.map(|minutes| format!(" {minutes} min")).unwrap_or_default();
            let ticket = contact.ticket.as_ref().map(|ticket| format!(" [{ticket}]")).unwrap_or_default();
            let text = contact.text.as_str().replace('\n', " ");
            format!("{}{direction}{minutes}: {text}{ticket}", contact.kind.code())
        }
        Happening::Changed(part, before, after) => {
            let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
            format!("{part}: {} to {}", or_none(before), or_none(after))
        }
        Happening::Revealed(field, reason) => {
            format!("revealed {field} ({})", reason.map_or("no reason", |reason| reason.code()))
        }
        Happening::Verified(field, matched) => {
            format!("verified {field}: {}", if *matched { "the same" } else { "another" })
        }
        Happening::FollowUp(verb, due, text) => format!("{verb}: {} · {text}", due.rfc3339()),
        Happening::Pool(verb, before, after) => {
            let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
            format!("{verb}: {} to {}", or_none(before), or_none(after))
        }
        Happening::Case(verb, what) => format!("{verb}: {what}"),
        Happening::Deal(what) => {
            let part = what.part.as_ref().map(|part| format!(" {part}")).unwrap_or_default();
            let before = what.before.as_ref().map(|before| format!("{before} to ")).unwrap_or_default();
            let reason = what.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            format!("{}{part}: {before}{} · {}{reason}", what.verb, what.after, what.title)
        }
        Happening::Consent(what) => {
            let before = what.before.map_or("(none)", |state| state.code());
            format!("consent.{}: {before} to {} · v{}", what.purpose.code(), what.after.code(), what.version)
        }
        Happening::Other(verb) => verb.clone(),
    }
}
