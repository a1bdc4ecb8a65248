//! Forms: layers in which something new is written.
//!
//! **Invariant:** a form that was begun survives a lock: its `draft` says what was typed, [`restore`] makes it anew.

pub mod area;
pub mod customer;
pub mod erase;
pub mod follow_up;
pub mod interaction;
pub mod leaving;
pub mod line;
pub mod passphrase;
pub mod reading;
pub mod recovery;
pub mod setting;
pub mod snooze;
pub mod split;
pub mod staff;

use super::env::Env;
use super::panel::Panel;

/// A form as it was kept, or nothing if it is none that is known. `name` and `content` are what its `draft` gave.
pub fn restore(env: &Env, name: &str, content: &[u8]) -> Option<Box<dyn Panel>> {
    match name {
        customer::NAME => Some(Box::new(customer::CustomerForm::restore(env, content)?)),
        interaction::NAME => Some(Box::new(interaction::InteractionForm::restore(content)?)),
        follow_up::NAME => Some(Box::new(follow_up::FollowUpForm::restore(content)?)),
        _ => None,
    }
}
