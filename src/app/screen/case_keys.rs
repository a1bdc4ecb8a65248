//! What keys do with the case under the cursor, and how a case looks on one line.
//!
//! **Invariant:** a case changes only through the door, with the version that is shown.

use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::form::assign::AssignForm;
use crate::app::form::case::CaseForm;
use crate::app::form::interaction::InteractionForm;
use crate::app::msg::{Reply, Ticket};
use crate::app::panel::Handled;
use crate::app::wording;
use crate::domain::case::CaseState;
use crate::service::Action;
use crate::service::view::{CaseAction, CaseRow};
use crate::text::{self, Printable};

/// What was asked of the door, and what is said when it is done.
#[derive(Debug)]
pub struct Doing {
    ticket: Ticket,
    key: &'static str,
    name: Printable,
}

/// The commands that need a case under the cursor.
pub const OF_ONE: [Cmd; 6] =
    [Cmd::EditCase, Cmd::TakeCase, Cmd::HandCase, Cmd::WaitCase, Cmd::CloseCase, Cmd::ReopenCase];

/// Why a command is not available on a case.
pub fn unavailable(cmd: Cmd, row: Option<&CaseRow>) -> Option<&'static str> {
    if !OF_ONE.contains(&cmd) {
        return None;
    }
    let Some(row) = row else { return Some("why-no-case") };
    match (cmd, row.case.state) {
        (Cmd::TakeCase | Cmd::HandCase | Cmd::WaitCase | Cmd::CloseCase, CaseState::Closed) => Some("why-case-closed"),
        (Cmd::ReopenCase, CaseState::Open) => Some("why-case-open"),
        _ => None,
    }
}

/// Carries a command on a case out; gives what is waited for, if anything is.
pub fn run(env: &mut Env, cmd: Cmd, row: &CaseRow) -> Option<Doing> {
    let (id, version) = (row.case.id, row.case.version);
    let (action, key) = match cmd {
        Cmd::TakeCase => (CaseAction::Take(id, version), "cases-taken"),
        Cmd::WaitCase => (CaseAction::Set(id, version, CaseState::Waiting), "cases-waits"),
        Cmd::CloseCase => (CaseAction::Set(id, version, CaseState::Closed), "cases-closed"),
        Cmd::ReopenCase => (CaseAction::Set(id, version, CaseState::Open), "cases-reopened"),
        Cmd::HandCase => {
            env.open(Box::new(AssignForm::case(row)));
            return None;
        }
        _ => {
            let form = CaseForm::edit(env, row);
            env.open(Box::new(form));
            return None;
        }
    };
    Some(Doing { ticket: env.perform(Action::Case(action)), key, name: row.case.ticket.clone() })
}

/// Carries out what is done with the customer of a case: a contact about it, another case.
pub fn beside(env: &mut Env, cmd: Cmd, row: &CaseRow) -> Handled {
    let (customer, name) = (row.case.customer, row.customer.text());
    match cmd {
        Cmd::LogContact if row.case.state == CaseState::Closed => {
            env.open(Box::new(InteractionForm::new(customer, name)));
        }
        Cmd::LogContact => env.open(Box::new(InteractionForm::new(customer, name).of_case(&row.case))),
        Cmd::NewCase => env.open(Box::new(CaseForm::add(customer, name))),
        _ => return Handled::No,
    }
    Handled::Yes
}

/// Takes what was waited for out, if this is its ticket.
pub fn take(doing: &mut Option<Doing>, ticket: Ticket) -> Option<Doing> {
    doing.take_if(|doing| doing.ticket == ticket)
}

/// Says what came of it.
pub fn reply(env: &mut Env, done: Doing, reply: Reply) {
    match reply {
        Ok(_) => env.good(env.ta(done.key, &[("ticket", &done.name)])),
        Err(refusal) => env.refuse(&refusal),
    }
    env.changed();
}

/// A case on one line: ticket, state, due time, what it is about, who has it.
pub fn line(env: &Env, row: &CaseRow) -> String {
    let fitted = |said: &str, cells: usize| text::pad(&text::cut(said, cells), cells);
    let state = wording::code(env, "case-state", row.case.state.code());
    let due = match row.case.due {
        Some(due) if row.case.state != CaseState::Closed => wording::due(env, due),
        _ => "-".to_owned(),
    };
    let holder = row.holder.clone().unwrap_or_else(|| env.t("cases-nobody"));
    let (ticket, state, due) = (fitted(row.case.ticket.as_str(), 8), fitted(&state, 8), fitted(&due, 14));
    format!("{ticket} {state} {due} {} · {holder}", row.case.subject)
}
