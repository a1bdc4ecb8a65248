//! What keys do with the deal under the cursor, the same on the board and in a customer's detail.
//!
//! **Invariant:** a deal changes only through the door, with the version that is shown.

use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::form::assign::AssignForm;
use crate::app::form::deal::DealForm;
use crate::app::form::deal::lose::LoseForm;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::domain::deal::StageKind;
use crate::domain::id::DealId;
use crate::service::view::{DealAction, DealRow, Shift};
use crate::service::{Action, Done};
use crate::text::Printable;

/// What was asked of the door, and what is said when it is done.
#[derive(Debug)]
pub struct Doing {
    ticket: Ticket,
    cmd: Cmd,
    title: Printable,
}

/// The commands that need a deal under the cursor.
pub const OF_ONE: [Cmd; 8] = [
    Cmd::EditDeal,
    Cmd::DealOn,
    Cmd::DealBack,
    Cmd::WinDeal,
    Cmd::LoseDeal,
    Cmd::ReopenDeal,
    Cmd::HandDeal,
    Cmd::RemoveDeal,
];

/// Why a command is not available on a deal.
pub fn unavailable(cmd: Cmd, row: Option<&DealRow>) -> Option<&'static str> {
    if !OF_ONE.contains(&cmd) {
        return None;
    }
    let Some(row) = row else { return Some("why-no-deal") };
    let open = row.stage.kind == StageKind::Open;
    match cmd {
        Cmd::WinDeal | Cmd::LoseDeal if !open => Some("why-deal-settled"),
        Cmd::ReopenDeal if open => Some("why-deal-open"),
        _ => None,
    }
}

/// Carries a command on a deal out; gives what is waited for, if anything is.
pub fn run(env: &mut Env, cmd: Cmd, row: &DealRow) -> Option<Doing> {
    let (id, version) = (row.deal.id, row.deal.version);
    let action = match cmd {
        Cmd::EditDeal => {
            let form = DealForm::edit(env, row);
            env.open(Box::new(form));
            return None;
        }
        Cmd::HandDeal => {
            env.open(Box::new(AssignForm::deal(row)));
            return None;
        }
        Cmd::LoseDeal => {
            env.open(Box::new(LoseForm::new(row)));
            return None;
        }
        Cmd::DealOn => DealAction::Move(id, version, Shift::On),
        Cmd::DealBack => DealAction::Move(id, version, Shift::Back),
        Cmd::WinDeal => DealAction::Win(id, version),
        Cmd::ReopenDeal => DealAction::Reopen(id, version),
        Cmd::RemoveDeal => DealAction::Remove(id, version),
        _ => return None,
    };
    let ticket = env.perform(Action::Deal(action));
    Some(Doing { ticket, cmd, title: row.deal.title.clone() })
}

/// Takes what was waited for out, if this is its ticket.
pub fn take(doing: &mut Option<Doing>, ticket: Ticket) -> Option<Doing> {
    doing.take_if(|doing| doing.ticket == ticket)
}

/// Says what came of it; gives the deal, where it is still there.
pub fn reply(env: &mut Env, done: Doing, reply: Reply) -> Option<DealId> {
    let Doing { cmd, title, .. } = done;
    let moved = match reply {
        Ok(Answer::Done(Done::Deal(id, _))) => Some(id),
        Ok(_) => None,
        Err(refusal) => {
            env.refuse(&refusal);
            env.changed();
            return None;
        }
    };
    let key = match cmd {
        Cmd::WinDeal => "deals-won",
        Cmd::ReopenDeal => "deals-reopened",
        Cmd::RemoveDeal => "deals-removed",
        _ => "deals-moved",
    };
    env.good(env.ta(key, &[("title", &title)]));
    env.changed();
    moved
}
