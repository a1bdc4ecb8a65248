//! What keys do with the follow-up under the cursor, the same on Today, in the agenda and in a customer's detail.
//!
//! **Invariant:** a follow-up changes only through the door, with the version that is shown.

use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::form::assign::AssignForm;
use crate::app::form::follow_up::FollowUpForm;
use crate::app::form::snooze::Snooze;
use crate::app::msg::{Reply, Ticket};
use crate::service::Action;
use crate::service::view::FollowUpRow;

/// The commands that need a follow-up under the cursor.
pub const OF_ONE: [Cmd; 5] = [Cmd::Finish, Cmd::Snooze, Cmd::EditFollowUp, Cmd::AssignFollowUp, Cmd::Drop];

/// Carries a command on a follow-up out; gives what is waited for, if anything is.
pub fn run(env: &mut Env, cmd: Cmd, row: &FollowUpRow) -> Option<Ticket> {
    match cmd {
        Cmd::Finish => env.open(Box::new(FollowUpForm::finish(row))),
        Cmd::Snooze => env.open(Box::new(Snooze::new(row))),
        Cmd::EditFollowUp => env.open(Box::new(FollowUpForm::edit(env, row))),
        Cmd::AssignFollowUp => env.open(Box::new(AssignForm::follow_up(row))),
        _ => return Some(env.perform(Action::DropFollowUp(row.follow_up.id, row.follow_up.version))),
    }
    None
}

/// Says what came of one that was dropped.
pub fn reply(env: &mut Env, reply: Reply) {
    match reply {
        Ok(_) => env.good(env.t("follow-up-dropped")),
        Err(refusal) => env.refuse(&refusal),
    }
    env.changed();
}
