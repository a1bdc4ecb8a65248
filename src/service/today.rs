//! What waits for a person, and the agenda.

use chrono::{Days, NaiveTime};

use super::actor::{Actor, shown};
use super::refusal::Refusal;
use super::view::{Due, FollowUpRequest, FollowUpRow, Reminders, Shown, Today, When};
use super::{alerts, cases, keys, people, record};
use crate::clock::Timestamp;
use crate::domain::follow_up::FollowUp;
use crate::domain::role::{Permission, Scope};
use crate::vault::book::{customers, follow_ups};
use crate::vault::store::Get;

const BEGINNING: Timestamp = Timestamp(i64::MIN);
const END: Timestamp = Timestamp(i64::MAX);
/// Seconds for which a reminder that came due is told of on every screen.
const LATELY: i64 = 4 * 3_600;

/// The first moment of the day that is `days` after the day of `now`.
pub(super) fn midnight(actor: &Actor, days: u64) -> Timestamp {
    let day = actor.desk.clock.day(actor.now);
    let day = day.checked_add_days(Days::new(days)).unwrap_or(day);
    let offset = actor.desk.clock.offset(actor.now);
    let local = day.and_time(NaiveTime::MIN).and_local_timezone(offset);
    local.single().map_or(actor.now, Timestamp::from)
}

/// A reminder as a list shows it.
pub(super) fn row_of(actor: &Actor, follow_up: FollowUp, customer: Shown) -> FollowUpRow {
    let when = if follow_up.due <= actor.now {
        When::Overdue
    } else if follow_up.due < midnight(actor, 1) {
        When::Today
    } else {
        When::Later
    };
    let assignee = actor.everybody.iter().find(|s| s.id == follow_up.assignee).map(|s| s.name.clone());
    let assignee = assignee.unwrap_or_else(|| actor.staff.name.clone());
    FollowUpRow { follow_up, customer, assignee, when }
}

fn rows(
    actor: &Actor,
    from: &dyn Get,
    low: Timestamp,
    high: Timestamp,
    limit: usize,
) -> Result<Vec<FollowUpRow>, Refusal> {
    let mut out = Vec::new();
    for follow_up in follow_ups::due(from, actor.staff.id, low, high, limit)? {
        // A reminder of a customer who moved out of scope, or is not published, is not shown.
        if let Ok(customer) = actor.customer(from, follow_up.customer) {
            out.push(row_of(actor, follow_up, shown(Some(&customer.name))));
        }
    }
    Ok(out)
}

/// The reminders of the person who asks, the earliest first.
pub(super) fn follow_ups(actor: &Actor, from: &dyn Get, request: FollowUpRequest) -> Result<Vec<FollowUpRow>, Refusal> {
    actor.require(Permission::FollowUps)?;
    let high = match request.due {
        Due::Overdue => actor.now.plus_seconds(1),
        Due::Today => midnight(actor, 1),
        Due::Week => midnight(actor, 8),
        Due::All => END,
    };
    rows(actor, from, BEGINNING, high, usize::from(request.limit).clamp(1, 1_000))
}

/// Those that came due lately, and when the next one does. What has been due for longer stands in Today.
pub(super) fn reminders(actor: &Actor, from: &dyn Get) -> Result<Reminders, Refusal> {
    actor.require(Permission::FollowUps)?;
    let after = actor.now.plus_seconds(1);
    let due = rows(actor, from, actor.now.plus_seconds(-LATELY), after, 20)?;
    let next = follow_ups::due(from, actor.staff.id, after, END, 1)?.first().map(|next| next.due);
    Ok(Reminders { due, next })
}

/// What waits.
pub(super) fn today(actor: &Actor, from: &dyn Get) -> Result<Today, Refusal> {
    let mut today = Today::default();
    if actor.role.may(Permission::FollowUps) {
        let (now, tomorrow) = (actor.now.plus_seconds(1), midnight(actor, 1));
        today.overdue = rows(actor, from, BEGINNING, now, 50)?;
        today.today = rows(actor, from, now, tomorrow, 50)?;
        today.next = rows(actor, from, tomorrow, midnight(actor, 8), 50)?;
    }
    if actor.role.may(Permission::LogInteractions) {
        today.cases = cases::waiting(actor, from, 50)?;
    }
    if actor.role.may(Permission::ReadAudit) {
        today.alerts = alerts::open(actor, from)?;
    }
    today.grants = people::grants_to_confirm(actor, from)?;
    if actor.role.scope == Scope::All && actor.role.may(Permission::EditCustomers) {
        today.without_basis = from.number(customers::WITHOUT_BASIS)?;
    }
    if actor.role.may(Permission::ManageStaff) {
        today.keys_due = keys::due(actor, from)?;
    }
    today.backups = super::backups::door::health(actor, from)?;
    today.checkpoint = record::latest(from)?.map(|(at, _)| at);
    Ok(today)
}
