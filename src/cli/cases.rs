//! `veilbook cases`: list, open, take, hand on, wait, close, reopen.
//!
//! **Invariant:** a date that cannot be read stops the command before anything is done.

use serde::Serialize;

use super::args::{Cases, CasesOpen};
use super::json::when_word;
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::case::{CaseDraft, CaseState};
use crate::domain::id::{CaseId, StaffId};
use crate::domain::when;
use crate::service::view::{CaseAction, CaseQuery, CaseRow, CaseView, Held};
use crate::service::{Action, Done, Query, View};
use crate::text::{Printable, folded};

/// The most that the door gives at once.
const MOST: u16 = 500;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Cases) -> Ended {
    match args {
        Cases::List { held, json } => list(desk, held.0, *json),
        Cases::Open(args) => open(desk, args),
        Cases::Take { id } => act(desk, *id, "take the case", |_, version| Ok(CaseAction::Take(*id, version))),
        Cases::Hand { id, name } => act(desk, *id, "hand the case on", |signed, version| {
            Ok(CaseAction::Hand(*id, version, colleague(signed, name)?))
        }),
        Cases::Wait { id } => set(desk, *id, "let the case wait", CaseState::Waiting),
        Cases::Close { id } => set(desk, *id, "close the case", CaseState::Closed),
        Cases::Reopen { id } => set(desk, *id, "reopen the case", CaseState::Open),
    }
}

/// A case as scripts read it.
#[derive(Serialize)]
struct Row<'a> {
    id: u64,
    ticket: &'a str,
    customer: u64,
    name: &'a str,
    subject: &'a str,
    state: &'static str,
    due: Option<String>,
    when: &'static str,
    holder: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(row: &'a CaseRow) -> Self {
        let case = &row.case;
        Self {
            id: case.id.0,
            ticket: case.ticket.as_str(),
            customer: case.customer.0,
            name: row.customer.text(),
            subject: case.subject.as_str(),
            state: case.state.code(),
            due: case.due.map(|due| due.rfc3339()),
            when: when_word(row.when),
            holder: row.holder.as_deref(),
        }
    }
}

fn list(desk: &mut Desk<'_, '_>, held: Held, json: bool) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = "list cases";
        let found = signed.session().query(Query::Cases(CaseQuery::Open(held, MOST))).map_err(refused(what))?;
        let View::Cases(CaseView::Rows(rows)) = found else { return Err(unexpected(what)) };
        if json {
            rows.iter().try_for_each(|row| desk.print_json(&Row::of(row)))?;
        } else if rows.is_empty() {
            desk.told("cli-no-cases", &[])?;
        } else {
            let heads = [
                "col-case",
                "col-ticket",
                "col-state",
                "col-due",
                "col-when",
                "col-customer",
                "col-name",
                "col-text",
                "col-who",
            ];
            let mut table = Table::new(&desk.words, &heads);
            for row in &rows {
                table.row(vec![
                    row.case.id.to_string(),
                    row.case.ticket.to_string(),
                    desk.code("case-state", row.case.state.code()),
                    row.case.due.map(|due| desk.moment(due)).unwrap_or_default(),
                    when_word(row.when).to_owned(),
                    row.case.customer.to_string(),
                    row.customer.text().to_owned(),
                    row.case.subject.to_string(),
                    row.holder.clone().unwrap_or_default(),
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

fn open(desk: &mut Desk<'_, '_>, args: &CasesOpen) -> Ended {
    let clock = &desk.env.deps.clock;
    let now = clock.now();
    let due =
        args.due.as_deref().map(|text| when::parse(text, now, clock.offset(now))).transpose().map_err(|fault| {
            Trouble::usage(format!("cannot read --due: {fault}"), "Write it as in \"tomorrow 15:00\"")
        })?;
    let ticket = Printable::line(args.ticket.as_deref().unwrap_or_default().trim());
    let draft = CaseDraft { subject: Printable::line(args.subject.trim()), ticket, due };
    desk.signed_in(|desk, signed| {
        let what = format!("open a case of customer {}", args.customer);
        let action = Action::Case(CaseAction::Open(args.customer, draft));
        match signed.session().perform(action).map_err(refused(&what))? {
            Done::Case(id, _, ticket) => desk.print(&format!("{id} {ticket}"))?,
            _ => return Err(unexpected(&what)),
        }
        Ok(Exit::Done)
    })
}

pub(super) fn colleague(signed: &Signed, name: &str) -> Result<StaffId, Trouble> {
    let what = "read the staff";
    let View::Me(me) = signed.session().query(Query::Me).map_err(refused(what))? else {
        return Err(unexpected(what));
    };
    let wanted = folded(name);
    let found = me.colleagues.iter().find(|(_, name)| folded(name.as_str()) == wanted).map(|(id, _)| *id);
    found.ok_or_else(|| {
        Trouble::usage(
            "there is no colleague of that name whom you may give this to",
            "Write the name that they sign in with",
        )
    })
}

fn set(desk: &mut Desk<'_, '_>, id: CaseId, what: &str, state: CaseState) -> Ended {
    act(desk, id, what, |_, version| Ok(CaseAction::Set(id, version, state)))
}

/// Does something with a case as it stands now.
fn act(
    desk: &mut Desk<'_, '_>,
    id: CaseId,
    what: &str,
    action: impl FnOnce(&Signed, u64) -> Result<CaseAction, Trouble>,
) -> Ended {
    desk.signed_in(|desk, signed| {
        let one = |signed: &Signed| match signed.session().query(Query::Cases(CaseQuery::One(id))) {
            Ok(View::Cases(CaseView::One(row))) => Ok(*row),
            Ok(_) => Err(unexpected(what)),
            Err(refusal) => Err(refused(what)(refusal)),
        };
        let action = action(signed, one(signed)?.case.version)?;
        signed.session().perform(Action::Case(action)).map_err(refused(what))?;
        let row = one(signed)?;
        let state = desk.code("case-state", row.case.state.code());
        let holder = row.holder.unwrap_or_default();
        desk.told("cli-case-now", &[("ticket", &row.case.ticket), ("state", &state), ("who", &holder)])?;
        Ok(Exit::Done)
    })
}
