//! `veilbook follow-ups`: reminders, the earliest first, as a table, as JSON or as a calendar file.
//!
//! **Invariant:** whose reminders are listed is the door's to say.

use super::args::FollowUps;
use super::json::{FollowUp, when_word};
use super::sign_in::{refused, unexpected};
use super::table::Table;
use super::words::IcsWord;
use super::{Desk, Ended, Exit};
use crate::domain::ical::{Event, Part, calendar};
use crate::domain::recurrence::Recurrence;
use crate::service::view::{FollowUpRequest, FollowUpRow};
use crate::service::{Query, View};

/// The most that the door gives at once.
const MOST: u16 = 1_000;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &FollowUps) -> Ended {
    desk.signed_in(|desk, signed| {
        let request = FollowUpRequest { due: args.due.0, whose: args.whose.0, limit: MOST, between: None };
        let what = "list follow-ups";
        let View::FollowUps(rows) = signed.session().query(Query::FollowUps(request)).map_err(refused(what))? else {
            return Err(unexpected(what));
        };
        if args.ics {
            desk.print(calendar_file(desk, &rows, &args.with).trim_end())?;
        } else if args.json {
            rows.iter().try_for_each(|row| desk.print_json(&FollowUp::row(row)))?;
        } else if rows.is_empty() {
            desk.told("cli-nothing-due", &[])?;
        } else {
            let mut table =
                Table::new(&desk.words, &["col-due", "col-when", "col-customer", "col-name", "col-who", "col-text"]);
            for row in &rows {
                table.row(vec![
                    desk.moment(row.follow_up.due),
                    when_word(row.when).to_owned(),
                    row.follow_up.customer.to_string(),
                    row.customer.text().to_owned(),
                    row.assignee.to_string(),
                    row.follow_up.said().to_string(),
                ]);
            }
            desk.print_table(&table)?;
        }
        if rows.len() == usize::from(MOST) {
            desk.told("cli-first", &[("n", &MOST)])?;
        }
        Ok(Exit::Done)
    })
}

/// The calendar file: numbers of customers, and what was asked for by name.
fn calendar_file(desk: &Desk<'_, '_>, rows: &[FollowUpRow], with: &[IcsWord]) -> String {
    let has = |part| with.iter().any(|word| word.0 == part);
    let summaries: Vec<String> = rows
        .iter()
        .map(|row| {
            let mut summary = desk.words.ta("cli-ics-summary", &[("id", &row.follow_up.customer)]);
            if has(Part::Name) {
                summary += &format!(" · {}", row.customer.text());
            }
            if has(Part::Text) {
                summary += &format!(" · {}", row.follow_up.text);
            }
            summary
        })
        .collect();
    let events: Vec<Event<'_>> = rows
        .iter()
        .zip(&summaries)
        .map(|(row, summary)| Event {
            uid: format!("follow-up-{}@veilbook", row.follow_up.id),
            start: row.follow_up.due,
            summary,
            rule: row.follow_up.repeats.as_ref().map(Recurrence::rule),
        })
        .collect();
    calendar(&events, desk.env.deps.clock.now())
}
