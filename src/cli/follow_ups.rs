//! `veilbook follow-ups`: reminders, the earliest first.
//!
//! **Invariant:** whose reminders are listed is the door's to say.

use super::args::FollowUps;
use super::json::{FollowUp, when_word};
use super::sign_in::{refused, unexpected};
use super::table::Table;
use super::{Desk, Ended, Exit};
use crate::service::view::FollowUpRequest;
use crate::service::{Query, View};

/// The most that the door gives at once.
const MOST: u16 = 1_000;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &FollowUps) -> Ended {
    desk.signed_in(|desk, signed| {
        let request = FollowUpRequest { due: args.due.0, limit: MOST };
        let what = "list follow-ups";
        let View::FollowUps(rows) = signed.session().query(Query::FollowUps(request)).map_err(refused(what))? else {
            return Err(unexpected(what));
        };
        if args.json {
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
                    row.follow_up.text.to_string(),
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
