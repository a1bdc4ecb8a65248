//! Reminders that come due while somebody is at work: a line on every screen, and a bell or a notification.
//!
//! **Invariant:** what goes to the terminal beside the picture names nobody.

use crate::app::commands::Why;
use crate::app::effect::Effect;
use crate::app::env::Asker;
use crate::app::model::{Model, Phase};
use crate::clock::Timestamp;
use crate::domain::id::FollowUpId;
use crate::domain::role::Permission;
use crate::domain::staff::Alarm;
use crate::service::Query;
use crate::service::view::{FollowUpRow, Reminders};

/// What is known of reminders.
#[derive(Debug, Default)]
pub struct Reminding {
    known: Reminders,
    /// Up to when what came due was heard; nothing is heard of what was due before somebody came.
    heard: Option<Timestamp>,
    /// Those that were taken up, as they were due then.
    taken: Vec<(FollowUpId, Timestamp)>,
    asked: bool,
}

impl Reminding {
    /// The one to be told of: the last that came due and was not taken up.
    pub fn shown(&self) -> Option<&FollowUpRow> {
        self.known.due.iter().rev().find(|row| !self.taken.contains(&(row.follow_up.id, row.follow_up.due)))
    }

    /// How many there are to be told of.
    pub fn count(&self) -> usize {
        self.known.due.iter().filter(|row| !self.taken.contains(&(row.follow_up.id, row.follow_up.due))).count()
    }

    /// When the next one comes due.
    pub fn next(&self) -> Option<Timestamp> {
        self.known.next.filter(|_| !self.asked)
    }
}

/// Asks what came due, where the role has reminders.
pub(super) fn ask(model: &mut Model) {
    if model.env.may(Permission::FollowUps) {
        model.reminding.asked = true;
        model.env.asker = Asker::Frame;
        model.env.ask(Query::Reminders);
    }
}

/// Time went by: the next one may be due.
pub(super) fn tick(model: &mut Model) {
    if model.reminding.next().is_some_and(|next| next <= model.env.now) {
        ask(model);
    }
}

/// What is due is known; what came due since it was last known is heard.
pub(super) fn take(model: &mut Model, reminders: Reminders) {
    let now = model.env.now;
    let new = model
        .reminding
        .heard
        .is_some_and(|heard| reminders.due.iter().any(|row| row.follow_up.due > heard && row.follow_up.due <= now));
    model.reminding.heard = Some(now);
    model.reminding.known = reminders;
    model.reminding.asked = false;
    let alarm = model.env.me.as_ref().map(|me| me.preferences.alarm).unwrap_or_default();
    if new && alarm != Alarm::Silent {
        let words = model.env.t("reminder-heard");
        model.env.effect(Effect::Alarm(alarm, words));
    }
}

/// Why the reminder in sight cannot be taken up.
pub(super) fn check(model: &Model) -> Result<(), Why> {
    if model.reminding.shown().is_none() {
        return Err(Why::Because("why-no-reminder"));
    }
    match &model.phase {
        // What is being typed would be lost.
        Phase::SignedIn(signed) if signed.layers.iter().any(|layer| layer.panel.draft().is_some()) => {
            Err(Why::Because("why-form-open"))
        }
        _ => Ok(()),
    }
}

/// Takes it up: its customer is shown, and it is told of no more.
pub(super) fn take_up(model: &mut Model) {
    let Some(row) = model.reminding.shown() else { return };
    let (follow_up, customer) = (&row.follow_up, row.follow_up.customer);
    let taken = (follow_up.id, follow_up.due);
    model.reminding.taken.push(taken);
    model.env.show_customer(customer);
}
